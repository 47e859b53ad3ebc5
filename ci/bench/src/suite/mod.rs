//! The speed table: kinds of work, and who does it.

mod contender;
mod random;
mod row;
mod size;

pub use contender::{Contender, Kind, Prepared};
pub use random::{Event, fork_join_work, next, partner};
pub use row::Row;
pub use size::Size;
