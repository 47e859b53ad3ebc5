//! `schema`: what it lists, and what it says about changes.

mod support;

use kay_runtime::{ActorSystem, Settings};
use serde_json::Value;
use std::fs;
use support::{Package, city, kay_codegen, output, repository, run, texts};

fn json(package: &Package) -> Value {
    serde_json::from_str(&output(package.path(), &["schema", "--json"])).unwrap()
}

/// The handlers of the demo's schema, in the order of their numbers: actor and message.
fn numbered(schema: &Value) -> Vec<(String, String)> {
    let mut found: Vec<(u64, String, String)> = Vec::new();
    for message in schema["messages"].as_array().unwrap() {
        for handler in message["handlers"].as_array().unwrap() {
            let actor = handler["actor"].as_str().unwrap();
            let path = message["path"].as_str().unwrap();
            let id = handler["id"].as_u64().unwrap();
            found.push((id, format!("demo_sim::{actor}"), path.to_owned()));
        }
    }
    found.sort();
    let count = found.len() as u64;
    assert!(found.iter().map(|(id, ..)| *id).eq(0..count));
    found
        .into_iter()
        .map(|(_, actor, path)| (actor, path))
        .collect()
}

#[test]
fn numbers_and_fingerprints_are_those_of_the_runtime() {
    let text = output(&repository(), &["schema", "demo_sim", "--json"]);
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut system = ActorSystem::new(Settings::default(), demo_sim::setup).unwrap();
    let statistics = system.statistics();

    let of_runtime = statistics.messages.iter();
    let of_runtime: Vec<_> = of_runtime
        .map(|m| (m.actor.to_owned(), m.name.to_owned()))
        .collect();
    assert_eq!(numbered(&schema), of_runtime);

    let mut actors = schema["actors"].as_array().unwrap().clone();
    actors.sort_by_key(|actor| actor["id"].as_u64());
    let actors = actors.iter().map(|actor| actor["path"].as_str().unwrap());
    assert!(actors.eq(statistics.actors.iter().map(|actor| actor.name)));

    let drive = <demo_sim::city::car::CarDrive as kay_runtime::Message>::FINGERPRINT;
    let found = schema["messages"].as_array().unwrap().iter();
    let mut found = found.filter(|m| m["path"] == "demo_sim::city::car::Car::drive");
    assert_eq!(
        found.next().unwrap()["fingerprint"],
        format!("{drive:#018x}")
    );
}

#[test]
fn a_message_as_json() {
    let schema = json(&city());
    assert_eq!(
        (&schema["version"], &schema["crate"]),
        (&1.into(), &"city".into())
    );
    let visit = &schema["messages"][2];
    assert_eq!(
        *visit,
        serde_json::json!({
            "receiver": "place::Place",
            "name": "visit",
            "kind": "handler",
            "of": "trait",
            "type": "PlaceVisit",
            "path": "city::place::Place::visit",
            "fingerprint": visit["fingerprint"],
            "generics": [],
            "handlers": [{ "actor": "car::Car", "id": 1 }],
            "parameters": [
                { "name": "car", "type": "CarId", "lent": false },
                { "name": "floor", "type": "u8", "lent": false },
            ],
            "returns_fate": false,
            "essential": false,
            "conditions": [],
            "file": "src/place.rs",
            "line": 6,
        })
    );
    let car = &schema["actors"][0];
    assert_eq!(car["implements"], serde_json::json!(["place::Place"]));
    assert_eq!(
        car["fields"][2],
        serde_json::json!({ "name": "speed", "type": "u8" })
    );
    assert_eq!(schema["traits"][0]["receiver"], "place::Place");
}

#[test]
fn a_table_fits_the_screen_and_is_whole_elsewhere() {
    let city = city();
    let whole = output(city.path(), &["schema"]);
    assert!(whole.contains("drive(ahead: u16)"), "{whole}");
    assert!(whole.contains("visit(car: CarId, floor: u8)"), "{whole}");
    assert!(
        whole.contains("3 messages of 1 actor and 1 actor trait in `city`"),
        "{whole}"
    );
    assert!(!whole.contains('\u{1b}'), "a pipe has no colours");

    let mut command = kay_codegen(city.path(), &["schema", "--color", "always"]);
    let (_, narrow, _) = texts(command.env("COLUMNS", "53").output().unwrap());
    assert!(narrow.contains('\u{1b}'));
    let mut command = kay_codegen(city.path(), &["schema"]);
    let (_, narrow, _) = texts(command.env("COLUMNS", "53").output().unwrap());
    for line in narrow.lines() {
        assert!(line.chars().count() <= 53, "{line}");
    }
    let words = |text: &str| -> Vec<String> {
        let apart = text.replace('(', "( ");
        apart.split_whitespace().map(str::to_owned).collect()
    };
    for word in words(&whole) {
        assert!(
            words(&narrow).contains(&word),
            "{word} is missing in\n{narrow}"
        );
    }
}

#[test]
fn of_a_hundred_and_sixty_eight_messages_each_has_a_line() {
    let mut source = String::from("kay_runtime::kay_auto!(); use kay_runtime::{Compact, World};\n");
    for actor in 0..34 {
        source += &format!(
            "#[derive(Compact)]\npub struct A{actor} {{ id: A{actor}Id }}\nimpl A{actor} {{\n"
        );
        for message in 0..5 {
            source += &format!("pub fn m{message}(&mut self, a: u8, _: &mut World) {{}}\n");
        }
        source += "}\n";
    }
    let package = Package::new(&[("src/lib.rs", &source)]);
    let table = output(package.path(), &["schema"]);
    assert_eq!(
        table
            .lines()
            .filter(|line| line.contains("(a: u8)"))
            .count(),
        170
    );
}

