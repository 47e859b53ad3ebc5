//! Looking up the values that items are for ahead of their delivery, so that they come closer meanwhile.

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use super::delivery::Fetch;
use super::walk::Walk;
use crate::pool::Header;
use crate::slots::{Finder, Found, Slot, prefetch, prefetch_line};

/// How many items ahead values are found, and asked to come closer.
const WINDOW: usize = 32;

/// Items that are left in a full window when it is filled again.
const LEFT: usize = 24;

/// How many items are not looked up ahead after a value was removed.
const DIRECT: u32 = 8;

/// That none ever is.
const ALWAYS: u32 = u32::MAX;

/// How many items ahead of the window slots are asked to come closer.
const FAR: usize = 16;

/// Places for items of which something is known. A power of two, so that finding one takes a mask.
const PLACES: usize = (WINDOW + FAR).next_power_of_two();

/// What is known of the items to come.
///
/// Items are numbered. First the slots of some are found and, if need be, asked to come closer; then, when they
/// have, the values in the slots of those that come sooner.
pub(super) struct Ahead<T> {
    fetch: Fetch,
    /// At the first item whose slot is not known; of no meaning as long as nothing is known.
    walk: MaybeUninit<Walk>,
    /// The slots of items to come, and the generations that they should have. Those of item number `n` are at
    /// `n % PLACES`.
    slots: [MaybeUninit<NonNull<Slot>>; PLACES],
    generations: [MaybeUninit<u16>; PLACES],
    /// Their values, as far as they have been looked up and are there: half of the places would do, but
    /// another mask, too, would take time.
    values: [MaybeUninit<Option<NonNull<T>>>; PLACES],
    /// The numbers of the next item, of the first one that has not been looked up, and of the first one
    /// whose slot is not known. If no slot is, nobody counts.
    number: usize,
    looked_up: usize,
    known: usize,
    /// The number of the item before which more are looked up.
    pause: usize,
    /// How many more items find their values only when it is their turn. After a value was removed, what
    /// was looked up is void; if it is removals that are delivered, it will be again.
    direct: u32,
}

impl<T> Ahead<T> {
    /// Nothing is known.
    #[inline(always)]
    pub(super) fn new(fetch: Fetch) -> Self {
        Ahead {
            fetch,
            walk: MaybeUninit::uninit(),
            slots: [const { MaybeUninit::uninit() }; PLACES],
            generations: [const { MaybeUninit::uninit() }; PLACES],
            values: [const { MaybeUninit::uninit() }; PLACES],
            number: 0,
            looked_up: 0,
            known: 0,
            pause: 0,
            direct: if fetch == Fetch::Nothing { ALWAYS } else { 0 },
        }
    }

    /// Whether the next item has been looked up, and it is not time to look up more.
    #[inline(always)]
    pub(super) fn has_next(&self) -> bool {
        self.number != self.pause
    }

    /// Whether the next item is not to be looked up ahead.
    #[inline(always)]
    pub(super) fn is_direct(&self) -> bool {
        self.direct > 0
    }

    /// The slot and the value of the next item, which is passed if its value is there.
    ///
    /// # Safety
    ///
    /// It has been looked up.
    #[inline(always)]
    pub(super) unsafe fn next(&mut self) -> Option<Found<T>> {
        let number = self.number;
        // SAFETY: as the caller vouches.
        let value = unsafe { self.values[number % PLACES].assume_init() }?;
        self.number = number + 1;
        // SAFETY: the slot of what has been looked up is known.
        let slot = unsafe { self.slots[number % PLACES].assume_init() };
        Some((slot, value))
    }

    /// The next item, for which nothing was looked up, has found its value.
    #[inline]
    pub(super) fn pass_directly(&mut self) {
        if self.direct != ALWAYS {
            self.direct = self.direct.saturating_sub(1);
            self.pass();
        }
    }

    /// The next item is passed, whatever is known of it.
    #[inline]
    pub(super) fn pass(&mut self) {
        if self.number < self.known {
            self.number += 1;
            self.looked_up = self.looked_up.max(self.number);
            self.pause = self.pause.max(self.number);
        }
    }

    /// Forgets all that is known.
    pub(super) fn forget(&mut self) {
        self.known = self.number;
        self.forget_values();
    }

    /// Forgets values, but not where their slots are.
    fn forget_values(&mut self) {
        (self.looked_up, self.pause) = (self.number, self.number);
    }

    /// A value was removed.
    pub(super) fn look_directly(&mut self) {
        self.forget_values();
        self.direct = self.direct.max(DIRECT);
    }

    /// A chunk is used up and will be forgotten; this is the beginning of the next one.
    #[inline]
    pub(super) fn leave(&mut self, chunk: NonNull<Header>, next: Walk) {
        // SAFETY: a walk has begun when something is known, be it used up.
        if self.known > 0 && unsafe { self.walk.assume_init_ref() }.chunk == chunk {
            self.walk.write(next);
        }
    }

