//! Counts, for people and for reports.

/// What a world consists of and what has happened in it, between two turns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The last turn.
    pub turn: u64,
    /// By actor type, in the order of registration.
    pub actors: Vec<ActorStatistics>,
    /// By actor type and message.
    pub messages: Vec<MessageStatistics>,
    /// Handlers that have panicked since the beginning.
    pub panics: u64,
    /// Bytes held for state: instances, slots, and the dynamic parts of state and messages.
    pub bytes: usize,
}

/// One actor type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActorStatistics {
    /// The path of the type.
    pub name: &'static str,
    /// Living instances.
    pub instances: usize,
    /// The length of the mailbox: messages that wait for the next turn. A broadcast counts once
    /// for each shard.
    pub waiting: usize,
}

/// One message that one actor type handles.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageStatistics {
    /// The path of the actor type.
    pub actor: &'static str,
    /// The path of the message.
    pub name: &'static str,
    /// Calls of its handler since the beginning. A broadcast counts for each instance.
    pub delivered: u64,
    /// Messages that no instance was there for, since the beginning.
    pub lost: u64,
}

impl Statistics {
    /// Handler calls since the beginning.
    pub fn delivered(&self) -> u64 {
        self.messages.iter().map(|message| message.delivered).sum()
    }

    /// Messages that no instance was there for, since the beginning.
    pub fn lost(&self) -> u64 {
        self.messages.iter().map(|message| message.lost).sum()
    }

    /// Living instances of all types.
    pub fn instances(&self) -> usize {
        self.actors.iter().map(|actor| actor.instances).sum()
    }
}
