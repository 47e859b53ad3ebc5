//! What a slot map consists of, as bytes, for those who save it.

use std::iter::{Enumerate, FusedIterator};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use super::blocks::Blocks;
use super::page::SlotPage;
use super::table::SlotTable;

/// All that a [`SlotMap`](crate::SlotMap) consists of, as it lies in memory: made by
/// [`SlotMap::chunks`](crate::SlotMap::chunks).
#[derive(Debug)]
pub struct MapChunks<'a, T> {
    /// The values, in the order of their positions.
    pub values: ChunkBytes<'a, T>,
    /// The slot of the value at each position, a `u32`.
    pub slots: ChunkBytes<'a, u32>,
    /// The pages of the slot table that have been used.
    pub pages: PageBytes<'a>,
}

/// The bytes of the values of a [`ChunkedVec`](crate::ChunkedVec), one block after the other: made by
/// [`ChunkedVec::chunks`](crate::ChunkedVec::chunks).
///
/// All blocks but the last are full. Bytes between the fields of a value are arbitrary.
pub struct ChunkBytes<'a, T> {
    blocks: slice::Iter<'a, NonNull<T>>,
    /// How many values are left.
    len: usize,
}

impl<'a, T> ChunkBytes<'a, T> {
    /// # Safety
    ///
    /// The first `len` values in these blocks are live, and nobody changes them for `'a`.
    pub(super) unsafe fn new(blocks: &'a [NonNull<T>], len: usize) -> Self {
        ChunkBytes {
            blocks: blocks.iter(),
            len,
        }
    }
}

impl<'a, T> Iterator for ChunkBytes<'a, T> {
    type Item = &'a [MaybeUninit<u8>];

    fn next(&mut self) -> Option<Self::Item> {
        let len = self.len.min(Blocks::<T>::PER_BLOCK);
        // There may be blocks behind the last value.
        let block = self.blocks.next().filter(|_| len > 0)?.cast();
        self.len -= len;
        // SAFETY: by the contract of `new`, so many values are live there, and nobody changes them
        // for `'a`. A byte that may be uninitialised can stand for each of theirs.
        Some(unsafe { slice::from_raw_parts(block.as_ptr(), len * size_of::<T>()) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.len.div_ceil(Blocks::<T>::PER_BLOCK);
        (left, Some(left))
    }
}

impl<T> ExactSizeIterator for ChunkBytes<'_, T> {}
impl<T> FusedIterator for ChunkBytes<'_, T> {}

impl<T> std::fmt::Debug for ChunkBytes<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkBytes")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

/// The pages of a slot table that have been used, each with its number, which is that of its first slot
/// divided by 128. In the order of numbers.
///
/// To find them all takes O(highest number).
pub struct PageBytes<'a> {
    directory: Enumerate<slice::Iter<'a, NonNull<SlotPage>>>,
    /// How many pages are left.
    left: usize,
}

impl<'a> PageBytes<'a> {
    /// # Safety
    ///
    /// The pages of the directory exist, and nobody changes them for `'a`. So many of them have been used.
    pub(super) unsafe fn new(directory: &'a [NonNull<SlotPage>], used: usize) -> Self {
        PageBytes {
            directory: directory.iter().enumerate(),
            left: used,
        }
    }
}

impl<'a> Iterator for PageBytes<'a> {
    type Item = (u32, &'a [MaybeUninit<u8>]);

    fn next(&mut self) -> Option<Self::Item> {
        let used = |(_, page): &(usize, &NonNull<SlotPage>)| !SlotTable::is_empty(**page);
        let (number, page) = self.directory.find(used)?;
        self.left -= 1;
        let at = page.cast().as_ptr();
        // SAFETY: by the contract of `new`, a page is there, which nobody changes for `'a`.
        let bytes = unsafe { slice::from_raw_parts(at, SlotPage::BYTES) };
        Some((number as u32, bytes))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for PageBytes<'_> {}
impl FusedIterator for PageBytes<'_> {}

impl std::fmt::Debug for PageBytes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PageBytes")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
