//! What a chain consists of, as bytes, for those who save it.

use std::mem::MaybeUninit;
use std::slice;

use super::chain::Chain;

/// The items of a chunk that nobody has taken out, as they lie in memory; from [`Chain::chunks`].
/// [`SavedItems`](super::SavedItems) reads them again.
#[derive(Clone, Copy, Debug)]
pub struct ChainChunk<'a> {
    /// Who has sent the first item.
    pub sender: u32,
    /// Where the bytes begin in the chunk, which is aligned to 64 bytes. How far behind its label an item
    /// is that is aligned to more than 8 bytes depends on that.
    pub offset: u32,
    /// Labels and items. Bytes between fields, and between items, are arbitrary.
    pub bytes: &'a [MaybeUninit<u8>],
}

impl Chain {
    /// The bytes that the chain consists of, for who saves it, a chunk at a time; those chunks of which no
    /// item is left are left out.
    ///
    /// The chain is borrowed mutably since an item that can change while it is shared, such as a
    /// [`Cell`](std::cell::Cell), must not do so while its bytes are looked at.
    pub fn chunks(&mut self) -> impl Iterator<Item = ChainChunk<'_>> {
        let mut next = self.first;
        std::iter::from_fn(move || {
            loop {
                let chunk = next?;
                // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
                let header = unsafe { chunk.as_ref() };
                next = header.next;
                let len = (header.end - header.first) as usize;
                if len == 0 {
                    continue;
                }
                // SAFETY: both offsets are within the chunk, or one past its end.
                let at = unsafe { chunk.byte_add(header.first as usize) }.cast();
                // SAFETY: what lies between them belongs to this chain, which is borrowed mutably. A byte
                // that may be uninitialised can stand for each that is there.
                let bytes = unsafe { slice::from_raw_parts(at.as_ptr(), len) };
                return Some(ChainChunk {
                    sender: header.first_sender,
                    offset: header.first,
                    bytes,
                });
            }
        })
    }
}
