//! The second phase: what a path means in a module.
//!
//! This is a small part of what the compiler does, and does it in the same way: the items of a
//! module, its imports (renamed, grouped, globs, through re-exports), visibility, and the rule
//! that a name of its own hides a name from a glob. Only types, traits and modules are resolved;
//! functions and values never decide what is an actor.
//!
//! Of other crates, what their interfaces tell is known: paths lead into them, and back out where
//! they hand on what is not theirs. A path to anything else of theirs, or into a crate without an
//! interface, stays a path; a name that only a glob from there can have brought in is known to be
//! that, and no more.

mod imports;
mod names;
mod paths;
mod public;
mod visibility;

pub(crate) use imports::{Import, imports};
pub(crate) use names::{Def, Names};
pub(crate) use paths::{Absolute, spelled};
pub(crate) use visibility::Reach;
