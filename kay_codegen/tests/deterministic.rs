//! The same sources give the same output, however and whenever they are read.

mod support;

use kay_codegen::{Options, Root, Sources, generate};
use support::shapes;

#[test]
fn nine_runs_agree() {
    let root = Root {
        crate_name: "kay_shapes".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let files = shapes();
    let run = |files: &[(String, String)]| {
        generate(
            &root,
            &files.iter().cloned().collect::<Sources>(),
            &Options::default(),
        )
    };
    let first = run(&files);
    assert!(first.files.len() > 15, "{:?}", first.diagnostics);
    for shift in 1..9 {
        let mut files = files.clone();
        let at = shift * files.len() / 9;
        files.rotate_left(at);
        if shift % 2 == 0 {
            files.reverse();
        }
        // Other threads have other hash seeds and other line tables.
        let next = std::thread::scope(|scope| scope.spawn(|| run(&files)).join().unwrap());
        assert_eq!(next, first);
    }
}

#[test]
fn an_unused_file_changes_nothing() {
    let root = Root {
        crate_name: "kay_shapes".to_owned(),
        file: "src/lib.rs".to_owned(),
    };
    let mut files: Sources = shapes().into_iter().collect();
    let first = generate(&root, &files, &Options::default());
    files.insert("src/aaa.rs", "#[derive(Compact)] pub struct A { id: AId }");
    assert_eq!(generate(&root, &files, &Options::default()), first);
}

#[test]
fn a_comment_changes_no_fingerprint() {
    let with = |comment: &str| {
        let fixture = format!(
            "#[derive(Compact)] pub struct Car {{ id: CarId }}\nimpl Car {{ pub fn tick(&self, {comment} x: &Option < u8 >, _: &mut World) {{}} }}"
        );
        let output = support::output(&fixture);
        let lines = output.files[0]
            .text
            .lines()
            .filter(|line| line.contains("FINGERPRINT"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(with(""), with("/* the number */\n"));
    assert_eq!(with("").len(), 2);
}
