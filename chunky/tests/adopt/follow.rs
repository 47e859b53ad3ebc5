//! Maps that are saved and adopted, against copies that never were.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use chunky::{Lookup, SlotMap, Storage};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counting, Ledger, property};
use crate::saved::{Pushed, Saved, key};
use crate::values::{Aligned, Byte, Counted, Large, Odd, Value};

#[derive(Clone, Copy, Debug)]
pub enum Op {
    Insert(u32),
    Remove(u32),
    /// Remove the value at this position, if there is one.
    RemoveAt(usize),
    Skip(u32),
    Count(u32),
    Duplicate,
}

fn slot() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0_u32..40, 2 => 100_u32..300, 1 => 99_990_u32..100_010]
}

pub fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        8 => slot().prop_map(Op::Insert),
        4 => slot().prop_map(Op::Remove),
        2 => (0..9000_usize).prop_map(Op::RemoveAt),
        1 => slot().prop_map(Op::Skip),
        3 => slot().prop_map(Op::Count),
        1 => Just(Op::Duplicate),
    ];
    prop::collection::vec(op, 0..most)
}

/// What is done to several maps at once: it must come out the same.
#[derive(Clone, Default)]
pub struct Play {
    generations: HashMap<u32, u16>,
    made: u64,
}

impl Play {
    /// Does it to all maps, which are equal.
    pub fn follow<T: Value>(
        &mut self,
        op: Op,
        maps: &mut [&mut SlotMap<T>],
        make: impl Fn(u64) -> T,
    ) -> TestCaseResult {
        self.made += 1;
        let op = match op {
            Op::RemoveAt(at) => maps[0]
                .key_at(at)
                .map_or(Op::Skip(7), |key| Op::Remove(key.slot)),
            op => op,
        };
        let generation = |slot: u32| self.generations.get(&slot).copied().unwrap_or(1);
        let mut outcomes = maps.iter_mut().map(|map| match op {
            Op::Insert(slot) => {
                let inserted = map.insert(key(slot, generation(slot)), make(self.made));
                u64::from(inserted.is_ok())
            }
            Op::Remove(slot) => {
                let removed = map.remove(key(slot, generation(slot)));
                removed.map_or(u64::MAX, |removed| removed.value())
            }
            Op::Skip(slot) => u64::from(map.skip(key(slot, generation(slot)))),
            Op::Count(slot) => match map.get_with_counter(key(slot, generation(slot))) {
                Some((found, counter)) => {
                    *counter += 1;
                    found.value()
                }
                None => u64::MAX,
            },
            Op::Duplicate => {
                **map = map.duplicate_with(|found| make(found.value()));
                0
            }
            Op::RemoveAt(_) => 0,
        });
        let first = outcomes.next();
        let rest: Vec<u64> = outcomes.collect();
        prop_assert!(rest.iter().all(|other| Some(*other) == first));
        let gone = match op {
            Op::Remove(slot) => first.filter(|_| first != Some(u64::MAX)).map(|_| slot),
            Op::Skip(slot) => first.filter(|_| first == Some(1)).map(|_| slot),
            _ => None,
        };
        if let Some(slot) = gone {
            let next = generation(slot) + 1;
            self.generations.insert(slot, next);
        }
        Ok(())
    }

    /// Whether both maps hold the same.
    pub fn compare<T: Value>(&self, one: &SlotMap<T>, other: &SlotMap<T>) -> TestCaseResult {
        prop_assert_eq!(one.len(), other.len());
        for at in 0..=one.len() {
            let expected = one
                .at(at)
                .map(|(key, count, found)| (key, count, found.value()));
            let found = other
                .at(at)
                .map(|(key, count, found)| (key, count, found.value()));
            prop_assert_eq!(found, expected);
            if let Some((key, ..)) = found {
                prop_assert_eq!(other.lookup(key), Lookup::Live(at));
                prop_assert_eq!(other.position_of(key.slot), Some(at));
            }
        }
        for slot in (0..310).chain(99_980..100_020) {
            for generation in 0..4 {
                let key = key(slot, generation);
                prop_assert_eq!(one.lookup(key), other.lookup(key));
            }
        }
        Ok(())
    }
}

/// Ends a map whose values are somebody else's by now.
pub fn forget_values<T>(mut map: SlotMap<T>) {
    while let Some(key) = map.key_at(0) {
        std::mem::forget(map.remove(key));
    }
}

