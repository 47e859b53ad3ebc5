//! Worlds that come back from a snapshot.

use std::fs;
use std::path::{Path, PathBuf};

use kay_runtime::{
    ActorSystem, Compact, Id, Misuse, OpenError, PanicPolicy, Recovery, Rng, Settings,
    SnapshotError, SnapshotPolicy,
};

use crate::actors::*;
use crate::common::{blow, property, shrunk};
use crate::{actor, message, on, spawn};
use chunky::portable::{ReadError, Reader, Writer};
use proptest::option;
use proptest::prelude::*;

/// What the host does in turn after turn; the same for each seed.
fn live(system: &mut ActorSystem, turns: u64, seed: u64, save: bool) {
    let mut rng = Rng::new(seed);
    for _ in 0..turns {
        if rng.chance(0.2) {
            let of = 1 + rng.below(9) as u32;
            let all = Id::<Person>::local_broadcast(system.world());
            system.world().send(all, Scare { of });
        }
        if rng.chance(0.2) {
            // It is in the snapshot before it is in a turn.
            person(system, "early");
        }
        let takes = rng.chance(0.2);
        if takes && save {
            system.snapshot().unwrap();
        }
        let _ = turn(system);
        if system.is_frozen() && rng.chance(0.5) {
            let _ = system.resume();
        }
    }
}

/// All that can be seen of a world.
fn seen(system: &mut ActorSystem) -> (u64, u64, bool, String) {
    let statistics = system.statistics();
    let messages = format!("{:?} {:?}", statistics.messages, system.panics());
    (
        system.turns(),
        system.state_hash(),
        system.is_frozen(),
        messages,
    )
}

fn reopened(folder: &Path, settings: Settings) -> (ActorSystem, Recovery) {
    open(folder, settings).unwrap()
}

#[test]
fn a_world_comes_back_from_its_snapshots() {
    let policies = prop_oneof![Just(PanicPolicy::Freeze), Just(PanicPolicy::Kill)];
    // Also such as are taken by themselves, in turns of which each runs on all threads.
    let runs = (1_usize..3, option::of(1_u64..9), option::of(1_u64..6));
    property(
        60,
        (any::<u64>(), 1_u64..60, policies, runs),
        |(seed, turns, policy, (threads, schedule, every))| {
            let mut settings = settings().panic_policy(policy).threads(threads);
            if let Some(seed) = schedule {
                settings = settings.schedule(seed);
            }
            if let Some(every) = every {
                settings = settings.snapshots(SnapshotPolicy::EveryTurns(every));
            }
            let folder = tempfile::tempdir().unwrap();
            let (mut system, _) = open(folder.path(), settings.clone()).unwrap();
            let mut never_ended = new(settings.clone());
            live(&mut never_ended, turns, seed, false);
            live(&mut system, turns, seed, true);
            prop_assert_eq!(seen(&mut system), seen(&mut never_ended));
            drop(system);
            for (life, threads) in (1..).zip([1, 3, 1]) {
                let (mut system, _) = reopened(folder.path(), settings.clone().threads(threads));
                prop_assert_eq!(seen(&mut system), seen(&mut never_ended));
                live(&mut never_ended, 9, seed ^ life, false);
                live(&mut system, 9, seed ^ life, true);
                prop_assert_eq!(seen(&mut system), seen(&mut never_ended));
            }
            Ok(())
        },
    );
}

fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<PathBuf> = all.filter(|path| name(path).starts_with(prefix)).collect();
    found.sort();
    found
}

