//! Maps that are saved, and memory that they are adopted in.

use std::alloc::Layout;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use chunky::raw::{Layouts, RawForm};
use chunky::{
    AdoptError, ChunkedVec, Compact, Heap, Key, MapCopy, MapForms, MapParts, SlotMap, SlotPage,
    Storage,
};

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
    /// Blocks like those of a vector, one behind the other, that begin with these bytes.
    pub fn of<T>(bytes: &[u8]) -> Arc<Self> {
        let size = bytes.len().next_multiple_of(ChunkedVec::<T>::BLOCK_BYTES);
        let layout = Layout::from_size_align(size.max(1), ChunkedVec::<T>::BLOCK_ALIGN).unwrap();
        let memory = Memory {
            at: Heap.acquire(layout),
            layout,
        };
        // SAFETY: there is as much memory.
        unsafe { memory.at.write_bytes(0x77, layout.size()) };
        let from = NonNull::from(bytes).cast::<u8>();
        // SAFETY: so many bytes are at both places.
        unsafe { memory.at.copy_from_nonoverlapping(from, bytes.len()) };
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
    pub values: Vec<u8>,
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

impl Saved {
    pub fn of<T: Compact>(map: &mut SlotMap<T>) -> Self {
        let mut layouts = Layouts::new();
        let form = RawForm::new(&mut layouts);
        let forms = MapForms::new(&mut layouts);
        let mut copy = MapCopy::default();
        map.copy(&form, &forms, &mut copy).unwrap();
        assert!(form.is_plain() && copy.beside.is_empty());
        assert_eq!(copy.values.len(), map.len() * size_of::<T>());
        let (slots, rest) = copy.slots.as_chunks();
        assert!(rest.is_empty());
        let (pages, rest) = copy.pages.as_chunks();
        assert!(rest.is_empty());
        let numbers = copy.page_numbers;
        Saved {
            len: map.len(),
            values: copy.values,
            slots: slots.iter().map(|slot| u32::from_ne_bytes(*slot)).collect(),
            limit: numbers.last().map_or(0, |number| number + 1),
            numbers,
            pages: pages.to_vec(),
        }
    }

    fn slot_bytes(&self) -> Vec<u8> {
        let bytes = self.slots.iter().flat_map(|slot| slot.to_ne_bytes());
        bytes.collect()
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
                &Memory::of::<u32>(&self.slot_bytes()),
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
                &Memory::of::<SlotPage>(self.pages.as_flattened()),
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
