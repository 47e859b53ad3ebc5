//! A process that is killed, whenever it may be.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kay_runtime::{Rng, Settings, SyncPolicy};

use crate::actors::{new, open, settings, turn};
use crate::common::shrunk;

/// The directory in which a child is to run its world.
const DIRECTORY: &str = "KAY_TEST_CHILD_DIRECTORY";
const THREADS: &str = "KAY_TEST_CHILD_THREADS";

/// More than a child comes to before it is killed.
const TURNS: u64 = 4000;

/// What begins the lines of a child, among those of the test runner.
const TURN: &str = "turn ";

/// Is no test, but what the children of the next one do: runs turns until somebody kills it, and
/// says which are done, with the hash of the world.
#[test]
fn child() {
    let Some(directory) = env::var_os(DIRECTORY) else {
        return;
    };
    let threads = env::var(THREADS).unwrap().parse().unwrap();
    let (mut system, _) = open(Path::new(&directory), child_settings(threads)).unwrap();
    let mut out = std::io::stdout().lock();
    while system.turns() <= TURNS {
        let (turn_number, hash) = (system.turns(), system.state_hash());
        // As one write: so no half line is there, unless the pipe is full.
        let line = format!("\n{TURN}{turn_number} {hash}\n");
        out.write_all(line.as_bytes()).unwrap();
        turn(&mut system).unwrap();
    }
}

/// The operating system lives on, so nothing need be synced.
fn child_settings(threads: usize) -> Settings {
    settings().threads(threads).sync(SyncPolicy::Never)
}

fn start(directory: &Path, threads: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .env(THREADS, threads.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_process_has_lost_nothing_that_it_said_was_done() {
    let given = env::var("KAY_TEST_SEED").ok();
    let given = given.and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    let mut rng = Rng::new(seed);
    let folder = tempfile::tempdir().unwrap();
    let mut reference = new(settings());
    let mut hashes = vec![reference.state_hash()];
    let mut done = 0;
    for life in 0..shrunk(12) {
        let story = format!("with KAY_TEST_SEED={seed}, life {life}");
        let mut child = start(folder.path(), 1 + life as usize % 2);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut left = rng.range(1..60);
        let mut first = true;
        // The rest of what is in the pipe was said before the end, too.
        while let Some(line) = lines.next() {
            let line = line.unwrap();
            let Some((number, hash)) = line
                .strip_prefix(TURN)
                .and_then(|line| line.split_once(' '))
            else {
                continue;
            };
            let (number, hash): (usize, u64) = match (number.parse(), hash.parse()) {
                (Ok(number), Ok(hash)) => (number, hash),
                // The child was killed while it wrote this.
                _ => continue,
            };
            while hashes.len() <= number {
                turn(&mut reference).unwrap();
                hashes.push(reference.state_hash());
            }
            if hashes[number] != hash {
                assert!(lines.next().is_none(), "{story}: another world at {number}");
                break;
            }
            assert!(
                number >= done,
                "{story}: came back to {number}, was at {done}"
            );
            assert!(!first || number <= done + 1, "{story}: more than was done");
            (first, done) = (false, number);
            left = left.saturating_sub(1);
            if left == 0 {
                child.kill().unwrap();
            }
        }
        assert!(!first, "{story}: the child has said nothing");
        assert!(!child.wait().unwrap().success(), "{story}: it was killed");
    }
    let (mut system, recovery) = open(folder.path(), settings()).unwrap();
    let found = system.turns() as usize;
    assert!((done..=done + 1).contains(&found), "KAY_TEST_SEED={seed}");
    assert_eq!(recovery.turns, system.turns());
    while hashes.len() <= found {
        turn(&mut reference).unwrap();
        hashes.push(reference.state_hash());
    }
    assert_eq!(system.state_hash(), hashes[found], "KAY_TEST_SEED={seed}");
}
