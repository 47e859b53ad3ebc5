//! A look at the items that come next, for those who fetch what they will need.

use std::cmp::Ordering;
use std::ptr::{self, NonNull};

use super::chain::{Found, run_at};
use super::item::RunHeader;
use crate::pool::Header;

/// How many items ahead of the one that is taken the far place is: its slot can be fetched.
pub(super) const FAR: usize = 24;
/// How many items ahead the near place is: what its slot leads to can be fetched.
pub(super) const NEAR: usize = 12;

/// Two places in a chain, in the runs behind the one that is read.
///
/// Within its run, a drain sees for itself what is ahead. Near the end it asks here: so that short
/// runs of different types are seen ahead as well as a long one. All pointers lead into chunks of
/// the reader's chain, or nowhere; the reader calls [`Lookahead::leave`] before it gives a chunk
/// away.
#[derive(Debug, Default)]
pub(super) struct Lookahead {
    pub(super) far: Place,
    pub(super) near: Place,
    /// The run that is read, counted from 1.
    reading: u32,
    /// Where that run is.
    current: Option<Found>,
}

/// A place in a chain.
#[derive(Debug)]
pub(super) struct Place {
    /// The next item of the run, up to its end.
    next: *const u8,
    end: *const u8,
    /// Bytes of an item.
    stride: usize,
    /// Items of the run that have been seen.
    passed: usize,
    /// Where the run is, and where in its chunk the next one begins.
    chunk: Option<NonNull<Header>>,
    behind: usize,
    /// Which run it is, counted from 1.
    run: u32,
}

impl Default for Place {
    fn default() -> Self {
        Place {
            next: ptr::null(),
            end: ptr::null(),
            stride: 0,
            passed: 0,
            chunk: None,
            behind: 0,
            run: 0,
        }
    }
}

impl Lookahead {
    /// Forgets the chain. All else is overwritten before it is read: who has not been in any run
    /// goes to the one that is read first.
    #[inline]
    pub(super) fn reset(&mut self) {
        self.reading = 0;
        self.current = None;
        for place in [&mut self.far, &mut self.near] {
            (place.chunk, place.run) = (None, 0);
        }
    }

    /// The reader begins with another run of its chain.
    #[inline]
    pub(super) fn enter(&mut self, run: &Found) {
        // A run may be begun again when it was left in its middle.
        if self
            .current
            .is_none_or(|current| current.header != run.header)
        {
            self.reading += 1;
        }
        self.current = Some(*run);
    }

    /// The reader gives `chunk` away.
    #[inline]
    pub(super) fn leave(&mut self, chunk: NonNull<Header>) {
        self.current = None;
        self.far.leave(chunk);
        self.near.leave(chunk);
    }

    /// How many items of the run that is read the places have seen already.
    pub(super) fn seen(&self) -> (usize, usize) {
        (self.far.seen(self.reading), self.near.seen(self.reading))
    }

    /// The slot of the next item in the runs behind the one that is read, by the far place.
    #[cold]
    pub(super) fn far_behind(&mut self) -> Option<u32> {
        self.far.behind(self.reading, self.current?)
    }

    /// The same by the near place.
    #[cold]
    pub(super) fn near_behind(&mut self) -> Option<u32> {
        self.near.behind(self.reading, self.current?)
    }
}

impl Place {
    /// How many items of run number `reading` have been seen.
    fn seen(&self, reading: u32) -> usize {
        match self.run.cmp(&reading) {
            Ordering::Less => 0,
            Ordering::Equal => self.passed,
            Ordering::Greater => usize::MAX,
        }
    }

    /// The slot of the next item behind run number `reading`, which is the `current` one.
    fn behind(&mut self, reading: u32, current: Found) -> Option<u32> {
        if self.run <= reading {
            self.leave_run(current, reading);
        }
        if self.next == self.end && !self.next_run() {
            return None;
        }
        // SAFETY: `next` points to an item of a run whose chunk the reader's chain still has:
        // such an item begins with an initialised `u32`, and stays so when it is taken out.
        let slot = unsafe { self.next.cast::<u32>().read() };
        // SAFETY: the run goes on, or ends, one item further.
        self.next = unsafe { self.next.add(self.stride) };
        self.passed += 1;
        Some(slot)
    }

    /// To the end of run number `number`.
    fn leave_run(&mut self, run: Found, number: u32) {
        // SAFETY: the header is one of the reader's chain, and complete.
        let header = unsafe { run.header.as_ref() };
        self.chunk = Some(run.chunk);
        self.behind = header.next_at(run.at);
        (self.next, self.end) = (ptr::null(), ptr::null());
        // All of them.
        self.passed = usize::MAX;
        self.run = number;
    }

    /// Goes on to the next run; returns whether there is one.
    fn next_run(&mut self) -> bool {
        while let Some(chunk) = self.chunk {
            // SAFETY: the chunk is one of the reader's chain, since it has not been left.
            let header = unsafe { chunk.as_ref() };
            if self.behind >= header.end as usize {
                self.go_to(header.next);
                continue;
            }
            let at = self.behind;
            // SAFETY: offsets of run headers are those at which the chunk's first one and
            // `next_at` of each lead, while they are below `end`.
            let run = unsafe { run_at(chunk, at) };
            // SAFETY: the header is complete, and the reader holds no reference to it now.
            let run = unsafe { run.as_ref() };
            self.behind = run.next_at(at);
            // The reader does not count those that are used up either.
            if run.taken < run.len {
                self.enter(chunk, at, run);
                return true;
            }
        }
        false
    }

    /// To the first item of a run that has not been taken.
    fn enter(&mut self, chunk: NonNull<Header>, at: usize, run: &RunHeader) {
        let items = RunHeader::items_at(at, run.item);
        let next = items + run.taken as usize * run.item.size;
        let end = items + run.len as usize * run.item.size;
        // SAFETY: the items of a run lie within its chunk, and `taken` is not above `len`.
        self.next = unsafe { chunk.byte_add(next) }.as_ptr().cast();
        // SAFETY: likewise, one past the last.
        self.end = unsafe { chunk.byte_add(end) }.as_ptr().cast();
        self.stride = run.item.size;
        self.passed = 0;
        self.run += 1;
    }

    #[inline]
    fn leave(&mut self, chunk: NonNull<Header>) {
        if self.chunk == Some(chunk) {
            // SAFETY: the reader still has the chunk, though not for long.
            self.go_to(unsafe { chunk.as_ref() }.next);
        }
    }

    /// To the beginning of a chunk, or to the end of all.
    #[inline]
    fn go_to(&mut self, chunk: Option<NonNull<Header>>) {
        self.chunk = chunk;
        (self.next, self.end) = (ptr::null(), ptr::null());
        // SAFETY: the next chunk of one of the reader's chain is in its chain too.
        self.behind = chunk.map_or(0, |chunk| unsafe { chunk.as_ref() }.first as usize);
    }
}
