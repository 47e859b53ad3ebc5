//! The reader's end of the queue.

use super::ahead::Lookahead;
use super::chain::Chain;
use super::run::Run;
use crate::Pool;

/// Reads a chain run by run, and sees what comes behind each.
///
/// ```
/// use chunky::{Addressed, Depot, Heap, Key, Lane, Pool, Reader};
/// use std::sync::Arc;
///
/// let mut pool = Pool::new(&Depot::new(Arc::new(Heap)));
/// let mut lane = Lane::new();
/// for slot in 0..100 {
///     lane.push(7, Addressed::new(Key { slot, generation: 1 }, true), &mut pool);
/// }
/// let mut reader = Reader::default();
/// reader.begin(lane.take().unwrap());
/// let mut run = reader.next_run(&mut pool).unwrap();
/// let mut drain = run.drain::<bool>().unwrap();
/// drain.start_ahead(|_| (), |_| ());
/// assert_eq!(drain.look_ahead(), (Some(24), Some(12)));
/// assert_eq!(drain.next().unwrap().key().slot, 0);
/// ```
#[derive(Debug, Default)]
pub struct Reader {
    chain: Chain,
    ahead: Lookahead,
}

// SAFETY: the pointers of the look-ahead lead into chunks of the chain, which moves with it.
unsafe impl Send for Reader {}

impl Reader {
    /// Begins to read `chain`; what was left of another one is dropped.
    #[inline]
    pub fn begin(&mut self, chain: Chain) {
        self.ahead.reset();
        self.chain = chain;
    }

    /// Gives back what has not been read.
    pub fn end(&mut self) -> Chain {
        self.ahead.reset();
        std::mem::take(&mut self.chain)
    }

    /// As [`Chain::next_run`].
    #[inline]
    pub fn next_run(&mut self, pool: &mut Pool) -> Option<Run<'_>> {
        let ahead = &mut self.ahead;
        let found = self.chain.find_run(pool, |chunk| ahead.leave(chunk))?;
        ahead.enter(&found);
        // SAFETY: `find_run` gives a complete run of the chain, which belongs to this reader; the
        // run borrows the reader mutably as long as it lives.
        let run = unsafe { Run::from_raw(found.header, found.chunk, found.at) };
        Some(run.with_ahead(ahead))
    }
}
