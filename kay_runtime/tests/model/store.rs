//! The instances of one type in one shard.

use std::collections::HashMap;

use crate::logic::Core;
use crate::stock::Key;

#[derive(Default)]
pub(crate) struct Store {
    pub(crate) instances: Vec<(Key, Core)>,
    slots: HashMap<u32, Slot>,
}

#[derive(Clone, Copy)]
struct Slot {
    generation: u16,
    place: Option<usize>,
}

const UNUSED: Slot = Slot {
    generation: 1,
    place: None,
};

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Where its instance is.
    Live(usize),
    /// Its instance may still be made.
    Expected,
    Dead,
}

impl Store {
    fn slot(&self, key: Key) -> Slot {
        self.slots.get(&key.0).copied().unwrap_or(UNUSED)
    }

    pub(crate) fn look(&self, key: Key) -> Look {
        match self.slot(key) {
            slot if slot.generation != key.1 => Look::Dead,
            Slot { place, .. } => place.map_or(Look::Expected, Look::Live),
        }
    }

    pub(crate) fn insert(&mut self, key: Key, core: Core) {
        let place = Some(self.instances.len());
        let generation = key.1;
        self.slots.insert(key.0, Slot { generation, place });
        self.instances.push((key, core));
    }

    /// Ends what has this key. Returns whether there was, or could have been, anything.
    pub(crate) fn remove(&mut self, key: Key) -> bool {
        match self.look(key) {
            Look::Dead => return false,
            Look::Expected => {}
            Look::Live(place) => {
                self.instances.swap_remove(place);
                if let Some((moved, _)) = self.instances.get(place) {
                    let slot = self.slots.entry(moved.0).or_insert(UNUSED);
                    slot.place = Some(place);
                }
            }
        }
        let generation = key.1 + 1;
        let place = None;
        self.slots.insert(key.0, Slot { generation, place });
        true
    }
}
