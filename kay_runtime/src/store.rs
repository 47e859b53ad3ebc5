//! The instances of one actor type in one shard.

use std::any::Any;
use std::sync::Arc;

use chunky::{Chain, Compact, Key, Lane, SlotMap, Storage};

use crate::Actor;
use crate::hasher::StateHasher;

/// The instances of actor type `A` in a shard.
pub(crate) struct Store<A> {
    pub(crate) map: SlotMap<A>,
    /// Messages that came before the instance that they are for. Empty between turns.
    pub(crate) early: Lane,
    /// Broadcasts that the type has got in this shard since the beginning.
    pub(crate) broadcasts: u32,
}

/// A store whose actor type is not known.
pub(crate) trait AnyStore: Any + Send {
    fn len(&self) -> usize;
    fn bytes(&self) -> usize;
    /// Takes the messages that came before the instance that they are for.
    fn take_early(&mut self) -> Option<Chain>;
    /// Broadcasts that the type has got in this shard since the beginning.
    fn broadcasts(&self) -> u32;
    /// The key of the instance at a position.
    fn key_at(&self, position: usize) -> Option<Key>;
    /// Drops the instance, or gives up expecting it. Returns whether the slot was in use.
    fn remove(&mut self, key: Key) -> bool;
    /// The state of the instance, for people.
    fn describe(&self, key: Key) -> Option<String>;
    /// Hashes key and state of the instance at a position.
    fn hash_at(&self, position: usize, hasher: &mut StateHasher);
    fn duplicate(&self) -> Box<dyn AnyStore>;
}

impl dyn AnyStore {
    #[inline]
    pub(crate) fn of<A: Actor>(&self) -> Option<&Store<A>> {
        (self as &dyn Any).downcast_ref()
    }

    #[inline]
    pub(crate) fn of_mut<A: Actor>(&mut self) -> Option<&mut Store<A>> {
        (self as &mut dyn Any).downcast_mut()
    }
}

impl<A: Actor> Store<A> {
    pub(crate) fn boxed(storage: Arc<dyn Storage>) -> Box<dyn AnyStore> {
        Box::new(Store::<A> {
            map: SlotMap::new(storage),
            early: Lane::new(),
            broadcasts: 0,
        })
    }
}

impl<A: Actor> AnyStore for Store<A> {
    fn len(&self) -> usize {
        self.map.len()
    }

    fn bytes(&self) -> usize {
        self.map.bytes()
    }

    fn take_early(&mut self) -> Option<Chain> {
        self.early.take()
    }

    fn broadcasts(&self) -> u32 {
        self.broadcasts
    }

    fn key_at(&self, position: usize) -> Option<Key> {
        self.map.key_at(position)
    }

    fn remove(&mut self, key: Key) -> bool {
        self.map.remove(key).is_some() || self.map.skip(key)
    }

    fn describe(&self, key: Key) -> Option<String> {
        Some(format!("{:?}", self.map.get(key)?.described()))
    }

    fn hash_at(&self, position: usize, hasher: &mut StateHasher) {
        if let Some((key, counter, instance)) = self.map.at(position) {
            (key.slot, key.generation, counter).hash_state(hasher);
            instance.hash_state(hasher);
        }
    }

    fn duplicate(&self) -> Box<dyn AnyStore> {
        Box::new(Store::<A> {
            map: self.map.duplicate_with(A::duplicate),
            early: Lane::new(),
            broadcasts: self.broadcasts,
        })
    }
}
