//! The README shows this program, and what it prints.
#![forbid(unsafe_code)]

use std::path::Path;
use std::process::Command;

/// The text of the first block of the README that is fenced as `language`.
fn block(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(path).expect("the README is at the top");
    let (_, rest) = readme
        .split_once(&format!("\n```{language}\n"))
        .expect("the README has such a block");
    let (block, _) = rest.split_once("\n```\n").expect("the block ends");
    format!("{block}\n")
}

#[test]
fn the_readme_shows_this_program() {
    assert_eq!(block("rust"), include_str!("../src/main.rs"));
    assert!(block("rust").lines().count() < 40);
}

#[test]
fn the_readme_shows_what_it_prints() {
    let output = Command::new(env!("CARGO_BIN_EXE_first_city"))
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(block("text"), String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_readme_shows_the_build_script() {
    let script = include_str!("../build.rs");
    let code = script.lines().skip_while(|line| !line.starts_with("fn"));
    let code: Vec<&str> = code.collect();
    assert!(block("rust,ignore").contains(&code.join("\n")));
}
