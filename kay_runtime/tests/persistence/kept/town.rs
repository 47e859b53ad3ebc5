//! The town that is kept. What its types consist of, and their paths, are in the files of releases: if one has to
//! change, let it be a new town, beside this one.

use std::num::NonZero;

use kay_runtime::{
    ActorSystem, CBox, CMap, CString, CVec, Compact, External, Fate, Id, RawId, Registry, Settings,
    TraitId,
};

use crate::common::blow;
use crate::{actor, message, on, spawn};

/// Is plain, and told of all words.
#[derive(Compact)]
pub struct Clock {
    pub ticks: u64,
    pub rate: f32,
    pub loud: bool,
    pub season: Season,
    pub owner: Option<Id<Person>>,
    pub grid: [(u8, u32); 2],
}

#[derive(Clone, Copy, Compact)]
pub enum Season {
    Summer,
    Winter = 7,
}

/// Has all that is not plain.
#[derive(Compact)]
pub struct Person {
    pub name: CString,
    pub heard: CVec<u64>,
    pub home: CBox<Home>,
    pub plan: Plan,
    pub friend: Option<Id<Person>>,
    pub listener: Option<ListenerId>,
    pub ledger: CMap<CString, i32>,
    pub file: External<u32>,
}

#[derive(Compact)]
pub struct Home {
    pub street: CString,
    pub number: Option<NonZero<u16>>,
    pub before: Option<CBox<Home>>,
}

#[derive(Compact)]
pub enum Plan {
    Rest,
    Visit(Id<Person>, u8),
    Travel { to: CString, by: CVec<char> },
}

/// Lives for so many turns in which it is told to go on.
#[derive(Compact)]
pub struct Errand {
    pub left: u32,
}

message!(NewClock { season: Season });
message!(NewPerson { name: CString, friend: Option<Id<Person>> });
message!(NewErrand { left: u32 });
message!(Hear { word: u64 });
message!(Bear { name: CString });
message!(Pay {
    to: CString,
    amount: i32
});
message!(Decide { plan: Plan });
message!(GoOn {});
message!(Scare { loud: bool });
message!(
    /// Is still handled while the world is frozen.
    Call { word: u64 }
);

actor!(Clock, messages: [Hear], spawners: [NewClock], traits: [ListenerId]);
actor!(
    Person,
    messages: [Hear, Bear, Pay, Decide, Scare, Call],
    spawners: [NewPerson],
    traits: [ListenerId]
);
actor!(Errand, messages: [GoOn], spawners: [NewErrand]);

spawn!(Clock, NewClock, |m, _id, world| Clock {
    ticks: 0,
    rate: world.rng().below(100) as f32 / 4.0,
    loud: true,
    season: m.season,
    owner: None,
    grid: [(1, 2), (3, 4)],
});
spawn!(Person, NewPerson, |m, id, world| {
    let old = Home {
        street: "Field Lane".into(),
        number: None,
        before: None,
    };
    let home = Home {
        street: "High Street".into(),
        number: NonZero::new(1 + world.rng().below(99) as u16),
        before: Some(CBox::new(old)),
    };
    Person {
        name: m.name,
        heard: CVec::new(),
        home: CBox::new(home),
        plan: Plan::Rest,
        friend: m.friend,
        listener: m.friend.map(|_| ListenerId(id.into())),
        ledger: CMap::new(),
        file: External::empty(),
    }
});
spawn!(Errand, NewErrand, |m, _id, _world| Errand { left: m.left });

