//! The speed table: kinds of work, who does it, and how long it takes.

mod contender;
pub mod hand;
pub mod kay;
mod program;
mod random;
mod report;
mod row;
mod size;
pub mod table;

pub use contender::{Contender, Kind, Prepared};
pub use program::run;
pub use random::{Event, fork_join_work, next, partner};
pub use row::Row;
pub use size::{Size, shards_for};
