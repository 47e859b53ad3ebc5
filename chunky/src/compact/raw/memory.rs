//! Memory that was, found by the addresses that it had.

use std::sync::atomic::{AtomicU64, Ordering};

/// Chunks of arenas, kept as they were, by their former addresses.
///
/// Whoever reads values may ask for no more bytes than there are, all in all: in a world that was, no two
/// collections had the same ones. So what a file claims cannot take more memory than the file.
#[derive(Debug, Default)]
pub struct Memory<'a> {
    /// By address.
    chunks: Vec<(u64, &'a [u8])>,
    /// How many bytes may still be asked for.
    left: AtomicU64,
}

impl<'a> Memory<'a> {
    /// These chunks, in any order. If two overlap, what is in both is that of either.
    #[must_use]
    pub fn new(mut chunks: Vec<(u64, &'a [u8])>) -> Self {
        chunks.sort_unstable_by_key(|&(address, _)| address);
        let left = chunks.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        Memory {
            chunks,
            left: AtomicU64::new(left),
        }
    }

    /// So many bytes that had this address, if they lie in one chunk.
    pub(crate) fn get(&self, address: u64, bytes: usize) -> Option<&'a [u8]> {
        let behind = self.chunks.partition_point(|&(at, _)| at <= address);
        let &(at, chunk) = self.chunks.get(behind.checked_sub(1)?)?;
        let from = usize::try_from(address - at).ok()?;
        let found = chunk.get(from..from.checked_add(bytes)?)?;
        let take = |left: u64| left.checked_sub(bytes as u64);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.left.fetch_update(set, fetch, take).ok()?;
        Some(found)
    }
}
