//! A small world with something of everything that can be in a file.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use kay_runtime::inspect::{SavedWorld, WorldFiles};
use kay_runtime::prelude::*;
use kay_runtime::{OpenError, Recovery, Rng};

use crate::files::{Journal, Snapshot};

kay_runtime::kay_auto!();

/// The first part of the journal, and the snapshot that is put beside it.
pub const JOURNAL: &str = "inputs-000000000000";
pub const SNAPSHOT: &str = "snapshot-000000000001";

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

/// Is plain, so it is used where it lies in a file.
#[derive(Compact)]
pub struct Lamp {
    id: LampId,
    owner: Option<PersonId>,
    colour: Colour,
    lit: bool,
    words: u64,
}

impl Lamp {
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

pub fn settings() -> Settings {
    Settings::default().threads(1).shards(2).seed(3)
}

pub fn open(directory: &Path) -> Result<(ActorSystem, Recovery), OpenError> {
    ActorSystem::open(directory, settings(), crate::setup)
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

/// A directory for worlds, on the file system for temporary files, which should be in memory.
pub fn directory() -> PathBuf {
    let directory = std::env::temp_dir().join(format!("kay-town-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory for temporary files");
    directory
}

/// Removes what is in a directory, and puts these files there.
pub fn put(directory: &Path, files: &[(&str, &[u8])]) {
    for file in fs::read_dir(directory).expect("the directory was there") {
        fs::remove_file(file.expect("an entry").path()).expect("a file");
    }
    for (name, bytes) in files {
        fs::write(directory.join(name), bytes).expect("there is room in memory");
    }
}

/// A world's story.
pub struct Story {
    /// A snapshot before each step, and the journal as it was then.
    pub moments: Vec<(Snapshot, Vec<u8>)>,
    /// The journal at the end.
    pub journal: Vec<u8>,
}

impl Story {
    /// Several ones, the same every time. The run of each, which a real world draws, is its number.
    pub fn all(directory: &Path) -> Vec<Story> {
        let stories = (0..).zip([(0, 12), (3, 30)]);
        stories
            .map(|(run, (start, steps))| Story::tell(directory, run, start, steps))
            .collect()
    }

    fn tell(directory: &Path, run: u128, start: u64, steps: u64) -> Story {
        put(directory, &[]);
        let (mut system, _) = open(directory).expect("a new world");
        let mut moments = Vec::new();
        let read = |name: &str| fs::read(directory.join(name)).expect("a file of the world");
        let journal = || {
            let mut journal = Journal::parse(&read(JOURNAL)).expect("a journal");
            journal.run = run;
            journal.write()
        };
        for at in start..start + steps {
            system.snapshot().expect("a snapshot");
            system.wait_for_snapshot().expect("a snapshot");
            let newest = WorldFiles::read(directory).expect("a directory").newest;
            let file = read(&newest.expect("one was taken"));
            let other = |number| Some(read(&format!("snapshot-{number:012}")));
            let mut snapshot = Snapshot::parse(&file, other).expect("a snapshot");
            snapshot.run = run;
            moments.push((snapshot, journal()));
            step(&mut system, at);
        }
        system.close().expect("the disk is in memory");
        Story {
            moments,
            journal: journal(),
        }
    }
}

fn said<T, E: Display>(outcome: Result<T, E>) -> Option<T> {
    outcome
        .map_err(|error| assert!(!error.to_string().is_empty()))
        .ok()
}

/// Whatever is in the directory: it is refused, or it is a world that works. Says which. If it can be looked into,
/// it can be compared with another one.
pub fn is_borne(directory: &Path, other: Option<&SavedWorld>) -> bool {
    if let Some(files) = said(WorldFiles::read(directory)) {
        files
            .refused
            .iter()
            .for_each(|error| assert!(!error.to_string().is_empty()));
    }
    if let Some(world) = said(SavedWorld::open(directory)) {
        said(world.summary());
        let wrong = world.verify(|_| ());
        wrong
            .iter()
            .for_each(|error| assert!(!error.to_string().is_empty()));
        if let Some(comparison) = said(world.compare(&world)) {
            // Layouts that make no sense are not those of anything.
            let has_sense = wrong.is_empty() && comparison.schema.is_empty();
            assert!(!has_sense || comparison.is_same(), "{comparison:?}");
        }
    }
    if let (Some(world), Some(other)) = (said(SavedWorld::open(directory)), other) {
        said(world.compare(other));
        said(other.compare(&world));
    }
    let Some((mut system, _)) = said(open(directory)) else {
        return false;
    };
    for at in 90..92 {
        step(&mut system, at);
    }
    let _ = (system.statistics(), format!("{:?}", system.panics()));
    system.snapshot().expect("what was read can be written");
    system
        .wait_for_snapshot()
        .expect("what was read can be written");
    let hash = system.state_hash();
    drop(system);
    // What it has written is good, and the same world.
    let (mut again, recovery) = open(directory).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recovery.refused, []);
    assert_eq!(again.state_hash(), hash);
    true
}
