//! Size-class storage for what collections point to.

mod chunk;
mod class;
mod current;
mod empty;
mod list;
mod owner;
mod remote;

pub(crate) use class::MAX_ALIGN;
pub(crate) use current::{BlockGuard, allocate};

use crate::Storage;
use current::{current, replace_current};
use owner::Owner;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// A block of memory.
pub(crate) struct Block {
    pub(crate) at: NonNull<u8>,
    /// How many bytes may be used: at least as many as were asked for.
    pub(crate) bytes: usize,
}

/// Size-class storage, where compact collections keep their contents.
///
/// An arena carves blocks from chunks of 16 KiB, which it takes from a [`Storage`] and reuses; a
/// block of more than 7 KiB gets a chunk of its own. There are four size classes for each doubling.
/// An actor system has one arena for each of its shards.
///
/// Collections take their storage from the arena that is *current*: the one in whose
/// [`with`](Arena::with) the thread is. Outside of that, each thread has an arena of its own on the
/// [`Heap`](crate::Heap), made when it is first needed.
///
/// A collection may go anywhere, and may be dropped on any thread, while another arena is current,
/// and after its arena was dropped: a chunk stays until the last of its blocks is freed. Blocks that
/// are freed elsewhere are taken back when the arena runs out of others, and by
/// [`trim`](Arena::trim).
///
/// ```
/// use chunky::{Arena, CVec, Heap};
/// use std::sync::Arc;
///
/// let mut arena = Arena::new(Arc::new(Heap));
/// let cars = arena.with(|| CVec::from([1, 2, 3]));
/// assert!(arena.bytes_in_use() >= 12);
/// drop(arena);
/// assert_eq!(cars, [1, 2, 3]);
/// ```
pub struct Arena {
    /// From `Box::into_raw`; owned.
    owner: NonNull<Owner>,
}

// SAFETY: an arena is used by one thread at a time, by the one that has it. Of what it consists of,
// others reach the headers of chunks that have blocks in use, and of those only the two atomics.
// Its storage is `Send` and `Sync`.
unsafe impl Send for Arena {}

impl Arena {
    /// Makes an arena, which takes a chunk from `storage` when it first needs one.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        Arena {
            owner: NonNull::from(Box::leak(Box::new(Owner::new(storage)))),
        }
    }

    /// Makes this arena the current one of this thread while `f` runs. Calls nest: the innermost
    /// arena is the current one.
    ///
    /// # Panics
    ///
    /// Only as `f` does; the arena before is then the current one again.
    pub fn with<R>(&mut self, f: impl FnOnce() -> R) -> R {
        struct Restore(*const Owner);
        impl Drop for Restore {
            fn drop(&mut self) {
                // SAFETY: it was the current one before, and exists still, since it is either in a
                // `with` further out or the thread's own.
                unsafe { replace_current(self.0) };
            }
        }
        // SAFETY: the arena exists while it is borrowed, and ceases to be current before that ends.
        let _restore = Restore(unsafe { replace_current(self.owner()) });
        f()
    }

    /// Takes back what was freed elsewhere, and gives all empty chunks to the storage. Otherwise
    /// the last used 4 MiB of them are kept, and of larger ones as much. O(chunks).
    pub fn trim(&mut self) {
        self.chunks().trim();
    }

    /// The bytes of all blocks in use, those included that were freed elsewhere and not yet taken
    /// back. O(chunks).
    #[must_use]
    pub fn bytes_in_use(&self) -> usize {
        self.chunks().bytes_in_use()
    }

    /// The bytes of all chunks.
    #[must_use]
    pub fn bytes_held(&self) -> usize {
        self.chunks().bytes_held()
    }

    fn owner(&self) -> *const Owner {
        self.owner.as_ptr()
    }

    fn chunks(&self) -> &Owner {
        // SAFETY: it exists as long as the arena, and there are shared references to it only.
        unsafe { self.owner.as_ref() }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // A thread's own arena may be the current one when the thread ends.
        if current() == self.owner() {
            // SAFETY: null is always allowed.
            unsafe { replace_current(ptr::null()) };
        }
        // SAFETY: the pointer came from a box, and is used no more.
        drop(unsafe { Box::from_raw(self.owner.as_ptr()) });
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena")
            .field("bytes_held", &self.bytes_held())
            .finish_non_exhaustive()
    }
}
