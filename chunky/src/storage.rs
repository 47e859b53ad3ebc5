//! Where chunks come from.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt::Debug;
use std::ptr::NonNull;

/// A source of chunks: the heap now, mapped files later.
///
/// A chunk stays at its address until it is released; nothing may assume that it has the same
/// address again after it has been saved and loaded.
///
/// # Safety
///
/// `acquire` must return memory that is valid for reads and writes of `layout.size()` bytes,
/// aligned to `layout.align()`, and not in use by anyone else until it is released. Both methods
/// must be callable from any thread.
pub unsafe trait Storage: Send + Sync + Debug {
    /// Takes a chunk of at least `layout`; its bytes are arbitrary.
    ///
    /// `layout` has a size of at least one byte. Does not return when memory is exhausted.
    fn acquire(&self, layout: Layout) -> NonNull<u8>;

    /// Gives a chunk back.
    ///
    /// # Safety
    ///
    /// `chunk` came from `acquire` of this storage with the same `layout`, is released for the
    /// first time, and is not used afterwards.
    unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout);
}

/// Chunks from the global allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap;

// SAFETY: the global allocator keeps exactly the promises that `Storage` asks for, and is
// callable from any thread.
unsafe impl Storage for Heap {
    fn acquire(&self, layout: Layout) -> NonNull<u8> {
        assert!(layout.size() > 0, "a chunk has at least one byte");
        // SAFETY: the size was just checked not to be zero, which is all that `alloc` asks for.
        let chunk = unsafe { alloc(layout) };
        NonNull::new(chunk).unwrap_or_else(|| handle_alloc_error(layout))
    }

    unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout) {
        // SAFETY: by this function's contract, `chunk` came from `alloc` with this `layout` and
        // is released once.
        unsafe { dealloc(chunk.as_ptr(), layout) }
    }
}
