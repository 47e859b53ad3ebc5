//! The slots of a slot map, in pages that exist where they are used.

use std::sync::Arc;

use super::chunked::ChunkedVec;
use super::prefetch;
use crate::Storage;

/// One slot. Vacant ones remember who may come next.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    /// Position of the value, or [`VACANT`].
    pub(crate) position: u32,
    /// Generation of the value, or of the next one if vacant; 0 once exhausted.
    pub(crate) generation: u16,
    /// A counter for the owner's use, kept as long as the slot.
    pub(crate) counter: u16,
}

pub(crate) const VACANT: u32 = u32::MAX;

const FRESH: Slot = Slot {
    position: VACANT,
    generation: 1,
    counter: 0,
};

/// A table from slot numbers to slots that takes memory only for pages that have been used.
pub(crate) struct SlotTable {
    /// For each page number, the place of the page in `pages`, or [`VACANT`].
    directory: Vec<u32>,
    pages: ChunkedVec<[Slot; SlotTable::PAGE]>,
}

impl SlotTable {
    /// Slots in a page.
    pub(crate) const PAGE: usize = 128;

    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        SlotTable {
            directory: Vec::new(),
            pages: ChunkedVec::new(storage),
        }
    }

    /// The slot, if its page has been used.
    #[inline(always)]
    pub(crate) fn get(&self, slot: u32) -> Option<&Slot> {
        let page = *self.directory.get(slot as usize / Self::PAGE)?;
        Some(&self.pages.get(page as usize)?[slot as usize % Self::PAGE])
    }

    /// The slot, if its page has been used.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Slot> {
        let page = *self.directory.get(slot as usize / Self::PAGE)?;
        Some(&mut self.pages.get_mut(page as usize)?[slot as usize % Self::PAGE])
    }

    /// The slot, in a new page if need be.
    #[inline]
    pub(crate) fn get_or_create(&mut self, slot: u32) -> &mut Slot {
        let page = slot as usize / Self::PAGE;
        if self
            .directory
            .get(page)
            .is_none_or(|&place| place == VACANT)
        {
            self.create(page);
        }
        let place = self.directory[page] as usize;
        let page = self
            .pages
            .get_mut(place)
            .expect("a page of the directory exists");
        &mut page[slot as usize % Self::PAGE]
    }

    #[cold]
    fn create(&mut self, page: usize) {
        if self.directory.len() <= page {
            self.directory.resize(page + 1, VACANT);
        }
        self.directory[page] = self.pages.len() as u32;
        self.pages.push([FRESH; Self::PAGE]);
    }

    #[inline(always)]
    pub(crate) fn prefetch(&self, slot: u32) {
        if let Some(slot) = self.get(slot) {
            prefetch(slot);
        }
    }

    pub(crate) fn duplicate(&self) -> Self {
        SlotTable {
            directory: self.directory.clone(),
            pages: self.pages.duplicate_with(|page| *page),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pages.bytes() + self.directory.capacity() * size_of::<u32>()
    }
}
