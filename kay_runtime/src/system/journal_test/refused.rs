//! Journals that no world could have written, and what is said of them.

use super::hostile::{NAME, Written, example, journal_of, open_example, records};
use super::open;
use super::world::{Found, Launch, Pay, Ship, Storm, Tell, Town, settings, setup, step};
use crate::persist::{Disk, Header, Journal, SimulatedDisk, read};
use crate::portable::{self, Problem};
use crate::{
    Actor, CString, CVec, Compact, JournalError, Message, OpenError, Registry, ReplayError,
    Settings,
};

const SETUP: u8 = 1;
const LETTER: u8 = 2;
const TURN: u8 = 3;
const FROZEN: u8 = 4;
const RESUME: u8 = 5;

/// The setup of the example world.
fn setup_record() -> Written {
    records(&example().0).swap_remove(0)
}

/// A letter with one message.
fn letter<A: Actor, M: Message>(shard: u32, index: u32, generation: u16, message: &M) -> Vec<u8> {
    let head = (
        (shard, A::FINGERPRINT),
        (true, M::FINGERPRINT, index, generation),
    );
    let mut bytes = portable::to_bytes(&head).unwrap();
    bytes.extend(portable::to_bytes(message).unwrap());
    bytes
}

/// What an end says of the host: streams, stocks, lost messages.
type State = (u64, CVec<(u64, u32, u64, u64)>, CVec<(u64, u64, u64)>);

fn end(state: &State) -> Vec<u8> {
    portable::to_bytes(state).unwrap()
}

fn nothing() -> Vec<u8> {
    end(&(0, CVec::new(), CVec::new()))
}

/// What is wrong with these records behind the setup.
fn refusal(records: &[Written]) -> ReplayError {
    let records = [&[setup_record()], records].concat();
    match open_example(&journal_of(&records)) {
        Err(OpenError::Replay { reason, .. }) => reason,
        Err(error) => panic!("{error}"),
        Ok((system, _)) => panic!("a world at turn {}", system.turns()),
    }
}

/// What is wrong with a letter.
fn refusal_of(letter: Vec<u8>) -> ReplayError {
    refusal(&[(1, LETTER, letter), (1, TURN, nothing())])
}

fn tell() -> Tell {
    Tell { word: 1 }
}

#[test]
fn letters_to_nobody_are_refused() {
    let right = letter::<Town, Tell>(1, 1, 1, &tell());
    let records = [setup_record(), (1, LETTER, right), (1, TURN, nothing())];
    let (mut system, recovery) = open_example(&journal_of(&records)).unwrap();
    assert_eq!((system.turns(), recovery.messages), (1, 1));
    assert_eq!(system.statistics().lost(), 1, "nobody is there");

    let (shard, shards) = (3, 3);
    let to_no_shard = letter::<Town, Tell>(3, 3, 1, &tell());
    assert_eq!(
        refusal_of(to_no_shard),
        ReplayError::Shard { shard, shards }
    );
    let receiver = |index, generation| ReplayError::Receiver {
        message: Tell::NAME,
        index,
        generation,
        shard: 1,
    };
    for (index, generation) in [(2, 1), (u32::MAX, 7), (1, 0), (7, 0)] {
        let elsewhere = letter::<Town, Tell>(1, index, generation, &tell());
        assert_eq!(refusal_of(elsewhere), receiver(index, generation));
    }
    let to_nobody = letter::<Nobody, Tell>(1, 1, 1, &tell());
    let actor = format!("{:016x}", Nobody::FINGERPRINT);
    assert_eq!(refusal_of(to_nobody), ReplayError::NoActor { actor });
    // Half of the fingerprint is not enough.
    let mut to_another = letter::<Town, Tell>(1, 1, 1, &tell());
    to_another[11] ^= 1;
    let actor = format!("{:016x}", Town::FINGERPRINT ^ 1 << 56);
    assert_eq!(refusal_of(to_another), ReplayError::NoActor { actor });
    let of_nobody = letter::<Town, Storm>(1, 1, 1, &Storm { at: 1 });
    let message = format!("{:016x}", Storm::FINGERPRINT);
    let actor = Town::NAME;
    assert_eq!(
        refusal_of(of_nobody),
        ReplayError::NoMessage { actor, message }
    );
}

