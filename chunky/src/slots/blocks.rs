//! Equal blocks of memory for values of one type, from a storage.

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;

use super::LINE;
use crate::Storage;

/// A growing list of blocks, each with room for `PER_BLOCK` values that may or may not be there.
///
/// Blocks never move, so a value that is not moved by its owner keeps its address.
pub(crate) struct Blocks<T> {
    blocks: Vec<NonNull<T>>,
    /// What the blocks were taken from the storage in: the first block of each extent, and how
    /// many it has.
    extents: Vec<(NonNull<T>, usize)>,
    storage: Arc<dyn Storage>,
}

// SAFETY: the blocks belong to this list alone, which is a container of `T`s for its owner.
unsafe impl<T: Send> Send for Blocks<T> {}
// SAFETY: a shared list only gives out addresses; using them is up to the owner.
unsafe impl<T: Sync> Sync for Blocks<T> {}

/// Bytes that a block should have. Large enough for long linear walks, small enough that a type
/// with a single instance is cheap.
const BLOCK_BYTES: usize = 16 * 1024;

/// Blocks that are taken from the storage at a time, at most: 1 MiB.
const EXTENT_BLOCKS: usize = 64;

impl<T> Blocks<T> {
    /// Values in a block, as a power of two, so that finding one takes a shift and a mask.
    pub(crate) const SHIFT: u32 = {
        assert!(size_of::<T>() > 0, "values have at least one byte");
        let fit = BLOCK_BYTES / size_of::<T>();
        if fit < 2 { 0 } else { fit.ilog2() }
    };
    pub(crate) const PER_BLOCK: usize = 1 << Self::SHIFT;
    const LAYOUT: Layout = {
        let Ok(layout) = Layout::array::<T>(Self::PER_BLOCK) else {
            panic!("a block fits in memory")
        };
        match layout.align_to(LINE) {
            Ok(layout) => layout,
            Err(_) => panic!("a block fits in memory"),
        }
    };

    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        Blocks {
            blocks: Vec::new(),
            extents: Vec::new(),
            storage,
        }
    }

    /// The number of values that there is room for.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.blocks.len() << Self::SHIFT
    }

    /// Adds blocks: one at first, then half as many as there are, in one extent. Neighbours in
    /// memory are walked through faster, and what has not been written yet takes no memory.
    pub(crate) fn grow(&mut self) {
        let count = (self.blocks.len() / 2).clamp(1, EXTENT_BLOCKS);
        let first: NonNull<T> = self.storage.acquire(Self::layout(count)).cast();
        self.extents.push((first, count));
        for number in 0..count {
            // SAFETY: the extent has room for `count` blocks, one behind the other.
            self.blocks
                .push(unsafe { first.byte_add(number * Self::LAYOUT.size()) });
        }
    }

    /// The layout of an extent of so many blocks.
    fn layout(blocks: usize) -> Layout {
        let bytes = blocks * Self::LAYOUT.size();
        Layout::from_size_align(bytes, Self::LAYOUT.align()).expect("an extent fits in memory")
    }

    /// Where all blocks are listed, for those who find many values.
    pub(crate) fn list(&self) -> NonNull<NonNull<T>> {
        NonNull::from(&self.blocks[..]).cast()
    }

    /// The place of value `index`. The memory is the list's, but it may not hold a value.
    ///
    /// # Safety
    ///
    /// `index` is below the capacity.
    #[inline(always)]
    pub(crate) unsafe fn at(&self, index: usize) -> NonNull<T> {
        debug_assert!(index < self.capacity(), "there is no value {index}");
        // SAFETY: the caller vouches for an index below the capacity, which is that of all blocks.
        let block = unsafe { self.blocks.get_unchecked(index >> Self::SHIFT) };
        // SAFETY: the masked index is below the size of a block.
        unsafe { block.add(index & (Self::PER_BLOCK - 1)) }
    }

    /// Bytes taken from the storage.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.len() * Self::LAYOUT.size()
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }
}

impl<T> Drop for Blocks<T> {
    fn drop(&mut self) {
        for &(first, count) in &self.extents {
            // SAFETY: the extent came from this storage with this layout, and goes back once.
            unsafe { self.storage.release(first.cast(), Self::layout(count)) };
        }
    }
}
