//! What an arena consists of: its chunks, sorted by what they can give.

use super::Block;
use super::chunk::{Chunk, LARGE};
use super::class::{
    CHUNK_BYTES, CLASSES, SMALL_BYTES, bytes_of, class_of, large_chunk_bytes, padded,
};
use super::empty::Empty;
use super::list::List;
use crate::Storage;
use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::Arc;

/// Empty chunks of up to so many bytes are kept for reuse, and as many that are large.
const KEPT_BYTES: usize = 4 << 20;

/// How many full chunks are searched for blocks that others have freed before a new chunk is
/// taken. So memory grows by no more than about an eighth beyond what is needed, and the search
/// costs no more than a small part of filling a chunk.
const SEARCHED: usize = 8;

/// The chunks of an arena.
///
/// One thread at a time uses it, and through shared references only: calls nest, since a storage
/// may itself allocate. So nothing is borrowed or half done while a storage is called.
pub(super) struct Owner {
    classes: [Class; CLASSES],
    /// Chunks of one block each, in use.
    large: List,
    /// Chunks without a block in use: those of the common size, and larger ones.
    empty: [Empty; 2],
    held_bytes: Cell<usize>,
    storage: Arc<dyn Storage>,
}

/// The chunks of a size class.
#[derive(Default)]
struct Class {
    /// Those that may have free blocks. The first one serves allocations.
    room: List,
    /// Those that had none when they were last looked at.
    full: List,
}

impl Owner {
    pub(super) fn new(storage: Arc<dyn Storage>) -> Self {
        Owner {
            classes: std::array::from_fn(|_| Class::default()),
            large: List::default(),
            empty: Default::default(),
            held_bytes: Cell::new(0),
            storage,
        }
    }

    /// Gives a block of at least `layout`, whose size is not 0.
    #[inline]
    pub(super) fn allocate(&self, layout: Layout) -> Block {
        let bytes = padded(layout);
        if bytes > SMALL_BYTES {
            return self.allocate_large(layout);
        }
        let class = class_of(bytes);
        let block = self.classes[class]
            .room
            .first()
            .and_then(|chunk| chunk.pop());
        let at = block.unwrap_or_else(|| self.allocate_slowly(class));
        Block {
            at,
            bytes: bytes_of(class),
        }
    }

    /// Gives a block when the first chunk of its class has none at hand.
    #[cold]
    #[inline(never)]
    fn allocate_slowly(&self, class: usize) -> NonNull<u8> {
        let Class { room, full } = &self.classes[class];
        loop {
            let Some(chunk) = room.first() else {
                self.make_room(class);
                continue;
            };
            if let Some(block) = chunk.pop() {
                return block;
            }
            if !chunk.drain() && !chunk.carve() {
                room.remove(chunk);
                chunk.full.set(true);
                full.push_back(chunk);
            }
        }
    }

    /// Finds a chunk with room for a class that has none.
    fn make_room(&self, class: usize) {
        let Class { room, full } = &self.classes[class];
        for _ in 0..SEARCHED {
            let Some(chunk) = full.pop_front() else { break };
            if !chunk.drain() {
                full.push_back(chunk);
                continue;
            }
            chunk.full.set(false);
            if chunk.used() == 0 && room.first().is_some() {
                self.retire(chunk);
            } else {
                room.push_back(chunk);
            }
        }
        if room.first().is_none() {
            let chunk = self.empty_chunk(CHUNK_BYTES);
            // One that has served this class knows its blocks.
            if chunk.class.get() != class {
                chunk.format(class);
            }
            room.push_back(chunk);
        }
    }

    #[cold]
    #[inline(never)]
    fn allocate_large(&self, layout: Layout) -> Block {
        for _ in 0..SEARCHED {
            let Some(chunk) = self.large.pop_front() else {
                break;
            };
            if chunk.drain() {
                self.retire(chunk);
            } else {
                self.large.push_back(chunk);
            }
        }
        let offset = Chunk::large_offset(layout.align());
        let chunk = self.empty_chunk(large_chunk_bytes(offset + layout.size()));
        self.large.push_back(chunk);
        let at = chunk.whole(offset);
        Block {
            at,
            bytes: chunk.block_bytes(),
        }
    }

