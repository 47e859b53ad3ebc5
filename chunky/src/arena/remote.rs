//! Blocks that come back from other threads.

use crate::sync::{AtomicPtr, Ordering};
use std::ptr::{self, NonNull};

/// What a block holds while it is free: the next one in its list.
pub(super) struct Free {
    pub(super) next: *mut Free,
}

/// The state that the owner of a chunk shares with those who free its blocks.
///
/// One word, which is one of two things:
///
/// - *owned*: the list of the blocks that others have freed and the owner has not yet taken back.
///   It has an address that is a multiple of 16, or is null.
/// - *orphaned*: the number of blocks in use, as `2 * count + 1`. The chunk has no owner any more;
///   whoever frees the last block releases it. The word never becomes *owned* again.
///
/// Only the owner takes the list or makes the word orphaned; others only push or count down. Each
/// change is one compare-and-exchange, so that between a push and becoming an orphan one comes
/// first, and each block is either in the list or in the count, never in both.
#[derive(Debug)]
pub(super) struct Remote(AtomicPtr<Free>);

fn orphaned(count: usize) -> *mut Free {
    ptr::without_provenance_mut(2 * count + 1)
}

/// The number of blocks in use, if the word is orphaned.
fn orphan_count(word: *mut Free) -> Option<usize> {
    (word.addr() & 1 == 1).then_some(word.addr() / 2)
}

impl Remote {
    /// Makes the word of a chunk that has an owner.
    pub(super) fn owned() -> Self {
        Remote(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes the word of a chunk that never had an owner, with one block in use.
    pub(super) fn orphan() -> Self {
        Remote(AtomicPtr::new(orphaned(1)))
    }

    /// Gives a block back from any thread. If this returns true, the chunk is the caller's to
    /// release; if not, the caller must not touch it again.
    ///
    /// # Safety
    ///
    /// `block` is a block in use of this word's chunk, of at least the size of `Free`, and is not
    /// used afterwards.
    #[must_use]
    pub(super) unsafe fn give_back(&self, block: NonNull<Free>) -> bool {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let (next, last) = match orphan_count(word) {
                Some(count) => (orphaned(count - 1), count == 1),
                None => {
                    // SAFETY: the block is the caller's until it is in the list.
                    unsafe { block.write(Free { next: word }) };
                    (block.as_ptr(), false)
                }
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

    /// Whether there may be blocks to take. For the owner.
    pub(super) fn any(&self) -> bool {
        !self.0.load(Ordering::Relaxed).is_null()
    }

    /// Takes the list of blocks that were given back. Only the owner may do so, for that others
    /// find the word as they left it or grown is what keeps the list whole.
    pub(super) fn take(&self) -> *mut Free {
        self.0.swap(ptr::null_mut(), Ordering::Acquire)
    }

    /// Makes an orphan of a chunk, of which `used` blocks are in use or in the list. If this
    /// returns true, the chunk is the caller's to release; if not, the caller must not touch it
    /// again.
    ///
    /// # Safety
    ///
    /// The caller is the owner, and `used` is as said.
    #[must_use]
    pub(super) unsafe fn make_orphan(&self, used: usize) -> bool {
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            // SAFETY: the word is a list, since only the owner makes it an orphan. Its blocks stay
            // in it until the owner takes them, and were acquired with the word.
            let given_back = unsafe { count(word) };
            let count = used - given_back;
            if count == 0 {
                return true;
            }
            // Release: whoever releases the chunk sees its header as the owner left it.
            let next = orphaned(count);
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::Release, Ordering::Acquire)
            {
                Ok(_) => return false,
                Err(found) => word = found,
            }
        }
    }
}

/// The length of a list.
///
/// # Safety
///
/// The blocks of the list are free, and nobody changes them meanwhile.
unsafe fn count(mut list: *mut Free) -> usize {
    let mut count = 0;
    // SAFETY: by this function's contract; the last one is null.
    while let Some(free) = unsafe { list.as_ref() } {
        count += 1;
        list = free.next;
    }
    count
}
