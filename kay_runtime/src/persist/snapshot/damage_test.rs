//! Files that are not as they were written.

use std::collections::BTreeMap;
use std::ops::Range;

use super::backups::Opened;
use super::example::{Example, RUN, arc, key, refusal};
use super::{Backups, Entry, Key, Part, SnapshotError};
use crate::persist::disk::Disk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

const ROOT: &str = "snapshot-root";
const OLDER: &str = "snapshot-000000000001";
const NEWEST: &str = "snapshot-000000000002";

/// Chunks with room and without, empty, and with nothing but room.
fn example(turn: u64) -> Example {
    let bytes = |length: usize| (0..length).map(|at| (at as u64 + turn) as u8).collect();
    let chunks = [(40, 40), (0, 0), (70, 100), (0, 20), (64, 64)];
    let chunks = (1..).zip(chunks);
    Example {
        turn,
        meta: b"what the world says".to_vec(),
        chunks: chunks
            .map(|(index, (length, room))| (key(1, 2, 3, index), (bytes(length), room)))
            .collect(),
    }
}

/// A directory with two snapshots.
fn two() -> SimulatedDisk {
    let disk = SimulatedDisk::default();
    let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
    for turn in [1, 2] {
        example(turn).commit(&mut backups).unwrap();
    }
    disk
}

/// The same directory with other bytes in one of its files.
fn with(disk: &SimulatedDisk, name: &str, bytes: &[u8]) -> SimulatedDisk {
    let other = disk.after_kill(0);
    other.put(name, bytes);
    other
}

/// The turn of what is opened, the keys of damaged chunks, and what is told. That what passes is
/// what was written is seen to.
fn look(disk: &SimulatedDisk, story: &str) -> Result<(u64, Vec<Key>, Opened), SnapshotError> {
    let (_, mut opened) = Backups::open(arc(disk))?;
    let snapshot = opened.snapshot.take().unwrap();
    let expected = example(snapshot.header().turn);
    assert_eq!(snapshot.header(), expected.header(), "{story}");
    assert_eq!(snapshot.meta(), expected.meta, "{story}");
    assert_eq!(snapshot.chunks().count(), expected.chunks.len(), "{story}");
    let mut damaged = Vec::new();
    for chunk in snapshot.chunks() {
        if chunk.check().is_err() {
            damaged.push(chunk.key());
        } else {
            let found = (chunk.bytes().to_vec(), chunk.room());
            assert_eq!(found, expected.chunks[&chunk.key()], "{story}");
        }
    }
    Ok((snapshot.header().turn, damaged, opened))
}

/// Where things are in the newer file.
struct Places {
    chunks: BTreeMap<Key, Range<usize>>,
    meta: Range<usize>,
    directory: Range<usize>,
}

impl Places {
    fn of(disk: &SimulatedDisk) -> Places {
        let (_, opened) = Backups::open(arc(disk)).unwrap();
        let snapshot = opened.snapshot.unwrap();
        let chunks = snapshot.chunks().map(|chunk| {
            let start = chunk.offset() as usize;
            (chunk.key(), start..start + chunk.room())
        });
        let end = disk.read(NEWEST).unwrap().len() - 56;
        Places {
            chunks: chunks.collect(),
            meta: 64..64 + snapshot.meta().len(),
            directory: end - snapshot.chunks().count() * Entry::SIZE..end,
        }
    }
}

