use thiserror::Error;

use crate::persist::disk::DiskError;

/// Why a journal cannot be written or read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalError {
    /// The disk refused something. A journal that is being written has failed then: each later
    /// attempt gives the same error.
    #[error("{0}")]
    Disk(#[from] DiskError),
    /// There is a file of this name already.
    #[error("there is a journal `{name}` already: resume it, or remove it if nobody needs it")]
    Exists {
        /// The name of the file.
        name: String,
    },
    /// The file does not begin as a journal does.
    #[error("`{name}` is not a journal: it does not begin as one does")]
    NotAJournal {
        /// The name of the file.
        name: String,
    },
    /// The journal was written by another version.
    #[error("journal `{name}` has format {found}, but this version of kay reads {known} only")]
    Version {
        /// The name of the file.
        name: String,
        /// The format of the file.
        found: u32,
        /// The format that is understood.
        known: u32,
    },
    /// Something that was safe on the disk is not what it was.
    #[error(
        "journal `{name}` is damaged at byte {offset}, where it was safe on the disk, or was never \
             written by kay: what comes before can be used, what comes behind cannot be trusted; \
             look for a copy"
    )]
    Damaged {
        /// The name of the file.
        name: String,
        /// Where what cannot be read begins.
        offset: u64,
    },
    /// A part of the journal is that of another world.
    #[error("`{name}` holds the inputs of another world: somebody has mixed files")]
    Stranger {
        /// The name of the file.
        name: String,
    },
    /// A part of the journal is not there.
    #[error("there is no `{name}`, which should hold inputs: bring it back")]
    Missing {
        /// The name of the file.
        name: String,
    },
    /// An input is too long.
    #[error("an input of {length} bytes is too long for a journal: it may have {allowed}")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        allowed: usize,
    },
    /// An input was to be written behind one of a later turn.
    #[error("an input for turn {turn} comes too late: the journal has come to turn {last}")]
    TooLate {
        /// The turn of the input.
        turn: u64,
        /// The turn of the last input before it, or that the journal begins with.
        last: u64,
    },
}
