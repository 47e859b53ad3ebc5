//! What the schema says about a crate.

mod support;

use expect_test::{Expect, expect};
use kay_codegen::schema::{MessageKind, MessageSchema, Schema};
use support::output;

/// A message in one line: ids, receiver and name, parameters, what else there is to say, place.
fn line(message: &MessageSchema) -> String {
    let ids = message.handlers.iter().map(|handler| match handler.id {
        Some(id) => format!("{} {id}", handler.actor),
        None => format!("{} ?", handler.actor),
    });
    let parameters = message.parameters.iter().map(|parameter| {
        let reference = if parameter.is_lent { "&" } else { "" };
        format!("{}: {reference}{}", parameter.name, parameter.ty)
    });
    let mut text = format!(
        "[{}] {}::{}({})",
        ids.collect::<Vec<_>>().join(", "),
        message.receiver,
        message.name,
        parameters.collect::<Vec<_>>().join(", "),
    );
    for (is_so, word) in [
        (message.kind == MessageKind::Spawner, "spawner"),
        (message.is_of_trait, "trait"),
        (message.returns_fate, "fate"),
        (message.is_essential, "essential"),
    ] {
        if is_so {
            text += &format!(" {word}");
        }
    }
    for condition in &message.conditions {
        text += &format!(" {condition}");
    }
    let place = &message.location;
    format!("{text} {}:{}\n", place.file, place.line)
}

fn schema(fixture: &str) -> Schema {
    let output = output(fixture);
    assert_eq!(output.diagnostics, [], "{:#?}", output.diagnostics);
    output.schema
}

#[track_caller]
fn check(fixture: &str, expected: &Expect) {
    expected.assert_eq(
        &schema(fixture)
            .messages
            .iter()
            .map(line)
            .collect::<String>(),
    );
}

const CITY: &str = "
//- src/lib.rs
pub mod place; pub mod park;
kay_runtime::kay_auto!();
//- src/place.rs
kay_runtime::kay_auto!();
use kay_runtime::{World, essential};
pub trait Place {
    fn visit(&mut self, who: u32, world: &mut World);
    #[essential]
    fn close(&mut self, world: &mut World) {}
}
//- src/park.rs
kay_runtime::kay_auto!();
use kay_runtime::*;
#[derive(Compact)] pub struct Park { id: ParkId, pub benches: CMap<u8 ,ParkId>, }
impl Park {
    pub fn open(id: ParkId, _: &mut World) -> Self { Park { id } }
    pub fn grow(&mut self, by: &CVec< u8 >, (x, y): (u8,u8), _: &mut World) -> Fate { Fate::Live }
}
impl crate::place::Place for Park {
    fn visit(&mut self, who: u32, world: &mut World) {}
}
";

#[test]
fn messages_of_an_actor_and_of_a_trait() {
    check(
        CITY,
        &expect![[r#"
        [park::Park 3] place::Place::visit(who: u32) trait src/place.rs:4
        [park::Park 2] place::Place::close() trait essential src/place.rs:6
        [park::Park 1] park::Park::open() spawner src/park.rs:5
        [park::Park 0] park::Park::grow(by: &CVec<u8>, arg1: (u8, u8)) fate src/park.rs:6
    "#]],
    );
}

#[test]
fn the_actor_and_the_trait() {
    let schema = schema(CITY);
    let [park] = &schema.actors[..] else { panic!() };
    assert_eq!(
        (&*park.receiver, &*park.path),
        ("park::Park", "city::park::Park")
    );
    assert_eq!((park.id, park.location.line), (Some(1), 3));
    assert_eq!(park.implements, ["place::Place"]);
    let fields: Vec<_> = park.fields.iter().map(|f| (&*f.name, &*f.ty)).collect();
    assert_eq!(fields, [("id", "ParkId"), ("benches", "CMap<u8, ParkId>")]);
    let [place] = &schema.traits[..] else {
        panic!()
    };
    assert_eq!(place.path, "city::place::Place");
}

#[test]
fn fingerprints_are_those_of_the_generated_code() {
    let output = output(CITY);
    let schema = &output.schema;
    let of_messages = schema.messages.iter().map(|m| m.fingerprint);
    let of_types = schema.actors.iter().map(|a| a.fingerprint);
    let of_traits = schema.traits.iter().map(|t| t.fingerprint);
    let mut given: Vec<u64> = of_messages.chain(of_types).chain(of_traits).collect();
    let mut generated: Vec<u64> = output
        .files
        .iter()
        .flat_map(|file| file.text.split("FINGERPRINT: u64 = 0x").skip(1))
        .map(|rest| rest.split(';').next().unwrap().replace('_', ""))
        .map(|digits| u64::from_str_radix(&digits, 16).unwrap())
        .collect();
    given.sort_unstable();
    generated.sort_unstable();
    assert_eq!(given, generated);
}

#[test]
fn numbers_are_given_as_far_as_the_text_tells() {
    // What a generic trait's message is numbered depends on the fingerprint of `u8`; after a
    // condition, nothing is sure.
    check(
        "
pub trait Sink<T: Compact> { fn take(&mut self, item: T, world: &mut World); }
#[derive(Compact)] pub struct A { id: AId }
impl Sink<u8> for A { fn take(&mut self, item: u8, _: &mut World) {} }
#[derive(Compact)] pub struct B { id: BId }
impl B { pub fn tick(&mut self, _: &mut World) {} }
#[derive(Compact)] pub struct P<T: Compact> { id: PId<T>, items: T }
impl<T: Compact> P<T> { pub fn put(&mut self, item: T, _: &mut World) {} }
#[derive(Compact)] pub struct C { id: CId }
impl C {
    pub fn tick(&mut self, _: &mut World) {}
    #[cfg(unix)] pub fn tock(&mut self, _: &mut World) {}
}
#[derive(Compact)] pub struct D { id: DId }
impl D { pub fn tick(&mut self, _: &mut World) {} }
        ",
        &expect![[r#"
            [A ?] Sink::take(item: T) trait src/lib.rs:2
            [B 1] B::tick() src/lib.rs:6
            [P ?] P::put(item: T) src/lib.rs:8
            [C ?] C::tick() src/lib.rs:11
            [C ?] C::tock() #[cfg(unix)] src/lib.rs:12
            [D ?] D::tick() src/lib.rs:15
        "#]],
    );
}

#[test]
fn conditions_of_modules_come_first() {
    check(
        "
//- src/lib.rs
kay_runtime::kay_auto!();
#[cfg(unix)] pub mod a {
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct A { id: AId }
    impl A { #[cfg(debug_assertions)] pub fn tick(&mut self, _: &mut kay_runtime::World) {} }
}
        ",
        &expect![[r#"
            [a::A ?] a::A::tick() #[cfg(unix)] #[cfg(debug_assertions)] src/lib.rs:5
        "#]],
    );
}
