//! Worlds that are kept, interrupted and resumed, by the program as a user runs it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A small city. Enough turns for trips to end.
const CITY: &str = "--cars 2000 --shards 8 --seed 3";
const RING: &str = "--cells 3000 --density 0.3 --vmax 5 --p 0.2 --shards 8 --seed 3";

fn command(options: &str, directory: Option<&Path>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo_sim"));
    command.args(options.split_whitespace()).args(directory);
    command
}

/// `options` end with `--save` or `--resume`, if there is a directory.
fn run(options: &str, directory: Option<&Path>) -> Output {
    let output = command(options, directory).output();
    output.expect("the program starts")
}

/// The hash that is printed at the end.
fn hash(options: &str, directory: Option<&Path>) -> String {
    hash_in(&run(&format!("--json {options}"), directory))
}

fn ring_hash(options: &str, directory: Option<&Path>) -> String {
    hash_in(&run(&format!("ring --json {options}"), directory))
}

fn hash_in(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("the output is one object");
    report["state_hash"].as_str().expect("a text").to_owned()
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room for a directory")
}

#[test]
fn a_run_in_parts_ends_as_one_without_a_break() {
    let whole = hash(&format!("{CITY} --turns 50"), None);
    for threads in [1, 2, 8] {
        let folder = folder();
        let city = folder.path().join("in/a new/directory");
        let on = format!("--threads {threads}");
        hash(&format!("{CITY} {on} --turns 30 --save"), Some(&city));
        hash("--threads 3 --turns 31 --resume", Some(&city));
        let output = run(&format!("--json {on} --turns 50 --resume"), Some(&city));
        assert_eq!(hash_in(&output), whole, "{threads} threads");
        let said = message(&output);
        assert!(said.contains("resumed at turn 31 in "), "{said}");
        assert!(
            said.contains(": 0 run again from the snapshot of turn 31"),
            "{said}"
        );
    }
}

#[test]
fn a_ring_is_kept_too() {
    let whole = ring_hash(&format!("{RING} --turns 50"), None);
    let folder = folder();
    let directory = Some(folder.path());
    ring_hash(&format!("{RING} --turns 20 --save"), directory);
    assert_eq!(ring_hash("--turns 50 --resume", directory), whole);
}

/// Starts a long run with snapshots all the time, and returns when the first is there.
fn start(folder: &Path) -> Child {
    let options = format!("{CITY} --turns 1000000 --save-every 1 --save");
    let mut child = command(&options, Some(folder))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let root = folder.join("snapshot-root");
    while !root.exists() {
        let ended = child.try_wait().expect("it can be asked");
        assert!(ended.is_none(), "it has ended before the first snapshot");
        std::thread::yield_now();
    }
    child
}

/// The turn behind the word `turn` in a message.
fn turn_in(message: &str) -> u64 {
    let (_, rest) = message.split_once("at turn ").expect(message);
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().expect(message)
}

#[cfg(unix)]
#[test]
fn a_signal_saves_the_city() {
    for signal in ["INT", "TERM"] {
        let folder = folder();
        let mut child = start(folder.path());
        let id = child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.expect("there is `kill`").success());
        let err = BufReader::new(child.stderr.take().expect("it is a pipe"));
        let said: Vec<String> = err.lines().map(|line| line.expect("a text")).collect();
        let said = said.join("\n");
        let status = child.wait().expect("it has ended");
        assert_eq!(status.code(), Some(130), "{signal}: {said}");
        let directory = folder.path().display();
        assert!(said.contains(&format!("--resume {directory}")), "{said}");
        let turn = turn_in(&said);
        check_resumed(
            folder.path(),
            turn,
            &format!(" 0 run again from the snapshot of turn {turn}"),
        );
    }
}

#[test]
fn a_city_that_is_killed_comes_back_to_its_snapshot() {
    let folder = folder();
    let mut child = start(folder.path());
    child.kill().expect("it runs");
    child.wait().expect("it has ended");
    check_resumed(folder.path(), 1, " 0 run again from the snapshot of turn ");
}

/// Resumes a city that has come to turn `least` or farther, and compares it with one that nobody
/// has stopped.
fn check_resumed(directory: &Path, least: u64, what: &str) {
    let output = run("--turns 1 --resume", Some(directory));
    let said = message(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(what), "{said}");
    let turn = turn_in(&said);
    assert!(turn >= least, "{turn} is before {least}");
    let resumed = hash(&format!("--turns {} --resume", turn + 10), Some(directory));
    assert_eq!(
        resumed,
        hash(&format!("{CITY} --turns {}", turn + 10), None)
    );
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_once_and_what_is_there_is_good() {
    let folder = folder();
    // The inputs that build the city fit, a snapshot does not.
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$@\"";
    let program = env!("CARGO_BIN_EXE_demo_sim");
    let options = format!("{CITY} --turns 1500 --save-every 1 --save");
    let output = Command::new("sh")
        .args(["-c", limited, "sh", program])
        .args(options.split_whitespace())
        .arg(folder.path())
        .output()
        .expect("there is a shell");
    let said = message(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: cannot write"), "{said}");
    assert!(said.matches("warning").count() <= 1, "{said}");
    let resumed = run("--json --turns 2000 --resume", Some(folder.path()));
    assert_eq!(
        hash_in(&resumed),
        hash(&format!("{CITY} --turns 2000"), None)
    );
    let said = message(&resumed);
    assert!(said.contains("run again from the beginning"), "{said}");
}

#[test]
fn what_cannot_be_kept_or_resumed_is_refused_with_the_reason() {
    let folder = folder();
    let city = folder.path().join("city");
    hash(&format!("{CITY} --turns 3 --save"), Some(&city));
    let file = folder.path().join("file");
    std::fs::write(&file, "not a directory").expect("it can be written");
    for (options, directory, code, reason) in [
        ("--resume", folder.path(), 1, "nothing to resume"),
        ("--resume", &file, 1, "nothing to resume"),
        ("ring --resume", &city, 1, "ring.json"),
        ("--turns 3 --resume", &city, 1, "at turn 3"),
        ("--turns 3 --resume", &city, 1, "has come to turn 3 already"),
        ("--save", &city, 1, "is not empty; go on with what is there"),
        ("--save", folder.path(), 1, "is not empty"),
        ("--save", &file, 1, "the world cannot be kept in"),
        ("--save", &file.join("city"), 1, "the world cannot be kept"),
        ("--cars 7 --resume", &city, 2, "cannot be used with"),
        ("--seed 7 --resume", &city, 2, "cannot be used with"),
        ("--shards 7 --resume", &city, 2, "cannot be used with"),
        ("ring --p 0.5 --resume", &city, 2, "cannot be used with"),
        ("--save x --resume", &city, 2, "cannot be used with"),
        ("--save-every 0 --save", &city, 2, "0 is not in 1.."),
        ("--turns 3 --save-every", Path::new("3"), 2, "--save <DIR>"),
        ("--turns 3", Path::new("--resume"), 2, "a value is required"),
    ] {
        let output = run(options, Some(directory));
        let said = message(&output);
        assert_eq!(output.status.code(), Some(code), "{options}: {said}");
        assert!(said.contains(reason), "{options}: {said}");
        assert!(!said.contains("panicked"), "{options}: {said}");
    }
    assert_eq!(
        hash("--turns 9 --resume", Some(&city)),
        hash(&format!("{CITY} --turns 9"), None),
        "all that has changed nothing"
    );
}
