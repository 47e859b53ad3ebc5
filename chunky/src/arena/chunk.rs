//! A chunk: a header, then blocks of one size.

use super::class::{CHUNK_BYTES, bytes_of};
use super::owner::Owner;
use super::remote::Remote;
use crate::Storage;
use crate::slots::prefetch_line;
use crate::sync::{AtomicPtr, Cell, Ordering};
use std::alloc::Layout;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// About how many bytes of blocks are put into the list of free ones at a time, so that memory is
/// touched in order and not before it is needed.
const CARVED_BYTES: usize = 4096;

/// The class of chunks that hold one large block.
pub(super) const LARGE: usize = usize::MAX;

/// What a block holds while it is free: the next one in its list.
struct Free {
    next: *mut Free,
}

/// What lies at the start of a chunk.
///
/// The two atomics are for everybody, everything else is for the owner: the arena that the chunk
/// belongs to, on whichever thread it is, or, for an orphan, whoever freed its last block. Fields
/// that a free or an allocation touches come first, in one cache line.
#[repr(C)]
pub(super) struct Header {
    /// The arena that the chunk belongs to. Never null; dangling for an orphan.
    owner: AtomicPtr<Owner>,
    remote: Remote,
    /// The blocks that are free, but for those in `remote` and those never used.
    free: Cell<*mut Free>,
    /// How many blocks are in use, or in `remote`.
    used: Cell<usize>,
    /// Whether the chunk was found to have no free block, and is on the list of such chunks.
    pub(super) full: Cell<bool>,
    pub(super) class: Cell<usize>,
    pub(super) next: Cell<Option<Chunk>>,
    pub(super) previous: Cell<Option<Chunk>>,
    block_bytes: Cell<usize>,
    /// Where the blocks that were never used begin, in bytes from the start of the chunk.
    fresh: Cell<usize>,
    layout: Layout,
    storage: Arc<dyn Storage>,
}

/// A pointer to a chunk.
///
/// Whoever has one (its owner's lists, or the owner of one of its blocks) has it for no longer
/// than the chunk lives; [`Chunk::release`], which ends that, is unsafe for this reason.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk(NonNull<Header>);

impl Deref for Chunk {
    type Target = Header;

    #[inline]
    fn deref(&self) -> &Header {
        // SAFETY: the header is initialised when the chunk is made, lives while there are `Chunk`s
        // (see there), and is only changed through cells and atomics.
        unsafe { self.0.as_ref() }
    }
}

impl Chunk {
    /// Takes a chunk of `bytes` from a storage, for an arena, or else for one block that whoever
    /// has it shall free.
    pub(super) fn acquire(storage: &Arc<dyn Storage>, bytes: usize, owner: Option<&Owner>) -> Self {
        let Ok(layout) = Layout::from_size_align(bytes, CHUNK_BYTES) else {
            panic!("a block cannot exceed isize::MAX bytes");
        };
        let (owner, remote) = match owner {
            Some(owner) => (ptr::from_ref(owner).cast_mut(), Remote::owned()),
            None => (orphan(), Remote::orphan()),
        };
        let header = Header {
            owner: AtomicPtr::new(owner),
            remote,
            free: Cell::new(ptr::null_mut()),
            used: Cell::new(0),
            full: Cell::new(false),
            class: Cell::new(LARGE),
            next: Cell::new(None),
            previous: Cell::new(None),
            block_bytes: Cell::new(0),
            fresh: Cell::new(0),
            layout,
            storage: storage.clone(),
        };
        let at = storage.acquire(layout).cast();
        // SAFETY: the storage gave a chunk of this layout, which is larger than a header.
        unsafe { at.write(header) };
        Chunk(at)
    }

