//! Why something could not be done.

use std::io;

use kay_runtime::SnapshotError;

/// What is told to the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error("there is no actor type `{name}` in `{file}`: {known}")]
    NoActor {
        name: String,
        file: String,
        known: String,
    },
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}
