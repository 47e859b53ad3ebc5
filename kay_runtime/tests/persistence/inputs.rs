//! Each kind of input, and inputs that cannot be written.

use kay_runtime::portable::{ReadError, Reader, WriteError, Writer};
use kay_runtime::{
    ActorSystem, Compact, External, Id, Idle, Misuse, Recipient, Settings, Spawner, SyncPolicy,
    TurnError,
};

use crate::actors::*;
use crate::common::blow;
use crate::{message, on};

/// Runs the same in a directory and in none, and compares the world that comes back.
fn comes_back(settings: Settings, run: impl Fn(&mut ActorSystem)) -> ActorSystem {
    let folder = tempfile::tempdir().unwrap();
    let mut never_ended = new(settings.clone());
    run(&mut never_ended);
    let (mut system, _) = open(folder.path(), settings.clone()).unwrap();
    run(&mut system);
    assert_eq!(system.state_hash(), never_ended.state_hash());
    drop(system);
    for threads in [1, 3] {
        let (mut system, _) = open(folder.path(), settings.clone().threads(threads)).unwrap();
        assert_eq!(system.state_hash(), never_ended.state_hash());
        let statistics = [&mut system, &mut never_ended].map(|system| system.statistics());
        assert_eq!(statistics[0].actors, statistics[1].actors);
        assert_eq!(statistics[0].messages, statistics[1].messages);
        if threads == 1 {
            // When memory comes back from other threads is up to them.
            assert_eq!(statistics[0].bytes, statistics[1].bytes);
        }
        assert_eq!(system.panics(), never_ended.panics());
        assert_eq!(system.is_frozen(), never_ended.is_frozen());
        // The ids and random numbers to come are the same, too.
        let hosts = [&mut system, &mut never_ended].map(|system| {
            let ids = [(); 9].map(|()| person(system, "later"));
            (ids, system.world().rng().bits())
        });
        assert_eq!(hosts[0], hosts[1]);
        if threads == 1 {
            drop(system);
            // They were sent for no turn.
            never_ended = new(settings.clone());
            run(&mut never_ended);
            continue;
        }
        for _ in 0..2 {
            assert_eq!(system.turn(), never_ended.turn());
            assert_eq!(system.state_hash(), never_ended.state_hash());
        }
        return system;
    }
    unreachable!("the last one is returned")
}

#[test]
fn all_ways_to_send() {
    comes_back(settings(), |system| {
        let first = Id::<Person>::local_first(system.world());
        let all = Id::<Person>::local_broadcast(system.world());
        let one = person(system, "one");
        let file = External::empty();
        let clock = system.world().spawn(NewClock { file });
        system.turn().unwrap();
        let name = "near".into();
        let friend = Some(one);
        system.world().spawn_near(clock, NewPerson { name, friend });
        system.world().send(first, Hear { word: 1 });
        system.world().send(all, Hear { word: 2 });
        let listeners: ListenerId = system.world().local_broadcast_id();
        system.world().send_to_trait(listeners, Hear { word: 3 });
        system
            .world()
            .send_to_trait(ListenerId(one.into()), Hear { word: 4 });
        system.world().send(clock, Tick {});
        system.turn().unwrap();
        system.world().send(one, Leave {});
        system.turn().unwrap();
        system.world().send(one, Hear { word: 5 });
        system.turn().unwrap();
        assert!(system.statistics().lost() > 0);
    });
}

#[test]
fn slot_numbers_that_have_come_back_are_given_again() {
    comes_back(settings(), |system| {
        for round in 0..8 {
            let people: Vec<_> = (0..40).map(|_| person(system, "some")).collect();
            system.turn().unwrap();
            for id in people.iter().skip(round).step_by(3) {
                system.world().send(*id, Leave {});
            }
            system.turn().unwrap();
        }
    });
}

#[test]
fn turns_without_inputs_between_those_with_some() {
    comes_back(settings(), |system| {
        for at in 0..6 {
            turn(system).unwrap();
            for _ in 0..at {
                let _ = system.world().rng();
                system.turn().unwrap();
            }
        }
        // What comes back ends with an input.
        turn(system).unwrap();
    });
}

