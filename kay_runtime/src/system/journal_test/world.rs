//! A small world in which everything happens that a journal has to know of.

use super::common::blow;
use crate::portable::from_bytes;
use crate::{
    ActorSystem, CString, CVec, Compact, Fate, Id, RawId, Registry, Rng, Settings, TraitId,
    TurnError,
};
use crate::{actor, message, on, spawn};

#[derive(Compact)]
pub(crate) struct Town {
    id: Id<Town>,
    name: CString,
    gold: u64,
    words: CVec<u64>,
}

#[derive(Compact)]
pub(crate) struct Ship {
    id: Id<Ship>,
    home: Id<Town>,
    cargo: CVec<u32>,
    words: u64,
}

message!(Found { name: CString });
message!(Launch { home: Id<Town>, cargo: CVec<u32> });
message!(Tell { word: u64 });
message!(Sail { turns: u8 });
message!(Storm { at: u32 });
message!(Pay { gold: u64 });

actor!(Town, messages: [Tell, Pay], spawners: [Found], traits: [PlaceId]);
actor!(Ship, messages: [Tell, Sail, Storm], spawners: [Launch], traits: [PlaceId]);
spawn!(Town, Found, |m, id, _world| Town {
    id,
    name: m.name,
    gold: 0,
    words: CVec::new()
});
spawn!(Ship, Launch, |m, id, world| Ship {
    id,
    home: m.home,
    cargo: m.cargo,
    words: world.rng().bits()
});
on!(Town, Tell, |this, m, world| {
    this.words.push(m.word);
    if this.words.len() > 6 {
        this.words.clear();
    }
    if m.word.is_multiple_of(4) && world.rng().chance(0.7) {
        let (home, cargo) = (this.id, CVec::from([7]));
        let ship = world.spawn(Launch { home, cargo });
        world.send(ship, Sail { turns: 3 });
    }
});
on!(Town, Pay, essential: true, |this, m, _world| this.gold = this.gold.wrapping_add(m.gold));
on!(Ship, Tell, |this, m, _world| this.words =
    this.words.rotate_left(5) ^ m.word);
on!(Ship, Sail, |this, m, world| {
    let mut rng = world.rng();
    this.cargo.push(rng.range(0..100));
    if this.cargo.len() > 6 {
        this.cargo.clear();
    }
    let (home, gold) = (this.home, u64::from(m.turns));
    world.send(home, Pay { gold });
    if m.turns > 0 {
        let turns = m.turns.min(5) - 1;
        world.send(this.id, Sail { turns });
        return Fate::Live;
    }
    Fate::Die
});
on!(Ship, Storm, |this, m, _world| {
    this.words ^= 1;
    if this.id.index().wrapping_add(m.at).is_multiple_of(3) {
        blow("sunk");
    }
});

#[derive(Clone, Copy, Compact)]
pub(crate) struct PlaceId(RawId);

impl From<RawId> for PlaceId {
    fn from(id: RawId) -> Self {
        PlaceId(id)
    }
}

impl From<PlaceId> for RawId {
    fn from(id: PlaceId) -> Self {
        id.0
    }
}

impl TraitId for PlaceId {
    const NAME: &'static str = "journal_test::Place";
    const FINGERPRINT: u64 = crate::fingerprint(Self::NAME);
}

pub(super) fn setup(registry: &mut Registry) {
    registry.register::<Town>();
    registry.register::<Ship>();
}

/// Three shards: so that there are ids of a fourth, which is not there.
pub(super) fn settings() -> Settings {
    Settings::default().threads(1).shards(3).seed(5)
}

/// What the host does in its step number `at`, all of which follows from that and from the world.
/// Returns whether that was an input.
pub(super) fn step(
    system: &mut ActorSystem,
    seed: u64,
    at: usize,
) -> (bool, Result<(), TurnError>) {
    let (input, resumes) = say(system, seed, at);
    (input, end(system, resumes))
}

/// What the host sends in its step number `at`. Returns whether the step is an input, and whether it
/// ends with a resume.
pub(super) fn say(system: &mut ActorSystem, seed: u64, at: usize) -> (bool, bool) {
    let mut rng = Rng::new((seed << 32) + at as u64);
    if system.is_frozen() {
        let choice = rng.below(3);
        if choice > 0 {
            send(system, &mut rng);
            let gold = at as u64;
            let first = Id::<Town>::local_first(system.world());
            system.world().send(first, Pay { gold });
        }
        return (true, choice == 2);
    }
    if rng.chance(0.3) {
        // What is drawn now shows when it is next drawn.
        let _ = system.world().rng();
        return (false, false);
    }
    for _ in 0..=rng.below(4) {
        send(system, &mut rng);
    }
    let word = system.world().rng().bits();
    let all = Id::<Town>::local_broadcast(system.world());
    system.world().send(all, Tell { word });
    (true, false)
}

/// Ends a step.
pub(super) fn end(system: &mut ActorSystem, resumes: bool) -> Result<(), TurnError> {
    if resumes {
        system.resume()
    } else {
        system.turn()
    }
}

/// Sends something.
fn send(system: &mut ActorSystem, rng: &mut Rng) {
    let towns: Vec<Id<Town>> = system.instances().map(|(id, _)| id).collect();
    let ships: Vec<Id<Ship>> = system.instances().map(|(id, _)| id).collect();
    let town = towns.get(rng.below(towns.len() as u64) as usize).copied();
    let ship = ships.get(rng.below(ships.len() as u64) as usize).copied();
    let word = rng.bits() >> 8;
    let world = system.world();
    let Some(town) = town else {
        let name = CString::from("first");
        let town = world.spawn(Found { name });
        return world.send(town, Tell { word: 4 });
    };
    let (home, cargo) = (town, (0..rng.range(0..5)).collect());
    match (rng.below(11), ship) {
        (0, _) => {
            let name = CString::from(format!("town {word}").as_str());
            world.spawn(Found { name });
        }
        (1, _) => {
            world.spawn_near(town, Launch { home, cargo });
        }
        (2, Some(ship)) => world.send(ship, Sail { turns: 2 }),
        (3, _) => {
            let first = Id::<Ship>::local_first(world);
            world.send(first, Tell { word });
        }
        (4, _) => {
            let all: PlaceId = world.local_broadcast_id();
            world.send_to_trait(all, Tell { word });
        }
        (5, Some(ship)) => world.send_to_trait(PlaceId(ship.into()), Tell { word }),
        (6, _) => {
            let nobody: Id<Town> = from_bytes(&[1, 0, 3, 0, 0, 0, 0, 0]).unwrap();
            world.send(nobody, Tell { word });
        }
        (7, _) => {
            let all = Id::<Ship>::local_broadcast(world);
            world.send(all, Storm { at: word as u32 });
        }
        _ => {
            let ship = world.spawn(Launch { home, cargo });
            world.send(
                ship,
                Sail {
                    turns: word as u8 % 4,
                },
            );
        }
    }
}
