//! How messages are sent.

use std::sync::Arc;

use chunky::Receiver;

use super::World;
use crate::error::Misuse;
use crate::id::{Address, Special};
use crate::registry::{Kind, Tag, TypeIndex};
use crate::{Id, Message, RawId, Recipient, TraitId};

/// Messages to the first instance are for this: generation 0 is never that of an instance.
pub(crate) const FIRST: Receiver = Receiver::new(0, 0);
/// The same, for a message that has been to a shard without any instance already.
pub(crate) const FIRST_AGAIN: Receiver = Receiver::new(1, 0);
/// Messages to all instances of a type in a shard are for this.
pub(crate) const ALL: Receiver = Receiver::new(2, 0);

/// The number of the route that messages with this fingerprint take to actors with this tag: for one
/// message, two tags never have the same.
const fn route(tag: u32, message: u64) -> u64 {
    message ^ (tag as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl World {
    /// Sends `message` to one instance, to all or to the first. It is handled in the next turn.
    ///
    /// Messages from one instance to another arrive in the order of sending. A message to an
    /// instance that is gone is lost, and counted.
    #[inline(always)]
    pub fn send<A: Recipient<M>, M: Message>(&mut self, to: Id<A>, message: M) {
        if to.0.is_special() {
            return self.send_special(A::FINGERPRINT as u32, A::NAME, to.0, message);
        }
        let route = const { route(A::FINGERPRINT as u32, M::FINGERPRINT) };
        self.post(
            route,
            A::FINGERPRINT as u32,
            const { &A::NAME },
            to.0,
            message,
        );
    }

    /// Sends `message` to an instance that is known by an actor trait only, or to all instances
    /// of all types that implement it.
    #[inline]
    pub fn send_to_trait<I: TraitId, M: Message>(&mut self, to: I, message: M) {
        let to: RawId = to.into();
        if to.address().is_special() {
            return self.send_special_to_trait::<I, M>(to, message);
        }
        let route = route(to.tag(), M::FINGERPRINT);
        self.post(route, to.tag(), const { &I::NAME }, to.address(), message);
    }

    /// The address of all instances on this machine of all types that implement an actor trait.
    pub fn local_broadcast_id<I: TraitId>(&self) -> I {
        RawId::new(
            I::FINGERPRINT as u32,
            Address::special(Special::LocalBroadcast),
        )
        .into()
    }

    /// The address of all instances on all machines of all types that implement an actor trait.
    pub fn global_broadcast_id<I: TraitId>(&self) -> I {
        RawId::new(
            I::FINGERPRINT as u32,
            Address::special(Special::GlobalBroadcast),
        )
        .into()
    }

    /// `name` is that of the type, by a pointer that takes a single register on the slow way.
    #[inline(always)]
    fn post<M: Message>(
        &mut self,
        route: u64,
        tag: u32,
        name: &'static &'static str,
        to: Address,
        message: M,
    ) {
        let shard = self.shard_of(to);
        let to = to.receiver();
        let outbox = &mut *self.outbox;
        // Counted first: then nothing is left to do behind the slow ways, and this needs no stack.
        self.sent += 1;
        let pushed = outbox
            .lanes
            .push(route, shard, to, message, &mut outbox.pool);
        if let Err(message) = pushed {
            self.post_slowly(tag, name, shard, to, message);
        }
    }

    #[cold]
    #[inline(never)]
    fn post_slowly<M: Message>(
        &mut self,
        tag: u32,
        name: &'static &'static str,
        shard: u32,
        to: Receiver,
        mut message: M,
    ) {
        // Not sent yet.
        self.sent -= 1;
        let route = route(tag, M::FINGERPRINT);
        let outbox = &mut *self.outbox;
        if shard < self.shards {
            match outbox
                .lanes
                .push_slowly(route, shard, to, message, &mut outbox.pool)
            {
                Ok(()) => {
                    self.sent += 1;
                    return;
                }
                Err(back) => message = back,
            }
        }
        let kind = const { &Kind::of::<M>() };
        let Some((handler, actor)) = self.receiving(tag, name, shard, kind) else {
            return;
        };
        let outbox = &mut *self.outbox;
        // Not to the host, which comes behind the shards.
        let shards = self.shards as usize;
        outbox.lanes.add_route::<M>(route, handler.0, actor, shards);
        let Ok(()) = outbox
            .lanes
            .push_slowly(route, shard, to, message, &mut outbox.pool)
        else {
            unreachable!("the route has just been made")
        };
        self.sent += 1;
    }

    /// The handler for messages of a kind to the type with this tag, and the type, if there is anyone to
    /// get them.
    #[cold]
    #[inline(never)]
    fn receiving(
        &mut self,
        tag: u32,
        name: &'static &'static str,
        shard: u32,
        kind: &Kind,
    ) -> Option<(Tag, TypeIndex)> {
        let Some(actor) = self.registry.type_of(tag) else {
            let (actor, message) = (*name, kind.name);
            self.complain(Misuse::NotRegistered { actor, message });
            return None;
        };
        let handler = self.handler(actor, kind)? as usize;
        if shard >= self.shards {
            self.lost[handler] += 1;
            return None;
        }
        Some((Tag::of(handler), actor))
    }

    /// Sends to a type that is known.
    #[inline(always)]
    pub(super) fn post_to<M: Message>(
        &mut self,
        actor: TypeIndex,
        shard: u32,
        to: Receiver,
        message: M,
    ) {
        let entry = self.registry.actor(actor);
        let tag = entry.fingerprint as u32;
        let route = route(tag, M::FINGERPRINT);
        let outbox = &mut *self.outbox;
        // Counted first: then nothing is left to do behind the slow ways, and this needs no stack.
        self.sent += 1;
        let pushed = outbox
            .lanes
            .push(route, shard, to, message, &mut outbox.pool);
        if let Err(message) = pushed {
            self.post_slowly(tag, const { &M::NAME }, shard, to, message);
        }
    }

    fn handler(&mut self, actor: TypeIndex, kind: &Kind) -> Option<u32> {
        let handler = self.registry.handler_of(actor, kind);
        if handler.is_none() {
            let (actor, message) = (self.registry.actor(actor).name, kind.name);
            self.complain(Misuse::NotHandled { actor, message });
        }
        handler
    }

    #[cold]
    #[inline(never)]
    fn send_special<M: Message>(&mut self, tag: u32, name: &'static str, to: Address, message: M) {
        let Some(actor) = self.registry.type_of(tag) else {
            return self.complain(Misuse::NotRegistered {
                actor: name,
                message: M::NAME,
            });
        };
        match to.as_special() {
            Some(Special::LocalFirst | Special::GlobalFirst) => {
                self.send_to_first(actor, FIRST, message);
            }
            _ => self.send_to_all(actor, &message),
        }
    }

    /// Sends `message` to where the first instance of a type should be.
    pub(crate) fn send_to_first<M: Message>(&mut self, actor: TypeIndex, to: Receiver, message: M) {
        let shard = self.census.first_shard(actor);
        self.post_to(actor, shard, to, message);
    }

    fn send_to_all<M: Message>(&mut self, actor: TypeIndex, message: &M) {
        // One complaint, not one for each shard.
        if self.handler(actor, const { &Kind::of::<M>() }).is_none() {
            return;
        }
        for shard in 0..self.shards {
            self.post_to(actor, shard, ALL, message.duplicate());
        }
        self.broadcast_work += u64::from(self.census.total(actor));
    }

    /// Sends to a special address that is known as one of the trait `I`. Its tag tells whose it
    /// was made as: that of this trait, of a trait below it, or of a type that implements it.
    #[cold]
    #[inline(never)]
    fn send_special_to_trait<I: TraitId, M: Message>(&mut self, to: RawId, message: M) {
        let registry = Arc::clone(&self.registry);
        let implementors = registry.implementors(to.tag());
        if !implementors.is_empty() {
            for &actor in implementors {
                self.send_to_all(actor, &message);
            }
        } else if registry.type_of(to.tag()).is_some() {
            self.send_special(to.tag(), I::NAME, to.address(), message);
        } else {
            self.complain(Misuse::NotImplemented {
                name: I::NAME,
                message: M::NAME,
            });
        }
    }
}
