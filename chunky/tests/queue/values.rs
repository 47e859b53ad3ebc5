//! Values in a map, and counted items, each for one of them.

use std::sync::Arc;

use chunky::{Chain, Delivery, Fetch, Heap, Key, Receiver, SlotMap, Stop};

use crate::common::Counted;
use crate::items::*;

/// All that a value has been given.
pub type Given = Vec<u64>;

pub fn key(slot: u32) -> Key {
    Key {
        slot,
        generation: 1,
    }
}

pub fn to(slot: u32) -> Receiver {
    Receiver::new(slot, 1)
}

/// Values in these slots.
pub fn map(slots: impl IntoIterator<Item = u32>) -> SlotMap<Given> {
    let mut map = SlotMap::new(Arc::new(Heap));
    for slot in slots {
        map.insert(key(slot), Vec::new()).unwrap();
    }
    map
}

/// Counted items, each for the slot of its number, from 0 on.
pub fn numbered(count: u32) -> Vec<Sent> {
    (0..count)
        .map(|at| Sent::item(COUNTED, to(at), u64::from(at)))
        .collect()
}

pub fn begin<'a>(
    map: &'a mut SlotMap<Given>,
    fetch: Fetch,
    chain: &'a mut Chain,
    queue: &mut Queue,
) -> Delivery<'a, Given> {
    Delivery::new(map, 0, fetch, chain, &mut queue.pool).unwrap()
}

/// Whether an item is next, perhaps in the next chunk.
pub fn any(delivery: &mut Delivery<'_, Given>, queue: &mut Queue) -> bool {
    loop {
        if delivery.tag().is_some() {
            return true;
        }
        if !delivery.next_chunk(&mut queue.pool) {
            return false;
        }
    }
}

pub fn take_all(delivery: &mut Delivery<'_, Given>, queue: &mut Queue) -> Stop {
    loop {
        let stop = delivery.each::<Counted>(|given, _, _, item| {
            given.push(item.take().value);
            false
        });
        let ends = stop != Stop::Other || delivery.to().is_some();
        if ends || !delivery.next_chunk(&mut queue.pool) {
            return stop;
        }
    }
}
