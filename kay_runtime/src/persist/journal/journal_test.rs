//! What a journal does when all goes well, and when the disk refuses.

use std::io::ErrorKind;
use std::sync::Arc;

use super::contents::Torn;
use super::layout::LONGEST;
use super::{Contents, Header, Journal, JournalError, read, resume};
use crate::persist::disk::Disk;
use crate::persist::real_disk::RealDisk;
use crate::persist::simulated::SimulatedDisk;

const NAME: &str = "inputs";
const HEADER: Header = Header {
    run: 0x0123_4567_89AB_CDEF_0011_2233_4455_6677,
    turn: 100,
};

fn create() -> (SimulatedDisk, Arc<dyn Disk>, Journal) {
    let simulated = SimulatedDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(simulated.clone());
    let journal = Journal::create(&*disk, NAME, HEADER).unwrap();
    (simulated, disk, journal)
}

fn records(contents: &Contents) -> Vec<(u64, u8, &[u8])> {
    let records = contents.records();
    records
        .map(|record| (record.turn, record.kind, record.payload))
        .collect()
}

fn refusal<T>(result: Result<T, JournalError>) -> String {
    let Err(error) = result else {
        panic!("it was not refused")
    };
    error.to_string()
}

#[test]
fn what_is_written_is_read() {
    let (_, disk, mut journal) = create();
    journal.append(100, 1, b"hello").unwrap();
    journal.append(100, 255, b"").unwrap();
    journal.commit(true).unwrap();
    journal.append(102, 0, &[0xFF; 1000]).unwrap();
    journal.commit(false).unwrap();
    let contents = read(&*disk, NAME).unwrap();
    assert_eq!(contents.header(), HEADER);
    assert_eq!(contents.torn(), None);
    let expected: [(u64, u8, &[u8]); 3] =
        [(100, 1, b"hello"), (100, 255, b""), (102, 0, &[0xFF; 1000])];
    assert_eq!(records(&contents), expected);
}

#[test]
fn nothing_is_written_before_the_commit() {
    let (_, disk, mut journal) = create();
    journal.append(100, 1, b"hello").unwrap();
    assert_eq!(records(&read(&*disk, NAME).unwrap()), []);
}

#[test]
fn the_layout_does_not_change_unnoticed() {
    let (_, disk, mut journal) = create();
    journal.append(0x0102, 7, b"ab").unwrap();
    journal.commit(true).unwrap();
    journal.commit(false).unwrap();
    let bytes = disk.read(NAME).unwrap();
    let mut expected = b"kay jrnl\x01\0\0\0".to_vec();
    expected.extend(b"\x77\x66\x55\x44\x33\x22\x11\0\xEF\xCD\xAB\x89\x67\x45\x23\x01");
    expected.extend(b"\x64\0\0\0\0\0\0\0");
    assert_eq!(bytes[..36], expected);
    let (header, record, mark) = (&bytes[36..44], &bytes[44..67], &bytes[67..]);
    assert_eq!(record[..15], *b"\x02\0\0\0\x02\x01\0\0\0\0\0\0\x07ab");
    assert_eq!(mark[..16], *b"\xFF\xFF\xFF\xFF\0\0\0\0\x43\0\0\0\0\0\0\0");
    assert_eq!(
        mark[16..24],
        record[15..],
        "a mark names the checksum before it"
    );
    let checksum = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    let checksums = [header, &record[15..], &mark[24..]].map(checksum);
    assert_eq!(
        checksums,
        [
            0x0B9F_EE39_8AE8_2C87,
            0xF6BD_8520_7E22_39B1,
            0xE40D_CFE6_725A_A017,
        ]
    );
}

#[test]
fn many_inputs_are_one_write() {
    let (simulated, _, mut journal) = create();
    let before = simulated.operations();
    for turn in 100..200 {
        journal.append(turn, 0, b"x").unwrap();
    }
    journal.commit(false).unwrap();
    assert_eq!(simulated.operations(), before + 1);
}

#[test]
fn turns_without_inputs_cost_nothing() {
    let (simulated, disk, mut journal) = create();
    journal.append(100, 0, b"x").unwrap();
    journal.commit(true).unwrap();
    // This one writes that the last one was synced.
    journal.commit(true).unwrap();
    let (operations, bytes) = (simulated.operations(), disk.read(NAME).unwrap());
    for _ in 0..10 {
        journal.commit(true).unwrap();
        journal.commit(false).unwrap();
    }
    assert_eq!(simulated.operations(), operations);
    assert_eq!(disk.read(NAME).unwrap(), bytes);
}

#[test]
fn a_sync_covers_what_was_written_without_one() {
    let (simulated, _, mut journal) = create();
    journal.append(100, 0, b"x").unwrap();
    journal.commit(false).unwrap();
    journal.commit(true).unwrap();
    for seed in 0..50 {
        let contents = read(&simulated.after_crash(seed), NAME).unwrap();
        assert_eq!(records(&contents), [(100, 0, &b"x"[..])], "seed {seed}");
    }
}

