//! Whole outputs, as a person sees them. `UPDATE_EXPECT=1` writes them anew.

mod support;

use expect_test::{ExpectFile, expect_file};
use kay_codegen::{Diagnostic, GeneratedFile, Options, Root, generate, package};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use support::shapes;

/// Compares a file, and lets `rustfmt` look at it: it must have nothing to change.
fn check(file: &GeneratedFile, expected: ExpectFile) {
    expected.assert_eq(&file.text);
    check_format(file);
}

fn check_format(file: &GeneratedFile) {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--color", "never"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this test needs rustfmt: `rustup component add rustfmt`");
    let mut input = rustfmt.stdin.take().unwrap();
    let text = file.text.clone();
    // From a thread of its own: rustfmt may write before it has read everything.
    let written = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = rustfmt.wait_with_output().unwrap();
    written.join().unwrap().unwrap();
    let (changes, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success(),
        "rustfmt would change {}:\n{changes}{errors}",
        file.name
    );
}

/// The sources are a crate of this workspace, which is compiled with the expected outputs: if it is,
/// and they are the same, then what is generated compiles.
#[test]
fn outputs_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let package = package::read(&folder, &Options::new()).unwrap();
    assert_eq!(package.diagnostics(), Vec::<&Diagnostic>::new());
    let expected = folder.join("expected");
    let mut names = BTreeSet::new();
    for file in package.files() {
        check(file, expect_file![expected.join(&file.name)]);
        names.insert(file.name.clone());
    }
    let there = fs::read_dir(expected).unwrap();
    let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        there.collect::<BTreeSet<_>>(),
        names,
        "nothing is left over"
    );
}

#[test]
fn every_shape_is_formatted() {
    let root = Root {
        crate_name: "kay_shapes".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let output = generate(&root, &shapes().into_iter().collect(), &Options::default());
    assert!(output.files.len() > 15, "{:?}", output.diagnostics);
    for file in &output.files {
        check_format(file);
    }
}
