//! Ids: their size, what they say, and that none ever reaches a stranger.

mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chunky::raw::{Layouts, RawForm};
use common::{property, shrunk};
use kay_runtime::portable::{Problem, from_bytes, to_bytes};
use kay_runtime::{ActorSystem, CVec, Compact, External, Fate, Id, Idle, RawId, Settings};
use proptest::prelude::*;

/// Has a name that nobody else has, and spawns others.
#[derive(Compact)]
struct Cell {
    id: Id<Cell>,
    name: u32,
    children: CVec<(u32, Id<Cell>)>,
    heard: CVec<u32>,
    neighbour: Option<Id<Other>>,
}

/// Another type, to be beside.
#[derive(Compact)]
struct Other {
    beside: Id<Cell>,
}

message!(NewCell { name: u32 });
message!(Spawn { names: CVec<u32> });
message!(SpawnBeside {});
message!(Tell { name: u32 });
message!(Rename { name: u32 });
message!(End {});
message!(NewOther { beside: Id<Cell> });

actor!(Cell, messages: [Spawn, SpawnBeside, Tell, Rename, End], spawners: [NewCell]);
actor!(Other, messages: [], spawners: [NewOther]);
spawn!(Cell, NewCell, |m, id, _world| {
    Cell {
        id,
        name: m.name,
        children: CVec::new(),
        heard: CVec::new(),
        neighbour: None,
    }
});
spawn!(Other, NewOther, |m, _id, _world| Other { beside: m.beside });
on!(Cell, Tell, |this, m, _world| this.heard.push(m.name));
on!(Cell, Rename, |this, m, _world| this.name = m.name);
on!(Cell, End, |_this, _m, _world| Fate::Die);
on!(Cell, Spawn, |this, m, world| {
    for &name in &m.names {
        let child = world.spawn(NewCell { name });
        world.send(child, Tell { name });
        this.children.push((name, child));
    }
});
on!(Cell, SpawnBeside, |this, _m, world| {
    this.neighbour = Some(world.spawn_near(this.id, NewOther { beside: this.id }));
});

fn system(settings: Settings) -> ActorSystem {
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Cell>();
        registry.register::<Other>();
    };
    ActorSystem::new(settings, setup).unwrap()
}

#[test]
fn ids_are_8_bytes_and_erased_ones_12_also_inside_an_option() {
    assert_eq!(
        (size_of::<Id<Cell>>(), size_of::<Option<Id<Cell>>>()),
        (8, 8)
    );
    assert_eq!((size_of::<RawId>(), size_of::<Option<RawId>>()), (12, 12));
}

#[test]
fn an_erased_id_says_the_same_and_which_type() {
    let mut system = system(Settings::default().threads(1));
    let cell = system.world().spawn(NewCell { name: 0 });
    let other = system.world().spawn(NewOther { beside: cell });
    let raw = RawId::from(cell);
    assert_eq!((raw.index(), raw.machine()), (cell.index(), cell.machine()));
    assert_eq!(
        (raw.generation(), cell.generation(), cell.machine()),
        (1, 1, 0)
    );
    assert_eq!((cell.index(), other.index()), (0, 0));
    assert_ne!(raw, RawId::from(other), "same place, another type");
    assert_eq!(cell.to_string(), "0.1");
}

