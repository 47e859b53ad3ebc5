//! The reader's view of items of one type that follow each other.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::ahead::{FAR, Lookahead, NEAR};
use super::item::{Addressed, RunHeader};
use crate::pool::Header;

/// Items of one type, written one after the other.
pub struct Run<'a> {
    header: NonNull<RunHeader>,
    items: NonNull<u8>,
    ahead: Option<&'a mut Lookahead>,
}

impl<'a> Run<'a> {
    /// # Safety
    ///
    /// `header` is a complete run header at offset `at` of `chunk`, followed by its items, and
    /// nobody else uses the run for `'a`.
    #[inline]
    pub(super) unsafe fn from_raw(
        header: NonNull<RunHeader>,
        chunk: NonNull<Header>,
        at: usize,
    ) -> Self {
        // SAFETY: the caller vouches for a complete header.
        let items = RunHeader::items_at(at, unsafe { header.as_ref() }.item);
        // SAFETY: the items of a run lie within its chunk.
        let items = unsafe { chunk.byte_add(items) }.cast();
        Run {
            header,
            items,
            ahead: None,
        }
    }

    /// The same run, with a look at what comes behind it.
    #[inline]
    pub(super) fn with_ahead(self, ahead: &'a mut Lookahead) -> Self {
        Run {
            ahead: Some(ahead),
            ..self
        }
    }

    #[inline]
    fn header(&self) -> &RunHeader {
        // SAFETY: the run header is complete and ours for `'a`.
        unsafe { self.header.as_ref() }
    }

    /// What the writer gave with the run.
    #[inline]
    pub fn tag(&self) -> u32 {
        self.header().tag
    }

    /// Items that have not been taken out.
    #[inline]
    pub fn len(&self) -> usize {
        (self.header().len - self.header().taken) as usize
    }

    /// Whether all items have been taken out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Items that were written, whether or not they have been taken out.
    pub fn written(&self) -> usize {
        self.header().len as usize
    }

    /// The items that have not been taken out, with their keys, or `None` if they are no `T`.
    pub fn as_slice<T: 'static>(&self) -> Option<&[Addressed<T>]> {
        if !self.header().item.is::<T>() {
            return None;
        }
        // SAFETY: `taken <= len` items stand at `items`, each a `T`, as just checked.
        let next = unsafe {
            self.items
                .cast::<Addressed<T>>()
                .add(self.header().taken as usize)
        };
        // SAFETY: the items behind `taken` are live, and lent no longer than the run is.
        Some(unsafe { std::slice::from_raw_parts(next.as_ptr(), self.len()) })
    }

    /// Takes the items out one by one, or `None` if they are no `T`.
    ///
    /// Items that were not taken when the drain is dropped stay in the run; those of a drain that
    /// is leaked are leaked with it.
    #[inline]
    pub fn drain<T: 'static>(&mut self) -> Option<Drain<'_, T>> {
        if !self.header().item.is::<T>() {
            return None;
        }
        let items = self.items.cast::<Addressed<T>>();
        let (taken, len) = (self.header().taken as usize, self.header().len as usize);
        // SAFETY: `taken <= len` items of type `T` stand at `items`.
        let next = unsafe { items.add(taken) };
        // SAFETY: likewise, one past the last.
        let end = unsafe { items.add(len) };
        // As long as the drain lives, the run counts as empty: leaking the drain cannot hand out
        // an item twice.
        // SAFETY: the run header is ours for `'a`.
        unsafe { self.header.as_mut() }.taken = len as u32;
        Some(Drain {
            header: self.header,
            items,
            next,
            end,
            ahead: self.ahead.as_deref_mut(),
            run: PhantomData,
        })
    }

    /// Drops the items that have not been taken out.
    pub fn clear(&mut self) {
        // SAFETY: the run header is ours for `'a`.
        let header = unsafe { self.header.as_mut() };
        let Some(drop) = header.item.drop else {
            header.taken = header.len;
            return;
        };
        while header.taken < header.len {
            let offset = header.taken as usize * header.item.size;
            // Before the drop: an item whose drop panics is not dropped again.
            header.taken += 1;
            // SAFETY: the item lies within its run.
            let item = unsafe { self.items.add(offset) };
            // SAFETY: `drop` belongs to the run's item type, and the item was live until now.
            unsafe { drop(item) };
        }
    }
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("tag", &self.tag())
            .field("len", &self.len())
            .finish()
    }
}

