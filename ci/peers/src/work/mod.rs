//! The work of the rows, for all frameworks on tokio.

mod ring;

use kay_bench::suite::{Prepared, Row, Size};

use crate::framework::Framework;

/// Prepares a row.
pub fn prepare<F: Framework>(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::PingPong => ring::prepare::<F>(2, size),
        Row::ThreadRing => ring::prepare::<F>(100, size),
        _ => None,
    }
}