    /// Looks up more items; returns whether there is any that has not been passed.
    ///
    /// # Safety
    ///
    /// The finder is that of the map as it is now; the next item is `at` this label of this chunk, which
    /// has this `end` and is one of a chain that nobody is writing.
    #[inline(never)]
    pub(super) unsafe fn look_up(
        &mut self,
        finder: &Finder<T>,
        shift: u32,
        at: NonNull<u8>,
        end: NonNull<u8>,
        chunk: NonNull<Header>,
    ) -> bool {
        if self.known == self.number {
            // The last item may have been in a chunk of another depot: its stride says nothing here.
            self.walk.write(Walk::from(at, end, chunk));
        }
        let full = self.number + WINDOW;
        if self.fetch == Fetch::All {
            // SAFETY: as the caller vouches.
            unsafe { self.find_slots(finder, shift, full + FAR) };
        }
        let last = self.known.min(full);
        let mut number = self.looked_up;
        while number < last {
            // SAFETY: the item's slot is known, since its number is below `known`.
            let slot = unsafe { self.slots[number % PLACES].assume_init() };
            // SAFETY: likewise.
            let generation = unsafe { self.generations[number % PLACES].assume_init() };
            // SAFETY: the finder is that of the map as it is now; the slot is one of it, or was vacant and
            // of no page yet when it was found.
            self.values[number % PLACES].write(unsafe { value_in(finder, slot, generation) });
            number += 1;
        }
        self.looked_up = last;
        if self.fetch != Fetch::All {
            // SAFETY: as the caller vouches.
            unsafe { self.find_values(finder, shift, full) };
        }
        let last = self.looked_up;
        self.pause = if last == full { last - LEFT } else { last };
        self.number != last
    }

    /// Finds the slots of more items, up to number `end`, and asks them to come closer. In a loop of its own,
    /// for which there are enough registers.
    ///
    /// # Safety
    ///
    /// As for [`Ahead::look_up`].
    #[inline(always)]
    unsafe fn find_slots(&mut self, finder: &Finder<T>, shift: u32, end: usize) {
        // SAFETY: `look_up` has begun one.
        let (mut walk, mut number) = (unsafe { self.walk.assume_init() }, self.known);
        fetch_items(&walk);
        while number < end {
            // SAFETY: chunks behind the next item are in the chain, which nobody is writing.
            let Some(to) = (unsafe { walk.next() }) else {
                break;
            };
            let key = to.key(shift);
            // SAFETY: the finder is that of the map as it is now.
            let slot = unsafe { finder.slot(key.slot) };
            // SAFETY: the slot is one of the map; nobody is writing it.
            prefetch(unsafe { slot.as_ref() });
            self.slots[number % PLACES].write(slot);
            self.generations[number % PLACES].write(key.generation);
            number += 1;
        }
        self.walk.write(walk);
        self.known = number;
    }

    /// Finds the slots of more items, up to number `end`, which are near, and at once what is in them.
    ///
    /// # Safety
    ///
    /// As for [`Ahead::look_up`].
    #[inline(always)]
    unsafe fn find_values(&mut self, finder: &Finder<T>, shift: u32, end: usize) {
        // SAFETY: `look_up` has begun one.
        let (mut walk, mut number) = (unsafe { self.walk.assume_init() }, self.known);
        fetch_items(&walk);
        while number < end {
            // SAFETY: chunks behind the next item are in the chain, which nobody is writing.
            let Some(to) = (unsafe { walk.next() }) else {
                break;
            };
            let key = to.key(shift);
            // SAFETY: the finder is that of the map as it is now.
            let slot = unsafe { finder.slot(key.slot) };
            self.slots[number % PLACES].write(slot);
            // It is asked for again should values be forgotten.
            self.generations[number % PLACES].write(key.generation);
            // SAFETY: the finder is that of the map as it is now, which the slot is one of.
            let value = unsafe { value_in(finder, slot, key.generation) };
            self.values[number % PLACES].write(value);
            number += 1;
        }
        self.walk.write(walk);
        (self.known, self.looked_up) = (number, number);
    }
}

/// Asks for the memory of items to come.
#[inline(always)]
fn fetch_items(walk: &Walk) {
    prefetch_line(walk.at.as_ptr().wrapping_add(512).cast());
    prefetch_line(walk.at.as_ptr().wrapping_add(576).cast());
}

/// Finds the value in a slot, and asks it to come closer.
///
/// # Safety
///
/// As for [`Finder::value_in`].
#[inline(always)]
unsafe fn value_in<T>(
    finder: &Finder<T>,
    slot: NonNull<Slot>,
    generation: u16,
) -> Option<NonNull<T>> {
    // SAFETY: as the caller vouches.
    let value = unsafe { finder.value_in(slot, generation) }?;
    // SAFETY: the value is live; nobody has a reference to it now.
    prefetch(unsafe { value.as_ref() });
    Some(value)
}
