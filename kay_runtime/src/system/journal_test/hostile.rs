//! Journals that no world has written.

use std::collections::HashSet;

use super::world::{Found, Launch, Pay, Ship, Storm, Tell, Town, settings, setup, step};
use super::{Recovery, open};
use crate::persist::{Disk, Header, Journal, SimulatedDisk, read};
use crate::portable::{self, Problem};
use crate::{
    Actor, ActorSystem, CString, CVec, Compact, JournalError, Message, OpenError, Registry,
    ReplayError, Rng, Settings,
};

const NAME: &str = "inputs";
const STEPS: usize = 16;
const SEED: u64 = 2;

const SETUP: u8 = 1;
const LETTER: u8 = 2;
const TURN: u8 = 3;
const FROZEN: u8 = 4;
const RESUME: u8 = 5;

type Written = (u64, u8, Vec<u8>);

/// A world's journal, and the hashes that the world has had.
fn example() -> (SimulatedDisk, HashSet<u64>) {
    let disk = SimulatedDisk::default();
    let (mut system, _) = open(&disk, settings(), setup).unwrap();
    let mut hashes = HashSet::from([system.state_hash()]);
    for at in 0..STEPS {
        let _ = step(&mut system, SEED, at);
        hashes.insert(system.state_hash());
    }
    (disk, hashes)
}

fn records(disk: &SimulatedDisk) -> Vec<Written> {
    let contents = read(disk, NAME).unwrap();
    let records = contents.records();
    records
        .map(|record| (record.turn, record.kind, record.payload.to_vec()))
        .collect()
}

/// A journal of these records, with the right checksums.
fn journal_of(records: &[Written]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    let mut journal = Journal::create(&disk, NAME, Header { run: 1, turn: 0 }).unwrap();
    for (turn, kind, payload) in records {
        journal.append(*turn, *kind, payload).unwrap();
    }
    journal.commit(true).unwrap();
    disk
}

fn open_example(disk: &SimulatedDisk) -> Result<(ActorSystem, Recovery), OpenError> {
    open(disk, settings(), setup)
}

/// Whatever is there: it is refused, and stays as it is, or it is a world that works. Returns
/// whether it is one.
fn is_borne(disk: &SimulatedDisk, story: &str) -> bool {
    let before = disk.read(NAME).unwrap();
    match open_example(disk) {
        Err(error) => {
            assert!(!error.to_string().is_empty(), "{story}");
            assert_eq!(disk.read(NAME).unwrap(), before, "{story}");
            false
        }
        Ok((mut system, _)) => {
            for at in 0..3 {
                let _ = step(&mut system, 99, at);
            }
            let (hash, statistics) = (system.state_hash(), system.statistics());
            drop(system);
            // What it has written since is good, too.
            let mut again = open_example(disk).unwrap_or_else(|error| panic!("{story}: {error}"));
            // The last of these steps may have had no input.
            for at in 0..3 {
                if again.0.state_hash() == hash {
                    break;
                }
                assert!(at < 2, "{story}: it comes back as another one");
                let _ = again.0.turn();
            }
            assert_eq!(
                again.0.statistics().messages,
                statistics.messages,
                "{story}"
            );
            true
        }
    }
}

#[test]
fn each_bit_of_a_file_that_turns_around_is_noticed() {
    let (disk, hashes) = example();
    let whole = disk.read(NAME).unwrap();
    let mut rng = Rng::new(1);
    let (mut refused, mut recovered) = (0, 0);
    for _ in 0..1500 {
        let bit = rng.below(whole.len() as u64 * 8) as usize;
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let disk = SimulatedDisk::default();
        disk.put(NAME, &bytes);
        match open_example(&disk) {
            Err(OpenError::Journal { .. }) => refused += 1,
            Err(error) => panic!("bit {bit}: {error}"),
            Ok((mut system, recovery)) => {
                recovered += 1;
                assert!(recovery.torn.is_some(), "bit {bit}");
                assert!(hashes.contains(&system.state_hash()), "bit {bit}");
            }
        }
    }
    assert!(refused > 1000 && recovered > 0, "{refused}, {recovered}");
}

