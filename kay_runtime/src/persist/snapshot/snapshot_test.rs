//! One file: what is written is read, and used where it lies.

use std::collections::BTreeSet;

use super::chunk::Chunk;
use super::example::{Example, RUN, key, refusal};
use super::reader::Progress;
use super::writer::SnapshotWriter;
use super::{Header, Snapshot, SnapshotError};
use crate::persist::disk::Disk;
use crate::persist::real_disk::RealDisk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

const NAME: &str = "snapshot-000000000001";
const NEW: &str = "snapshot-000000000001.new";
const HEADER: Header = Header {
    run: RUN,
    turn: 100,
};

fn open(file: &[u8]) -> Result<Snapshot, SnapshotError> {
    let disk = SimulatedDisk::default();
    disk.put(NAME, file);
    Snapshot::open(&disk, NAME)
}

fn begin(disk: &SimulatedDisk) -> SnapshotWriter {
    SnapshotWriter::begin(disk, 1, HEADER, b"meta").unwrap()
}

#[test]
fn what_is_written_is_read() {
    for seed in 0..300 {
        let sizes = [0, 1, 64, 500, 4096, 20_000];
        let example = Example::random(seed, &mut Rng::new(seed), &sizes);
        let file = example.file();
        example.compare(&open(&file).unwrap(), &format!("seed {seed}"));
    }
}

#[test]
fn chunks_lie_where_they_can_be_used() {
    let mut shared = BTreeSet::new();
    for seed in 0..300 {
        let example = Example::random(seed, &mut Rng::new(seed), &[64, 5_000, 20_000]);
        let file = example.file();
        let snapshot = open(&file).unwrap();
        let mut pages = BTreeSet::new();
        for chunk in snapshot.chunks() {
            let (offset, address) = (chunk.offset() as usize, chunk.bytes().as_ptr().addr());
            let least = if chunk.room() < 4096 { 64 } else { 4096 };
            assert_eq!((offset % least, address % least), (0, 0), "seed {seed}");
            let bytes = chunk.bytes();
            assert_eq!(&file[offset..][..bytes.len()], bytes, "seed {seed}");
            let rest = &file[offset..][bytes.len()..chunk.room()];
            assert!(rest.iter().all(|&byte| byte == 0), "seed {seed}");
            let first_page = offset / 4096;
            let last_page = (offset + chunk.room().max(1) - 1) / 4096;
            for page in first_page..=last_page {
                if chunk.room() >= 4096 {
                    assert!(
                        pages.insert(page),
                        "seed {seed}: two large chunks in a page"
                    );
                } else {
                    shared.insert((seed, page));
                }
            }
        }
    }
    assert!(shared.len() > 100, "there were small ones");
}

#[test]
fn the_layout_does_not_change_unnoticed() {
    let disk = SimulatedDisk::default();
    let mut writer = begin(&disk);
    writer.chunk(key(2, 3, 4, 5), b"second", 0).unwrap();
    writer.chunk(key(1, 3, 4, 5), b"first", 4096).unwrap();
    let written = writer.finish().unwrap();
    let file = disk.read(NEW).unwrap();
    assert_eq!((written.turn, written.entries.len()), (100, 2));
    assert_eq!(written.bytes, file.len() as u64);

    let mut expected = b"kay snap\x01\0\0\0".to_vec();
    expected.extend(b"\x77\x66\x55\x44\x33\x22\x11\0\xEF\xCD\xAB\x89\x67\x45\x23\x01");
    expected.extend(b"\x64\0\0\0\0\0\0\0");
    assert_eq!(file[..36], expected);
    let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
    assert_eq!(
        (&file[64..68], &file[128..134]),
        (&b"meta"[..], &b"second"[..])
    );
    assert_eq!(&file[4096..4101], b"first");
    let directory = 8192;
    let tail = directory + 2 * 52;
    assert_eq!(file.len(), tail + 56);
    for (at, kind, offset, length, room) in [
        (directory, 1, 4096, 5, 4096),
        (directory + 52, 2, 128, 6, 6),
    ] {
        assert_eq!(file[at..at + 12], [kind, 0, 3, 0, 4, 0, 0, 0, 5, 0, 0, 0]);
        let numbers = [12, 20, 28, 36].map(|behind| number(at + behind));
        assert_eq!(numbers, [0, offset, length, room]);
    }
    let extents = [
        number(tail),
        number(tail + 8),
        number(tail + 24),
        number(tail + 32),
    ];
    assert_eq!(extents, [8192, 104, 64, 4]);
    let meaningless = [44..64, 68..128, 134..4096];
    assert!(meaningless.into_iter().flatten().all(|at| file[at] == 0));
    let checksums = [
        number(36),
        number(directory + 44),
        number(directory + 96),
        number(tail + 16),
        number(tail + 40),
        number(tail + 48),
    ];
    assert_eq!(
        checksums,
        [
            0x2933_42D4_D138_3A35,
            0x5624_087E_E1A8_1C15,
            0x828E_52D3_7DDA_DB79,
            0xB3D1_5A9C_5F67_6B4F,
            0x0AE2_A0C6_E4B0_D540,
            0xDED4_1002_0252_D174
        ]
    );
}

