//! The town as an earlier version of the program has saved it: types of the same names, with other fields.

use chunky::portable;
use kay_runtime::prelude::*;
use kay_runtime::{Handlers, Id, Message, RawId, Recipient, Registry, Rng, Spawner};

use crate::town::{
    Colour, Lamp, LampId, LampSpawn, LampSwitch, ListenerHear, ListenerId, Meadow, Mood, Person,
    PersonId, PersonPay, PersonRename, PersonSpawn, step_of_meadows,
};

/// Is plain as well, and lies in another way.
#[derive(Compact)]
pub struct OldLamp {
    lit: bool,
    words: u64,
    id: LampId,
    watts: u16,
    owner: Option<PersonId>,
}

/// What a lamp was before that. Nobody has such files but who makes them up.
#[derive(Compact)]
pub struct OldestLamp {
    id: LampId,
    colour: Colour,
}

#[derive(Compact)]
pub struct OldPerson {
    id: PersonId,
    heard: CVec<u32>,
    name: CString,
    mood: Option<CBox<Mood>>,
    known: CMap<CString, Colour>,
    friend: Option<ListenerId>,
}

#[derive(Compact)]
pub struct OldLampSpawn {
    owner: Option<PersonId>,
}

#[derive(Compact)]
pub struct OldPersonSpawn {
    name: CString,
    friend: Option<ListenerId>,
}

impl Actor for OldLamp {
    const NAME: &'static str = Lamp::NAME;
    const FINGERPRINT: u64 = Lamp::FINGERPRINT;

    fn register(handlers: &mut Handlers<'_, Self>) {
        handlers.spawner::<OldLampSpawn>();
        handlers.message::<LampSwitch>();
        handlers.message::<ListenerHear>();
        handlers.implements::<ListenerId>();
    }
}

impl Message for OldLampSpawn {
    const NAME: &'static str = LampSpawn::NAME;
    const FINGERPRINT: u64 = LampSpawn::FINGERPRINT;
}

impl Spawner for OldLampSpawn {
    type Actor = OldLamp;

    fn spawn(self, id: Id<OldLamp>, world: &mut World) -> OldLamp {
        OldLamp {
            lit: true,
            words: 0,
            id: of_today::<_, Lamp>(id).into(),
            watts: world.rng().bits() as u16,
            owner: self.owner,
        }
    }
}

impl Recipient<LampSwitch> for OldLamp {
    /// Panics at some, as it still does.
    fn receive(&mut self, message: LampSwitch, world: &mut World) -> Fate {
        self.lit = matches!(message.colour, Colour::Green);
        if self.words % 5 == 4 {
            std::panic::resume_unwind(Box::new("burst"));
        }
        if let Some(owner) = self.owner {
            owner.pay(self.id, self.words, world);
        }
        if matches!(message.colour, Colour::Blue) {
            Fate::Die
        } else {
            Fate::Live
        }
    }
}

impl Recipient<ListenerHear> for OldLamp {
    fn receive(&mut self, message: ListenerHear, _: &mut World) -> Fate {
        self.words = self.words.rotate_left(3) ^ message.word;
        Fate::Live
    }
}

impl Actor for OldPerson {
    const NAME: &'static str = Person::NAME;
    const FINGERPRINT: u64 = Person::FINGERPRINT;

    fn register(handlers: &mut Handlers<'_, Self>) {
        handlers.spawner::<OldPersonSpawn>();
        handlers.message::<PersonPay>();
        handlers.message::<PersonRename>();
        handlers.message::<ListenerHear>();
        handlers.implements::<ListenerId>();
    }
}

impl Message for OldPersonSpawn {
    const NAME: &'static str = PersonSpawn::NAME;
    const FINGERPRINT: u64 = PersonSpawn::FINGERPRINT;
}

impl Spawner for OldPersonSpawn {
    type Actor = OldPerson;

