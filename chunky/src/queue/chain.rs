//! What a lane has written, on its way to the reader.

use std::ptr::NonNull;

use super::item::{ItemKind, ItemRef, Label, MARK, Receiver, item_of};
use super::lane::Lane;
use crate::panic::drop_each;
use crate::pool::{Chunk, Header, Pool};

/// A sequence of items in chunks of its own.
///
/// Dropping a chain drops the items that nobody took out, and releases its chunks.
#[derive(Default)]
pub struct Chain {
    pub(super) first: Option<NonNull<Header>>,
}

// SAFETY: a chain is the only handle to its chunks, and all items in them are `Send`.
unsafe impl Send for Chain {}

/// The label at offset `at` of a chunk, and the kind of the item behind it.
///
/// # Safety
///
/// The offset is that of a label, and nobody changes the header for `'a`.
#[inline(always)]
pub(super) unsafe fn label_at<'a>(
    chunk: NonNull<Header>,
    at: usize,
) -> (NonNull<u8>, &'a ItemKind) {
    // SAFETY: offsets of labels lie within the chunk.
    let label = unsafe { chunk.byte_add(at) }.cast::<u8>();
    // SAFETY: a label is there.
    let tag = unsafe { label.cast::<Label>().read() }.tag();
    // SAFETY: the header is complete, and stays as it is for `'a`.
    let kinds = unsafe { &chunk.as_ref().common.kinds };
    // SAFETY: lanes write only tags that are in the table of the chunk.
    (label, unsafe { kinds.get_unchecked(usize::from(tag)) })
}

/// The tag in the label at this offset.
///
/// # Safety
///
/// There is a label of the chunk.
#[inline(always)]
pub(super) unsafe fn tag_at(chunk: NonNull<Header>, at: usize) -> u16 {
    // SAFETY: offsets of labels lie within the chunk.
    let label = unsafe { chunk.byte_add(at) };
    // SAFETY: a label is there.
    unsafe { label.cast::<Label>().read() }.tag()
}

/// Lets a chunk begin so many bytes later.
///
/// # Safety
///
/// Nobody else uses the chunk's header meanwhile.
#[inline(always)]
unsafe fn advance(mut chunk: NonNull<Header>, bytes: usize) {
    // SAFETY: as the caller vouches.
    unsafe { chunk.as_mut() }.first += bytes as u32;
}

impl Chain {
    /// # Safety
    ///
    /// `first` heads a list of chunks that nobody else uses, whose headers and items are complete.
    pub(super) unsafe fn from_raw(first: NonNull<Header>) -> Self {
        Chain { first: Some(first) }
    }

    /// Appends all that is in `other`, which is then to be read behind the rest of this one. Linear in the
    /// number of this one's chunks.
    pub fn append(&mut self, mut other: Chain) {
        let mut end = &mut self.first;
        while let Some(chunk) = end {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            end = unsafe { &mut chunk.as_mut().next };
        }
        *end = other.first.take();
    }

    /// Gives chunks that are used up to `pool`; returns whether anything is left, be it marks.
    #[inline]
    pub fn settle(&mut self, pool: &mut Pool) -> bool {
        while let Some(chunk) = self.first {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            if header.first < header.end {
                return true;
            }
            self.release_first(pool);
        }
        false
    }

    /// Gives the first chunk, which is used up, to `pool`.
    #[inline]
    pub(super) fn release_first(&mut self, pool: &mut Pool) {
        let Some(chunk) = self.first else { return };
        // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
        let header = unsafe { chunk.as_ref() };
        debug_assert!(header.first == header.end, "items are left");
        self.first = header.next;
        // SAFETY: all items of this chunk have been taken, and the chain has just forgotten it.
        pool.give(unsafe { Chunk::from_raw(chunk) });
    }

    /// Looks at each item that has not been taken out, in order.
    pub fn visit(&self, mut visit: impl FnMut(ItemRef<'_>)) {
        let mut next = self.first;
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            next = header.next;
            let (mut at, end) = (header.first as usize, header.end as usize);
            let mut sender = header.first_sender;
            while at < end {
                // SAFETY: `first` is the offset of a label while it is below `end`, and so is
                // what a stride leads to.
                let (label, kind) = unsafe { label_at(chunk, at) };
                at += kind.stride();
                // SAFETY: items behind `first` are live. They are only lent for reading, as the
                // chain is, which is not `Sync`.
                let item = unsafe { ItemRef::new(label, kind, sender) };
                if item.tag() == MARK {
                    sender = item.to().index();
                } else {
                    visit(item);
                }
            }
        }
    }

    /// Who has sent the next item.
    pub fn sender(&self) -> Option<u32> {
        self.first().map(ItemRef::sender)
    }

