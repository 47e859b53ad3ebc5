//! A vector in blocks: dense, growing without moving anything.

use std::ptr::NonNull;
use std::sync::Arc;

use super::blocks::Blocks;
use super::error::AdoptError;
use crate::Storage;
use crate::panic::drop_each;

/// A vector whose values lie in equal blocks from a [`Storage`].
///
/// It grows without copying, gives contiguous slices for linear walks, and removes by moving the
/// last value into the gap, so that it has no holes.
pub struct ChunkedVec<T> {
    blocks: Blocks<T>,
    /// The values at `0..len` are live, those behind are not.
    len: usize,
}

impl<T> ChunkedVec<T> {
    /// Values in a block: all blocks but the last one in use have so many.
    pub const PER_BLOCK: usize = Blocks::<T>::PER_BLOCK;

    /// Bytes from the start of a block to that of the next one, where blocks lie one behind the other.
    pub const BLOCK_BYTES: usize = Blocks::<T>::BYTES;

    /// Alignment of the memory that blocks lie in: at least that of a cache line.
    pub const BLOCK_ALIGN: usize = Blocks::<T>::ALIGN;

    /// An empty vector that has taken no memory yet.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        ChunkedVec {
            blocks: Blocks::new(storage),
            len: 0,
        }
    }

    /// A vector of `len` values that are there already, where they lie: in blocks, one behind the
    /// other, in memory of somebody else, such as a mapped file. If the vector grows, it takes further
    /// blocks from `storage`.
    ///
    /// All blocks are whole, the last one too: there are [`BLOCK_BYTES`](Self::BLOCK_BYTES) for each
    /// [`PER_BLOCK`](Self::PER_BLOCK) values or fewer. So the room behind the last value is used as any other.
    /// The memory is never released, but the vector keeps `owner` until it is dropped. It takes
    /// O(blocks), and touches no value.
    ///
    /// ```
    /// use chunky::{ChunkedVec, Heap};
    /// use std::ptr::NonNull;
    /// use std::sync::Arc;
    ///
    /// #[repr(align(64))]
    /// struct Memory([u64; ChunkedVec::<u64>::PER_BLOCK]);
    ///
    /// let memory = Box::new(Memory([7; _]));
    /// let owner = Arc::new(()); // as a leaked box has none
    /// let bytes = NonNull::slice_from_raw_parts(
    ///     NonNull::from(Box::leak(memory)).cast(),
    ///     ChunkedVec::<u64>::BLOCK_BYTES,
    /// );
    /// // SAFETY: these are so many bytes, which nobody else uses and which stay for ever. All numbers
    /// // in them are initialised.
    /// let mut numbers = unsafe { ChunkedVec::adopt(bytes, 2, owner, Arc::new(Heap)) }.unwrap();
    /// numbers.push(8_u64);
    /// assert!(numbers.iter().eq(&[7, 7, 8]));
    /// ```
    ///
    /// # Errors
    ///
    /// If the memory is not as long as so many blocks, or is not [aligned](Self::BLOCK_ALIGN) as they are.
    /// Then no value is dropped.
    ///
    /// # Safety
    ///
    /// The memory is valid for reads and writes, from any thread, as long as `owner` or a clone of it
    /// exists. Nobody else reads or writes it as long as the vector exists, in no other process either: a
    /// file that is mapped privately must not be changed.
    ///
    /// In each block, the values up to `PER_BLOCK`, or up to the last of all, are initialised and valid. If
    /// this returns `Ok`, they are the vector's, which drops them.
    pub unsafe fn adopt(
        memory: NonNull<[u8]>,
        len: usize,
        owner: Arc<dyn Send + Sync>,
        storage: Arc<dyn Storage>,
    ) -> Result<Self, AdoptError> {
        let (first, bytes) = (memory.cast::<T>(), memory.len());
        let count = len.div_ceil(Self::PER_BLOCK);
        if count.checked_mul(Self::BLOCK_BYTES) != Some(bytes) {
            return Err(AdoptError::Size { values: len, bytes });
        }
        let mut blocks = Blocks::new(storage);
        if count > 0 {
            let align = Self::BLOCK_ALIGN;
            if !first.addr().get().is_multiple_of(align) {
                return Err(AdoptError::Alignment { align });
            }
            // SAFETY: the memory has just been found to be that of so many blocks, and aligned; the
            // caller vouches for the rest.
            unsafe { blocks.adopt(first, count, owner) };
        }
        Ok(ChunkedVec { blocks, len })
    }

    /// The number of values.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of all blocks, taken from the storage or adopted.
    pub fn bytes(&self) -> usize {
        self.blocks.bytes()
    }

    /// The storage that blocks come from.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        self.blocks.storage()
    }

    /// Appends a value.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.len == self.blocks.capacity() {
            self.blocks.grow();
        }
        // SAFETY: there is room for one more than `len`: the blocks have just grown if need be.
        let at = unsafe { self.blocks.at(self.len) };
        // SAFETY: `at` is memory of this vector; the value there, if any, is not live.
        unsafe { at.write(value) };
        self.len += 1;
    }

    /// Where the blocks are listed.
    pub(super) fn blocks(&self) -> NonNull<NonNull<T>> {
        self.blocks.list()
    }

    /// The place of the value at `index`, if there is one.
    #[inline(always)]
    pub(super) fn place(&self, index: usize) -> Option<NonNull<T>> {
        // SAFETY: there is room for all values below `len`.
        (index < self.len).then(|| unsafe { self.blocks.at(index) })
    }

    /// The value at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        let at = self.place(index)?;
        // SAFETY: the values below `len` are live; the borrow of the vector protects them.
        Some(unsafe { at.as_ref() })
    }

    /// The value at `index`, if there is one.
    #[inline]
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let mut at = self.place(index)?;
        // SAFETY: the values below `len` are live; the borrow of the vector protects them.
        Some(unsafe { at.as_mut() })
    }

    /// Takes out the value at `index`, and moves the last one into its place.
    #[inline]
    pub fn swap_remove(&mut self, index: usize) -> Option<T> {
        let at = self.place(index)?;
        // SAFETY: the value at `index` was live, and is not counted from here on: either `len`
        // shrinks below it, or the last one is moved over it.
        let value = unsafe { at.read() };
        self.len -= 1;
        if index != self.len {
            // SAFETY: there is room for all values up to the one that was the last.
            let last = unsafe { self.blocks.at(self.len) };
            // SAFETY: the last value was live and has just left the count; the place at `index`
            // holds no live value, and is another one.
            unsafe { at.copy_from_nonoverlapping(last, 1) };
        }
        Some(value)
    }

    /// The values from `index` to the end of their block, or to the last: all of them, in long
    /// slices, when called again with the index behind each slice.
    #[inline]
    pub fn slice_from(&mut self, index: usize) -> &mut [T] {
        let Some(first) = self.place(index) else {
            return &mut [];
        };
        let end = (index | (Blocks::<T>::PER_BLOCK - 1)) + 1;
        let len = end.min(self.len) - index;
        // SAFETY: `len` live values stand there in one block; the borrow protects them.
        unsafe { std::slice::from_raw_parts_mut(first.as_ptr(), len) }
    }

    /// A vector with copies of all values.
    pub fn duplicate_with(&self, mut copy: impl FnMut(&T) -> T) -> Self {
        let mut copies = ChunkedVec::new(Arc::clone(self.storage()));
        for value in self.iter() {
            copies.push(copy(value));
        }
        copies
    }

    /// All values in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (0..self.len).filter_map(|index| self.get(index))
    }

    fn pop(&mut self) -> Option<T> {
        self.swap_remove(self.len.wrapping_sub(1))
    }

    fn clear(&mut self) {
        while let Some(value) = self.pop() {
            drop(value);
        }
    }
}

impl<T> Drop for ChunkedVec<T> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<T>() {
            drop_each(|| self.clear());
        }
    }
}

impl<T> std::fmt::Debug for ChunkedVec<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkedVec")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
