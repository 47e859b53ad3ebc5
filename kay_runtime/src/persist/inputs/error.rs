use thiserror::Error;

use crate::SchemaDifference;
use crate::error::Listed;
use crate::portable::ReadError;

/// Why what is in a journal cannot happen again in a world.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// There is a record of a kind that does not belong there.
    #[error(
        "a record of kind {kind} is not one that can be there: another version of kay wrote it"
    )]
    Kind {
        /// The kind.
        kind: u8,
    },
    /// What the runtime has written of itself is no such thing.
    #[error("{what} cannot be read ({reason})")]
    Malformed {
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        reason: ReadError,
    },
    /// A message is to an actor type that is not registered.
    #[error(
        "there is a message to actor type `{actor}`, which is not registered: call its crate's \
             `setup`, or open the world with the program that wrote it"
    )]
    NoActor {
        /// The path of the type, or its fingerprint if that is not known.
        actor: String,
    },
    /// A message is one that its actor type does not handle.
    #[error(
        "there is a message `{message}` to actor type `{actor}`, which does not handle it: its \
             name or its parameters have changed; open the world with the program that wrote it"
    )]
    NoMessage {
        /// The path of the type.
        actor: &'static str,
        /// The path of the message, or its fingerprint if that is not known.
        message: String,
    },
    /// What a message consists of has changed.
    #[error(
        "there is a message `{message}` to actor type `{actor}`, of other code: {}; open the world with the program \
             that wrote it, and take a snapshot there",
        Listed(differences)
    )]
    Changed {
        /// The path of the type.
        actor: &'static str,
        /// The path of the message.
        message: &'static str,
        /// What differs.
        differences: Vec<SchemaDifference>,
    },
    /// The bytes of a message are those of no value of its type.
    #[error(
        "a message `{message}` to actor type `{actor}` cannot be read ({reason}): its type has \
             changed; open the world with the program that wrote it"
    )]
    Message {
        /// The path of the type.
        actor: &'static str,
        /// The path of the message.
        message: &'static str,
        /// What is wrong.
        reason: ReadError,
    },
    /// Messages are for a shard that is not there.
    #[error("there are messages to shard {shard} of {shards}")]
    Shard {
        /// Which shard.
        shard: u32,
        /// How many there are.
        shards: u32,
    },
    /// A message is for an address that it can never have had.
    #[error("a message `{message}` is for {index}.{generation}, which cannot be in shard {shard}")]
    Receiver {
        /// The path of the message.
        message: &'static str,
        /// The index of the address.
        index: u32,
        /// Its generation.
        generation: u16,
        /// The shard that the message went to.
        shard: u32,
    },
    /// An instance is to be made in another place than where it would be now.
    #[error(
        "`{message}` makes an instance as {index}.{generation}, but the world has come to give \
             out other numbers: actors behave differently than when the journal was written"
    )]
    Slot {
        /// The path of the spawner.
        message: &'static str,
        /// The index of the address.
        index: u32,
        /// Its generation.
        generation: u16,
    },
    /// The host has not as many numbers for instances as it had.
    #[error(
        "not as many numbers for instances of `{actor}` are free as were: actors behave \
             differently than when the journal was written"
    )]
    Stock {
        /// The path of the type.
        actor: &'static str,
    },
    /// An input is for a turn that cannot be the next one.
    #[error("an input for turn {turn} is in a place where turn {next} or a later one should be")]
    Order {
        /// The turn of the input.
        turn: u64,
        /// The turn that is next.
        next: u64,
    },
    /// The world is frozen, but an input came when it was not.
    #[error(
        "a handler has panicked that did not panic then, so that the world is frozen: open it \
             with the program that wrote it"
    )]
    Frozen,
    /// The world is not frozen, but an input came when it was.
    #[error(
        "no handler has panicked, but one did then, and the world was frozen: open it with the \
             program that wrote it"
    )]
    NotFrozen,
    /// A handler has swapped its `World` with that of another system, and no turn can run.
    #[error("a handler has swapped its `World` with another one, so that no turn can run")]
    Swapped,
}
