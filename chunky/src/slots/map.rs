//! The slot map.

use std::hint::cold_path;
use std::ptr::NonNull;
use std::sync::Arc;

use super::blocks::Blocks;
use super::chunked::ChunkedVec;
use super::page::{Slot, SlotPage, VACANT};
use super::table::SlotTable;
use crate::Storage;

/// Names a value of a [`SlotMap`]: a slot, and how often it had been used when the value came.
///
/// Generations run from 1 to 65,535. A slot that has used them all retires, so a key never
/// reaches a value other than the one it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The number of the slot.
    pub slot: u32,
    /// The generation of the value in the slot.
    pub generation: u16,
}

impl Key {
    /// The key that the slot has after the value of this one is gone, or `None` if it retires.
    pub fn next_generation(self) -> Option<Key> {
        let generation = self.generation.checked_add(1)?;
        Some(Key {
            slot: self.slot,
            generation,
        })
    }
}

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// A value, at this position.
    Live(usize),
    /// A slot that waits for just this value.
    Expected,
    /// A value that is gone, or that can never come.
    Dead,
}

/// Values that lie dense in blocks, with keys that stay right when values move.
///
/// The caller chooses slot numbers, so that several of them may be handed out ahead of time; the
/// map takes memory for 128 slots at a time, where slots are used. Removing moves the last value
/// into the gap: positions have no holes, and change only then. All operations take constant
/// time.
///
/// ```
/// use chunky::{Heap, Key, Lookup, SlotMap};
/// use std::sync::Arc;
///
/// let mut map = SlotMap::new(Arc::new(Heap));
/// let key = Key { slot: 7, generation: 1 };
/// assert_eq!(map.lookup(key), Lookup::Expected);
/// map.insert(key, "seven").unwrap();
/// assert_eq!(map.get(key), Some(&"seven"));
/// assert_eq!(map.remove(key), Some("seven"));
/// assert_eq!(map.lookup(key), Lookup::Dead);
/// ```
pub struct SlotMap<T> {
    pub(super) table: SlotTable,
    pub(super) values: ChunkedVec<T>,
    /// The slot of the value at each position.
    pub(super) slots: ChunkedVec<u32>,
}

impl<T> SlotMap<T> {
    /// Slots for which memory is taken together: numbers from one multiple of this to the next.
    pub const PAGE: u32 = SlotTable::PAGE as u32;

    /// An empty map that has taken no memory yet.
    pub fn new(storage: Arc<dyn Storage>) -> Self {
        SlotMap {
            table: SlotTable::new(Arc::clone(&storage)),
            values: ChunkedVec::new(Arc::clone(&storage)),
            slots: ChunkedVec::new(storage),
        }
    }

    /// The number of values.
    #[inline]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Bytes taken from the storage, or adopted, and those of the directory of pages.
    pub fn bytes(&self) -> usize {
        self.table.bytes() + self.values.bytes() + self.slots.bytes()
    }

    /// What `key` leads to.
    #[inline(always)]
    pub fn lookup(&self, key: Key) -> Lookup {
        let Some(slot) = self.table.get(key.slot) else {
            return if key.generation == 1 {
                Lookup::Expected
            } else {
                Lookup::Dead
            };
        };
        if slot.generation != key.generation || key.generation == 0 {
            Lookup::Dead
        } else if slot.position == VACANT {
            Lookup::Expected
        } else {
            Lookup::Live(slot.position as usize)
        }
    }

    /// Inserts the value that its slot waits for.
    ///
    /// # Errors
    ///
    /// Gives the value back if `key` is not [`Lookup::Expected`].
    pub fn insert(&mut self, key: Key, value: T) -> Result<(), T> {
        let position = self.values.len();
        if position >= VACANT as usize || self.lookup(key) != Lookup::Expected {
            return Err(value);
        }
        self.table.get_or_create(key.slot).position = position as u32;
        self.values.push(value);
        self.slots.push(key.slot);
        Ok(())
    }