#[test]
fn a_snapshot_is_where_replay_begins() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, recovery) = reopened(folder.path(), settings());
    assert_eq!((recovery.snapshot, recovery.turns), (None, 0));
    assert_eq!(system.saved(), None);
    (0..10).for_each(|_| turn(&mut system).unwrap());
    system.snapshot().unwrap();
    (0..3).for_each(|_| turn(&mut system).unwrap());
    let saved = system.wait_for_snapshot().unwrap().unwrap();
    assert_eq!(saved.turn, 10);
    assert_eq!(
        saved.bytes,
        files(folder.path(), "snapshot-0")[0]
            .metadata()
            .unwrap()
            .len()
    );
    assert_eq!(system.saved(), None, "it was told");
    let hash = system.state_hash();
    drop(system);
    let (mut system, recovery) = reopened(folder.path(), settings());
    assert_eq!((recovery.snapshot, recovery.turns), (Some(10), 3));
    assert!(recovery.refused.is_empty());
    assert_eq!(system.state_hash(), hash);
    // Two are kept.
    for _ in 0..4 {
        turn(&mut system).unwrap();
        system.snapshot().unwrap();
    }
    system.close().unwrap();
    assert_eq!(files(folder.path(), "snapshot-0").len(), 2);
    let (_, recovery) = reopened(folder.path(), settings());
    assert_eq!((recovery.snapshot, recovery.turns), (Some(17), 0));
}

#[test]
fn it_is_taken_when_it_is_time_to() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(5));
    let (mut system, _) = reopened(folder.path(), settings.clone());
    for _ in 0..23 {
        turn(&mut system).unwrap();
        system.wait_for_snapshot().unwrap();
    }
    drop(system);
    let (_, recovery) = reopened(folder.path(), settings);
    assert_eq!((recovery.snapshot, recovery.turns), (Some(20), 3));
}

#[test]
fn without_a_directory_there_is_none() {
    let mut system = new(settings());
    assert_eq!(system.snapshot(), Err(SnapshotError::NoDirectory));
    assert_eq!(system.wait_for_snapshot(), Ok(None));
}

#[test]
fn nobody_opens_a_world_whose_snapshot_is_still_being_written() {
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(1));
    for closes in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut system, _) = reopened(folder.path(), settings.clone());
        for number in 0..20_000 {
            person(&mut system, &format!("person {number}"));
        }
        turn(&mut system).unwrap();
        let ending = std::thread::spawn(move || match closes {
            true => system.close().unwrap(),
            false => drop(system),
        });
        let recovery = loop {
            match open(folder.path(), settings.clone()) {
                Ok((_, recovery)) => break recovery,
                Err(OpenError::Locked { .. }) => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(recovery.snapshot, Some(1), "closes: {closes}");
        ending.join().unwrap();
    }
}

#[test]
fn nothing_of_another_system_is_taken_for_its_own() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [mut one, mut two] = folders
        .each_ref()
        .map(|folder| reopened(folder.path(), settings()).0);
    turn(&mut one).unwrap();
    std::mem::swap(one.world(), two.world());
    for system in [&mut one, &mut two] {
        let refused = system.snapshot();
        assert!(
            matches!(
                refused,
                Err(SnapshotError::Misuse(Misuse::WorldSwapped { .. }))
            ),
            "{refused:?}"
        );
    }
    std::mem::swap(one.world(), two.world());
    assert_eq!((one.snapshot(), two.snapshot()), (Ok(()), Ok(())));
}

/// A world with two snapshots and a turn behind them; its hash.
fn saved_twice(folder: &Path) -> u64 {
    let (mut system, _) = reopened(folder, settings());
    for _ in 0..2 {
        (0..6).for_each(|_| turn(&mut system).unwrap());
        system.snapshot().unwrap();
    }
    turn(&mut system).unwrap();
    let hash = system.state_hash();
    system.close().unwrap();
    hash
}

