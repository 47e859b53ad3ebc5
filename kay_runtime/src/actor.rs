//! What generated code implements: actors, messages, and who receives what.

use chunky::Compact;

use crate::registry::Handlers;
use crate::{Id, RawId, World};

/// Whether an instance goes on after it has handled a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a fate that is not returned changes nothing"]
pub enum Fate {
    /// It lives on.
    Live,
    /// It is dropped at once; messages to it are lost from now on, and counted.
    Die,
}

impl From<()> for Fate {
    /// A handler that returns nothing lives on.
    #[inline]
    fn from((): ()) -> Self {
        Fate::Live
    }
}

/// A type whose instances live in a world and handle messages. Generated from a `struct` with an
/// `id` field and handlers.
pub trait Actor: Compact {
    /// The path of the type, crate first, without type arguments: `"demo_sim::city::car::Car"`.
    const NAME: &'static str;

    /// The fingerprint of the path, type arguments mixed in. The low 32 bits are the type's tag
    /// in a [`RawId`].
    const FINGERPRINT: u64;

    /// Says which messages and spawners the type handles and which actor traits it implements.
    fn register(handlers: &mut Handlers<'_, Self>);
}

/// The arguments of a handler on their way. Generated for each handler and spawner; can also be
/// written by hand, together with a [`Recipient`].
pub trait Message: Compact {
    /// The path of the handler: `"demo_sim::city::car::Car::tick"`.
    const NAME: &'static str;

    /// The fingerprint of path, name and parameter types.
    const FINGERPRINT: u64;
}

/// An actor type that handles `M`.
///
/// Generated for each handler. A user can implement it for a message of their own; the actor must
/// then be registered with it: `registry.handle::<Car, Honk>()`.
pub trait Recipient<M: Message>: Actor {
    /// Whether the message is still handled while the world is frozen after a panic.
    const ESSENTIAL: bool = false;

    /// Handles a message that was sent to this instance alone.
    fn receive(&mut self, message: M, world: &mut World) -> Fate;

    /// Handles a message that many instances receive. As it stands, each gets a copy; generated
    /// code lends what the handler takes by reference.
    #[inline]
    fn receive_shared(&mut self, message: &M, world: &mut World) -> Fate {
        self.receive(message.duplicate(), world)
    }
}

/// A message that makes an instance. Generated for each spawner.
pub trait Spawner: Message {
    /// The type of the instance.
    type Actor: Actor;

    /// Makes the instance that will have this `id`.
    fn spawn(self, id: Id<Self::Actor>, world: &mut World) -> Self::Actor;
}

/// The id of an actor trait. Generated for each.
pub trait TraitId: Compact + Copy + From<RawId> + Into<RawId> {
    /// The path of the trait.
    const NAME: &'static str;

    /// The fingerprint of the path, type arguments mixed in.
    const FINGERPRINT: u64;
}
