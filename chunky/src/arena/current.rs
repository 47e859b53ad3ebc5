//! Which arena serves a thread, and the two functions through which collections use it.

use super::chunk::Chunk;
use super::class::large_chunk_bytes;
use super::owner::Owner;
use super::{Arena, Block};
use crate::Heap;
use crate::sync::{constant_thread_local, thread_local};
use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;

constant_thread_local! {
    /// The arena in whose [`Arena::with`] this thread is, else the thread's own, else null.
    static CURRENT: Cell<*const Owner> = Cell::new(ptr::null())
}

thread_local! {
    /// The arena that serves a thread outside of any [`Arena::with`].
    static OWN: Arena = Arena::new(Arc::new(Heap))
}

#[inline]
pub(super) fn current() -> *const Owner {
    CURRENT.try_with(Cell::get).unwrap_or(ptr::null())
}

/// Makes an arena the current one, and returns the one before.
///
/// # Safety
///
/// The arena exists until another is made the current one, or is null.
pub(super) unsafe fn replace_current(owner: *const Owner) -> *const Owner {
    CURRENT
        .try_with(|current| current.replace(owner))
        .unwrap_or(ptr::null())
}

/// Gives a block of at least `layout` from the current arena. The size is not 0, and the alignment
/// is at most [`MAX_ALIGN`](super::MAX_ALIGN).
#[inline]
pub(crate) fn allocate(layout: Layout) -> Block {
    // SAFETY: an arena is current only while it exists, by the contract of `replace_current`, and
    // shared references are all that there is to it.
    match unsafe { current().as_ref() } {
        Some(owner) => owner.allocate(layout),
        None => allocate_outside(layout),
    }
}

/// Gives a block to a thread that has no current arena: from its own, which becomes the current
/// one; or, when the thread ends and has lost that already, from a chunk without owner.
#[cold]
#[inline(never)]
fn allocate_outside(layout: Layout) -> Block {
    let own = OWN.try_with(|own| {
        let owner = own.owner();
        // SAFETY: the arena lives until the thread ends; when it is dropped, it ceases to be the
        // current one.
        unsafe { replace_current(owner) };
        // SAFETY: the arena exists.
        unsafe { owner.as_ref() }.map(|owner| owner.allocate(layout))
    });
    own.ok().flatten().unwrap_or_else(|| {
        let offset = Chunk::large_offset(layout.align());
        let bytes = large_chunk_bytes(offset + layout.size());
        let chunk = Chunk::acquire(&(Arc::new(Heap) as _), bytes, None);
        Block {
            at: chunk.whole(offset),
            bytes: bytes - offset,
        }
    })
}

/// Gives a block back to the arena that it came from, or, if that is gone, to its storage. May be
/// called on any thread.
///
/// # Safety
///
/// The block came from [`allocate`], is freed for the first time, and is not used afterwards.
#[inline]
pub(crate) unsafe fn free(block: NonNull<u8>) {
    // SAFETY: the block is in use, by this function's contract.
    let chunk = unsafe { Chunk::of(block) };
    let current = current();
    if chunk.owner() == current {
        // SAFETY: a chunk's owner is never null, and an arena is current only while it exists.
        let owner = unsafe { &*current };
        // SAFETY: the chunk belongs to the current arena, and the block is not used afterwards.
        unsafe { owner.free(chunk, block) };
    } else {
        // SAFETY: by this function's contract.
        unsafe { free_elsewhere(chunk, block) };
    }
}

/// # Safety
///
/// As for [`free`]; `chunk` is the block's.
#[cold]
#[inline(never)]
unsafe fn free_elsewhere(chunk: Chunk, block: NonNull<u8>) {
    // SAFETY: by this function's contract; every block has room for a list pointer.
    let last = unsafe { chunk.give_back(block) };
    if last {
        // SAFETY: this was the last block, and the chunk is an orphan that nobody else knows.
        unsafe { chunk.release() };
    }
}

/// Frees a block when it is dropped: the last thing that happens to a collection, even if an
/// element's `drop` panics.
pub(crate) struct BlockGuard(NonNull<u8>);

impl BlockGuard {
    /// # Safety
    ///
    /// As for [`free`], once the guard is dropped.
    #[inline]
    pub(crate) unsafe fn new(block: NonNull<u8>) -> Self {
        BlockGuard(block)
    }
}

impl Drop for BlockGuard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: by the contract of `new`.
        unsafe { free(self.0) }
    }
}