#[test]
fn an_empty_world_is_one_too() {
    let disk = SimulatedDisk::default();
    let writer = SnapshotWriter::begin(&disk, 1, HEADER, b"").unwrap();
    writer.finish().unwrap();
    let snapshot = Snapshot::open(&disk, NEW).unwrap();
    assert_eq!((snapshot.header(), snapshot.name()), (HEADER, NEW));
    assert_eq!((snapshot.meta(), snapshot.chunks().count()), (&b""[..], 0));
}

#[test]
fn a_chunk_is_taken_once_and_outlives_the_others() {
    let example = Example::random(7, &mut Rng::new(7), &[5_000]);
    let mut snapshot = open(&example.file()).unwrap();
    let keys: Vec<_> = example.chunks.keys().copied().collect();
    assert!(keys.len() > 1);
    let mut taken: Vec<Chunk> = keys.iter().filter_map(|&key| snapshot.take(key)).collect();
    assert!(snapshot.take(keys[0]).is_none() && snapshot.chunk(keys[0]).is_none());
    assert_eq!(snapshot.chunks().count(), 0);
    drop(snapshot);
    // Another thread may have them, and check them later.
    taken = std::thread::spawn(move || {
        taken.iter().for_each(|chunk| chunk.check().unwrap());
        taken
    })
    .join()
    .unwrap();
    let mut memory: Vec<_> = taken.into_iter().map(Chunk::into_memory).collect();
    for (at, memory) in memory.iter_mut().enumerate() {
        memory.fill(at as u8);
    }
    for (at, (key, memory)) in keys.iter().zip(&memory).enumerate() {
        assert_eq!(memory.len(), example.chunks[key].1);
        assert!(memory.iter().all(|&byte| byte == at as u8), "they overlap");
    }
}

#[test]
fn two_chunks_with_one_key_are_refused() {
    let disk = SimulatedDisk::default();
    let mut writer = begin(&disk);
    for index in [1, 2, 1] {
        writer.chunk(key(1, 2, 3, index), b"", 0).unwrap();
    }
    assert_eq!(
        refusal(writer.finish()),
        "snapshot `snapshot-000000000001.new` cannot be written: it would have two chunks with \
         one key, kind 1, shard 2, actor type 3, index 1"
    );
}

#[test]
fn little_chunks_are_few_writes() {
    let disk = SimulatedDisk::default();
    let mut writer = begin(&disk);
    for index in 0..64 {
        writer.chunk(key(1, 0, 0, index), &[7; 64], 0).unwrap();
    }
    // 4 KiB, of which 256 bytes are written at once, and 2 KiB synced.
    assert!(
        (17..=20).contains(&disk.operations()),
        "{}",
        disk.operations()
    );
}

#[test]
fn a_large_chunk_is_written_and_synced_in_pieces() {
    let disk = SimulatedDisk::default();
    let mut writer = begin(&disk);
    let before = disk.operations();
    writer.chunk(key(2, 0, 0, 0), &[7; 50 << 11], 0).unwrap();
    // Each of 2 KiB is written and synced. What comes before, up to a page, is written first.
    assert!(
        (100..120).contains(&(disk.operations() - before)),
        "{}",
        disk.operations() - before
    );
}

