//! A small world with something of everything that can be in a file.

use kay_runtime::Rng;
use kay_runtime::prelude::*;

kay_runtime::kay_auto!();

/// Who hears words.
pub trait Listener {
    fn hear(&mut self, word: u64, world: &mut World);
}

#[derive(Clone, Copy, Compact)]
pub enum Colour {
    Red,
    Green,
    Blue,
}

#[derive(Compact)]
pub enum Mood {
    Calm,
    Angry(u32),
    Fond { of: Option<PersonId>, why: CString },
}

/// Is plain.
#[derive(Compact)]
pub struct Lamp {
    id: LampId,
    owner: Option<PersonId>,
    colour: Colour,
    lit: bool,
    words: u64,
}

impl Lamp {
    /// Made of what an earlier version of the program has saved.
    pub fn renewed(id: LampId, owner: Option<PersonId>, colour: Colour, words: u64) -> Lamp {
        Lamp {
            id,
            owner,
            colour,
            lit: true,
            words,
        }
    }

    pub fn spawn(id: LampId, owner: Option<PersonId>, _: &mut World) -> Lamp {
        Lamp {
            id,
            owner,
            colour: Colour::Red,
            lit: true,
            words: 0,
        }
    }

    /// Panics at some, without a message on the screen.
    pub fn switch(&mut self, colour: Colour, world: &mut World) -> Fate {
        (self.colour, self.lit) = (colour, !self.lit);
        if self.words % 5 == 4 {
            std::panic::resume_unwind(Box::new("burst"));
        }
        if let Some(owner) = self.owner {
            owner.pay(self.id, self.words, world);
        }
        if matches!(colour, Colour::Blue) {
            Fate::Die
        } else {
            Fate::Live
        }
    }
}

impl Listener for Lamp {
    fn hear(&mut self, word: u64, _: &mut World) {
        self.words = self.words.rotate_left(3) ^ word;
    }
}

/// Has parts elsewhere of all kinds.
#[derive(Compact)]
pub struct Person {
    id: PersonId,
    name: CString,
    mood: Mood,
    heard: CVec<u64>,
    rooms: CVec<CVec<Colour>>,
    known: CMap<u32, CString>,
    friend: Option<ListenerId>,
    home: CBox<(u16, CString)>,
}

impl Person {
    /// As for a [`Lamp`].
    pub fn renewed(
        id: PersonId,
        name: CString,
        mood: Mood,
        heard: CVec<u64>,
        known: CMap<u32, CString>,
        friend: Option<ListenerId>,
    ) -> Person {
        let home = CBox::new((0, name.clone()));
        Person {
            id,
            name,
            mood,
            heard,
            rooms: CVec::new(),
            known,
            friend,
            home,
        }
    }

    pub fn spawn(
        id: PersonId,
        name: CString,
        friend: Option<ListenerId>,
        world: &mut World,
    ) -> Person {
        let home = CBox::new((world.rng().bits() as u16, name.clone()));
        Person {
            id,
            name,
            mood: Mood::Calm,
            heard: CVec::new(),
            rooms: CVec::new(),
            known: CMap::new(),
            friend,
            home,
        }
    }

    /// What comes of it ends soon, whatever state anyone is in.
    pub fn pay(&mut self, lamp: LampId, gold: u64, world: &mut World) {
        self.known.insert(gold as u32 % 7, self.name.clone());
        self.rooms.push(CVec::from([Colour::Green, Colour::Blue]));
        self.rooms.truncate(4);
        self.home.0 = self.home.0.wrapping_add(world.rng().bits() as u16);
        self.mood = match gold % 3 {
            0 => Mood::Calm,
            1 => Mood::Angry(lamp.index()),
            _ => Mood::Fond {
                of: Some(self.id),
                why: self.name.clone(),
            },
        };
        if gold.is_multiple_of(4) && self.heard.len() < 4 {
            LampId::spawn(Some(self.id), world);
        }
    }

    #[kay_runtime::essential]
    pub fn rename(&mut self, name: &CString, rooms: CVec<CVec<Colour>>, _: &mut World) {
        (self.name, self.rooms) = (name.clone(), rooms);
    }
}

impl Listener for Person {
    fn hear(&mut self, word: u64, world: &mut World) {
        if self.heard.len() >= 5 {
            self.heard.clear();
        }
        self.heard.push(word);
        if let Some(friend) = self.friend
            && !word.is_multiple_of(8)
        {
            friend.hear(word / 8, world);
        }
    }
}

/// Is plain, and so large that a single one is used where it lies in a file, and first looked at when somebody wants it.
#[derive(Compact)]
pub struct Meadow {
    id: MeadowId,
    owner: Option<PersonId>,
    colour: Colour,
    is_mown: bool,
    grass: [u64; 1100],
}

impl Meadow {
    pub fn spawn(id: MeadowId, owner: Option<PersonId>, _: &mut World) -> Meadow {
        Meadow {
            id,
            owner,
            colour: Colour::Green,
            is_mown: false,
            grass: [0; 1100],
        }
    }

    /// Ends now and then.
    pub fn mow(&mut self, at: u64, world: &mut World) -> Fate {
        self.is_mown = !self.is_mown;
        self.grass[at as usize % 1100] += u64::from(self.id.index()) + 1;
        if let (Some(owner), Colour::Green | Colour::Blue) = (self.owner, self.colour) {
            ListenerId::from(owner).hear(at, world);
        }
        if at % 9 == 8 { Fate::Die } else { Fate::Live }
    }
}

/// What the host does with meadows in its step of this number.
pub fn step_of_meadows(system: &mut ActorSystem, at: u64, owner: Option<PersonId>) {
    // To count them is not to look at them.
    let few = system.population::<Meadow>() < 2;
    let world = system.world();
    match at % 5 {
        0 if few => drop(MeadowId::spawn(owner, world)),
        3 => MeadowId::local_broadcast(world).mow(at, world),
        _ => (),
    }
}

/// What the host does in its step of this number.
pub fn step(system: &mut ActorSystem, at: u64) {
    let mut rng = Rng::new(at);
    let people: Vec<PersonId> = system
        .instances::<Person>()
        .map(|(id, _)| id.into())
        .collect();
    let lamps: Vec<LampId> = system
        .instances::<Lamp>()
        .map(|(id, _)| id.into())
        .collect();
    let person = people.get(rng.below(people.len() as u64) as usize).copied();
    let lamp = lamps.get(rng.below(lamps.len() as u64) as usize).copied();
    step_of_meadows(system, at, person);
    let world = system.world();
    let name = CString::from(format!("person {at}").as_str());
    match (at % 6, person, lamp) {
        (0, ..) | (1, None, _) => {
            let person = PersonId::spawn(name, lamp.map(Into::into), world);
            ListenerId::from(person).hear(at, world);
        }
        (1, Some(person), _) => {
            LampId::spawn(Some(person), world).switch(Colour::Green, world);
            person.rename(name, CVec::from([CVec::from([Colour::Red])]), world);
        }
        (2, _, Some(lamp)) => lamp.switch(Colour::Blue, world),
        (3, ..) => LampId::local_broadcast(world).switch(Colour::Red, world),
        (4, ..) => ListenerId::local_broadcast(world).hear(world.rng().bits(), world),
        _ => ListenerId::from(PersonId::local_first(world)).hear(at, world),
    }
    let _ = system.turn();
    if at % 7 == 6 {
        let _ = system.resume();
    }
}
