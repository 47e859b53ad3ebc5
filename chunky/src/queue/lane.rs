//! The writer's end of one queue.

use std::ptr::{self, NonNull};

use super::chain::Chain;
use super::item::{ItemKind, Label, MARK, Receiver, item_of, stride_of};
use crate::pool::{Chunk, Header, Pool};
use crate::slots::prefetch_line;

/// Appends items to private chunks, until [`Lane::take`] hands them over as a chain.
#[repr(align(32))]
pub struct Lane {
    /// Where the next item goes.
    cursor: *mut u8,
    /// The end of the chunk, or null while the lane is closed.
    limit: *mut u8,
    first: Option<NonNull<Header>>,
    last: Option<NonNull<Header>>,
}

// SAFETY: a lane is the only handle to its chunks, and all items in them are `Send`.
unsafe impl Send for Lane {}

impl Lane {
    /// A lane that holds nothing, not even a chunk.
    pub const fn new() -> Self {
        Lane {
            cursor: ptr::null_mut(),
            limit: ptr::null_mut(),
            first: None,
            last: None,
        }
    }

    /// Whether nothing has been written since the lane was new or taken.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Appends `item`, in a chunk from `pool` if need be.
    ///
    /// # Panics
    ///
    /// If `T` is not the type with this tag, by the kinds that the pool's depot was made with.
    pub fn push<T: Send + 'static>(&mut self, tag: u16, to: Receiver, item: T, pool: &mut Pool) {
        self.make_room(stride_of::<T>(), pool);
        assert!(
            self.kind(tag).is_some_and(ItemKind::is::<T>),
            "tag {tag} is that of another type of items"
        );
        // SAFETY: room was just made, and the chunk's table says that the tag is that of `T`.
        unsafe { self.write(Label::new(to, tag), item) };
    }

    /// From now on, what is appended is from `sender`; 0 at first.
    #[inline]
    pub fn begin(&mut self, sender: u32, pool: &mut Pool) {
        let Some(last) = self.last else {
            self.make_room(0, pool);
            if let Some(mut first) = self.first {
                // SAFETY: `first` is a chunk of this lane, so its header is live and only ours.
                let header = unsafe { first.as_mut() };
                (header.first_sender, header.last_sender) = (sender, sender);
            }
            return;
        };
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        if unsafe { last.as_ref() }.last_sender == sender {
            return;
        }
        self.mark(sender, pool);
        // Only now, since there may be no memory for the mark. It may be in another chunk.
        if let Some(mut last) = self.last {
            // SAFETY: likewise.
            unsafe { last.as_mut() }.last_sender = sender;
        }
    }

    fn mark(&mut self, sender: u32, pool: &mut Pool) {
        self.make_room(stride_of::<()>(), pool);
        let sender = Receiver::new(sender, 0);
        // SAFETY: room was just made, and a mark is a `()` by every table.
        unsafe { self.write(Label::new(sender, MARK), ()) };
    }

    /// What is known of a tag where this lane writes.
    fn kind(&self, tag: u16) -> Option<&ItemKind> {
        let last = self.last?;
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        unsafe { last.as_ref() }.common.kinds.get(usize::from(tag))
    }

    /// Whether so many bytes can be written.
    #[inline(always)]
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.cursor.addr() + bytes <= self.limit.addr()
    }

    /// Appends an item.
    ///
    /// # Safety
    ///
    /// There is room for one, and its tag is that of `T` in the table of the chunk.
    #[inline(always)]
    pub(super) unsafe fn write<T>(&mut self, label: Label, item: T) {
        debug_assert!(self.has_room(stride_of::<T>()), "there is no room");
        // SAFETY: a lane with room has a chunk.
        let at = unsafe { NonNull::new_unchecked(self.cursor) };
        // The next line but one, so that what follows need not wait for it.
        prefetch_line(self.cursor.wrapping_add(128).cast());
        // SAFETY: there is room behind the cursor, which is aligned to 8, as all strides are.
        unsafe { at.cast().write(label) };
        // SAFETY: there is room for a whole item.
        let place = unsafe { item_of::<T>(at) };
        // SAFETY: likewise; this memory is only ours.
        unsafe { place.write(item) };
        // SAFETY: the room counts this stride, so this is within the chunk or one past its end.
        self.cursor = unsafe { self.cursor.add(stride_of::<T>()) };
    }

    /// Appends an item of another chain, by moving its bytes.
    ///
    /// # Safety
    ///
    /// A live item of this kind, which nobody uses afterwards, is behind the label, in a chunk with
    /// the same table as those of `pool`.
    pub(super) unsafe fn adopt(&mut self, label: NonNull<u8>, kind: &ItemKind, pool: &mut Pool) {
        self.make_room(kind.stride(), pool);
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        let known = |last: NonNull<Header>| pool.has_kinds_of(unsafe { last.as_ref() });
        if !self.last.is_some_and(known) {
            // Its items had been pushed with the pool of another depot.
            self.open_chunk(kind.stride(), pool);
        }
        // SAFETY: a lane with room has a chunk.
        let at = unsafe { NonNull::new_unchecked(self.cursor) };
        // SAFETY: the caller vouches for the item, and there is room for its stride.
        unsafe { kind.move_item(label, at) };
        // SAFETY: the room counts this stride.
        self.cursor = unsafe { self.cursor.add(kind.stride()) };
    }

    /// Sees to it that there is room for so many bytes.
    #[inline]
    pub(super) fn make_room(&mut self, bytes: usize, pool: &mut Pool) {
        self.reopen();
        if !self.has_room(bytes) || self.last.is_none() {
            self.open_chunk(bytes, pool);
        }
    }

    /// Lets nobody write until [`Lane::make_room`].
    #[inline]
    pub(super) fn close(&mut self) {
        self.limit = ptr::null_mut();
    }

    /// Whether nobody has asked for room since the lane was new, closed, or taken.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.limit.is_null()
    }

    /// Lets `sender` write behind another one, if there is room for a mark and an item of so many bytes. Returns
    /// whether it was another one, and there is.
    #[inline(always)]
    pub(super) fn reopen_for(&mut self, sender: u32, bytes: usize) -> bool {
        let Some(mut last) = self.last else {
            return false;
        };
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        let header = unsafe { last.as_mut() };
        let room = last.addr().get() + header.bytes as usize - self.cursor.addr();
        if header.last_sender == sender || room < stride_of::<()>() + bytes {
            return false;
        }
        header.last_sender = sender;
        self.reopen();
        // SAFETY: there is room, and a mark is a `()` by every table.
        unsafe { self.write(Label::new(Receiver::new(sender, 0), MARK), ()) };
        true
    }

    #[inline]
    fn reopen(&mut self) {
        if let Some(last) = self.last {
            // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
            let bytes = unsafe { last.as_ref() }.bytes as usize;
            // SAFETY: the chunk is `bytes` long, so this is one past its end.
            self.limit = unsafe { last.as_ptr().byte_add(bytes) }.cast();
        }
    }

    /// Writes down where the items of the last chunk end.
    #[inline]
    fn end_chunk(&mut self) {
        if let Some(mut last) = self.last {
            let end = self.cursor.addr() - last.as_ptr().addr();
            // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
            unsafe { last.as_mut() }.end = end as u32;
        }
    }

    #[inline(always)]
    fn open_chunk(&mut self, need: usize, pool: &mut Pool) {
        self.end_chunk();
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        let sender = self
            .last
            .map_or(0, |last| unsafe { last.as_ref() }.last_sender);
        let last = self.last;
        let chunk = self.write_to(pool.take(need, last.is_none()), sender);
        match last {
            // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
            Some(mut last) => unsafe { last.as_mut() }.next = Some(chunk),
            None => self.first = Some(chunk),
        }
    }

    /// Begins with this chunk, from `sender`, while there is none.
    #[inline(always)]
    pub(super) fn open_first(&mut self, chunk: Chunk, sender: u32) {
        self.first = Some(self.write_to(chunk, sender));
    }

    /// From now on, what is appended is written to this chunk, which is the last one.
    #[inline(always)]
    fn write_to(&mut self, chunk: Chunk, sender: u32) -> NonNull<Header> {
        let chunk = chunk.into_raw();
        let mut fresh = chunk;
        // SAFETY: a chunk from the pool has a live header that only we can reach.
        let header = unsafe { fresh.as_mut() };
        (header.first_sender, header.last_sender) = (sender, sender);
        let bytes = header.bytes as usize;
        let start = chunk.as_ptr().cast::<u8>();
        // SAFETY: a chunk has at least the bytes of its header.
        self.cursor = unsafe { start.add(Header::SIZE) };
        // SAFETY: the chunk is `bytes` long, so this is one past its end.
        self.limit = unsafe { start.add(bytes) };
        self.last = Some(chunk);
        chunk
    }

    /// Hands over all that was written, and is empty again.
    #[inline]
    pub fn take(&mut self) -> Option<Chain> {
        self.end_chunk();
        let first = self.first?;
        // What it held is the chain's from here on.
        (self.first, self.last) = (None, None);
        (self.cursor, self.limit) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the chunks from `first` on were this lane's alone, which has just forgotten them; the last
        // one was ended, as the others were.
        Some(unsafe { Chain::from_raw(first) })
    }
}

impl Default for Lane {
    fn default() -> Self {
        Lane::new()
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        // A chain drops its items and releases its chunks.
        drop(self.take());
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane")
            .field("is_empty", &self.is_empty())
            .finish_non_exhaustive()
    }
}