#[test]
fn what_is_appended_lightly_is_synced_with_what_comes_behind_it() {
    let (simulated, disk, mut journal) = create();
    let before = simulated.operations();
    journal.append_lightly(100, 1, b"light").unwrap();
    journal.commit(true).unwrap();
    journal.commit(true).unwrap();
    assert_eq!(simulated.operations() - before, 1, "a write, no sync");
    journal.append(101, 2, b"heavy").unwrap();
    journal.append_lightly(101, 1, b"").unwrap();
    journal.commit(true).unwrap();
    assert_eq!(simulated.operations() - before, 3, "a write and a sync");
    let contents = read(&*disk, NAME).unwrap();
    let expected: [(u64, u8, &[u8]); 3] = [(100, 1, b"light"), (101, 2, b"heavy"), (101, 1, b"")];
    assert_eq!(records(&contents), expected);
}

#[test]
fn what_was_closed_is_safe_with_its_mark() {
    let (simulated, disk, mut journal) = create();
    journal.append(100, 0, b"x").unwrap();
    journal.commit(true).unwrap();
    // The mark is written, but not safe, and there is nothing new to sync.
    journal.commit(true).unwrap();
    journal.close().unwrap();
    let bytes = disk.read(NAME).unwrap();
    assert_eq!(bytes.len(), 44 + 22 + 32);
    for seed in 0..50 {
        let found = simulated.after_crash(seed).read(NAME).unwrap();
        assert_eq!(found, bytes, "seed {seed}");
    }
}

#[test]
fn what_was_appended_lightly_is_closed_with_its_mark() {
    let (_, disk, mut journal) = create();
    journal.append_lightly(100, 0, b"x").unwrap();
    journal.commit(true).unwrap();
    journal.close().unwrap();
    let mut bytes = disk.read(NAME).unwrap();
    assert_eq!(bytes.len(), 44 + 22 + 32);
    // Damage to it is not taken for a torn tail.
    bytes[44 + 21] ^= 1;
    disk.create(NAME).unwrap().append(&bytes).unwrap();
    assert!(read(&*disk, NAME).is_err());
}

#[test]
fn a_resumed_journal_goes_on() {
    let (_, disk, mut journal) = create();
    journal.append(100, 1, b"one").unwrap();
    journal.close().unwrap();
    for turn in [101, 102] {
        let (mut journal, contents) = resume(&*disk, NAME).unwrap();
        assert_eq!(contents.header(), HEADER);
        assert_eq!(records(&contents).last().unwrap().0, turn - 1);
        journal.append(turn, 1, b"more").unwrap();
        journal.commit(false).unwrap();
    }
    let contents = read(&*disk, NAME).unwrap();
    let expected: [(u64, u8, &[u8]); 3] = [(100, 1, b"one"), (101, 1, b"more"), (102, 1, b"more")];
    assert_eq!(records(&contents), expected);
}

#[test]
fn a_journal_is_not_overwritten() {
    let (_, disk, mut journal) = create();
    journal.append(100, 1, b"one").unwrap();
    journal.commit(false).unwrap();
    let refused = refusal(Journal::create(&*disk, NAME, HEADER));
    assert_eq!(
        refused,
        "there is a journal `inputs` already: resume it, or remove it if nobody needs it"
    );
    assert_eq!(read(&*disk, NAME).unwrap().records().count(), 1);
}

#[test]
fn what_a_creation_has_left_is_no_obstacle() {
    let simulated = SimulatedDisk::default();
    simulated.put("inputs.new", &[7; 500]);
    let disk: Arc<dyn Disk> = Arc::new(simulated);
    Journal::create(&*disk, NAME, HEADER).unwrap();
    assert_eq!(read(&*disk, NAME).unwrap().torn(), None);
    assert_eq!(disk.list().unwrap(), [NAME]);
}

#[test]
fn turns_do_not_go_backwards() {
    let (_, disk, mut journal) = create();
    assert_eq!(
        refusal(journal.append(99, 1, b"")),
        "an input for turn 99 comes too late: the journal has come to turn 100"
    );
    journal.append(105, 1, b"").unwrap();
    assert!(refusal(journal.append(104, 1, b"")).contains("turn 105"));
    journal.close().unwrap();
    let (mut journal, _) = resume(&*disk, NAME).unwrap();
    assert!(refusal(journal.append(104, 1, b"")).contains("turn 105"));
    journal.append(105, 1, b"").unwrap();
}

#[test]
fn the_longest_length_is_not_that_of_a_mark() {
    assert_eq!(LONGEST as u64, u64::from(u32::MAX) - 1);
}