    /// Takes out the value of `key`, if it is there; from then on the key is dead.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        let Lookup::Live(position) = self.lookup(key) else {
            return None;
        };
        self.retire(key);
        if let Some(&moved) = self.slots.get(self.values.len() - 1)
            && moved != key.slot
        {
            self.table.get_or_create(moved).position = position as u32;
        }
        self.slots.swap_remove(position);
        self.values.swap_remove(position)
    }

    /// Declares that the value that `key`'s slot waits for will not come: the key is dead.
    /// Returns whether it was [`Lookup::Expected`].
    pub fn skip(&mut self, key: Key) -> bool {
        let expected = self.lookup(key) == Lookup::Expected;
        if expected {
            self.retire(key);
        }
        expected
    }

    fn retire(&mut self, key: Key) {
        let slot = self.table.get_or_create(key.slot);
        slot.position = VACANT;
        slot.generation = key.next_generation().map_or(0, |next| next.generation);
    }

    /// The value of `key`, if it is there.
    #[inline]
    pub fn get(&self, key: Key) -> Option<&T> {
        match self.lookup(key) {
            Lookup::Live(position) => self.values.get(position),
            _ => None,
        }
    }

    /// The value of `key`, if it is there.
    #[inline]
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.lookup(key) {
            Lookup::Live(position) => self.values.get_mut(position),
            _ => None,
        }
    }

    /// The value of `key` and the counter of its slot, if the value is there.
    ///
    /// The counter is the caller's: the map never changes it, not even when values come and go.
    #[inline(always)]
    pub fn get_with_counter(&mut self, key: Key) -> Option<(&mut T, &mut u16)> {
        // SAFETY: `insert` lets there be no more values than `VACANT`.
        let slot = unsafe { self.table.live_mut(key, self.values.len()) }?;
        let value = self.values.get_mut(slot.position as usize)?;
        Some((value, &mut slot.counter))
    }

    /// What it takes to find values, for those who find many.
    #[inline]
    pub(crate) fn finder(&mut self) -> Finder<T> {
        let (directory, last_page) = self.table.directory();
        Finder {
            directory,
            last_page,
            blocks: self.values.blocks(),
            len: self.values.len(),
        }
    }

    /// The key of the value at `position`, if there is one.
    #[inline]
    pub fn key_at(&self, position: usize) -> Option<Key> {
        let slot = *self.slots.get(position)?;
        let generation = self.table.get(slot)?.generation;
        Some(Key { slot, generation })
    }

    /// The position of the value in a slot, if there is one.
    pub fn position_of(&self, slot: u32) -> Option<usize> {
        let position = self.table.get(slot)?.position as usize;
        (position < self.len()).then_some(position)
    }

    /// The key of the value at `position`, the counter of its slot, and the value.
    pub fn at(&self, position: usize) -> Option<(Key, u16, &T)> {
        let slot = *self.slots.get(position)?;
        let entry = self.table.get(slot)?;
        let key = Key {
            slot,
            generation: entry.generation,
        };
        Some((key, entry.counter, self.values.get(position)?))
    }

    /// A map with copies of all values, under the same keys, at the same positions.
    pub fn duplicate_with(&self, mut copy: impl FnMut(&T) -> T) -> Self {
        SlotMap {
            table: self.table.duplicate(),
            values: self.values.duplicate_with(&mut copy),
            slots: self.slots.duplicate_with(|slot| *slot),
        }
    }

    /// The numbers of the pages of slots that have been used, which ascend. O(highest number).
    pub fn page_numbers(&self) -> impl Iterator<Item = u32> {
        self.table.used_pages().map(|(number, _)| number)
    }

    pub(super) fn parts_mut(&mut self) -> (&SlotTable, &mut ChunkedVec<T>, &mut ChunkedVec<u32>) {
        (&self.table, &mut self.values, &mut self.slots)
    }

    /// Values from `position` on, and their slots, as far as they lie in one block; empty behind
    /// the last.
    #[inline]
    pub fn slices_from(&mut self, position: usize) -> (&mut [T], &[u32]) {
        let (values, slots) = (
            self.values.slice_from(position),
            self.slots.slice_from(position),
        );
        let len = values.len().min(slots.len());
        (&mut values[..len], &slots[..len])
    }

    /// All keys and values, in the order of their positions.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        (0..self.len()).filter_map(|at| Some((self.key_at(at)?, self.values.get(at)?)))
    }
}

/// Where the slot of a value is, and where the value is.
pub(crate) type Found<T> = (NonNull<Slot>, NonNull<T>);

/// Finds values of a slot map as long as the map does not change.
pub(crate) struct Finder<T> {
    directory: NonNull<NonNull<SlotPage>>,
    /// The number of the last page in the directory, which stands for all behind it.
    last_page: u32,
    blocks: NonNull<NonNull<T>>,
    /// The number of values.
    len: usize,
}

impl<T> Finder<T> {
    /// Where a slot is; one that nobody has used, and that must not be written, if there is no page for it.
    ///
    /// # Safety
    ///
    /// The map exists, and nothing has been inserted or removed since the finder was made.
    #[inline(always)]
    pub(crate) unsafe fn slot(&self, slot: u32) -> NonNull<Slot> {
        let page = (slot / SlotTable::PAGE as u32).min(self.last_page) as usize;
        // SAFETY: the directory has this entry, as it has all up to the last one.
        let page = unsafe { self.directory.add(page) };
        // SAFETY: likewise.
        let page = unsafe { page.read() };
        // SAFETY: a page has so many slots.
        unsafe { page.cast::<Slot>().add(slot as usize % SlotTable::PAGE) }
    }

    /// Where the value of this generation is, if it is in this slot.
    ///
    /// # Safety
    ///
    /// The map exists, and nothing has been inserted or removed since the finder was made. The slot is
    /// what [`Finder::slot`] has returned for this map, now or before something was inserted or removed.
    #[inline(always)]
    pub(crate) unsafe fn value_in(
        &self,
        slot: NonNull<Slot>,
        generation: u16,
    ) -> Option<NonNull<T>> {
        // SAFETY: pages are live as long as the table; nobody is writing one.
        let found = unsafe { slot.read() };
        let position = found.position as usize;
        // No vacant slot has a position below the number of values, since that is below `VACANT`.
        if found.generation != generation || position >= self.len {
            cold_path();
            return None;
        }
        // SAFETY: there is room for all values, and so a block for each.
        let block = unsafe { self.blocks.add(position >> Blocks::<T>::SHIFT) };
        // SAFETY: likewise.
        let block = unsafe { block.read() };
        // SAFETY: the masked position is below the size of a block.
        Some(unsafe { block.add(position & (Blocks::<T>::PER_BLOCK - 1)) })
    }
}

impl<T> std::fmt::Debug for SlotMap<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlotMap")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
