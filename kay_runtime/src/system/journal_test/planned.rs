//! Snapshots that are known of a turn before: most shards copy their stores in that turn.

use std::cell::RefCell;
use std::mem::swap;
use std::time::Duration;

use super::common::blow;
use super::open;
use crate::persist::SimulatedDisk;
use crate::{
    ActorSystem, CVec, Compact, Id, Misuse, Registry, Settings, SnapshotError, SnapshotPolicy,
    TurnError,
};
use crate::{actor, message, on, spawn};

/// Is never done.
#[derive(Compact)]
pub(crate) struct Walker {
    id: Id<Walker>,
    steps: u64,
    path: CVec<u64>,
}

message!(Arrive {});
message!(Step {});
message!(Fall {});
message!(Vanish {});

actor!(Walker, messages: [Step, Fall, Vanish], spawners: [Arrive]);
spawn!(Walker, Arrive, |_m, id, world| {
    world.send(id, Step {});
    Walker {
        id,
        steps: 0,
        path: CVec::new(),
    }
});
on!(Walker, Step, |this, _m, world| {
    this.steps += 1;
    this.path.push(world.rng().bits());
    world.send(this.id, Step {});
});
on!(Walker, Fall, |this, _m, _world| {
    if this.steps > 0 {
        blow("falls");
    }
});
on!(Walker, Vanish, |_this, _m, world| {
    OTHER.with_borrow_mut(|other| swap(world, other.as_mut().unwrap().world()));
});

thread_local! {
    /// The system whose world takes the place of another one's.
    static OTHER: RefCell<Option<ActorSystem>> = const { RefCell::new(None) };
}

const SHARDS: usize = 8;

fn setup(registry: &mut Registry) {
    registry.register::<Walker>();
}

fn settings(policy: SnapshotPolicy) -> Settings {
    let settings = Settings::default().threads(1).shards(SHARDS);
    settings.snapshots(policy)
}

/// A world with some walkers in each shard.
fn walking(disk: &SimulatedDisk, policy: SnapshotPolicy) -> ActorSystem {
    let (mut system, _) = open(disk, settings(policy), setup).unwrap();
    arrive(&mut system);
    system
}

fn arrive(system: &mut ActorSystem) {
    for _ in 0..4 * SHARDS {
        system.world().spawn(Arrive {});
    }
}

/// What the plans are: after which turn, which shards have copied their stores, and whether it has begun.
fn plans(system: &ActorSystem) -> (Option<u64>, Vec<usize>, bool) {
    let saver = system.saver.as_ref().unwrap();
    let copied = |index: &usize| {
        let copy = system.shard(*index).copy.as_ref();
        copy.is_some_and(|copy| copy.stores.is_some() && copy.outcome.is_none())
    };
    let copied = (0..SHARDS).filter(copied).collect();
    (saver.planned, copied, saver.begun.is_some())
}

/// More than anything here takes, in bytes.
const LARGE: usize = 1 << 16;

/// Makes all buffers large that shards have for their copies. Returns how many there are.
fn enlarge(system: &mut ActorSystem) -> usize {
    let mut count = 0;
    for index in 0..SHARDS {
        let copy = system.shard_mut(index).copy.as_mut().unwrap();
        for buffer in copy.spare.values_mut() {
            buffer.reserve(LARGE);
            count += 1;
        }
    }
    assert!(count > 4 * SHARDS, "{count}");
    count
}

/// How many of those there are for the next copies.
fn large(system: &ActorSystem) -> usize {
    let saver = system.saver.as_ref().unwrap();
    let buffers = saver.spare.iter().flat_map(|shard| shard.values());
    buffers.filter(|buffer| buffer.capacity() >= LARGE).count()
}

/// A world that has written a snapshot, and has planned the next one for the turn that comes.
fn walking_on(disk: &SimulatedDisk, policy: SnapshotPolicy) -> ActorSystem {
    let mut system = walking(disk, policy);
    for _ in 0..5 {
        system.turn().unwrap();
        system.wait_for_snapshot().unwrap();
    }
    assert_eq!(plans(&system), (Some(6), vec![], false));
    system
}

/// A world comes back from the snapshot after a turn, and is what this one is when as many turns have run.
fn comes_back(disk: &SimulatedDisk, system: &mut ActorSystem, snapshot: u64) {
    let settings = system.settings().clone();
    let (mut other, recovery) = open(&disk.after_kill(0), settings, setup).unwrap();
    assert_eq!(recovery.snapshot, Some(snapshot));
    // Those without inputs are not in the journal.
    while other.turns() < system.turns() {
        other.turn().unwrap();
    }
    assert_eq!(other.state_hash(), system.state_hash());
}

