//! What a handler sees of the world.

mod send;
mod spawn;

use std::sync::Arc;

use chunky::{Key, Receiver};

pub(crate) use self::send::{ALL, FIRST, FIRST_AGAIN};
pub(crate) use self::spawn::{RETURNS, Returned};
use crate::census::Census;
use crate::error::Misuse;
use crate::id::Address;
use crate::outbox::Outbox;
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::rng::turn_key;
use crate::stock::{HOST, Source, Stock};
use crate::{Id, Rng};

/// Who is handling a message right now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current {
    pub(crate) actor: TypeIndex,
    /// What handles it.
    pub(crate) handler: usize,
    /// Generation 0 where it is not known, as in a broadcast.
    pub(crate) to: Receiver,
    /// Where the instance was that is dropped, having died of a broadcast.
    pub(crate) position: u32,
    /// How many random streams the instance has had, with a domain in the highest bits.
    pub(crate) streams: u64,
}

/// What a system has lost or was asked in vain, since the last report.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    pub(crate) first: Option<Misuse>,
    pub(crate) count: u64,
}

/// A handler's way to act: sends, spawns, random numbers, and the turn.
///
/// Every shard has one; so has the host ([`ActorSystem::world`](crate::ActorSystem::world)).
/// A `World` gives no access to other actors: what is not in the message or in its own state, an
/// actor must ask for by a message.
#[derive(Debug)]
pub struct World {
    pub(crate) registry: Arc<Registry>,
    pub(crate) census: Arc<Census>,
    pub(crate) source: Source,
    pub(crate) shards: u32,
    pub(crate) shard_bits: u32,
    /// The bits of an index that name the shard.
    shard_mask: u32,
    pub(crate) seed: u64,
    turn: u64,
    /// What stands for seed, turn and source in random numbers, and for which turn it does.
    turn_key: (u64, u64),
    /// That of the thread, while the shard runs.
    pub(crate) outbox: Box<Outbox>,
    /// By type; made when first used.
    pub(crate) stocks: Vec<Option<Box<Stock>>>,
    pub(crate) current: Current,
    /// Lost messages by handler.
    pub(crate) lost: Vec<u64>,
    pub(crate) complaints: Complaints,
    /// Receivers of the broadcasts sent in this turn: their work is not in the outbox.
    pub(crate) broadcast_work: u64,
    /// Messages sent in this turn.
    pub(crate) sent: u64,
    /// Handler calls that have not been added to `delivered` yet.
    pub(crate) calls: u64,
    /// Handler calls by handler since the beginning.
    pub(crate) delivered: Vec<u64>,
    /// Types of which instances came or went in this turn; some may be there several times.
    pub(crate) changed: Vec<TypeIndex>,
    /// Types that messages came for in this turn before their instances; likewise.
    pub(crate) early: Vec<TypeIndex>,
    /// Counts the snapshots that were begun: what changes now is in none of them.
    pub(crate) epoch: u64,
}

/// Bits of an index that name the shard.
pub(crate) fn shard_bits(shards: u32) -> u32 {
    shards.next_power_of_two().trailing_zeros()
}

impl World {
    pub(crate) fn new(
        registry: &Arc<Registry>,
        census: &Arc<Census>,
        source: Source,
        shards: u32,
        seed: u64,
        outbox: Box<Outbox>,
    ) -> Self {
        let types = registry.type_count();
        let nobody = Receiver::new(u32::from(source) << shard_bits(shards), 0);
        World {
            registry: Arc::clone(registry),
            census: Arc::clone(census),
            source,
            shards,
            shard_bits: shard_bits(shards),
            shard_mask: (1 << shard_bits(shards)) - 1,
            seed,
            turn: 0,
            turn_key: (turn_key(seed, 0) ^ u64::from(source) << 32, 0),
            outbox,
            stocks: (0..types).map(|_| None).collect(),
            current: Current {
                actor: SHARD,
                handler: 0,
                to: nobody,
                position: 0,
                streams: 0,
            },
            lost: vec![0; registry.handlers().len()],
            complaints: Complaints::default(),
            broadcast_work: 0,
            sent: 0,
            calls: 0,
            delivered: vec![0; registry.handlers().len()],
            changed: Vec::new(),
            early: Vec::new(),
            epoch: 1,
        }
    }

    /// Whether this is the world of `source` in the system with this registry, and not one that
    /// was swapped with it.
    #[inline]
    pub(crate) fn belongs_to(&self, registry: &Arc<Registry>, source: Source) -> bool {
        self.source == source && Arc::ptr_eq(&self.registry, registry)
    }

    /// The number of the turn that runs, from 1 on; for the host, of the last one, 0 before the
    /// first. The only clock there is.
    #[inline]
    pub fn turn(&self) -> u64 {
        self.turn
    }

    /// A stream of random numbers for the instance that handles a message, a fresh one with each
    /// call. Depends on the system's seed, the turn, the instance, and the number of streams that
    /// the instance had before.
    #[inline]
    pub fn rng(&mut self) -> Rng {
        let Current {
            actor, to, streams, ..
        } = self.current;
        self.current.streams = streams.wrapping_add(1);
        let slot = to.key(self.shard_bits).slot;
        if self.turn_key.1 != self.turn {
            // Not at the start of each turn: few shards have an actor that asks for it.
            let key = turn_key(self.seed, self.turn) ^ u64::from(self.source) << 32;
            self.turn_key = (key, self.turn);
        }
        Rng::keyed(
            self.turn_key.0,
            u64::from(actor) << 48 | u64::from(slot),
            streams,
        )
    }

    /// Begins a turn.
    pub(crate) fn set_turn(&mut self, turn: u64) {
        self.turn = turn;
    }

    /// Adds the calls of a handler to those that it has had before.
    #[inline]
    pub(crate) fn note_calls(&mut self, tag: Tag) {
        let calls = std::mem::take(&mut self.calls);
        // A world that was swapped with this one may be that of fewer handlers.
        if let Some(delivered) = self.delivered.get_mut(tag.handler()) {
            *delivered += calls;
        }
    }

    /// Notes that instances of a type came or went.
    #[inline]
    pub(crate) fn note_change(&mut self, actor: TypeIndex) {
        if self.changed.last() != Some(&actor) {
            self.changed.push(actor);
        }
    }

    #[inline(always)]
    fn shard_of(&self, address: Address) -> u32 {
        address.index() & self.shard_mask
    }

    /// The index of a slot in a shard.
    pub(crate) fn index_of(&self, shard: u32, slot: u32) -> u32 {
        slot << self.shard_bits | shard
    }

    /// The shard that this world belongs to.
    pub(crate) fn shard(&self) -> Option<u32> {
        (self.source != HOST).then(|| u32::from(self.source) - 1)
    }

    /// The id of an instance in this world's shard.
    pub(crate) fn id_of<A>(&self, key: Key) -> Id<A> {
        let to = self.receiver(key);
        Id::from_address(Address::new(0, to.index(), to.generation()))
    }

    /// The instance of this world's shard with this key, as a receiver.
    pub(crate) fn receiver(&self, key: Key) -> Receiver {
        let index = self.index_of(self.shard().unwrap_or(0), key.slot);
        Receiver::new(index, key.generation)
    }

    #[cold]
    pub(crate) fn complain(&mut self, misuse: Misuse) {
        self.complaints.first.get_or_insert(misuse);
        self.complaints.count += 1;
    }
}
