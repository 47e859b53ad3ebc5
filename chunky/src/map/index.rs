//! From a key's hash to the position of its entry.

use crate::CVec;
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hash};

/// An open-addressing hash table of positions, which knows the hashes of the keys but not the
/// keys: whoever searches it compares them.
///
/// A slot holds 32 bits of the hash above 32 bits that are 0 in an empty slot and else one more
/// than the position. The number of slots is a power of two and at least 4/3 of the positions. A
/// search starts at the slot that the hash bits name and ends at an empty one.
#[derive(Clone)]
pub(super) struct Index {
    slots: CVec<u64>,
}

const EMPTY: u64 = 0;

const HASHER: FixedState = FixedState::with_seed(0x6b61_795f_6d61_7073);

/// The part of a key's hash that an index works with.
pub(super) fn hash_bits<Q: Hash + ?Sized>(key: &Q) -> u32 {
    let hash = HASHER.hash_one(key);
    (hash ^ (hash >> 32)) as u32
}

/// What the slot of a position holds.
fn slot(bits: u32, position: usize) -> u64 {
    let position = u32::try_from(position)
        .ok()
        .and_then(|position| position.checked_add(1));
    let position = position.expect("a CMap holds fewer than u32::MAX entries");
    u64::from(bits) << 32 | u64::from(position)
}

fn bits_of(slot: u64) -> u32 {
    (slot >> 32) as u32
}

/// The position in a slot that is not empty.
fn position_of(slot: u64) -> usize {
    (slot as u32 - 1) as usize
}

impl Index {
    /// The largest number of positions for which there can be a table.
    pub(super) const MOST: usize = 3 << 29;

    pub(super) const fn new() -> Self {
        Index { slots: CVec::new() }
    }

    /// Makes an index with room for `capacity` positions; it is empty, yet not
    /// [`is_empty`](Index::is_empty).
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut slots = CVec::new();
        slots.resize(
            (capacity * 4).div_ceil(3).next_power_of_two().max(16),
            EMPTY,
        );
        Index { slots }
    }

    /// Whether there is no table, so that nothing is found through it.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Forgets all positions and keeps the table.
    pub(super) fn clear(&mut self) {
        self.slots.fill(EMPTY);
    }

    /// The slots in the order in which a search for `bits` visits them.
    fn search(&self, bits: u32) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len() - 1;
        (0..=mask).map(move |step| (bits as usize).wrapping_add(step) & mask)
    }

    /// How many slots a search for these bits visits that finds nothing.
    pub(super) fn visits(&self, bits: u32) -> usize {
        let is_taken = |at: &usize| self.slots[*at] != EMPTY;
        self.search(bits).take_while(is_taken).count() + 1
    }

    /// The slot whose content is found by `matches`.
    fn slot_of(&self, bits: u32, matches: impl Fn(u64) -> bool) -> Option<usize> {
        for at in self.search(bits) {
            match self.slots[at] {
                EMPTY => return None,
                found if bits_of(found) == bits && matches(found) => return Some(at),
                _ => {}
            }
        }
        None
    }

    /// The position for which `is_it`, among those whose keys have these hash bits.
    pub(super) fn find(&self, bits: u32, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let at = self.slot_of(bits, |slot| is_it(position_of(slot)))?;
        Some(position_of(self.slots[at]))
    }

    /// Adds the position of a key, which is one beyond those in the table. If this panics, nothing
    /// has changed.
    pub(super) fn insert(&mut self, bits: u32, position: usize) {
        let slot = slot(bits, position);
        if position >= self.slots.len() / 4 * 3 {
            let old = std::mem::replace(self, Index::with_capacity(self.slots.len()));
            old.slots
                .iter()
                .filter(|&&slot| slot != EMPTY)
                .for_each(|&slot| self.put(slot));
        }
        self.put(slot);
    }

    /// Puts a slot's content at the end of its search; there is an empty slot.
    fn put(&mut self, slot: u64) {
        let empty = self
            .search(bits_of(slot))
            .find(|&at| self.slots[at] == EMPTY);
        self.slots[empty.expect("the table is never full")] = slot;
    }

    /// Removes a position, and gives it to what was at position `last`. If this returns false, one
    /// of them was not found, and the index is of no more use.
    pub(super) fn swap_remove(
        &mut self,
        (bits, position): (u32, usize),
        (last_bits, last): (u32, usize),
    ) -> bool {
        let Some(at) = self.slot_of(bits, |slot| position_of(slot) == position) else {
            return false;
        };
        self.vacate(at);
        if position == last {
            return true;
        }
        let Some(at) = self.slot_of(last_bits, |slot| position_of(slot) == last) else {
            return false;
        };
        self.slots[at] = slot(last_bits, position);
        true
    }

    /// Empties a slot, and moves later ones up so that no search ends too soon.
    fn vacate(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot == EMPTY {
                break;
            }
            // It may move up only if its search begins at or before the hole.
            let from_home = at.wrapping_sub(bits_of(slot) as usize) & mask;
            let from_hole = at.wrapping_sub(hole) & mask;
            if from_home >= from_hole {
                self.slots[hole] = slot;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
    }
}
