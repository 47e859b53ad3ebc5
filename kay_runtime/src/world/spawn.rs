//! How instances are made, and how the numbers of their slots come back.

use chunky::{Compact, Key, Receiver};

use super::World;
use crate::error::Misuse;
use crate::id::Address;
use crate::registry::TypeIndex;
use crate::stock::{HOST, Stock, owner_of};
use crate::{Actor, Id, RawId, Spawner};

/// A slot number on its way back to the one who owns it. Who is named as its receiver is the next in
/// that slot; no bit of the index stands for the shard.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct Returned {
    pub(crate) actor: TypeIndex,
    pub(crate) shard: u16,
}

/// The route of slot numbers on their way back. Messages have others, as good as certainly; should one
/// have the same, it is told apart by its type.
pub(crate) const RETURNS: u64 = 0;

impl World {
    /// Makes an instance: its spawner runs in the next turn. The id is good at once.
    ///
    /// Instances are spread evenly over the shards.
    #[inline]
    pub fn spawn<M: Spawner>(&mut self, message: M) -> Id<M::Actor> {
        self.spawn_in(None, message)
    }

    /// As [`World::spawn`], but in the shard of the instance `near`, so that messages between the
    /// two stay on one thread and in one cache.
    pub fn spawn_near<M: Spawner>(&mut self, near: impl Into<RawId>, message: M) -> Id<M::Actor> {
        let shard = self.shard_of(near.into().address());
        self.spawn_in(Some(shard), message)
    }

    fn spawn_in<M: Spawner>(&mut self, shard: Option<u32>, message: M) -> Id<M::Actor> {
        let (source, shards) = (self.source, self.shards);
        // An address that no instance will ever have, for when there is nothing better.
        let nowhere = Id::from_address(Address::new(u16::MAX, u32::MAX, u16::MAX));
        let Some(actor) = self.registry.type_of(M::Actor::FINGERPRINT as u32) else {
            let actor = M::Actor::NAME;
            self.complain(Misuse::NotRegistered {
                actor,
                message: M::NAME,
            });
            return nowhere;
        };
        let stock =
            self.stocks[actor as usize].get_or_insert_with(|| Box::new(Stock::new(source, shards)));
        let target = match shard {
            Some(shard) if shard < shards => shard,
            _ => stock.next_target(),
        };
        let Some(key) = stock.take(target, source, 1 << (32 - self.shard_bits)) else {
            let spawner = match self.shard() {
                Some(shard) => shard.to_string(),
                None => "host".to_owned(),
            };
            self.complain(Misuse::NoSlot {
                actor: M::Actor::NAME,
                spawner,
                target,
            });
            return nowhere;
        };
        let index = self.index_of(target, key.slot);
        let to = Receiver::new(index, key.generation);
        self.post_to(actor, target, to, message);
        Id::from_address(Address::new(0, index, key.generation))
    }

    /// Sends the slot number of an instance that is gone back to its owner, unless the slot has
    /// been used so often that it retires.
    pub(crate) fn return_slot(&mut self, actor: TypeIndex, key: Key) {
        let (Some(shard), Some(next)) = (self.shard(), key.next_generation()) else {
            return;
        };
        let target = match owner_of(key.slot, self.shards) {
            HOST => self.shards,
            shard => u32::from(shard) - 1,
        };
        let returned = Returned {
            actor,
            shard: shard as u16,
        };
        let next = Receiver::new(next.slot, next.generation);
        let outbox = &mut *self.outbox;
        let pushed = outbox
            .lanes
            .push(RETURNS, target, next, returned, &mut outbox.pool);
        let Err(returned) = pushed else {
            return;
        };
        let Ok(()) = outbox
            .lanes
            .push_slowly(RETURNS, target, next, returned, &mut outbox.pool)
        else {
            unreachable!("each outbox has this route");
        };
    }

    /// Takes a slot number back, with the key that comes next.
    pub(crate) fn put_back(&mut self, key: Key, returned: &Returned) {
        let (source, shards) = (self.source, self.shards);
        if let Some(stock) = self.stocks.get_mut(returned.actor as usize) {
            let stock = stock.get_or_insert_with(|| Box::new(Stock::new(source, shards)));
            stock.put_back(u32::from(returned.shard), key);
        }
    }
}
