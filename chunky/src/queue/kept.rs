//! Chains, copied as they lie in memory.

use std::any::TypeId;
use std::mem::MaybeUninit;

use super::chain::{Chain, label_at};
use super::item::{Label, MARK, WORD};
use crate::Compact;
use crate::portable::WriteError;
use crate::raw::{Layouts, TypeNumber, Untyped};

/// How items of one type are kept.
#[derive(Debug)]
pub struct ItemForm {
    id: TypeId,
    size: usize,
    untyped: Untyped,
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

impl Chain {
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
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            next = header.next;
            let (first, end) = (header.first as usize, header.end as usize);
            if first == end {
                continue;
            }
            // SAFETY: both offsets are within the chunk, or one past its end.
            let start = unsafe { chunk.byte_add(first) }.cast::<MaybeUninit<u8>>();
            let bytes = end - first;
            to.reserve(bytes);
            let room = &mut to.spare_capacity_mut()[..bytes];
            // SAFETY: what lies between them belongs to this chain, which is borrowed mutably. A byte that may
            // not be initialised can stand for each that is there.
            room.copy_from_slice(unsafe { std::slice::from_raw_parts(start.as_ptr(), bytes) });
            let mut at = first;
            while at < end {
                // SAFETY: `first` is the offset of a label while it is below `end`, and so is what a stride
                // leads to.
                let (label, kind) = unsafe { label_at(chunk, at) };
                let stride = kind.stride();
                // SAFETY: a label is there.
                let tag = unsafe { label.cast::<Label>().read() }.tag();
                let copy = &mut room[at - first..][..stride];
                if tag == MARK {
                    clear(&mut copy[WORD..]);
                } else {
                    let form = forms.get(usize::from(tag)).and_then(Option::as_ref);
                    let form = form.filter(|form| form.id == kind.id());
                    let form = form.expect("there is a form for each type of items");
                    // SAFETY: an item of this kind is behind the label.
                    let item = unsafe { kind.item(label) };
                    let skip = item.addr().get() - label.addr().get();
                    clear(&mut copy[WORD..skip]);
                    clear(&mut copy[skip + form.size..]);
                    for hole in form.untyped.holes() {
                        clear(&mut copy[skip..][hole.clone()]);
                    }
                    if !form.is_plain {
                        // SAFETY: the item is of the form's type, as just seen, live, and nobody changes it, since
                        // the chain is borrowed mutably.
                        unsafe { form.untyped.copy_all_beside(item, beside) }?;
                    }
                }
                at += stride;
            }
            let length = to.len() + bytes;
            // SAFETY: so many bytes have been copied. Labels are initialised, and of items those parts that their
            // layouts vouch for; all others are 0.
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

fn clear(bytes: &mut [MaybeUninit<u8>]) {
    bytes.fill(MaybeUninit::new(0));
}
