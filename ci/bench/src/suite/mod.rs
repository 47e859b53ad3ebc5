//! The speed table: kinds of work, and who does it.

mod contender;
mod row;

pub use contender::{Contender, Kind, Prepared};
pub use row::{Row, Size, next};
