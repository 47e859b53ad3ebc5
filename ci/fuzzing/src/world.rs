//! Worlds in directories: stories of real ones, and what has to be true of whatever comes back.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use chunky::portable;
use kay_runtime::inspect::{SavedWorld, WorldFiles};
use kay_runtime::{ActorSystem, OpenError, Recovery, Registry, Settings};

use crate::files::{Files, Named, Root};
use crate::{older, town};

/// A version of the program.
pub struct Version {
    setup: fn(&mut Registry),
    step: fn(&mut ActorSystem, u64),
}

pub const TODAY: Version = Version {
    setup: crate::setup,
    step: town::step,
};

/// That of today, which knows what there was in files of the one before.
pub const MIGRATING: Version = Version {
    setup: older::setup_of_today,
    step: town::step,
};

const OLDER: Version = Version {
    setup: older::setup,
    step: older::step,
};

/// A directory for worlds, on the file system for temporary files, which should be in memory.
pub static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| directory("town"));

/// The files of real worlds at different moments, the same every time.
pub static EXAMPLES: LazyLock<Vec<Files>> = LazyLock::new(|| examples(&TODAY));

/// Those of the earlier version.
pub static OLD_EXAMPLES: LazyLock<Vec<Files>> = LazyLock::new(|| examples(&OLDER));

/// How a world was at one of these moments. Its files stay as long as they are mapped.
pub static OTHER: LazyLock<SavedWorld> = LazyLock::new(|| {
    let directory = directory("other");
    put(&directory, &EXAMPLES[20]).expect("there is room in memory");
    SavedWorld::open(&directory).expect("a snapshot that is right")
});