/// What `--diff` says after a change of the city's sources, with the exit code.
#[track_caller]
fn check(change: impl Fn(&str) -> String, expected_code: i32, expected: &[&str]) {
    let city = city();
    let old = city.path().join("old.json");
    fs::write(&old, output(city.path(), &["schema", "--json"])).unwrap();
    for file in ["src/car.rs", "src/place.rs"] {
        let text = fs::read_to_string(city.path().join(file)).unwrap();
        city.write(file, &change(&text));
    }
    let (code, out, err) = run(city.path(), &["schema", "--diff", "old.json"]);
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    assert_eq!((lines, err.as_str()), (expected.to_vec(), ""));
    assert_eq!(code, expected_code);

    let (_, out, _) = run(city.path(), &["schema", "--json", "--diff", "old.json"]);
    let changes: Value = serde_json::from_str(&out).unwrap();
    let breaks = changes["breaks_peers"] == true || changes["breaks_snapshots"] == true;
    assert_eq!(breaks, expected_code == 1);
}

#[test]
fn what_is_the_same_or_only_moved_is_no_change() {
    check(str::to_owned, 0, &["Nothing has changed."]);
    check(
        |text| format!("\n\n// moved\n{text}"),
        0,
        &["Nothing has changed."],
    );
}

#[test]
fn an_added_message_breaks_peers_only() {
    check(
        |text| {
            text.replace(
                "impl Car {",
                "impl Car { pub fn honk(&mut self, _: &mut World) {}",
            )
        },
        1,
        &[
            "added    city::car::Car::honk (message)",
            "car::Car::honk()",
            "breaks peers, but no snapshots",
            "One change: breaks peers, but no snapshots",
        ],
    );
}

#[test]
fn a_removed_message_breaks_both() {
    check(
        |text| {
            text.replace("pub fn drive", "pub(crate) fn drive")
                .replace(".drive(", ".index(")
        },
        1,
        &[
            "removed  city::car::Car::drive (message)",
            "car::Car::drive(ahead: u16)",
            "breaks peers and snapshots",
            "One change: breaks peers and snapshots",
        ],
    );
}

#[test]
fn a_changed_parameter_type_breaks_both_and_its_name_nothing() {
    check(
        |text| text.replace("ahead: u16", "ahead: u32"),
        1,
        &[
            "changed  city::car::Car::drive (message)",
            "was  (ahead: u16)",
            "is   (ahead: u32)",
            "breaks peers and snapshots",
            "One change: breaks peers and snapshots",
        ],
    );
    check(
        |text| text.replace("ahead", "cell"),
        0,
        &[
            "changed  city::car::Car::drive (message)",
            "was  (ahead: u16)",
            "is   (cell: u16)",
            "breaks nothing",
            "One change: breaks nothing",
        ],
    );
}

#[test]
fn a_renamed_message_is_told_as_one_change() {
    check(
        |text| text.replace("drive", "step"),
        1,
        &[
            "renamed  city::car::Car::step (message)",
            "was  car::Car::drive(ahead: u16)",
            "is   car::Car::step(ahead: u16)",
            "breaks peers and snapshots",
            "One change: breaks peers and snapshots",
        ],
    );
}

#[test]
fn another_state_breaks_snapshots_only() {
    check(
        |text| text.replace("speed: u8", "speed: u16, led: bool"),
        1,
        &[
            "changed  city::car::Car (actor)",
            "was  { speed: u8 }",
            "is   { speed: u16, led: bool }",
            "breaks snapshots, but no peers",
            "One change: breaks snapshots, but no peers",
        ],
    );
}

#[test]
fn a_renamed_actor_takes_its_messages_along() {
    let city = city();
    let old = city.path().join("old.json");
    fs::write(&old, output(city.path(), &["schema", "--json"])).unwrap();
    for file in ["src/car.rs", "src/place.rs"] {
        let text = fs::read_to_string(city.path().join(file)).unwrap();
        city.write(file, &text.replace("Car", "Auto"));
    }
    let (code, out, _) = run(city.path(), &["schema", "--diff", "old.json"]);
    assert_eq!(code, 1);
    assert!(
        out.contains(
            "was  car::Car::drive(ahead: u16)\n         is   car::Auto::drive(ahead: u16)"
        ),
        "{out}"
    );
    assert!(
        out.contains("was  car::Car\n         is   car::Auto"),
        "{out}"
    );
}

#[test]
fn a_broken_or_foreign_schema_is_an_error_with_its_path() {
    let city = city();
    for (text, reason) in [
        ("{", "EOF"),
        ("{}", "missing field"),
        ("[1]", "invalid"),
        ("{\"version\": 7}", "its version is 7, not 1"),
        (
            "{\"version\": 1, \"crate\": \"x\", \"messages\": [{}]}",
            "missing field",
        ),
    ] {
        city.write("old.json", text);
        let (code, out, err) = run(city.path(), &["schema", "--diff", "old.json"]);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(
            err.contains("error: old.json is not a schema: ") && err.contains(reason),
            "{err}"
        );
    }
    let (code, _, err) = run(city.path(), &["schema", "--diff", "none.json"]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot read none.json"), "{err}");
}
