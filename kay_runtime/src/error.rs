//! What can be wrong, and what to do about it.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::SchemaDifference;
use crate::persist::{DiskError, JournalError, ReplayError, SnapshotError};
use crate::portable::{ReadError, WriteError};

/// Why a system could not be set up.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// Two calls register one type.
    #[error(
        "actor type `{actor}` is registered twice: `setup` registers all types that are not \
             generic; call `register` once for each other one"
    )]
    TypeTwice {
        /// The type.
        actor: &'static str,
    },
    /// A message of a type that is not registered was registered.
    #[error(
        "actor type `{actor}` is not registered: call `setup`, or \
             `registry.register::<..>()`, before anything that refers to it"
    )]
    TypeNever {
        /// The type.
        actor: &'static str,
    },
    /// The 32-bit tags of two types, two actor traits, or a type and a trait are equal.
    #[error("`{actor}` and `{other}` have the same 32-bit tag by bad luck: rename one of them")]
    SameTag {
        /// The one that was registered later.
        actor: &'static str,
        /// The one that was registered earlier.
        other: &'static str,
    },
    /// A type lists one message twice, or two messages have one fingerprint.
    #[error("actor type `{actor}` handles message `{message}` twice: remove one of the two")]
    MessageTwice {
        /// The type.
        actor: &'static str,
        /// The message.
        message: &'static str,
    },
    /// There are too many actor types.
    #[error("actor type `{actor}` is one too many: there is room for 65,535")]
    TooManyTypes {
        /// The first type that found no room.
        actor: &'static str,
    },
    /// There are too many handlers.
    #[error("the handlers of actor type `{actor}` are too many: there is room for 65,534 in all")]
    TooManyHandlers {
        /// The first type whose handlers found no room.
        actor: &'static str,
    },
    /// A setting has a value that makes no sense.
    #[error("setting `{setting}` is {given}: it must be {allowed}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// Its value.
        given: usize,
        /// The values that make sense.
        allowed: &'static str,
    },
    /// A worker thread could not be started.
    #[error("worker thread {thread} could not be started ({reason}): use fewer threads")]
    Thread {
        /// The number of the thread.
        thread: usize,
        /// What the operating system said.
        reason: String,
    },
}

/// What a handler or the host asked of a world that it cannot do. The message is lost, and
/// counted.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// The actor type was never registered.
    #[error(
        "a message `{message}` was sent to an actor type that is not registered \
             (`{actor}`): call its crate's `setup`, or `registry.register::<..>()`"
    )]
    NotRegistered {
        /// The type, as far as known.
        actor: &'static str,
        /// The message.
        message: &'static str,
    },
    /// The actor type does not handle the message.
    #[error(
        "actor type `{actor}` does not handle message `{message}`: register it with \
             `registry.handle::<..>()`, or implement the actor trait for the type"
    )]
    NotHandled {
        /// The type.
        actor: &'static str,
        /// The message.
        message: &'static str,
    },
    /// An actor trait has no implementor.
    #[error(
        "actor trait `{name}` has no registered implementor: a broadcast of `{message}` to \
             it reaches nobody"
    )]
    NotImplemented {
        /// The trait.
        name: &'static str,
        /// The message.
        message: &'static str,
    },
    /// All numbers for instances of a type that this spawner may give are in use.
    #[error(
        "shard {spawner} cannot spawn another `{actor}` in shard {target}: all its slot \
             numbers there are in use; use fewer shards, or spawn from several actors"
    )]
    NoSlot {
        /// The type.
        actor: &'static str,
        /// The shard that wanted to spawn.
        spawner: String,
        /// The shard that the instance should have lived in.
        target: u32,
    },
    /// The host has sent what cannot be written to the journal. The message is lost, since nobody
    /// could send it again after a crash.
    #[error(
        "a message `{message}` to an actor of type `{actor}` cannot be written to the journal \
             ({why}), so it was not sent: send something that the handler can make it from"
    )]
    NotWritten {
        /// The type.
        actor: &'static str,
        /// The message.
        message: &'static str,
        /// What is wrong with it.
        why: WriteError,
    },
    /// A `World` was swapped with that of another system. No turn runs in such a system: unless
    /// the host's was swapped, and is swapped back.
    #[error("the `World` of {whose} was swapped with another one: a world must stay where it is")]
    WorldSwapped {
        /// `"the host"`, or which shard's it was.
        whose: String,
    },
}

