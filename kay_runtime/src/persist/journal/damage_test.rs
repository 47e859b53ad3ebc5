//! Files that are not as they were written.

use std::ops::Range;
use std::sync::Arc;

use super::contents::Torn;
use super::layout::{Chain, Mark};
use super::{Contents, Header, Journal, JournalError, Record, resume};
use crate::persist::disk::Disk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

const NAME: &str = "inputs";
const HEADER: Header = Header { run: 9, turn: 3 };

type Written = Vec<(u64, u8, Vec<u8>)>;

fn records(contents: &Contents) -> Written {
    let records = contents.records();
    records
        .map(|record| (record.turn, record.kind, record.payload.to_vec()))
        .collect()
}

fn of(bytes: &[u8]) -> Result<Contents, JournalError> {
    Contents::of(NAME, bytes.to_vec())
}

/// Three commits, each synced or not, and what they are on the disk.
fn example(syncs: [bool; 3], close: bool) -> Vec<u8> {
    let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::default());
    let mut journal = Journal::create(&*disk, NAME, HEADER).unwrap();
    for (turn, sync) in (3..).zip(syncs) {
        journal.append(turn, 1, b"").unwrap();
        journal.append(turn, 2, &[turn as u8; 20]).unwrap();
        journal.commit(sync).unwrap();
    }
    if close {
        journal.close().unwrap();
    }
    disk.read(NAME).unwrap()
}

/// The offset of the damage that is reported.
fn damage(bytes: &[u8]) -> u64 {
    match of(bytes) {
        Err(JournalError::Damaged { offset, .. }) => offset,
        Err(error) => panic!("{error}"),
        Ok(contents) => panic!("taken as it is, torn: {:?}", contents.torn()),
    }
}

/// Turns each bit around. Where a mark speaks for it, that is an error; elsewhere, a torn tail.
fn flip_each_bit(whole: &[u8], marks_speak_for: usize) {
    let all = records(&of(whole).unwrap());
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match of(&bytes) {
            Err(JournalError::NotAJournal { .. }) => assert!(bit / 8 < 8, "bit {bit}"),
            Err(JournalError::Version { .. }) => assert_eq!(bit / 8 / 4, 2, "bit {bit}"),
            Err(JournalError::Damaged { offset, .. }) => {
                assert!(bit / 8 < marks_speak_for, "bit {bit}");
                assert!(
                    offset <= bit as u64 / 8 && offset + 44 > bit as u64 / 8,
                    "bit {bit}"
                );
            }
            Err(error) => panic!("bit {bit}: {error}"),
            Ok(contents) => {
                assert!(bit / 8 >= marks_speak_for, "bit {bit}");
                let torn = contents.torn().expect("it is noticed");
                assert!(torn.offset <= bit as u64 / 8, "bit {bit}");
                assert_eq!(torn.offset + torn.bytes, whole.len() as u64, "bit {bit}");
                let left = records(&contents);
                assert_eq!(left, all[..left.len()], "bit {bit}");
            }
        }
    }
}

#[test]
fn no_bit_that_turns_around_is_overlooked() {
    // Header, two records, mark, two records, mark, two records: 44, 62, 32, 62, 32, 62.
    let whole = example([true, true, true], false);
    assert_eq!(whole.len(), 294);
    flip_each_bit(&whole, 44 + 62 + 32 + 62);
    // Without a sync, it might all be from a power cut.
    flip_each_bit(&example([false, false, false], false), 44);
    flip_each_bit(&example([false, true, false], false), 44 + 62 + 62);
}

#[test]
fn all_bits_of_a_closed_journal_are_spoken_for_but_those_of_the_last_mark() {
    for syncs in [[true; 3], [false; 3], [true, false, false]] {
        let whole = example(syncs, true);
        flip_each_bit(&whole, whole.len() - 32);
        let all = records(&of(&whole).unwrap());
        for at in whole.len() - 32..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert_eq!(records(&of(&bytes).unwrap()), all, "byte {at}");
        }
    }
}

#[test]
fn a_file_that_is_cut_short_has_a_first_part_of_the_records() {
    let whole = example([true, false, true], true);
    let all = records(&of(&whole).unwrap());
    // Where an item ends.
    let ends = [44, 65, 106, 138, 159, 200, 221, 262, 294];
    assert_eq!(whole.len(), 294);
    for length in 0..whole.len() {
        match of(&whole[..length]) {
            Err(JournalError::NotAJournal { .. }) => assert!(length < 8, "{length} bytes"),
            Err(JournalError::Damaged { offset, .. }) => {
                assert!((8..44).contains(&length), "{length} bytes");
                assert_eq!(offset, length as u64);
            }
            Err(error) => panic!("{length} bytes: {error}"),
            Ok(contents) => {
                let left = records(&contents);
                assert_eq!(left, all[..left.len()], "{length} bytes");
                let end = ends.into_iter().rev().find(|end| *end <= length).unwrap();
                let torn = (end < length).then_some(Torn {
                    offset: end as u64,
                    bytes: (length - end) as u64,
                });
                assert_eq!(contents.torn(), torn, "{length} bytes");
            }
        }
    }
}

