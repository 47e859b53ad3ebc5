//! Who sends what to whom.

mod support;

use expect_test::{Expect, expect};
use kay_codegen::calls::{Graph, graph};
use kay_codegen::schema::MessageKind;
use kay_codegen::{Options, Root, package};
use std::path::Path;
use support::{root, sources};

/// The sends of a graph, one in each line, and what is unknown.
fn lines(graph: &Graph) -> String {
    let mut text = String::new();
    for send in &graph.sends {
        let from = send.from.as_deref().unwrap_or("host");
        text += &format!("{from} ({}) -> {}::{}", send.by, send.to, send.message);
        for (is_so, word) in [
            (send.kind == MessageKind::Spawner, "spawns"),
            (send.is_broadcast, "broadcast"),
            (send.is_inferred, "inferred"),
        ] {
            if is_so {
                text += &format!(" {word}");
            }
        }
        text += &format!(" :{}\n", send.location.line);
    }
    for call in &graph.unknown {
        let from = call.from.as_deref().unwrap_or("host");
        let candidates = call.candidates.join(" or ");
        text += &format!("{from} ({}) ? {}: {candidates}\n", call.by, call.message);
    }
    text
}

#[track_caller]
fn check(fixture: &str, expected: &Expect) {
    let graph = graph(&root(), &sources(fixture), &Options::default());
    expected.assert_eq(&lines(&graph));
}

