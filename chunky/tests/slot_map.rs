//! Slot maps, against a `HashMap`.
#![cfg(not(loom))]

mod common;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chunky::{ChunkedVec, Key, Lookup, SlotMap, Storage};
use common::{Counted, Counting, Ledger, property, shrunk};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

#[derive(Clone, Debug)]
enum Op {
    /// Insert under the key that the slot waits for, or one that is so many generations off.
    Insert {
        slot: u32,
        off: u16,
    },
    /// Remove the `nth` of all keys ever used.
    Remove {
        nth: usize,
    },
    Skip {
        slot: u32,
        off: u16,
    },
    Bump {
        nth: usize,
    },
    Walk,
    Duplicate,
}

/// Slots that share pages, and slots in far pages.
fn slot() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0_u32..40, 2 => 100_u32..300, 1 => 99_990_u32..100_010]
}

fn op() -> impl Strategy<Value = Op> {
    let off = || prop_oneof![9 => Just(0_u16), 1 => 1_u16..3, 1 => Just(u16::MAX)];
    prop_oneof![
        8 => (slot(), off()).prop_map(|(slot, off)| Op::Insert { slot, off }),
        6 => any::<usize>().prop_map(|nth| Op::Remove { nth }),
        1 => (slot(), off()).prop_map(|(slot, off)| Op::Skip { slot, off }),
        3 => any::<usize>().prop_map(|nth| Op::Bump { nth }),
        1 => Just(Op::Walk),
        1 => Just(Op::Duplicate),
    ]
}

/// What the map should be.
#[derive(Default)]
struct Model {
    live: HashMap<Key, u64>,
    /// Used keys, live or dead.
    used: Vec<Key>,
    generations: BTreeMap<u32, u16>,
    counters: HashMap<u32, u16>,
}

impl Model {
    /// The generation that a slot has now, or waits for.
    fn generation(&self, slot: u32) -> u16 {
        self.generations.get(&slot).copied().unwrap_or(1)
    }

    fn is_live(&self, slot: u32) -> bool {
        self.live.contains_key(&Key {
            slot,
            generation: self.generation(slot),
        })
    }

    fn expects(&self, key: Key) -> bool {
        key.generation == self.generation(key.slot) && !self.is_live(key.slot)
    }

    fn is_dead(&self, key: Key) -> bool {
        !self.live.contains_key(&key) && !self.expects(key)
    }

    fn nth(&self, nth: usize) -> Option<Key> {
        (!self.used.is_empty()).then(|| self.used[nth % self.used.len()])
    }

    fn retire(&mut self, key: Key) {
        self.generations.insert(key.slot, key.generation + 1);
        self.used.push(key);
    }
}

fn check<T>(map: &SlotMap<T>, model: &Model, value: impl Fn(&T) -> u64) -> TestCaseResult {
    prop_assert_eq!(map.len(), model.live.len());
    prop_assert_eq!(map.is_empty(), model.live.is_empty());
    for (&key, &expected) in &model.live {
        let Lookup::Live(position) = map.lookup(key) else {
            return Err(TestCaseError::fail(format!("{key:?} should live")));
        };
        prop_assert_eq!(map.key_at(position), Some(key));
        prop_assert_eq!(map.get(key).map(&value), Some(expected));
        let (found, counter, at) = map.at(position).unwrap();
        prop_assert_eq!((found, value(at)), (key, expected));
        prop_assert_eq!(counter, model.counters.get(&key.slot).copied().unwrap_or(0));
    }
    for &key in model.used.iter().filter(|key| model.is_dead(**key)) {
        prop_assert_eq!(map.lookup(key), Lookup::Dead);
        prop_assert!(map.get(key).is_none());
    }
    for &slot in model.generations.keys() {
        let zero = Key {
            slot,
            generation: 0,
        };
        prop_assert_eq!(map.lookup(zero), Lookup::Dead, "generation 0 is nobody's");
    }
    prop_assert_eq!(map.key_at(map.len()), None);
    let all: HashMap<Key, u64> = map.iter().map(|(key, found)| (key, value(found))).collect();
    prop_assert_eq!(&all, &model.live);
    Ok(())
}

