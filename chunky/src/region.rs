//! Memory that belongs to somebody else, and to one owner here.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

/// Bytes in memory that is kept for as long as any part of it is used, such as a mapped file. They belong to
/// their owner alone, as those of a boxed slice do.
pub struct Region {
    start: NonNull<u8>,
    length: usize,
    keeper: Arc<dyn Send + Sync>,
}

// SAFETY: a region is the only way to its bytes, which belong to no thread.
unsafe impl Send for Region {}

// SAFETY: who shares a region can read its bytes, and nobody can write to them meanwhile.
unsafe impl Sync for Region {}

impl Region {
    /// The region of these bytes.
    ///
    /// # Safety
    ///
    /// They are initialised, and can be read and written from any thread, as long as `keeper` or a clone of it
    /// exists; and nobody else does so.
    pub unsafe fn new(bytes: NonNull<[u8]>, keeper: Arc<dyn Send + Sync>) -> Self {
        Region {
            start: bytes.cast(),
            length: bytes.len(),
            keeper,
        }
    }

    /// A copy of bytes, in memory of their own. For `ci/fuzz`, which has no file for them.
    #[cfg(fuzzing)]
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        use std::sync::atomic::AtomicU64;
        let words = bytes.chunks(size_of::<u64>()).map(|chunk| {
            let mut word = [0; size_of::<u64>()];
            word[..chunk.len()].copy_from_slice(chunk);
            AtomicU64::new(u64::from_ne_bytes(word))
        });
        let words: Arc<Box<[AtomicU64]>> = Arc::new(words.collect());
        let start = NonNull::from(&**words).cast();
        let copy = NonNull::slice_from_raw_parts(start, bytes.len());
        // SAFETY: the words are as long as that, initialised, and may be written to although they are shared;
        // whoever has the keeper does not know what it is.
        unsafe { Region::new(copy, words) }
    }

    /// Cuts off what is behind the first `at` bytes, if there are as many.
    pub fn split_off(&mut self, at: usize) -> Option<Region> {
        let length = self.length.checked_sub(at)?;
        // SAFETY: `at` is no more than the length, so this is within the region or its end.
        let start = unsafe { self.start.add(at) };
        self.length = at;
        Some(Region {
            start,
            length,
            keeper: Arc::clone(&self.keeper),
        })
    }

    /// Where the bytes are, and what must be kept for as long as they are used. They belong to the caller alone.
    #[must_use]
    pub fn into_raw(self) -> (NonNull<[u8]>, Arc<dyn Send + Sync>) {
        let bytes = NonNull::slice_from_raw_parts(self.start, self.length);
        (bytes, self.keeper)
    }
}

/// No bytes.
impl Default for Region {
    fn default() -> Self {
        Region {
            start: NonNull::dangling(),
            length: 0,
            keeper: Arc::new(()),
        }
    }
}

impl Deref for Region {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes are there, for as long as `keeper` is kept; they are in no other region, and
        // are not written to while this one is borrowed.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and this one is borrowed by nobody else.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