fn saved_and_adopted<T: Value>(
    fill: u32,
    before: &[Op],
    after: &[Op],
    pushed: Pushed,
) -> TestCaseResult {
    let ledger = Ledger::new();
    let storages = [Counting::new(), Counting::new()];
    let storage = |at: usize| storages[at].clone() as Arc<dyn Storage>;
    let make = |value| T::make(value, &ledger);
    let mut play = Play::default();

    let mut original = SlotMap::new(storage(0));
    for slot in 0..fill {
        prop_assert!(original.insert(key(slot, 1), make(slot.into())).is_ok());
    }
    for op in before {
        play.follow(*op, &mut [&mut original], make)?;
    }
    let mut copy = original.duplicate_with(|value| make(value.value()));
    let saved = Saved::of(&mut original);
    play.compare(&original, &copy)?;
    forget_values(original);

    let (adopted, memory) = saved.adopt::<T>(pushed, &storage(1));
    let mut adopted = adopted.unwrap();
    play.compare(&copy, &adopted)?;
    for (_, value) in adopted.iter().filter(|_| !pushed.values) {
        let address = std::ptr::from_ref(value).addr();
        prop_assert!(memory.addresses().contains(&address), "values were moved");
    }
    prop_assert_eq!(ledger.live(), 2 * counted::<T>(copy.len()));
    let weak = Arc::downgrade(&memory);
    drop(memory);
    prop_assert_eq!(weak.upgrade().is_some(), !pushed.values && !copy.is_empty());

    for op in after {
        play.follow(*op, &mut [&mut copy, &mut adopted], make)?;
        prop_assert_eq!(ledger.live(), 2 * counted::<T>(copy.len()));
    }
    play.compare(&copy, &adopted)?;
    let (one, other) = (Saved::of(&mut copy), Saved::of(&mut adopted));
    prop_assert_eq!(one.slots, other.slots);
    prop_assert_eq!(one.numbers, other.numbers);
    prop_assert_eq!(one.pages, other.pages);

    drop(adopted);
    prop_assert!(weak.upgrade().is_none(), "memory was kept");
    drop(copy);
    prop_assert_eq!(ledger.live(), 0, "values were kept");
    prop_assert_eq!((storages[0].bytes(), storages[1].bytes()), (0, 0));
    Ok(())
}

/// How many of so many values a ledger knows.
fn counted<T: 'static>(len: usize) -> usize {
    if TypeId::of::<T>() == TypeId::of::<Counted>() {
        len
    } else {
        0
    }
}

fn follow<T: Value>(cases: u32, filled: u32) {
    let fill = prop_oneof![6 => 0..10_u32, 1 => filled / 2..filled];
    let pushed = prop_oneof![
        3 => Just(Pushed::default()),
        1 => any::<(bool, bool, bool)>().prop_map(|(values, slots, pages)| Pushed {
            values,
            slots,
            pages,
        }),
    ];
    property(
        cases,
        (fill, ops(100), ops(100), pushed),
        |(fill, before, after, pushed)| saved_and_adopted::<T>(fill, &before, &after, pushed),
    );
}

#[test]
fn an_adopted_map_of_counted_values_goes_on_like_its_copy() {
    follow::<Counted>(150, 3000);
}

/// Enough that values, slots and pages lie in several blocks each.
#[test]
fn an_adopted_map_of_small_values_goes_on_like_its_copy() {
    follow::<Byte>(40, 50_000);
    follow::<[u64; 3]>(80, 10_000);
}

#[test]
fn an_adopted_map_of_large_values_goes_on_like_its_copy() {
    follow::<Large>(40, 20);
    follow::<Odd>(40, 20);
}

#[test]
fn an_adopted_map_of_aligned_values_goes_on_like_its_copy() {
    follow::<Aligned>(80, 2000);
}

/// What was never in a map, and what was in one that is empty again.
#[test]
fn an_adopted_map_may_be_empty() {
    let storage = Counting::new();
    let mut map = SlotMap::<Byte>::new(storage.clone());
    let saved = Saved::of(&mut map);
    assert!(saved.pages.is_empty() && saved.values.is_empty());
    let storage = storage as Arc<dyn Storage>;
    let empty = saved.adopt::<Byte>(Pushed::default(), &storage).0.unwrap();
    assert_eq!(empty.lookup(key(3, 1)), Lookup::Expected);
    assert!(map.skip(key(300, 1)));
    let saved = Saved::of(&mut map);
    assert_eq!(saved.numbers, [2]);
    let empty = saved.adopt::<Byte>(Pushed::default(), &storage).0.unwrap();
    assert_eq!(empty.lookup(key(300, 1)), Lookup::Dead);
    assert_eq!(empty.lookup(key(300, 2)), Lookup::Expected);
}
