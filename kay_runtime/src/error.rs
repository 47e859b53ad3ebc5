//! What can be wrong, and what to do about it.

use thiserror::Error;

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
}