/// Takes the items of a run out, one by one.
pub struct Drain<'a, T> {
    header: NonNull<RunHeader>,
    items: NonNull<Addressed<T>>,
    next: NonNull<Addressed<T>>,
    end: NonNull<Addressed<T>>,
    ahead: Option<&'a mut Lookahead>,
    run: PhantomData<T>,
}

impl<T> Drain<'_, T> {
    /// The next item.
    #[inline(always)]
    pub fn peek(&self) -> Option<&Addressed<T>> {
        if self.next == self.end {
            return None;
        }
        // SAFETY: the items from `next` to `end` are live, and lent no longer than the drain is.
        Some(unsafe { self.next.as_ref() })
    }

    /// Whether [`Drain::look_ahead`] can see anything: only runs that a
    /// [`Reader`](super::Reader) gives out know what comes behind them.
    pub fn sees_ahead(&self) -> bool {
        self.ahead.is_some()
    }

    /// Gives out the slots that [`Drain::look_ahead`] will leave out, since they are nearer than
    /// it looks and have not been seen from the runs before: some for `far`, then some for `near`.
    #[inline(always)]
    pub fn start_ahead(&mut self, far: impl FnMut(u32), near: impl FnMut(u32)) {
        let seen = self.ahead.as_ref().map_or((0, 0), |ahead| ahead.seen());
        (seen.0..FAR).map_while(|at| self.far(at)).for_each(far);
        (seen.1..NEAR).map_while(|at| self.near(at)).for_each(near);
    }

    /// The slots of the items that are 24 and 12 places behind the next one, in this run or in
    /// those that follow it. To be called once for each item that is taken.
    #[inline(always)]
    pub fn look_ahead(&mut self) -> (Option<u32>, Option<u32>) {
        (self.far(FAR), self.near(NEAR))
    }

    /// The slot of the item that is `ahead` places behind the next one, or, if that is not in this
    /// run, of the next one for the far place.
    #[inline(always)]
    fn far(&mut self, ahead: usize) -> Option<u32> {
        match self.slot(ahead) {
            None => self.ahead.as_mut().and_then(|ahead| ahead.far_behind()),
            slot => slot,
        }
    }

    /// The same for the near place.
    #[inline(always)]
    fn near(&mut self, ahead: usize) -> Option<u32> {
        match self.slot(ahead) {
            None => self.ahead.as_mut().and_then(|ahead| ahead.near_behind()),
            slot => slot,
        }
    }

    /// The slot of the item that is `ahead` places behind the next one, in this run.
    #[inline(always)]
    fn slot(&self, ahead: usize) -> Option<u32> {
        let left = self.end.addr().get() - self.next.addr().get();
        if left <= ahead * size_of::<Addressed<T>>() {
            return None;
        }
        // SAFETY: `ahead` items behind the next one there is still one before the end.
        let item = unsafe { self.next.add(ahead) };
        // SAFETY: the items from `next` to `end` are live, and lent no longer than the drain is.
        Some(unsafe { item.as_ref() }.key().slot)
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = Addressed<T>;

    #[inline(always)]
    fn next(&mut self) -> Option<Addressed<T>> {
        if self.next == self.end {
            return None;
        }
        let item = self.next;
        // SAFETY: `next` is before `end`, so one further is within, or one past, the run.
        self.next = unsafe { item.add(1) };
        // SAFETY: the item was live, and is not in the drain any more.
        Some(unsafe { item.read() })
    }

    #[inline(always)]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let bytes = self.end.addr().get() - self.next.addr().get();
        let len = bytes / size_of::<Addressed<T>>();
        (len, Some(len))
    }
}

impl<T> ExactSizeIterator for Drain<'_, T> {}

impl<T> Drop for Drain<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let taken = (self.next.addr().get() - self.items.addr().get()) / size_of::<Addressed<T>>();
        // SAFETY: the drain has the run, and so its header, for itself.
        unsafe { self.header.as_mut() }.taken = taken as u32;
    }
}

impl<T> std::fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drain")
            .field("left", &self.len())
            .finish_non_exhaustive()
    }
}
