//! How many instances of each type there are, as everyone may know at the start of a turn.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::registry::TypeIndex;

/// Instance counts by type and shard.
///
/// Written between turns only, by the thread that runs them, so that all readers of a turn see
/// the same, on any number of threads. Reads and writes are relaxed: the hand-over of the shards
/// orders them.
#[derive(Debug)]
pub(crate) struct Census {
    /// By type, then by shard.
    counts: Vec<AtomicU32>,
    totals: Vec<AtomicU32>,
    firsts: Vec<AtomicU32>,
    shards: usize,
}

impl Census {
    pub(crate) fn new(types: usize, shards: usize) -> Self {
        let zeros = |len| (0..len).map(|_| AtomicU32::new(0)).collect();
        Census {
            counts: zeros(types * shards),
            totals: zeros(types),
            firsts: zeros(types),
            shards,
        }
    }

    /// The number of instances of a type.
    pub(crate) fn total(&self, of: TypeIndex) -> u32 {
        self.totals[of as usize].load(Ordering::Relaxed)
    }

    /// The number of instances of a type in a shard.
    pub(crate) fn count(&self, of: TypeIndex, shard: usize) -> u32 {
        self.row(of)[shard].load(Ordering::Relaxed)
    }

    /// The lowest shard that has an instance of a type; 0 if none has.
    pub(crate) fn first_shard(&self, of: TypeIndex) -> u32 {
        self.firsts[of as usize].load(Ordering::Relaxed)
    }

    fn row(&self, of: TypeIndex) -> &[AtomicU32] {
        &self.counts[of as usize * self.shards..][..self.shards]
    }

    /// Notes that `shard` has `count` instances of a type. Only between turns.
    pub(crate) fn set(&self, of: TypeIndex, shard: usize, count: u32) {
        let entry = &self.row(of)[shard];
        let before = entry.load(Ordering::Relaxed);
        if before == count {
            return;
        }
        entry.store(count, Ordering::Relaxed);
        let total = self.total(of) - before + count;
        self.totals[of as usize].store(total, Ordering::Relaxed);
        if (before == 0) != (count == 0) {
            let first = self
                .row(of)
                .iter()
                .position(|count| count.load(Ordering::Relaxed) > 0);
            self.firsts[of as usize].store(first.unwrap_or(0) as u32, Ordering::Relaxed);
        }
    }
}
