//! Actors of kay that do what the logic says, with all that state and messages can consist of.

use kay_runtime::{
    Actor, CBox, CMap, CString, CVec, Compact, Fate, Id, RawId, Recipient, Registry, TraitId,
    World, fingerprint, portable,
};

use crate::common::blow;
use crate::letter::{Kind, Letter, Note, TYPES};
use crate::logic::{Core, Outcome, begin, receive};
use crate::sending::InKay;
use crate::{actor, message, on, spawn};

/// State in which nothing has to be dropped.
#[derive(Compact)]
pub(crate) struct Plain {
    core: Core,
    noise: u64,
}

/// State with parts that grow.
#[derive(Compact)]
pub(crate) struct Diary {
    core: Core,
    noise: u64,
    entries: CVec<u64>,
    name: CString,
}

/// State with parts in parts.
#[derive(Compact)]
pub(crate) struct Moody {
    core: Core,
    noise: u64,
    memories: CMap<u64, CVec<u64>>,
    mood: Mood,
    secret: Option<CBox<u64>>,
    last: [u32; 9],
}

#[derive(Compact)]
enum Mood {
    Calm,
    Wild(u64),
    Odd { parts: CVec<u32> },
}

message!(Poke { note: Note, from: Option<RawId> });
message!(Say { note: Note, text: CString, friends: CVec<RawId> });
message!(Call { note: Note });
message!(Big { note: Note, boxed: CBox<[u64; 4]>, more: [u64; 150] });
message!(NewPlain { note: Note, name: CString, parent: Option<RawId> });
message!(NewDiary { note: Note, name: CString, parent: Option<RawId> });
message!(NewMoody { note: Note, name: CString, parent: Option<RawId> });
message!(SeedPlain { note: Note });
message!(SeedDiary { note: Note });
message!(SeedMoody { note: Note });

/// Any actor.
#[derive(Clone, Copy, Compact)]
pub(crate) struct AnyId(pub(crate) RawId);

impl From<RawId> for AnyId {
    fn from(id: RawId) -> Self {
        AnyId(id)
    }
}

impl From<AnyId> for RawId {
    fn from(id: AnyId) -> Self {
        id.0
    }
}

impl TraitId for AnyId {
    const NAME: &'static str = "model::Any";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

/// What an actor is beside its core, of which the model knows nothing.
pub(crate) trait Body: Actor {
    fn new(core: Core, noise: u64, name: CString) -> Self;
    fn core(&self) -> &Core;
    /// The core, and a sum of random numbers.
    fn parts(&mut self) -> (&mut Core, &mut u64);
    /// Remembers that something has happened.
    fn note(&mut self, _: Kind) {}
    /// Whether it fits the core.
    fn is_sound(&self) -> bool {
        true
    }
}

impl Body for Plain {
    fn new(core: Core, noise: u64, _: CString) -> Self {
        Plain { core, noise }
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn parts(&mut self) -> (&mut Core, &mut u64) {
        (&mut self.core, &mut self.noise)
    }
}

impl Body for Diary {
    fn new(core: Core, noise: u64, name: CString) -> Self {
        let entries = CVec::new();
        #[rustfmt::skip]
        return Diary { core, noise, entries, name };
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn parts(&mut self) -> (&mut Core, &mut u64) {
        (&mut self.core, &mut self.noise)
    }

    fn note(&mut self, _: Kind) {
        if self.entries.len() > 20 {
            self.entries.clear();
        }
        self.entries.push(self.core.hash);
    }

    fn is_sound(&self) -> bool {
        self.entries
            .last()
            .is_none_or(|&last| last == self.core.hash)
    }
}

impl Body for Moody {
    fn new(core: Core, noise: u64, _: CString) -> Self {
        Moody {
            mood: Mood::at(core.hash),
            core,
            noise,
            memories: CMap::new(),
            secret: None,
            last: [0; 9],
        }
    }

    fn core(&self) -> &Core {
        &self.core
    }

    fn parts(&mut self) -> (&mut Core, &mut u64) {
        (&mut self.core, &mut self.noise)
    }

    fn note(&mut self, kind: Kind) {
        let hash = self.core.hash;
        let mut memories = self.memories.remove(&(hash % 7)).unwrap_or_default();
        if !hash.is_multiple_of(5) {
            if memories.len() > 6 {
                memories.clear();
            }
            memories.push(hash);
            self.memories.insert(hash % 7, memories);
        }
        self.mood = Mood::at(hash);
        self.secret = hash.is_multiple_of(2).then(|| CBox::new(hash));
        self.last[kind as usize] = hash as u32;
    }