/// Why a turn did not end as it should.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnError {
    /// A handler panicked, now or in an earlier turn, and the world is frozen: only essential
    /// messages are handled until [`ActorSystem::resume`](crate::ActorSystem::resume).
    #[error("the world is frozen since turn {turn}: {culprit}")]
    Frozen {
        /// The turn in which the first panic happened.
        turn: u64,
        /// What happened to whom.
        culprit: String,
    },
    /// The world was asked for something that it cannot do. Everything else in the turn was done.
    #[error("{misuse} ({count} such in turn {turn})")]
    Misuse {
        /// The turn.
        turn: u64,
        /// What the first was.
        misuse: Misuse,
        /// How many there were in the turn.
        count: u64,
    },
    /// A second run of the last turns gave another result.
    #[error("{0}")]
    OutOfSync(#[from] crate::OutOfSync),
    /// The last turns could not be run a second time and compared. The world itself goes on.
    #[error(
        "turns {} to {to} could not be run twice: a `Compact` by hand panics when it is copied or hashed",
        from + 1
    )]
    NotRunAgain {
        /// The turn before them.
        from: u64,
        /// The last of them.
        to: u64,
    },
    /// What the host has sent could not be written to the journal, and the turn has not run. No
    /// turn will: each gives this error. Whether these messages are there when the world is
    /// opened again, is not known; all earlier ones are.
    #[error(
        "turn {turn} has not run, since its inputs could not be written: {reason}; see to the \
             disk, and open the world again"
    )]
    Journal {
        /// The turn that was to run.
        turn: u64,
        /// What went wrong, and with which file.
        reason: JournalError,
    },
    /// The snapshot that the world has come back from is damaged, in a part that nothing had looked at before. No
    /// turn runs any more. Who opens the world again gets it from the snapshot before, with all inputs since;
    /// those of this turn may be among them, which [`turns`](crate::ActorSystem::turns) tells then.
    #[error(
        "no turn runs any more, since {reason}; {}: open the world again, for what was before it and all inputs \
         since",
        Aside(set_aside)
    )]
    Damaged {
        /// What is damaged, and where.
        reason: SnapshotError,
        /// Whether the snapshot could be set aside. If not, who opens the world again finds it again.
        set_aside: Result<(), SnapshotError>,
    },
}

struct Aside<'a>(&'a Result<(), SnapshotError>);

impl fmt::Display for Aside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Ok(()) => f.write_str("that snapshot is set aside"),
            Err(error) => write!(
                f,
                "that snapshot could not be set aside ({error}), so see to the disk first"
            ),
        }
    }
}

/// Why a world could not be [opened](crate::ActorSystem::open). Its journal is as it was, unless
/// it was the disk that refused to go on with it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The system could not be set up.
    #[error("{0}")]
    Setup(#[from] SetupError),
    /// The operating system refused something.
    #[error("{0}")]
    Disk(#[from] DiskError),
    /// Another process has opened the world, or this one has a second time.
    #[error("the world in `{}` is open already: close it first", directory.display())]
    Locked {
        /// Where the world is.
        directory: PathBuf,
    },
    /// The journal cannot be read or written.
    #[error("the world in `{}` cannot be opened: {reason}", directory.display())]
    Journal {
        /// Where the world is.
        directory: PathBuf,
        /// What is wrong.
        reason: JournalError,
    },
    /// The journal was written by another version.
    #[error(
        "the inputs of the world in `{}` have format {found}, but this version of kay reads \
             {known} only", directory.display()
    )]
    Format {
        /// Where the world is.
        directory: PathBuf,
        /// The format of the inputs.
        found: u32,
        /// The format that is understood.
        known: u32,
    },
    /// What the journal says of the world's set-up makes no sense.
    #[error(
        "the first record of the journal of the world in `{}` is not one that kay has written \
             ({reason})", directory.display()
    )]
    Foreign {
        /// Where the world is.
        directory: PathBuf,
        /// What is wrong.
        reason: ReadError,
    },
    /// The world was made with other settings or actor types than it was to be opened with. The
    /// same inputs would have other results.
    #[error(
        "the world in `{}` was made with {what} {journal}, and cannot go on with {given}: open \
             it as it was made, or begin a new one elsewhere", directory.display()
    )]
    Differs {
        /// Where the world is.
        directory: PathBuf,
        /// What differs: a setting, or what was registered.
        what: &'static str,
        /// What it was when the world was made.
        journal: String,
        /// What it is now.
        given: String,
    },
    /// No snapshot can be read.
    #[error("the world in `{}` cannot be opened: {reason}", directory.display())]
    Snapshot {
        /// Where the world is.
        directory: PathBuf,
        /// What is wrong.
        reason: SnapshotError,
    },
    /// The actors or messages of a snapshot have changed.
    #[error(
        "the world in `{}` was saved by other code: {}; `kay_snapshot source` prints an actor as it \
             was, for `Registry::migrate`", directory.display(), Listed(differences)
    )]
    Schema {
        /// Where the world is.
        directory: PathBuf,
        /// What differs.
        differences: Vec<SchemaDifference>,
    },
    /// The inputs cannot happen again.
    #[error(
        "the world in `{}` cannot be brought to turn {turn} again: {reason}", directory.display()
    )]
    Replay {
        /// Where the world is.
        directory: PathBuf,
        /// The turn that the input was for.
        turn: u64,
        /// What is wrong.
        reason: ReplayError,
    },
}

/// Differences, one behind the other.
pub(crate) struct Listed<'a>(pub(crate) &'a [SchemaDifference]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, difference) in self.0.iter().enumerate() {
            let before = if at == 0 { "" } else { "; " };
            write!(f, "{before}{difference}")?;
        }
        Ok(())
    }
}
