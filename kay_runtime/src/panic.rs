//! What is known about a handler that panicked, and how panics of what users write are caught.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) use chunky::discard;

use crate::RawId;

/// A handler that panicked: who, on which message, in which state, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PanicReport {
    /// The turn in which it happened.
    pub turn: u64,
    /// The actor type of the culprit.
    pub actor: &'static str,
    /// The culprit. It is still there, as the panic left it, until the world is resumed; unless
    /// it panicked in its spawner, and so never came to be.
    pub id: RawId,
    /// The path of the message.
    pub message: &'static str,
    /// The arguments of the message, unless they were moved into the handler.
    pub arguments: Option<String>,
    /// The state of the culprit as the panic left it; `None` if it never came to be.
    pub state: Option<String>,
    /// The panic's own message.
    pub reason: String,
}

impl fmt::Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PanicReport {
            turn,
            actor,
            id,
            message,
            reason,
            ..
        } = self;
        write!(
            f,
            "`{actor}` {id} panicked on message `{message}` in turn {turn}: {reason}"
        )?;
        if let Some(arguments) = &self.arguments {
            write!(f, "; message: {arguments}")?;
        }
        if let Some(state) = &self.state {
            write!(f, "; state: {state}")?;
        }
        Ok(())
    }
}

/// The text of a panic.
pub(crate) fn reason(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a text".to_owned()
    }
}

/// What `work` returns; `None` if it panics, as what users write may. What it has changed until then stays.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(discard).ok()
}
