//! Maps that are saved, and memory that they are adopted in.

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use chunky::{AdoptError, ChunkedVec, Heap, Key, MapChunks, MapParts, SlotMap, SlotPage, Storage};

pub fn key(slot: u32, generation: u16) -> Key {
    Key { slot, generation }
}

/// Memory like that of a file that is mapped.
#[derive(Debug)]
pub struct Memory {
    at: NonNull<u8>,
    layout: Layout,
}

// SAFETY: this is the only handle to the memory.
unsafe impl Send for Memory {}
// SAFETY: nobody uses it through this handle.
unsafe impl Sync for Memory {}

impl Memory {
    /// Blocks like those of a vector, with these bytes in each.
    pub fn of<T>(blocks: &[Vec<MaybeUninit<u8>>]) -> Arc<Self> {
        let bytes = blocks.len() * ChunkedVec::<T>::BLOCK_BYTES;
        let layout = Layout::from_size_align(bytes.max(1), ChunkedVec::<T>::BLOCK_ALIGN).unwrap();
        let memory = Memory {
            at: Heap.acquire(layout),
            layout,
        };
        // SAFETY: there is as much memory.
        unsafe { memory.at.write_bytes(0x77, layout.size()) };
        for (index, block) in blocks.iter().enumerate() {
            assert!(block.len() <= ChunkedVec::<T>::BLOCK_BYTES);
            // SAFETY: there is memory for each block.
            let to = unsafe { memory.at.add(index * ChunkedVec::<T>::BLOCK_BYTES) };
            let from = NonNull::from(&block[..]).cast::<u8>();
            // SAFETY: so many bytes are at both places.
            unsafe { to.copy_from_nonoverlapping(from, block.len()) };
        }
        Arc::new(memory)
    }

    pub fn addresses(&self) -> Range<usize> {
        let start = self.at.addr().get();
        start..start + self.layout.size()
    }

    /// So many bytes from there on.
    pub fn bytes(&self, off: usize, bytes: usize) -> NonNull<[u8]> {
        assert!(off + bytes <= self.layout.size());
        // SAFETY: there is as much memory.
        NonNull::slice_from_raw_parts(unsafe { self.at.add(off) }, bytes)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: there is as much memory. Who still looks at it is to see this.
        unsafe { self.at.write_bytes(0x55, self.layout.size()) };
        // SAFETY: it came from there with this layout.
        unsafe { Heap.release(self.at, self.layout) };
    }
}

/// What a map is saved as.
#[derive(Clone, Default)]
pub struct Saved {
    pub len: usize,
    pub values: Vec<Vec<MaybeUninit<u8>>>,
    pub slots: Vec<u32>,
    pub numbers: Vec<u32>,
    pub pages: Vec<[u8; SlotPage::BYTES]>,
    pub limit: u32,
}

/// What is not used where it lies, but pushed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pushed {
    pub values: bool,
    pub slots: bool,
    pub pages: bool,
}

fn plain(bytes: &[MaybeUninit<u8>]) -> Vec<u8> {
    // SAFETY: slots and pages have no padding.
    bytes
        .iter()
        .map(|byte| unsafe { byte.assume_init() })
        .collect()
}

impl Saved {
    pub fn of<T>(map: &mut SlotMap<T>) -> Self {
        let len = map.len();
        let MapChunks {
            values,
            slots,
            pages,
        } = map.chunks();
        let blocks = len.div_ceil(ChunkedVec::<T>::PER_BLOCK);
        assert_eq!((values.len(), slots.len()), (blocks, len.div_ceil(4096)));
        let count = pages.len();
        let slots: Vec<u8> = slots.flat_map(plain).collect();
        let (slots, rest) = slots.as_chunks();
        assert!(rest.is_empty());
        let (numbers, pages): (Vec<u32>, Vec<_>) = pages
            .map(|(number, bytes)| (number, *plain(bytes).first_chunk().unwrap()))
            .unzip();
        assert_eq!(numbers.len(), count);
        Saved {
            len,
            values: values.map(<[_]>::to_vec).collect(),
            slots: slots.iter().map(|slot| u32::from_ne_bytes(*slot)).collect(),
            limit: numbers.last().map_or(0, |number| number + 1),
            numbers,
            pages,
        }
    }

    fn slot_blocks(&self) -> Vec<Vec<MaybeUninit<u8>>> {
        let bytes = |slots: &[u32]| {
            let bytes = slots.iter().flat_map(|slot| slot.to_ne_bytes());
            bytes.map(MaybeUninit::new).collect()
        };
        let per_block = ChunkedVec::<u32>::PER_BLOCK;
        self.slots.chunks(per_block).map(bytes).collect()
    }

    fn page_blocks(&self) -> Vec<Vec<MaybeUninit<u8>>> {
        let bytes = |pages: &[[u8; SlotPage::BYTES]]| {
            let bytes = pages.iter().flatten().copied();
            bytes.map(MaybeUninit::new).collect()
        };
        let per_block = ChunkedVec::<SlotPage>::PER_BLOCK;
        self.pages.chunks(per_block).map(bytes).collect()
    }

    /// Makes a map of it. The values must be those of a `T`, and must not have been adopted before.
    /// Returns the memory that values are in, too.
    pub fn adopt<T>(
        &self,
        pushed: Pushed,
        storage: &Arc<dyn Storage>,
    ) -> (Result<SlotMap<T>, AdoptError>, Arc<Memory>) {
        let memory = Memory::of::<T>(&self.values);
        let mut values = vec_in(&memory, self.len, storage);
        if pushed.values {
            let mut backwards = Vec::new();
            while let Some(value) = values.swap_remove(values.len().wrapping_sub(1)) {
                backwards.push(value);
            }
            values = ChunkedVec::new(Arc::clone(storage));
            backwards
                .into_iter()
                .rev()
                .for_each(|value| values.push(value));
        }
        let mut slots = ChunkedVec::new(Arc::clone(storage));
        if pushed.slots {
            self.slots.iter().for_each(|&slot| slots.push(slot));
        } else {
            slots = vec_in(
                &Memory::of::<u32>(&self.slot_blocks()),
                self.slots.len(),
                storage,
            );
        }
        let mut pages = ChunkedVec::new(Arc::clone(storage));
        if pushed.pages {
            self.pages
                .iter()
                .for_each(|page| pages.push(SlotPage::from_bytes(page)));
        } else {
            pages = vec_in(
                &Memory::of::<SlotPage>(&self.page_blocks()),
                self.pages.len(),
                storage,
            );
        }
        let map = SlotMap::adopt(MapParts {
            values,
            slots,
            pages,
            page_numbers: &self.numbers,
            page_limit: self.limit,
        });
        (map, memory)
    }
}

/// The values in memory.
fn vec_in<T>(memory: &Arc<Memory>, len: usize, storage: &Arc<dyn Storage>) -> ChunkedVec<T> {
    let bytes = len.div_ceil(ChunkedVec::<T>::PER_BLOCK) * ChunkedVec::<T>::BLOCK_BYTES;
    let bytes = memory.bytes(0, bytes);
    let owner = Arc::clone(memory);
    // SAFETY: the memory is initialised, and there is nobody else who uses it; whoever called this has
    // put values there that belong to nobody.
    unsafe { ChunkedVec::adopt(bytes, len, owner, Arc::clone(storage)) }.unwrap()
}