#[test]
fn a_full_disk_is_an_error_for_good() {
    for room in 0..21 + 100 {
        let (simulated, disk, mut journal) = create();
        journal.append(100, 1, b"one").unwrap();
        journal.commit(false).unwrap();
        simulated.leave_room(room);
        journal.append(101, 1, &[9; 100]).unwrap();
        let error = journal.commit(false).unwrap_err();
        let JournalError::Disk(disk_error) = &error else {
            panic!("{error}")
        };
        assert_eq!(disk_error.reason.kind(), ErrorKind::StorageFull);
        let (operations, refused) = (simulated.operations(), error.to_string());
        simulated.leave_room(1_000_000);
        assert_eq!(refusal(journal.append(102, 1, b"")), refused);
        assert_eq!(refusal(journal.commit(false)), refused);
        assert_eq!(refusal(journal.commit(true)), refused);
        assert_eq!(refusal(journal.close()), refused);
        assert_eq!(simulated.operations(), operations, "nothing is tried again");

        let expected: [(u64, u8, &[u8]); 1] = [(100, 1, b"one")];
        let (mut journal, contents) = resume(&*disk, NAME).unwrap();
        assert_eq!(records(&contents), expected, "room for {room}");
        let torn = (room > 0).then_some(Torn {
            offset: 44 + 24,
            bytes: room as u64,
        });
        assert_eq!(contents.torn(), torn);
        journal.append(101, 2, b"two").unwrap();
        journal.close().unwrap();
        assert_eq!(read(&*disk, NAME).unwrap().records().count(), 2);
    }
}

#[test]
fn a_sync_that_fails_is_not_tried_again() {
    let (simulated, disk, mut journal) = create();
    journal.append(100, 1, b"one").unwrap();
    journal.commit(true).unwrap();
    simulated.fail_syncs();
    journal.append(101, 1, b"two").unwrap();
    let refused = refusal(journal.commit(true));
    assert_eq!(refused, "cannot sync `inputs`: the disk is broken");
    let operations = simulated.operations();
    assert_eq!(refusal(journal.append(102, 1, b"")), refused);
    assert_eq!(refusal(journal.commit(false)), refused);
    assert_eq!(refusal(journal.commit(true)), refused);
    assert_eq!(refusal(journal.close()), refused);
    assert_eq!(simulated.operations(), operations);
    assert_eq!(
        records(&read(&*disk, NAME).unwrap())[0],
        (100, 1, &b"one"[..])
    );
    // Nor does one who resumes it say that all is safe.
    assert_eq!(refusal(resume(&*disk, NAME)), refused);
}

#[test]
fn a_journal_that_cannot_be_created_is_an_error() {
    let simulated = SimulatedDisk::default();
    let disk: Arc<dyn Disk> = Arc::new(simulated.clone());
    simulated.leave_room(43);
    let refused = refusal(Journal::create(&*disk, NAME, HEADER));
    assert!(
        refused.starts_with("cannot write to `inputs.new`: "),
        "{refused}"
    );
    simulated.leave_room(44);
    Journal::create(&*disk, NAME, HEADER).unwrap();
}

#[test]
fn a_journal_that_is_not_there_is_an_error() {
    let simulated = SimulatedDisk::default();
    let refused = refusal(read(&simulated, NAME));
    assert_eq!(refused, "cannot read `inputs`: entity not found");
}

#[test]
fn real_files_work_as_simulated_ones_do() {
    let directory = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::new(directory.path()));
    let mut journal = Journal::create(&*disk, NAME, HEADER).unwrap();
    assert_eq!(disk.list().unwrap(), [NAME]);
    assert!(refusal(Journal::create(&*disk, NAME, HEADER)).contains("already"));
    journal.append(100, 1, b"one").unwrap();
    journal.commit(true).unwrap();
    journal.append(101, 2, b"two").unwrap();
    journal.commit(false).unwrap();
    let whole = disk.read(NAME).unwrap();
    assert_eq!(whole.len(), 44 + 24 + 32 + 24);

    let mut file = disk.open(NAME).unwrap();
    file.truncate(whole.len() as u64 - 1).unwrap();
    let torn = Torn {
        offset: 44 + 24 + 32,
        bytes: 23,
    };
    assert_eq!(read(&*disk, NAME).unwrap().torn(), Some(torn));
    let (mut journal, contents) = resume(&*disk, NAME).unwrap();
    assert_eq!(contents.torn(), Some(torn));
    assert_eq!(file.length().unwrap(), 44 + 24 + 32 + 32);
    journal.append(101, 3, b"three").unwrap();
    journal.close().unwrap();
    let contents = read(&*disk, NAME).unwrap();
    let expected: [(u64, u8, &[u8]); 2] = [(100, 1, b"one"), (101, 3, b"three")];
    assert_eq!(records(&contents), expected);
    assert_eq!(contents.torn(), None);

    let mut bytes = disk.read(NAME).unwrap();
    bytes[50] ^= 1;
    disk.create(NAME).unwrap().append(&bytes).unwrap();
    let refused = refusal(resume(&*disk, NAME));
    assert!(
        refused.contains("`inputs` is damaged at byte 44"),
        "{refused}"
    );
    assert_eq!(
        disk.read(NAME).unwrap(),
        bytes,
        "what is refused is left as it is"
    );
    disk.remove(NAME).unwrap();
    assert_eq!(disk.list().unwrap(), [""; 0]);

    let refused = refusal(read(&*disk, NAME));
    let path = directory.path().join(NAME);
    assert!(refused.contains(path.to_str().unwrap()), "{refused}");
    assert!(refusal(resume(&*disk, NAME)).contains("cannot read"));
    directory.close().unwrap();
    assert!(refusal(Journal::create(&*disk, NAME, HEADER)).starts_with("cannot list"));
}