#[test]
fn no_bit_that_turns_around_is_overlooked() {
    let disk = two();
    let places = Places::of(&disk);
    let whole = disk.read(NEWEST).unwrap();
    let mut seen = [0; 5];
    for bit in 0..whole.len() * 8 {
        let at = bit / 8;
        let story = format!("bit {bit}, byte {at}");
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (bit % 8);
        let (turn, damaged, opened) = look(&with(&disk, NEWEST, &bytes), &story).unwrap();
        assert!(opened.root.is_none(), "{story}");
        let in_header = at < 44;
        let is_vital = in_header || places.meta.contains(&at) || at >= places.directory.start;
        if !is_vital {
            let hit = places.chunks.iter().find(|(_, place)| place.contains(&at));
            let hit: Vec<Key> = hit.map(|(key, _)| *key).into_iter().collect();
            assert_eq!(
                (turn, &damaged, opened.refused.len()),
                (2, &hit, 0),
                "{story}"
            );
            seen[0] += 1 - hit.len();
            continue;
        }
        assert_eq!((turn, damaged), (1, vec![]), "{story}");
        assert_eq!(opened.refused.len(), 1, "{story}");
        match &opened.refused[0] {
            SnapshotError::NotASnapshot { name } => {
                assert!(at < 8 && name == NEWEST, "{story}");
                seen[1] += 1;
            }
            SnapshotError::Damaged { name, offset, part } => {
                assert_eq!(name, NEWEST, "{story}");
                let place = match part {
                    Part::Header => 0..44,
                    Part::Meta => places.meta.clone(),
                    Part::Directory => places.directory.clone(),
                    Part::Chunk(key) => panic!("{story}: {key}"),
                };
                assert!(place.contains(&at), "{story}: {part}");
                assert_eq!(*offset, place.start as u64, "{story}");
                seen[2 + usize::from(!in_header)] += 1;
            }
            SnapshotError::Incomplete { name, length } => {
                assert_eq!(
                    (&name[..], *length),
                    (NEWEST, whole.len() as u64),
                    "{story}"
                );
                assert!(at >= places.directory.end, "{story}");
                seen[4] += 1;
            }
            error => panic!("{story}: {error}"),
        }
    }
    assert!(seen.iter().all(|&times| times > 50), "{seen:?}");
}

#[test]
fn a_file_of_another_length_is_not_used() {
    let disk = two();
    let whole = disk.read(NEWEST).unwrap();
    for length in 0..whole.len() {
        let story = format!("{length} bytes");
        let cut = with(&disk, NEWEST, &whole[..length]);
        let (turn, damaged, opened) = look(&cut, &story).unwrap();
        assert_eq!((turn, damaged), (1, vec![]), "{story}");
        match &opened.refused[..] {
            [SnapshotError::NotASnapshot { .. }] => assert!(length < 8, "{story}"),
            [SnapshotError::Incomplete { length: found, .. }] => {
                assert_eq!(*found, length as u64);
            }
            other => panic!("{story}: {other:?}"),
        }
    }
    for more in [1, 56, 4096] {
        let longer = [&whole[..], &vec![0; more]].concat();
        assert_eq!(look(&with(&disk, NEWEST, &longer), "longer").unwrap().0, 1);
    }
    // The end is right, but not where it is.
    let moved = [&whole[..], &whole[whole.len() - 56..]].concat();
    assert_eq!(look(&with(&disk, NEWEST, &moved), "moved").unwrap().0, 1);
}

#[test]
fn if_both_are_damaged_both_are_told() {
    let disk = two();
    let whole = disk.read(NEWEST).unwrap();
    let disk = with(&disk, NEWEST, &whole[..100]);
    let disk = with(&disk, OLDER, b"something else");
    assert_eq!(
        refusal(look(&disk, "both")),
        "there is no snapshot left that can be used (snapshot `snapshot-000000000002` has no right \
         end before byte 100, where the file ends: it was cut short, never finished, or is damaged \
         there; use the one before it, or a copy; `snapshot-000000000001` is not a snapshot: it \
         does not begin as one does): bring back a copy"
    );
}

#[test]
fn without_a_right_root_files_speak_for_themselves() {
    let disk = two();
    let whole = disk.read(ROOT).unwrap();
    let flips = (0..whole.len() * 8).map(|bit| {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        bytes
    });
    let cuts = (0..whole.len()).map(|length| whole[..length].to_vec());
    let others = [[&whole[..], b"x"].concat(), vec![0; 100_000]];
    for (at, root) in flips.chain(cuts).chain(others).enumerate() {
        let story = format!("root number {at}");
        let (turn, damaged, opened) = look(&with(&disk, ROOT, &root), &story).unwrap();
        assert_eq!(
            (turn, damaged, opened.refused.len()),
            (2, vec![], 0),
            "{story}"
        );
        let told = opened.root.unwrap();
        assert!(matches!(&told, SnapshotError::RootDamaged { name } if name == ROOT));
    }
    disk.remove(ROOT).unwrap();
    let (turn, _, opened) = look(&disk, "no root").unwrap();
    assert_eq!(turn, 2);
    assert!(matches!(
        opened.root,
        Some(SnapshotError::RootMissing { .. })
    ));
    let cut = with(&disk, NEWEST, &disk.read(NEWEST).unwrap()[..200]);
    let (turn, _, opened) = look(&cut, "no root and no right end").unwrap();
    assert_eq!((turn, opened.refused.len()), (1, 1));
}

