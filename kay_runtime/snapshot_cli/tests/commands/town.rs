//! A small world in a directory, with a snapshot.

use std::path::{Path, PathBuf};

use kay_runtime::{ActorSystem, CString, CVec, Compact, Fate, Id, Registry, Settings};

use crate::common::blow;
use crate::{actor, message, on, spawn};

#[derive(Compact)]
pub struct Person {
    id: Id<Person>,
    name: CString,
    heard: CVec<u64>,
}

#[derive(Compact)]
pub struct Clock {
    ticks: u64,
    rings: bool,
}

message!(NewPerson { name: CString });
message!(NewClock {});
message!(Hear { word: u64 });
message!(Scare { loud: bool });
message!(Leave {});
message!(Tick {});

actor!(Person, messages: [Hear, Scare, Leave], spawners: [NewPerson]);
actor!(Clock, messages: [Tick], spawners: [NewClock]);
spawn!(Person, NewPerson, |m, id, _world| Person {
    id,
    name: m.name,
    heard: CVec::new()
});
spawn!(Clock, NewClock, |_m, _id, _world| Clock {
    ticks: 0,
    rings: false
});
on!(Person, Hear, |this, m, _world| this.heard.push(m.word));
on!(Person, Scare, |this, m, _world| {
    if m.loud {
        blow(format!("{} is scared", this.id));
    }
});
on!(Person, Leave, |_this, _m, _world| Fate::Die);
on!(Clock, Tick, |this, _m, _world| this.ticks += 1);

pub struct Town {
    folder: tempfile::TempDir,
    pub system: ActorSystem,
    pub people: [Id<Person>; 3],
}

impl Town {
    /// A clock that is about to tick, and three people.
    pub fn new() -> Town {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::default().threads(1).shards(2).seed(11);
        let setup = |registry: &mut Registry| {
            registry.register::<Person>();
            registry.register::<Clock>();
        };
        let (mut system, _) = ActorSystem::open(folder.path(), settings, setup).unwrap();
        let clock = system.world().spawn(NewClock {});
        let people = ["Ann", "Bob", "Cynthia"].map(|name| {
            let name = name.into();
            system.world().spawn(NewPerson { name })
        });
        system.turn().unwrap();
        system.world().send(clock, Tick {});
        let mut town = Town {
            folder,
            system,
            people,
        };
        town.save();
        town
    }

    /// The same, and a second snapshot after a turn in which Ann left, Bob heard something and the clock ticked.
    pub fn changed() -> Town {
        let mut town = Town::new();
        let [ann, bob, _] = town.people;
        town.system.world().send(ann, Leave {});
        town.system.world().send(bob, Hear { word: 1 });
        town.system.turn().unwrap();
        town.save();
        town
    }

    pub fn save(&mut self) {
        self.system.snapshot().unwrap();
        self.system.wait_for_snapshot().unwrap();
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn snapshot(&self, number: u32) -> PathBuf {
        self.path().join(format!("snapshot-{number:012}"))
    }
}
