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
    /// What the blocks lie in.
    extents: Vec<Extent<T>>,
    storage: Arc<dyn Storage>,
}

/// Blocks that lie one behind the other.
enum Extent<T> {
    /// Taken from the storage: the first block, and how many there are.
    Taken(NonNull<T>, usize),
    /// In the memory of this owner, who is only kept as long as the blocks.
    Adopted(#[expect(dead_code, reason = "it is dropped, and no more")] Arc<dyn Send + Sync>),
}

// SAFETY: the blocks belong to this list alone, which is a container of `T`s for its owner.
unsafe impl<T: Send> Send for Blocks<T> {}
// SAFETY: a shared list only gives out addresses; using them is up to the owner.
unsafe impl<T: Sync> Sync for Blocks<T> {}

/// Bytes that a block should have. Large enough for long linear walks, small enough that a type
/// with a single instance is cheap.
const BLOCK_BYTES: usize = 16 * 1024;

/// Blocks of the second extent, so that the third one begins at 128 KiB. The first one is a block, since that is
/// all that many types need; but who walks over many needs few places where the processor must find out anew what
/// comes next: with extents that began with 1, 1, 1, 1, 2, 3, 4 blocks, a broadcast took a sixth longer.
const SECOND_EXTENT_BLOCKS: usize = 7;

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
    /// Bytes from the start of a block to that of the next one in its extent.
    pub(crate) const BYTES: usize = Self::LAYOUT.size();
    /// Alignment of the first block of an extent.
    pub(crate) const ALIGN: usize = Self::LAYOUT.align();
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

    /// Adds blocks: one at first, then seven, then as many as there are, in one extent. Neighbours in memory are
    /// walked through faster, and what has not been written yet takes no memory.
    #[cold]
    #[inline(never)]
    pub(crate) fn grow(&mut self) {
        let count = match self.blocks.len() {
            0 => 1,
            blocks => blocks.clamp(SECOND_EXTENT_BLOCKS, EXTENT_BLOCKS),
        };
        let first: NonNull<T> = self.storage.acquire(Self::layout(count)).cast();
        self.extents.push(Extent::Taken(first, count));
        // SAFETY: the extent has room for `count` blocks, one behind the other.
        unsafe { self.list_extent(first, count) };
    }

    /// Adds blocks that lie one behind the other in memory of somebody else.
    ///
    /// # Safety
    ///
    /// The memory of `count` blocks of [`BYTES`](Self::BYTES) from `first` on, which has the alignment of
    /// `T`, is valid for reads and writes as long as the owner exists, and nobody else uses it as long
    /// as this list exists.
    pub(crate) unsafe fn adopt(
        &mut self,
        first: NonNull<T>,
        count: usize,
        owner: Arc<dyn Send + Sync>,
    ) {
        self.extents.push(Extent::Adopted(owner));
        // SAFETY: the caller vouches for `count` blocks.
        unsafe { self.list_extent(first, count) };
    }

    /// # Safety
    ///
    /// There are `count` blocks from `first` on.
    unsafe fn list_extent(&mut self, first: NonNull<T>, count: usize) {
        self.blocks.reserve(count);
        for number in 0..count {
            // SAFETY: the caller vouches for `count` blocks, one behind the other.
            let block = unsafe { first.byte_add(number * Self::BYTES) };
            self.blocks.push(block);
        }
    }

    /// The layout of an extent of so many blocks.
    fn layout(blocks: usize) -> Layout {
        let bytes = blocks * Self::BYTES;
        Layout::from_size_align(bytes, Self::ALIGN).expect("an extent fits in memory")
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

    /// Bytes of all blocks, taken from the storage or adopted.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks.len() * Self::BYTES
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }
}

impl<T> Drop for Blocks<T> {
    fn drop(&mut self) {
        for extent in &self.extents {
            if let &Extent::Taken(first, count) = extent {
                // SAFETY: the extent came from this storage with this layout, and goes back once.
                unsafe { self.storage.release(first.cast(), Self::layout(count)) };
            }
        }
    }
}
