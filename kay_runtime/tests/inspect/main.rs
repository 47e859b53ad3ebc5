//! Looking into the files of a world.

#[path = "../persistence/actors.rs"]
#[allow(dead_code, reason = "not all of it is used here")]
mod actors;
#[path = "../common/mod.rs"]
mod common;

use std::fs;
use std::path::{Path, PathBuf};

use kay_runtime::inspect::{FileState, SavedWorld, WorldFiles};
use kay_runtime::{ActorSystem, Id, Part, SnapshotError};

use actors::{Clock, Hear, Leave, NewClock, Person, Scare, Tick, open, person, settings};

/// A clock and two people.
fn town(folder: &Path) -> (ActorSystem, Id<Clock>, [Id<Person>; 2]) {
    let (mut system, _) = open(folder, settings()).unwrap();
    let file = kay_runtime::External::default();
    let clock = system.world().spawn(NewClock { file });
    let people = ["Ann", "Bob"].map(|name| person(&mut system, name));
    system.turn().unwrap();
    (system, clock, people)
}

fn save(system: &mut ActorSystem) {
    system.snapshot().unwrap();
    system.wait_for_snapshot().unwrap();
}

/// Keeps the newest snapshot under another name, which is not removed.
fn keep(folder: &Path, name: &str) -> PathBuf {
    let newest = WorldFiles::read(folder).unwrap().newest.unwrap();
    let to = folder.join(name);
    fs::copy(folder.join(newest), &to).unwrap();
    to
}

#[test]
fn a_summary_says_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, clock, people) = town(folder.path());
    system.world().send(clock, Tick {});
    system.world().send(clock, Tick {});
    system.world().send(people[0], Hear { word: 1 });
    save(&mut system);
    // The world is still open.
    let world = SavedWorld::open(folder.path()).unwrap();
    assert!(world.verify(|_| ()).is_empty());
    let summary = world.summary().unwrap();
    assert_eq!((summary.turn, summary.shards, summary.seed), (1, 5, 11));
    assert_eq!((&*summary.panic_policy, summary.frozen), ("Freeze", false));
    assert!(summary.sizes.least > 0 && summary.sizes.least < summary.sizes.most);
    assert_eq!(summary.bytes, fs::metadata(world.path()).unwrap().len());
    let actors: Vec<_> = summary.actors.iter().collect();
    let name = |at: usize| actors[at].name.rsplit("::").next().unwrap();
    assert_eq!((name(0), actors[0].instances), ("Person", 2));
    assert_eq!((name(1), actors[1].instances), ("Clock", 1));
    assert!(!actors[0].is_plain);
    let size = size_of::<Person>() as u64;
    // Three letters of a name and a random number for each.
    assert_eq!((actors[0].bytes, actors[0].beside), (2 * size, 22));
    assert_eq!(
        &*world.layouts()[actors[0].layout as usize].name,
        "inspect::actors::Person"
    );
    let waiting: Vec<_> = summary
        .waiting
        .iter()
        .map(|waiting| (waiting.name.rsplit("::").next().unwrap(), waiting.count))
        .collect();
    assert_eq!(waiting, [("Hear", 1), ("Tick", 2)]);
}

#[test]
fn who_has_frozen_a_world_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _, people) = town(folder.path());
    system.world().send(people[1], Scare { of: 1 });
    let _ = system.turn();
    assert!(system.is_frozen());
    save(&mut system);
    let summary = SavedWorld::open(folder.path()).unwrap().summary().unwrap();
    assert!(summary.frozen);
    let [panic] = &summary.panics[..] else {
        panic!("{summary:?}")
    };
    assert_eq!((panic.id, &*panic.reason), (people[1].into(), "scared"));
    assert!(panic.actor.ends_with("Person") && panic.message.ends_with("Scare"));
    assert!(panic.state.as_ref().unwrap().contains("Bob"));
}

#[test]
fn files_are_listed_and_none_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let error = SavedWorld::open(folder.path()).err().unwrap();
    assert!(matches!(error, SnapshotError::NeverTaken { .. }));
    let (mut system, clock, _) = town(folder.path());
    for _ in 0..2 {
        save(&mut system);
        system.world().send(clock, Tick {});
        system.turn().unwrap();
    }
    system.close().unwrap();
    fs::write(folder.path().join("snapshot-000000000009.new"), "half").unwrap();
    let all = || -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect()
    };
    let before = all();
    let files = WorldFiles::read(folder.path()).unwrap();
    let states: Vec<_> = files
        .snapshots
        .iter()
        .map(|file| (file.state, file.turn.clone().ok()))
        .collect();
    let complete = |turn| (FileState::Complete, Some(turn));
    assert_eq!(
        states,
        [complete(1), complete(2), (FileState::Unfinished, None)]
    );
    assert_eq!(files.newest.as_deref(), Some("snapshot-000000000002"));
    assert!(files.refused.is_empty());
    let journal: Vec<_> = files
        .journal
        .iter()
        .map(|part| {
            let contents = part.contents.as_ref().unwrap();
            (
                part.part,
                contents.letters,
                contents.ends,
                contents.last_turn,
            )
        })
        .collect();
    // The host has sent something for three turns, two snapshots have ended batches of their own, and so has the end,
    // before the fourth turn.
    assert_eq!(journal, [(0, 5, 6, Some(4))]);
    assert!(before == all());
}

