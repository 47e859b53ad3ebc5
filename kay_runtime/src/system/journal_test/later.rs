//! Snapshots of which a part is checked when somebody first looks at it.

use super::common::{blow, shrunk};
use super::forged::{Taken, cases_seed, snapshots};
use super::open;
use crate::persist::{ChunkKind, Disk, SimulatedDisk, Snapshot};
use crate::{
    ActorSystem, Compact, Id, OpenError, Recovery, Registry, Rng, Settings, SnapshotError,
    SnapshotPolicy, TurnError,
};
use crate::{actor, message, on, spawn};

/// So large that one is a block of its own, and stays where it lies in a snapshot.
#[derive(Compact)]
pub(crate) struct Field {
    id: Id<Field>,
    is_dry: bool,
    corn: [u64; 1200],
}

/// Is always read.
#[derive(Compact)]
pub(crate) struct Farmer {
    id: Id<Farmer>,
    field: Id<Field>,
}

message!(Clear { corn: u64 });
message!(Rain { water: u64 });
message!(Settle { field: Id<Field> });
message!(Burn {});
message!(Work {});

actor!(Field, messages: [Rain, Burn], spawners: [Clear]);
actor!(Farmer, messages: [Work], spawners: [Settle]);
spawn!(Field, Clear, |m, id, _world| Field {
    id,
    is_dry: true,
    corn: [m.corn; 1200]
});
spawn!(Farmer, Settle, |m, id, _world| Farmer {
    id,
    field: m.field
});
on!(Field, Rain, essential: true, |this, m, _world| {
    this.is_dry = m.water < 2;
    let at = this.id.index() as usize % 1200;
    this.corn[at] = this.corn[at].wrapping_mul(3).wrapping_add(m.water);
});
on!(Field, Burn, |this, _m, _world| {
    if this.corn.len() > 9 {
        blow("it burns");
    }
});
on!(Farmer, Work, |this, _m, world| {
    let water = world.rng().bits();
    world.send(this.field, Rain { water });
});

fn setup(registry: &mut Registry) {
    registry.register::<Field>();
    registry.register::<Farmer>();
}

const SHARDS: usize = 3;

fn settings() -> Settings {
    Settings::default().threads(1).shards(SHARDS).seed(4)
}

fn opened(disk: &SimulatedDisk, threads: usize) -> Result<(ActorSystem, Recovery), OpenError> {
    open(disk, settings().threads(threads), setup)
}

fn save(system: &mut ActorSystem) {
    system.snapshot().unwrap();
    system.wait_for_snapshot().unwrap();
}

/// A world whose newest snapshot, with the turn before, is one of several. Rain for all fields waits in it.
struct World {
    disk: SimulatedDisk,
    hash: u64,
    /// The turns of its snapshots.
    turns: Vec<u64>,
}

impl World {
    fn new(snapshots: usize) -> Self {
        let disk = SimulatedDisk::default();
        let (mut system, _) = opened(&disk, 1).unwrap();
        for corn in 0..6 {
            let field = system.world().spawn(Clear { corn });
            let farmer = system.world().spawn(Settle { field });
            system.world().send(farmer, Work {});
        }
        system.turn().unwrap();
        let mut world = World {
            disk,
            hash: 0,
            turns: Vec::new(),
        };
        world.save(&mut system);
        for _ in 1..snapshots {
            let all = Id::<Farmer>::local_broadcast(system.world());
            system.world().send(all, Work {});
            system.turn().unwrap();
            world.save(&mut system);
        }
        world
    }

    fn save(&mut self, system: &mut ActorSystem) {
        save(system);
        self.hash = system.state_hash();
        self.turns.push(system.turns());
    }

    /// The same, but with another snapshot, before which all rain has fallen.
    fn quiet() -> Self {
        let mut world = World::new(1);
        let (mut system, _) = opened(&world.disk, 1).unwrap();
        system.turn().unwrap();
        world.save(&mut system);
        world
    }

    /// The same, but frozen, since a field burns.
    fn frozen() -> Self {
        let mut world = World::quiet();
        let (mut system, _) = opened(&world.disk, 1).unwrap();
        let first = Id::<Field>::local_first(system.world());
        system.world().send(first, Burn {});
        assert!(matches!(system.turn(), Err(TurnError::Frozen { .. })));
        world.save(&mut system);
        world
    }