    fn is_sound(&self) -> bool {
        let hash = self.core.hash;
        match &self.mood {
            Mood::Calm => hash.is_multiple_of(3),
            Mood::Wild(seen) => hash % 3 == 1 && *seen == hash,
            Mood::Odd { parts } => hash % 3 == 2 && parts[2] == hash as u32,
        }
    }
}

impl Mood {
    fn at(hash: u64) -> Mood {
        match hash % 3 {
            0 => Mood::Calm,
            1 => Mood::Wild(hash),
            _ => Mood::Odd {
                parts: CVec::from([1, 2, hash as u32]),
            },
        }
    }
}

fn handle<A: Body>(this: &mut A, letter: Letter, world: &mut World) -> Fate {
    let (core, noise) = this.parts();
    let outcome = receive(core, &letter, &mut InKay(world));
    *noise = noise.rotate_left(5) ^ draw(core.hash, world);
    this.note(letter.kind);
    match outcome {
        Outcome::Live => Fate::Live,
        Outcome::Die => Fate::Die,
        Outcome::Panic => blow("it was too much"),
    }
}

fn make<A: Body>(id: Id<A>, letter: Letter, name: CString, world: &mut World) -> A {
    let (core, outcome) = begin(id.into(), &letter, &mut InKay(world));
    let noise = draw(core.hash, world);
    if outcome == Outcome::Panic {
        blow("it is not to be");
    }
    A::new(core, noise, name)
}

/// Random numbers, now and then.
fn draw(hash: u64, world: &mut World) -> u64 {
    if hash.is_multiple_of(3) {
        world.rng().bits() ^ world.rng().bits().rotate_left(7)
    } else {
        0
    }
}

fn said(message: &Say) -> Letter {
    let mut letter = Letter::new(Kind::Say, message.note);
    letter.text = message.text.to_string();
    letter.friends = message.friends.to_vec();
    letter
}

/// Declares what an actor type handles.
macro_rules! behaves {
    ($actor:ident, $new:ident, $seed:ident) => {
        actor!($actor, messages: [Poke, Say, Call, Big], spawners: [$new, $seed], traits: [AnyId]);
        on!($actor, Poke, |this, m, world| {
            let mut letter = Letter::new(Kind::Poke, m.note);
            letter.from = m.from;
            handle(this, letter, world)
        });
        on!($actor, Call, essential: true, |this, m, world| {
            handle(this, Letter::new(Kind::Call, m.note), world)
        });
        on!($actor, Big, |this, m, world| {
            assert_eq!((m.boxed[3], m.more[149]), (m.note.seed, m.note.seed));
            handle(this, Letter::new(Kind::Big, m.note), world)
        });
        impl Recipient<Say> for $actor {
            fn receive(&mut self, message: Say, world: &mut World) -> Fate {
                handle(self, said(&message), world)
            }

            fn receive_shared(&mut self, message: &Say, world: &mut World) -> Fate {
                handle(self, said(message), world)
            }
        }
        spawn!($actor, $new, |m, id, world| {
            let mut letter = Letter::new(Kind::New, m.note);
            letter.from = m.parent;
            letter.text = m.name.to_string();
            make(id, letter, m.name, world)
        });
        spawn!($actor, $seed, |m, id, world| {
            make(id, Letter::new(Kind::Seed, m.note), CString::new(), world)
        });
    };
}

behaves!(Plain, NewPlain, SeedPlain);
behaves!(Diary, NewDiary, SeedDiary);
behaves!(Moody, NewMoody, SeedMoody);

pub(crate) fn setup(registry: &mut Registry) {
    registry.register::<Plain>();
    registry.register::<Diary>();
    registry.register::<Moody>();
}

/// Their paths.
pub(crate) const NAMES: [&str; TYPES] = [Plain::NAME, Diary::NAME, Moody::NAME];

/// What `RawId`s say of their types.
const TAGS: [u32; TYPES] = [
    Plain::FINGERPRINT as u32,
    Diary::FINGERPRINT as u32,
    Moody::FINGERPRINT as u32,
];

/// An id that was perhaps never given.
pub(crate) fn raw_id(of: usize, index: u32, generation: u16) -> RawId {
    let address = u64::from(index) << 16 | u64::from(generation);
    let parts = [TAGS[of], (address >> 32) as u32, address as u32];
    portable::from_bytes(&parts.map(u32::to_le_bytes).concat()).unwrap()
}

pub(crate) fn type_of(id: RawId) -> usize {
    let bytes = portable::to_bytes(&id).unwrap();
    let tags = TAGS.map(u32::to_le_bytes);
    tags.iter().position(|tag| bytes.starts_with(tag)).unwrap()
}

pub(crate) fn typed<A: Actor>(id: RawId) -> Id<A> {
    let address = u64::from(id.index()) << 16 | u64::from(id.generation());
    portable::from_bytes(&address.to_le_bytes()).unwrap()
}
