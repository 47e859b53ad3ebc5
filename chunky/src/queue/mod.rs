//! The typed message queue: one writer fills private chunks, whole chains change hands, one
//! reader drains them.
//!
//! A [`Lane`] is the writer's end. Each item is [`Addressed`] to a key of a slot map. Items of one type that follow each other share one *run*, so a
//! run costs one header and one dispatch however many items it has. What a lane has written leaves
//! it as a [`Chain`], which can be sent to another thread. A [`Reader`] visits its [`Run`]s and
//! takes the items out again, with their type checked once a run, and sees some items ahead which
//! slots will be needed.
//!
//! ```text
//! chain ─► chunk ─────────────────────────────► chunk ───────────────►
//!          header │ run │ item item item │ run │ item   header │ run │ item item
//! ```

mod ahead;
mod chain;
mod item;
mod lane;
mod reader;
mod run;

pub use chain::Chain;
pub use item::{Addressed, ItemKind, ItemOf};
pub use lane::Lane;
pub use reader::Reader;
pub use run::{Drain, Run};
