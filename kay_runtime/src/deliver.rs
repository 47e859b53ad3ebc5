//! The delivery loops: a run of messages of one kind, the handler inlined.

use std::mem::needs_drop;

use chunky::{Addressed, Drain, Key, Lookup, Run};

use crate::registry::{Tag, TypeIndex};
use crate::store::{AnyStore, Store};
use crate::world::{ALL, Current, FIRST, FIRST_AGAIN, World};
use crate::{Actor, Fate, Message, Recipient, Spawner};

/// Delivers a run of messages to a store.
///
/// Should a handler panic, the messages that it has not got to stay in the run. So does the one
/// that it was handling if nothing happens when it is dropped: it was copied, not moved, so that
/// it can be shown.
pub(crate) type Deliver = fn(&mut dyn AnyStore, &mut World, &mut Run<'_>);

/// Bytes of instances that a cache near the core holds anyway.
const NEAR: usize = 16 * 1024;

/// The broadcasts and the unicasts of one turn must not share random streams.
const BROADCAST_STREAMS: u64 = 1 << 63;
const SPAWNER_STREAMS: u64 = 1 << 62;

/// Whether what is handled is a message to all instances.
pub(crate) fn is_broadcast(current: &Current) -> bool {
    current.streams & BROADCAST_STREAMS != 0
}

pub(crate) fn deliver<A: Recipient<M>, M: Message>(
    store: &mut dyn AnyStore,
    world: &mut World,
    run: &mut Run<'_>,
) {
    let Some(store) = store.of_mut::<A>() else {
        unreachable!("a store has its type's index")
    };
    let (actor, tag) = (world.current.actor, Tag(run.tag()));
    let Some(mut drain) = run.drain::<M>() else {
        unreachable!("a run's tag says what is in it")
    };
    world.calls += drain.len() as u64;
    let fetch = drain.sees_ahead() && store.map.len() * size_of::<A>() > NEAR;
    if fetch {
        let map = &store.map;
        drain.start_ahead(
            |slot| map.prefetch_slot(slot),
            |slot| map.prefetch_value(slot),
        );
    }
    while let Some(key) = drain.peek().map(Addressed::key) {
        if fetch {
            let (far, near) = drain.look_ahead();
            if let Some(slot) = far {
                store.map.prefetch_slot(slot);
            }
            if let Some(slot) = near {
                store.map.prefetch_value(slot);
            }
        }
        let Some((instance, counter)) = store.map.get_with_counter(key) else {
            drain = elsewhere::<A, M>(store, world, tag, drain);
            continue;
        };
        world.current.key = key;
        world.current.streams = u64::from(*counter);
        let fate = hand_over(instance, world, &mut drain);
        *counter = world.current.streams as u16;
        if fate == Fate::Die {
            bury(store, world, actor, key);
        }
        if !needs_drop::<M>() {
            drain.next();
        }
    }
}

/// Lets an instance handle the next message. One that does nothing when it is dropped is copied
/// and still has to be taken out: so it can be shown if the handler panics.
#[inline(always)]
fn hand_over<A: Recipient<M>, M: Message>(
    instance: &mut A,
    world: &mut World,
    drain: &mut Drain<'_, M>,
) -> Fate {
    if needs_drop::<M>() {
        match drain.next() {
            Some(next) => instance.receive(next.item, world),
            None => Fate::Live,
        }
    } else {
        match drain.peek() {
            Some(next) => instance.receive(next.item.duplicate(), world),
            None => Fate::Live,
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

/// Deals with the next message, which is not for one instance that is there: it is for all, or the
/// first, or for one that has not come yet, or is gone.
#[cold]
#[inline(never)]
fn elsewhere<'a, A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    tag: Tag,
    mut drain: Drain<'a, M>,
) -> Drain<'a, M> {
    let actor = world.current.actor;
    let key = drain.peek().map_or(FIRST, Addressed::key);
    if key == ALL {
        tell_all(store, world, &mut drain);
        return drain;
    }
    let to_first = key == FIRST || key == FIRST_AGAIN;
    if to_first && !store.map.is_empty() {
        tell_first(store, world, &mut drain);
        return drain;
    }
    let Some(message) = drain.next() else {
        return drain;
    };
    world.calls -= 1;
    if to_first {
        if key == FIRST || world.census.total(actor) > 0 {
            // Perhaps the first instance has just been made elsewhere.
            world.send_to_first(actor, FIRST_AGAIN, message.item);
        } else {
            world.lost[tag.handler()] += 1;
        }
    } else if store.map.lookup(key) == Lookup::Expected {
        store.early.push(tag.0, message, &mut world.outbox.pool);
        if world.early.last() != Some(&actor) {
            world.early.push(actor);
        }
    } else {
        world.lost[tag.handler()] += 1;
    }
    drain
}

/// Delivers the next message to the first instance, which is there.
fn tell_first<A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    drain: &mut Drain<'_, M>,
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
    let fate = hand_over(instance, world, drain);
    *counter = world.current.streams as u16;
    if fate == Fate::Die {
        bury(store, world, actor, key);
    }
    if !needs_drop::<M>() {
        drain.next();
    }
}

/// Delivers the next message to all instances. On its own, since what is inlined into a function that
/// is rarely called is compiled as if it took no time.
#[inline(never)]
fn tell_all<A: Recipient<M>, M: Message>(
    store: &mut Store<A>,
    world: &mut World,
    drain: &mut Drain<'_, M>,
) {
    let Some(message) = drain.peek() else { return };
    let streams = BROADCAST_STREAMS | u64::from(store.broadcasts) << 24;
    // Before anyone can panic: the next broadcast must not share streams with this one.
    store.broadcasts = store.broadcasts.wrapping_add(1);
    // The message itself is counted already.
    world.calls = world.calls - 1 + store.map.len() as u64;
    let actor = world.current.actor;
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
            if instance.receive_shared(&message.item, world) == Fate::Die {
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
    drain.next();
}

pub(crate) fn spawn<M: Spawner>(store: &mut dyn AnyStore, world: &mut World, run: &mut Run<'_>) {
    let Some(store) = store.of_mut::<M::Actor>() else {
        unreachable!("a store has its type's index")
    };
    let tag = Tag(run.tag());
    let Some(mut drain) = run.drain::<M>() else {
        unreachable!("a run's tag says what is in it")
    };
    world.calls += drain.len() as u64;
    world.note_change(world.current.actor);
    while let Some(key) = drain.peek().map(Addressed::key) {
        if key.generation == 0 {
            // Sent to all or to the first, like a message: it makes nothing.
            drain.next();
            world.lost[tag.handler()] += 1;
            world.calls -= 1;
            continue;
        }
        world.current.key = key;
        world.current.streams = SPAWNER_STREAMS;
        let id = world.id_of(key);
        let instance = if needs_drop::<M>() {
            let Some(next) = drain.next() else { return };
            next.item.spawn(id, world)
        } else {
            let Some(next) = drain.peek() else { return };
            let instance = next.item.duplicate().spawn(id, world);
            drain.next();
            instance
        };
        if store.map.insert(key, instance).is_err() {
            world.lost[tag.handler()] += 1;
        }
    }
}
