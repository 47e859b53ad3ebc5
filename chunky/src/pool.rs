//! A last-in-first-out pool of message chunks.

use std::alloc::Layout;
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use crossbeam_queue::SegQueue;

use crate::{ItemKind, Storage};

/// Bytes of an ordinary message chunk, its header included.
///
/// Small enough that the open chunks of 64 lanes stay in a second-level cache, large enough that
/// the cost of opening one vanishes behind some hundred messages.
pub const CHUNK_BYTES: usize = 4096;

/// Bytes of the first chunk of a lane: most lanes of a turn in which many shards say little to each
/// other need no more, and what they hold stays in the cache.
const SMALL_CHUNK_BYTES: usize = 512;

/// Bytes of a chunk for messages of which an ordinary one would hold but a few.
const LARGE_CHUNK_BYTES: usize = 64 * 1024;

/// Alignment of message chunks, and so the largest alignment of an item.
pub(crate) const CHUNK_ALIGN: usize = 64;

/// Chunks of a size that a pool gives to, or takes from, its depot at a time.
const BATCH: [usize; 3] = [64, 64, 8];

/// Stands at the start of each message chunk.
pub(crate) struct Header {
    /// The chunk that follows in its chain.
    pub(crate) next: Option<NonNull<Header>>,
    /// Offset of the first item that has not been taken out.
    pub(crate) first: u32,
    /// Offset behind the last item.
    pub(crate) end: u32,
    /// Bytes of the whole chunk.
    pub(crate) bytes: u32,
    /// Who has sent the first item that has not been taken out, and who the last one.
    pub(crate) first_sender: u32,
    pub(crate) last_sender: u32,
    pub(crate) common: Arc<Common>,
}

/// What all chunks of a depot have in common.
pub(crate) struct Common {
    storage: Arc<dyn Storage>,
    /// The types of items, by tag.
    pub(crate) kinds: Box<[ItemKind]>,
}

impl Header {
    /// Offset of the first item in a fresh chunk.
    pub(crate) const SIZE: usize = size_of::<Header>();
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, CHUNK_ALIGN).expect("a chunk's size fits in memory")
}

/// A message chunk that is in nobody else's hands: no items in it, in no chain.
pub(crate) struct Chunk(NonNull<Header>);

// SAFETY: a `Chunk` is the only handle to its memory, and the `Arc<dyn Storage>` inside may move
// between threads, since `Storage` is `Send + Sync`.
unsafe impl Send for Chunk {}

impl Chunk {
    fn new(bytes: usize, common: &Arc<Common>) -> Self {
        let header = Header {
            next: None,
            first: Header::SIZE as u32,
            end: Header::SIZE as u32,
            bytes: u32::try_from(bytes).expect("a message is smaller than 4 GiB"),
            first_sender: 0,
            last_sender: 0,
            common: Arc::clone(common),
        };
        let at = common.storage.acquire(layout(bytes)).cast::<Header>();
        // SAFETY: the storage gave memory of at least `bytes >= Header::SIZE` bytes at
        // `CHUNK_ALIGN`, which is a multiple of the header's alignment.
        unsafe { at.write(header) };
        Chunk(at)
    }

    /// Hands the memory to a chain, which keeps it until it calls [`Chunk::from_raw`].
    pub(crate) fn into_raw(self) -> NonNull<Header> {
        let at = self.0;
        std::mem::forget(self);
        at
    }

    /// Takes the memory back.
    ///
    /// # Safety
    ///
    /// `at` came from [`Chunk::into_raw`], is taken back once, and no item in it is live.
    pub(crate) unsafe fn from_raw(at: NonNull<Header>) -> Self {
        Chunk(at)
    }

    fn header(&mut self) -> &mut Header {
        // SAFETY: `self` is the only handle to this memory, whose header was written in `new`.
        unsafe { self.0.as_mut() }
    }

    /// The size that this one is kept by, unless it is an unusual one.
    #[inline]
    fn size(&mut self) -> Option<Size> {
        match self.header().bytes as usize {
            CHUNK_BYTES => Some(Size::Ordinary),
            SMALL_CHUNK_BYTES => Some(Size::Small),
            LARGE_CHUNK_BYTES => Some(Size::Large),
            _ => None,
        }
    }

    fn reset(&mut self) {
        let header = self.header();
        header.next = None;
        header.first = Header::SIZE as u32;
        header.end = Header::SIZE as u32;
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let bytes = self.header().bytes as usize;
        // SAFETY: this is the only handle, and it is not used after this drop.
        let header = unsafe { self.0.read() };
        // SAFETY: the chunk came from this storage with this layout (`new`), and is released
        // once, by its only handle.
        unsafe { header.common.storage.release(self.0.cast(), layout(bytes)) };
    }
}

/// The sizes of chunks that are kept for later.
#[derive(Clone, Copy)]
enum Size {
    Ordinary,
    Small,
    Large,
}

