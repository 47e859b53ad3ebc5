//! `graph`: what is drawn, and in which formats.

mod support;

use roxmltree::{Document, Node};
use std::fs;
use support::{Package, city, output, repository, run};

#[test]
fn for_graphviz() {
    let text = output(city().path(), &["graph"]);
    let expected = r##"digraph messages {
    label="Who sends what to whom in city"; labelloc=t; rankdir=LR;
    node [fontname="sans-serif", shape=box, style="rounded,filled"];
    edge [fontname="monospace", fontsize=10];
    n0 [label="Car\ncar", fillcolor="#e3edfa"];
    n1 [label="Place\nplace", fillcolor="#e6f4e1", shape=hexagon, style=filled];
    n0 -> n0 [label="drive", style=dashed];
    n0 -> n1 [label="visit"];
    n1 -> n0 [style=dotted, color=gray, arrowhead=empty, tooltip="is answered by"];
}
"##;
    assert_eq!(text, expected);
}

#[test]
fn for_mermaid() {
    let text = output(city().path(), &["graph", "--format", "mermaid"]);
    let expected = "---
title: Who sends what to whom in city
---
flowchart LR
    n0[\"Car\"]
    n1{{\"Place\"}}
    n0 -.->|\"drive\"| n0
    n0 -->|\"visit\"| n1
    n1 --o n0
";
    assert_eq!(text, expected);
}

fn number(node: Node, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Left, top, right and bottom of a rectangle.
fn sides(rect: Node) -> [f64; 4] {
    let (x, y) = (number(rect, "x"), number(rect, "y"));
    [x, y, x + number(rect, "width"), y + number(rect, "height")]
}

#[test]
fn as_a_picture() {
    let text = output(&repository(), &["graph", "demo_sim", "--format", "svg"]);
    let document = Document::parse(&text).unwrap();
    let groups = || document.descendants().filter(|node| node.has_tag_name("g"));
    let of_class = |class: &'static str| {
        groups().filter(move |group| {
            let classes = group.attribute("class").unwrap_or_default();
            classes.split(' ').any(|own| own == class)
        })
    };
    assert_eq!(of_class("node").count(), 9);
    let texts: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    for expected in [
        "Car",
        "city::car",
        "⟳ drive",
        "ask",
        "+on_lane",
        "Place",
        "host",
    ] {
        assert!(
            texts.contains(&expected),
            "{expected} is missing in {texts:?}"
        );
    }
    let mut titles = texts
        .iter()
        .filter(|text| text.starts_with("Clock → all Junction"));
    assert!(
        titles
            .next()
            .unwrap()
            .contains("\ntick\n    in tick, src/city/junction.rs:96")
    );
    let tick = of_class("broadcast").any(|group| {
        let mut inside = group.descendants().filter_map(|node| node.text());
        inside.any(|text| text.starts_with("Clock → all Junction"))
    });
    assert!(tick, "a broadcast is dashed");

    // Nodes and labels lie apart, and inside the picture.
    let rects = groups().flat_map(|group| group.children().find(|node| node.has_tag_name("rect")));
    let rects: Vec<[f64; 4]> = rects
        .filter(|rect| rect.has_attribute("x"))
        .map(sides)
        .collect();
    assert!(rects.len() > 9 + 10);
    for (at, one) in rects.iter().enumerate() {
        for other in &rects[at + 1..] {
            let apart = one[2] <= other[0]
                || other[2] <= one[0]
                || one[3] <= other[1]
                || other[3] <= one[1];
            assert!(apart, "{one:?} {other:?}");
        }
    }
    // It needs nothing from elsewhere.
    let own = text.replace("http://www.w3.org/2000/svg", "");
    assert!(!own.contains("http") && !own.contains("@import") && !own.contains("<script"));
}

#[test]
fn a_file_says_by_its_name_what_it_is_to_be() {
    let city = city();
    for (file, beginning) in [
        ("a.svg", "<svg xmlns"),
        ("a.mmd", "---\ntitle"),
        ("a.dot", "digraph"),
    ] {
        let out = output(city.path(), &["graph", ".", "-o", file]);
        assert_eq!(
            out,
            format!("{file}: 2 actors and traits, 2 messages on 2 arrows\n")
        );
        assert!(
            fs::read_to_string(city.path().join(file))
                .unwrap()
                .starts_with(beginning)
        );
    }
    output(
        city.path(),
        &["graph", "-o", "a.svg", "--format", "mermaid"],
    );
    assert!(
        fs::read_to_string(city.path().join("a.svg"))
            .unwrap()
            .starts_with("---")
    );
    let (code, _, err) = run(city.path(), &["graph", "-o", "none/a.svg"]);
    assert_eq!(code, 2);
    assert!(err.contains("error: cannot write none/a.svg"), "{err}");
    let (code, _, err) = run(city.path(), &["graph", "-o", "a.png"]);
    assert_eq!(code, 2);
    assert!(err.contains("or say `--format`"), "{err}");
    assert!(!city.path().join("a.png").exists());
}

#[test]
fn what_is_not_known_is_said() {
    let package = Package::new(&[(
        "src/lib.rs",
        "kay_runtime::kay_auto!(); use kay_runtime::{Compact, World};
#[derive(Compact)] pub struct A { id: AId }
#[derive(Compact)] pub struct B { id: BId }
impl A { pub fn tick(&mut self, world: &mut World) { any().tick(world); other().tock(world) } }
impl B { pub fn tick(&mut self, _: &mut World) {} pub fn tock(&mut self, _: &mut World) {} }
",
    )]);
    let what = "to whom `tick` goes in A::tick (src/lib.rs:4): A or B\n";
    let (code, out, err) = run(package.path(), &["graph"]);
    assert_eq!((code, err), (0, format!("not known: {what}")));
    assert!(out.contains(&format!("// not known: {what}")), "{out}");
    assert!(out.contains("n0 -> n1 [label=\"tock?\"];"), "{out}");
    let (_, out, _) = run(package.path(), &["graph", "--format", "svg"]);
    assert!(
        out.contains(&format!(">Not known: {}<", what.trim())),
        "{out}"
    );
}

#[test]
fn a_package_without_actors_has_an_empty_graph() {
    let package = Package::new(&[("src/lib.rs", "")]);
    for format in ["dot", "mermaid", "svg"] {
        output(package.path(), &["graph", "--format", format]);
    }
}

#[test]
fn what_goes_to_another_package_is_drawn() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "kay_runtime::kay_auto!(); use kay_runtime::{Compact, World}; use town::ShopId;
#[derive(Compact)] pub struct Car { id: CarId, shop: ShopId }
impl Car { pub fn buy(&mut self, world: &mut World) { self.shop.sell(world) } }
",
        ),
        (
            "town/Cargo.toml",
            "[package]\nname = \"town\"\nlinks = \"town\"\n",
        ),
        (
            "town/src/lib.rs",
            "kay_runtime::kay_auto!(); use kay_runtime::{Compact, World};
#[derive(Compact)] pub struct Shop { id: ShopId }
impl Shop { pub fn sell(&mut self, _: &mut World) {} }
",
        ),
    ]);
    package.write(
        "Cargo.toml",
        "[package]\nname = \"city\"\n[dependencies]\ntown = { path = \"town\" }\n",
    );
    let text = output(package.path(), &["graph"]);
    assert!(text.contains("n1 [label=\"Shop\\ntown\", "), "{text}");
    assert!(text.contains("n0 -> n1 [label=\"sell\"];"), "{text}");
    // How many handlers the other package registers first is not known.
    let text = output(package.path(), &["schema"]);
    assert!(text.contains("   ?  buy()"), "{text}");
}

