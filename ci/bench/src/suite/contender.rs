//! Those who are measured.

use serde::Serialize;

use super::{Row, Size};

/// What someone is, which decides what kay must reach against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
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
#[derive(Clone, Copy)]
pub struct Contender {
    /// Its name, for the table.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether it can use two threads. If not, it is asked for one only.
    pub threaded: bool,
    /// Prepares the work of a row; `None` if this is not what it is made for, or cannot do, or
    /// cannot do on so many threads.
    pub prepare: fn(Row, Size) -> Option<Prepared>,
}

/// Work that can be done again and again, a portion at a time.
pub struct Prepared(Box<dyn Work>);

impl Prepared {
    /// Work on `state`: `portion` does one portion of what the row defines and is over when all of
    /// it is done; `number`, which is not measured, tells the number that the row defines, counted
    /// since the preparation. `Some`, since that is what
    /// [`prepare`](Contender::prepare) returns.
    pub fn new<S: 'static>(
        state: S,
        portion: impl FnMut(&mut S) + 'static,
        number: impl FnMut(&mut S) -> u64 + 'static,
    ) -> Option<Self> {
        Some(Prepared(Box::new(Parts {
            state,
            portion,
            number,
        })))
    }

    /// Does a portion: [`Row::items`] messages or instances.
    pub fn portion(&mut self) {
        self.0.portion();
    }

    /// The number that all portions since the preparation have come to, see [`Row::number`].
    pub fn number(&mut self) -> u64 {
        self.0.number()
    }
}

trait Work {
    fn portion(&mut self);
    fn number(&mut self) -> u64;
}

struct Parts<S, P, N> {
    state: S,
    portion: P,
    number: N,
}

impl<S, P: FnMut(&mut S), N: FnMut(&mut S) -> u64> Work for Parts<S, P, N> {
    fn portion(&mut self) {
        (self.portion)(&mut self.state);
    }

    fn number(&mut self) -> u64 {
        (self.number)(&mut self.state)
    }
}
