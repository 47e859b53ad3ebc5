//! Those who are measured.

use super::{Row, Size};

/// What someone is, which decides what kay must reach against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A loop written by hand for one problem.
    Hand,
    /// kay.
    Kay,
    /// An actor framework, or tasks with channels.
    Framework,
    /// An entity component system: messages are buffers that systems read.
    Ecs,
}

/// Someone who does the work of the rows.
pub struct Contender {
    /// Its name, for the table.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it can use two threads.
    pub threaded: bool,
    /// Prepares the work of a row; `None` if this is not what it is made for, or cannot do.
    pub prepare: fn(Row, Size) -> Option<Prepared>,
}

/// Work that can be done again and again, a portion at a time.
pub struct Prepared {
    /// Messages or instances in a portion: what time is divided by.
    pub items: usize,
    /// Does a portion. Returns the number that the row defines, counted since the preparation: so
    /// everyone has done the same.
    pub portion: Box<dyn FnMut() -> u64>,
}

impl Prepared {
    /// Work in portions of so many items.
    pub fn new(items: usize, portion: impl FnMut() -> u64 + 'static) -> Option<Self> {
        Some(Prepared {
            items,
            portion: Box::new(portion),
        })
    }
}