#[test]
fn an_actor_is_drawn_once_however_many_crates_of_the_package_know_it() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "kay_runtime::kay_auto!(); pub mod place; use place::Place;
use kay_runtime::{Compact, World};
#[derive(Compact)] pub struct Car { id: CarId }
impl Car { pub fn drive(&mut self, _: &mut World) {} }
impl Place for Car { fn enter(&mut self, _: &mut World) {} }
",
        ),
        (
            "src/place.rs",
            "kay_runtime::kay_auto!(); use kay_runtime::World;
pub trait Place { fn enter(&mut self, world: &mut World); }
",
        ),
        (
            "src/bin/race.rs",
            "kay_runtime::kay_auto!(); use kay_runtime::{Compact, World};
use city::{CarId, place::{Place, PlaceId}};
#[derive(Compact)] pub struct Start { id: StartId, car: CarId, place: PlaceId }
impl Start {
    pub fn go(&mut self, world: &mut World) { self.car.drive(world); self.place.enter(world) }
}
impl Place for Start { fn enter(&mut self, _: &mut World) {} }
",
        ),
    ]);
    let text = output(package.path(), &["graph"]);
    let nodes: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("[label=\"")?.1.split_once("\", fill"))
        .map(|(label, _)| label)
        .collect();
    assert_eq!(
        nodes,
        [r"Car\ncity", r"Place\ncity::place", r"Start\nrace"],
        "{text}"
    );
    let arrows = |what| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!((arrows(" -> "), arrows("dotted")), (4, 2), "{text}");
}
