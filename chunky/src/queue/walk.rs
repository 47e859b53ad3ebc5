//! Seeing whom the items of a chain are for, ahead of their delivery.

use std::hint::cold_path;
use std::ptr::NonNull;

use super::chain::label_at;
use super::item::{Label, MARK, Receiver, stride_of};
use crate::pool::Header;

/// A walk over the items of a chain from somewhere on, of which only the receivers are wanted.
///
/// What decides how far the next one is, is compared with the last one, not used: so the processor, which
/// predicts that they are the same, need not wait for one item to find the next.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    pub(super) at: NonNull<u8>,
    pub(super) end: NonNull<u8>,
    pub(super) chunk: NonNull<Header>,
    /// The kind of the last item.
    tag: u16,
    stride: usize,
}

impl Walk {
    /// A walk from this label of a chunk on, whose items end there.
    #[inline]
    pub(super) fn from(at: NonNull<u8>, end: NonNull<u8>, chunk: NonNull<Header>) -> Self {
        Walk {
            at,
            end,
            chunk,
            tag: MARK,
            stride: stride_of::<()>(),
        }
    }

    /// A walk over a chunk from its first item on.
    ///
    /// # Safety
    ///
    /// The chunk is one of a chain, and nobody is writing its header.
    #[inline]
    pub(super) unsafe fn over(chunk: NonNull<Header>) -> Self {
        // SAFETY: headers of a chain's chunks are complete, and nobody is writing this one.
        let header = unsafe { chunk.as_ref() };
        // SAFETY: both offsets are within the chunk, or one past its end.
        let at = unsafe { chunk.byte_add(header.first as usize) }.cast();
        // SAFETY: likewise.
        let end = unsafe { chunk.byte_add(header.end as usize) }.cast();
        Walk::from(at, end, chunk)
    }

    /// The receiver of the next item, in this chunk or in those behind it.
    ///
    /// # Safety
    ///
    /// The chain has the chunk, and nobody is writing the headers of those behind it.
    #[inline(always)]
    pub(super) unsafe fn next(&mut self) -> Option<Receiver> {
        while self.at == self.end {
            cold_path();
            // SAFETY: the chain has the chunk.
            let next = unsafe { self.chunk.as_ref() }.next?;
            // SAFETY: the next one is of the chain, too.
            *self = unsafe { Walk::over(next) };
        }
        // SAFETY: a walk goes from label to label.
        let label = unsafe { self.at.cast::<Label>().read() };
        if label.tag() != self.tag {
            cold_path();
            let at = self.at.addr().get() - self.chunk.addr().get();
            self.tag = label.tag();
            // SAFETY: this is the offset of a label.
            self.stride = unsafe { label_at(self.chunk, at) }.1.stride();
        }
        // SAFETY: an item of this kind is there, which takes so many bytes.
        self.at = unsafe { self.at.add(self.stride) };
        Some(label.to())
    }
}