#[test]
fn the_city() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo_sim");
    let sources = package::read(folder, &Options::new()).unwrap().sources;
    let root = Root {
        crate_name: "demo_sim".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    expect![[r#"
        host (City::close) -> city::garage::Garage::close broadcast :116
        host (City::within) -> city::junction::Clock::start spawns :85
        host (City::within) -> city::statistics::Statistics::start spawns :84
        host (lay_out) -> city::garage::Garage::build spawns :160
        host (lay_out) -> city::garage::Garage::connect :181
        host (lay_out) -> city::junction::Junction::build spawns :156
        host (lay_out) -> city::junction::Junction::connect :174
        host (lay_out) -> city::lane::Lane::build spawns :172
        host (lay_out) -> city::lane::Lane::connect :185
        host (place) -> ring::driver::Driver::enter spawns :128
        host (place) -> ring::driver::Driver::start :132
        city::car::Car (drive) -> city::car::Car::drive :125
        city::car::Car (drive) -> city::car::Car::drive :202
        city::car::Car (drive) -> city::car::Car::drive :219
        city::car::Car (drive) -> city::place::Place::ask :209
        city::car::Car (drive) -> city::place::Place::entered :226
        city::car::Car (drive) -> city::place::Place::left :225
        city::car::Car (drive) -> city::statistics::Statistics::observe :212
        city::car::Car (follow) -> city::car::Car::drive :140
        city::car::Car (follow) -> city::car::Car::drive :145
        city::car::Car (in_garage) -> city::car::Car::drive :84
        city::car::Car (in_garage) -> city::car::Car::drive :87
        city::car::Car (on_lane) -> city::car::Car::drive :84
        city::car::Car (on_lane) -> city::car::Car::drive :87
        city::car::Car (park) -> city::car::Car::vanish :153
        city::garage::Garage (admit) -> city::car::Car::join :86
        city::garage::Garage (ask) -> city::place::Place::admit :82
        city::garage::Garage (entered) -> city::car::Car::in_garage spawns :76
        city::garage::Garage (entered) -> city::car::Car::park :91
        city::junction::Clock (start) -> city::junction::Clock::tick :90
        city::junction::Clock (tick) -> city::junction::Clock::tick :97
        city::junction::Clock (tick) -> city::junction::Junction::tick broadcast :96
        city::junction::Junction (tick) -> city::lane::Lane::signal :75
        city::lane::Lane (admit) -> city::car::Car::follow :106
        city::lane::Lane (admit) -> city::car::Car::join :104
        city::lane::Lane (ask) -> city::place::Place::admit :95
        city::lane::Lane (build) -> city::car::Car::on_lane spawns :53
        city::lane::Lane (entered) -> city::car::Car::follow :106
        city::lane::Lane (entered) -> city::car::Car::join :104
        city::lane::Lane (left) -> city::place::Place::admit :95
        city::lane::Lane (signal) -> city::place::Place::admit :95
        ring::driver::Driver (drive) -> ring::driver::Driver::drive :63
        ring::driver::Driver (start) -> ring::driver::Driver::drive :48
    "#]]
    .assert_eq(&lines(&graph(&root, &sources, &Options::default())));
}

const ACTORS: &str = "
//- src/lib.rs
pub mod city; pub mod other; pub mod rules;
kay_runtime::kay_auto!();
//- src/city.rs
kay_runtime::kay_auto!();
use kay_runtime::prelude::*;
pub trait Place {
    fn enter(&mut self, car: CarId, world: &mut World);
    fn leave(&mut self, car: CarId, world: &mut World) { car.park(world); }
}
#[derive(Compact)] pub struct Car { id: CarId, at: Option<PlaceId> }
impl Car {
    pub fn spawn(id: CarId, world: &mut World) -> Self { id.park(world); Car { id } }
    pub fn park(&mut self, _: &mut World) {}
    pub fn honk(&mut self, times: u8, _: &mut World) {}
}
#[derive(Compact)] pub struct Lot { id: LotId }
impl Lot { pub fn honk(&mut self, times: u8, _: &mut World) {} }
impl Place for Lot { fn enter(&mut self, car: CarId, world: &mut World) {} }
";

/// A body of a handler of `Me`, which has fields of many types.
#[track_caller]
fn check_body(body: &str, expected: &Expect) {
    let fixture = format!(
        "{ACTORS}
//- src/rules.rs
use crate::city::{{CarId, LotId}};
use kay_runtime::World;
pub fn twice(car: CarId, world: &mut World) -> LotId {{ car.park(world); twice(car, world) }}
//- src/other.rs
kay_runtime::kay_auto!();
use kay_runtime::prelude::*;
use crate::city::{{self, CarId, LotId, Place, PlaceId}};
use crate::rules::*;
use std::collections::BTreeMap as Map;
pub enum Wish {{ Enter(PlaceId), Honk {{ car: CarId, times: u8 }}, Nothing }}
#[derive(Compact)] pub struct Request {{ car: CarId, wishes: CVec<Wish> }}
#[derive(Compact)] pub struct Me {{ id: MeId, cars: CVec<CarId>, lots: CMap<CarId, LotId>, request: Request, pair: (u8, Option<CarId>) }}
impl Request {{ fn car(&self) -> Option<CarId> {{ Some(self.car) }} }}
impl Me {{
    pub fn act(&mut self, given: &Option<CarId>, world: &mut World) {{ {body} }}
    fn all(&self) -> impl Iterator<Item = &CarId> {{ self.cars.iter() }}
}}
"
    );
    let output = kay_codegen::generate(&root(), &sources(&fixture), &Options::default());
    assert_eq!(output.diagnostics, []);
    let graph = graph(&root(), &sources(&fixture), &Options::default());
    let lines = lines(&graph);
    let lines = lines.lines().filter(|line| line.starts_with("other::Me"));
    let lines: Vec<&str> = lines.map(|line| line.split(" :").next().unwrap()).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn receivers_are_followed_through_types() {
    for body in [
        "given.unwrap().park(world);",
        "if let Some(car) = given { car.park(world) }",
        "let Some(car) = given else { return }; car.park(world);",
        "for car in &self.cars { car.park(world); }",
        "self.cars.iter().for_each(|car| car.park(world));",
        "self.cars[0].park(world);",
        "for (car, _) in &self.lots { car.park(world); }",
        "for car in self.lots.keys() { car.park(world); }",
        "for (at, car) in self.cars.iter().enumerate() { car.park(world); }",
        "self.all().for_each(|car| car.park(world));",
        "self.request.car().unwrap().park(world);",
        "self.request.car.park(world);",
        "let Request { car, .. } = &self.request; car.park(world);",
        "let Self { request: Request { car: it, .. }, .. } = self; it.park(world);",
        "for wish in &self.request.wishes { match wish { Wish::Honk { car, .. } => car.park(world), _ => {} } }",
        "self.pair.1.map(|car| car.park(world));",
        "let (_, Some(car)) = self.pair else { return }; car.park(world);",
        "let mut all = Vec::new(); all.push(self.cars[0]); for car in all { car.park(world) }",
        "let all: Vec<_> = self.cars.iter().filter(|car| car.index() > 3).collect(); all[0].park(world);",
        "let car: CarId = make(); car.park(world);",
        "let act = |car: CarId, world: &mut World| car.park(world);",
        "CarId::local_first(world).park(world);",
        "CarId::park(self.cars[0], world);",
        "city::CarId::from(raw).park(world);",
        "let first = self.cars.iter().fold(self.cars[0], |a, b| if a > *b { a } else { *b }); first.park(world);",
        "while let Some(car) = self.cars.pop() { car.park(world) }",
        "let car = match given { Some(car) => *car, None => return }; car.park(world)",
        "vec![self.cars[0]].pop().unwrap().park(world)",
        "twice(self.cars[0], world);",
        "crate::rules::twice(self.cars[0], world);",
        "struct Inner; unsafe_free(|| loop { break self.cars[0].park(world) })",
    ] {
        println!("{body}");
        check_body(body, &expect!["other::Me (act) -> city::Car::park"]);
    }
}

#[test]
fn traits_broadcasts_and_spawners() {
    check_body(
        "for wish in &self.request.wishes { if let Wish::Enter(place) = wish { place.enter(self.cars[0], world) } }",
        &expect!["other::Me (act) -> city::Place::enter"],
    );
    check_body(
        "CarId::global_broadcast(world).honk(2, world)",
        &expect!["other::Me (act) -> city::Car::honk broadcast"],
    );
    check_body(
        "let all = PlaceId::local_broadcast(world); all.leave(self.cars[0], world)",
        &expect!["other::Me (act) -> city::Place::leave broadcast"],
    );
    check_body(
        "CarId::spawn_near(self.id, world).honk(1, world)",
        &expect![[r#"
            other::Me (act) -> city::Car::honk
            other::Me (act) -> city::Car::spawn spawns"#]],
    );
    check_body(
        "PlaceId::from(self.lots[0]).enter(CarId::spawn(world), world)",
        &expect![[r#"
            other::Me (act) -> city::Car::spawn spawns
            other::Me (act) -> city::Place::enter"#]],
    );
    check_body(
        "twice(self.cars[0], world).honk(1, world)",
        &expect![[r#"
            other::Me (act) -> city::Car::park
            other::Me (act) -> city::Lot::honk"#]],
    );
}

#[test]
fn what_the_text_does_not_tell() {
    // Only cars park; but cars and lots honk. The last argument must be the world.
    check_body(
        "somewhere().park(world)",
        &expect!["other::Me (act) -> city::Car::park inferred"],
    );
    check_body(
        "somewhere().honk(1, world)",
        &expect!["other::Me (act) ? honk: city::Car or city::Lot"],
    );
    check_body(
        "somewhere().park(2); somewhere().honk(world); self.all().park()",
        &expect![[r#""#]],
    );
    // What is known is not guessed: a lot has no `park`.
    check_body("self.lots.values().park(world)", &expect![[r#""#]]);
}

#[test]
fn default_methods_are_the_trait_s_own() {
    check(
        ACTORS,
        &expect![[r#"
        city::Car (spawn) -> city::Car::park :9
        city::Place (leave) -> city::Car::park :5
    "#]],
    );
}

#[test]
fn tests_of_the_crate_send_nothing() {
    let tests = "
#[cfg(test)] mod tests { fn test(car: super::city::CarId, world: &mut kay_runtime::World) { car.park(world); } }
";
    check(
        &ACTORS.replace("//- src/city.rs", &format!("{tests}\n//- src/city.rs")),
        &expect![[r#"
            city::Car (spawn) -> city::Car::park :9
            city::Place (leave) -> city::Car::park :5
        "#]],
    );
}

#[test]
fn actors_of_other_crates_are_known_by_their_ids() {
    let town = "
#[derive(Compact)] pub struct Shop { id: ShopId }
impl Shop { pub fn open(id: ShopId, _: &mut World) -> Self { Shop { id } } pub fn sell(&mut self, _: &mut World) {} }
#[derive(Compact)] pub struct Idle { id: IdleId }
impl Idle { pub fn rest(&mut self, _: &mut World) {} }
pub trait Place { fn enter(&mut self, world: &mut World); }
pub trait Unused { fn never(&mut self, world: &mut World); }
";
    let root_of_town = Root {
        crate_name: "town".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let output = kay_codegen::generate(&root_of_town, &sources(town), &Options::new());
    let options = Options::new().dependency("town", output.interface.unwrap());
    let city = "
use town::{Place, PlaceId, ShopId};
#[derive(Compact)] pub struct Car { id: CarId, shop: ShopId, at: PlaceId }
impl Car {
    pub fn drive(&mut self, world: &mut World) {
        self.shop.sell(world);
        self.at.enter(world);
        ShopId::local_broadcast(world).sell(world);
        let shop = ShopId::open_near(self.id, world);
        shop.index();
    }
}
impl Place for Car { fn enter(&mut self, _: &mut World) {} }
";
    let graph = graph(&root(), &sources(city), &options);
    expect![[r#"
        Car (drive) -> town::Place::enter :7
        Car (drive) -> town::Shop::open spawns :9
        Car (drive) -> town::Shop::sell :6
        Car (drive) -> town::Shop::sell broadcast :8
    "#]]
    .assert_eq(&lines(&graph));
    let receivers: Vec<&str> = graph.receivers.iter().map(|r| &*r.path).collect();
    assert_eq!(receivers, ["Car", "town::Shop", "town::Place"]);

    // Actors of other crates are numbered first: here it is not known how many they are.
    let schema = kay_codegen::generate(&root(), &sources(city), &options).schema;
    assert_eq!(schema.actors[0].implements, ["town::Place"]);
    assert_eq!(
        (
            schema.actors[0].id,
            schema.traits.len(),
            schema.messages.len()
        ),
        (None, 0, 1)
    );
}
