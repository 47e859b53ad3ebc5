//! Looking at a world between two turns.

use std::hash::Hasher;

use chunky::{Compact, Key};

use super::ActorSystem;
use crate::hasher::StateHasher;
use crate::id::Address;
use crate::outbox::Letter;
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::shard::{Shard, half};
use crate::statistics::{ActorStatistics, MessageStatistics, Statistics};
use crate::world::{Returned, shard_bits};
use crate::{Actor, Id, RawId};

impl ActorSystem {
    /// An instance, if it lives.
    pub fn get<A: Actor>(&self, id: impl Into<Id<A>>) -> Option<&A> {
        let (shard, key) = self.place_of(id.into().0)?;
        let actor = self.registry.type_of(A::FINGERPRINT as u32)?;
        let store = self.shard(shard).stores.get(actor)?;
        store.of::<A>()?.map.get(key)
    }

    /// All living instances of a type, shard by shard; none if the type is not registered.
    pub fn instances<A: Actor>(&self) -> impl Iterator<Item = (Id<A>, &A)> {
        let actor = self.registry.type_of(A::FINGERPRINT as u32);
        self.all_shards().flat_map(move |shard| {
            let store = actor.and_then(|actor| shard.stores.get(actor)?.of::<A>());
            let all = store.into_iter().flat_map(|store| store.map.iter());
            all.map(|(key, instance)| (shard.world.id_of(key), instance))
        })
    }

    /// The number of living instances of a type; 0 if the type is not registered. Takes constant
    /// time.
    pub fn population<A: Actor>(&self) -> usize {
        let actor = self.registry.type_of(A::FINGERPRINT as u32);
        actor.map_or(0, |actor| self.census.total(actor) as usize)
    }

    /// The type and the state of an instance of any type, for people, if it lives.
    pub fn describe(&self, id: impl Into<RawId>) -> Option<String> {
        let id = id.into();
        let (shard, key) = self.place_of(id.address())?;
        let actor = self.registry.type_of(id.tag())?;
        self.shard(shard).stores.get(actor)?.describe(key)
    }

    fn place_of(&self, address: Address) -> Option<(usize, Key)> {
        let bits = shard_bits(self.shards.len() as u32);
        let shard = (address.index() & ((1 << bits) - 1)) as usize;
        let key = Key {
            slot: address.index() >> bits,
            generation: address.generation(),
        };
        (shard < self.shards.len()).then_some((shard, key))
    }

    /// What the world consists of and what has happened in it.
    pub fn statistics(&mut self) -> Statistics {
        self.collect();
        let registry = &self.registry;
        let mut waiting = vec![0; registry.type_count()];
        for letter in self.all_shards().flat_map(waiting_letters) {
            waiting[letter.to() as usize] += letter.chain.len();
        }
        let actors = registry.actors().map(|(index, actor)| ActorStatistics {
            name: actor.name,
            instances: self.census.total(index) as usize,
            waiting: waiting[index as usize],
        });
        let messages = registry.handlers().iter().enumerate().map(|(at, handler)| {
            let shards = || self.all_shards().map(|shard| &shard.world);
            let worlds = || shards().chain([&self.host]);
            MessageStatistics {
                actor: registry.actor(handler.actor).name,
                name: handler.name,
                delivered: worlds().filter_map(|world| world.delivered.get(at)).sum(),
                lost: worlds().filter_map(|world| world.lost.get(at)).sum(),
            }
        });
        Statistics {
            turn: self.turn,
            actors: actors.collect(),
            messages: messages.collect(),
            panics: self.panicked,
            bytes: self.all_shards().map(bytes).sum(),
        }
    }

    /// A hash of everything that decides about the future of this world: turn, seed, instances,
    /// waiting messages, ids to come. The same on any number of threads, and in every build of
    /// the same actors. Linear in the size of the world.
    ///
    /// What the host has sent since the last turn is not part of it yet, nor is what an
    /// [`External`](crate::External) holds, nor what turns out to be damaged now: see
    /// [`verify`](ActorSystem::verify).
    pub fn state_hash(&mut self) -> u64 {
        self.collect();
        let mut hasher = StateHasher::default();
        (self.turn, self.settings.seed, self.shards.len()).hash_state(&mut hasher);
        for shard in self.all_shards() {
            hash_shard(shard, &self.registry, &mut hasher);
        }
        hasher.finish()
    }

    /// Whether nothing waits for the next turn, not even for the runtime itself.
    pub(super) fn is_idle(&self) -> bool {
        let nothing = self.waiting == 0 && self.active[half(self.turn + 1)].is_empty();
        nothing && !self.frozen
    }

    /// Takes the letters for the next turn out of the mailboxes.
    pub(super) fn collect(&mut self) {
        let next = self.turn + 1;
        let outbox = self.crew.outbox();
        for shard in self.shards.iter_mut().flatten() {
            shard.collect(next, outbox);
            // A stable sort: what was published by one shard stays in its order.
            shard.letters[half(next)].sort_by_key(Letter::order);
        }
    }
}

/// The letters that wait for a shard.
pub(super) fn waiting_letters(shard: &Shard) -> impl Iterator<Item = &Letter> {
    shard.pending.iter().chain(shard.letters.iter().flatten())
}

fn bytes(shard: &Shard) -> usize {
    shard.stores.bytes() + shard.arena.as_ref().map_or(0, |arena| arena.bytes_held())
}

fn hash_shard(shard: &Shard, registry: &Registry, hasher: &mut StateHasher) {
    for (actor, store) in shard.stores.all() {
        (
            registry.actor(actor).fingerprint,
            store.len(),
            store.broadcasts(),
        )
            .hash_state(hasher);
        for position in 0..store.len() {
            store.hash_at(position, hasher);
        }
    }
    // Where the messages of one sender to one type begin. How many letters it took is of no
    // consequence, and depends on threads.
    let mut last = None;
    for letter in waiting_letters(shard) {
        letter.chain.visit(|item| {
            let from = (letter.to(), item.sender());
            if last.replace(from) != Some(from) {
                u64::from(item.sender()).hash_state(hasher);
            }
            if letter.to() == SHARD {
                if let Some(&Returned { actor, shard }) = item.get::<Returned>() {
                    let next = item.to();
                    (0_u64, actor, shard, next.index(), next.generation()).hash_state(hasher);
                }
                return;
            }
            let tag = Tag(item.tag());
            let handler = registry.handler(tag.handler());
            let receiver = registry.actor(handler.actor).fingerprint;
            let fingerprint = handler.fingerprint ^ receiver.rotate_left(1);
            (registry.tools(tag).hash)(item, shard.world.shard_bits, fingerprint, hasher);
        });
    }
    for (actor, stock) in (0..).zip(&shard.world.stocks) {
        let Some(stock) = stock else { continue };
        hash_type(actor, registry, hasher);
        stock.state().for_each(|word| word.hash_state(hasher));
    }
}

fn hash_type(actor: TypeIndex, registry: &Registry, hasher: &mut StateHasher) {
    registry.actor(actor).fingerprint.hash_state(hasher);
}
