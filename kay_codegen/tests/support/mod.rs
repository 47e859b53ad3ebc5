//! What the tests share.
#![allow(dead_code, reason = "not every test uses all of it")]

use kay_codegen::{Options, Output, Root, Sources, generate};

/// What every fixture begins with, unless it says otherwise.
const HEAD: &str = "use kay_runtime::{Compact, Fate, World, kay_auto}; kay_auto!();\n";

/// Sources from one text: a line `//- src/a.rs` begins a file. Without any, the text is the root,
/// after the usual imports, which stand in its first line.
pub fn sources(fixture: &str) -> Sources {
    if !fixture.contains("//- ") {
        let text = format!("{}{}", HEAD, fixture.trim_start_matches('\n'));
        return Sources::from_iter([("src/lib.rs", text)]);
    }
    let files = fixture.split("//- ").skip(1).map(|file| {
        let (path, text) = file.split_once('\n').unwrap();
        (path.trim().to_owned(), text.to_owned())
    });
    files.collect()
}

/// The output for a fixture.
pub fn output(fixture: &str) -> Output {
    output_with(fixture, &Options::default())
}

/// The same with options.
pub fn output_with(fixture: &str, options: &Options) -> Output {
    generate(&root(), &sources(fixture), options)
}

/// The root of every fixture.
pub fn root() -> Root {
    Root {
        crate_name: "city".to_owned(),
        file: "src/lib.rs".to_owned(),
    }
}

/// The diagnostics for a fixture, one in each line.
pub fn diagnostics(fixture: &str) -> String {
    let all = output(fixture).diagnostics;
    all.iter()
        .map(|diagnostic| format!("{:?} {diagnostic}\n", diagnostic.severity()))
        .collect()
}

/// The names of everything that is generated: messages, actors and traits, in order.
pub fn names(fixture: &str) -> Vec<String> {
    names_with(fixture, &Options::default())
}

/// The same with options.
pub fn names_with(fixture: &str, options: &Options) -> Vec<String> {
    let output = output_with(fixture, options);
    assert_eq!(output.diagnostics, [], "{:#?}", output.diagnostics);
    let mut names = Vec::new();
    for file in &output.files {
        let lines = file
            .text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("const NAME: &'static str = \""));
        names.extend(lines.map(|rest| rest.trim_end_matches("\";").to_owned()));
    }
    names
}