#[test]
fn a_frozen_world_and_its_resumption() {
    let frozen = |system: &mut ActorSystem| {
        let all = Id::<Person>::local_broadcast(system.world());
        let people: Vec<_> = (0..20).map(|_| person(system, "brave")).collect();
        system.turn().unwrap();
        system.world().send(all, Scare { of: 4 });
        system.world().send(people[1], Hear { word: 3 });
        assert!(system.turn().is_err());
        system.world().send(people[1], Call { word: 7 });
        system.world().send(people[2], Hear { word: 8 });
        person(system, "late");
        assert!(system.turn().is_err());
        assert!(system.turn().is_err());
        people
    };
    assert!(comes_back(settings(), |system| drop(frozen(system))).is_frozen());
    let resumed = |system: &mut ActorSystem| {
        let people = frozen(system);
        // This one takes its number before those of the culprits come back.
        person(system, "before");
        while system.resume().is_err() {
            person(system, "between");
        }
        system.world().send(people[3], Hear { word: 9 });
        person(system, "after");
        system.turn().unwrap();
    };
    assert!(!comes_back(settings(), resumed).is_frozen());
    // A world that is not frozen does nothing when it is resumed.
    comes_back(settings(), |system| {
        system.resume().unwrap();
        turn(system).unwrap();
        system.resume().unwrap();
    });
}

#[test]
fn culprits_that_were_killed() {
    let kill = settings().panic_policy(kay_runtime::PanicPolicy::Kill);
    let system = comes_back(kill, |system| {
        let all = Id::<Person>::local_broadcast(system.world());
        for _ in 0..20 {
            person(system, "brave");
        }
        system.turn().unwrap();
        system.world().send(all, Scare { of: 4 });
        system.turn().unwrap();
        turn(system).unwrap();
    });
    assert!(!system.panics().is_empty());
}

/// Each letter is cut into several.
#[test]
fn very_many_messages() {
    comes_back(settings().shards(2), |system| {
        let one = person(system, "one");
        for word in 0..crate::common::shrunk(150_000) {
            let word = u64::from(word);
            system.world().send(one, Hear { word });
        }
        system.turn().unwrap();
    });
}

const EXTERNAL: WriteError = WriteError::Invalid {
    why: "what an `External` holds cannot be written",
};

#[test]
fn what_cannot_be_written_is_not_sent_and_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    let file = External::empty();
    let clock = system.world().spawn(NewClock { file });
    system.turn().unwrap();
    system.world().send(clock, Tick {});
    let file = External::new(7);
    system.world().send(clock, Swap { file });
    system.world().send(clock, Tick {});
    let file = External::new(8);
    let lost = system.world().spawn(NewClock { file });
    let file = External::empty();
    let kept = system.world().spawn(NewClock { file });
    let refused = system.turn().unwrap_err();
    let text = refused.to_string();
    let TurnError::Misuse {
        turn,
        misuse,
        count,
    } = refused
    else {
        panic!("{text}")
    };
    assert!(
        text.contains("` to an actor of type `persistence::actors::Clock`"),
        "{text}"
    );
    assert!(text.contains("cannot be written to the journal"), "{text}");
    assert_eq!((turn, count), (2, 2));
    let Misuse::NotWritten { why, .. } = misuse else {
        panic!("{text}")
    };
    assert_eq!(why, EXTERNAL);
    // All others were delivered.
    assert_eq!(system.get(clock).unwrap().ticks, 2);
    assert!(system.get(lost).is_none() && system.get(kept).is_some());
    system.world().send(lost, Tick {});
    system.turn().unwrap();
    assert_eq!(system.statistics().lost(), 1);
    let (hash, statistics) = (system.state_hash(), system.statistics());
    let ids = [(); 12].map(|()| person(&mut system, "next"));
    let file = External::empty();
    let next = system.world().spawn(NewClock { file });
    drop(system);
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!(
        (system.state_hash(), system.statistics()),
        (hash, statistics)
    );
    assert_eq!([(); 12].map(|()| person(&mut system, "next")), ids);
    let file = External::empty();
    assert_eq!(
        system.world().spawn(NewClock { file }),
        next,
        "no id is given twice"
    );
}

#[test]
fn a_letter_of_which_nothing_can_be_written_is_a_turn() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    let file = External::new(1);
    let clock = system.world().spawn(NewClock { file });
    assert!(system.turn().is_err());
    assert_eq!((system.turns(), system.population::<Clock>()), (1, 0));
    drop(system);
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!(system.turns(), 1);
    let file = External::empty();
    assert_ne!(system.world().spawn(NewClock { file }), clock);
    system.turn().unwrap();
}

#[test]
fn without_a_journal_all_can_be_sent() {
    let mut system = new(settings());
    let file = External::new(1);
    let clock = system.world().spawn(NewClock { file });
    system.turn().unwrap();
    assert_eq!(system.get(clock).unwrap().file.get(), Some(&1));
}

/// Cannot be written, nor dropped then, or else cannot be read.
pub(crate) struct Fragile {
    panics: bool,
}