    /// Takes an empty chunk of a size, from those kept or from the storage.
    fn empty_chunk(&self, bytes: usize) -> Chunk {
        if let Some(chunk) = self.empty_of(bytes).take(bytes) {
            return chunk;
        }
        let chunk = Chunk::acquire(&self.storage, bytes, Some(self));
        self.held_bytes.set(self.held_bytes.get() + bytes);
        chunk
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// `chunk` belongs to this arena, and `block` is one of it that was in use and that nobody
    /// uses any more.
    #[inline]
    pub(super) unsafe fn free(&self, chunk: Chunk, block: NonNull<u8>) {
        // SAFETY: by this function's contract.
        unsafe { chunk.push(block) };
        if chunk.used() == 0 || chunk.full.get() {
            self.sort_in(chunk);
        }
    }

    /// Puts a chunk where it belongs after a free that emptied it or gave it room.
    #[cold]
    #[inline(never)]
    fn sort_in(&self, chunk: Chunk) {
        if chunk.class.get() == LARGE {
            self.large.remove(chunk);
            return self.retire(chunk);
        }
        let Class { room, full } = &self.classes[chunk.class.get()];
        if chunk.full.replace(false) {
            full.remove(chunk);
            room.push_back(chunk);
        }
        // The first one stays even if it is empty: it serves the next allocation.
        if chunk.used() == 0 && room.first() != Some(chunk) {
            room.remove(chunk);
            self.retire(chunk);
        }
    }

    /// Keeps an empty chunk, which is in no list, for reuse, in place of those that were not used
    /// for longest.
    fn retire(&self, chunk: Chunk) {
        if chunk.bytes() > KEPT_BYTES {
            return self.release(chunk);
        }
        self.keep(chunk);
        self.release_empty(KEPT_BYTES);
    }

    fn keep(&self, chunk: Chunk) {
        self.empty_of(chunk.bytes()).put(chunk);
    }

    fn empty_of(&self, bytes: usize) -> &Empty {
        &self.empty[usize::from(bytes > CHUNK_BYTES)]
    }

    /// Gives empty chunks back, until there are at most `kept` bytes of each kind.
    fn release_empty(&self, kept: usize) {
        for empty in &self.empty {
            while let Some(chunk) = empty.take_beyond(kept) {
                self.release(chunk);
            }
        }
    }

    /// Gives an empty chunk, which is in no list, back to the storage.
    fn release(&self, chunk: Chunk) {
        self.held_bytes.set(self.held_bytes.get() - chunk.bytes());
        // SAFETY: the chunk belongs to this arena, none of its blocks is in use, and it is in no
        // list.
        unsafe { chunk.release() };
    }

    /// Takes back all that others have freed, and gives all empty chunks to the storage.
    pub(super) fn trim(&self) {
        for Class { room, full } in &self.classes {
            for chunk in full.iter().filter(|chunk| chunk.drain()) {
                full.remove(chunk);
                chunk.full.set(false);
                room.push_back(chunk);
            }
        }
        for list in self.lists() {
            for chunk in list.iter() {
                chunk.drain();
                if chunk.used() == 0 {
                    list.remove(chunk);
                    self.keep(chunk);
                }
            }
        }
        self.release_empty(0);
    }

    pub(super) fn bytes_in_use(&self) -> usize {
        self.lists()
            .flat_map(List::iter)
            .map(|chunk| chunk.used() * chunk.block_bytes())
            .sum()
    }

    pub(super) fn bytes_held(&self) -> usize {
        self.held_bytes.get()
    }

    /// All lists of chunks that may have blocks in use.
    fn lists(&self) -> impl Iterator<Item = &List> {
        let small = self
            .classes
            .iter()
            .flat_map(|class| [&class.room, &class.full]);
        small.chain([&self.large])
    }
}

impl Drop for Owner {
    /// Gives all chunks without a block in use to the storage, and leaves the others to whoever
    /// frees their last block.
    ///
    /// No chunk may be left with this owner once its address is free for another. So the storage,
    /// which may panic, is only called when that is done.
    fn drop(&mut self) {
        for list in self.lists() {
            while let Some(chunk) = list.pop_front() {
                // SAFETY: the chunk belongs to this arena.
                let last = unsafe { chunk.make_orphan() };
                if last {
                    self.keep(chunk);
                }
            }
        }
        self.release_empty(0);
    }
}
