//! A town whose people talk, and a world of them in a directory.

use std::path::Path;

use kay_runtime::{
    ActorSystem, CString, CVec, Compact, External, Fate, Id, OpenError, RawId, Recovery, Registry,
    Rng, Settings, TraitId, TurnError,
};

use crate::common::blow;
use crate::{actor, message, on, spawn};

#[derive(Compact)]
pub struct Person {
    pub id: Id<Person>,
    pub name: CString,
    pub heard: CVec<u64>,
    pub friend: Option<Id<Person>>,
}

#[derive(Compact)]
pub struct Clock {
    pub ticks: u64,
    pub file: External<u32>,
}

message!(NewPerson { name: CString, friend: Option<Id<Person>> });
message!(NewClock { file: External<u32> });
message!(Hear { word: u64 });
message!(Tick {});
message!(Swap { file: External<u32> });
message!(
    /// Panics at those whose index is a multiple.
    Scare { of: u32 }
);
message!(
    /// Is still handled while the world is frozen.
    Call { word: u64 }
);
message!(Leave {});

actor!(Person, messages: [Hear, Scare, Call, Leave], spawners: [NewPerson], traits: [ListenerId]);
actor!(Clock, messages: [Hear, Tick, Swap], spawners: [NewClock], traits: [ListenerId]);
spawn!(Person, NewPerson, |m, id, world| Person {
    id,
    name: m.name,
    heard: CVec::from([world.rng().bits()]),
    friend: m.friend
});
spawn!(Clock, NewClock, |m, _id, _world| Clock {
    ticks: 0,
    file: m.file
});
on!(Person, Hear, |this, m, world| {
    let word = m.word ^ world.rng().bits();
    if this.heard.len() > 9 {
        this.heard.clear();
    }
    this.heard.push(word);
    if let Some(friend) = this.friend
        && word.is_multiple_of(3)
    {
        world.send(friend, Hear { word });
    }
    if word.is_multiple_of(64) {
        let name = this.name.duplicate();
        let friend = Some(this.id);
        world.spawn(NewPerson { name, friend });
    }
});
on!(Person, Scare, |this, m, _world| {
    this.heard.push(0);
    if m.of > 0 && this.id.index().is_multiple_of(m.of) {
        blow("scared");
    }
});
on!(Person, Call, essential: true, |this, m, _world| this.heard.push(m.word));
on!(Person, Leave, |_this, _m, _world| Fate::Die);
on!(Clock, Hear, |this, m, _world| this.ticks ^= m.word);
on!(Clock, Tick, |this, _m, _world| this.ticks += 1);
on!(Clock, Swap, |this, m, _world| this.file = m.file);

#[derive(Clone, Copy, Compact)]
pub struct ListenerId(pub RawId);

impl From<RawId> for ListenerId {
    fn from(id: RawId) -> Self {
        ListenerId(id)
    }
}

impl From<ListenerId> for RawId {
    fn from(id: ListenerId) -> Self {
        id.0
    }
}

impl TraitId for ListenerId {
    const NAME: &'static str = "persistence::Listener";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

pub fn setup(registry: &mut Registry) {
    registry.register::<Person>();
    registry.register::<Clock>();
}

pub fn settings() -> Settings {
    Settings::default().threads(1).shards(5).seed(11)
}

pub fn open(directory: &Path, settings: Settings) -> Result<(ActorSystem, Recovery), OpenError> {
    ActorSystem::open(directory, settings, setup)
}

/// A world that is in no directory.
pub fn new(settings: Settings) -> ActorSystem {
    ActorSystem::new(settings, setup).unwrap()
}

pub fn person(system: &mut ActorSystem, name: &str) -> Id<Person> {
    let name = name.into();
    let friend = None;
    system.world().spawn(NewPerson { name, friend })
}

/// The host's next turn. What it sends follows from the number of the turn, and from its own
/// random numbers.
pub fn turn(system: &mut ActorSystem) -> Result<(), TurnError> {
    let number = system.turns();
    let mut rng = Rng::new(number);
    let people: Vec<Id<Person>> = system.instances().map(|(id, _)| id).collect();
    if people.len() < 4 || rng.chance(0.3) {
        let friend = people.last().copied();
        let name = CString::from(format!("person {number}").as_str());
        let id = system.world().spawn(NewPerson { name, friend });
        system.world().send(id, Hear { word: number });
    }
    for _ in 0..rng.below(5) {
        let word = system.world().rng().bits();
        if let Some(&id) = people.get(rng.below(people.len() as u64) as usize) {
            system.world().send(id, Hear { word });
        }
    }
    if people.len() > 30 {
        system.world().send(people[0], Leave {});
    }
    let all: ListenerId = system.world().local_broadcast_id();
    system.world().send_to_trait(all, Hear { word: number });
    system.turn()
}
