//! Collections in collections, moved about in every way that safe code has.

use crate::common::{Counted, Counting, Ledger, runner, shrunk};
use chunky::{Arena, CBox, CMap, CString, CVec, Compact};
use proptest::prelude::*;
use std::mem;
use std::sync::{Arc, Mutex};

/// A bit of everything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Compact)]
struct Item {
    name: CString,
    parts: CVec<CVec<Counted>>,
    next: Option<CBox<Item>>,
}

impl Item {
    fn new(value: u32, ledger: &Arc<Ledger>) -> Self {
        let part = |count: u32| {
            (0..count)
                .map(|at| Counted::new(value + at, ledger))
                .collect()
        };
        Item {
            name: format!("item {}", value % 7).as_str().into(),
            parts: (0..value % 4).map(part).collect(),
            next: (value % 3 == 1).then(|| CBox::new(Item::new(value / 3, ledger))),
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Make(u32),
    Swap(usize, usize),
    SwapParts(usize, usize),
    Take(usize),
    Replace(usize, usize),
    Sort,
    Retain(u32),
    Rotate(usize),
    Unchain(usize),
    Copy(usize, usize),
    Reverse,
}

fn op() -> impl Strategy<Value = Op> {
    let at = 0..16_usize;
    prop_oneof![
        6 => (0..100_u32).prop_map(Op::Make),
        2 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Swap(a, b)),
        2 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::SwapParts(a, b)),
        1 => at.clone().prop_map(Op::Take),
        1 => (at.clone(), at.clone()).prop_map(|(a, b)| Op::Replace(a, b)),
        1 => Just(Op::Sort),
        1 => (2..6_u32).prop_map(Op::Retain),
        1 => at.clone().prop_map(Op::Rotate),
        1 => at.clone().prop_map(Op::Unchain),
        1 => (at.clone(), at).prop_map(|(a, b)| Op::Copy(a, b)),
        1 => Just(Op::Reverse),
    ]
}

/// Applies an operation; the macro serves `CVec` and `Vec`.
macro_rules! apply {
    ($items:expr, $op:expr, $ledger:expr) => {{
        let items = $items;
        let len = items.len();
        match *$op {
            Op::Make(value) => items.push(Item::new(value, $ledger)),
            Op::Retain(modulus) => {
                items.retain_mut(|item| {
                    item.parts.retain(|part| part.len() as u32 % modulus != 1);
                    item.parts.len() as u32 % modulus != 0
                });
            }
            _ if len == 0 => {}
            Op::Swap(a, b) => items.swap(a % len, b % len),
            Op::SwapParts(a, b) => {
                let mut parts = mem::take(&mut items[a % len].parts);
                mem::swap(&mut parts, &mut items[b % len].parts);
                items[a % len].parts = parts;
            }
            Op::Take(at) => drop(mem::take(&mut items[at % len].name)),
            Op::Replace(a, b) => {
                let taken = items[a % len].clone();
                let replaced = mem::replace(&mut items[b % len], taken);
                items.push(replaced);
            }
            Op::Sort => items.sort(),
            Op::Rotate(by) => items.rotate_left(by % len),
            Op::Unchain(at) => {
                if let Some(next) = items[at % len].next.take() {
                    items.push(next.into_inner());
                }
            }
            Op::Copy(a, b) => items[b % len] = items[a % len].duplicate(),
            Op::Reverse => items.reverse(),
        }
    }};
}

#[test]
fn moving_parts_about_breaks_and_leaks_nothing() {
    runner(200)
        .run(&prop::collection::vec(op(), 0..50), |ops| {
            let ledger = Ledger::new();
            let storage = Counting::new();
            let mut arena = Arena::new(storage.clone());
            let items = arena.with(|| {
                let mut items = CVec::new();
                let mut model = Vec::new();
                for op in &ops {
                    apply!(&mut items, op, &ledger);
                    apply!(&mut model, op, &ledger);
                    assert_eq!(items, model, "after {op:?}");
                }
                items
            });
            let copy = items.duplicate();
            drop(arena);
            assert_eq!(items, copy);
            drop((items, copy));
            ledger.check(0);
            assert_eq!(storage.bytes(), 0);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_value_in_a_static_outlives_its_arena() {
    static KEPT: Mutex<CMap<CString, CVec<CString>>> = Mutex::new(CMap::new());
    let storage = Counting::new();
    let mut arena = Arena::new(storage.clone());
    arena.with(|| {
        let mut kept = KEPT.lock().unwrap();
        for at in 0..100 {
            let texts = (0..at)
                .map(|text| format!("text {text}").as_str().into())
                .collect();
            kept.insert(format!("key {at}").as_str().into(), texts);
        }
    });
    drop(arena);
    assert!(storage.bytes() > 0);
    {
        let mut kept = KEPT.lock().unwrap();
        assert_eq!(kept["key 99"][98], "text 98");
        kept.values_mut()
            .for_each(|texts| texts.push("more".into()));
        kept.retain(|_, texts| texts.len() % 2 == 0);
        assert_eq!(kept.len(), 50);
    }
    drop(mem::take(&mut *KEPT.lock().unwrap()));
    assert_eq!(storage.bytes(), 0);
}

#[test]
fn a_value_moves_from_arena_to_arena() {
    let ledger = Ledger::new();
    let storage = Counting::new();
    let mut arenas: Vec<Arena> = (0..3).map(|_| Arena::new(storage.clone())).collect();
    let mut items = CVec::new();
    for round in 0..shrunk(300) {
        let arena = &mut arenas[round as usize % 3];
        items = arena.with(|| {
            let mut items = items;
            items.push(Item::new(round, &ledger));
            if items.len() > 20 {
                items.swap_remove(round as usize % 7);
            }
            items
        });
        if round % 50 == 49 {
            arenas.push(Arena::new(storage.clone()));
            drop(arenas.swap_remove(round as usize % 3));
        }
    }
    assert!(items.len() >= 19);
    drop(arenas);
    drop(items);
    ledger.check(0);
    assert_eq!(storage.bytes(), 0);
}

#[test]
fn a_value_moves_to_another_thread_and_back() {
    let ledger = Ledger::new();
    let storage = Counting::new();
    let mut arena = Arena::new(storage.clone());
    let items = arena.with(|| {
        (0..100)
            .map(|value| Item::new(value, &ledger))
            .collect::<CVec<_>>()
    });
    let expected = items.clone();
    let items = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let mut items = items;
                items.reverse();
                items.extend((0..100).map(|value| Item::new(value, &ledger)));
                items.drain(100..);
                items
            })
            .join()
            .unwrap()
    });
    assert!(items.iter().rev().eq(&expected));
    drop((items, expected, arena));
    ledger.check(0);
    assert_eq!(storage.bytes(), 0);
}