#[test]
fn what_came_went_and_changed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, clock, people) = town(folder.path());
    let others = ["Cy", "Di"].map(|name| person(&mut system, name));
    system.turn().unwrap();
    save(&mut system);
    let before = SavedWorld::open(keep(folder.path(), "before")).unwrap();
    assert!(before.compare(&before).unwrap().is_same());
    // The one that goes makes others move; who comes takes a slot of its own.
    system.world().send(people[0], Leave {});
    system.world().send(others[1], Hear { word: 1 });
    system.world().send(clock, Tick {});
    person(&mut system, "Eve");
    system.turn().unwrap();
    save(&mut system);
    let after = SavedWorld::open(folder.path()).unwrap();
    let comparison = before.compare(&after).unwrap();
    assert!(!comparison.is_same() && comparison.schema.is_empty());
    let settings: Vec<_> = comparison.settings.iter().map(|it| it.what).collect();
    assert_eq!(settings, ["turn"]);
    let [person, clocks] = &comparison.actors[..] else {
        panic!("{comparison:?}")
    };
    assert_eq!((person.before, person.after), (4, 4));
    assert_eq!((person.came, person.went), (1, 1));
    let changes = person.changed.as_ref().unwrap();
    let [changed] = &changes.first[..] else {
        panic!("{changes:?}")
    };
    assert_eq!(changes.count, 1);
    assert_eq!((changed.index, changed.generation), (others[1].index(), 1));
    assert_eq!(changed.fields, ["heard"]);
    let changes = clocks.changed.as_ref().unwrap();
    assert_eq!((clocks.came, clocks.went, changes.count), (0, 0, 1));
    assert_eq!(changes.first[0].fields, ["ticks"]);
}

#[test]
fn what_is_beside_instances_is_compared_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for name in ["Ann", "Amy"] {
        let folder = folder.path().join(name);
        let (mut system, _) = open(&folder, settings()).unwrap();
        person(&mut system, name);
        person(&mut system, "Bob");
        system.turn().unwrap();
        save(&mut system);
        kept.push(SavedWorld::open(&folder).unwrap());
    }
    let comparison = kept[0].compare(&kept[1]).unwrap();
    assert_eq!(comparison.settings[0].what, "run");
    let changes = comparison.actors[0].changed.as_ref().unwrap();
    assert_eq!(
        (changes.count, &changes.first[0].fields[..]),
        (1, &["name".to_owned()][..])
    );
}

#[test]
fn damage_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, clock, _) = town(folder.path());
    system.world().send(clock, Tick {});
    save(&mut system);
    let whole = fs::read(keep(folder.path(), "whole")).unwrap();
    let path = folder.path().join("copy");
    let look = || -> Result<(), Vec<SnapshotError>> {
        let world = SavedWorld::open(&path).map_err(|error| vec![error])?;
        // They may be right, whatever else is wrong, but do not panic.
        let _ = (world.summary(), world.compare(&world));
        let mut last = None;
        let wrong = world.verify(|progress| last = Some(progress));
        let last = last.unwrap();
        assert_eq!((last.chunks, last.bytes), (last.all_chunks, last.all_bytes));
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    };
    let mut chunks = 0;
    for place in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[place] ^= 16;
        fs::write(&path, bytes).unwrap();
        // What lies between things means nothing, and is zero.
        let Err(wrong) = look() else {
            assert_eq!(whole[place], 0, "byte {place}");
            continue;
        };
        let of_chunk = |error: &SnapshotError| {
            matches!(
                error,
                SnapshotError::Damaged {
                    part: Part::Chunk(_),
                    ..
                }
            )
        };
        chunks += usize::from(wrong.iter().any(of_chunk));
    }
    assert!(chunks > 50, "{chunks}");
    for length in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(look().is_err(), "{length} bytes");
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(look(), Ok(()));
}

#[test]
fn nothing_is_told_of_what_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _, _) = town(folder.path());
    save(&mut system);
    let path = keep(folder.path(), "copy");
    let whole = SavedWorld::open(folder.path()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let name = bytes.windows(3).position(|bytes| bytes == b"Ann");
    bytes[name.unwrap()] = b'U';
    fs::write(&path, bytes).unwrap();
    let world = SavedWorld::open(&path).unwrap();
    for compared in [world.compare(&whole), whole.compare(&world)] {
        let error = compared.unwrap_err();
        assert!(matches!(error, SnapshotError::Damaged { .. }), "{error}");
    }
}

#[test]
fn what_newer_ones_need_is_no_snapshot_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, clock, _) = town(folder.path());
    for number in 0..500 {
        person(&mut system, &format!("person {number}"));
    }
    system.turn().unwrap();
    // From the third one on, they build on the first two, and those are complete no longer.
    for _ in 0..5 {
        system.world().send(clock, Tick {});
        system.turn().unwrap();
        save(&mut system);
    }
    system.close().unwrap();
    let files = WorldFiles::read(folder.path()).unwrap();
    let states = files.snapshots.iter().map(|file| file.state);
    let [needed, complete] = [FileState::Needed, FileState::Complete];
    assert_eq!(
        states.collect::<Vec<_>>(),
        [needed, needed, complete, complete]
    );
    assert!(files.refused.is_empty());
    let world = SavedWorld::open(folder.path()).unwrap();
    assert!(world.verify(|_| ()).is_empty());
    assert_eq!(world.summary().unwrap().turn, 7);
}