#[test]
fn a_file_that_is_cut_short_is_an_earlier_world() {
    let (disk, hashes) = example();
    let whole = disk.read(NAME).unwrap();
    let mut turn = 0;
    for length in (0..whole.len()).step_by(3) {
        let disk = SimulatedDisk::default();
        disk.put(NAME, &whole[..length]);
        match open_example(&disk) {
            Err(OpenError::Journal { .. }) => assert!(length < 44, "{length} bytes"),
            Err(error) => panic!("{length} bytes: {error}"),
            Ok((mut system, _)) => {
                assert!(hashes.contains(&system.state_hash()), "{length} bytes");
                assert!(system.turns() >= turn, "{length} bytes");
                turn = system.turns();
            }
        }
    }
    assert!(turn > STEPS as u64 / 3, "{turn}");
}

#[test]
fn bits_that_turn_around_under_right_checksums_do_no_harm() {
    let records = records(&example().0);
    let mut rng = Rng::new(2);
    let (mut refused, mut taken) = (0, 0);
    for case in 0..3000 {
        let mut records = records.clone();
        let at = rng.below(records.len() as u64) as usize;
        let story = format!("case {case}, record {at}");
        let payload = &mut records[at].2;
        let place = rng.below(payload.len() as u64) as usize;
        match rng.below(8) {
            0 => payload.truncate(place),
            1 => payload.insert(place, rng.bits() as u8),
            2 => payload[place..].fill(0xFF),
            _ => payload[place] ^= 1 << rng.below(8),
        }
        match is_borne(&journal_of(&records), &story) {
            true => taken += 1,
            false => refused += 1,
        }
    }
    assert!(refused > 500 && taken > 500, "{refused}, {taken}");
}

#[test]
fn records_in_another_order_do_no_harm() {
    let records = records(&example().0);
    let mut rng = Rng::new(3);
    for case in 0..600 {
        let mut records = records.clone();
        for _ in 0..=rng.below(2) {
            let at = rng.below(records.len() as u64) as usize;
            match rng.below(5) {
                0 => drop(records.remove(at)),
                1 => records.insert(at, records[at].clone()),
                2 => records[at].1 = rng.below(8) as u8,
                3 => {
                    let later = rng.below(4);
                    records[at..]
                        .iter_mut()
                        .for_each(|record| record.0 += later);
                }
                _ => {
                    let other = rng.below(records.len() as u64) as usize;
                    let payload = records[other].2.clone();
                    records[at].2 = payload;
                }
            }
        }
        is_borne(&journal_of(&records), &format!("case {case}"));
    }
}

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
    let records = [setup_record(), (1, TURN, state(lost))];
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
    assert_eq!(self::records(&disk), records[..2]);
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
    let (mut one, _) = open(&disk, settings(), more).unwrap();
    let (mut two, _) = open_example(&disk).unwrap();
    assert_eq!(one.state_hash(), two.state_hash());
}

#[test]
fn a_journal_that_begins_otherwise_is_refused() {
    let open = |first: Written| open_example(&journal_of(&[first])).unwrap_err();
    let mut other = setup_record();
    other.2[0] = 2;
    let refused = open(other);
    assert!(
        matches!(
            refused,
            OpenError::Format {
                found: 2,
                known: 1,
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
    let (mut system, recovery) = open_example(&journal_of(&[])).unwrap();
    assert_eq!(recovery.turns, 0);
    system.turn().unwrap();
}

/// Is not registered.
#[derive(Compact)]
struct Nobody {
    word: u64,
}

crate::actor!(Nobody, messages: [Tell], spawners: []);
crate::on!(Nobody, Tell, |this, m, _world| this.word = m.word);
