//! Making a slot map of what one has been saved as.

use super::chunked::ChunkedVec;
use super::error::AdoptError;
use super::map::SlotMap;
use super::page::{SlotPage, VACANT};
use super::table::SlotTable;

/// What a [`SlotMap`] is made of again: see [`SlotMap::adopt`].
#[derive(Debug)]
pub struct MapParts<'a, T> {
    /// The values, in the order of their positions: [adopted](ChunkedVec::adopt) where they lie, or pushed
    /// one by one.
    pub values: ChunkedVec<T>,
    /// The slot of the value at each position.
    pub slots: ChunkedVec<u32>,
    /// The pages of slots that have been used, in the order of their numbers.
    pub pages: ChunkedVec<SlotPage>,
    /// The number of each page, which is that of its first slot divided by 128.
    pub page_numbers: &'a [u32],
    /// What all page numbers should be below.
    ///
    /// The map takes eight bytes for each number up to the highest, whether there is such a page or not:
    /// 256 MiB, if all numbers are allowed. Only who chooses the numbers of slots knows how far apart pages
    /// can be. So who reads what may be anybody's says here how much memory that is allowed to take.
    pub page_limit: u32,
}

impl<T> MapParts<'_, T> {
    fn check_counts(&self) -> Result<(), AdoptError> {
        let (values, slots) = (self.values.len(), self.slots.len());
        if values != slots {
            return Err(AdoptError::Slots { values, slots });
        }
        if values > VACANT as usize {
            return Err(AdoptError::TooMany { values });
        }
        let (pages, numbers) = (self.pages.len(), self.page_numbers.len());
        if pages != numbers {
            return Err(AdoptError::Pages { pages, numbers });
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), AdoptError> {
        let mut pairs = self
            .page_numbers
            .iter()
            .zip(self.page_numbers.iter().skip(1));
        if let Some((_, &number)) = pairs.find(|(before, number)| before >= number) {
            return Err(AdoptError::Order { number });
        }
        let limit = self.page_limit.min(SlotTable::MOST_PAGES);
        match self.page_numbers.last() {
            Some(&number) if number >= limit => Err(AdoptError::Number { number, limit }),
            _ => Ok(()),
        }
    }

    /// Whether each slot that has a value leads to a position that leads back. So no two of them lead to
    /// the same one. Returns how many there are.
    fn check_slots(&self) -> Result<usize, AdoptError> {
        let mut used = 0;
        for (page, number) in self.pages.iter().zip(self.page_numbers) {
            let first = number * SlotMap::<T>::PAGE;
            for (at, entry) in page.slots().iter().enumerate() {
                let (slot, position) = (first + at as u32, entry.position);
                if position == VACANT {
                    continue;
                }
                if self.slots.get(position as usize) != Some(&slot) {
                    return Err(AdoptError::Slot { slot, position });
                }
                if entry.generation == 0 {
                    return Err(AdoptError::Generation { slot });
                }
                used += 1;
            }
        }
        Ok(used)
    }
}

impl<T> SlotMap<T> {
    /// A map of what one consisted of before, as it was [copied](SlotMap::copy), which may have been anywhere
    /// since. What the parts say is checked; what lies in adopted memory stays there.
    ///
    /// The map is then like any other, and takes further memory from the storages of its parts. It takes
    /// O(values + highest page number); slots are read in their order.
    ///
    /// ```
    /// use chunky::raw::{Layouts, RawForm};
    /// use chunky::{ChunkedVec, Heap, Key, MapCopy, MapForms, MapParts, SlotMap, SlotPage};
    /// use std::sync::Arc;
    ///
    /// let key = Key { slot: 300, generation: 1 };
    /// let mut map = SlotMap::new(Arc::new(Heap));
    /// map.insert(key, 7_u64).unwrap();
    /// let layouts = &mut Layouts::new();
    /// let (form, forms) = (RawForm::new(layouts), MapForms::new(layouts));
    /// let mut copy = MapCopy::default();
    /// map.copy(&form, &forms, &mut copy).unwrap();
    ///
    /// let mut values = ChunkedVec::new(Arc::new(Heap));
    /// for bytes in copy.values.as_chunks().0 {
    ///     values.push(u64::from_ne_bytes(*bytes));
    /// }
    /// let mut slots = ChunkedVec::new(Arc::new(Heap));
    /// for bytes in copy.slots.as_chunks().0 {
    ///     slots.push(u32::from_ne_bytes(*bytes));
    /// }
    /// let mut pages = ChunkedVec::new(Arc::new(Heap));
    /// for bytes in copy.pages.as_chunks().0 {
    ///     pages.push(SlotPage::from_bytes(bytes));
    /// }
    /// // Slot 300 is in page 2.
    /// let (page_numbers, page_limit) = (&copy.page_numbers[..], 3);
    /// let map = SlotMap::adopt(MapParts { values, slots, pages, page_numbers, page_limit });
    /// assert_eq!(map.unwrap().get(key), Some(&7));
    /// ```
    ///
    /// # Errors
    ///
    /// If the parts are not those of a map: each value has one slot, which leads to its position and has a
    /// generation; each other slot is vacant; page numbers ascend and are below the limit, and below the
    /// 2<sup>25</sup> of all slots. All values are dropped then.
    pub fn adopt(parts: MapParts<'_, T>) -> Result<Self, AdoptError> {
        parts.check_counts()?;
        parts.check_numbers()?;
        let used = parts.check_slots()?;
        let table = SlotTable::of_pages(parts.pages, parts.page_numbers);
        let (values, slots) = (parts.values, parts.slots);
        // As many as there are positions, each of which has its own: then no position is left.
        if used < slots.len() {
            let leads_back = |position: usize, slot: u32| {
                let entry = table.get(slot);
                entry.is_some_and(|entry| entry.position as usize == position)
            };
            let mut all = slots.iter().copied().enumerate();
            if let Some((position, slot)) = all.find(|&(at, slot)| !leads_back(at, slot)) {
                return Err(AdoptError::Position { position, slot });
            }
        }
        Ok(SlotMap {
            table,
            values,
            slots,
        })
    }
}
