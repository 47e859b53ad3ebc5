//! What is refused, with place, reason and remedy: written in the sources under test.
//!
//! `UPDATE_EXPECT=1` writes the marks anew.

mod support;

use expect_test::expect_file;
use kay_codegen::{Options, Sources, generate};
use std::path::Path;
use support::marks::{with_marks, without_marks};
use support::{output, root};

#[test]
fn sources_with_marks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 15);
    for path in files {
        let text = without_marks(&std::fs::read_to_string(&path).unwrap());
        expect_file![&path].assert_eq(&marked(&text));
    }
}

/// A fixture with its diagnostics.
fn marked(fixture: &str) -> String {
    if !fixture.contains("//- ") {
        let sources = Sources::from_iter([("src/lib.rs", fixture)]);
        let found = generate(&root(), &sources, &Options::default()).diagnostics;
        return with_marks("src/lib.rs", fixture, &found, true);
    }
    let found = output(fixture).diagnostics;
    let (before, fixture) = fixture.split_once("//- ").unwrap();
    let mut result = before.to_owned();
    for file in fixture.split("//- ") {
        let (path, text) = file.split_once('\n').unwrap();
        result.push_str(&format!("//- {path}\n"));
        result.push_str(&with_marks(path, text, &found, true));
    }
    result
}