fn directory(name: &str) -> PathBuf {
    let name = format!("kay-{name}-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    fs::create_dir_all(&directory).expect("a directory for temporary files");
    directory
}

/// Removes what is in a directory, and puts these files there.
pub fn put(directory: &Path, files: &Files) -> io::Result<()> {
    for file in fs::read_dir(directory)? {
        fs::remove_file(file?.path())?;
    }
    for (name, bytes) in files.write() {
        fs::write(directory.join(name), bytes)?;
    }
    Ok(())
}

fn open(version: &Version, directory: &Path) -> Result<(ActorSystem, Recovery), OpenError> {
    let settings = Settings::default().threads(1).shards(2).seed(3);
    ActorSystem::open(directory, settings, version.setup)
}

fn examples(version: &Version) -> Vec<Files> {
    // The first steps, how many there are, and how many there are for each snapshot.
    let stories = [(0, 12, 1), (3, 30, 1), (1, 40, 4)];
    let mut all = Vec::new();
    for (run, (start, steps, each)) in (0..).zip(stories) {
        all.extend(tell(version, run, start..start + steps, each));
    }
    for (at, files) in (0..).zip(&mut all) {
        files.of = at;
    }
    all
}

/// A world before some of its steps: each time as it was, then as if all snapshots had failed since, and now and
/// then without a root, or without snapshots. Only the run, which a real world draws, is another one.
fn tell(version: &Version, run: u128, steps: std::ops::Range<u64>, each: usize) -> Vec<Files> {
    let directory = &*DIRECTORY;
    put(directory, &Files::default()).expect("the directory was there");
    let (mut system, _) = open(version, directory).expect("a new world");
    let mut moments = Vec::new();
    // The parts of the journal, each as long as it has become.
    let mut journal = std::collections::BTreeMap::new();
    for at in steps {
        if moments.len() % each == 0 {
            system.snapshot().expect("a snapshot");
            system.wait_for_snapshot().expect("a snapshot");
        }
        let files = Files::read(directory, run);
        journal.extend(files.journal.iter().cloned());
        moments.push(files);
        (version.step)(&mut system, at);
    }
    system.close().expect("the disk is in memory");
    journal.extend(Files::read(directory, run).journal);
    let mut all = Vec::new();
    for (at, files) in moments
        .into_iter()
        .enumerate()
        .filter(|(at, _)| at % each == each / 2)
    {
        let mut later = files.clone();
        let first = files.journal.first().map(|(part, _)| *part);
        let first = if at % 8 == 5 { Some(0) } else { first };
        let parts = journal.range(first.unwrap_or(0)..);
        later.journal = parts
            .map(|(part, journal)| (*part, journal.clone()))
            .collect();
        match at % 8 {
            2 => later.root = None,
            3 => {
                // The newest was not complete.
                let before = later.snapshots.iter().rev().nth(1);
                let names = before.map(|(number, _)| Named::truly(*number));
                later.root = Some(Root::Names(names.into_iter().collect()));
            }
            5 => (later.root, later.snapshots) = (None, Default::default()),
            _ => (),
        }
        all.extend([files, later]);
    }
    all
}

fn said<T, E: Display>(outcome: Result<T, E>) -> Option<T> {
    outcome
        .map_err(|error| assert!(!error.to_string().is_empty()))
        .ok()
}

/// Looks into whatever is in a directory, and compares it with another world.
fn look(directory: &Path, other: Option<&SavedWorld>) {
    if let Some(files) = said(WorldFiles::read(directory)) {
        files
            .refused
            .iter()
            .for_each(|error| assert!(!error.to_string().is_empty()));
    }
    let Some(world) = said(SavedWorld::open(directory)) else {
        return;
    };
    said(world.summary());
    let wrong = world.verify(|_| ());
    wrong
        .iter()
        .for_each(|error| assert!(!error.to_string().is_empty()));
    if let Some(comparison) = said(world.compare(&world)) {
        // Layouts that make no sense are not those of anything.
        let has_sense = wrong.is_empty() && comparison.schema.is_empty();
        assert!(!has_sense || comparison.is_same(), "{comparison:?}");
    }
    // Of what could be looked at, all may have been taken.
    if let (Some(world), Some(other)) = (said(SavedWorld::open(directory)), other) {
        said(world.compare(other));
        said(other.compare(&world));
    }
}

/// Whatever the files are, which are given in portable form: they are refused, or a world comes back that works. Says
/// which.
pub fn come_back(version: &Version, bytes: &[u8], other: Option<&SavedWorld>) -> bool {
    let Ok(files) = portable::from_bytes::<Files>(bytes) else {
        return false;
    };
    put(&DIRECTORY, &files).expect("there is room in memory");
    let depth = bytes.iter().fold(0, |all, byte| all ^ byte);
    is_borne(version, &DIRECTORY, other, depth)
}

/// Whatever is in the directory: it is refused, or it is a world that works. Says which. `depth` says how much is
/// done with it.
fn is_borne(version: &Version, directory: &Path, other: Option<&SavedWorld>, depth: u8) -> bool {
    look(directory, other);
    let Some(mut system) = run(version, directory) else {
        return false;
    };
    let _ = (system.statistics(), format!("{:?}", system.panics()));
    if depth.is_multiple_of(4) {
        // What has happened since is in the journal, too.
        let hash = system.state_hash();
        drop(system);
        system = open(version, directory)
            .unwrap_or_else(|error| panic!("{error}"))
            .0;
        assert_eq!(system.state_hash(), hash, "it is replayed");
    }
    if !save(&mut system) {
        return true;
    }
    // The third one leaves out what has not changed since the first.
    let more = if depth % 4 == 1 { 2 } else { 0 };
    for at in 0..more {
        (version.step)(&mut system, 92 + 5 * at);
        save(&mut system);
    }
    let hash = system.state_hash();
    drop(system);
    // What it has written is good, and the same world, for whoever knows no earlier version, too.
    let (mut again, recovery) = open(&TODAY, directory).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recovery.refused, []);
    assert_eq!(again.state_hash(), hash);
    drop(again);
    if more > 0 {
        let files = WorldFiles::read(directory).expect("it was just read");
        let newest = files.newest.expect("it has snapshots");
        fs::write(directory.join(newest), "damaged").expect("there is room in memory");
        let (mut again, recovery) =
            open(&TODAY, directory).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(recovery.refused.len(), 1);
        assert_eq!(again.state_hash(), hash, "the one before is as good");
    }
    true
}

/// Opens what is in a directory, and runs some turns, unless it is refused. It may turn out to be damaged when somebody
/// looks at it: then it is over, and who opens it again gets it from a snapshot before.
fn run(version: &Version, directory: &Path) -> Option<ActorSystem> {
    for _ in 0..50 {
        let (mut system, _) = said(open(version, directory))?;
        for at in 90..92 {
            (version.step)(&mut system, at);
        }
        if said(system.verify()).is_some() {
            return Some(system);
        }
        assert!(system.turn().is_err() && system.snapshot().is_err());
    }
    panic!("what is damaged is never set aside");
}

/// Takes a snapshot, if there is a number left for it.
fn save(system: &mut ActorSystem) -> bool {
    use kay_runtime::SnapshotError::NoNumber;
    system.snapshot().expect("what was read can be written");
    match system.wait_for_snapshot() {
        Ok(_) => true,
        Err(NoNumber { .. }) => false,
        Err(error) => panic!("what was read can be written: {error}"),
    }
}
