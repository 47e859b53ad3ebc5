//! Diagnostics as people read them, for sources of all kinds.

use expect_test::{Expect, expect};
use kay_codegen::{Diagnostic, Options, Rendering, Root, Sources, generate};

const HEAD: &str = "use kay_runtime::prelude::*; kay_auto!();\n";
const CAR: &str = "#[derive(Compact)] pub struct Car { id: CarId }\n";

fn diagnostics(sources: &Sources) -> Vec<Diagnostic> {
    let root = Root {
        crate_name: "city".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    generate(&root, sources, &Options::default()).diagnostics
}

#[track_caller]
fn check(text: &str, width: usize, expected: Expect) {
    let sources = Sources::from_iter([("src/lib.rs", text)]);
    let found = diagnostics(&sources);
    let rendering = Rendering::plain().width(width);
    let rendered = found.iter().map(|f| f.render(&sources, rendering) + "\n");
    expected.assert_eq(&rendered.collect::<String>());
}

#[test]
fn letters_and_tabs_of_any_width() {
    let text = format!(
        "{HEAD}{CAR}impl Car {{\n\tpub fn änder(&mut self, 名前: &str, _: &mut World)\t{{}}\n\
         \tpub fn 名(&mut self, /* 🚗\t名 */ x: &[u8], _: &mut World) {{}}\n}}\n"
    );
    check(
        &text,
        140,
        expect![[r#"
            error[K0019]: `str` cannot travel in a message
             --> src/lib.rs:4:31
              |
            4 |     pub fn änder(&mut self, 名前: &str, _: &mut World)    {}
              |                                    ^^^
              |
              = note: `x: &T` travels as a `T`: its size must be known
              = help: take a `&CString`
            error[K0019]: a slice cannot travel in a message
             --> src/lib.rs:5:36
              |
            5 |     pub fn 名(&mut self, /* 🚗    名 */ x: &[u8], _: &mut World) {}
              |                                             ^^^^
              |
              = note: `x: &T` travels as a `T`: its size must be known
              = help: take a `&CVec<u8>`
        "#]],
    );
}

#[test]
fn other_line_ends_and_a_byte_order_mark() {
    let text = format!(
        "\u{feff}{HEAD}{CAR}impl Car {{\n    pub fn tick(&self, x: &str, _: &mut World) -> u8 {{}}\n}}\n"
    );
    check(
        &text.replace('\n', "\r\n"),
        140,
        expect![[r#"
            error[K0019]: `str` cannot travel in a message
             --> src/lib.rs:4:28
              |
            4 |     pub fn tick(&self, x: &str, _: &mut World) -> u8 {}
              |                            ^^^
              |
              = note: `x: &T` travels as a `T`: its size must be known
              = help: take a `&CString`
            error[K0025]: the handler `tick` returns `u8`
             --> src/lib.rs:4:51
              |
            4 |     pub fn tick(&self, x: &str, _: &mut World) -> u8 {}
              |                                                   ^^ nobody waits for this
              |
              = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
              = help: answer with a message: take the id of who asks as a parameter
              = help: if it is to be ordinary Rust, make it `pub(crate)`
        "#]],
    );
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let before = "a: u8, ".repeat(30);
    let after = ", b: u8".repeat(30);
    let text = format!(
        "{HEAD}{CAR}impl Car {{ pub fn tick(&self, {before}x: &str{after}, _: &mut World) {{}} }}\n"
    );
    check(
        &text,
        80,
        expect![[r#"
            error[K0019]: `str` cannot travel in a message
             --> src/lib.rs:3:245
              |
            3 | ... a: u8, a: u8, a: u8, a: u8, x: &str, b: u8, b: u8, b: u8, b: u8, b: u...
              |                                     ^^^
              |
              = note: `x: &T` travels as a `T`: its size must be known
              = help: take a `&CString`
        "#]],
    );
}

#[test]
fn the_end_of_a_file() {
    check(
        "pub struct Car { id",
        140,
        expect![[r#"
            warning[K0001]: this file cannot be parsed: brackets, quotes or characters do not fit here
             --> src/lib.rs:1:16
              |
            1 | pub struct Car { id
              |                ^
              |
              = help: nothing is generated anew until it can
        "#]],
    );
    check(
        "pub struct Car {\n    id: CarId,\n",
        140,
        expect![[r#"
            warning[K0001]: this file cannot be parsed: brackets, quotes or characters do not fit here
             --> src/lib.rs:1:16
              |
            1 | pub struct Car {
              |                ^
              |
              = help: nothing is generated anew until it can
        "#]],
    );
    check(
        "\"",
        140,
        expect![[r#"
            warning[K0001]: this file cannot be parsed: brackets, quotes or characters do not fit here
             --> src/lib.rs:1:1
              |
            1 | "
              | ^
              |
              = help: nothing is generated anew until it can
        "#]],
    );
}

#[test]
fn several_lines_and_several_places() {
    let text = format!(
        "{HEAD}{CAR}impl Car {{\n    pub fn tick(&self, _: &mut World) -> (\n        u8,\n        u8,\n    ) {{}}\n    pub fn foo_1(&self, _: &mut World) {{}}\n\n\n\n\n    pub fn foo1(&self, _: &mut World) {{}}\n}}\n"
    );
    check(
        &text,
        140,
        expect![[r#"
            error[K0025]: the handler `tick` returns `(u8, u8,)`
             --> src/lib.rs:4:42
              |
            4 |       pub fn tick(&self, _: &mut World) -> (
              |  __________________________________________^
            5 | |         u8,
            6 | |         u8,
            7 | |     ) {}
              | |_____^ nobody waits for this
              |
              = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
              = help: answer with a message: take the id of who asks as a parameter
              = help: if it is to be ordinary Rust, make it `pub(crate)`
            error[K0015]: `CarFoo1` is the name of the message of the handler `Car::foo1` and of the message of the handler `Car::foo_1`
              --> src/lib.rs:13:12
               |
             8 |     pub fn foo_1(&self, _: &mut World) {}
               |            ----- `CarFoo1` is generated for this
            ...
            13 |     pub fn foo1(&self, _: &mut World) {}
               |            ^^^^ `CarFoo1` again
               |
               = note: messages, and the methods of ids, are named after what an actor handles
               = help: give one of them another name
        "#]],
    );
}

#[test]
fn places_in_two_files() {
    let car = format!(
        "use kay_runtime::prelude::*;\nkay_auto!();\n{CAR}impl Car {{ pub fn honk(&self, _: &mut World) {{}} }}\n"
    );
    let sources = Sources::from_iter([("src/lib.rs", "\nmod car;\n"), ("src/car.rs", &car)]);
    let found = diagnostics(&sources);
    expect![[r#"
        error[K0003]: the crate has actors, but its root has no `setup` to register them
         --> src/lib.rs:1:1
          |
        1 |
          | ^
          |
         ::: src/car.rs:3:31
          |
        3 | #[derive(Compact)] pub struct Car { id: CarId }
          |                               --- one of them
          |
          = note: the root's `setup` registers all actors of a crate
          = help: add the line `kay_runtime::kay_auto!();` to the root"#]]
    .assert_eq(&found[0].render(&sources, Rendering::plain()));
    // Without the texts, places are left.
    let missing = Sources::default();
    expect![[r#"
        error[K0003]: the crate has actors, but its root has no `setup` to register them
        --> src/lib.rs:1:1
        ::: src/car.rs:3:31
         = note: the root's `setup` registers all actors of a crate
         = help: add the line `kay_runtime::kay_auto!();` to the root"#]]
    .assert_eq(&found[0].render(&missing, Rendering::plain()));
    let coloured = found[0].render(&sources, Rendering::coloured());
    assert!(coloured.contains("\u{1b}[1m"), "{coloured:?}");
    assert!(
        !found[0]
            .render(&sources, Rendering::plain())
            .contains('\u{1b}')
    );
}

#[test]
fn one_line() {
    let sources = Sources::from_iter([(
        "src/lib.rs",
        format!("{HEAD}{CAR}impl Car {{ pub fn honk(&self, x: &str, _: &mut World) {{}} }}"),
    )]);
    let found = diagnostics(&sources);
    expect!["src/lib.rs:3:35: [K0019] `str` cannot travel in a message; take a `&CString`"]
        .assert_eq(&found[0].to_string());
}

/// Findings are made up at every place of a text, and beyond it.
#[test]
fn no_place_is_too_much() {
    let text = "ä\tb\r\n\n名 \u{200d}\u{1b}[31m\n\u{0}last";
    let sources = Sources::from_iter([("src/lib.rs", text)]);
    let template = diagnostics(&Sources::from_iter([("src/lib.rs", "\"")])).remove(0);
    for width in [1, 20, 140] {
        for line in 1..8 {
            for column in 1..12 {
                for length in [0, 1, 40] {
                    let mut found = template.clone();
                    found.start = kay_codegen::Position { line, column };
                    found.end = kay_codegen::Position {
                        line: line + length / 20,
                        column: column + length,
                    };
                    let rendered = found.render(&sources, Rendering::plain().width(width));
                    assert!(rendered.contains("src/lib.rs"), "{rendered}");
                    assert!(
                        !rendered.contains(['\u{1b}', '\t', '\r', '\u{0}']),
                        "{rendered:?}"
                    );
                }
            }
        }
    }
}
