//! The delivery loops: a run of messages of one kind, the handler inlined.

use std::mem::needs_drop;

use chunky::{Compact, Drain, Key, Lane, Lookup, Pool, Run};

use crate::hasher::StateHasher;
use crate::registry::{Tag, TypeIndex};
use crate::store::{AnyStore, Store};
use crate::world::{Circular, Envelope, FIRST, FIRST_AGAIN, World};
use crate::{Actor, Fate, Message, Recipient, Spawner};

/// Delivers a run of messages to a store.
///
/// Should a handler panic, the messages that it has not got to stay in the run. So does the one
/// that it was handling if nothing happens when it is dropped: it was copied, not moved, so that
/// it can be shown.
pub(crate) type Deliver = fn(&mut dyn AnyStore, &mut World, &mut Run<'_>);

/// What can be done with a run whose message type is not known.
pub(crate) struct Tools {
    pub(crate) deliver: Deliver,
    /// Feeds all messages to a hasher, receivers included, each with this fingerprint.
    pub(crate) hash: fn(&Run<'_>, u64, &mut StateHasher),
    /// Copies all messages to a lane, in runs with the same tag.
    pub(crate) duplicate: fn(&Run<'_>, &mut Lane, &mut Pool),
    /// The first message, for people.
    pub(crate) describe: fn(&Run<'_>) -> Option<String>,
    /// Takes the first message out after its handler panicked, if it is still there. If it went
    /// to all instances, those that are left get it as a message of their own, by the lane.
    pub(crate) skip: fn(&mut Run<'_>, &[Key], &mut Lane, &mut Pool),
}

impl Tools {
    pub(crate) fn unicast<M: Message>(deliver: Deliver) -> Self {
        Tools {
            deliver,
            hash: hash::<Envelope<M>>,
            duplicate: duplicate::<Envelope<M>>,
            describe: |run| {
                let first = run.as_slice::<Envelope<M>>()?.first()?;
                (!needs_drop::<M>()).then(|| format!("{:?}", first.message.described()))
            },
            skip: |run, _, _, _| {
                if !needs_drop::<M>() {
                    run.drain::<Envelope<M>>()
                        .and_then(|mut drain| drain.next());
                }
            },
        }
    }

    pub(crate) fn broadcast<M: Message>(deliver: Deliver) -> Self {
        Tools {
            deliver,
            hash: hash::<Circular<M>>,
            duplicate: duplicate::<Circular<M>>,
            describe: |run| {
                let first = run.as_slice::<Circular<M>>()?.first()?;
                Some(format!("{:?}", first.message.described()))
            },
            skip: |run, left, lane, pool| {
                let unicast = Tag(run.tag()).unicast();
                let Some(circular) = run.drain::<Circular<M>>().and_then(|mut run| run.next())
                else {
                    return;
                };
                for &key in left {
                    lane.push(
                        unicast.0,
                        Envelope::new(key, circular.message.duplicate()),
                        pool,
                    );
                }
            },
        }
    }
}

pub(crate) fn hash<T: Compact>(run: &Run<'_>, fingerprint: u64, hasher: &mut StateHasher) {
    for item in run.as_slice::<T>().unwrap_or(&[]) {
        fingerprint.hash_state(hasher);
        item.hash_state(hasher);
    }
}

pub(crate) fn duplicate<T: Compact>(run: &Run<'_>, lane: &mut Lane, pool: &mut Pool) {
    for item in run.as_slice::<T>().unwrap_or(&[]) {
        lane.push(run.tag(), item.duplicate(), pool);
    }
}

/// How many messages ahead of the one that is handled the slot of the receiver is fetched, and
/// its state.
const FETCH_SLOT: usize = 24;
const FETCH_STATE: usize = 12;

/// Bytes of instances that a first-level cache holds anyway.
const NEAR: usize = 16 * 1024;

/// Fetches ahead what a run of messages will need, where that is far away.
struct Prefetch(bool);

impl Prefetch {
    /// For those at the start of a run. A short run is through before it helps.
    #[inline(always)]
    fn start<A: Actor, M: Message>(store: &Store<A>, drain: &Drain<'_, Envelope<M>>) -> Self {
        let far = drain.len() > FETCH_STATE && store.map.len() * size_of::<A>() > NEAR;
        if far {
            for ahead in (0..FETCH_SLOT).filter_map(|ahead| drain.peek(ahead)) {
                store.map.prefetch_slot(ahead.key());
            }
            for ahead in (0..FETCH_STATE).filter_map(|ahead| drain.peek(ahead)) {
                store.map.prefetch_value(ahead.key());
            }
        }
        Prefetch(far)
    }

    /// For those that are ahead of the next one.
    #[inline(always)]
    fn next<A: Actor, M: Message>(&self, store: &Store<A>, drain: &Drain<'_, Envelope<M>>) {
        if !self.0 {
            return;
        }
        if let Some(ahead) = drain.peek(FETCH_SLOT) {
            store.map.prefetch_slot(ahead.key());
        }
        if let Some(ahead) = drain.peek(FETCH_STATE) {
            store.map.prefetch_value(ahead.key());
        }
    }
}

/// The broadcasts and the unicasts of one turn must not share random streams.
const BROADCAST_STREAMS: u64 = 1 << 63;
const SPAWNER_STREAMS: u64 = 1 << 62;

pub(crate) fn unicast<A: Recipient<M>, M: Message>(
    store: &mut dyn AnyStore,
    world: &mut World,
    run: &mut Run<'_>,
) {
    let Some(store) = store.of_mut::<A>() else {
        unreachable!("a store has its type's index")
    };
    let (actor, tag) = (world.current.actor, Tag(run.tag()));
    let Some(mut drain) = run.drain::<Envelope<M>>() else {
        unreachable!("a run's tag says what is in it")
    };
    world.calls += drain.len() as u64;
    let ahead = Prefetch::start(store, &drain);
    while let Some(envelope) = drain.peek(0) {
        ahead.next(store, &drain);
        let key = envelope.key();
        let Some((instance, counter)) = store.map.get_with_counter(key) else {
            astray::<A, M>(store, world, tag, &mut drain);
            continue;
        };
        world.current.key = key;
        world.current.streams = u64::from(*counter);
        let fate = if needs_drop::<M>() {
            match drain.next() {
                Some(envelope) => instance.receive(envelope.message, world),
                None => Fate::Live,
            }
        } else {
            instance.receive(envelope.message.duplicate(), world)
        };
        *counter = world.current.streams as u16;
        if fate == Fate::Die {
            bury(store, world, actor, key);
        }
        if !needs_drop::<M>() {
            drain.next();
        }
    }
}

/// Drops an instance that has ended, which may panic: so its slot is given back first.
#[inline]
fn bury<A: Actor>(store: &mut Store<A>, world: &mut World, actor: TypeIndex, key: Key) {
    let dead = store.map.remove(key);
    world.note_change(actor);
    world.return_slot(actor, key);
    drop(dead);
}

/// Deals with a message whose receiver is not there: not yet, not any more, or not by this name.
#[cold]
#[inline(never)]
fn astray<A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    tag: Tag,
    drain: &mut Drain<'_, Envelope<M>>,
) {
    let actor = world.current.actor;
    let key = drain.peek(0).map_or(FIRST, Envelope::key);
    let to_first = key == FIRST || key == FIRST_AGAIN;
    if to_first && !store.map.is_empty() {
        return tell_first::<A, M>(store, world, drain);
    }
    let Some(envelope) = drain.next() else { return };
    world.calls -= 1;
    if to_first {
        if key == FIRST || world.census.total(actor) > 0 {
            // Perhaps the first instance has just been made elsewhere.
            world.send_to_first(actor, FIRST_AGAIN, envelope.message);
        } else {
            world.lost[tag.handler()] += 1;
        }
    } else if store.map.lookup(key) == Lookup::Expected {
        store.early.push(tag.0, envelope, &mut world.outbox.pool);
        if world.early.last() != Some(&actor) {
            world.early.push(actor);
        }
    } else {
        world.lost[tag.handler()] += 1;
    }
}

/// Delivers the next message to the first instance, which is there.
fn tell_first<A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    drain: &mut Drain<'_, Envelope<M>>,
) {
    let first = store.map.key_at(0);
    let Some((key, (instance, counter))) =
        first.and_then(|key| Some((key, store.map.get_with_counter(key)?)))
    else {
        unreachable!("a store with instances has a first one")
    };
    let actor = world.current.actor;
    world.current.key = key;
    world.current.streams = u64::from(*counter);
    let fate = if needs_drop::<M>() {
        drain
            .next()
            .map(|next| instance.receive(next.message, world))
    } else {
        drain
            .peek(0)
            .map(|next| instance.receive(next.message.duplicate(), world))
    };
    *counter = world.current.streams as u16;
    if fate == Some(Fate::Die) {
        bury(store, world, actor, key);
    }
    if !needs_drop::<M>() {
        drain.next();
    }
}

pub(crate) fn broadcast<A: Recipient<M>, M: Message>(
    store: &mut dyn AnyStore,
    world: &mut World,
    run: &mut Run<'_>,
) {
    let Some(store) = store.of_mut::<A>() else {
        unreachable!("a store has its type's index")
    };
    let actor = world.current.actor;
    let Some(mut drain) = run.drain::<Circular<M>>() else {
        unreachable!("a run's tag says what is in it")
    };
    while let Some(circular) = drain.peek(0) {
        let streams = BROADCAST_STREAMS | u64::from(store.broadcasts) << 24;
        // Before anyone can panic: the next broadcast must not share streams with this one.
        store.broadcasts = store.broadcasts.wrapping_add(1);
        world.calls += store.map.len() as u64;
        tell_all::<A, M>(store, world, &circular.message, actor, streams);
        drain.next();
    }
}

#[inline]
fn tell_all<A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    message: &M,
    actor: TypeIndex,
    streams: u64,
) {
    let mut position = 0;
    while position < store.map.len() {
        let (instances, slots) = store.map.slices_from(position);
        let mut dead = None;
        for (instance, slot) in instances.iter_mut().zip(slots) {
            let key = Key {
                slot: *slot,
                generation: 0,
            };
            world.current.key = key;
            world.current.position = position as u32;
            world.current.streams = streams;
            if instance.receive_shared(message, world) == Fate::Die {
                dead = Some(position);
                break;
            }
            position += 1;
        }
        // The last instance takes the place of the dead one, and is next.
        if let Some(key) = dead.and_then(|position| store.map.key_at(position)) {
            world.current.key = key;
            bury(store, world, actor, key);
        }
    }
}

pub(crate) fn spawn<M: Spawner>(store: &mut dyn AnyStore, world: &mut World, run: &mut Run<'_>) {
    let Some(store) = store.of_mut::<M::Actor>() else {
        unreachable!("a store has its type's index")
    };
    let tag = Tag(run.tag());
    let Some(mut drain) = run.drain::<Envelope<M>>() else {
        unreachable!("a run's tag says what is in it")
    };
    world.calls += drain.len() as u64;
    world.note_change(world.current.actor);
    while let Some(envelope) = drain.peek(0) {
        let key = envelope.key();
        world.current.key = key;
        world.current.streams = SPAWNER_STREAMS;
        let id = world.id_of(key);
        let instance = if needs_drop::<M>() {
            let Some(envelope) = drain.next() else { return };
            envelope.message.spawn(id, world)
        } else {
            let instance = envelope.message.duplicate().spawn(id, world);
            drain.next();
            instance
        };
        if store.map.insert(key, instance).is_err() {
            world.lost[tag.handler()] += 1;
        }
    }
}
