//! The writer's end of the queue.

use std::ptr::{self, NonNull};

use super::chain::Chain;
use super::item::{Addressed, ItemKind, ItemOf, ItemType, RunHeader};
use crate::pool::{Header, Pool};

/// Appends items to private chunks, until [`Lane::take`] hands them over as a chain.
///
/// A cache line of its own for each lane: the lanes of a sender stand side by side, and each is
/// one line to touch for a message.
#[repr(align(64))]
pub struct Lane {
    /// Where the next item of the open run goes.
    cursor: *mut u8,
    /// End of the chunk.
    limit: *mut u8,
    /// The item type of the open run, if one is open; when the lane was taken, that of the run
    /// which was open then.
    item: Option<&'static ItemType>,
    /// The first item of the open run.
    items: *mut u8,
    /// The open run, if `last` is a chunk.
    run: *mut RunHeader,
    first: Option<NonNull<Header>>,
    last: Option<NonNull<Header>>,
    /// Items in the runs that are closed.
    count: u32,
    /// The tag of the run that was opened last.
    tag: u32,
}

// SAFETY: a lane is the only handle to its chunks, and all items in them are `Send`.
unsafe impl Send for Lane {}

impl Lane {
    /// A lane that holds nothing, not even a chunk.
    pub const fn new() -> Self {
        Lane {
            cursor: ptr::null_mut(),
            limit: ptr::null_mut(),
            item: None,
            items: ptr::null_mut(),
            run: ptr::null_mut(),
            first: None,
            last: None,
            count: 0,
            tag: 0,
        }
    }