#[test]
fn most_shards_copy_their_stores_in_the_turn_before() {
    let every = [
        (SnapshotPolicy::EveryTurns(3), 3),
        // None comes right when it is time to, since nobody knows before.
        (SnapshotPolicy::Every(Duration::ZERO), 2),
    ];
    for (policy, turn) in every {
        let disk = SimulatedDisk::default();
        let mut system = walking(&disk, policy);
        for _ in 2..turn {
            assert_eq!(plans(&system), (None, vec![], false), "{policy:?}");
            system.turn().unwrap();
        }
        assert_eq!(plans(&system), (None, vec![], false), "{policy:?}");
        system.turn().unwrap();
        assert_eq!(plans(&system), (Some(turn), vec![], false), "{policy:?}");
        system.turn().unwrap();
        assert_eq!(
            plans(&system),
            (None, vec![1, 2, 4, 5, 7], true),
            "{policy:?}"
        );
        // That is part of the pause.
        let taken = |index| system.shard(index).copy.as_ref().unwrap().time;
        assert!(taken(0).is_zero() && !taken(1).is_zero(), "{policy:?}");
        system.turn().unwrap();
        assert!(system.all_shards().all(|shard| shard.copy.is_none()));
        let saved = system.wait_for_snapshot().unwrap().unwrap();
        assert_eq!(saved.turn, turn, "{policy:?}");
        comes_back(&disk, &mut system, turn);
        let mut never_ended = ActorSystem::new(settings(policy), setup).unwrap();
        arrive(&mut never_ended);
        for _ in 0..system.turns() {
            never_ended.turn().unwrap();
        }
        assert_eq!(never_ended.state_hash(), system.state_hash(), "{policy:?}");
    }
}

/// It would only come later, or be copied by one thread instead of all.
#[test]
fn where_there_is_little_to_do_none_is_planned() {
    let policy = SnapshotPolicy::Every(Duration::ZERO);
    let (mut idle, _) = open(&SimulatedDisk::default(), settings(policy), setup).unwrap();
    idle.turn().unwrap();
    assert_eq!(plans(&idle), (None, vec![], false));
    assert_eq!(idle.wait_for_snapshot().unwrap().unwrap().turn, 1);

    let settings = settings(policy).threads(3);
    let (mut quiet, _) = open(&SimulatedDisk::default(), settings, setup).unwrap();
    arrive(&mut quiet);
    quiet.turn().unwrap();
    assert_eq!(plans(&quiet), (None, vec![], true));
    // Whether it is written before the next one is due, nobody knows.
    quiet.settings.snapshots = SnapshotPolicy::Never;
    quiet.turn().unwrap();
    assert_eq!(quiet.wait_for_snapshot().unwrap().unwrap().turn, 1);
}

#[test]
fn one_that_the_host_takes_comes_in_its_place() {
    let policy = SnapshotPolicy::EveryTurns(3);
    let disk = SimulatedDisk::default();
    let mut system = walking_on(&disk, policy);
    let buffers = enlarge(&mut system);
    system.world().spawn(Arrive {});
    system.snapshot().unwrap();
    assert_eq!(plans(&system), (None, vec![], false));
    assert_eq!(system.wait_for_snapshot().unwrap().unwrap().turn, 5);
    comes_back(&disk, &mut system, 5);
    // What is known of a shard is written to memory of its own.
    assert_eq!(large(&system), buffers - SHARDS);
    system.turn().unwrap();
    assert_eq!(plans(&system), (None, vec![], false));
    system.turn().unwrap();
    assert_eq!(plans(&system), (Some(8), vec![], false));
}

#[test]
fn it_is_given_up_if_the_world_is_frozen_then() {
    let policy = SnapshotPolicy::EveryTurns(3);
    let disk = SimulatedDisk::default();
    let mut system = walking_on(&disk, policy);
    let buffers = enlarge(&mut system);
    let first = Id::<Walker>::local_first(system.world());
    system.world().send(first, Fall {});
    assert!(matches!(system.turn(), Err(TurnError::Frozen { .. })));
    assert_eq!(plans(&system), (None, vec![], false));
    assert_eq!(large(&system), buffers);
    comes_back(&disk, &mut system, 3);
    system.resume().unwrap();
    comes_back(&disk, &mut system, 3);
    // It is late already.
    system.turn().unwrap();
    assert_eq!(plans(&system), (None, vec![], true));
    system.turn().unwrap();
    assert_eq!(system.wait_for_snapshot().unwrap().unwrap().turn, 7);
    comes_back(&disk, &mut system, 7);
}

#[test]
fn nor_is_a_shard_copied_that_has_the_world_of_another_system() {
    let other = ActorSystem::new(Settings::default().threads(1).shards(1), |_| ()).unwrap();
    OTHER.set(Some(other));
    let disk = SimulatedDisk::default();
    let mut system = walking(&disk, SnapshotPolicy::EveryTurns(3));
    for _ in 0..2 {
        system.turn().unwrap();
    }
    assert_eq!(plans(&system), (Some(3), vec![], false));
    // In a shard that would copy its stores.
    let mut walkers = system.instances::<Walker>().map(|(id, _)| id);
    let one = walkers.find(|id| id.index() as usize % SHARDS == 1);
    drop(walkers);
    system.world().send(one.unwrap(), Vanish {});
    let swapped = system.turn();
    assert!(
        matches!(
            swapped,
            Err(TurnError::Misuse {
                misuse: Misuse::WorldSwapped { .. },
                ..
            })
        ),
        "{swapped:?}"
    );
    assert!(matches!(
        system.saved(),
        Some(Err(SnapshotError::Misuse(Misuse::WorldSwapped { .. })))
    ));
    assert_eq!(plans(&system), (None, vec![], false));
}
