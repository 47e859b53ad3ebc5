//! A few kills of a small city. `ci/kill` is for many of a large one.

use std::process::Command;

#[cfg(unix)]
#[test]
fn a_city_that_is_killed_comes_back() {
    let program = env!("CARGO_BIN_EXE_kay_killing");
    let output = Command::new(program).args(["8", "1000"]).output();
    let output = output.expect("the program starts");
    let err = String::from_utf8_lossy(&output.stderr);
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}");
}