    /// Who opens a disk on which its newest snapshot was found to be damaged gets it from the one before, and
    /// is told.
    fn comes_back(&self, disk: &SimulatedDisk, story: &str) {
        let [.., before, newest] = self.turns[..] else {
            panic!("{story}: there is none before")
        };
        let (mut system, recovery) = opened(disk, 1).unwrap();
        assert_eq!(
            (recovery.snapshot, recovery.turns),
            (Some(before), newest - before),
            "{story}"
        );
        let is_told = |reason: &SnapshotError| matches!(reason, SnapshotError::SetAside { .. });
        assert!(recovery.refused.iter().any(is_told), "{story}");
        system.verify().unwrap();
        assert_eq!(system.state_hash(), self.hash, "{story}");
        // As if the damaged one had never been there.
        let _ = system.turn();
        save(&mut system);
        let (turns, hash) = (system.turns(), system.state_hash());
        drop(system);
        let (mut system, recovery) = opened(disk, 1).unwrap();
        assert_eq!(
            (recovery.snapshot, recovery.refused),
            (Some(turns), vec![]),
            "{story}"
        );
        assert_eq!(system.state_hash(), hash, "{story}");
    }
}

/// The disk, but with another byte in the instances of a shard in the newest snapshot.
fn damaged(disk: &SimulatedDisk, kind: ChunkKind, shard: usize) -> SimulatedDisk {
    let other = SimulatedDisk::default();
    for name in disk.list().unwrap() {
        other.put(&name, &disk.read(&name).unwrap());
    }
    let name = snapshots(disk).pop().unwrap();
    let snapshot = Snapshot::open(disk, &name).unwrap();
    let chunk = snapshot.chunk(kind.key(shard, 1)).unwrap();
    let mut bytes = disk.read(&name).unwrap();
    bytes[chunk.offset() as usize + 3] ^= 1;
    other.put(&name, &bytes);
    other
}

const KINDS: [ChunkKind; 3] = [ChunkKind::Values, ChunkKind::Slots, ChunkKind::Pages];

fn is_damage<T>(outcome: Result<T, TurnError>) -> bool {
    matches!(
        outcome,
        Err(TurnError::Damaged {
            reason: SnapshotError::Damaged { .. },
            ..
        })
    )
}

#[test]
fn what_nobody_has_looked_at_is_there_all_the_same() {
    let World { disk, hash, .. } = World::new(2);
    for threads in [1, 2] {
        let (mut system, recovery) = opened(&disk, threads).unwrap();
        assert_eq!(recovery.snapshot, Some(2));
        let unchecked = |system: &ActorSystem| {
            let shards = system.all_shards();
            shards.filter(|shard| shard.stores.is_unchecked(1)).count()
        };
        assert_eq!(unchecked(&system), SHARDS);
        assert_eq!(system.population::<Field>(), 6);
        let bytes = |system: &ActorSystem| {
            let shards = system.all_shards();
            shards.map(|shard| shard.stores.bytes()).sum::<usize>()
        };
        let before = bytes(&system);
        assert!(before >= 6 * size_of::<Field>(), "{before}");
        assert_eq!(unchecked(&system), SHARDS, "counting them is not looking");
        let farmers: Vec<_> = system
            .instances::<Farmer>()
            .map(|(_, farmer)| farmer.field)
            .collect();
        let field = system.get(farmers[0]).unwrap();
        assert_eq!((field.id, unchecked(&system)), (farmers[0], SHARDS - 1));
        assert_eq!(system.state_hash(), hash);
        assert_eq!(unchecked(&system), 0);
        // Where there are few, their slots are read, and take a block.
        let after = bytes(&system);
        assert!(
            before <= after && before > after / 2,
            "{before}, then {after}"
        );
        system.verify().unwrap();
    }
}

