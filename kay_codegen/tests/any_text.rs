//! Whatever a source file holds, generating ends, and without a panic.

use kay_codegen::{Options, Output, Root, Sources, calls, generate};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fmt::Write;

fn run(text: &str) -> Output {
    let root = Root {
        crate_name: "city".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let generate = |text: &str| {
        let sources = Sources::from_iter([("src/lib.rs", text)]);
        generate(&root, &sources, &Options::default())
    };
    calls::graph(
        &root,
        &Sources::from_iter([("src/lib.rs", text)]),
        &Options::default(),
    );
    let output = generate(text);
    for file in &output.files {
        let again = generate(&file.text);
        assert!(
            !again.is_incomplete,
            "{text}\n// becomes\n{}\n{:?}",
            file.text, again.diagnostics
        );
    }
    // What dependents are told can be read, too.
    if let Some(interface) = &output.interface {
        let again = interface.to_string().parse();
        assert_eq!(again.as_ref(), Ok(interface), "{text}");
    }
    output
}

/// A crate with something of everything.
const WHOLE: &str = include_str!("any_text/whole.rs");

#[test]
fn the_crate_that_is_mutilated_is_whole() {
    let output = run(WHOLE);
    assert_eq!(output.diagnostics, []);
    assert!(output.files[0].text.contains("pub struct PlaceVisit"));
}

#[test]
fn nesting_without_end() {
    let [many, deep] = [20_000, 500];
    for open in [
        "&",
        "*const ",
        "(",
        "[",
        "Vec<",
        "Vec<u8, ",
        "fn() -> ",
        "fn(",
        "dyn A + ",
        "a::",
        "<",
        "impl Fn(",
        "!",
        "-",
        "&mut ",
        "for<'a> fn(&'a ",
        "T<{ ",
        "[u8; ",
        "[u8; {",
    ] {
        for times in [many, deep] {
            let open = open.repeat(times);
            run(&format!("type A = {open}"));
            run(&format!(
                "impl Car {{ pub fn f(&mut self, a: {open}, w: &mut World) {{}} }}"
            ));
            run(&format!("#[cfg({open})] struct A {{ id: {open} }}"));
            run(&format!(
                "fn f() {{ {open} }} impl {open} for {open} {{ fn f({open}) {{"
            ));
            run(&format!(
                "trait A: {open} {{ const A: u8 = {open}; }} use {open};"
            ));
        }
    }
    for (open, inner, close) in [
        ("(", "u8", ")"),
        ("&", "u8", ""),
        ("Vec<", "u8", ">"),
        ("fn(", "u8", ")"),
        ("[", "u8", "; 1]"),
        ("[u8; {", "1", "}]"),
        ("T<{ ", "1", " }>"),
        ("*const ", "u8", ""),
        ("fn() -> ", "u8", ""),
        ("A + B<dyn ", "A", ">"),
        ("<A as B<", "u8", ">>::C"),
    ] {
        // As deep as is parsed at all, and more.
        for times in [10, 450, 900, 20_000] {
            let ty = format!("{}{inner}{}", open.repeat(times), close.repeat(times));
            run(&format!(
                "use kay_runtime::{{Compact, World}}; kay_runtime::kay_auto!();\
                 pub struct Car {{ id: CarId, a: {ty} }}\
                 impl Car {{ pub fn f(&mut self, a: {ty}, _: &mut World) {{}} }}\
                 pub trait P<T: Into<{ty}>> {{ fn g(&self, a: {ty}, _: &mut World) {{}} }}\
                 impl P<{ty}> for Car {{}}"
            ));
        }
    }
    for (open, close) in [
        ("mod a {", "}"),
        ("a::{", "}"),
        ("a(", ")"),
        ("if a {} else ", "{}"),
        ("|a, b| ", ""),
        ("a + ", ""),
        ("a.b().", "c"),
        ("match a { _ => ", "}"),
    ] {
        for times in [10, 450, 900, 20_000] {
            let (open, close) = (open.repeat(times), close.repeat(times));
            run(&format!("{open}{close}"));
            run(&format!("use {open}x{close};"));
            run(&format!(
                "#[cfg({open}{close})] struct A([u8; {open} 1 {close}]);"
            ));
            run(&format!("enum E {{ A = {open} 1 {close}, B }}"));
            run(&format!("#[doc = {open} 1 {close}] struct A;"));
        }
    }
}

#[test]
fn modules_that_contain_themselves() {
    let mut text = String::from("kay_runtime::kay_auto!();");
    for way in 0..40 {
        write!(
            text,
            "#[path = \"lib.rs\"] mod m{way}; pub use self::m{way}::*;"
        )
        .unwrap();
        write!(
            text,
            "pub use super::m{way}::*; pub use m{way} as m{}; type A{way} = A{};",
            way + 1,
            way + 1
        )
        .unwrap();
    }
    run(&text);
}

proptest! {
    #[test]
    fn any_text_at_all(text in any::<String>()) {
        run(&text);
    }

    #[test]
    fn any_words_of_the_language(words in prop::collection::vec(select(WORDS), 0..60)) {
        run(&words.join(" "));
        run(&format!("impl Car {{ {} }}", words.concat()));
    }

    /// Most of what goes wrong is close to what is right.
    #[test]
    fn a_crate_with_parts_cut_out_moved_and_doubled(
        cuts in prop::collection::vec((any::<Index>(), 0_usize..40, any::<Index>(), select(WORDS)), 1..6)
    ) {
        let mut text: Vec<char> = WHOLE.chars().collect();
        for (from, length, to, word) in cuts {
            let from = from.index(text.len());
            let piece: Vec<char> = text[from..(from + length).min(text.len())].to_vec();
            text.drain(from..from + piece.len() / 2);
            let to = to.index(text.len().max(1));
            text.splice(to..to, piece.into_iter().chain(word.chars()));
        }
        run(&text.into_iter().collect::<String>());
    }

    /// The same by whole words, so that more of it can be parsed.
    #[test]
    fn a_crate_with_words_exchanged(changes in prop::collection::vec((any::<Index>(), select(WORDS)), 1..8)) {
        let mut words: Vec<&str> = WHOLE.split_inclusive([' ', '\n', '(', ')', '<', '>', ',', ':']).collect();
        for (at, word) in changes {
            let at = at.index(words.len());
            words[at] = word;
        }
        run(&words.concat());
    }
}

const WORDS: &[&str] = &[
    "struct",
    "enum",
    "union",
    "trait",
    "impl",
    "fn",
    "mod",
    "use",
    "pub",
    "crate",
    "super",
    "self",
    "Self",
    "const",
    "static",
    "mut",
    "ref",
    "where",
    "for",
    "as",
    "in",
    "dyn",
    "async",
    "unsafe",
    "extern",
    "type",
    "macro_rules",
    "r#type",
    "r#Car",
    "Car",
    "CarId",
    "Place",
    "PlaceId",
    "World",
    "Fate",
    "id",
    "setup",
    "T",
    "'a",
    "'static",
    "'a'",
    "'\\''",
    "b'x'",
    "\"x\"",
    "r#\"x\"#",
    "c\"x\"",
    "1",
    "0x1f",
    "1.5e3",
    "!",
    "#",
    "$",
    "&",
    "*",
    "+",
    "-",
    "=",
    "->",
    "=>",
    "::",
    ":",
    ";",
    ",",
    ".",
    "..",
    "...",
    "<",
    ">",
    ">>",
    "<<",
    "?",
    "@",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "{}",
    "()",
    "[]",
    "<>",
    "|",
    "||",
    "~",
    "^",
    "/",
    "%",
    "\\",
    "_",
    " ",
    "\n",
    "/* */",
    "/*",
    "*/",
    "// \n",
    "/// doc\n",
    "//! doc\n",
    "#[cfg(unix)]",
    "#[cfg_attr(unix, path = \"x\")]",
    "#[essential]",
    "#[path = \"lib.rs\"]",
    "#![cfg(unix)]",
    "#!",
    "kay_auto!();",
    "&mut World",
    "&self",
    "&mut self",
    "&World",
    "CVec<u8>",
    "impl Place for Car {}",
    "struct Car { id: CarId }",
    "é",
    "\u{feff}",
    "🚗",
    "\u{202e}",
    "\0",
    "\r",
    "\t",
    "pub(crate)",
    "pub(in crate::a)",
    "default",
    "auto",
    "safe",
    "gen",
    "raw",
];
