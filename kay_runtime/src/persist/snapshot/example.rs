//! Worlds for tests: what a snapshot should hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::writer::{SnapshotWriter, Written};
use super::{Backups, Header, Key, Snapshot, SnapshotError};
use crate::persist::disk::Disk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

pub(super) const RUN: u128 = 0x0123_4567_89AB_CDEF_0011_2233_4455_6677;

/// A world as it is before a turn.
pub(super) struct Example {
    pub(super) turn: u64,
    pub(super) meta: Vec<u8>,
    /// The bytes of each chunk, and its room.
    pub(super) chunks: BTreeMap<Key, (Vec<u8>, usize)>,
}

pub(super) fn key(kind: u16, shard: u16, actor: u32, index: u32) -> Key {
    Key {
        kind,
        shard,
        actor,
        index,
    }
}

fn random_bytes(rng: &mut Rng, length: u64) -> Vec<u8> {
    // Nothing but zeros is the worst to be told from what a torn page holds.
    let zero = rng.chance(0.2);
    let mut byte = || if zero { 0 } else { rng.bits() as u8 };
    (0..length).map(|_| byte()).collect()
}

impl Example {
    /// Small chunks, some of them empty or with room, and sometimes one of a page.
    pub(super) fn small(turn: u64) -> Example {
        let mut rng = Rng::new(turn);
        let large = if rng.chance(0.1) { 4096 } else { 0 };
        Example::random(turn, &mut rng, &[0, 40, 200, large])
    }

    /// Chunks of no more than some of these bytes.
    pub(super) fn random(turn: u64, rng: &mut Rng, sizes: &[u64]) -> Example {
        let size = |rng: &mut Rng| {
            let most = sizes[rng.below(sizes.len() as u64) as usize];
            rng.below(most + 1)
        };
        let mut chunks = BTreeMap::new();
        for _ in 0..rng.below(8) {
            let shard = rng.below(3) as u16;
            let key = key(
                rng.below(2) as u16,
                shard,
                rng.below(2) as u32,
                rng.bits() as u32,
            );
            let length = size(rng);
            let room = length as usize + if rng.chance(0.4) { size(rng) } else { 0 } as usize;
            chunks.insert(key, (random_bytes(rng, length), room));
        }
        let length = rng.below(100);
        Example {
            turn,
            meta: random_bytes(rng, length),
            chunks,
        }
    }

    pub(super) fn header(&self) -> Header {
        Header {
            run: RUN,
            turn: self.turn,
        }
    }

    /// Writes all chunks, in an order that is not that of their keys.
    pub(super) fn write(&self, mut writer: SnapshotWriter) -> Result<Written, SnapshotError> {
        for (key, (bytes, room)) in self.chunks.iter().rev() {
            writer.chunk(*key, bytes, *room)?;
        }
        writer.finish()
    }

    /// Writes it to a file, as number 1, without anything around it.
    pub(super) fn file(&self) -> Vec<u8> {
        let disk = SimulatedDisk::default();
        let writer = SnapshotWriter::begin(&disk, 1, self.header(), &self.meta).unwrap();
        self.write(writer).unwrap();
        disk.read("snapshot-000000000001.new").unwrap()
    }

    pub(super) fn commit(&self, backups: &mut Backups) -> Result<(), SnapshotError> {
        let writer = backups.begin(self.header(), &self.meta)?;
        let written = self.write(writer)?;
        backups.commit(written)?;
        Ok(())
    }

    /// Compares all there is.
    pub(super) fn compare(&self, snapshot: &Snapshot, story: &str) {
        assert_eq!(snapshot.header(), self.header(), "{story}");
        assert_eq!(snapshot.meta(), self.meta, "{story}");
        let keys: Vec<Key> = snapshot.chunks().map(|chunk| chunk.key()).collect();
        let expected: Vec<Key> = self.chunks.keys().copied().collect();
        assert_eq!(keys, expected, "{story}");
        for (key, (bytes, room)) in &self.chunks {
            let chunk = snapshot.chunk(*key).unwrap();
            let checked = chunk.check();
            checked.unwrap_or_else(|error| panic!("{story}: {error}"));
            assert_eq!(chunk.bytes(), bytes, "{story}, {key}");
            assert_eq!(chunk.room(), *room, "{story}, {key}");
        }
    }
}

pub(super) fn arc(disk: &SimulatedDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

/// The message of an error that there must be.
pub(super) fn refusal<T>(result: Result<T, SnapshotError>) -> String {
    let Err(error) = result else {
        panic!("it was not refused")
    };
    error.to_string()
}