#[test]
fn damage_shows_in_the_turn_that_comes_to_it() {
    let world = World::new(2);
    for kind in KINDS {
        for threads in [1, 2] {
            let story = format!("{kind:?}, {threads} threads");
            let disk = damaged(&world.disk, kind, 1);
            let settings = settings().threads(threads).schedule(1);
            let (mut system, recovery) = open(&disk, settings, setup).unwrap();
            // Nobody knows yet.
            assert_eq!((recovery.snapshot, recovery.refused.len()), (Some(2), 0));
            assert_eq!(system.turns(), 2);
            // The rain of the last turn waits.
            assert!(is_damage(system.turn()), "{story}");
            assert!(
                !system.shard(1).stores.has(1),
                "a new one was made: {story}"
            );
            assert!(
                is_damage(system.turn()) && is_damage(system.verify()),
                "{story}"
            );
            assert!(system.snapshot().is_err(), "{story}");
            drop(system);
            world.comes_back(&disk, &story);
        }
    }
}

#[test]
fn damage_shows_in_turns_of_a_frozen_world() {
    let world = World::frozen();
    type Step = fn(&mut ActorSystem) -> Result<(), TurnError>;
    let steps: [Step; 2] = [ActorSystem::turn, ActorSystem::resume];
    for (at, step) in steps.into_iter().enumerate() {
        // That of the field that burns.
        let disk = damaged(&world.disk, ChunkKind::Values, 0);
        let (mut system, _) = opened(&disk, 1).unwrap();
        assert!(system.is_frozen());
        let all = Id::<Field>::local_broadcast(system.world());
        system.world().send(all, Rain { water: 1 });
        assert!(is_damage(step(&mut system)), "{at}");
        drop(system);
        let (mut system, recovery) = opened(&disk, 1).unwrap();
        assert_eq!(recovery.snapshot, Some(world.turns[1]), "{at}");
        system.verify().unwrap();
    }
}

#[test]
fn damage_shows_to_who_looks() {
    let world = World::quiet();
    let look: [fn(&mut ActorSystem); 4] = [
        |system| assert!(is_damage(system.verify())),
        |system| assert_eq!(system.instances::<Field>().count(), 4),
        |system| {
            system.state_hash();
        },
        |system| {
            let refused = system.snapshot();
            assert!(matches!(refused, Err(SnapshotError::Damaged { .. })));
        },
    ];
    for (at, look) in look.into_iter().enumerate() {
        for then in 0..3 {
            let disk = damaged(&world.disk, ChunkKind::Values, 2);
            let (mut system, _) = opened(&disk, 2).unwrap();
            look(&mut system);
            // Whatever the host does next.
            match then {
                0 => assert!(is_damage(system.turn()), "{at}"),
                1 => system.close().unwrap(),
                _ => drop(system),
            }
            world.comes_back(&disk, &format!("look {at}, then {then}"));
        }
    }
}

#[test]
fn damage_shows_when_turns_run_again() {
    let world = World::new(2);
    let (mut system, _) = opened(&world.disk, 1).unwrap();
    let all = Id::<Field>::local_broadcast(system.world());
    system.world().send(all, Rain { water: 9 });
    system.turn().unwrap();
    let hash = system.state_hash();
    drop(system);
    let disk = damaged(&world.disk, ChunkKind::Values, 0);
    let (mut system, recovery) = opened(&disk, 1).unwrap();
    assert_eq!((recovery.snapshot, recovery.turns), (Some(1), 2));
    assert!(matches!(
        recovery.refused[..],
        [SnapshotError::Damaged { .. }]
    ));
    assert_eq!(system.state_hash(), hash);
}

#[test]
fn damage_shows_in_a_snapshot_that_is_taken_by_itself() {
    let world = World::quiet();
    let disk = damaged(&world.disk, ChunkKind::Values, 1);
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(2));
    let (mut system, _) = open(&disk, settings, setup).unwrap();
    let step = |system: &mut ActorSystem| {
        // It rains elsewhere.
        let first = Id::<Field>::local_first(system.world());
        system.world().send(first, Rain { water: 1 });
        system.turn()
    };
    step(&mut system).unwrap();
    // It begins behind this one, and nothing waits for the next.
    assert!(is_damage(step(&mut system)));
    assert!(matches!(
        system.saved(),
        Some(Err(SnapshotError::Damaged { .. }))
    ));
    drop(system);
    let mut names = snapshots(&disk);
    names.retain(|name| !name.ends_with(".damaged"));
    assert_eq!(names.len(), 1, "none was written of it: {names:?}");
    assert_eq!(opened(&disk, 1).unwrap().1.snapshot, Some(1));
}