fn follow<T>(
    ops: &[Op],
    make: impl Fn(u64) -> T,
    value: impl Fn(&T) -> u64,
    live: impl Fn() -> Option<usize>,
) -> TestCaseResult {
    let storage = Counting::new();
    let mut map = SlotMap::new(storage.clone() as Arc<dyn Storage>);
    let mut model = Model::default();
    let mut made = 0;
    for op in ops {
        match *op {
            Op::Insert { slot, off } => {
                let generation = model.generation(slot).wrapping_add(off);
                let key = Key { slot, generation };
                made += 1;
                match map.insert(key, make(made)) {
                    Ok(()) => {
                        prop_assert!(model.expects(key), "{key:?} was not expected");
                        model.live.insert(key, made);
                        model.used.push(key);
                    }
                    Err(back) => {
                        prop_assert!(!model.expects(key), "{key:?} was expected");
                        prop_assert_eq!(value(&back), made);
                    }
                }
            }
            Op::Remove { nth } => {
                let Some(key) = model.nth(nth) else { continue };
                let removed = map.remove(key).map(|removed| value(&removed));
                prop_assert_eq!(removed, model.live.remove(&key));
                if removed.is_some() {
                    model.retire(key);
                }
            }
            Op::Skip { slot, off } => {
                let key = Key {
                    slot,
                    generation: model.generation(slot).wrapping_add(off),
                };
                let expected = model.expects(key);
                prop_assert_eq!(map.skip(key), expected);
                if expected {
                    model.retire(key);
                }
            }
            Op::Bump { nth } => {
                let Some(key) = model.nth(nth) else { continue };
                match map.get_with_counter(key) {
                    Some((found, counter)) => {
                        prop_assert_eq!(Some(&value(found)), model.live.get(&key));
                        *counter += 1;
                        *model.counters.entry(key.slot).or_default() += 1;
                        prop_assert_eq!(map.get_mut(key).is_some(), true);
                    }
                    None => prop_assert!(!model.live.contains_key(&key)),
                }
            }
            Op::Walk => {
                let mut seen = HashSet::new();
                let mut position = 0;
                while position < map.len() {
                    let (values, slots) = map.slices_from(position);
                    prop_assert!(!values.is_empty() && values.len() == slots.len());
                    for (found, &slot) in values.iter().zip(slots) {
                        let key = Key {
                            slot,
                            generation: model.generation(slot),
                        };
                        prop_assert_eq!(model.live.get(&key), Some(&value(found)));
                        seen.insert(key);
                    }
                    position += values.len();
                }
                prop_assert_eq!(seen.len(), model.live.len());
                prop_assert!(map.slices_from(position).0.is_empty());
            }
            Op::Duplicate => {
                let before: Vec<Key> = map.iter().map(|(key, _)| key).collect();
                let copy = map.duplicate_with(|found| make(value(found)));
                check(&copy, &model, &value)?;
                let after: Vec<Key> = copy.iter().map(|(key, _)| key).collect();
                prop_assert_eq!(before, after, "the copies lie at the same positions");
                map = copy;
            }
        }
        if let Some(live) = live() {
            prop_assert_eq!(live, map.len());
        }
    }
    check(&map, &model, &value)?;
    prop_assert!(map.bytes() >= storage.bytes());
    drop(map);
    prop_assert_eq!(storage.bytes(), 0, "memory was kept");
    prop_assert_eq!(live().unwrap_or(0), 0, "values were kept");
    Ok(())
}

#[test]
fn a_slot_map_of_counted_values_behaves_like_a_hash_map() {
    property(300, prop::collection::vec(op(), 0..200), |ops| {
        let ledger = Ledger::new();
        let make = |value| Counted::new(value, &ledger);
        follow(&ops, make, |counted| counted.value, || Some(ledger.live()))
    });
}

/// Values of which only one fits in a block, so that blocks and removal across them count.
#[test]
fn a_slot_map_of_large_values_behaves_like_a_hash_map() {
    property(40, prop::collection::vec(op(), 0..200), |ops| {
        follow(&ops, |value| [value; 1100], |values| values[1099], || None)
    });
}