    fn spawn(self, id: Id<OldPerson>, _: &mut World) -> OldPerson {
        OldPerson {
            id: of_today::<_, Person>(id).into(),
            heard: CVec::new(),
            name: self.name,
            mood: None,
            known: CMap::new(),
            friend: self.friend,
        }
    }
}

impl Recipient<PersonPay> for OldPerson {
    fn receive(&mut self, message: PersonPay, _: &mut World) -> Fate {
        let of = Some(self.id);
        let why = self.name.clone();
        self.mood = (!message.gold.is_multiple_of(3)).then(|| CBox::new(Mood::Fond { of, why }));
        self.known.insert(self.name.clone(), Colour::Green);
        Fate::Live
    }
}

impl Recipient<PersonRename> for OldPerson {
    const ESSENTIAL: bool = true;

    fn receive(&mut self, message: PersonRename, _: &mut World) -> Fate {
        self.name = message.name;
        Fate::Live
    }
}

impl Recipient<ListenerHear> for OldPerson {
    fn receive(&mut self, message: ListenerHear, world: &mut World) -> Fate {
        if self.heard.len() >= 5 {
            self.heard.clear();
        }
        self.heard.push(message.word as u32);
        if let Some(friend) = self.friend
            && !message.word.is_multiple_of(8)
        {
            friend.hear(message.word / 8, world);
        }
        Fate::Live
    }
}

/// The same id, of the type that has this name now.
fn of_today<Old: Actor, Now: Actor>(id: Id<Old>) -> Id<Now> {
    let bytes = portable::to_bytes(&id).expect("an id can be written");
    portable::from_bytes(&bytes).expect("no id says of what type it is")
}

pub fn setup(registry: &mut Registry) {
    registry.register::<OldLamp>();
    registry.register::<OldPerson>();
    // It has not changed.
    registry.register::<Meadow>();
}

/// That of the version of today, which makes its instances of the earlier ones.
pub fn setup_of_today(registry: &mut Registry) {
    crate::setup(registry);
    registry.migrate(|old: OldestLamp| Lamp::renewed(old.id, None, old.colour, 0));
    registry.migrate(|old: OldLamp| {
        let colour = if old.lit { Colour::Green } else { Colour::Red };
        Lamp::renewed(old.id, old.owner, colour, old.words)
    });
    registry.migrate(|old: OldPerson| {
        let mood = old.mood.map_or(Mood::Calm, CBox::into_inner);
        let heard = old.heard.iter().map(|&word| word.into()).collect();
        let known = (0..).zip(old.known.iter().map(|(name, _)| name.clone()));
        Person::renewed(old.id, old.name, mood, heard, known.collect(), old.friend)
    });
}

/// What the host did in its step of this number.
pub fn step(system: &mut ActorSystem, at: u64) {
    let mut rng = Rng::new(at);
    let people: Vec<Id<OldPerson>> = system.instances().map(|(id, _)| id).collect();
    let lamps: Vec<Id<OldLamp>> = system.instances().map(|(id, _)| id).collect();
    let person = people.get(rng.below(people.len() as u64) as usize).copied();
    let lamp = lamps.get(rng.below(lamps.len() as u64) as usize).copied();
    let owner = person.map(|id| of_today::<_, Person>(id).into());
    step_of_meadows(system, at, owner);
    let world = system.world();
    let name = CString::from(format!("old person {at}").as_str());
    match (at % 6, owner, lamp) {
        (0 | 1, ..) | (5, None, _) => {
            let friend = lamp.map(|id| RawId::from(id).into());
            world.spawn(OldPersonSpawn { name, friend });
            world.spawn(OldLampSpawn { owner });
        }
        (2, _, Some(lamp)) => {
            let colour = Colour::Blue;
            world.send(lamp, LampSwitch { colour });
        }
        (3, ..) => LampId::local_broadcast(world).switch(Colour::Red, world),
        (5, Some(person), _) => person.rename(name, CVec::new(), world),
        _ => ListenerId::local_broadcast(world).hear(rng.bits(), world),
    }
    let _ = system.turn();
    if at % 7 == 6 {
        let _ = system.resume();
    }
}