fn copy(from: &Path, to: &Path) {
    for file in files(from, "") {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

#[test]
fn where_the_newest_is_damaged_the_one_before_is_as_good() {
    let whole = tempfile::tempdir().unwrap();
    let hash = saved_twice(whole.path());
    let newest = files(whole.path(), "snapshot-0").pop().unwrap();
    let name = newest.file_name().unwrap();
    let length = fs::metadata(&newest).unwrap().len();
    let at = |share: u64| length * share / 50;
    let places = (0..50).map(at).chain([length - 1]);
    for place in places.take(shrunk(51) as usize) {
        let folder = tempfile::tempdir().unwrap();
        copy(whole.path(), folder.path());
        let mut bytes = fs::read(&newest).unwrap();
        bytes[place as usize] ^= 4;
        fs::write(folder.path().join(name), bytes).unwrap();
        let (mut system, recovery) = reopened(folder.path(), settings());
        assert_eq!(system.state_hash(), hash, "byte {place}");
        // It may be a byte that means nothing.
        let turn = if recovery.refused.is_empty() { 12 } else { 6 };
        assert_eq!((recovery.snapshot, recovery.turns), (Some(turn), 13 - turn));
        // From then on it is as if it had never been there.
        turn_and_save(&mut system);
        drop(system);
        let (_, recovery) = reopened(folder.path(), settings());
        assert_eq!(recovery.snapshot, Some(14));
        assert!(recovery.refused.is_empty());
    }
}

fn turn_and_save(system: &mut ActorSystem) {
    turn(system).unwrap();
    system.snapshot().unwrap();
    system.wait_for_snapshot().unwrap();
}

/// The host goes on from the number of the turn: what it has sent for the next one is not there yet.
#[test]
fn one_that_is_taken_by_itself_holds_nothing_for_the_next_turn() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(5));
    let (mut system, _) = reopened(folder.path(), settings.clone());
    let mut never_ended = new(settings.clone());
    for _ in 0..5 {
        turn(&mut system).unwrap();
        turn(&mut never_ended).unwrap();
    }
    assert_eq!(system.wait_for_snapshot().unwrap().unwrap().turn, 5);
    person(&mut system, "too early");
    drop(system);
    let (mut system, recovery) = reopened(folder.path(), settings);
    assert_eq!(recovery.snapshot, Some(5));
    assert_eq!(seen(&mut system), seen(&mut never_ended));
}

/// A snapshot is of the world as it was, though shards are copied when they come to run again.
#[test]
fn it_is_written_as_the_world_was_when_it_began() {
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(5));
    for threads in [1, 3] {
        // On three threads also in turns that each runs on all of them.
        let settings = settings.clone().threads(threads).schedule(7);
        let folder = tempfile::tempdir().unwrap();
        let (mut system, _) = reopened(folder.path(), settings.clone());
        let mut never_ended = new(settings.clone());
        for _ in 0..5 {
            turn(&mut system).unwrap();
            turn(&mut never_ended).unwrap();
        }
        let journal = files(folder.path(), "inputs")[0].clone();
        let before = fs::read(&journal).unwrap();
        // Not part of the snapshot, though it is with the shards when they are copied.
        person(&mut system, "too early");
        let all = Id::<Person>::local_broadcast(system.world());
        system.world().send(all, Hear { word: 1 });
        turn(&mut system).unwrap();
        assert_eq!(system.wait_for_snapshot().unwrap().unwrap().turn, 5);
        system.close().unwrap();
        // So that nothing is run again.
        fs::write(&journal, before).unwrap();
        let (mut system, recovery) = reopened(folder.path(), settings);
        assert_eq!((recovery.snapshot, recovery.turns), (Some(5), 0));
        assert_eq!(seen(&mut system), seen(&mut never_ended));
    }
}

#[test]
fn one_that_has_begun_is_written_though_no_turn_comes() {
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(5));
    for closes in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (mut system, _) = reopened(folder.path(), settings.clone());
        (0..5).for_each(|_| turn(&mut system).unwrap());
        let hash = system.state_hash();
        if closes {
            system.close().unwrap();
        } else {
            drop(system);
        }
        let (mut system, recovery) = reopened(folder.path(), settings.clone());
        assert_eq!((recovery.snapshot, recovery.turns), (Some(5), 0));
        assert_eq!(system.state_hash(), hash);
    }
}

