//! Journals that are not as a world has written them.

use std::collections::HashSet;

use super::common::shrunk;
use super::world::{settings, setup, step};
use super::{Recovery, open};
use crate::persist::{Disk, Header, Journal, SimulatedDisk, read};
use crate::{ActorSystem, OpenError, Rng};

pub(super) const NAME: &str = "inputs-000000000000";
const STEPS: usize = 16;
const SEED: u64 = 2;

pub(super) type Written = (u64, u8, Vec<u8>);

/// A world's journal, and the hashes that the world has had.
pub(super) fn example() -> (SimulatedDisk, HashSet<u64>) {
    let disk = SimulatedDisk::default();
    let (mut system, _) = open(&disk, settings(), setup).unwrap();
    let mut hashes = HashSet::from([system.state_hash()]);
    for at in 0..STEPS {
        let _ = step(&mut system, SEED, at);
        hashes.insert(system.state_hash());
    }
    (disk, hashes)
}

pub(super) fn records(disk: &SimulatedDisk) -> Vec<Written> {
    let contents = read(disk, NAME).unwrap();
    let records = contents.records();
    records
        .map(|record| (record.turn, record.kind, record.payload.to_vec()))
        .collect()
}

/// A journal of these records, with the right checksums.
pub(super) fn journal_of(records: &[Written]) -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    let mut journal = Journal::create(&disk, NAME, Header { run: 1, turn: 0 }).unwrap();
    for (turn, kind, payload) in records {
        journal.append(*turn, *kind, payload).unwrap();
    }
    journal.commit(true).unwrap();
    disk
}

pub(super) fn open_example(disk: &SimulatedDisk) -> Result<(ActorSystem, Recovery), OpenError> {
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
    let cases = shrunk(1500);
    for _ in 0..cases {
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
    assert!(
        refused > cases / 2 && recovered > 0,
        "{refused}, {recovered}"
    );
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
    let cases = shrunk(3000);
    for case in 0..cases {
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
    assert!(
        refused > cases / 6 && taken > cases / 6,
        "{refused}, {taken}"
    );
}

#[test]
fn records_in_another_order_do_no_harm() {
    let records = records(&example().0);
    let mut rng = Rng::new(3);
    for case in 0..shrunk(600) {
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
