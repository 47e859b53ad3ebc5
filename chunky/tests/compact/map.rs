//! `CMap` beside an insertion-ordered list of entries.

use crate::common::{Counted, Ledger, blows, runner};
use chunky::{Arena, CMap, CString, Compact, Heap};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

trait Key: Hash + Eq + Clone + Debug {
    fn make(value: u32, ledger: &Arc<Ledger>) -> Self;
}

impl Key for Counted {
    fn make(value: u32, ledger: &Arc<Ledger>) -> Self {
        Counted::new(value, ledger)
    }
}

impl Key for u32 {
    fn make(value: u32, _: &Arc<Ledger>) -> Self {
        value
    }
}

/// All keys collide, or fall into few groups that do.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Colliding<const GROUPS: u32>(u32);

impl<const GROUPS: u32> Hash for Colliding<GROUPS> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.0 % GROUPS).hash(hasher);
    }
}

impl<const GROUPS: u32> Key for Colliding<GROUPS> {
    fn make(value: u32, _: &Arc<Ledger>) -> Self {
        Colliding(value)
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u32),
    InsertRange(u32, u32),
    Remove(u32),
    RemoveRange(u32, u32),
    GetOrInsert(u32),
    Change(u32),
    Retain(u32),
    Clear,
    Clone,
    Take,
    Rebuild,
}

fn op() -> impl Strategy<Value = (Op, Option<u64>)> {
    let key = 0..80_u32;
    let op = prop_oneof![
        6 => key.clone().prop_map(Op::Insert),
        2 => (key.clone(), 0..30_u32).prop_map(|(from, count)| Op::InsertRange(from, count)),
        6 => key.clone().prop_map(Op::Remove),
        1 => (key.clone(), 0..20_u32).prop_map(|(from, count)| Op::RemoveRange(from, count)),
        2 => key.clone().prop_map(Op::GetOrInsert),
        2 => key.prop_map(Op::Change),
        1 => (2..5_u32).prop_map(Op::Retain),
        1 => Just(Op::Clear),
        1 => Just(Op::Clone),
        1 => Just(Op::Take),
        1 => Just(Op::Rebuild),
    ];
    (op, prop::option::weighted(0.1, 0..40_u64))
}

fn apply<K: Key>(map: &mut CMap<K, Counted>, op: &Op, ledger: &Arc<Ledger>) {
    let value = |key: u32| Counted::new(key + 1000, ledger);
    match *op {
        Op::Insert(key) => drop(map.insert(K::make(key, ledger), value(key))),
        Op::InsertRange(from, count) => {
            map.extend((from..from + count).map(|key| (K::make(key, ledger), value(key))));
        }
        Op::Remove(key) => drop(map.remove(&K::make(key, ledger))),
        Op::RemoveRange(from, count) => {
            for key in from..from + count {
                map.remove(&K::make(key, ledger));
            }
        }
        Op::GetOrInsert(key) => {
            map.get_or_insert_with(K::make(key, ledger), || {
                ledger.tick();
                value(key)
            })
            .value += 1;
        }
        Op::Change(key) => {
            if let Some(value) = map.get_mut(&K::make(key, ledger)) {
                value.value += 2;
            }
        }
        Op::Retain(modulus) => map.retain(|_, value| {
            ledger.tick();
            value.value += 3;
            value.value % modulus != 0
        }),
        Op::Clear => map.clear(),
        Op::Clone => *map = map.clone(),
        Op::Take => {
            let taken = std::mem::take(map);
            assert!(map.is_empty());
            *map = taken;
        }
        Op::Rebuild => {
            let mut taken = std::mem::take(map).into_iter();
            let last = taken.next_back();
            *map = taken.chain(last).collect();
        }
    }
}

/// The same with a list of keys and values.
fn apply_to_model(model: &mut Vec<(u32, u32)>, op: &Op) {
    fn remove(model: &mut Vec<(u32, u32)>, key: u32) {
        if let Some(at) = model.iter().position(|entry| entry.0 == key) {
            model.swap_remove(at);
        }
    }
    fn entry(model: &mut Vec<(u32, u32)>, key: u32) -> &mut u32 {
        let at = model
            .iter()
            .position(|entry| entry.0 == key)
            .unwrap_or_else(|| {
                model.push((key, key + 1000));
                model.len() - 1
            });
        &mut model[at].1
    }
    match *op {
        Op::Insert(key) => *entry(model, key) = key + 1000,
        Op::InsertRange(from, count) => {
            (from..from + count).for_each(|key| *entry(model, key) = key + 1000);
        }
        Op::Remove(key) => remove(model, key),
        Op::RemoveRange(from, count) => (from..from + count).for_each(|key| remove(model, key)),
        Op::GetOrInsert(key) => *entry(model, key) += 1,
        Op::Change(key) => {
            if let Some(entry) = model.iter_mut().find(|entry| entry.0 == key) {
                entry.1 += 2;
            }
        }
        Op::Retain(modulus) => model.retain_mut(|(_, value)| {
            *value += 3;
            *value % modulus != 0
        }),
        Op::Clear => model.clear(),
        Op::Clone | Op::Take | Op::Rebuild => {}
    }
}

