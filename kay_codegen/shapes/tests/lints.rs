//! Generated code is silent under lints that a user may turn on.

use std::path::Path;
use std::process::Command;

const LINTS: [&str; 5] = [
    "clippy::pedantic",
    "clippy::nursery",
    "missing_docs",
    "unreachable_pub",
    "missing_debug_implementations",
];

/// What clippy says of this package, which has every shape, and of the reference project.
fn messages(lints: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["clippy", "--offline", "--message-format=json"])
        .args(["-p", "kay_shapes", "-p", "demo_sim", "--"])
        .current_dir(root.unwrap());
    for lint in lints {
        cargo.args(["-W", lint]);
    }
    let output = cargo.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "clippy cannot run: is it installed (`rustup component add clippy`)?\n{errors}"
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    let messages = lines
        .lines()
        .filter(|line| line.contains("compiler-message"));
    messages.map(str::to_owned).collect()
}

#[test]
fn generated_code_is_silent() {
    let messages = messages(&LINTS);
    assert!(
        messages.len() > 100,
        "the lints are not even heard where the tests' own code offends them"
    );
    let of_generated: String = messages
        .iter()
        .filter(|message| message.contains("/kay_auto/"))
        .filter_map(|message| {
            message
                .split("\"rendered\":\"")
                .nth(1)?
                .split("\",\"")
                .next()
        })
        .map(|text| text.replace("\\n", "\n"))
        .collect();
    assert_eq!(of_generated, "");
}