#[test]
fn instances_are_made_only_where_the_host_would_make_them() {
    let name = || CString::from("new");
    let found = |slot: u32, generation| {
        letter::<Town, Found>(0, slot << 2, generation, &Found { name: name() })
    };
    let slot = |index, generation| ReplayError::Slot {
        message: Found::NAME,
        index,
        generation,
    };
    // A slot so high would take a table of half a gigabyte.
    let highest = (1 << 30) - 1;
    for (number, generation) in [(highest, 1), (1, 1), (0, 2), (128, 1), (129, 1)] {
        let refused = refusal_of(found(number, generation));
        assert_eq!(refused, slot(number << 2, generation));
    }
    let with = |next_target: u32, fresh: u64, returned: u64| {
        let stocks = CVec::from([(Town::FINGERPRINT, next_target, fresh, returned)]);
        let end = end(&(0, stocks, CVec::new()));
        [(1, LETTER, found(0, 1)), (1, TURN, end)]
    };
    let records = [&[setup_record()][..], &with(1, 1, 0)].concat();
    let (system, _) = open_example(&journal_of(&records)).unwrap();
    assert_eq!(system.population::<Town>(), 1);
    for (next_target, fresh, returned) in [(3, 1, 0), (1, 2, 0), (1, 1, 1), (1, 0, 0)] {
        let actor = Town::NAME;
        let refused = refusal(&with(next_target, fresh, returned));
        assert_eq!(refused, ReplayError::Stock { actor });
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let wrong = |reason: &ReplayError| matches!(reason, ReplayError::Malformed { .. });
    for letter in [
        vec![],
        vec![1],
        [letter::<Town, Tell>(1, 1, 1, &tell()), vec![1]].concat(),
    ] {
        let reason = refusal_of(letter);
        assert!(wrong(&reason), "{reason}");
    }
    let mut short = letter::<Town, Tell>(1, 1, 1, &tell());
    short.pop();
    let ReplayError::Message {
        actor,
        message,
        reason,
    } = refusal_of(short)
    else {
        panic!("it is a message that is too short")
    };
    assert_eq!((actor, message), (Town::NAME, Tell::NAME));
    assert_eq!(reason.problem(), Problem::End);
    assert!(wrong(&refusal(&[(1, TURN, vec![])])));
    // Four bytes that claim four billion elements.
    let mut greedy = letter::<Ship, Launch>(0, 0, 1, &launch());
    let length = greedy.len();
    greedy[length - 4..].fill(0xFF);
    assert!(matches!(refusal_of(greedy), ReplayError::Message { .. }));
    assert_eq!(refusal(&[(1, 9, vec![])]), ReplayError::Kind { kind: 9 });
    let again = setup_record().2;
    assert_eq!(
        refusal(&[(1, SETUP, again)]),
        ReplayError::Kind { kind: SETUP }
    );
    assert_eq!(refusal(&[(1, FROZEN, nothing())]), ReplayError::NotFrozen);
    assert_eq!(refusal(&[(1, RESUME, nothing())]), ReplayError::NotFrozen);
}

fn launch() -> Launch {
    let home = portable::from_bytes(&[1, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    let cargo = CVec::new();
    Launch { home, cargo }
}

#[test]
fn a_world_that_is_frozen_where_it_was_not_is_refused() {
    let mut records = records(&example().0);
    let before = records.len();
    records.retain(|record| ![FROZEN, RESUME].contains(&record.1));
    assert!(records.len() < before, "it has been frozen");
    while records.pop_if(|record| record.1 == LETTER).is_some() {}
    let turn = records.last().unwrap().0 + 1;
    records.push((turn, TURN, nothing()));
    let refused = open_example(&journal_of(&records)).unwrap_err();
    let OpenError::Replay { reason, .. } = refused else {
        panic!("{refused}")
    };
    assert_eq!(reason, ReplayError::Frozen);
}

#[test]
fn turns_are_where_they_can_be() {
    let order = |turn, next| ReplayError::Order { turn, next };
    let (turn, open) = (
        |turn| (turn, TURN, nothing()),
        (3, LETTER, letter::<Town, Tell>(1, 1, 1, &tell())),
    );
    assert_eq!(refusal(&[turn(0)]), order(0, 1));
    assert_eq!(refusal(&[turn(1), turn(1)]), order(1, 2));
    assert_eq!(refusal(&[open, turn(4)]), order(4, 3));
    assert_eq!(refusal(&[turn(u64::MAX)]), order(u64::MAX, 1));
    let mut setup = setup_record();
    setup.0 = u64::MAX - 1;
    match open_example(&journal_of(&[setup])) {
        Err(OpenError::Replay { reason, .. }) => assert_eq!(reason, order(u64::MAX - 1, 0)),
        other => panic!("{:?}", other.map(|(system, _)| system.turns())),
    }
    // Nothing waits, so nobody has to wait for the turns before.
    let records = [setup_record(), turn(1 << 61)];
    let (mut system, _) = open_example(&journal_of(&records)).unwrap();
    assert_eq!(system.turns(), 1 << 61);
    system.turn().unwrap();
    assert_eq!(system.world().turn(), (1 << 61) + 1);
    // No journal begins later than its world.
    let disk = SimulatedDisk::default();
    Journal::create(&disk, NAME, Header { run: 1, turn: 1 }).unwrap();
    let refused = open_example(&disk).unwrap_err();
    assert!(
        refused.to_string().contains("cannot be brought to turn 1"),
        "{refused}"
    );
}

#[test]
fn counts_that_nobody_reaches_do_no_harm() {
    let lost = (Town::FINGERPRINT, Tell::FINGERPRINT, u64::MAX);
    let state = |lost| end(&(u64::MAX, CVec::new(), CVec::from([lost])));
    // One more is lost on the way.
    let to_nobody = (1, LETTER, letter::<Town, Tell>(1, 1, 1, &tell()));
    let records = [setup_record(), to_nobody, (1, TURN, state(lost))];
    let (mut system, _) = open_example(&journal_of(&records)).unwrap();
    assert!(system.statistics().lost() > 1 << 40);
    let _ = system.world().rng();
    let pay = (Ship::FINGERPRINT, Pay::FINGERPRINT, 1);
    let refused = refusal(&[(1, TURN, state(pay))]);
    assert!(
        matches!(refused, ReplayError::NoMessage { .. }),
        "{refused}"
    );
}

#[test]
fn inputs_without_an_end_are_cut_off() {
    let open = (1, LETTER, letter::<Town, Tell>(1, 1, 1, &tell()));
    let records = [setup_record(), (1, TURN, nothing()), (2, LETTER, open.2)];
    let disk = journal_of(&records);
    let bytes = disk.read(NAME).unwrap();
    let (system, recovery) = open_example(&disk).unwrap();
    let torn = recovery.torn.unwrap();
    assert_eq!(torn.bytes, records[2].2.len() as u64 + 21);
    assert_eq!(torn.offset + torn.bytes, bytes.len() as u64);
    assert_eq!((recovery.turns, recovery.messages), (1, 0));
    drop(system);
    assert_eq!(super::hostile::records(&disk), records[..2]);
    let (_, recovery) = open_example(&disk).unwrap();
    assert_eq!(recovery.torn, None);
}

#[test]
fn inputs_without_an_end_that_were_safe_are_damage() {
    let disk = journal_of(&[setup_record()]);
    let contents = read(&disk, NAME).unwrap();
    let mut journal = Journal::resume(&disk, NAME, &contents).unwrap();
    let open = letter::<Town, Tell>(1, 1, 1, &tell());
    journal.append(1, LETTER, &open).unwrap();
    journal.close().unwrap();
    let refused = open_example(&disk).unwrap_err();
    let OpenError::Journal { reason, .. } = refused else {
        panic!("{refused}")
    };
    assert!(matches!(reason, JournalError::Damaged { .. }), "{reason}");
}

/// What differs between the example's world and one that is opened like this.
fn difference(settings: Settings, setup: impl FnOnce(&mut Registry)) -> String {
    let disk = journal_of(&[setup_record()]);
    let refused = open(&disk, settings, setup).unwrap_err();
    let OpenError::Differs {
        what,
        journal,
        given,
        ..
    } = refused
    else {
        panic!("{refused}")
    };
    format!("{what}: {journal}, {given}")
}

#[test]
fn another_setup_is_refused_and_said_to_be_another() {
    let kill = settings().panic_policy(crate::PanicPolicy::Kill);
    assert_eq!(difference(settings().shards(4), setup), "shards: 3, 4");
    assert_eq!(difference(settings().seed(6), setup), "seed: 5, 6");
    assert_eq!(difference(kill, setup), "panic_policy: Freeze, Kill");
    let order = |registry: &mut Registry| {
        registry.register::<Ship>();
        registry.register::<Town>();
    };
    let types = "the registered actor types";
    let (town, ship) = (Town::NAME, Ship::NAME);
    let expected = format!("{types}: `{town}` (number 1), `{ship}`");
    assert_eq!(difference(settings(), order), expected);
    let missing = |registry: &mut Registry| registry.register::<Town>();
    let expected = format!("{types}: `{ship}` (number 2), none");
    assert_eq!(difference(settings(), missing), expected);
    let between = |registry: &mut Registry| {
        registry.register::<Town>();
        registry.register::<Nobody>();
        registry.register::<Ship>();
    };
    let expected = format!("{types}: `{ship}` (number 2), `{}`", Nobody::NAME);
    assert_eq!(difference(settings(), between), expected);
    // More of them behind the others are no harm.
    let more = |registry: &mut Registry| {
        setup(registry);
        registry.register::<Nobody>();
    };
    let (disk, _) = example();
    let (mut before, _) = open_example(&disk).unwrap();
    for _ in 0..2 {
        let (mut system, _) = open(&disk, settings(), more).unwrap();
        assert_eq!(system.state_hash(), before.state_hash());
    }
    // From then on there are as many.
    let refused = open_example(&disk).unwrap_err();
    assert!(refused.to_string().contains(Nobody::NAME), "{refused}");
}

#[test]
fn a_journal_that_begins_otherwise_is_refused() {
    let open = |first: Written| open_example(&journal_of(&[first])).unwrap_err();
    let mut other = setup_record();
    other.2[0] = 1;
    let refused = open(other);
    assert!(
        matches!(
            refused,
            OpenError::Format {
                found: 1,
                known: 2,
                ..
            }
        ),
        "{refused}"
    );
    let refused = open((0, SETUP, vec![1]));
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    let refused = open((0, TURN, nothing()));
    assert!(
        refused.to_string().contains("a record of kind 3"),
        "{refused}"
    );
    // The process may have ended before there was any.
    let disk = journal_of(&[]);
    let (mut system, recovery) = open_example(&disk).unwrap();
    assert_eq!(recovery.turns, 0);
    let (mut hash, mut at) = (system.state_hash(), 0);
    while system.turns() < 5 {
        if step(&mut system, 1, at).0 {
            hash = system.state_hash();
        }
        at += 1;
    }
    assert_eq!(open_example(&disk).unwrap().0.state_hash(), hash);
}

/// Is not registered.
#[derive(Compact)]
struct Nobody {
    word: u64,
}

crate::actor!(Nobody, messages: [Tell], spawners: []);
crate::on!(Nobody, Tell, |this, m, _world| this.word = m.word);
