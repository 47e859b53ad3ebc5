//! Worlds that releases have saved: each later version opens them.
//!
//! The files of a release are made when it is prepared, by
//!
//! ```text
//! KEEP_RELEASE=0.2 cargo test -p kay_runtime --test persistence kept::a_release_is_kept -- --nocapture
//! ```
//!
//! which also prints what to add to [`KEPT`], and what [`STATE`] is. They are never changed after that.

mod town;

use std::env;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use kay_runtime::{Actor, ActorSystem, Recovery};
use tempfile::TempDir;

use town::{Clock, Errand, Person, live, settings, setup};

/// What the town of a release comes back as.
struct Kept {
    release: &'static str,
    turn: u64,
    hash: u64,
    /// How many turns and messages come again, and how many bytes of inputs are read.
    replayed: (u64, u64, u64),
}

const KEPT: &[Kept] = &[Kept {
    release: "0.1",
    turn: 8,
    hash: 0x8c31972c85fc3fd1,
    replayed: (3, 14, 6649),
}];

/// The turn of the snapshot.
const SAVED: u64 = 5;

/// All instances by their ids, as they are shown.
const STATE: &[&str] = &[
    r#"0.1 Clock { ticks: 3212, rate: 11.75, loud: true, season: Summer, owner: Some(Id(first)), grid: [(1, 2), (3, 4)] }"#,
    r#"1.1 Clock { ticks: 3212, rate: 15.0, loud: true, season: Winter, owner: Some(Id(first)), grid: [(1, 2), (3, 4)] }"#,
    r#"0.1 Person { name: "Ann", heard: [18, 25, 56, 75, 69, 1000, 46, 32, 97, 93], home: Home { street: "High Street", number: Some(49), before: Some(Home { street: "Field Lane", number: None, before: None }) }, plan: Travel { to: "the sea", by: ['o', 'x'] }, friend: None, listener: None, ledger: {"baker": 149, "smith": -7}, file: External(empty) }"#,
    r#"1.1 Person { name: "Bob", heard: [69, 35, 26, 95, 1000, 45], home: Home { street: "High Street", number: Some(26), before: Some(Home { street: "Field Lane", number: None, before: None }) }, plan: Visit(Id(2.1), 3), friend: Some(Id(769.1)), listener: Some(ListenerId(RawId(7633e9a4/1.1))), ledger: {}, file: External(empty) }"#,
    r#"769.1 Person { name: "Cynthia", heard: [132, 11, 59, 72, 1000, 81, 40, 102], home: Home { street: "High Street", number: Some(45), before: Some(Home { street: "Field Lane", number: None, before: None }) }, plan: Rest, friend: Some(Id(0.1)), listener: Some(ListenerId(RawId(7633e9a4/769.1))), ledger: {}, file: External(empty) }"#,
    r#"3.1 Person { name: "Emil", heard: [93], home: Home { street: "High Street", number: Some(40), before: Some(Home { street: "Field Lane", number: None, before: None }) }, plan: Rest, friend: None, listener: None, ledger: {}, file: External(empty) }"#,
    r#"2.2 Errand { left: 9 }"#,
    r#"3.1 Errand { left: 1 }"#,
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/persistence/kept")
}

fn open(directory: &Path) -> (ActorSystem, Recovery) {
    ActorSystem::open(directory, settings(), setup).unwrap()
}

/// Makes the files of a release: never where there are some.
fn keep(directory: &Path) -> io::Result<()> {
    fs::create_dir(directory)?;
    let (mut system, _) = open(directory);
    live(&mut system);
    system.close().unwrap();
    // It is empty, and made anew by who opens the world.
    fs::remove_file(directory.join("lock"))
}

/// A copy of the files of a world, in which it can be opened.
fn copy(files: &Path) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in fs::read_dir(files).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
    }
    folder
}

fn shown<A: Actor>(system: &ActorSystem, all: &mut Vec<String>) {
    for (id, actor) in system.instances::<A>() {
        all.push(format!("{id} {:?}", actor.described()));
    }
}

fn state(system: &ActorSystem) -> Vec<String> {
    let mut all = Vec::new();
    shown::<Clock>(system, &mut all);
    shown::<Person>(system, &mut all);
    shown::<Errand>(system, &mut all);
    all
}

#[test]
fn what_releases_have_kept_comes_back() {
    for (kept, threads) in KEPT.iter().flat_map(|kept| [(kept, 1), (kept, 2)]) {
        let (copy, release) = (copy(&folder().join(kept.release)), kept.release);
        let settings = settings().threads(threads);
        let opened = ActorSystem::open(copy.path(), settings, setup);
        let (mut system, mut recovery) =
            opened.unwrap_or_else(|error| panic!("what {release} has kept: {error}"));
        recovery.time = Duration::ZERO;
        let mut expected = Recovery::default();
        expected.snapshot = Some(SAVED);
        (expected.turns, expected.messages, expected.bytes) = kept.replayed;
        assert_eq!(recovery, expected, "{release}");
        assert_eq!(state(&system), STATE, "{release}");
        let found = (system.turns(), system.state_hash());
        assert_eq!(found, (kept.turn, kept.hash), "{release}");
        assert!(system.panics().is_empty() && !system.is_frozen());
        // And it goes on.
        system.turn().unwrap();
        system.snapshot().unwrap();
        system.close().unwrap();
        assert_eq!(open(copy.path()).1.snapshot, Some(kept.turn + 1));
    }
}

#[test]
fn each_directory_is_looked_at() {
    let entries = fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut found: Vec<_> = folders.map(|entry| entry.file_name()).collect();
    found.sort();
    let known: Vec<&str> = KEPT.iter().map(|kept| kept.release).collect();
    assert_eq!(found, known, "one row of `KEPT` for each, in this order");
}

#[test]
fn a_release_is_kept() {
    let temporary = tempfile::tempdir().unwrap();
    let asked = env::var("KEEP_RELEASE").ok();
    let directory = match &asked {
        Some(release) => folder().join(release),
        None => temporary.path().join("0.0"),
    };
    if let Err(error) = keep(&directory) {
        panic!(
            "cannot make {}: {error}; what a release has kept is never changed, so remove it only if \
             that was not released",
            directory.display()
        );
    }
    let again = keep(&directory).map_err(|error| error.kind());
    assert_eq!(again, Err(ErrorKind::AlreadyExists));
    let sizes = fs::read_dir(&directory).unwrap();
    let size: u64 = sizes.map(|it| it.unwrap().metadata().unwrap().len()).sum();
    assert!(
        size < 200_000,
        "{size} bytes are too many to be kept for ever"
    );
    let copy = copy(&directory);
    let (mut system, recovery) = open(copy.path());
    assert_eq!(recovery.snapshot, Some(SAVED));
    if let Some(release) = asked {
        let (turn, hash) = (system.turns(), system.state_hash());
        let replayed = (recovery.turns, recovery.messages, recovery.bytes);
        println!(
            "    Kept {{ release: {release:?}, turn: {turn}, hash: {hash:#018x}, replayed: {replayed:?} }},"
        );
        for shown in state(&system) {
            println!("    r#\"{shown}\"#,");
        }
    }
}