/// Where pools that have too many chunks leave them for those that have too few.
///
/// Its pools exchange whole batches, so that its atomics cost next to nothing for a chunk.
pub struct Depot {
    common: Arc<Common>,
    /// By size.
    batches: [SegQueue<Vec<Chunk>>; 3],
}

impl Depot {
    /// An empty depot whose pools take new chunks from `storage`, for items of these kinds: the tag
    /// of the first one is 1.
    ///
    /// # Panics
    ///
    /// If there are more than 65,535 kinds.
    pub fn new(storage: Arc<dyn Storage>, kinds: impl IntoIterator<Item = ItemKind>) -> Arc<Self> {
        let kinds: Box<[ItemKind]> = [ItemKind::of::<()>()].into_iter().chain(kinds).collect();
        assert!(kinds.len() <= 1 << 16, "tags have 16 bits");
        Arc::new(Depot {
            common: Arc::new(Common { storage, kinds }),
            batches: Default::default(),
        })
    }

    /// The storage that new chunks come from.
    pub fn storage(&self) -> &Arc<dyn Storage> {
        &self.common.storage
    }

    pub(crate) fn common(&self) -> &Arc<Common> {
        &self.common
    }
}

impl fmt::Debug for Depot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Depot")
            .field("batches", &self.batches.each_ref().map(SegQueue::len))
            .finish_non_exhaustive()
    }
}

/// Free message chunks, the one used last on top, where the cache is still warm.
///
/// Memory is kept: a pool takes a chunk from its depot, and the depot from the storage, only when
/// it has none. They are released when the depot and all its pools are dropped.
#[derive(Debug)]
pub struct Pool {
    /// By size.
    free: [Vec<Chunk>; 3],
    depot: Arc<Depot>,
}

impl Pool {
    /// An empty pool.
    pub fn new(depot: &Arc<Depot>) -> Self {
        Pool {
            free: Default::default(),
            depot: Arc::clone(depot),
        }
    }

    /// Whether what is in a chunk is of the kinds that are in those of this pool.
    pub(crate) fn has_kinds_of(&self, header: &Header) -> bool {
        Arc::ptr_eq(&header.common, &self.depot.common)
    }

    /// Whether the pool is one of the depot with this.
    pub(crate) fn belongs_to(&self, common: &Arc<Common>) -> bool {
        Arc::ptr_eq(common, &self.depot.common)
    }

    /// A chunk with room for an item of so many `bytes`, a small one if that is enough for the
    /// first of a lane, a large one if an ordinary one would hold but three.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize, first: bool) -> Chunk {
        let size = if first && bytes <= SMALL_CHUNK_BYTES - Header::SIZE {
            Size::Small
        } else if bytes <= CHUNK_BYTES / 4 {
            Size::Ordinary
        } else if bytes <= LARGE_CHUNK_BYTES - Header::SIZE {
            Size::Large
        } else {
            return Chunk::new(Header::SIZE + bytes, &self.depot.common);
        };
        match self.free[size as usize].pop() {
            Some(chunk) => chunk,
            None => self.take_batch(size),
        }
    }

    /// A small chunk, if it is enough for the first item of a lane, and there is one.
    #[inline(always)]
    pub(crate) fn take_small(&mut self, bytes: usize) -> Option<Chunk> {
        if bytes > SMALL_CHUNK_BYTES - Header::SIZE {
            return None;
        }
        self.free[Size::Small as usize].pop()
    }

    #[cold]
    #[inline(never)]
    fn take_batch(&mut self, size: Size) -> Chunk {
        let free = &mut self.free[size as usize];
        *free = self.depot.batches[size as usize].pop().unwrap_or_default();
        let bytes = match size {
            Size::Ordinary => CHUNK_BYTES,
            Size::Small => SMALL_CHUNK_BYTES,
            Size::Large => LARGE_CHUNK_BYTES,
        };
        free.pop()
            .unwrap_or_else(|| Chunk::new(bytes, &self.depot.common))
    }

    /// Keeps a chunk for later; one of unusual size, or of another depot, goes back to its storage.
    #[inline(always)]
    pub(crate) fn give(&mut self, mut chunk: Chunk) {
        if !self.has_kinds_of(chunk.header()) {
            return;
        }
        let Some(size) = chunk.size() else { return };
        chunk.reset();
        if self.free[size as usize].len() >= 2 * BATCH[size as usize] {
            self.give_batch(size);
        }
        self.free[size as usize].push(chunk);
    }

    #[cold]
    #[inline(never)]
    fn give_batch(&mut self, size: Size) {
        let free = &mut self.free[size as usize];
        let surplus = free.split_off(BATCH[size as usize]);
        self.depot.batches[size as usize].push(std::mem::replace(free, surplus));
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunk")
    }
}
