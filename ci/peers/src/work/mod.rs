//! The work of the rows, for all frameworks on tokio.

mod address_order;
mod bank;
mod big;
mod broadcast;
mod chameneos;
mod counting;
mod driver;
mod fork_join;
mod random_answer;
mod ring;
mod spawn_and_drop;

use kay_bench::suite::{Prepared, Row, Size};

use crate::framework::Framework;

/// Who sends very many messages waits after so many until the receiver has asked for more, so that
/// messages are still in the processor's caches when they are handled. It sends two such batches,
/// so that it need not wait on two threads.
const BATCH: usize = 1000;

/// Prepares a row.
pub fn prepare<F: Framework>(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::PingPong => ring::prepare::<F>(2, size),
        Row::ThreadRing => ring::prepare::<F>(size.ring(), size),
        Row::Counting => counting::prepare::<F>(size),
        Row::ForkJoin => fork_join::prepare::<F>(size),
        Row::Big => big::prepare::<F>(size),
        Row::Chameneos => chameneos::prepare::<F>(size),
        Row::Bank => bank::prepare::<F>(size),
        Row::AddressOrder => address_order::prepare::<F>(size),
        Row::Broadcast => broadcast::prepare::<F>(size),
        // Ten million of them, with their mailboxes and messages, do not fit into memory.
        Row::RandomAnswer(count) if count > 1_000_000 => None,
        Row::RandomAnswer(count) => random_answer::prepare::<F>(count, size),
        // None of these frameworks knows simulated time.
        Row::Phold => None,
        Row::SpawnAndDrop => spawn_and_drop::prepare::<F>(size),
        Row::Resident => broadcast::prepare_idle::<F>(size),
    }
}