#[test]
fn where_there_is_none_before_all_turns_can_run_again() {
    let world = World::new(1);
    let disk = damaged(&world.disk, ChunkKind::Values, 1);
    let (mut system, _) = opened(&disk, 1).unwrap();
    assert!(is_damage(system.turn()));
    drop(system);
    let refused = opened(&disk, 1).unwrap_err().to_string();
    for part in [
        "snapshot-000000000001.damaged",
        "move away all files that begin with `snapshot-`",
    ] {
        assert!(refused.contains(part), "{refused}");
    }
    for name in disk.list().unwrap() {
        if name.starts_with("snapshot-") {
            disk.remove(&name).unwrap();
        }
    }
    let (mut system, recovery) = opened(&disk, 1).unwrap();
    assert_eq!((recovery.snapshot, system.turns()), (None, 1));
    assert_eq!(system.state_hash(), world.hash);
}

#[test]
fn what_cannot_be_set_aside_is_told_and_tried_again() {
    let world = World::new(2);
    let mut refusals = 0;
    for at in 0..20 {
        let disk = damaged(&world.disk, ChunkKind::Values, 1);
        let (mut system, _) = opened(&disk, 1).unwrap();
        disk.fail_at(disk.operations() + at);
        let Err(TurnError::Damaged { set_aside, .. }) = system.turn() else {
            panic!("operation {at}")
        };
        let Err(error) = set_aside else {
            break;
        };
        refusals += 1;
        assert!(error.to_string().contains("refused"), "{error}");
        assert!(matches!(
            system.turn(),
            Err(TurnError::Damaged {
                set_aside: Ok(()),
                ..
            })
        ));
        drop(system);
        world.comes_back(&disk, &format!("operation {at}"));
    }
    assert!(refusals > 3, "{refusals}");
}

/// Under checksums that are right.
#[test]
fn what_is_no_instance_is_never_taken_for_one() {
    let World { disk, .. } = World::new(2);
    let whole = Taken::of(&disk);
    let is_dry = std::mem::offset_of!(Field, is_dry);
    for (kind, at, value) in [
        (ChunkKind::Values, is_dry, 2),
        (ChunkKind::Slots, 0, 0xFF),
        (ChunkKind::Pages, 0, 0xFF),
    ] {
        let mut forged = whole.clone();
        let key = kind.key(0, 1);
        let mut chunks = forged.chunks.iter_mut();
        let (_, bytes, _) = chunks.find(|(other, ..)| *other == key).unwrap();
        bytes[at] = value;
        let disk = forged.disk(&disk);
        let (mut system, recovery) = opened(&disk, 1).unwrap();
        assert_eq!(recovery.refused, []);
        let refused = system.verify().unwrap_err().to_string();
        assert!(refused.contains("Field` in shard 0"), "{refused}");
        assert!(system.instances::<Field>().count() < 6);
        assert!(system.turn().is_err());
    }
}

#[test]
fn each_bit_of_a_snapshot_is_noticed_sooner_or_later() {
    let World { disk, hash, .. } = World::new(2);
    let name = snapshots(&disk).pop().unwrap();
    let whole = disk.read(&name).unwrap();
    let seed = cases_seed();
    let mut rng = Rng::new(seed);
    let mut noticed_later = 0;
    for _ in 0..shrunk(300) {
        let place = rng.below(whole.len() as u64) as usize;
        let story = format!("KAY_TEST_SEED={seed}: byte {place}");
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << rng.below(8);
        let other = SimulatedDisk::default();
        for name in disk.list().unwrap() {
            other.put(&name, &disk.read(&name).unwrap());
        }
        other.put(&name, &flipped);
        let (mut system, _) = opened(&other, 1).unwrap();
        if system.verify().is_err() {
            noticed_later += 1;
            drop(system);
            system = opened(&other, 1).unwrap().0;
            system.verify().unwrap();
        }
        // The turn behind the older one had inputs.
        assert_eq!(system.state_hash(), hash, "{story}");
    }
    assert!(noticed_later > 0, "KAY_TEST_SEED={seed}");
}
