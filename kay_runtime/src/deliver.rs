//! The delivery loops: messages of one kind, the handler inlined.

use std::mem::needs_drop;

use chunky::{Compact, Delivery, Given, Key, Lane, Lookup, Receiver, Stop};

use crate::panic::caught;
use crate::registry::Tag;
use crate::shard::EARLY;
use crate::store::Loops;
use crate::world::{ALL, Current, FIRST, FIRST_AGAIN, World};
use crate::{Actor, Fate, Message, Recipient, Spawner};

/// Delivers the messages of one kind that come next, as long as they follow each other.
///
/// Should a handler panic, the messages that it has not got to stay in the chain. So does the one
/// that it was handling if nothing happens when it is dropped: it was copied, not moved, so that
/// it can be shown.
pub(crate) type Deliver<A> = fn(&mut Visit<'_, A>, &mut World);

/// Messages on their way to the instances of a store, and what else that has.
pub(crate) struct Visit<'a, A> {
    pub(crate) delivery: Delivery<'a, A>,
    pub(crate) early: &'a mut Lane,
    pub(crate) broadcasts: &'a mut u32,
    pub(crate) loops: &'a Loops<A>,
}

/// The broadcasts and the unicasts of one turn must not share random streams.
const BROADCAST_STREAMS: u64 = 1 << 63;
const SPAWNER_STREAMS: u64 = 1 << 62;

/// Whether what is handled is a message to all instances.
pub(crate) fn is_broadcast(current: &Current) -> bool {
    current.streams & BROADCAST_STREAMS != 0
}

pub(crate) fn deliver<A: Recipient<M>, M: Message>(visit: &mut Visit<'_, A>, world: &mut World) {
    loop {
        let stop = visit.delivery.each::<M>(|instance, counter, to, message| {
            world.calls += 1;
            world.current.to = to;
            hand_over(instance, counter, message, world) == Fate::Die
        });
        match stop {
            Stop::Other => return,
            Stop::Remove(to) => {
                bury(visit, world, visit.delivery.key(to));
                drop_if_left::<A, M>(visit);
            }
            Stop::Elsewhere => elsewhere::<A, M>(visit, world),
        }
    }
}

/// Lets an instance handle a message. One that does nothing when it is dropped is copied and
/// stays where it is meanwhile: so it can be shown if the handler panics.
#[inline(always)]
fn hand_over<A: Recipient<M>, M: Message>(
    instance: &mut A,
    counter: &mut u16,
    message: Given<'_, M>,
    world: &mut World,
) -> Fate {
    let streams = *counter;
    world.current.streams = u64::from(streams);
    let message = if needs_drop::<M>() {
        message.take()
    } else {
        message.look().duplicate()
    };
    let fate = instance.receive(message, world);
    // Few ask for random numbers: the others' slots stay as they are in the caches.
    if world.current.streams != u64::from(streams) {
        *counter = world.current.streams as u16;
    }
    fate
}

/// Drops an instance that has ended, which may panic: so its slot is given back first.
#[inline]
fn bury<A: Actor>(visit: &mut Visit<'_, A>, world: &mut World, key: Key) {
    let dead = visit.delivery.remove(key);
    let actor = world.current.actor;
    world.note_change(actor);
    world.return_slot(actor, key);
    drop(dead);
}

/// Deals with the next message, which is not for one instance that is known to be there: it is for
/// all, or the first, or for one that has not come yet, has just come, or is gone.
#[inline(never)]
fn elsewhere<A: Recipient<M>, M: Message>(visit: &mut Visit<'_, A>, world: &mut World) {
    let Some(to) = visit.delivery.to() else {
        return;
    };
    let (actor, handler) = (world.current.actor, world.current.handler);
    if to == ALL {
        return tell_all::<A, M>(visit, world);
    }
    let to_first = is_first(to);
    if to_first && let Some(first) = visit.delivery.map().key_at(0) {
        return tell_first::<A, M>(visit, world, first);
    }
    let lookup = visit.delivery.map().lookup(visit.delivery.key(to));
    if let Lookup::Live(_) = lookup {
        // It was not there when it was looked up. Now it is.
        return visit.delivery.forget();
    }
    let Some(message) = visit.delivery.take::<M>() else {
        return;
    };
    if to_first {
        if to == FIRST || world.census.total(actor) > 0 {
            // Perhaps the first instance has just been made elsewhere.
            world.send_to_first(actor, FIRST_AGAIN, message);
        } else {
            lose(message, world);
        }
    } else if lookup == Lookup::Expected {
        let (tag, pool) = (Tag::of(handler), &mut world.outbox.pool);
        visit.early.begin(EARLY.into(), pool);
        visit.early.push(tag.0, to, message, pool);
        if world.early.last() != Some(&actor) {
            world.early.push(actor);
        }
    } else {
        lose(message, world);
    }
}

