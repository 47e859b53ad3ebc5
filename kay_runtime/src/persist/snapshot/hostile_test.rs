//! Files with right checksums that make no sense, as somebody may write them.

#[cfg(unix)]
use std::os::unix::fs::FileExt;

use super::example::{RUN, key};
use super::layout::{Entry, Extent, Tail};
use super::names::LAST;
use super::{Header, Key, Part, Snapshot, SnapshotError};
#[cfg(unix)]
use crate::persist::real_disk::RealDisk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

const NAME: &str = "snapshot-000000000001";
const HEADER: Header = Header { run: RUN, turn: 1 };

/// Where the directory begins.
const END: u64 = 16_384;
const META: u64 = 128;
/// What the directory has for a chunk.
const ENTRY: u64 = Entry::SIZE as u64;

fn entry(index: u32, offset: u64, length: u64, room: u64) -> Entry {
    Entry {
        file: Entry::OWN,
        key: key(1, 1, 1, index),
        offset,
        length,
        room,
        checksum: 0,
    }
}

/// The same in the file of another snapshot.
fn elsewhere(file: u64, entry: Entry) -> Entry {
    Entry { file, ..entry }
}

/// A file with ten bytes of meta at 128, and this directory.
fn forge(directory: &[u8], change: impl FnOnce(&mut Tail)) -> Vec<u8> {
    let (mut file, seed) = HEADER.encode();
    file.resize(END as usize, 0);
    let mut tail = Tail {
        directory: Extent::of(directory, END, seed),
        meta: Extent::of(&[0; 10], META, seed),
    };
    file.extend(directory);
    change(&mut tail);
    // Wherever things are said to be, their checksums are right if there is anything.
    for extent in [&mut tail.directory, &mut tail.meta] {
        let range = super::layout::range(extent.offset, extent.length);
        if let Some(bytes) = range.and_then(|range| file.get(range)) {
            *extent = Extent::of(bytes, extent.offset, seed);
        }
    }
    file.extend(tail.encode(seed).0);
    file
}

fn directory(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    entries.iter().for_each(|entry| entry.encode(&mut bytes));
    bytes
}

fn open(file: &[u8]) -> Result<Snapshot, SnapshotError> {
    let disk = SimulatedDisk::default();
    disk.put(NAME, file);
    Snapshot::open(&disk, NAME)
}

