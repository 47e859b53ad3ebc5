//! The same world on any number of threads and on any schedule; and how one that is not is found.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::shrunk;
use kay_runtime::{
    ActorSystem, CMap, CString, CVec, Compact, Fate, Id, RawId, Rng, Settings, TraitId, TurnError,
};

/// A settler of a world in which everything happens that can.
#[derive(Compact)]
struct Settler {
    id: Id<Settler>,
    friends: CVec<Id<Settler>>,
    gifts: CMap<u32, u64>,
    name: CString,
    town: Option<Id<Town>>,
}

#[derive(Compact)]
struct Town {
    id: Id<Town>,
    visits: CMap<Id<Settler>, u32>,
    mood: f64,
}

message!(NewSettler { name: CString, friends: CVec<Id<Settler>> });
message!(NewTown {});
message!(Live { turns: u32 });
message!(Gift {
    kind: u32,
    worth: u64
});
message!(Meet { friend: Id<Settler> });
message!(Settle { town: Id<Town> });
message!(Visit { by: Id<Settler> });
message!(Season { warmth: f64 });

actor!(Settler, messages: [Live, Gift, Meet, Settle, Season], spawners: [NewSettler], traits: [OutdoorsId]);
actor!(Town, messages: [Visit, Season], spawners: [NewTown], traits: [OutdoorsId]);
spawn!(Settler, NewSettler, |m, id, world| {
    let gifts = [(0, world.rng().bits())].into_iter().collect();
    for &friend in &m.friends {
        world.send(friend, Meet { friend: id });
    }
    Settler {
        id,
        friends: m.friends,
        gifts,
        name: m.name,
        town: None,
    }
});
spawn!(Town, NewTown, |_m, id, _world| Town {
    id,
    visits: CMap::new(),
    mood: 0.5
});
on!(Settler, Gift, |this, m, _world| {
    let worth = this.gifts.get(&m.kind).copied().unwrap_or(0);
    this.gifts
        .insert(m.kind, worth.wrapping_mul(31).wrapping_add(m.worth));
});
on!(Settler, Meet, |this, m, _world| {
    if this.friends.len() < 20 {
        this.friends.push(m.friend);
    }
});
on!(Settler, Settle, |this, m, _world| this.town = Some(m.town));
on!(Settler, Season, |this, m, world| {
    let warmth = m.warmth + world.rng().unit();
    this.name = format!("{:.3}", warmth).as_str().into();
    if warmth < 0.02 { Fate::Die } else { Fate::Live }
});
on!(Town, Visit, |this, m, world| {
    let visits = this.visits.get(&m.by).copied().unwrap_or(0) + 1;
    this.visits.insert(m.by, visits);
    this.mood = (this.mood + world.rng().unit()) / 2.0;
    if visits % 5 == 0 {
        world.send(
            m.by,
            Gift {
                kind: visits,
                worth: this.mood.to_bits(),
            },
        );
    }
});
on!(Town, Season, |this, m, world| {
    this.mood *= m.warmth;
    let first = Id::<Settler>::local_first(world);
    world.send(
        first,
        Gift {
            kind: this.id.index(),
            worth: world.turn(),
        },
    );
});
on!(Settler, Live, |this, m, world| {
    let mut rng = world.rng();
    for at in 0..this.friends.len() {
        if rng.chance(0.5) {
            let (kind, worth) = (rng.range(0..9), rng.bits());
            world.send(this.friends[at], Gift { kind, worth });
        }
    }
    if let Some(town) = this.town {
        world.send(town, Visit { by: this.id });
    } else if rng.chance(0.1) {
        let town = world.spawn_near(this.id, NewTown {});
        this.town = Some(town);
        if let Some(&friend) = this.friends.first() {
            world.send(friend, Settle { town });
        }
    }
    if rng.chance(0.05) {
        let name = CString::from("child");
        let child = world.spawn(NewSettler {
            name,
            friends: [this.id].into(),
        });
        world.send(child, Live { turns: m.turns });
    }
    if rng.chance(0.01) {
        let outdoors: OutdoorsId = world.local_broadcast_id();
        world.send_to_trait(outdoors, Season { warmth: rng.unit() });
    }
    if m.turns > 0 && !rng.chance(0.02) {
        world.send(this.id, Live { turns: m.turns - 1 });
        Fate::Live
    } else if rng.chance(0.5) {
        Fate::Die
    } else {
        Fate::Live
    }
});

