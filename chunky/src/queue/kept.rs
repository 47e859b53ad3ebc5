//! Chains, copied as they lie in memory.

use std::any::TypeId;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::chain::{Chain, label_at, tag_at};
use super::item::{Label, MARK, WORD, stride_of};
use crate::Compact;
use crate::pool::{CHUNK_BYTES, Header};
use crate::portable::WriteError;
use crate::raw::{Blanks, Layouts, TypeNumber, Untyped, stream};
use crate::slots::prefetch_line;

/// How items of one type are kept.
#[derive(Debug)]
pub struct ItemForm {
    id: TypeId,
    size: usize,
    untyped: Untyped,
    /// What of an item with its label means nothing, if an item lies right behind its label.
    blanks: Option<Blanks>,
    /// Whether all is in the bytes of an item.
    is_plain: bool,
}

impl ItemForm {
    /// That of items `T`, whose layout is added if it is not there.
    pub fn new<T: Compact>(layouts: &mut Layouts) -> Self {
        let untyped = Untyped::new::<T>(layouts);
        ItemForm {
            id: TypeId::of::<T>(),
            size: size_of::<T>(),
            blanks: (align_of::<T>() <= WORD).then(|| {
                untyped
                    .blanks()
                    .behind(WORD, size_of::<T>(), stride_of::<T>())
            }),
            is_plain: untyped.program().is_plain(),
            untyped,
        }
    }

    /// The number of the layout.
    #[must_use]
    pub fn number(&self) -> TypeNumber {
        self.untyped.number()
    }
}

/// A chunk of a chain that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkCopy {
    /// Who has sent the first item.
    pub sender: u32,
    /// Where the bytes began in the chunk.
    pub offset: u32,
    /// How many there are.
    pub bytes: usize,
}

/// The chunk behind this one.
///
/// # Safety
///
/// It is one of a chain that nobody changes meanwhile.
unsafe fn following(chunk: Option<NonNull<Header>>) -> Option<NonNull<Header>> {
    // SAFETY: chunks of a chain have headers that are complete.
    unsafe { chunk?.as_ref() }.next
}

impl Chain {
    /// How many bytes [`Chain::copy`] will append, not counting what is beside. O(chunks).
    #[must_use]
    pub fn copied_bytes(&self) -> usize {
        let (mut next, mut bytes) = (self.first, 0);
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            next = header.next;
            bytes += (header.end - header.first) as usize;
        }
        bytes
    }

    /// Appends the items as they lie, with their labels and marks, for [`SavedItems`](super::SavedItems), and what
    /// is beside them. Tells of each chunk.
    ///
    /// # Errors
    ///
    /// If an item has no portable form where it needs one.
    ///
    /// # Panics
    ///
    /// If there is no form for the type of an item where its tag leads.
    pub fn copy(
        &mut self,
        forms: &[Option<ItemForm>],
        to: &mut Vec<u8>,
        beside: &mut Vec<u8>,
        mut tell: impl FnMut(ChunkCopy),
    ) -> Result<(), WriteError> {
        let mut next = self.first;
        // The chunk behind the next one: which that is has to be read, too.
        // SAFETY: the chain is borrowed mutably.
        let mut later = unsafe { following(self.first) };
        let mut piece = [MaybeUninit::uninit(); CHUNK_BYTES];
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            next = header.next;
            // SAFETY: as above.
            later = unsafe { following(later) };
            if let Some(later) = later {
                let at = later.as_ptr().cast::<i8>();
                (0..CHUNK_BYTES)
                    .step_by(64)
                    .for_each(|line| prefetch_line(at.wrapping_add(line)));
            }
            let (first, end) = (header.first as usize, header.end as usize);
            if first == end {
                continue;
            }
            // SAFETY: both offsets are within the chunk, or one past its end.
            let start = unsafe { chunk.byte_add(first) }.cast::<MaybeUninit<u8>>();
            let bytes = end - first;
            to.reserve(bytes);
            let room = &mut to.spare_capacity_mut()[..bytes];
            // Where it is changed, it should be in the caches, and only there.
            let (copy, to_stream) = match piece.get_mut(..bytes) {
                Some(piece) => (piece, Some(room)),
                None => (room, None),
            };
            // SAFETY: what lies between them belongs to this chain, which is borrowed mutably. A byte that may
            // not be initialised can stand for each that is there.
            copy.copy_from_slice(unsafe { std::slice::from_raw_parts(start.as_ptr(), bytes) });
            let mut at = first;
            while at < end {
                // SAFETY: `first` is the offset of a label while it is below `end`, and so is what a stride
                // leads to.
                let (label, kind) = unsafe { label_at(chunk, at) };
                let stride = kind.stride();
                // SAFETY: a label is there.
                let tag = unsafe { label.cast::<Label>().read() }.tag();
                // Most items are followed by others of their kind.
                let mut same = at + stride;
                // SAFETY: a label is there, too, as said above.
                while same < end && unsafe { tag_at(chunk, same) } == tag {
                    same += stride;
                }
                let copy = &mut copy[at - first..same - first];
                at = same;
                if tag == MARK {
                    continue;
                }
                let form = forms.get(usize::from(tag)).and_then(Option::as_ref);
                let form = form.filter(|form| form.id == kind.id());
                let form = form.expect("there is a form for each type of items");
                if let Some(blanks) = &form.blanks {
                    // SAFETY: so many items of the form's type were copied there, each behind a label.
                    unsafe { blanks.clear(copy, stride) };
                    if form.is_plain {
                        continue;
                    }
                }
                for (number, copy) in copy.chunks_exact_mut(stride).enumerate() {
                    // SAFETY: there are as many items.
                    let label = unsafe { label.add(number * stride) };
                    // SAFETY: an item of this kind is behind the label.
                    let item = unsafe { kind.item(label) };
                    if form.blanks.is_none() {
                        let skip = item.addr().get() - label.addr().get();
                        copy[WORD..skip].fill(MaybeUninit::new(0));
                        copy[skip + form.size..].fill(MaybeUninit::new(0));
                        let copy = &mut copy[skip..][..form.size];
                        // SAFETY: an item of the form's type was copied there, as just seen.
                        unsafe { form.untyped.blanks().clear(copy, form.size) };
                    }
                    if !form.is_plain {
                        // SAFETY: the item is of the form's type, as just seen, live, and nobody changes it,
                        // since the chain is borrowed mutably.
                        unsafe { form.untyped.copy_all_beside(item, beside) }?;
                    }
                }
            }
            if let Some(room) = to_stream {
                // SAFETY: labels are initialised, and of items those parts that their layouts vouch for; all
                // other bytes are 0.
                stream::copy(unsafe { copy.assume_init_ref() }, room);
            }
            let length = to.len() + bytes;
            // SAFETY: so many bytes have been copied, which are initialised, as said above.
            unsafe { to.set_len(length) };
            tell(ChunkCopy {
                sender: header.first_sender,
                offset: header.first,
                bytes,
            });
        }
        Ok(())
    }
}