on!(Clock, Hear, |this, m, world| {
    this.ticks = this.ticks * 10 + m.word;
    this.loud = world.rng().chance(0.5);
    this.owner = this.owner.or(Some(Id::local_first(world)));
});
on!(Person, Hear, |this, m, world| {
    this.heard.push(m.word + world.rng().below(100));
    // Passed on, so that it is on its way in each turn.
    if let (Some(friend), 1..) = (this.friend, m.word) {
        world.send(friend, Hear { word: m.word - 1 });
    }
});
on!(Person, Bear, |this, m, world| {
    let child = world.spawn(NewPerson {
        name: m.name,
        friend: this.friend,
    });
    world.send(child, Hear { word: 40 });
    this.friend = Some(child);
});
on!(Person, Pay, |this, m, _world| {
    let paid = this.ledger.get_or_insert_with(m.to, || 0);
    *paid += m.amount;
});
on!(Person, Decide, |this, m, _world| this.plan = m.plan);
on!(Person, Scare, |_this, m, _world| {
    if m.loud {
        blow("scared");
    }
});
on!(Person, Call, essential: true, |this, m, _world| this.heard.push(m.word));
on!(Errand, GoOn, |this, _m, _world| {
    this.left -= 1;
    match this.left {
        0 => Fate::Die,
        _ => Fate::Live,
    }
});

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
    const NAME: &'static str = "persistence::kept::Listener";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

pub fn setup(registry: &mut Registry) {
    registry.register::<Clock>();
    registry.register::<Person>();
    registry.register::<Errand>();
}

pub fn settings() -> Settings {
    Settings::default().threads(1).shards(2).seed(11)
}

/// What happens in a town that has just been opened: a snapshot is taken when all sorts of things are on their way, and
/// the journal goes on behind it.
pub fn live(system: &mut ActorSystem) {
    let person = |system: &mut ActorSystem, name: &str, friend| {
        let name = name.into();
        system.world().spawn(NewPerson { name, friend })
    };
    let everyone: fn(&mut ActorSystem, u64) = |system, word| {
        let all: ListenerId = system.world().local_broadcast_id();
        system.world().send_to_trait(all, Hear { word });
    };
    for season in [Season::Summer, Season::Winter] {
        system.world().spawn(NewClock { season });
    }
    let ann = person(system, "Ann", None);
    let bob = person(system, "Bob", Some(ann));
    for left in 1..5 {
        system.world().spawn(NewErrand { left });
    }
    system.turn().unwrap();
    everyone(system, 3);
    let name = "Cynthia".into();
    system.world().send(bob, Bear { name });
    let (to, by) = ("the sea".into(), CVec::from(['o', 'x']));
    let plan = Plan::Travel { to, by };
    system.world().send(ann, Decide { plan });
    for _ in 0..2 {
        let all = Id::<Errand>::local_broadcast(system.world());
        system.world().send(all, GoOn {});
        system.turn().unwrap();
    }
    let amount = system.world().rng().below(50) as i32;
    for (to, amount) in [("baker", amount), ("smith", -7), ("baker", 100)] {
        let to = to.into();
        system.world().send(ann, Pay { to, amount });
    }
    system.turn().unwrap();
    // Now one errand is done and its slot on its way back, words are passed on, and nobody has seen Dora yet.
    let all = Id::<Errand>::local_broadcast(system.world());
    system.world().send(all, GoOn {});
    everyone(system, 2);
    system.turn().unwrap();
    let dora = person(system, "Dora", Some(bob));
    system.world().send(dora, Hear { word: 5 });
    // The third one leaves in the file of the first one what has not changed.
    for _ in 0..3 {
        system.snapshot().unwrap();
    }
    let plan = Plan::Visit(dora, 3);
    system.world().send(bob, Decide { plan });
    system.turn().unwrap();
    system.world().send(dora, Scare { loud: true });
    everyone(system, 1);
    system.turn().unwrap_err();
    let all = Id::<Person>::local_broadcast(system.world());
    system.world().send(all, Call { word: 1000 });
    system.turn().unwrap_err();
    system.resume().unwrap();
    person(system, "Emil", None);
    system.world().spawn(NewErrand { left: 9 });
    let word = system.world().rng().below(9);
    everyone(system, word);
    system.turn().unwrap();
}
