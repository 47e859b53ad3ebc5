//! What a handler sees of the world.

use std::sync::Arc;

use chunky::{Compact, Key, Receiver};

use crate::census::Census;
use crate::error::Misuse;
use crate::id::{Address, Special};
use crate::outbox::Outbox;
use crate::registry::{Kind, Registry, SHARD, Tag, TypeIndex};
use crate::rng::turn_key;
use crate::stock::{HOST, Source, Stock, owner_of};
use crate::{Actor, Id, Message, RawId, Recipient, Rng, Spawner, TraitId};

/// A slot number on its way back to the one who owns it. Who is named as its receiver is the next in
/// that slot; no bit of the index stands for the shard.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct Returned {
    pub(crate) actor: TypeIndex,
    pub(crate) shard: u16,
}

/// Messages to the first instance are for this: generation 0 is never that of an instance.
pub(crate) const FIRST: Receiver = Receiver::new(0, 0);
/// The same, for a message that has been to a shard without any instance already.
pub(crate) const FIRST_AGAIN: Receiver = Receiver::new(1, 0);
/// Messages to all instances of a type in a shard are for this.
pub(crate) const ALL: Receiver = Receiver::new(2, 0);

/// The route of slot numbers on their way back. Messages have others, as good as certainly; should one
/// have the same, it is told apart by its type.
pub(crate) const RETURNS: u64 = 0;

/// The number of the route that messages with this fingerprint take to actors with this tag: for one
/// message, two tags never have the same.
const fn route(tag: u32, message: u64) -> u64 {
    message ^ (tag as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

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
    fn post_to<M: Message>(&mut self, actor: TypeIndex, shard: u32, to: Receiver, message: M) {
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
    pub(crate) fn complain(&mut self, misuse: Misuse) {
        self.complaints.first.get_or_insert(misuse);
        self.complaints.count += 1;
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