/// Counts and drops a message that nobody gets, or what it has made.
#[cold]
fn lose<T>(lost: T, world: &mut World) {
    world.lost[world.current.handler] += 1;
    let_go(lost);
}

/// Drops what no handler has any more: nobody is to blame if that panics.
#[inline]
fn let_go<T>(value: T) {
    if needs_drop::<T>() {
        caught(|| drop(value));
    }
}

/// Whether a message is for the first instance.
fn is_first(to: Receiver) -> bool {
    to == FIRST || to == FIRST_AGAIN
}

/// Delivers the next message to the first instance, which is there and has this key, and those behind
/// it, as long as they are for it too.
fn tell_first<A: Recipient<M>, M: Message>(visit: &mut Visit<'_, A>, world: &mut World, key: Key) {
    let first = world.receiver(key);
    while visit.delivery.to_of::<M>().is_some_and(is_first) {
        world.calls += 1;
        world.current.to = first;
        let dead = visit
            .delivery
            .give_next::<M>(key, |instance, counter, message| {
                hand_over(instance, counter, message, world) == Fate::Die
            });
        if dead {
            bury(visit, world, key);
            return drop_if_left::<A, M>(visit);
        }
    }
}

/// Drops the message that its receiver has died of, which was still there to be shown should that have
/// panicked.
#[inline]
fn drop_if_left<A: Recipient<M>, M: Message>(visit: &mut Visit<'_, A>) {
    if !needs_drop::<M>() {
        drop(visit.delivery.take::<M>());
    }
}

/// Delivers the next message to all instances. On its own, since what is inlined into a function that
/// is rarely called is compiled as if it took no time.
#[inline(never)]
fn tell_all<A: Recipient<M>, M: Message>(visit: &mut Visit<'_, A>, world: &mut World) {
    let streams = BROADCAST_STREAMS | u64::from(*visit.broadcasts) << 24;
    // Before anyone can panic: the next broadcast must not share streams with this one.
    *visit.broadcasts = visit.broadcasts.wrapping_add(1);
    world.calls += visit.delivery.map().len() as u64;
    let mut position = 0;
    while position < visit.delivery.map().len() {
        let (instances, slots, Some(message)) = visit.delivery.slices_and_next::<M>(position)
        else {
            return;
        };
        let dead = tell_block(instances, slots, message, streams, world);
        position += dead.unwrap_or(instances.len());
        // The last instance takes the place of the dead one, and is next.
        if dead.is_some()
            && let Some(key) = visit.delivery.map().key_at(position)
        {
            world.current.to = world.receiver(key);
            world.current.position = position as u32;
            bury(visit, world, key);
        }
    }
    let_go(visit.delivery.take::<M>());
}

/// Delivers a message to instances that lie side by side, up to the first one that dies of it: its place
/// among them is returned. A function of its own, so that the compiler knows that none of these overlap.
#[inline(never)]
fn tell_block<A: Recipient<M>, M: Message>(
    instances: &mut [A],
    slots: &[u32],
    message: &M,
    streams: u64,
    world: &mut World,
) -> Option<usize> {
    let shift = world.shard_bits;
    world.current.streams = streams;
    for (at, (instance, slot)) in instances.iter_mut().zip(slots).enumerate() {
        world.current.to = Receiver::new(slot << shift, 0);
        let fate = instance.receive_shared(message, world);
        // Few ask for random numbers, and a core keeps few stores that wait.
        if world.current.streams != streams {
            world.current.streams = streams;
        }
        if fate == Fate::Die {
            return Some(at);
        }
    }
    None
}

pub(crate) fn spawn<M: Spawner>(visit: &mut Visit<'_, M::Actor>, world: &mut World) {
    world.note_change(world.current.actor);
    while let Some(to) = visit.delivery.to_of::<M>() {
        if to.generation() == 0 {
            // Sent to all or to the first, like a message: it makes nothing.
            lose(visit.delivery.take::<M>(), world);
            continue;
        }
        world.calls += 1;
        world.current.to = to;
        world.current.streams = SPAWNER_STREAMS;
        let key = visit.delivery.key(to);
        let id = world.id_of(key);
        let instance = if needs_drop::<M>() {
            let Some(message) = visit.delivery.take::<M>() else {
                return;
            };
            message.spawn(id, world)
        } else {
            let Some(message) = visit.delivery.look::<M>().map(Compact::duplicate) else {
                return;
            };
            let instance = message.spawn(id, world);
            drop(visit.delivery.take::<M>());
            instance
        };
        if let Err(instance) = visit.delivery.insert(key, instance) {
            lose(instance, world);
        }
    }
}
