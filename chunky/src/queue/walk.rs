//! Seeing whom the items of a chain are for, ahead of their delivery.

use std::hint::cold_path;
use std::ptr::NonNull;

use super::chain::{label_at, tag_at};
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
    /// The tag of the last item, which is no mark, or [`NONE`], and how many bytes items of its kind take.
    tag: u32,
    stride: usize,
}

/// No tag.
const NONE: u32 = 1 << 16;

impl Walk {
    /// A walk from this label of a chunk on, whose items end there.
    #[inline]
    pub(super) fn from(at: NonNull<u8>, end: NonNull<u8>, chunk: NonNull<Header>) -> Self {
        Walk {
            at,
            end,
            chunk,
            tag: NONE,
            stride: 0,
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

    /// The receiver of the next item that is no mark, in this chunk or in those behind it.
    ///
    /// # Safety
    ///
    /// The chain has the chunk; its items from here on, and those of the chunks behind it, are live; nobody changes
    /// them, or the headers of these chunks.
    #[inline(always)]
    pub(super) unsafe fn next(&mut self) -> Option<Receiver> {
        // SAFETY: as the caller vouches.
        let mut label = unsafe { self.label() }?;
        if u32::from(label.tag()) != self.tag {
            cold_path();
            while label.tag() == MARK {
                // SAFETY: a mark takes so many bytes.
                self.at = unsafe { self.at.add(stride_of::<()>()) };
                // SAFETY: as the caller vouches.
                label = unsafe { self.label() }?;
            }
            // Behind most marks, there are items of the kind of those before.
            if u32::from(label.tag()) != self.tag {
                // SAFETY: a walk goes from label to label; items to come are live, and nobody changes them.
                let (tag, stride) = unsafe { other_kind(self.chunk, self.at) };
                (self.tag, self.stride) = (tag, stride);
            }
        }
        // SAFETY: an item of this kind is there, which takes so many bytes.
        self.at = unsafe { self.at.add(self.stride) };
        Some(label.to())
    }

    /// The next label, be it a mark, in this chunk or in those behind it.
    ///
    /// # Safety
    ///
    /// As for [`Walk::next`].
    #[inline(always)]
    unsafe fn label(&mut self) -> Option<Label> {
        while self.at == self.end {
            cold_path();
            // SAFETY: the chain has the chunk.
            let next = unsafe { self.chunk.as_ref() }.next?;
            // SAFETY: the next one is of the chain, too.
            *self = unsafe { Walk::over(next) };
        }
        // SAFETY: a walk goes from label to label.
        Some(unsafe { self.at.cast::<Label>().read() })
    }
}

/// The tag of an item that is not of the kind of the last one, or [`NONE`] if each that is like it should come here,
/// and how many bytes it takes. What it points to is asked for.
///
/// # Safety
///
/// A live item of the chunk is behind the label, and nobody changes it.
#[cold]
#[inline(never)]
unsafe fn other_kind(chunk: NonNull<Header>, label: NonNull<u8>) -> (u32, usize) {
    let at = label.addr().get() - chunk.addr().get();
    // SAFETY: this is the offset of a label.
    let (label, kind) = unsafe { label_at(chunk, at) };
    if let Some(prefetch) = kind.prefetch() {
        // SAFETY: it belongs to the item's type; the caller vouches for the item.
        unsafe { prefetch(label) };
        return (NONE, kind.stride());
    }
    // SAFETY: as above.
    let tag = unsafe { tag_at(chunk, at) };
    (tag.into(), kind.stride())
}