#[test]
fn a_slot_map_of_aligned_values_behaves_like_a_hash_map() {
    #[repr(align(64))]
    struct Aligned(u64);
    property(40, prop::collection::vec(op(), 0..200), |ops| {
        let value = |aligned: &Aligned| {
            assert!(std::ptr::from_ref(aligned).addr().is_multiple_of(64));
            aligned.0
        };
        follow(&ops, Aligned, value, || None)
    });
}

#[test]
fn a_slot_retires_after_65535_uses_and_no_key_reaches_it_again() {
    let mut map = SlotMap::new(Counting::new() as Arc<dyn Storage>);
    let mut key = Key {
        slot: 5,
        generation: 1,
    };
    let mut uses = 0_u32;
    loop {
        map.insert(key, uses).unwrap();
        uses += 1;
        assert_eq!(map.remove(key), Some(uses - 1));
        let Some(next) = key.next_generation() else {
            break;
        };
        assert_eq!(map.lookup(next), Lookup::Expected);
        key = next;
    }
    assert_eq!(uses, 65_535);
    for generation in 0..=u16::MAX {
        let key = Key {
            slot: 5,
            generation,
        };
        assert_eq!(map.lookup(key), Lookup::Dead);
        assert_eq!(map.insert(key, 0), Err(0), "generation {generation}");
        assert!(!map.skip(key));
        assert!(map.get_with_counter(key).is_none());
    }
    assert!(
        map.insert(
            Key {
                slot: 6,
                generation: 1
            },
            0
        )
        .is_ok(),
        "its neighbour is unharmed"
    );
}

/// Pages that nobody has used are one and the same, which must stay as it is.
#[test]
fn slots_of_pages_that_were_never_used_are_not_there_and_stay_so() {
    let slots = prop::collection::btree_set(0..40 * SlotMap::<u64>::PAGE, 1..12);
    let ops = (slots, prop::collection::vec((any::<usize>(), 0..4), 0..40));
    property(40, ops, |(slots, ops)| {
        let slots: Vec<u32> = slots.into_iter().collect();
        let mut map = SlotMap::new(Counting::new() as Arc<dyn Storage>);
        let mut other = SlotMap::new(Counting::new() as Arc<dyn Storage>);
        let mut counters: HashMap<Key, u16> = HashMap::new();
        let mut next: HashMap<u32, Key> = HashMap::new();
        for (nth, what) in ops {
            let slot = slots[nth % slots.len()];
            let first = Key {
                slot,
                generation: 1,
            };
            let key = *next.entry(slot).or_insert(first);
            match what {
                0 => {
                    if map.insert(key, u64::from(slot)).is_ok() {
                        prop_assert!(counters.insert(key, 0).is_none());
                        // The counter is the slot's, whoever is in it.
                        *map.get_with_counter(key).unwrap().1 = 0;
                    }
                }
                1 => {
                    if map.remove(key).is_some() || map.skip(key) {
                        counters.remove(&key);
                        next.insert(slot, key.next_generation().unwrap());
                    }
                }
                2 => map = map.duplicate_with(|value| *value),
                _ => {
                    if let Some((_, counter)) = map.get_with_counter(key) {
                        *counter += 1;
                        *counters.get_mut(&key).unwrap() += 1;
                    }
                }
            }
            // In every page, also behind the last.
            for page in 0..42 {
                let inside = [
                    page * SlotMap::<u64>::PAGE,
                    (page + 1) * SlotMap::<u64>::PAGE - 1,
                ];
                for slot in inside.into_iter().chain(slots.iter().copied()) {
                    for generation in [0, 1, 2, u16::MAX] {
                        let key = Key { slot, generation };
                        let found = map
                            .get_with_counter(key)
                            .map(|(value, counter)| (*value, *counter));
                        let expected = counters.get(&key).map(|&count| (u64::from(slot), count));
                        prop_assert_eq!(found, expected);
                        prop_assert!(other.get_with_counter(key).is_none());
                        let waits = next.get(&slot).map_or(1, |key| key.generation);
                        if expected.is_none() {
                            let expects = generation == waits && generation > 0;
                            let lookup = if expects {
                                Lookup::Expected
                            } else {
                                Lookup::Dead
                            };
                            prop_assert_eq!(map.lookup(key), lookup);
                        }
                    }
                }
            }
        }
        // Another map, which has pages of its own only from here on.
        let last = Key {
            slot: 41 * SlotMap::<u64>::PAGE,
            generation: 1,
        };
        prop_assert!(other.insert(last, 7_u64).is_ok());
        for &slot in &slots {
            let key = Key {
                slot,
                generation: 1,
            };
            prop_assert_eq!(other.lookup(key), Lookup::Expected);
            prop_assert!(other.get_with_counter(key).is_none());
        }
        Ok(())
    });
}