#[test]
fn nothing_is_right_under_another_key_or_in_another_run() {
    let disk = two();
    let places = Places::of(&disk);
    let whole = disk.read(NEWEST).unwrap();
    // The same bytes, so that the checksums could be the same.
    let bytes = vec![7; 64];
    let (one, other) = (key(1, 2, 3, 4), key(1, 2, 3, 5));
    let world = |run| {
        let disk = SimulatedDisk::default();
        let header = super::Header { run, turn: 2 };
        let mut writer = super::writer::SnapshotWriter::begin(&disk, 1, header, b"").unwrap();
        writer.chunk(one, &bytes, 0).unwrap();
        writer.chunk(other, &bytes, 0).unwrap();
        writer.finish().unwrap();
        disk.read("snapshot-000000000001.new").unwrap()
    };
    let checksums = |file: &[u8]| {
        let directory = file.len() - 56 - 2 * Entry::SIZE;
        let of = |entry: usize| file[directory + (entry + 1) * Entry::SIZE - 8..][..8].to_vec();
        [of(0), of(1)]
    };
    let [a, b] = checksums(&world(RUN));
    let [c, d] = checksums(&world(RUN + 1));
    assert!(a != b && a != c && b != d && c != d);

    // Directory and tail of the older one fit where those of the newer one are.
    let older = disk.read(OLDER).unwrap();
    assert_eq!(older.len(), whole.len());
    let at = places.directory.start;
    let mixed = [&whole[..at], &older[at..]].concat();
    assert_eq!(look(&with(&disk, NEWEST, &mixed), "mixed").unwrap().0, 1);
    // The header of the older one fits, too. Without a root only seeds tell that it is not its own.
    let mixed = [&older[..44], &whole[44..]].concat();
    let without_root = with(&disk, NEWEST, &mixed);
    without_root.remove(ROOT).unwrap();
    assert_eq!(look(&without_root, "another header").unwrap().0, 1);
    // So do its chunks, and if one is in place of another, only that one is wrong.
    for (key, place) in &places.chunks {
        let mut mixed = whole.clone();
        mixed[place.clone()].copy_from_slice(&older[place.clone()]);
        let (turn, damaged, _) = look(&with(&disk, NEWEST, &mixed), "a chunk").unwrap();
        let has_bytes = !example(2).chunks[key].0.is_empty();
        let expected: Vec<Key> = has_bytes.then_some(*key).into_iter().collect();
        assert_eq!((turn, damaged), (2, expected));
    }
}

#[test]
fn a_file_in_place_of_another_is_noticed() {
    let disk = two();
    let older = disk.read(OLDER).unwrap();
    let (turn, _, opened) = look(&with(&disk, NEWEST, &older), "replaced").unwrap();
    assert_eq!(turn, 1);
    assert!(matches!(&opened.refused[..], [SnapshotError::Replaced { name }] if name == NEWEST));
}

#[test]
fn another_version_is_refused_and_nothing_older_is_taken() {
    let disk = two();
    let mut newest = disk.read(NEWEST).unwrap();
    newest[8] = 2;
    let checksum = xxhash_rust::xxh3::xxh3_64(&newest[..36]);
    newest[36..44].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(
        refusal(look(&with(&disk, NEWEST, &newest), "version")),
        "`snapshot-000000000002` has format 2, but this version of kay reads 1 only: use the \
         version that wrote it, or move the file away to go on without it"
    );
}

#[test]
fn whatever_is_spoiled_no_other_bytes_turn_up() {
    let disk = two();
    let files = [ROOT, OLDER, NEWEST].map(|name| (name, disk.read(name).unwrap()));
    for seed in 0..3_000 {
        let mut rng = Rng::new(seed);
        let mut spoiled = disk.clone();
        for _ in 0..rng.below(4) {
            let (name, whole) = &files[rng.below(3) as usize];
            let mut bytes = whole.clone();
            for _ in 0..rng.below(4) {
                let at = rng.below(bytes.len() as u64) as usize;
                let other = rng.below(3) as usize;
                match rng.below(5) {
                    0 => bytes[at] = rng.bits() as u8,
                    1 => bytes[at..].iter_mut().take(8).for_each(|byte| *byte = 0xFF),
                    2 => bytes.truncate(at.max(1)),
                    3 => bytes.extend_from_within(at..),
                    _ => bytes
                        .splice(at.., files[other].1.iter().skip(at).copied())
                        .for_each(drop),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            spoiled = with(&spoiled, name, &bytes);
        }
        // What is looked at is compared.
        let _ = look(&spoiled, &format!("seed {seed}"));
    }
}
