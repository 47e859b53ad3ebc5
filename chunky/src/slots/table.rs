//! The slots of a slot map, in pages that exist where they are used.

use std::ptr::NonNull;
use std::sync::Arc;

use super::blocks::Blocks;
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
    /// For each page number, the page, if it has been used.
    directory: Vec<Option<NonNull<Page>>>,
    /// The memory of all pages, which never move.
    pages: Blocks<Page>,
    /// How many pages have been used.
    used: usize,
}

type Page = [Slot; SlotTable::PAGE];

// SAFETY: the pages that the directory points to belong to this table alone.
unsafe impl Send for SlotTable {}
// SAFETY: a shared table is only read.
unsafe impl Sync for SlotTable {}

impl SlotTable {
    /// Slots in a page.
    pub(crate) const PAGE: usize = 128;

    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        SlotTable {
            directory: Vec::new(),
            pages: Blocks::new(storage),
            used: 0,
        }
    }

    #[inline(always)]
    fn page(&self, slot: u32) -> Option<NonNull<Page>> {
        *self.directory.get(slot as usize / Self::PAGE)?
    }

    /// The slot, if its page has been used.
    #[inline(always)]
    pub(crate) fn get(&self, slot: u32) -> Option<&Slot> {
        // SAFETY: a page in the directory is live as long as the table; it is written only by
        // those who borrow the table mutably.
        let page = unsafe { self.page(slot)?.as_ref() };
        Some(&page[slot as usize % Self::PAGE])
    }

    /// The slot, if its page has been used.
    #[inline(always)]
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut Slot> {
        // SAFETY: a page in the directory is live as long as the table, and no two places of the
        // directory have the same one; the table is borrowed mutably.
        let page = unsafe { self.page(slot)?.as_mut() };
        Some(&mut page[slot as usize % Self::PAGE])
    }

    /// The slot, in a new page if need be.
    #[inline]
    pub(crate) fn get_or_create(&mut self, slot: u32) -> &mut Slot {
        if self.page(slot).is_none() {
            self.create(slot as usize / Self::PAGE);
        }
        match self.get_mut(slot) {
            Some(slot) => slot,
            None => unreachable!("the page was just created"),
        }
    }

    #[cold]
    fn create(&mut self, page: usize) {
        if self.directory.len() <= page {
            self.directory.resize(page + 1, None);
        }
        self.directory[page] = Some(self.add([FRESH; Self::PAGE]));
    }

    fn add(&mut self, content: Page) -> NonNull<Page> {
        if self.used == self.pages.capacity() {
            self.pages.grow();
        }
        let page = self.pages.at(self.used);
        self.used += 1;
        // SAFETY: the place is memory of this table that no page has used yet.
        unsafe { page.write(content) };
        page
    }

    #[inline(always)]
    pub(crate) fn prefetch(&self, slot: u32) {
        if let Some(slot) = self.get(slot) {
            prefetch(slot);
        }
    }

    pub(crate) fn duplicate(&self) -> Self {
        let mut copy = SlotTable::new(Arc::clone(self.pages.storage()));
        for page in &self.directory {
            // SAFETY: a page in the directory is live, and read only.
            let page = page.map(|page| copy.add(unsafe { page.read() }));
            copy.directory.push(page);
        }
        copy
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pages.bytes() + self.directory.capacity() * size_of::<Option<NonNull<Page>>>()
    }
}
