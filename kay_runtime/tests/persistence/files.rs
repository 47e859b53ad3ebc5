//! Directories, locks, and files that are not as they should be.

use std::fs;
use std::time::Duration;

use kay_runtime::{ActorSystem, OpenError, Recovery, SetupError, SyncPolicy};

use crate::actors::{Person, Scare, new, open, person, settings, setup, turn};

#[test]
fn a_new_directory_is_an_empty_world() {
    let folder = tempfile::tempdir().unwrap();
    for directory in [folder.path().to_owned(), folder.path().join("a/b/c")] {
        let (mut system, mut recovery) = open(&directory, settings()).unwrap();
        recovery.time = Duration::ZERO;
        assert_eq!(recovery, Recovery::default());
        assert_eq!((system.turns(), system.population::<Person>()), (0, 0));
        turn(&mut system).unwrap();
        system.close().unwrap();
        let (system, recovery) = open(&directory, settings()).unwrap();
        assert_eq!((system.turns(), recovery.turns), (1, 1));
        assert!(recovery.messages > 0 && recovery.bytes > 0);
        assert_eq!(recovery.torn, None);
    }
}

#[test]
fn a_world_comes_back_and_goes_on_as_if_it_had_never_ended() {
    for (policy, close) in [
        (SyncPolicy::EveryTurn, true),
        (SyncPolicy::Never, true),
        (SyncPolicy::Never, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut uninterrupted = new(settings());
        for life in 0..4 {
            let (mut system, recovery) = open(folder.path(), settings().sync(policy)).unwrap();
            assert_eq!(recovery.turns, life * 10);
            assert_eq!(system.state_hash(), uninterrupted.state_hash());
            assert_eq!(system.statistics(), uninterrupted.statistics());
            for _ in 0..10 {
                turn(&mut system).unwrap();
                turn(&mut uninterrupted).unwrap();
            }
            assert_eq!(system.state_hash(), uninterrupted.state_hash());
            match close {
                true => system.close().unwrap(),
                false => drop(system),
            }
        }
        assert!(uninterrupted.population::<Person>() > 10);
    }
}

#[test]
fn unless_it_is_closed_what_was_sent_for_no_turn_and_turns_without_inputs_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    person(&mut system, "one");
    system.turn().unwrap();
    let hash = system.state_hash();
    system.turn().unwrap();
    system.turn().unwrap();
    person(&mut system, "two");
    drop(system);
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!((system.turns(), system.state_hash()), (1, hash));
    assert_eq!(system.population::<Person>(), 1);
}

#[test]
fn a_world_that_is_closed_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut uninterrupted = new(settings());
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    for life in 0..3 {
        for system in [&mut system, &mut uninterrupted] {
            if system.is_frozen() {
                system.resume().unwrap();
            }
            let one = person(system, "one");
            system.turn().unwrap();
            if life == 1 {
                system.world().send(one, Scare { of: 1 });
            }
            for _ in 0..3 {
                let _ = system.turn();
            }
            assert_eq!(system.is_frozen(), life == 1);
            // For no turn.
            system.world().rng();
            person(system, "two");
        }
        system.close().unwrap();
        let (opened, recovery) = open(folder.path(), settings()).unwrap();
        assert_eq!((recovery.snapshot, recovery.torn), (None, None));
        system = opened;
        assert_eq!(system.turns(), uninterrupted.turns());
        assert_eq!(system.is_frozen(), uninterrupted.is_frozen());
        assert_eq!(
            system.world().rng().bits(),
            uninterrupted.world().rng().bits()
        );
    }
    for _ in 0..2 {
        for system in [&mut system, &mut uninterrupted] {
            system.turn().unwrap();
        }
        assert_eq!(system.state_hash(), uninterrupted.state_hash());
        assert_eq!(system.statistics(), uninterrupted.statistics());
    }
}

/// Fact: what was not a regular file was passed over, so that a new world began in its place.
#[cfg(unix)]
#[test]
fn links_lead_to_the_files_of_a_world_or_are_errors() {
    use std::os::unix::fs::symlink;
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    person(&mut system, "one");
    system.turn().unwrap();
    system.snapshot().unwrap();
    person(&mut system, "two");
    system.turn().unwrap();
    let hash = system.state_hash();
    system.close().unwrap();
    let journal = folder.path().join("inputs-000000000000");
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let name = file.file_name();
        if name != "lock" {
            fs::rename(file.path(), elsewhere.path().join(&name)).unwrap();
            symlink(elsewhere.path().join(&name), file.path()).unwrap();
        }
    }
    let (mut system, recovery) = open(folder.path(), settings()).unwrap();
    assert_eq!((recovery.snapshot, system.state_hash()), (Some(1), hash));
    assert!(recovery.refused.is_empty(), "{:?}", recovery.refused);
    system.close().unwrap();
    for (target, reason) in [
        ("/dev/zero", "it is not a regular file"),
        ("nowhere", "No such file"),
    ] {
        fs::remove_file(&journal).unwrap();
        symlink(target, &journal).unwrap();
        let error = open(folder.path(), settings()).unwrap_err().to_string();
        assert!(
            error.contains("inputs-000000000000") && error.contains(reason),
            "{error}"
        );
        assert_eq!(fs::read_link(&journal).unwrap().to_str(), Some(target));
    }
}

#[test]
fn a_world_is_open_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    turn(&mut system).unwrap();
    let refused = open(folder.path(), settings()).unwrap_err();
    let directory = folder.path().to_owned();
    assert_eq!(refused, OpenError::Locked { directory });
    assert!(refused.to_string().contains("is open already"));
    turn(&mut system).unwrap();
    drop(system);
    let (system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!(system.turns(), 2);
}

#[test]
fn a_mistake_in_the_setup_makes_no_directory() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("world");
    let refused = open(&directory, settings().shards(0)).unwrap_err();
    assert!(matches!(
        refused,
        OpenError::Setup(SetupError::Setting { .. })
    ));
    let twice = ActorSystem::open(&directory, settings(), |registry| {
        setup(registry);
        setup(registry);
    });
    assert!(matches!(
        twice,
        Err(OpenError::Setup(SetupError::TypeTwice { .. }))
    ));
    assert!(!directory.exists());
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let refused = open(&file.join("world"), settings()).unwrap_err();
    assert!(matches!(refused, OpenError::Disk(_)), "{refused}");
    let text = refused.to_string();
    assert!(
        text.contains("cannot make directory") && text.contains("file/world"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inputs-000000000000");
    fs::write(&path, "something else altogether").unwrap();
    let refused = open(folder.path(), settings()).unwrap_err().to_string();
    assert!(refused.contains("is not a journal"), "{refused}");
    assert!(
        refused.contains(&folder.path().display().to_string()),
        "{refused}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"something else altogether");
}

#[test]
fn other_settings_are_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    turn(&mut system).unwrap();
    system.close().unwrap();
    let refused = open(folder.path(), settings().seed(12))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("seed 11, and cannot go on with 12"),
        "{refused}"
    );
    // What decides about no result may change.
    let other = settings().threads(3).schedule(5).sync(SyncPolicy::Never);
    assert_eq!(open(folder.path(), other).unwrap().0.turns(), 1);
}

#[test]
fn a_world_that_was_not_opened_leaves_nothing() {
    let mut system = new(settings());
    turn(&mut system).unwrap();
    system.close().unwrap();
}