impl Compact for Fragile {
    const NAME_HASH: u64 = kay_runtime::fingerprint("persistence::Fragile");
    fn duplicate(&self) -> Self {
        Fragile {
            panics: self.panics,
        }
    }
    fn hash_state<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.panics.hash_state(hasher);
    }
    fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fragile")
    }
    fn write(&self, _: &mut Writer) {
        if self.panics {
            blow("it cannot be written");
        }
    }
    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        blow("it cannot be read")
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        if self.panics {
            blow("it cannot be dropped");
        }
    }
}

message!(Handle {
    _with_care: Fragile
});
on!(Clock, Handle, |this, _m, _world| this.ticks += 100);

#[test]
fn panics_of_what_users_write_by_hand_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        ActorSystem::open(folder.path(), settings(), |registry| {
            setup(registry);
            registry.handle::<Clock, Handle>();
        })
    };
    let (mut system, _) = open().unwrap();
    let file = External::empty();
    let clock = system.world().spawn(NewClock { file });
    system.turn().unwrap();
    let send = |system: &mut ActorSystem, panics| {
        system.world().send(clock, Tick {});
        let _with_care = Fragile { panics };
        system.world().send(clock, Handle { _with_care });
        system.world().send(clock, Tick {});
    };
    send(&mut system, true);
    let refused = system.turn().unwrap_err().to_string();
    assert!(refused.contains("its `Compact::write` panics"), "{refused}");
    assert_eq!(system.get(clock).unwrap().ticks, 2);
    drop(system);
    let (mut system, _) = open().unwrap();
    assert_eq!(system.get(clock).unwrap().ticks, 2);
    send(&mut system, false);
    system.turn().unwrap();
    drop(system);
    let refused = open().unwrap_err().to_string();
    assert!(
        refused.contains("cannot be brought to turn 3 again"),
        "{refused}"
    );
    assert!(refused.contains("inputs::Handle"), "{refused}");
    assert!(refused.contains("its `Compact::read` panics"), "{refused}");
    // A program that does not know the message says its name.
    let open = ActorSystem::open(folder.path(), settings(), setup);
    let refused = open.unwrap_err().to_string();
    assert!(refused.contains("inputs::Handle"), "{refused}");
    assert!(refused.contains("does not handle it"), "{refused}");
}

#[test]
fn settings_are_what_they_were_when_a_world_has_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings().sync_test(2).sync(SyncPolicy::Never);
    for life in 0..3 {
        let (mut system, _) = open(folder.path(), settings.clone()).unwrap();
        assert_eq!(format!("{:?}", system.settings()), format!("{settings:?}"));
        for _ in 0..5 {
            turn(&mut system).unwrap();
        }
        assert_eq!(system.turns(), life * 5 + 5);
    }
}

#[test]
fn what_waits_is_counted_as_in_a_world_without_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let run = |system: &mut ActorSystem| {
        for _ in 0..30 {
            turn(system).unwrap();
        }
        let all: ListenerId = system.world().local_broadcast_id();
        system.world().send_to_trait(all, Hear { word: 3 });
        let waiting = system.run_until_idle(0).unwrap();
        let people = Id::<Person>::local_broadcast(system.world());
        system.world().send(people, Scare { of: 1 });
        assert!(system.run_until_idle(1).is_err());
        // The host's messages wait when the world has been resumed.
        system.world().send_to_trait(all, Hear { word: 4 });
        person(system, "one");
        let _ = system.resume();
        while system.is_frozen() {
            let _ = system.resume();
        }
        waiting
    };
    let mut without = new(settings());
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!(run(&mut system), run(&mut without));
    let Idle::Never { waiting } = without.run_until_idle(0).unwrap() else {
        panic!("nothing waits")
    };
    assert!(waiting > 10, "{waiting}");
    assert_eq!(system.run_until_idle(0).unwrap(), Idle::Never { waiting });
    drop(system);
    let (mut system, _) = open(folder.path(), settings()).unwrap();
    assert_eq!(system.run_until_idle(0).unwrap(), Idle::Never { waiting });
}

/// A spawner that is sent like a message, as nobody should.
impl Recipient<NewPerson> for Person {
    fn receive(&mut self, message: NewPerson, world: &mut kay_runtime::World) -> kay_runtime::Fate {
        *self = message.spawn(self.id, world);
        kay_runtime::Fate::Live
    }
}

#[test]
fn a_spawner_that_is_sent_like_a_message_takes_no_number() {
    comes_back(settings(), |system| {
        let one = person(system, "one");
        let new = |name: &str| NewPerson {
            name: name.into(),
            friend: None,
        };
        system.world().send(one, new("same turn"));
        let two = person(system, "two");
        system.turn().unwrap();
        system.world().send(two, new("later"));
        let all = Id::<Person>::local_broadcast(system.world());
        system.world().send(all, new("to all"));
        for _ in 0..11 {
            let one = person(system, "more");
            system.world().send(one, new("again"));
        }
        system.turn().unwrap();
    });
}