fn compare<K: Key>(ops: &[(Op, Option<u64>)], number: impl Fn(&K) -> u32) {
    let ledger = Ledger::new();
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| {
        let mut map = CMap::<K, Counted>::new();
        let mut model = Vec::new();
        for (op, panics) in ops {
            let entries = |map: &CMap<K, Counted>| {
                map.iter()
                    .map(|(key, value)| (number(key), value.value))
                    .collect::<Vec<_>>()
            };
            let panicked = panics.is_some_and(|after| {
                ledger.arm(after);
                let panicked = blows(|| apply(&mut map, op, &ledger));
                ledger.disarm();
                panicked
            });
            if panicked {
                model = entries(&map);
            } else {
                if panics.is_none() {
                    apply(&mut map, op, &ledger);
                }
                apply_to_model(&mut model, op);
            }
            assert_eq!(entries(&map), model, "after {op:?}");
            let keys: BTreeSet<u32> = model.iter().map(|entry| entry.0).collect();
            assert_eq!(keys.len(), map.len(), "a key is in the map twice");
            for key in 0..115 {
                let at = map.position(&K::make(key, &ledger));
                assert_eq!(
                    at,
                    model.iter().position(|entry| entry.0 == key),
                    "after {op:?}"
                );
            }
        }
    });
    ledger.check(0);
    assert_eq!(arena.bytes_in_use(), 0);
}

fn property<K: Key>(number: impl Fn(&K) -> u32) {
    let ops = prop::collection::vec(op(), 0..60);
    runner(100)
        .run(&ops, |ops| {
            compare::<K>(&ops, &number);
            Ok(())
        })
        .unwrap();
}

#[test]
fn is_like_a_list_for_numbers() {
    property::<u32>(|key| *key);
}

#[test]
fn is_like_a_list_for_counted_keys() {
    property::<Counted>(|key| key.value);
}

#[test]
fn is_like_a_list_where_all_keys_collide() {
    property::<Colliding<1>>(|key| key.0);
}

#[test]
fn is_like_a_list_where_keys_fall_into_groups() {
    property::<Colliding<7>>(|key| key.0);
}

#[test]
fn is_small() {
    assert_eq!(size_of::<CMap<u64, u64>>(), 32);
}

#[test]
fn borrowed_keys_find_owned_ones() {
    let mut map: CMap<CString, u32> = [("a".into(), 1), ("b".into(), 2)].into();
    assert_eq!(map["b"], 2);
    assert_eq!(map.get("c"), None);
    assert!(map.contains_key("a"));
    *map.get_mut("a").unwrap() += 10;
    assert_eq!(map.get_key_value("a"), Some((&"a".into(), &11)));
    assert_eq!(map.remove_entry("a"), Some(("a".into(), 11)));
    assert_eq!(format!("{map:?}"), r#"{"b": 2}"#);
}

#[test]
fn the_order_is_that_of_insertion_and_removal_moves_the_last() {
    let mut map: CMap<u32, ()> = (0..100).map(|key| (key, ())).collect();
    assert!(map.keys().copied().eq(0..100));
    map.remove(&3);
    assert_eq!(
        map.keys().copied().skip(2).take(3).collect::<Vec<_>>(),
        [2, 99, 4]
    );
    map.retain(|key, ()| key % 10 == 4 || *key == 99);
    assert_eq!(map.as_slice()[..3], [(99, ()), (4, ()), (14, ())]);
}

#[test]
fn equality_ignores_the_order_but_the_state_does_not() {
    let forth: CMap<u32, u32> = (0..50).map(|key| (key, key)).collect();
    let back: CMap<u32, u32> = (0..50).rev().map(|key| (key, key)).collect();
    assert_eq!(forth, back);
    assert_ne!(forth, (0..50).map(|key| (key, 0)).collect());
    let state = |map: &CMap<u32, u32>| {
        let mut bytes = crate::leaves::Bytes::default();
        map.hash_state(&mut bytes);
        bytes
    };
    assert_ne!(state(&forth), state(&back));
    assert_eq!(state(&forth), state(&forth.duplicate()));
}

#[test]
fn many_entries_are_found() {
    let count = crate::common::shrunk(100_000);
    let mut map: CMap<u32, u32> = (0..count)
        .map(|key| (key.wrapping_mul(2_654_435_761), key))
        .collect();
    assert!((0..count).all(|key| map[&key.wrapping_mul(2_654_435_761)] == key));
    assert!((0..count).all(|key| map.remove(&key.wrapping_mul(2_654_435_761)) == Some(key)));
    assert!(map.is_empty());
}

/// Its hash and its equality change all the time.
#[derive(Clone)]
struct Erratic(Arc<std::sync::atomic::AtomicU32>);

impl Erratic {
    fn next(&self) -> u32 {
        self.0
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            .wrapping_mul(2_654_435_761)
            >> 16
    }
}

impl Hash for Erratic {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.next() % 13).hash(hasher);
    }
}

impl PartialEq for Erratic {
    fn eq(&self, _: &Self) -> bool {
        self.next().is_multiple_of(5)
    }
}

impl Eq for Erratic {}

#[test]
fn erratic_keys_cannot_break_a_map() {
    let key = Erratic(Arc::default());
    let mut map = CMap::new();
    for step in 0..crate::common::shrunk(20_000) {
        match step % 7 {
            0..4 => drop(map.insert(key.clone(), step)),
            4 => drop(map.remove(&key)),
            5 => drop(map.get(&key)),
            _ if step % 91 == 6 => map.retain(|_, value| *value % 3 != 0),
            _ => *map.get_or_insert_with(key.clone(), || step) += 1,
        }
    }
}