    /// Whether nothing has been written since the lane was new or taken.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Appends `item` if a run of its type is open and has room, which is a few instructions;
    /// otherwise gives it back: a run must be opened with this kind, as [`Lane::push`] does.
    #[inline(always)]
    pub fn push_to_run<T: Send + 'static>(
        &mut self,
        kind: ItemOf<T>,
        item: Addressed<T>,
    ) -> Result<(), Addressed<T>> {
        let room = self.limit.addr() - self.cursor.addr();
        let open = self.item.map_or(ptr::null(), ptr::from_ref);
        if !ptr::eq(open, kind.kind().0) || room < size_of::<Addressed<T>>() {
            return Err(item);
        }
        // SAFETY: there is room, so the lane was not just taken: a run is open, of items `T`. So
        // `cursor` is aligned for one with its key, and `room` says that the chunk, which only
        // this lane can reach, has space for one more.
        unsafe { self.cursor.cast::<Addressed<T>>().write(item) };
        // SAFETY: `room` says that the cursor stays within its chunk, or one past its end.
        self.cursor = unsafe { self.cursor.add(size_of::<Addressed<T>>()) };
        Ok(())
    }

    /// Appends `item`, in a new run if need be, in a chunk from `pool` if need be.
    ///
    /// `tag` travels with the run, for the reader to recognise it. Items of one type in one lane
    /// must have one tag: it is read only when a run is opened.
    pub fn push<T: Send + 'static>(&mut self, tag: u32, item: Addressed<T>, pool: &mut Pool) {
        let kind = ItemOf::get();
        let Err(item) = self.push_to_run(kind, item) else {
            return;
        };
        self.open_for_push(kind.kind(), tag, pool);
        let Ok(()) = self.push_to_run(kind, item) else {
            unreachable!("a run that was just opened has room for an item of its type")
        };
    }

    /// Once for all types.
    #[inline(never)]
    fn open_for_push(&mut self, kind: ItemKind, tag: u32, pool: &mut Pool) {
        if !self.open_again(kind, pool) {
            self.open(kind, tag, pool);
        }
    }

    /// Hands over all that was written, and is empty again.
    #[inline]
    pub fn take(&mut self) -> Option<Chain> {
        let item = self.item;
        self.close_run();
        let (first, last) = self.first.zip(self.last)?;
        // What it held is the chain's from here on.
        (self.first, self.last) = (None, None);
        (self.cursor, self.limit) = (ptr::null_mut(), ptr::null_mut());
        self.item = item;
        let count = std::mem::take(&mut self.count);
        // SAFETY: the chunks from `first` to `last` were this lane's alone, which has just
        // forgotten them; the last run was closed, so all headers are complete.
        Some(unsafe { Chain::from_raw(first, last, count) })
    }

    /// Sees to it that a run for items of this kind is open and has room, if the last one was of
    /// this kind, and so has the same tag, even if that was before the lane was taken. Returns
    /// whether it was.
    #[inline(always)]
    pub fn open_again(&mut self, kind: ItemKind, pool: &mut Pool) -> bool {
        let again = self
            .item
            .is_some_and(|item| ptr::eq(item, kind.0) || item.id == kind.0.id);
        if again {
            let room = self.limit.addr() - self.cursor.addr();
            if self.run.is_null() || room < kind.0.size {
                self.open_run(kind, self.tag, pool);
            } else {
                // The run is open, but the type was known by the address that it has in another
                // codegen unit.
                self.item = Some(kind.0);
            }
        }
        again
    }

    /// Opens a run for items of this kind, in a chunk from `pool` if need be; see [`Lane::push`].
    pub fn open(&mut self, kind: ItemKind, tag: u32, pool: &mut Pool) {
        self.open_run(kind, tag, pool);
    }

    /// In the few places that call it, since a lane that is opened for a single message pays for
    /// every call.
    #[inline(always)]
    fn open_run(&mut self, kind: ItemKind, tag: u32, pool: &mut Pool) {
        let item = kind.0;
        self.close_run();
        let need = RunHeader::bytes_of_one(item);
        if self.limit.addr() - self.cursor.addr() < need {
            self.open_chunk(need, pool);
        }
        let last = self.last.expect("a lane with room has a chunk");
        let at = RunHeader::next_behind(self.cursor.addr() - last.as_ptr().addr());
        // SAFETY: `need` counts the padding before the header, so `at` lies within the chunk.
        let run = unsafe { last.as_ptr().byte_add(at) }.cast::<RunHeader>();
        // SAFETY: `need` counts a whole header, `at` is aligned for it, and the bytes behind the
        // cursor are nobody else's.
        unsafe {
            run.write(RunHeader {
                item,
                tag,
                len: 0,
                taken: 0,
            })
        };
        let items = RunHeader::items_at(at, item);
        // SAFETY: `need` counts the padding before the first item, so this too is within.
        let items = unsafe { last.as_ptr().byte_add(items) }.cast::<u8>();
        (self.run, self.items, self.cursor, self.item) = (run, items, items, Some(item));
        self.tag = tag;
    }

    /// Writes down how many items the open run has got, and where it ends.
    #[inline]
    fn close_run(&mut self) {
        let Some(mut last) = self.last else { return };
        if self.run.is_null() {
            return;
        }
        // SAFETY: a run that is open was written by `open` into a chunk that is still ours.
        let run = unsafe { &mut *self.run };
        let (bytes, size) = (self.cursor.addr() - self.items.addr(), run.item.size);
        // A division takes long, and many runs have a single item.
        run.len = if bytes == size {
            1
        } else {
            (bytes / size) as u32
        };
        self.count += run.len;
        let end = RunHeader::next_behind(self.cursor.addr() - last.as_ptr().addr());
        // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
        unsafe { last.as_mut() }.end = end as u32;
        self.run = ptr::null_mut();
        self.item = None;
    }

    #[inline(always)]
    fn open_chunk(&mut self, need: usize, pool: &mut Pool) {
        let chunk = pool.take(need, self.last.is_none()).into_raw();
        // SAFETY: a chunk from the pool has a live header that only we can reach.
        let bytes = unsafe { chunk.as_ref() }.bytes as usize;
        let start = chunk.as_ptr().cast::<u8>();
        // SAFETY: a chunk has at least the bytes of its header.
        self.cursor = unsafe { start.add(Header::SIZE) };
        // SAFETY: the chunk is `bytes` long, so this is one past its end.
        self.limit = unsafe { start.add(bytes) };
        match self.last {
            // SAFETY: `last` is a chunk of this lane, so its header is live and only ours.
            Some(mut last) => unsafe { last.as_mut() }.next = Some(chunk),
            None => self.first = Some(chunk),
        }
        self.last = Some(chunk);
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
