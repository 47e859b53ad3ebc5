//! What is refused, with place, reason and remedy: written in the sources under test.
//!
//! `UPDATE_EXPECT=1` writes the marks anew.

mod support;

use expect_test::expect_file;
use std::path::Path;
use support::fixture::marked;
use support::marks::without_marks;

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
        expect_file![&path].assert_eq(&marked(&text, true).0);
    }
}