#[test]
fn what_has_not_changed_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = reopened(folder.path(), settings());
    // Many of a type that then stay as they are.
    for number in 0..5_000 {
        person(&mut system, &format!("person {number}"));
    }
    let save = |system: &mut ActorSystem| {
        system.turn().unwrap();
        system.snapshot().unwrap();
        system.wait_for_snapshot().unwrap().unwrap().bytes
    };
    // The third one takes the place of the first one.
    let whole = [save(&mut system), save(&mut system)][1];
    let short = save(&mut system);
    assert!(short < whole / 4, "{short} of {whole}");
    let hash = system.state_hash();
    drop(system);
    let (mut system, recovery) = reopened(folder.path(), settings());
    assert_eq!((recovery.snapshot, recovery.turns), (Some(3), 0));
    assert_eq!(system.state_hash(), hash);
    // Who has a snapshot of another process writes all of it, twice.
    assert!(save(&mut system) >= whole && save(&mut system) >= whole);
    assert!(save(&mut system) < whole / 4);
    // All that hear something are written again.
    let all = Id::<Person>::local_broadcast(system.world());
    system.world().send(all, Hear { word: 7 });
    assert!(save(&mut system) >= whole);
    let hash = system.state_hash();
    system.close().unwrap();
    assert_eq!(reopened(folder.path(), settings()).0.state_hash(), hash);
}

/// Cannot be written if it is odd.
pub struct Odd(u64);

impl Compact for Odd {
    const NAME_HASH: u64 = kay_runtime::fingerprint("persistence::Odd");
    fn duplicate(&self) -> Self {
        Odd(self.0)
    }
    fn hash_state<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.0.hash_state(hasher);
    }
    fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.describe(f)
    }
    fn write(&self, to: &mut Writer) {
        if self.0 % 2 == 1 {
            blow("odd");
        }
        self.0.write(to);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        u64::read(from).map(Odd)
    }
}

#[derive(Compact)]
pub struct Counter {
    id: Id<Counter>,
    count: Odd,
}

message!(NewCounter {});
message!(Count {});
actor!(Counter, messages: [Count], spawners: [NewCounter], traits: []);
spawn!(Counter, NewCounter, |_m, id, world| {
    world.send(id, Count {});
    Counter { id, count: Odd(0) }
});
on!(Counter, Count, |this, _m, world| {
    this.count.0 += 1;
    world.send(this.id, Count {});
});

/// Shards copy themselves in a turn, which must be as it would be without.
#[test]
fn what_users_write_by_hand_may_panic_while_it_is_copied() {
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(3));
    for threads in [1, 2] {
        let settings = settings.clone().threads(threads).schedule(3);
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let register = |registry: &mut kay_runtime::Registry| registry.register::<Counter>();
            ActorSystem::open(folder.path(), settings.clone(), register)
        };
        let (mut system, _) = open().unwrap();
        for _ in 0..8 {
            system.world().spawn(NewCounter {});
        }
        for turn in 1..12 {
            system.turn().unwrap();
            let odd = |(_, counter): (_, &Counter)| counter.count.0 != turn - 1;
            assert_eq!(
                system.instances().find(|&each| odd(each)).map(|(id, _)| id),
                None
            );
            // What began after the turn before has been copied in this one.
            match turn {
                4 | 10 => {
                    let saved = system.wait_for_snapshot().unwrap().unwrap();
                    assert_eq!(saved.turn, turn - 1);
                }
                7 => {
                    let refused = system.wait_for_snapshot().unwrap_err().to_string();
                    assert!(refused.contains("its `Compact::write` panics"), "{refused}");
                    assert!(refused.contains("Counter"), "{refused}");
                }
                _ => {}
            }
        }
        drop(system);
        assert_eq!(open().unwrap().1.snapshot, Some(9));
    }
}
