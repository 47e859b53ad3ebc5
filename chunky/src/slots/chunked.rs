//! A vector in blocks: dense, growing without moving anything.

use std::ptr::NonNull;
use std::sync::Arc;

use super::blocks::Blocks;
use crate::Storage;

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
    /// An empty vector that has taken no memory yet.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        ChunkedVec {
            blocks: Blocks::new(storage),
            len: 0,
        }
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

    /// Bytes taken from the storage.
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
    fn place(&self, index: usize) -> Option<NonNull<T>> {
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
}

impl<T> Drop for ChunkedVec<T> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<T>() {
            while let Some(value) = self.pop() {
                drop(value);
            }
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
