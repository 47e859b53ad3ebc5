//! A snapshot that the next but one builds on.

use std::collections::BTreeMap;

use super::layout::{Entry, Key};
use super::root::MOST_FILES;
use super::writer::Written;

/// How many times as long as its chunks the files of a snapshot may be. Tests and `ci/fuzz` have small worlds, in whose
/// files there is more of other things.
pub(super) const MOST_WASTE: u64 = if cfg!(any(test, fuzzing)) { 16 } else { 2 };

/// Where the chunks of a snapshot are that this process has written.
///
/// Those that have not changed since need not be written again by the next but one: that one takes its place,
/// so there are always two snapshots that have no file in common.
#[derive(Debug)]
pub(crate) struct Base {
    pub(super) number: u64,
    /// What is written then has not changed since this epoch.
    pub(crate) epoch: u64,
    chunks: BTreeMap<Key, Entry>,
    /// The lengths of the files that they are in, its own included, by number.
    files: BTreeMap<u64, u64>,
}

impl Base {
    /// That of a snapshot, if whoever wrote it has said what epoch it ends. `length` says how long the files are
    /// that were there before.
    pub(super) fn of(written: &Written, length: impl Fn(u64) -> Option<u64>) -> Option<Base> {
        let mut files = BTreeMap::from([(written.number, written.bytes)]);
        let mut chunks = BTreeMap::new();
        for &(mut chunk) in &written.entries {
            if chunk.file == Entry::OWN {
                chunk.file = written.number;
            } else {
                files.insert(chunk.file, length(chunk.file)?);
            }
            chunks.insert(chunk.key, chunk);
        }
        Some(Base {
            number: written.number,
            epoch: written.epoch?,
            chunks,
            files,
        })
    }

    /// A chunk, if there is one.
    pub(crate) fn chunk(&self, key: Key) -> Option<Entry> {
        self.chunks.get(&key).copied()
    }

    /// How long a file is, if a chunk is in it.
    pub(super) fn length(&self, file: u64) -> Option<u64> {
        self.files.get(&file).copied()
    }

    /// Whether to go on: not if more than half of the files would be chunks that nobody needs any longer.
    pub(super) fn is_worth_it(&self) -> bool {
        let used: u64 = self.chunks.values().map(|chunk| chunk.room).sum();
        let all: u64 = self.files.values().sum();
        self.files.len() < MOST_FILES && all <= used * MOST_WASTE
    }
}
