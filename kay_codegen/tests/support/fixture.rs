//! Fixtures that are shown with their diagnostics.

use super::marks::with_marks;
use super::{HEAD, crates, output};
use kay_codegen::{Code, Diagnostic};

/// A fixture with marks for its diagnostics, and their codes: one file after the usual imports,
/// several files, or several crates.
pub fn marked(fixture: &str, details: bool) -> (String, Vec<Code>) {
    if !fixture.starts_with("//= ") {
        let found = output(fixture).diagnostics;
        return (of_crate(fixture, &found, details), codes(&found));
    }
    let mut outputs = crates(fixture);
    let (mut result, mut all) = (String::new(), Vec::new());
    for text in fixture.split("//= ").skip(1) {
        let (about, text) = text.split_once('\n').unwrap();
        let name = about.split_whitespace().next().unwrap();
        let found = outputs.remove(name).unwrap().diagnostics;
        result.push_str(&format!("//= {about}\n{}", of_crate(text, &found, details)));
        all.extend(codes(&found));
    }
    (result, all)
}

fn codes(found: &[Diagnostic]) -> Vec<Code> {
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

fn of_crate(fixture: &str, found: &[Diagnostic], details: bool) -> String {
    if !fixture.starts_with("//- ") {
        let text = with_marks("src/lib.rs", &format!("{HEAD}{fixture}"), found, details);
        return text.strip_prefix(HEAD).unwrap().to_owned();
    }
    let mut result = String::new();
    for file in fixture.split("//- ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        let text = with_marks(path, text, found, details);
        result.push_str(&format!("//- {path}\n{text}"));
    }
    result
}