    /// The chunk of a block.
    ///
    /// # Safety
    ///
    /// The block was made by [`Header::pop`] or [`Chunk::whole`] and is in use.
    #[inline]
    pub(super) unsafe fn of(block: NonNull<u8>) -> Self {
        let at = block
            .as_ptr()
            .map_addr(|address| address & !(CHUNK_BYTES - 1));
        // SAFETY: a block starts less than `CHUNK_BYTES` after the start of its chunk, which is so
        // aligned, and is not null as it is a chunk's.
        Chunk(unsafe { NonNull::new_unchecked(at.cast()) })
    }

    /// Gives the chunk back to its storage.
    ///
    /// # Safety
    ///
    /// None of its blocks is in use, the caller is its owner, and nobody has a `Chunk` of it.
    pub(super) unsafe fn release(self) {
        // To the model checker, this is an access that all others must come before.
        #[cfg(loom)]
        self.next.set(None);
        // SAFETY: the header is valid, and as nobody uses the chunk afterwards, it is not read
        // again.
        let Header {
            storage, layout, ..
        } = unsafe { self.0.read() };
        // SAFETY: the storage gave this chunk with this layout, and nobody uses it any more.
        unsafe { storage.release(self.0.cast(), layout) }
    }

    /// Where the only block of a large chunk begins, for a header of its size and an alignment.
    pub(super) const fn large_offset(align: usize) -> usize {
        size_of::<Header>().next_multiple_of(align)
    }

    /// Makes all of the chunk one block in use, `offset` after its start.
    pub(super) fn whole(self, offset: usize) -> NonNull<u8> {
        let bytes = self.layout.size() - offset;
        self.class.set(LARGE);
        self.used.set(1);
        self.block_bytes.set(bytes);
        // SAFETY: the subtraction shows that `offset` is within the chunk.
        unsafe { self.0.cast().add(offset) }
    }

    /// Prepares an empty chunk for blocks of a class.
    pub(super) fn format(self, class: usize) {
        let bytes = bytes_of(class);
        // As a power of two divides the size of the blocks, so it does their position.
        let align = 1 << bytes.trailing_zeros();
        self.class.set(class);
        self.block_bytes.set(bytes);
        self.full.set(false);
        self.free.set(ptr::null_mut());
        self.fresh.set(size_of::<Header>().next_multiple_of(align));
    }

    /// Adds some blocks that were never used to the free ones; returns whether there were any.
    pub(super) fn carve(self) -> bool {
        let (bytes, fresh) = (self.block_bytes.get(), self.fresh.get());
        let count = (self.layout.size() - fresh) / bytes;
        let count = count.min(CARVED_BYTES.div_ceil(bytes));
        // The last one first, so that they are taken in the order of their addresses.
        for at in (0..count).rev() {
            // SAFETY: `count` blocks from `fresh` on end within the chunk.
            let block = unsafe { self.0.cast::<u8>().add(fresh + at * bytes) };
            // SAFETY: the block was never used, as it lies beyond `fresh`.
            unsafe { self.put(block) };
        }
        self.fresh.set(fresh + count * bytes);
        count > 0
    }

    /// The free block at an offset.
    ///
    /// # Safety
    ///
    /// A block of this chunk begins there.
    unsafe fn free_at(self, offset: usize) -> *mut Free {
        // SAFETY: a block lies within its chunk.
        unsafe { self.0.byte_add(offset) }.cast().as_ptr()
    }

    /// Gives a block back from another thread, or while another arena is current. If this returns
    /// true, the chunk is the caller's to release; if not, it may be gone.
    ///
    /// # Safety
    ///
    /// The block is one of this chunk that was in use, and nobody uses it any more.
    #[must_use]
    pub(super) unsafe fn give_back(self, block: NonNull<u8>) -> bool {
        let offset = block.addr().get() - self.0.addr().get();
        let block: NonNull<Free> = block.cast();
        self.remote.give_back(offset, |next| {
            let next = match next {
                // SAFETY: only blocks of this chunk are in its list.
                Some(next) => unsafe { self.free_at(next) },
                None => ptr::null_mut(),
            };
            // SAFETY: the block is the caller's until it is in the list, has room for a `Free`, and is aligned to
            // 16 bytes.
            unsafe { block.write(Free { next }) };
        })
    }