#[test]
fn a_million_values_lie_dense_and_are_found() {
    let storage = Counting::new();
    let mut map = SlotMap::new(storage.clone() as Arc<dyn Storage>);
    let count = shrunk(1_000_000);
    for slot in 0..count {
        map.insert(
            Key {
                slot,
                generation: 1,
            },
            [slot; 8],
        )
        .unwrap();
    }
    for slot in (0..count).step_by(3) {
        assert_eq!(
            map.remove(Key {
                slot,
                generation: 1
            }),
            Some([slot; 8])
        );
    }
    for slot in 0..count {
        let found = map.get(Key {
            slot,
            generation: 1,
        });
        assert_eq!(found.is_some(), slot % 3 != 0);
        assert!(found.is_none_or(|found| *found == [slot; 8]));
    }
    // 32 bytes of value, 8 of slot, 4 for the way back, and little else.
    // What is taken ahead is half as much again, and at most a MiB for each of three lists.
    let used = 46 * count as usize + 100_000;
    assert!(storage.bytes() <= used + (used / 2).min(3 << 20));
}

#[test]
fn a_map_is_dropped_to_its_end_whatever_panics() {
    for unwinds in [false, true] {
        let ledger = Ledger::new();
        let storage = Counting::new();
        let mut map = SlotMap::new(storage.clone() as Arc<dyn Storage>);
        for slot in 0..300 {
            let mut counted = Counted::new(u64::from(slot), &ledger);
            counted.armed = slot % 3 == 1;
            let generation = 1;
            assert!(map.insert(Key { slot, generation }, counted).is_ok());
        }
        let mut armed = Counted::new(300, &ledger);
        armed.armed = unwinds;
        assert!(common::blows(|| {
            let _map = map;
            drop(armed);
        }));
        assert_eq!((ledger.live(), storage.bytes()), (0, 0));
    }
}

#[test]
fn a_value_whose_drop_panics_is_dropped_once_and_the_map_stays_whole() {
    let ledger = Ledger::new();
    let storage = Counting::new();
    let mut map = SlotMap::new(storage.clone() as Arc<dyn Storage>);
    let key = |slot| Key {
        slot,
        generation: 1,
    };
    for slot in 0..10 {
        let mut counted = Counted::new(u64::from(slot), &ledger);
        counted.armed = slot == 4;
        assert!(map.insert(key(slot), counted).is_ok());
    }
    assert!(common::blows(|| drop(map.remove(key(4)))));
    assert_eq!((map.len(), ledger.live()), (9, 9));
    assert_eq!(map.lookup(key(4)), Lookup::Dead);
    assert_eq!(map.get(key(9)).unwrap().value, 9);
    drop(map);
    assert_eq!((ledger.live(), storage.bytes()), (0, 0));
}

#[test]
fn where_a_value_panics_when_all_are_dropped_the_others_are_dropped() {
    let count = 3 * ChunkedVec::<Counted>::PER_BLOCK as u64;
    for armed in [0, count / 2, count - 1, count] {
        let ledger = Ledger::new();
        let storage = Counting::new();
        let mut values = ChunkedVec::new(storage.clone() as Arc<dyn Storage>);
        for value in 0..count {
            let mut counted = Counted::new(value, &ledger);
            counted.armed = value == armed;
            values.push(counted);
        }
        assert_eq!(common::blows(|| drop(values)), armed < count);
        let left = ledger.live();
        ledger.forget(left);
        assert_eq!((left, storage.bytes()), (0, 0), "{armed}");
    }
}
