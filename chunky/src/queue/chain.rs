//! What a lane has written, on its way to the reader.

use std::ptr::NonNull;

use super::item::RunHeader;
use super::run::Run;
use crate::pool::{Chunk, Header, Pool};

/// A sequence of runs in chunks of its own.
///
/// Dropping a chain drops the items that nobody took out, and releases its chunks.
#[derive(Default)]
pub struct Chain {
    pub(super) first: Option<NonNull<Header>>,
    /// The last chunk; meaningless if there is no first one.
    last: Option<NonNull<Header>>,
    written: u32,
}

// SAFETY: a chain is the only handle to its chunks, and all items in them are `Send`.
unsafe impl Send for Chain {}

impl Chain {
    /// # Safety
    ///
    /// `first` heads a list of chunks that ends with `last` and that nobody else uses, whose
    /// headers, run headers and items are complete.
    pub(super) unsafe fn from_raw(
        first: NonNull<Header>,
        last: NonNull<Header>,
        written: u32,
    ) -> Self {
        Chain {
            first: Some(first),
            last: Some(last),
            written,
        }
    }

    /// Appends all that is in `other`, which is then to be read behind the rest of this one.
    pub fn append(&mut self, mut other: Chain) {
        self.written += other.written;
        // One that is used up still has a last chunk, but that is somebody else's by now.
        let Some(first) = other.first.take() else {
            return;
        };
        match self.last.filter(|_| self.first.is_some()) {
            // SAFETY: the last chunk is one of this chain, which is the only handle to them.
            Some(mut own) => unsafe { own.as_mut() }.next = Some(first),
            None => self.first = Some(first),
        }
        self.last = other.last;
    }

    /// The number of items that were written, whether or not they have been taken out.
    pub fn written(&self) -> usize {
        self.written as usize
    }

    /// The first run that still has items, or `None` when the chain is used up. Chunks that are
    /// used up go to `pool`.
    #[inline]
    pub fn next_run(&mut self, pool: &mut Pool) -> Option<Run<'_>> {
        let run = self.find_run(pool, |_| {})?;
        // SAFETY: `find_run` gives a complete run of this chain, which the run borrows mutably as
        // long as it lives.
        Some(unsafe { Run::from_raw(run.header, run.chunk, run.at) })
    }

    /// Finds the first run that still has items. Before a chunk that is used up goes to `pool`,
    /// `leave` is told.
    #[inline]
    pub(super) fn find_run(
        &mut self,
        pool: &mut Pool,
        mut leave: impl FnMut(NonNull<Header>),
    ) -> Option<Found> {
        loop {
            let mut chunk = self.first?;
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_mut() };
            while header.first < header.end {
                let at = header.first as usize;
                // SAFETY: `first` is the offset of a run header in this chunk while it is below
                // `end`: so the lane wrote them, and `next_at` steps from one to the next.
                let run = unsafe { run_at(chunk, at) };
                // SAFETY: the chain is the only handle to its chunks.
                let run_header = unsafe { run.as_ref() };
                if run_header.taken < run_header.len {
                    return Some(Found {
                        header: run,
                        chunk,
                        at,
                    });
                }
                header.first = run_header.next_at(at) as u32;
            }
            self.first = header.next;
            leave(chunk);
            // SAFETY: all runs of this chunk have been taken, and the chain has just forgotten it.
            pool.give(unsafe { Chunk::from_raw(chunk) });
        }
    }

    /// Visits each run, in order, from the first that has not been used up by
    /// [`Chain::next_run`]; leaves in place what `visit` does not take out.
    pub fn for_each_run(&mut self, mut visit: impl FnMut(&mut Run<'_>)) {
        // SAFETY: the chain is borrowed mutably, so nobody else uses a run of it meanwhile.
        unsafe { self.walk(|mut run| visit(&mut run)) };
    }

    /// Looks at each run, in order, from the first that has not been used up.
    pub fn visit(&self, mut visit: impl FnMut(&Run<'_>)) {
        // SAFETY: the runs are only lent for reading, as the chain is, which is not `Sync`.
        unsafe { self.walk(|run| visit(&run)) };
    }

    /// # Safety
    ///
    /// While a run is in the hands of `visit`, nobody else writes it, and nobody else reads it if
    /// `visit` writes it.
    unsafe fn walk(&self, mut visit: impl FnMut(Run<'_>)) {
        let mut next = self.first;
        while let Some(chunk) = next {
            // SAFETY: this chain is the only handle to its chunks, whose headers are complete.
            let header = unsafe { chunk.as_ref() };
            next = header.next;
            let (mut at, end) = (header.first as usize, header.end as usize);
            while at < end {
                // SAFETY: `at` is the offset of a run header, as in `next_run`.
                let run = unsafe { run_at(chunk, at) };
                // SAFETY: the chain is the only handle to its chunks.
                let run_header = unsafe { run.as_ref() };
                let following = run_header.next_at(at);
                // SAFETY: the caller sees to it that the run is used by `visit` alone.
                visit(unsafe { Run::from_raw(run, chunk, at) });
                at = following;
            }
        }
    }

    /// The number of items that nobody has taken out. Linear in the number of runs.
    pub fn len(&self) -> usize {
        let mut len = 0;
        self.visit(|run| len += run.len());
        len
    }

    /// Whether all items have been taken out.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A run of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) header: NonNull<RunHeader>,
    pub(super) chunk: NonNull<Header>,
    /// Offset of the header in its chunk.
    pub(super) at: usize,
}

/// The run header at offset `at` of `chunk`.
///
/// # Safety
///
/// A run header stands at that offset.
pub(super) unsafe fn run_at(chunk: NonNull<Header>, at: usize) -> NonNull<RunHeader> {
    // SAFETY: the caller vouches that the offset lies within the chunk.
    unsafe { chunk.byte_add(at) }.cast()
}

impl Drop for Chain {
    #[inline]
    fn drop(&mut self) {
        if self.first.is_some() {
            self.drop_rest();
        }
    }
}

impl Chain {
    #[cold]
    #[inline(never)]
    fn drop_rest(&mut self) {
        // Items first: should one panic while it is dropped, the chunks leak, no more.
        self.for_each_run(|run| run.clear());
        while let Some(chunk) = self.first {
            // SAFETY: this chain is the only handle to its chunks.
            self.first = unsafe { chunk.as_ref() }.next;
            // SAFETY: its items have just been dropped, and the chain has forgotten it.
            drop(unsafe { Chunk::from_raw(chunk) });
        }
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chain")
    }
}