/// What is wrong, and where.
fn damage(file: &[u8]) -> (Part, u64) {
    match open(file) {
        Err(SnapshotError::Damaged { part, offset, name }) => {
            assert_eq!(name, NAME);
            (part, offset)
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("taken as it is"),
    }
}

fn of_entries(entries: &[Entry]) -> Vec<u8> {
    forge(&directory(entries), |_| ())
}

#[test]
fn what_makes_sense_is_taken() {
    let snapshot = open(&of_entries(&[
        entry(1, 4096, 7, 5000),
        entry(2, 64, 0, 64),
        // Two that are empty, one where the meta begins.
        entry(3, META, 0, 0),
        entry(4, 64, 0, 0),
        entry(5, 192, 3, 3904),
        entry(6, END - 64, 64, 64),
    ]))
    .unwrap();
    let rooms: Vec<usize> = snapshot.chunks().map(|chunk| chunk.room()).collect();
    assert_eq!(rooms, [5000, 64, 0, 0, 3904, 64]);
    assert_eq!(
        snapshot.verify(|_| ()).len(),
        6,
        "their checksums are wrong"
    );
}

#[test]
fn chunks_do_not_overlap_anything() {
    let chunk = |index| Part::Chunk(key(1, 1, 1, index));
    for (entries, part, offset) in [
        (vec![entry(1, 256, 9, 100), entry(2, 320, 9, 9)], 2, 320),
        (vec![entry(1, 320, 9, 9), entry(2, 256, 9, 100)], 1, 320),
        (vec![entry(1, 256, 1, 1), entry(2, 256, 1, 1)], 2, 256),
        (vec![entry(1, 4096, 1, 9000), entry(2, 8192, 0, 0)], 2, 8192),
        (vec![entry(1, 4096, 1, 9000), entry(2, 4160, 1, 1)], 2, 4160),
        // The meta.
        (vec![entry(1, META, 1, 1)], 1, META),
        (vec![entry(1, 64, 65, 65)], 1, 64),
        (vec![entry(1, 64, 1, 1000)], 1, 64),
    ] {
        let (found, at) = damage(&of_entries(&entries));
        // Which of two is told does not matter if they begin at one place.
        if offset != 256 {
            assert_eq!(found, chunk(part));
        }
        assert_eq!(at, offset);
    }
}

#[test]
fn chunks_are_where_they_may_be() {
    let good = entry(1, 4096, 1, 4096);
    for wrong in [
        entry(2, 0, 1, 1),
        entry(2, 0, 0, 0),
        // Directory, tail, and behind.
        entry(2, END - 64, 1, 65),
        entry(2, END, 1, 1),
        entry(2, END + 64, 1, 1),
        entry(2, END + 64 * 100, 0, 0),
        entry(2, 1 << 40, 1, 1),
        entry(2, 64, 1, 1 << 40),
        // Whose end is before the beginning, or nowhere.
        entry(2, u64::MAX - 63, 1, 64),
        entry(2, u64::MAX - 63, 1, 128),
        entry(2, 64, 1, u64::MAX - 63),
        entry(2, 64, 1, u64::MAX),
        entry(2, 4096, 1, u64::MAX - 4095),
        // Not aligned.
        entry(2, 65, 1, 1),
        entry(2, 63, 0, 0),
        entry(2, 192, 1, 4096),
        entry(2, 8192 + 64, 1, 5000),
        // More bytes than room.
        entry(2, 192, 2, 1),
        entry(2, 192, u64::MAX, 1),
        // Keys that do not ascend.
        entry(1, 192, 1, 1),
        entry(0, 192, 1, 1),
        // In the file of a snapshot that cannot be, or nowhere in it.
        elsewhere(LAST + 1, entry(2, 192, 1, 1)),
        elsewhere(7, entry(2, 193, 1, 1)),
        elsewhere(7, entry(2, 0, 1, 1)),
        elsewhere(7, entry(2, 192, 2, 1)),
        elsewhere(7, entry(2, u64::MAX - 63, 1, 64)),
    ] {
        let at = damage(&of_entries(&[good, wrong]));
        assert_eq!(at, (Part::Directory, END + ENTRY), "{wrong:?}");
    }
}

#[test]
fn keys_are_compared_as_a_whole() {
    let with = |key: Key| Entry {
        key,
        ..entry(0, 192, 0, 0)
    };
    let keys = [
        key(1, 2, 2, 2),
        key(2, 1, 2, 2),
        key(2, 2, 1, 2),
        key(2, 2, 2, 1),
        key(2, 2, 2, 2),
    ];
    open(&of_entries(&keys.map(with))).unwrap();
    for at in 1..keys.len() {
        let mut swapped = keys;
        swapped.swap(at - 1, at);
        let file = of_entries(&swapped.map(with));
        assert_eq!(damage(&file), (Part::Directory, END + ENTRY * at as u64));
    }
}

#[test]
fn a_directory_is_where_it_may_be() {
    let good = directory(&[entry(1, 4096, 1, 1)]);
    open(&forge(&good, |_| ())).unwrap();
    for (offset, length) in [
        (0, END + ENTRY),
        (0, u64::MAX),
        (END, 0),
        (END, ENTRY - 1),
        (END, ENTRY + 1),
        (END, ENTRY + 56),
        (END - 1, ENTRY + 1),
        (END, u64::MAX),
        (END, u64::MAX - END + ENTRY + 1),
        (END, ENTRY << 44),
        (u64::MAX, ENTRY),
        (u64::MAX - ENTRY + 1, ENTRY),
        (END + 100, ENTRY),
    ] {
        let file = forge(&good, |tail| {
            (tail.directory.offset, tail.directory.length) = (offset, length);
        });
        assert_eq!(
            damage(&file).0,
            Part::Directory,
            "{length} bytes at {offset}"
        );
    }
    let half = forge(&[&good[..], &[0; 43]].concat(), |_| ());
    assert_eq!(damage(&half), (Part::Directory, END + ENTRY));
    let zeros = forge(&[0; Entry::SIZE * 1000], |_| ());
    assert_eq!(damage(&zeros), (Part::Directory, END));
}

#[test]
fn meta_is_where_it_may_be() {
    for (offset, length) in [
        (0, 10),
        (0, 0),
        (65, 10),
        (64, END),
        (END, 10),
        (END - 64, 65),
        (u64::MAX - 63, 64),
        (64, u64::MAX),
        (1 << 40, 0),
    ] {
        let file = forge(&[], |tail| {
            (tail.meta.offset, tail.meta.length) = (offset, length);
        });
        assert_eq!(damage(&file), (Part::Meta, offset), "{length} bytes");
    }
}

#[test]
fn files_of_nothing_but_a_header_and_a_tail_are_refused_or_empty() {
    let (header, seed) = HEADER.encode();
    let empty = Extent::of(&[], 44, seed);
    let tail = Tail {
        directory: empty,
        meta: empty,
    };
    // The meta is not aligned.
    let file = [header.clone(), tail.encode(seed).0].concat();
    assert_eq!(damage(&file), (Part::Meta, 44));
    // A tail that overlaps the header is not right.
    for overlap in 1..=56 {
        let file = [&header[..], &tail.encode(seed).0[overlap.min(56)..]].concat();
        assert!(matches!(open(&file), Err(SnapshotError::Incomplete { .. })));
    }
}

/// It would take more memory than there is, or minutes, to look at more than is needed.
#[cfg(unix)]
#[test]
fn a_world_that_is_larger_than_memory_is_opened_and_written_to() {
    let end = 1_u64 << 38;
    let (header, seed) = HEADER.encode();
    let room = end - 4096;
    let directory = directory(&[entry(1, 4096, room, room)]);
    let tail = Tail {
        directory: Extent::of(&directory, end, seed),
        meta: Extent::of(&[], META, seed),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join(NAME)).unwrap();
    file.write_all_at(&header, 0).unwrap();
    file.write_all_at(&directory, end).unwrap();
    file.write_all_at(&tail.encode(seed).0, end + ENTRY)
        .unwrap();

    let mut snapshot = Snapshot::open(&RealDisk::new(folder.path()), NAME).unwrap();
    let chunk = snapshot.take(key(1, 1, 1, 1)).unwrap();
    assert_eq!(chunk.bytes().len() as u64, room);
    let mut memory = chunk.into_memory();
    for at in (0..memory.len()).step_by(1 << 34) {
        memory[at] += 7;
    }
    assert_eq!(memory[0], 7);
}

/// Whatever is taken belongs to one chunk only.
#[test]
fn nothing_that_is_taken_overlaps() {
    let mut taken = 0;
    for seed in 0..6_000 {
        let mut rng = Rng::new(seed);
        let number = |rng: &mut Rng| match rng.below(8) {
            0 => rng.bits(),
            1 => u64::MAX - 64 * rng.below(100) - rng.below(2),
            2 => END + 64 * rng.below(10),
            3 => rng.below(300),
            _ => 64 * rng.below(256),
        };
        let mut entries = Vec::new();
        for index in 0..rng.below(5) as u32 {
            let (offset, room) = if rng.chance(0.9) {
                (64 * (1 + rng.below(200)), rng.below(1000))
            } else {
                (number(&mut rng), number(&mut rng))
            };
            let index = if rng.chance(0.05) { 1 } else { index };
            entries.push(entry(
                index,
                offset,
                rng.below(room.saturating_add(1)),
                room,
            ));
        }
        let strange = rng.chance(0.1);
        let numbers = [(); 4].map(|()| number(&mut rng));
        let file = forge(&directory(&entries), |tail| {
            if strange {
                tail.meta.offset = numbers[0];
                tail.meta.length = numbers[1];
            }
        });
        let Ok(snapshot) = open(&file) else { continue };
        taken += usize::from(snapshot.chunks().count() > 1);
        let _ = snapshot.verify(|_| ());
        let mut memory: Vec<_> = snapshot
            .chunks()
            .map(|chunk| (chunk.offset(), chunk.offset() + chunk.room() as u64))
            .filter(|(start, end)| start < end)
            .collect();
        memory.sort_unstable();
        assert!(memory.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        assert!(
            memory
                .iter()
                .all(|(start, end)| *start >= 44 && *end <= END)
        );
        // And is what is there.
        for chunk in snapshot.chunks() {
            let start = chunk.offset() as usize;
            assert_eq!(chunk.bytes(), &file[start..][..chunk.bytes().len()]);
        }
    }
    assert!(taken > 300, "{taken}");
}