#[test]
fn a_snapshot_that_has_failed_is_never_finished() {
    let example = Example::random(7, &mut Rng::new(7), &[5_000]);
    let length = example.file().len();
    for room in (0..length).step_by(97).chain([length - 1]) {
        let disk = SimulatedDisk::default();
        disk.leave_room(room);
        let Ok(mut writer) = SnapshotWriter::begin(&disk, 1, example.header(), &example.meta)
        else {
            continue;
        };
        let mut errors = Vec::new();
        for (key, (bytes, room)) in example.chunks.iter().rev() {
            let error = writer.chunk(*key, bytes, *room).err();
            if error.is_some() {
                // That there is room again comes too late.
                disk.leave_room(1_000_000);
            } else {
                assert!(errors.is_empty(), "room for {room}");
            }
            errors.extend(error.map(|error| error.to_string()));
        }
        errors.push(refusal(writer.finish()));
        for error in &errors {
            let expected = format!("cannot write to `{NEW}`: ");
            assert!(error.starts_with(&expected), "{error}");
            assert_eq!(*error, errors[0]);
        }
        refusal(Snapshot::open(&disk, NEW));
    }
}

#[test]
fn all_chunks_are_verified_and_all_damage_told() {
    let disk = SimulatedDisk::default();
    let mut writer = begin(&disk);
    for index in 0..5 {
        writer.chunk(key(1, 0, 0, index), &[7; 50], 100).unwrap();
    }
    writer.finish().unwrap();
    let mut file = disk.read(NEW).unwrap();
    let verify = |file: &[u8]| {
        let mut told = Vec::new();
        let wrong = open(file).unwrap().verify(|progress| told.push(progress));
        let wrong: Vec<_> = wrong.iter().map(|error| error.to_string()).collect();
        (wrong, told)
    };
    let (wrong, told) = verify(&file);
    assert_eq!(wrong, [""; 0]);
    let progress = |chunks: usize| Progress {
        chunks,
        all_chunks: 5,
        bytes: chunks as u64 * 100,
        all_bytes: 500,
    };
    assert_eq!(told, [1, 2, 3, 4, 5].map(progress));
    // In the second chunk, and behind the fourth in its room.
    file[128 + 128 + 20] ^= 1;
    file[128 + 3 * 128 + 99] ^= 1;
    let (wrong, told) = verify(&file);
    assert_eq!(told.len(), 5);
    assert_eq!(
        wrong,
        [(256, 1), (512 + 50, 3)].map(|(offset, index)| format!(
            "snapshot `{NAME}` is damaged at byte {offset}, in the chunk of kind 1, shard 0, \
             actor type 0, index {index}: that was never written by kay, or has changed since; \
             use the one before it, or a copy"
        ))
    );
}

#[test]
fn what_is_done_to_a_mapping_does_not_change_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let disk = RealDisk::new(directory.path());
    for seed in 0..20 {
        let example = Example::random(seed, &mut Rng::new(seed), &[100, 5_000, 300_000]);
        let writer = SnapshotWriter::begin(&disk, 1, example.header(), &example.meta).unwrap();
        example.write(writer).unwrap();
        let file = disk.read(NEW).unwrap();
        let mut snapshot = Snapshot::open(&disk, NEW).unwrap();
        example.compare(&snapshot, "a real file");
        let mut memory = Vec::new();
        for key in example.chunks.keys() {
            let mut taken = snapshot.take(*key).unwrap().into_memory();
            taken.fill(0xAA);
            memory.push(taken);
        }
        assert_eq!(disk.read(NEW).unwrap(), file);
        example.compare(&Snapshot::open(&disk, NEW).unwrap(), "opened again");
        // What is mapped stays when the file goes, as it does two snapshots later.
        disk.remove(NEW).unwrap();
        let mut bytes = memory.iter().flat_map(|memory| memory.iter());
        assert!(bytes.all(|&byte| byte == 0xAA));
    }
    let refused = refusal(Snapshot::open(&disk, NEW));
    let path = directory.path().join(NEW);
    let expected = format!("cannot map `{}`: ", path.display());
    assert!(refused.starts_with(&expected), "{refused}");
    std::fs::write(&path, b"").unwrap();
    assert!(refusal(Snapshot::open(&disk, NEW)).contains("is not a snapshot"));
}
