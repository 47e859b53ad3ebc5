use std::fmt;
use std::io::ErrorKind;
use std::path::PathBuf;

use thiserror::Error;

use super::layout::Key;
use crate::JournalError;
use crate::error::Misuse;
use crate::persist::disk::DiskError;
use crate::portable::WriteError;

/// Why a snapshot cannot be written or used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The disk refused something. A snapshot that is being written has failed then: each later
    /// attempt gives the same error. Those that are complete stay as they are.
    #[error("{0}")]
    Disk(#[from] DiskError),
    /// The file does not begin as a snapshot does.
    #[error("`{name}` is not a snapshot: it does not begin as one does")]
    NotASnapshot {
        /// The name of the file.
        name: String,
    },
    /// The file was written by another version.
    #[error(
        "`{name}` has format {found}, but this version of kay reads {known} only: use the version \
         that wrote it, or move the file away to go on without it"
    )]
    Version {
        /// The name of the file.
        name: String,
        /// The format of the file.
        found: u32,
        /// The format that is understood.
        known: u32,
    },
    /// The file does not end as a snapshot does.
    #[error(
        "snapshot `{name}` has no right end before byte {length}, where the file ends: it was cut \
         short, never finished, or is damaged there; use the one before it, or a copy"
    )]
    Incomplete {
        /// The name of the file.
        name: String,
        /// How long the file is.
        length: u64,
    },
    /// Something in the file is not what was written.
    #[error(
        "snapshot `{name}` is damaged at byte {offset}, in {part}: that was never written by kay, \
         or has changed since; use the one before it, or a copy"
    )]
    Damaged {
        /// The name of the file.
        name: String,
        /// Where what is wrong begins.
        offset: u64,
        /// What is wrong.
        part: Part,
    },
    /// The chunks are as they were written, but make no world.
    #[error(
        "snapshot `{name}` makes no sense: {what}; it was not written by kay, or was changed with \
         care: use the one before it, or a copy"
    )]
    Malformed {
        /// The name of the file.
        name: String,
        /// What is wrong.
        what: String,
    },
    /// Chunks that had not changed are in the file of an earlier snapshot, which is gone.
    #[error(
        "snapshot `{name}` has chunks in `{file}`, which is gone: bring that back, or use the \
         snapshot before it"
    )]
    FileMissing {
        /// The name of its own file.
        name: String,
        /// The name of the file that is gone.
        file: String,
    },
    /// A snapshot in itself, but another one than was expected.
    #[error(
        "snapshot `{name}` is not the one of this name that was completed: somebody has replaced \
         it; use the one before it, or bring it back"
    )]
    Replaced {
        /// The name of the file.
        name: String,
    },
    /// Two chunks with one key were to be written.
    #[error("snapshot `{name}` cannot be written: it would have two chunks with one key, {key}")]
    Duplicate {
        /// The name of the file.
        name: String,
        /// The key of both.
        key: Key,
    },
    /// There are snapshots, but no root.
    #[error("there is no `{name}` to say which snapshots are complete: the newest was looked for")]
    RootMissing {
        /// The name of the root.
        name: String,
    },
    /// The root is not what was written.
    #[error(
        "`{name}`, which says which snapshots are complete, is damaged: the newest was looked for"
    )]
    RootDamaged {
        /// The name of the root.
        name: String,
    },
    /// A snapshot turned out to be damaged when the world was open, and its file got another name.
    #[error("`{name}` was set aside, since it is damaged")]
    SetAside {
        /// The name of the file.
        name: String,
    },
    /// No snapshot can be used, though there was one.
    #[error(
        "there is no snapshot left that can be used{}: bring back a copy{}",
        Because(.refused),
        if *.replays {
            ", or move away all files that begin with `snapshot-`, to have all turns run again from the journal"
        } else {
            ""
        }
    )]
    NoneLeft {
        /// Why not, for each that there is.
        refused: Vec<SnapshotError>,
        /// Whether the world could come back without, since its journal is whole.
        replays: bool,
    },
    /// There never was a snapshot.
    #[error("there is no snapshot in `{}`: none was taken yet, or no world is kept there", directory.display())]
    NeverTaken {
        /// The directory.
        directory: PathBuf,
    },
    /// A part of the world cannot be kept.
    #[error("{what} cannot be kept in a snapshot: {reason}")]
    NotWritten {
        /// What it is.
        what: String,
        /// What is wrong with it.
        reason: WriteError,
    },
    /// The world has no directory to be kept in.
    #[error("a snapshot can only be taken of a world that was opened with `ActorSystem::open`")]
    NoDirectory,
    /// A `World` was swapped with that of another system.
    #[error("{0}")]
    Misuse(Misuse),
    /// No thread could be started to write it.
    #[error("no thread could be started to write a snapshot ({reason}): try again later")]
    Thread {
        /// What the operating system said.
        reason: String,
    },
    /// The journal, which each snapshot begins anew, could not be written.
    #[error("{0}")]
    Journal(#[from] JournalError),
    /// All numbers have been used.
    #[error(
        "no snapshot can be written: there is one with the highest number, `{name}`; remove it"
    )]
    NoNumber {
        /// The name of a file with that number.
        name: String,
    },
}

/// A part of a snapshot's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// What the snapshot belongs to.
    Header,
    /// What the world says about itself.
    Meta,
    /// The list of chunks.
    Directory,
    /// A chunk, or what the directory says about it.
    Chunk(Key),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Header => f.write_str("the header"),
            Part::Meta => f.write_str("what the world says about itself"),
            Part::Directory => f.write_str("the directory"),
            Part::Chunk(key) => write!(f, "the chunk of {key}"),
        }
    }
}

struct Because<'a>(&'a [SnapshotError]);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { " (" } else { "; " })?;
            error.fmt(f)?;
        }
        f.write_str(if self.0.is_empty() { "" } else { ")" })
    }
}

impl SnapshotError {
    /// Whether this file is of no use, so that another one should be taken: not if it may only be
    /// read by another version, or later.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            SnapshotError::Disk(error) => error.reason.kind() == ErrorKind::NotFound,
            SnapshotError::NotASnapshot { .. }
            | SnapshotError::Incomplete { .. }
            | SnapshotError::Damaged { .. }
            | SnapshotError::Malformed { .. }
            | SnapshotError::FileMissing { .. }
            | SnapshotError::SetAside { .. }
            | SnapshotError::Replaced { .. }
            | SnapshotError::RootMissing { .. }
            | SnapshotError::RootDamaged { .. } => true,
            SnapshotError::Version { .. }
            | SnapshotError::Duplicate { .. }
            | SnapshotError::NeverTaken { .. }
            | SnapshotError::NoneLeft { .. }
            | SnapshotError::NotWritten { .. }
            | SnapshotError::NoDirectory
            | SnapshotError::Misuse(_)
            | SnapshotError::Thread { .. }
            | SnapshotError::Journal(_)
            | SnapshotError::NoNumber { .. } => false,
        }
    }
}