fn zero(whole: &[u8], range: Range<usize>) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    bytes[range].fill(0);
    bytes
}

#[test]
fn a_page_that_came_later_than_the_next_one_is_a_torn_tail() {
    let whole = example([true, false, false], false);
    // Synced: header and two records, 106 bytes. Then a mark that says so, and four records.
    let torn = of(&zero(&whole, 138..159)).unwrap();
    assert_eq!(records(&torn).len(), 2);
    assert_eq!(torn.torn().unwrap().offset, 138);
    // So it is if the mark is missing, but no longer if another one comes.
    assert_eq!(
        of(&zero(&whole, 106..120)).unwrap().torn().unwrap().offset,
        106
    );
    let closed = example([true, false, false], true);
    assert_eq!(damage(&zero(&closed, 138..159)), 138);
    assert_eq!(damage(&zero(&closed, 106..120)), 106);
}

#[test]
fn a_gap_in_what_was_synced_is_damage_if_only_the_last_mark_is_left() {
    let whole = example([true, true, true], true);
    let gap = zero(&whole, 70..whole.len() - 32);
    assert_eq!(damage(&gap), 65);
}

#[test]
fn a_damaged_journal_says_where() {
    let bytes = zero(&example([true, true, true], true), 65..66);
    assert_eq!(
        of(&bytes).unwrap_err().to_string(),
        "journal `inputs` is damaged at byte 65, where it was safe on the disk, or was never \
         written by kay: what comes before can be used, what comes behind cannot be trusted; \
         look for a copy"
    );
}

#[test]
fn a_tail_that_was_cut_does_not_come_back() {
    let simulated = SimulatedDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(simulated.clone());
    let mut journal = Journal::create(&*disk, NAME, HEADER).unwrap();
    journal.append(3, 1, b"safe").unwrap();
    journal.commit(true).unwrap();
    let safe = disk.read(NAME).unwrap().len();
    journal.append(3, 1, b"cut").unwrap();
    journal.commit(false).unwrap();
    let old = disk.read(NAME).unwrap();

    simulated.put(NAME, &old[..safe]);
    let (_, contents) = resume(&*disk, NAME).unwrap();
    assert_eq!(contents.torn(), None);
    let mut bytes = disk.read(NAME).unwrap();
    assert_eq!(bytes.len(), safe + 32);
    assert_ne!(bytes, old[..safe + 32]);
    // The file grew, and the file system shows what had been there.
    bytes.extend(&old[safe + 32..]);
    let contents = of(&bytes).unwrap();
    assert_eq!(records(&contents), [(3, 1, b"safe".to_vec())]);
    assert_eq!(contents.torn().unwrap().offset, safe as u64 + 32);
}

#[test]
fn records_are_right_in_their_own_place_only() {
    let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::default());
    let write = |name: &str, header, payloads: [&[u8]; 3]| {
        let mut journal = Journal::create(&*disk, name, header).unwrap();
        for payload in payloads {
            journal.append(3, 1, payload).unwrap();
        }
        journal.commit(false).unwrap();
        disk.read(name).unwrap()
    };
    let whole = write("a", HEADER, [b"1", b"2", b"3"]);
    let [first, second, third] = [44..66, 66..88, 88..110];
    let swapped = [&whole[..44], &whole[second.clone()], &whole[first.clone()]].concat();
    assert_eq!(of(&swapped).unwrap().torn().unwrap().offset, 44);
    let left_out = [&whole[..66], &whole[third]].concat();
    assert_eq!(of(&left_out).unwrap().torn().unwrap().offset, 66);
    let twice = [&whole[..88], &whole[second.clone()]].concat();
    assert_eq!(of(&twice).unwrap().torn().unwrap().offset, 88);
    let others = write("b", Header { run: 10, ..HEADER }, [b"1", b"2", b"3"]);
    let mixed = [&whole[..44], &others[44..]].concat();
    assert_eq!(of(&mixed).unwrap().torn().unwrap().offset, 44);
}

#[test]
fn a_mark_does_not_join_two_copies_that_went_on_by_themselves() {
    let write = |payload: &[u8]| {
        let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::default());
        let mut journal = Journal::create(&*disk, NAME, HEADER).unwrap();
        journal.append(3, 1, payload).unwrap();
        journal.commit(true).unwrap();
        journal.append(3, 1, payload).unwrap();
        journal.commit(false).unwrap();
        disk.read(NAME).unwrap()
    };
    let (one, other) = (write(b"1"), write(b"2"));
    let joined = [&one[..66], &other[66..]].concat();
    let contents = of(&joined).unwrap();
    assert_eq!(records(&contents), [(3, 1, b"1".to_vec())]);
    assert_eq!(contents.torn().unwrap().offset, 66);
}

