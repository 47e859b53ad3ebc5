//! The program as a user runs it.

use std::fs::File;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn demo_sim(options: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo_sim"))
        .args(options.split_whitespace())
        .output()
        .expect("the program starts")
}

/// Runs with `--json`, and finds all of `keys` in the one object on the standard output.
fn report(options: &str, keys: &str) -> Value {
    let output = demo_sim(&format!("{options} --json"));
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the output is one object");
    for key in keys.split_whitespace() {
        assert!(report.get(key).is_some(), "{key} is missing in {report}");
    }
    report
}

#[test]
fn the_city_reports_as_json() {
    let keys = "cars turns threads shards seed turns_per_second median_turn slowest_turn \
                messages_per_turn lost_messages \
                state_hash mean_speed flow bytes_per_car";
    let options = "--cars 3000 --turns 100 --threads 2 --shards 8 --seed 3";
    let first = report(options, keys);
    assert_eq!(first["cars"], 3000);
    assert_eq!(first["lost_messages"], 0);
    assert!(
        first["messages_per_turn"]
            .as_f64()
            .is_some_and(|messages| messages > 3000.0)
    );
    assert!(
        first["mean_speed"]
            .as_f64()
            .is_some_and(|speed| speed > 0.5)
    );
    assert!(
        first["bytes_per_car"]
            .as_f64()
            .is_some_and(|bytes| bytes > 48.0)
    );
    let again = report(options, keys);
    assert_eq!(first["state_hash"], again["state_hash"]);
}

#[test]
fn the_shortest_city_reports_too() {
    let report = report(
        "--cars 1 --turns 1 --threads 1 --shards 1",
        "mean_speed flow",
    );
    assert_eq!(report["flow"], 0.0);
}

#[test]
fn the_ring_reports_as_json() {
    let keys = "cells cars density vmax p turns threads shards seed flow exact_flow state_hash \
                messages_per_turn lost_messages turns_per_second";
    let known = report(
        "ring --cells 1000 --density 0.5 --vmax 1 --p 0 --turns 20",
        keys,
    );
    assert_eq!(known["exact_flow"], 0.5);
    let unknown = report(
        "ring --cells 1000 --density 0.5 --vmax 2 --p 0.1 --turns 20",
        keys,
    );
    assert_eq!(unknown["exact_flow"], Value::Null);
}

#[test]
fn people_get_text() {
    let output = demo_sim("--cars 500 --turns 30");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    for word in [
        "turns per second",
        "messages per second",
        "the median turn",
        "mean speed",
        "flow",
        "Lane",
        "memory",
    ] {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
    assert!(
        output.stderr.is_empty(),
        "no bar without a terminal: {output:?}"
    );
}

#[test]
fn bad_options_are_refused_with_the_reason() {
    for (options, reason) in [
        ("--cars 0", "0 is not in 1.."),
        ("--turns 0", "0 is not in 1.."),
        ("--threads 0", "0 is not in 1..=1024"),
        ("--shards 0", "0 is not in 1..=4096"),
        ("--shards 5000", "5000 is not in 1..=4096"),
        ("--cars many", "invalid digit"),
        ("--wheels 4", "--wheels"),
        ("ring --cells 0", "0 is not in 1.."),
        ("ring --density 0", "above 0 and at most 1"),
        ("ring --density 1.5", "above 0 and at most 1"),
        ("ring --p NaN", "from 0 to 1"),
        ("ring --vmax 0", "0 is not in 1.."),
    ] {
        let output = demo_sim(options);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options}: {message}");
        assert!(message.contains(reason), "{options}: {message}");
        assert!(!message.contains("panicked"), "{options}: {message}");
    }
}

#[test]
fn a_report_that_nobody_reads_is_no_failure_and_one_that_cannot_be_written_is() {
    let run = |stdout: Stdio| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_demo_sim"));
        program
            .args(["--cars", "10", "--turns", "3"])
            .stdout(stdout);
        let mut child = program.stderr(Stdio::piped()).spawn().expect("it starts");
        // If it is a pipe, its other end is closed now.
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), errors)
    };
    let (code, errors) = run(Stdio::piped());
    assert_eq!(code, Some(0), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let full = File::options().write(true).open("/dev/full");
    if let Ok(full) = full {
        let (code, errors) = run(full.into());
        assert_eq!(code, Some(1), "{errors}");
        assert!(
            errors.contains("error: the report cannot be written"),
            "{errors}"
        );
    }
}
