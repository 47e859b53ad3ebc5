//! The typed message queue: one writer fills private chunks, whole chains change hands, one
//! reader takes the items out again.
//!
//! Each item begins with a *label* of eight bytes: the [`Receiver`] that it is for, and a *tag*, the
//! number of its type. So items of different types follow each other without
//! anything between them, and a reader sees whom they are for without knowing what they are.
//!
//! ```text
//! chain ─► chunk ──────────────────────────────────────► chunk ──────────────►
//!          header │ label item │ label item │ label ..     header │ label item ..
//! ```
//!
//! [`Lanes`] are the writer's end: a [`Lane`] for each group of receivers and target. What a lane has
//! got leaves it as a [`Chain`], which can be sent to another thread. A [`Delivery`] brings the
//! items of a chain to the values of a slot map, whose memory it fetches some items ahead.

mod ahead;
mod chain;
mod delivery;
mod given;
mod item;
mod kept;
mod lane;
mod lanes;
mod routes;
mod saved;
mod walk;

pub use chain::Chain;
pub use delivery::{Delivery, Fetch, Stop};
pub use given::Given;
pub use item::{ItemKind, ItemRef, Receiver};
pub use kept::{ChunkCopy, ItemForm};
pub use lane::Lane;
pub use lanes::Lanes;
pub use saved::{ItemError, ItemProblem, SavedItem, SavedItems};
