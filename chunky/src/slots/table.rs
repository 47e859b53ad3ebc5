//! The slots of a slot map, in pages that exist where they are used.

use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::Arc;

use super::Key;
use super::chunked::ChunkedVec;
use super::page::{Slot, SlotPage, VACANT};
use crate::Storage;

/// What stands in the directory for a page that has not been used. Only read.
static EMPTY: SlotPage = SlotPage::FRESH;

/// A table from slot numbers to slots that takes memory only for pages that have been used.
pub(crate) struct SlotTable {
    /// For each page number, the page, or [`EMPTY`]; this also stands at the end, for all pages behind.
    directory: Vec<NonNull<SlotPage>>,
    /// All pages that have been used. They never move; there, nobody looks at what they hold.
    pages: ChunkedVec<SlotPage>,
}

// SAFETY: the pages that the directory points to belong to this table alone.
unsafe impl Send for SlotTable {}
// SAFETY: a shared table is only read.
unsafe impl Sync for SlotTable {}

impl SlotTable {
    /// Slots in a page.
    pub(crate) const PAGE: usize = SlotPage::SLOTS;

    /// Pages that all slots are in.
    pub(crate) const MOST_PAGES: u32 = ((1 << 32) / Self::PAGE as u64) as u32;

    pub(crate) fn new(storage: Arc<dyn Storage>) -> Self {
        SlotTable {
            directory: vec![Self::empty()],
            pages: ChunkedVec::new(storage),
        }
    }

    /// A table of pages that are there already, in the order of their `numbers`, which are as many and
    /// ascend. The directory reaches as far as the last one.
    pub(super) fn of_pages(pages: ChunkedVec<SlotPage>, numbers: &[u32]) -> Self {
        let behind = numbers.last().map_or(0, |&last| last as usize + 1);
        let mut directory = vec![Self::empty(); behind + 1];
        for (index, &number) in numbers.iter().enumerate() {
            directory[number as usize] = pages.place(index).expect("there are as many pages");
        }
        SlotTable { directory, pages }
    }

    /// The page of a slot, which may be [`EMPTY`].
    #[inline(always)]
    fn page(&self, slot: u32) -> Option<NonNull<SlotPage>> {
        self.directory.get(slot as usize / Self::PAGE).copied()
    }

    /// A page that has not been used, never to be written.
    #[inline(always)]
    pub(crate) fn empty() -> NonNull<SlotPage> {
        NonNull::from_ref(&EMPTY)
    }

    fn is_empty(page: NonNull<SlotPage>) -> bool {
        page == Self::empty()
    }

    /// The slot; `None`, or one that looks unused, if its page has not been used.
    #[inline(always)]
    pub(crate) fn get(&self, slot: u32) -> Option<&Slot> {
        // SAFETY: a page in the directory is live as long as the table; it is written only by
        // those who borrow the table mutably, and `EMPTY` never.
        let page = unsafe { self.page(slot)?.as_ref() };
        Some(&page.slots()[slot as usize % Self::PAGE])
    }

    /// Where the counter of a slot is.
    ///
    /// # Safety
    ///
    /// The slot is one of a page.
    #[inline(always)]
    pub(crate) unsafe fn counter(slot: NonNull<Slot>) -> NonNull<u16> {
        // SAFETY: the counter is within the slot.
        unsafe { slot.byte_add(offset_of!(Slot, counter)) }.cast()
    }

    /// Where all pages are listed, and the number of the last one, which is empty and stands for all
    /// behind it: for those who find many slots.
    pub(crate) fn directory(&self) -> (NonNull<NonNull<SlotPage>>, u32) {
        let pages = NonNull::from(&self.directory[..]).cast();
        // There are at most one more than `MOST_PAGES`.
        (pages, (self.directory.len() - 1) as u32)
    }

    /// The slot of a value: one with this generation and a position below `end`.
    ///
    /// # Safety
    ///
    /// `end` is not above [`VACANT`]: so no vacant slot is given out, and none of [`EMPTY`].
    #[inline(always)]
    pub(crate) unsafe fn live_mut(&mut self, key: Key, end: usize) -> Option<&mut Slot> {
        debug_assert!(end <= VACANT as usize, "all slots are vacant");
        let slot = self.get(key.slot)?;
        if slot.generation != key.generation || slot.position as usize >= end {
            return None;
        }
        let mut page = self.page(key.slot)?;
        // SAFETY: a page in the directory is live as long as the table, and no two places of the
        // directory have the same one, except for `EMPTY`, whose slots are vacant, while this
        // one has a position below `end`, as the caller vouches; the table is borrowed mutably.
        let page = unsafe { page.as_mut() };
        Some(&mut page.slots_mut()[key.slot as usize % Self::PAGE])
    }

    /// The slot, in a new page if need be.
    #[inline]
    pub(crate) fn get_or_create(&mut self, slot: u32) -> &mut Slot {
        let mut page = match self.page(slot) {
            Some(page) if !Self::is_empty(page) => page,
            _ => self.create(slot as usize / Self::PAGE),
        };
        // SAFETY: a page in the directory is live as long as the table, and no two places of the
        // directory have the same one, except for `EMPTY`, which this is not; the table is
        // borrowed mutably.
        let page = unsafe { page.as_mut() };
        &mut page.slots_mut()[slot as usize % Self::PAGE]
    }

    #[cold]
    fn create(&mut self, page: usize) -> NonNull<SlotPage> {
        if self.directory.len() <= page + 1 {
            self.directory.resize(page + 2, Self::empty());
        }
        let created = self.add(SlotPage::FRESH);
        self.directory[page] = created;
        created
    }

    fn add(&mut self, content: SlotPage) -> NonNull<SlotPage> {
        let index = self.pages.len();
        self.pages.push(content);
        self.pages.place(index).expect("it was just pushed")
    }

    pub(crate) fn duplicate(&self) -> Self {
        let mut copy = SlotTable::new(Arc::clone(self.pages.storage()));
        copy.directory.clear();
        for &page in &self.directory {
            let twin = if Self::is_empty(page) {
                page
            } else {
                // SAFETY: a page in the directory is live, and only read.
                copy.add(unsafe { page.read() })
            };
            copy.directory.push(twin);
        }
        copy
    }

    /// The pages that have been used, each with its number, in the order of numbers. O(highest number).
    pub(super) fn used_pages(&self) -> impl Iterator<Item = (u32, &SlotPage)> {
        let used = |(_, page): &(u32, &NonNull<SlotPage>)| !Self::is_empty(**page);
        let pages = (0..).zip(&self.directory).filter(used);
        // SAFETY: a page in the directory is live as long as the table, which is borrowed.
        pages.map(|(number, page)| (number, unsafe { page.as_ref() }))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.pages.bytes() + self.directory.capacity() * size_of::<NonNull<SlotPage>>()
    }
}
