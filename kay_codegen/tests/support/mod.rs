//! What the tests share.
#![allow(dead_code, reason = "not every test uses all of it")]

pub mod fixture;
pub mod marks;

use kay_codegen::{Options, Output, Root, Sources, generate};
use std::collections::BTreeMap;
use std::path::Path;

/// What every fixture begins with, unless it says otherwise.
pub const HEAD: &str = "use kay_runtime::prelude::*; kay_auto!();\n";

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

/// The outputs for several crates in one text, by name: a line `//= bus town city=lib` begins a
/// crate, with the crates that it depends on, which stand before it, and its names for them.
pub fn crates(fixture: &str) -> BTreeMap<String, Output> {
    let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
    for krate in fixture.split("//= ").skip(1) {
        let (about, text) = krate.split_once('\n').unwrap();
        let mut words = about.split_whitespace();
        let name = words.next().unwrap();
        let options = words.fold(Options::default(), |options, word| {
            if let Some(suffix) = word.strip_prefix('-') {
                return options.id_suffix(suffix);
            }
            if let Some(feature) = word.strip_prefix('+') {
                return options.cfg("feature", Some(feature));
            }
            let (name, of) = word.split_once('=').unwrap_or((word, word));
            let interface = outputs[of].interface.as_ref().unwrap();
            // As it is handed from one build script to another.
            options.dependency(name, interface.to_string().parse().unwrap())
        });
        let root = Root {
            crate_name: name.to_owned(),
            ..root()
        };
        outputs.insert(name.to_owned(), generate(&root, &sources(text), &options));
    }
    outputs
}

/// The sources of the shapes: every kind of thing that there is.
pub fn shapes() -> Vec<(String, String)> {
    fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{prefix}/{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                collect(&entry.path(), &name, files);
            } else {
                files.push((name, std::fs::read_to_string(entry.path()).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes/src");
    collect(&folder, "src", &mut files);
    files.sort();
    files
}