#[derive(Clone, Copy, Compact)]
struct OutdoorsId(RawId);

impl From<RawId> for OutdoorsId {
    fn from(id: RawId) -> Self {
        OutdoorsId(id)
    }
}

impl From<OutdoorsId> for RawId {
    fn from(id: OutdoorsId) -> Self {
        id.0
    }
}

impl TraitId for OutdoorsId {
    const NAME: &'static str = "determinism::Outdoors";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

/// A world with its first settlers.
fn settlement(settings: Settings) -> ActorSystem {
    let setup = |registry: &mut kay_runtime::Registry| {
        registry.register::<Settler>();
        registry.register::<Town>();
        registry.register::<Dreamer>();
    };
    let mut system = ActorSystem::new(settings, setup).unwrap();
    let mut settlers = Vec::<Id<Settler>>::new();
    for at in 0..100_usize {
        let friends = settlers.iter().copied().skip(at / 2).take(3).collect();
        let name = format!("settler {at}").as_str().into();
        settlers.push(system.world().spawn(NewSettler { name, friends }));
        system.world().send(settlers[at], Live { turns: 60 });
    }
    system
}

/// A turn, and what comes from outside.
fn turn(system: &mut ActorSystem) {
    let turn = system.turns();
    if turn.is_multiple_of(7) {
        let all = Id::<Settler>::local_broadcast(system.world());
        system.world().send(
            all,
            Gift {
                kind: 99,
                worth: turn,
            },
        );
    }
    system.turn().unwrap();
}

/// The hashes after some turns, and in the end.
fn history(settings: Settings) -> Vec<u64> {
    let mut system = settlement(settings);
    let hashes = (0..20).map(|at| {
        turn(&mut system);
        if at % 4 == 0 { system.state_hash() } else { 0 }
    });
    let hashes = hashes.collect();
    assert!(system.population::<Settler>() > 100 && system.population::<Town>() > 50);
    assert!(system.statistics().lost() > 0, "some must have died");
    hashes
}

fn settings(threads: usize) -> Settings {
    Settings::default().threads(threads).shards(13).seed(7)
}

#[test]
fn the_state_hash_is_the_same_on_any_number_of_threads_and_any_schedule() {
    let expected = history(settings(1));
    for threads in [2, 3, 8] {
        assert_eq!(history(settings(threads)), expected, "{threads} threads");
    }
    for seed in 0..u64::from(shrunk(100)) {
        let threads = [1, 2, 3, 8][seed as usize % 4];
        assert_eq!(
            history(settings(threads).schedule(seed)),
            expected,
            "schedule {seed}"
        );
    }
    assert_ne!(history(settings(1).seed(8)), expected, "another seed");
    assert_ne!(
        history(settings(1).shards(14)),
        expected,
        "another number of shards"
    );
}

#[test]
fn the_state_hash_tells_worlds_apart_that_differ_in_one_number() {
    let hash = |worth: u64, sent: bool| {
        let mut system = settlement(settings(1));
        turn(&mut system);
        let (id, _) = system.instances::<Settler>().nth(70).unwrap();
        system.world().send(id, Gift { kind: 5, worth });
        if sent {
            system.turn().unwrap();
        }
        system.state_hash()
    };
    assert_eq!(hash(1, true), hash(1, true));
    assert_ne!(hash(1, true), hash(2, true));
    assert_eq!(
        hash(1, false),
        hash(2, false),
        "what the host sends counts when it is taken in"
    );
}

/// Looking must not change anything.
#[test]
fn looking_at_a_world_changes_nothing() {
    let mut looked_at = settlement(settings(2));
    let mut left_alone = settlement(settings(2));
    for _ in 0..20 {
        turn(&mut looked_at);
        turn(&mut left_alone);
        assert_eq!(looked_at.state_hash(), looked_at.state_hash());
        let waiting = looked_at
            .statistics()
            .actors
            .iter()
            .map(|actor| actor.waiting)
            .sum::<usize>();
        assert!(waiting > 0);
        let described = looked_at
            .instances::<Town>()
            .map(|(id, _)| id)
            .collect::<Vec<_>>();
        assert!(
            described
                .iter()
                .all(|&id| looked_at.describe(id).unwrap().starts_with("Town {"))
        );
    }
    assert_eq!(looked_at.state_hash(), left_alone.state_hash());
}

#[test]
fn two_systems_in_one_process_do_not_notice_each_other() {
    let alone = |seed| history(settings(2).seed(seed));
    let expected = [alone(1), alone(2)];
    let mut systems = [1, 2].map(|seed| settlement(settings(2).seed(seed)));
    let mut found = [vec![], vec![]];
    for at in 0..20 {
        for (system, hashes) in systems.iter_mut().zip(&mut found) {
            turn(system);
            hashes.push(if at % 4 == 0 { system.state_hash() } else { 0 });
        }
    }
    assert_eq!(found, expected);
}

/// What an actor must not do: it looks at something that is not part of the world.
#[derive(Compact)]
struct Dreamer {
    dreams: u64,
    /// Whether it dreams what it should not.
    how: u8,
}

message!(NewDreamer { how: u8 });
message!(Dream {});

actor!(Dreamer, messages: [Dream], spawners: [NewDreamer]);
spawn!(Dreamer, NewDreamer, |m, _id, _world| Dreamer {
    dreams: 0,
    how: m.how
});
on!(Dreamer, Dream, |this, _m, world| {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    this.dreams = match this.how {
        0 => this.dreams + world.turn(),
        1 => COUNTER.fetch_add(1, Ordering::Relaxed),
        _ => std::ptr::from_ref(world).addr() as u64,
    };
});

/// The error of a sync test with one dreamer among many settlers, if there is one.
fn dream(how: u8, settings: Settings) -> Option<(TurnError, RawId)> {
    let mut system = settlement(settings);
    let all = Id::<Dreamer>::local_broadcast(system.world());
    let mut dreamer = None;
    for at in 0..40 {
        let how = if at == 17 { how } else { 0 };
        let id = system.world().spawn(NewDreamer { how });
        if at == 17 {
            dreamer = Some(RawId::from(id));
        }
    }
    for _ in 0..21 {
        system.world().send(all, Dream {});
        if let Err(error) = system.turn() {
            return Some((error, dreamer?));
        }
    }
    None
}

#[test]
fn a_sync_test_passes_for_honest_actors_and_changes_nothing() {
    for every in [1, 4, 50] {
        assert!(dream(0, settings(2).sync_test(every)).is_none());
        assert_eq!(history(settings(2).sync_test(every)), history(settings(2)));
    }
}

#[test]
fn a_sync_test_names_type_and_instance_of_an_actor_that_is_not_honest() {
    for (how, every) in [(1, 1), (1, 5), (2, 1), (2, 7)] {
        let (error, dreamer) = dream(how, settings(1).sync_test(every)).expect("an error");
        let text = error.to_string();
        let TurnError::OutOfSync(found) = error else {
            panic!("{text}")
        };
        assert_eq!((found.from, found.to), (0, every));
        let difference = found.instance.unwrap();
        assert_eq!(
            (difference.actor, difference.id),
            ("determinism::Dreamer", dreamer)
        );
        assert_ne!(difference.first, difference.second);
        assert!(text.contains("determinism::Dreamer") && text.contains(&dreamer.to_string()));
    }
}

/// Draws when told.
#[derive(Compact)]
struct Gambler {
    drawn: CVec<u64>,
}

message!(NewGambler {});
message!(Draw { streams: u32 });

actor!(Gambler, messages: [Draw], spawners: [NewGambler]);
spawn!(Gambler, NewGambler, |_m, _id, world| {
    Gambler {
        drawn: CVec::from([world.rng().bits()]),
    }
});
on!(Gambler, Draw, |this, m, world| {
    for _ in 0..m.streams {
        this.drawn.push(world.rng().bits());
    }
});

fn gamblers(count: usize, seed: u64) -> (ActorSystem, Vec<Id<Gambler>>) {
    let settings = settings(1).seed(seed);
    let mut system = ActorSystem::new(settings, |r| r.register::<Gambler>()).unwrap();
    let ids = (0..count)
        .map(|_| system.world().spawn(NewGambler {}))
        .collect();
    (system, ids)
}

fn drawn(system: &ActorSystem, id: Id<Gambler>) -> Vec<u64> {
    system.get(id).unwrap().drawn.iter().copied().collect()
}

#[test]
fn all_random_numbers_differ_within_a_turn_and_between_turns() {
    let (mut system, ids) = gamblers(50, 1);
    let all = Id::<Gambler>::local_broadcast(system.world());
    for _ in 0..4 {
        for &id in &ids {
            // Two streams in one message, two messages, two broadcasts in one turn.
            system.world().send(id, Draw { streams: 2 });
            system.world().send(all, Draw { streams: 2 });
            system.world().send(id, Draw { streams: 1 });
            system.world().send(all, Draw { streams: 1 });
        }
        system.turn().unwrap();
    }
    let mut numbers: Vec<u64> = ids.iter().flat_map(|&id| drawn(&system, id)).collect();
    numbers.extend((0..100).map(|_| system.world().rng().bits()));
    let count = numbers.len();
    assert_eq!(count, 50 + 50 * 4 * (3 + 3 * 50) + 100);
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
}

#[test]
fn what_others_draw_changes_nothing_for_an_instance() {
    let numbers = |others: usize, seed| {
        let (mut system, ids) = gamblers(60, seed);
        system.turn().unwrap();
        for &id in ids.iter().take(others) {
            system.world().send(id, Draw { streams: 5 });
        }
        system.world().send(ids[59], Draw { streams: 3 });
        system.turn().unwrap();
        drawn(&system, ids[59])
    };
    assert_eq!(numbers(0, 1), numbers(59, 1));
    assert_ne!(numbers(0, 1), numbers(0, 2), "another seed");
}

/// Of each instance the first number only: so regular keys must give irregular numbers.
#[test]
fn random_numbers_are_uniform_over_instances() {
    let (mut system, ids) = gamblers(40_000, 3);
    system.turn().unwrap();
    let mut buckets = [0_i64; 64];
    let mut ones = [0_i64; 64];
    for &id in &ids {
        let number = drawn(&system, id)[0];
        buckets[(number >> 58) as usize] += 1;
        (0..64).for_each(|bit| ones[bit] += (number >> bit & 1) as i64);
    }
    // Six standard deviations: of 25 for a bucket, of 100 for a bit.
    assert!(
        buckets.iter().all(|count| (count - 625).abs() < 150),
        "{buckets:?}"
    );
    assert!(
        ones.iter().all(|count| (count - 20_000).abs() < 600),
        "{ones:?}"
    );
}

#[test]
fn the_numbers_of_a_key_never_change_between_versions() {
    let mut rng = Rng::new(7);
    let mut die = || rng.range(1..7);
    assert_eq!([(); 8].map(|()| die()), [3, 1, 6, 4, 3, 2, 3, 2]);
    assert_eq!(
        Rng::new(0).bits(),
        0xE220_A839_7B1D_CDAF,
        "the first number of SplitMix64"
    );
}