    /// Takes back the blocks that others have freed; returns whether there were any. For the
    /// owner. Constant time if no other one is free.
    pub(super) fn drain(self) -> bool {
        let Some((first, count)) = self.remote.take() else {
            return false;
        };
        let free = self.free.get();
        // SAFETY: only blocks of this chunk are in its list.
        self.free.set(unsafe { self.free_at(first) });
        self.used.set(self.used.get() - count);
        if !free.is_null() {
            // SAFETY: the list ends, and its blocks are free.
            unsafe { self.append(free) };
        }
        true
    }

    /// Puts free blocks behind those in the list, which is not empty.
    ///
    /// # Safety
    ///
    /// They are free ones of this chunk, and not in the list.
    unsafe fn append(self, free: *mut Free) {
        let mut last = self.free.get();
        // SAFETY: what is in the list is a free block, which holds a `Free`; the last one is null.
        while let Some(next) = NonNull::new(unsafe { last.read() }.next) {
            last = next.as_ptr();
        }
        // SAFETY: likewise.
        unsafe { last.write(Free { next: free }) };
    }

    /// Ends the owner's rights. If this returns true, the chunk is the caller's to release; if
    /// not, it may be gone.
    ///
    /// # Safety
    ///
    /// The caller is the owner.
    #[must_use]
    pub(super) unsafe fn make_orphan(self) -> bool {
        self.owner.store(orphan(), Ordering::Relaxed);
        // It counts the blocks in use or given back.
        self.remote.make_orphan(self.used.get())
    }
}

impl Header {
    /// The arena that the chunk belongs to; a dangling pointer for an orphan. Whether it is the
    /// current arena of this thread is certain in spite of `Relaxed`: the pointer was set to this
    /// arena by this arena, so before all that it does now, and is only changed when it is
    /// dropped. And if another arena once had the same address, that one's drop set the pointer to
    /// dangling before it freed that address, which came before this arena was made there, so that
    /// this thread can no longer read the older value.
    #[inline]
    pub(super) fn owner(&self) -> *const Owner {
        self.owner.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> usize {
        self.layout.size()
    }

    pub(super) fn block_bytes(&self) -> usize {
        self.block_bytes.get()
    }

    pub(super) fn used(&self) -> usize {
        self.used.get()
    }

    /// Takes a free block.
    #[inline]
    pub(super) fn pop(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.free.get())?;
        // SAFETY: what is in the list is a free block of this chunk, which holds a `Free`.
        let free = unsafe { block.read() };
        // It is given out next, and was perhaps freed long ago, by another core.
        prefetch_line(free.next.cast());
        self.free.set(free.next);
        self.used.set(self.used.get() + 1);
        Some(block.cast())
    }

    /// Puts a block into the list of free ones.
    ///
    /// # Safety
    ///
    /// The block is one of this chunk, and nobody uses it.
    #[inline]
    unsafe fn put(&self, block: NonNull<u8>) {
        let block: NonNull<Free> = block.cast();
        // SAFETY: the block is free, has room for a `Free`, and is aligned to 16 bytes.
        unsafe {
            block.write(Free {
                next: self.free.get(),
            })
        };
        self.free.set(block.as_ptr());
    }

    /// Takes a block back. For the owner.
    ///
    /// # Safety
    ///
    /// The block is one of this chunk that was in use, and nobody uses it any more.
    #[inline]
    pub(super) unsafe fn push(&self, block: NonNull<u8>) {
        // SAFETY: by this function's contract.
        unsafe { self.put(block) };
        self.used.set(self.used.get() - 1);
    }
}

/// The owner of a chunk without owner: not null, and no arena's address.
fn orphan() -> *mut Owner {
    NonNull::dangling().as_ptr()
}