    /// The next item. Constant time, if chunks that are used up have been [settled](Chain::settle).
    pub fn first(&self) -> Option<ItemRef<'_>> {
        let mut next = self.first;
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            let mut at = header.first as usize;
            let mut sender = header.first_sender;
            while at < header.end as usize {
                // SAFETY: `first` is the offset of a label while it is below `end`, and so is
                // what a stride leads to.
                let (label, kind) = unsafe { label_at(chunk, at) };
                // SAFETY: items behind `first` are live, and the chain is lent for reading.
                let item = unsafe { ItemRef::new(label, kind, sender) };
                if item.tag() != MARK {
                    return Some(item);
                }
                sender = item.to().index();
                at += kind.stride();
            }
            next = header.next;
        }
        None
    }

    /// The number of items that nobody has taken out. Linear in it.
    pub fn len(&self) -> usize {
        let mut len = 0;
        self.visit(|_| len += 1);
        len
    }

    /// Whether all items have been taken out.
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// The chunk, the label and the kind of the next item; passes marks. Chunks that are used up go to
    /// `pool`.
    fn front(&mut self, pool: &mut Pool) -> Option<(NonNull<Header>, NonNull<u8>, ItemKind)> {
        while self.settle(pool) {
            let mut chunk = self.first?;
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let at = unsafe { chunk.as_ref() }.first as usize;
            // SAFETY: `first` is the offset of a label while it is below `end`.
            let (label, kind) = unsafe { label_at(chunk, at) };
            let kind = *kind;
            // SAFETY: a label is there.
            let found = unsafe { label.cast::<Label>().read() };
            if found.tag() != MARK {
                return Some((chunk, label, kind));
            }
            // SAFETY: this chain is the only handle to its chunks.
            unsafe { chunk.as_mut() }.first_sender = found.to().index();
            // SAFETY: likewise.
            unsafe { advance(chunk, kind.stride()) };
        }
        None
    }

    /// Takes out the next item, with its receiver, if it is a `T`; leaves it where it is, and returns
    /// `None`, if it is not.
    pub fn pop<T: 'static>(&mut self, pool: &mut Pool) -> Option<(Receiver, T)> {
        let (chunk, label, kind) = self.front(pool)?;
        if !kind.is::<T>() {
            return None;
        }
        // SAFETY: this chain is the only handle to its chunks.
        unsafe { advance(chunk, kind.stride()) };
        // SAFETY: a label is there.
        let to = unsafe { label.cast::<Label>().read() }.to();
        // SAFETY: an item of this kind is there, which is a `T`, as just checked.
        let item = unsafe { item_of::<T>(label) };
        // SAFETY: it was live until now.
        Some((to, unsafe { item.read() }))
    }

    /// Moves all items to `lanes`: each to the one whose number `choose` says. Their order stays, and
    /// who has sent them. All chunks that this takes come from `pool`.
    ///
    /// # Panics
    ///
    /// If there is no such lane, or if the chain is from another depot than the pool.
    pub fn divide(
        mut self,
        lanes: &mut [Lane],
        pool: &mut Pool,
        mut choose: impl FnMut(ItemRef<'_>) -> usize,
    ) {
        while let Some((chunk, label, kind)) = self.front(pool) {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            assert!(pool.has_kinds_of(header), "a chain stays with its depot");
            let sender = header.first_sender;
            // SAFETY: the item is live, and nobody changes it meanwhile.
            let lane = choose(unsafe { ItemRef::new(label, &kind, sender) });
            let lane = &mut lanes[lane];
            lane.begin(sender, pool);
            // SAFETY: this chain is the only handle to its chunks.
            unsafe { advance(chunk, kind.stride()) };
            // SAFETY: the item was live, and has just left the chain; the table is the same one.
            unsafe { lane.adopt(label, &kind, pool) };
        }
    }
}

impl Drop for Chain {
    #[inline]
    fn drop(&mut self) {
        if self.first.is_some() {
            self.drop_all();
        }
    }
}

impl Chain {
    #[cold]
    #[inline(never)]
    fn drop_all(&mut self) {
        drop_each(|| self.drop_rest());
    }

    /// Drops all items that are left, up to one that panics when it is dropped, that included.
    fn drop_rest(&mut self) {
        while let Some(chunk) = self.first {
            loop {
                // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
                let header = unsafe { chunk.as_ref() };
                if header.first == header.end {
                    self.first = header.next;
                    break;
                }
                // SAFETY: `first` is the offset of a label while it is below `end`.
                let (label, kind) = unsafe { label_at(chunk, header.first as usize) };
                let drop = kind.drop();
                // Before the drop: should that panic, the item is not dropped again.
                // SAFETY: this chain is the only handle to its chunks.
                unsafe { advance(chunk, kind.stride()) };
                if let Some(drop) = drop {
                    // SAFETY: `drop` belongs to the item's type, and the item was live until now.
                    unsafe { drop(label) };
                }
            }
            // SAFETY: its items have just been dropped, and the chain has forgotten it.
            drop(unsafe { Chunk::from_raw(chunk) });
        }
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chain")
    }
}