#[test]
fn an_input_that_looks_like_a_journal_is_no_evidence() {
    let disk: Arc<dyn Disk> = Arc::new(SimulatedDisk::default());
    let mut journal = Journal::create(&*disk, NAME, HEADER).unwrap();
    journal.append(3, 1, b"").unwrap();
    journal.commit(true).unwrap();
    journal.append(3, 1, b"").unwrap();
    journal.commit(false).unwrap();
    let inside = disk.read(NAME).unwrap();
    journal.append(3, 1, &inside).unwrap();
    journal.commit(false).unwrap();
    let bytes = zero(&disk.read(NAME).unwrap(), 97..118);
    assert_eq!(of(&bytes).unwrap().torn().unwrap().offset, 97);
}

/// A file that `write` writes behind the header, with checksums that are right.
fn forge(write: impl FnOnce(&mut Vec<u8>, &mut Chain)) -> Vec<u8> {
    let (mut bytes, mut chain) = HEADER.encode();
    write(&mut bytes, &mut chain);
    bytes
}

fn forge_mark(mark: Mark) -> Vec<u8> {
    forge(|bytes, chain| chain.push_mark(bytes, mark))
}

#[test]
fn right_checksums_do_not_make_sense_of_nonsense() {
    let right = Mark {
        life: 1,
        position: 44,
    };
    assert_eq!(of(&forge_mark(right)).unwrap().torn(), None);
    assert_eq!(damage(&forge_mark(Mark { life: 2, ..right })), 44);
    assert_eq!(
        damage(&forge_mark(Mark {
            position: 45,
            ..right
        })),
        44
    );
    let record = |turn| Record {
        turn,
        kind: 1,
        payload: b"",
    };
    assert_eq!(
        damage(&forge(|bytes, chain| chain.push_record(bytes, record(2)))),
        44
    );
    let backwards = forge(|bytes, chain| {
        chain.push_record(bytes, record(5));
        chain.push_record(bytes, record(4));
    });
    assert_eq!(damage(&backwards), 65);
}

#[test]
fn another_version_is_refused() {
    let mut bytes = example([true; 3], true);
    bytes[8] = 2;
    assert_eq!(
        of(&bytes).unwrap_err().to_string(),
        "journal `inputs` has format 2, but this version of kay reads 1 only"
    );
}

#[test]
fn lengths_are_not_believed() {
    for length in [22, 1_000, u32::MAX - 1, u32::MAX] {
        let bytes = forge(|bytes, _| {
            bytes.extend(length.to_le_bytes());
            bytes.extend([7; 38]);
        });
        assert_eq!(
            of(&bytes).unwrap().torn().unwrap().offset,
            44,
            "length {length}"
        );
    }
}

/// Takes minutes if each byte is looked at more often than a few times.
#[test]
fn a_long_file_of_nothing_but_beginnings_takes_no_time() {
    let ones = forge(|bytes, _| bytes.resize(1 << 20, 0xFF));
    assert_eq!(of(&ones).unwrap().torn().unwrap().offset, 44);
    let records = forge(|bytes, _| {
        for at in 0..1_u32 << 18 {
            bytes.extend(((1 << 20) - 4 * at).to_le_bytes());
        }
    });
    assert_eq!(of(&records).unwrap().torn().unwrap().offset, 44);
    let marks = forge(|bytes, _| {
        for _ in 0..1 << 16 {
            let position = bytes.len() as u64;
            bytes.extend([0xFF; 8]);
            bytes.extend(position.to_le_bytes());
        }
    });
    assert_eq!(of(&marks).unwrap().torn().unwrap().offset, 44);
}

#[test]
fn whatever_is_spoiled_no_other_records_turn_up() {
    for seed in 0..2_000 {
        let mut rng = Rng::new(seed);
        let whole = example([(); 3].map(|()| rng.chance(0.5)), rng.chance(0.5));
        let mut bytes = whole.clone();
        for _ in 0..rng.below(5) {
            let at = rng.below(bytes.len() as u64) as usize;
            match rng.below(4) {
                0 => bytes[at] = rng.bits() as u8,
                // Lengths, and where marks begin.
                1 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xFF),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.extend_from_within(at..),
            }
        }
        if let Ok(contents) = of(&bytes) {
            let all = records(&of(&whole).unwrap());
            let left = records(&contents);
            assert_eq!(Some(&left[..]), all.get(..left.len()), "seed {seed}");
        }
    }
}