#[test]
fn an_id_that_was_written_is_read() {
    let mut system = system(Settings::default().threads(1));
    let cell = system.world().spawn(NewCell { name: 0 });
    let world = system.world();
    let special = [
        Id::local_broadcast(world),
        Id::global_broadcast(world),
        Id::local_first(world),
        Id::global_first(world),
    ];
    for id in [&[cell], &special[..]].concat() {
        let bytes = to_bytes(&id).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(id));
        let raw = RawId::from(id);
        let with_tag = to_bytes(&raw).unwrap();
        // Its halves are in the order of its fields.
        assert_eq!([&with_tag[8..], &with_tag[4..8]].concat(), bytes);
        assert_eq!(from_bytes(&with_tag), Ok(raw));
    }
    assert_eq!(to_bytes(&cell).unwrap(), [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(to_bytes(&special[3]).unwrap(), [0, 0, 4, 0, 0, 0, 0, 0]);
}

/// So they can be used where they lie in a file.
#[test]
fn ids_are_plain() {
    let mut layouts = Layouts::new();
    assert!(RawForm::<Id<Cell>>::new(&mut layouts).is_plain());
    let form = RawForm::<(Option<Id<Cell>>, [RawId; 2])>::new(&mut layouts);
    assert!(form.is_plain());
    assert!(form.check(&[0; 32]).is_err(), "a `RawId` is never 0");
    let id = 7_u64 << 16 | 1;
    let mut bytes = [id.to_le_bytes(), [0; 8], [0; 8], [0; 8]].concat();
    bytes[16] = 1;
    bytes[28] = 1;
    assert_eq!(form.check(&bytes), Ok(()));
    bytes[0] = 0;
    assert!(form.check(&bytes).is_err(), "an id has a generation");
    assert!(!RawForm::<External<u8>>::new(&mut layouts).is_plain());
}

/// Generation 0 is that of the four special addresses only, which have one form each.
#[test]
fn an_id_that_nobody_has_is_refused() {
    let read = |bits: u64| from_bytes::<Id<Cell>>(&bits.to_le_bytes());
    for bits in [0, 5 << 16, u64::MAX << 16, 1 << 48, 1 << 48 | 1 << 16] {
        let problem = read(bits).unwrap_err().problem();
        assert!(matches!(problem, Problem::Invalid { .. }), "{bits:x}");
        let (low, high) = (
            (bits as u32).to_le_bytes(),
            ((bits >> 32) as u32).to_le_bytes(),
        );
        let raw = [[1, 2, 3, 4], high, low].concat();
        let error = from_bytes::<RawId>(&raw).unwrap_err();
        assert_eq!((error.offset(), error.problem()), (4, problem));
    }
}

/// What can be read can be used, wherever it claims to be.
#[test]
fn ids_made_of_any_bytes_are_harmless() {
    let near_zero = any::<(u8, u16, u16)>().prop_map(|(index, generation, more)| {
        u64::from(index) << 16 | u64::from(generation & more & 3)
    });
    let bits = prop_oneof![any::<u64>(), near_zero];
    property(50, prop::collection::vec(bits, 0..50), |all| {
        for shards in [1, 3, 4] {
            let mut system = system(Settings::default().threads(1).shards(shards));
            for name in 0..20 {
                system.world().spawn(NewCell { name });
            }
            for bits in &all {
                let Ok(id) = from_bytes::<Id<Cell>>(&bits.to_le_bytes()) else {
                    continue;
                };
                prop_assert!(system.get(id).is_none_or(|cell| cell.id == id));
                system.world().send(id, Tell { name: 1 });
                system.world().spawn_near(id, NewOther { beside: id });
            }
            system.turn().unwrap();
            system.turn().unwrap();
        }
        Ok(())
    });
}

/// Fact: an 8-bit generation wrapped after 256 reuses, and stale ids hit strangers.
#[test]
fn stale_ids_never_reach_strangers_over_many_reuses() {
    let mut system = system(Settings::default().threads(1).shards(1));
    let mut old = Vec::new();
    let rounds = shrunk(1600);
    for name in 0..rounds {
        let cell = system.world().spawn(NewCell { name });
        for &stale in old.iter().rev().take(300) {
            system.world().send(stale, Rename { name: u32::MAX });
            assert_ne!(stale, cell);
        }
        system.turn().unwrap();
        assert_eq!(system.get(cell).map(|cell| cell.name), Some(name));
        system.world().send(cell, End {});
        system.turn().unwrap();
        assert!(system.get(cell).is_none());
        old.push(cell);
    }
    let slots: HashSet<u32> = old.iter().map(|id| id.index()).collect();
    assert!(slots.len() <= 2, "slots are used again: {slots:?}");
    let lost: u64 = (0..u64::from(rounds)).map(|at| at.min(300)).sum();
    assert_eq!(system.statistics().lost(), lost);
}

/// Fact: a generation that wraps. This one ends, and its slot retires.
#[test]
fn a_slot_retires_when_its_generations_are_used_up() {
    let mut system = system(Settings::default().threads(1).shards(1));
    let first = system.world().spawn(NewCell { name: 0 });
    let (mut last, mut uses) = (first, 1);
    loop {
        system.world().send(last, End {});
        system.turn().unwrap();
        // The slot is on its way back to the host.
        let next = system.world().spawn(NewCell { name: uses });
        if next.index() != first.index() {
            break;
        }
        assert_eq!(next.generation(), last.generation() + 1);
        (last, uses) = (next, uses + 1);
    }
    assert_eq!((uses, last.generation()), (65_535, u16::MAX));
    for _ in 0..300 {
        let new = system.world().spawn(NewCell { name: 0 });
        assert_ne!(new.index(), first.index());
    }
    system.world().send(first, Rename { name: 9 });
    system.world().send(last, Rename { name: 9 });
    system.turn().unwrap();
    assert!(system.instances::<Cell>().all(|(_, cell)| cell.name != 9));
    assert_eq!(system.statistics().lost(), 2);
}

/// Spawns from many actors over many turns; returns each instance's name and id.
fn family(settings: Settings) -> BTreeMap<u32, Id<Cell>> {
    let mut system = system(settings);
    let roots: Vec<_> = (0..10)
        .map(|name| system.world().spawn(NewCell { name }))
        .collect();
    let mut next = 10;
    for turn in 0..6 {
        for &root in &roots {
            let names = (next..next + 40).collect();
            next += 40;
            system.world().send(root, Spawn { names });
        }
        system.turn().unwrap();
        let some: Vec<_> = system.instances::<Cell>().map(|(id, _)| id).collect();
        for &id in some
            .iter()
            .skip(turn)
            .step_by(7)
            .filter(|id| !roots.contains(id))
        {
            system.world().send(id, End {});
        }
    }
    assert!(matches!(
        system.run_until_idle(5).unwrap(),
        Idle::After { .. }
    ));
    let living: BTreeSet<_> = system.instances::<Cell>().map(|(id, _)| id).collect();
    assert_eq!(living.len(), system.population::<Cell>());
    let mut ids = BTreeMap::new();
    for (_, cell) in system.instances::<Cell>() {
        ids.insert(cell.name, cell.id);
        for &(name, child) in &cell.children {
            // The id that the parent knew at once is the one that the child has.
            match system.get(child) {
                Some(found) => assert_eq!((found.name, &found.heard[..]), (name, &[name][..])),
                None => assert!(!living.contains(&child)),
            }
            ids.insert(name, child);
        }
    }
    ids
}

#[test]
fn ids_are_known_at_once_and_the_same_on_any_number_of_threads() {
    for shards in [1, 3, 64] {
        let settings = || Settings::default().shards(shards);
        let expected = family(settings().threads(1));
        for threads in [2, 8] {
            assert_eq!(
                family(settings().threads(threads)),
                expected,
                "{threads} threads"
            );
            assert_eq!(family(settings().threads(threads).schedule(5)), expected);
        }
    }
}

#[test]
fn indices_are_unique_among_the_living_and_dense() {
    property(30, (1..70_usize, 1..3000_usize), |(shards, count)| {
        let mut system = system(Settings::default().threads(1).shards(shards));
        let ids: Vec<_> = (0..count as u32)
            .map(|name| system.world().spawn(NewCell { name }))
            .collect();
        system.turn().unwrap();
        let indices: HashSet<u32> = ids.iter().map(|id| id.index()).collect();
        prop_assert_eq!(indices.len(), count);
        // The host has every second page of 128 slots in each shard; the last page may have
        // room, and numbers of shards are rounded up to a power of two.
        let slots = count.div_ceil(shards).next_multiple_of(128) * 2;
        let most = (slots * shards.next_power_of_two()) as u32;
        prop_assert!(indices.iter().all(|&index| index < most));
        Ok(())
    });
}

#[test]
fn instances_are_spread_evenly_whoever_spawns_them() {
    property(20, (1..40_usize, 0..40_u32), |(shards, at)| {
        let mut system = system(Settings::default().threads(1).shards(shards));
        for name in 0..=at {
            let cell = system.world().spawn(NewCell { name });
            if name == at {
                system.world().send(
                    cell,
                    Spawn {
                        names: (0..shards as u32 * 5).collect(),
                    },
                );
            }
        }
        system.turn().unwrap();
        let before = by_shard(&system, shards);
        system.turn().unwrap();
        let new: Vec<_> = by_shard(&system, shards)
            .iter()
            .zip(before)
            .map(|(a, b)| a - b)
            .collect();
        prop_assert_eq!(new, vec![5; shards]);
        Ok(())
    });
}

fn by_shard(system: &ActorSystem, shards: usize) -> Vec<usize> {
    let mut counts = vec![0; shards];
    for (id, _) in system.instances::<Cell>() {
        counts[id.index() as usize & (shards.next_power_of_two() - 1)] += 1;
    }
    counts
}

#[test]
fn spawn_near_shares_the_shard() {
    for shards in [1, 2, 3, 12, 64, 100] {
        let mut system = system(Settings::default().threads(1).shards(shards));
        let cells: Vec<_> = (0..300)
            .map(|name| system.world().spawn(NewCell { name }))
            .collect();
        let shard = |index: u32| index & ((shards as u32).next_power_of_two() - 1);
        for &cell in &cells {
            system.world().send(cell, SpawnBeside {});
            let other = system.world().spawn_near(cell, NewOther { beside: cell });
            assert_eq!(shard(other.index()), shard(cell.index()));
        }
        let _ = system.run_until_idle(5).unwrap();
        assert_eq!(system.population::<Other>(), 600);
        for (_, cell) in system.instances::<Cell>() {
            let neighbour = cell.neighbour.unwrap();
            assert_eq!(shard(neighbour.index()), shard(cell.id.index()));
            assert_eq!(system.get(neighbour).unwrap().beside, cell.id);
        }
    }
}

/// Fact: a slot that was allocated but not yet spawned held garbage, and an early message hit the
/// wrong actor.
#[test]
fn a_message_that_arrives_before_the_spawn_is_handled_after_it() {
    for shards in [1, 2, 5] {
        let mut system = system(Settings::default().threads(1).shards(shards));
        let parent = system.world().spawn(NewCell { name: 0 });
        // Slots that have been used before, and fresh ones.
        for round in 1..5 {
            system.world().send(
                parent,
                Spawn {
                    names: (0..20).collect(),
                },
            );
            system.turn().unwrap();
            // The parent knows the ids; the spawners run in the coming turn, after the host's
            // messages.
            let children: Vec<_> = system
                .get(parent)
                .unwrap()
                .children
                .iter()
                .copied()
                .collect();
            let new = &children[children.len() - 20..];
            for &(name, child) in new {
                assert!(system.get(child).is_none());
                system.world().send(child, Tell { name: name + 100 });
                system.world().send(child, Rename { name: name + 200 });
            }
            system.turn().unwrap();
            for &(name, child) in new {
                let cell = system.get(child).unwrap();
                assert_eq!(
                    (cell.name, &cell.heard[..]),
                    (name + 200, &[name, name + 100][..])
                );
                system.world().send(child, End {});
            }
            system.turn().unwrap();
            assert_eq!(system.population::<Cell>(), 1, "round {round}");
        }
        assert_eq!(system.statistics().lost(), 0);
    }
}

#[test]
fn a_message_to_an_id_of_another_system_is_lost_and_counted_in_the_end() {
    let mut other = system(Settings::default().threads(1).shards(4));
    let foreign: Vec<_> = (0..2000)
        .map(|name| other.world().spawn(NewCell { name }))
        .collect();
    let mut system = system(Settings::default().threads(1).shards(3));
    let own = system.world().spawn(NewCell { name: 7 });
    assert_eq!(own, foreign[0], "ids are numbers: equal in equal systems");
    for &id in &foreign {
        system.world().send(id, Tell { name: 0 });
    }
    assert_eq!(system.run_until_idle(5), Ok(Idle::After { turns: 1 }));
    assert_eq!(system.statistics().lost(), 1999);
}

#[test]
fn thousands_of_shards_work() {
    let mut system = system(Settings::default().threads(2).shards(4096));
    let cells: Vec<_> = (0..9000)
        .map(|name| system.world().spawn(NewCell { name }))
        .collect();
    system.world().send(
        cells[0],
        Spawn {
            names: (0..5000).collect(),
        },
    );
    let _ = system.run_until_idle(5).unwrap();
    assert_eq!(system.population::<Cell>(), 14_000);
    assert_eq!(by_shard(&system, 4096).iter().max(), Some(&5));
}
