//! Blocks that come back from other threads.

use super::class::CHUNK_BYTES;
use crate::sync::{AtomicU32, Ordering};

/// The state that the owner of a chunk shares with those who free its blocks.
///
/// One word: a bit that tells which of two things it is, and two numbers.
///
/// - *owned*: where in the chunk the first one is of those blocks that others have freed and the owner has not yet
///   taken back, each of which says where the next one is; and how many they are. 0 if there are none.
/// - *orphaned*: the number of blocks in use. The chunk has no owner any more;
///   whoever frees the last block releases it. The word never becomes *owned* again.
///
/// Only the owner takes the list or makes the word orphaned; others only push or count down. Each
/// change is one compare-and-exchange, so that between a push and becoming an orphan one comes
/// first, and each block is either in the list or in the count, never in both.
#[derive(Debug)]
pub(super) struct Remote(AtomicU32);

/// The bit of an orphaned word. Blocks are at even offsets, so it is none of these.
const ORPHANED: u32 = 1;

/// At which bit the number of blocks begins: all offsets are below a chunk's size, and so are numbers.
const COUNT: u32 = 16;

const _: () = assert!(CHUNK_BYTES <= 1 << COUNT);

fn orphaned(count: usize) -> u32 {
    (count as u32) << COUNT | ORPHANED
}

fn count(word: u32) -> usize {
    (word >> COUNT) as usize
}

/// The offset of the first block in the list, unless that is empty.
fn first(word: u32) -> Option<usize> {
    let offset = word & ((1 << COUNT) - 1);
    (offset != 0).then_some(offset as usize)
}

impl Remote {
    /// Makes the word of a chunk that has an owner.
    pub(super) fn owned() -> Self {
        Remote(AtomicU32::new(0))
    }

    /// Makes the word of a chunk that never had an owner, with one block in use.
    pub(super) fn orphan() -> Self {
        Remote(AtomicU32::new(orphaned(1)))
    }

    /// Gives a block back from any thread, which begins at this `offset` of the chunk: an even one, below 64 KiB,
    /// and not 0. `link` makes it say where the next one is, perhaps several times. If this returns true, the chunk is
    /// the caller's to release; if not, the caller must not touch it again.
    #[must_use]
    pub(super) fn give_back(&self, offset: usize, mut link: impl FnMut(Option<usize>)) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (next, last) = if word & ORPHANED != 0 {
                (orphaned(count(word) - 1), count(word) == 1)
            } else {
                link(first(word));
                let count = count(word) as u32 + 1;
                (count << COUNT | offset as u32, false)
            };
            // Release: all uses of the block come before whatever is done with it or with its
            // chunk. Acquire: who releases the chunk does so after all other uses of it.
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed)
            {
                Ok(_) => return last,
                Err(found) => word = found,
            }
        }
    }

    /// Takes the list of blocks that were given back, if there are any: where the first one is, and how many they are.
    /// Only the owner may do so, for that others find the word as they left it or grown is what keeps the list whole.
    pub(super) fn take(&self) -> Option<(usize, usize)> {
        first(self.0.load(Ordering::Relaxed))?;
        let word = self.0.swap(0, Ordering::Acquire);
        Some((first(word)?, count(word)))
    }

    /// Makes an orphan of a chunk, of which `used` blocks are in use or in the list. If this
    /// returns true, the chunk is the caller's to release; if not, the caller must not touch it
    /// again. For the owner.
    #[must_use]
    pub(super) fn make_orphan(&self, used: usize) -> bool {
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            let left = used - count(word);
            if left == 0 {
                return true;
            }
            // Release: whoever releases the chunk sees its header as the owner left it.
            match self.0.compare_exchange_weak(
                word,
                orphaned(left),
                Ordering::Release,
                Ordering::Acquire,
            ) {
                Ok(_) => return false,
                Err(found) => word = found,
            }
        }
    }
}
