//! `CVec` beside `Vec`.

use crate::common::{Counted, Ledger, blows, runner};
use chunky::{Arena, CVec, Heap};
use proptest::prelude::*;
use std::cell::Cell;
use std::fmt::Debug;
use std::sync::Arc;

/// An element that can be made from a small number.
trait Element: Clone + Ord + Debug {
    fn make(value: u32, ledger: &Arc<Ledger>) -> Self;
}

impl Element for Counted {
    fn make(value: u32, ledger: &Arc<Ledger>) -> Self {
        Counted::new(value, ledger)
    }
}

impl Element for u8 {
    fn make(value: u32, _: &Arc<Ledger>) -> Self {
        value as u8
    }
}

/// So large that a few of them need a chunk of their own.
impl Element for [u64; 100] {
    fn make(value: u32, _: &Arc<Ledger>) -> Self {
        [u64::from(value); 100]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(256))]
struct Aligned(u32);

impl Element for Aligned {
    fn make(value: u32, _: &Arc<Ledger>) -> Self {
        Aligned(value)
    }
}

/// Has no size, and still counts who is alive.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Nothing;

thread_local! { static NOTHINGS: Cell<i64> = const { Cell::new(0) } }

impl Element for Nothing {
    fn make(_: u32, _: &Arc<Ledger>) -> Self {
        NOTHINGS.set(NOTHINGS.get() + 1);
        Nothing
    }
}

impl Clone for Nothing {
    fn clone(&self) -> Self {
        Nothing::make(0, &Ledger::new())
    }
}

impl Drop for Nothing {
    fn drop(&mut self) {
        NOTHINGS.set(NOTHINGS.get() - 1);
    }
}

#[derive(Clone, Debug)]
enum Op {
    Push(u32),
    Pop,
    Insert(usize, u32),
    Remove(usize),
    SwapRemove(usize),
    Truncate(usize),
    Clear,
    Retain(u32),
    Dedup,
    Drain { from: usize, to: usize, take: usize },
    SplitAndAppend(usize),
    Extend(Vec<u32>),
    ExtendWithoutHint(Vec<u32>),
    ExtendFromSlice(Vec<u32>),
    Resize(usize, u32),
    ResizeWith(usize),
    Reserve(usize),
    ReserveExact(usize),
    ShrinkToFit,
    Sort,
    Take,
    Clone,
    IntoIter { front: usize, back: usize },
}

/// How an operation is made to panic: at which tick of the ledger.
type Panics = Option<u64>;

fn op() -> impl Strategy<Value = (Op, Panics)> {
    let at = 0..20_usize;
    let value = 0..6_u32;
    let values = prop::collection::vec(value.clone(), 0..12);
    let op = prop_oneof![
        8 => value.clone().prop_map(Op::Push),
        2 => Just(Op::Pop),
        3 => (at.clone(), value.clone()).prop_map(|(at, value)| Op::Insert(at, value)),
        2 => at.clone().prop_map(Op::Remove),
        2 => at.clone().prop_map(Op::SwapRemove),
        1 => at.clone().prop_map(Op::Truncate),
        1 => Just(Op::Clear),
        2 => value.clone().prop_map(Op::Retain),
        2 => Just(Op::Dedup),
        3 => (at.clone(), at.clone(), at.clone())
            .prop_map(|(from, to, take)| Op::Drain { from, to, take }),
        1 => at.clone().prop_map(Op::SplitAndAppend),
        2 => values.clone().prop_map(Op::Extend),
        2 => values.clone().prop_map(Op::ExtendWithoutHint),
        2 => values.prop_map(Op::ExtendFromSlice),
        2 => (at.clone(), value).prop_map(|(len, value)| Op::Resize(len, value)),
        1 => at.clone().prop_map(Op::ResizeWith),
        1 => at.clone().prop_map(Op::Reserve),
        1 => at.clone().prop_map(Op::ReserveExact),
        1 => Just(Op::ShrinkToFit),
        2 => Just(Op::Sort),
        1 => Just(Op::Take),
        1 => Just(Op::Clone),
        1 => (at.clone(), at).prop_map(|(front, back)| Op::IntoIter { front, back }),
    ];
    (op, prop::option::weighted(0.1, 0..8_u64))
}

/// Applies an operation to a vector; the macro serves `CVec` and `Vec`.
macro_rules! apply {
    ($vec:expr, $op:expr, $ledger:expr, $type:ident) => {{
        let (vec, ledger) = ($vec, $ledger);
        let len = vec.len();
        let index = |at: usize| at % len.max(1);
        let make = |value: &u32| T::make(*value, ledger);
        match $op {
            Op::Push(value) => vec.push(make(value)),
            Op::Pop => drop(vec.pop()),
            Op::Insert(at, value) => vec.insert(at % (len + 1), make(value)),
            Op::Remove(at) if len > 0 => drop(vec.remove(index(*at))),
            Op::SwapRemove(at) if len > 0 => drop(vec.swap_remove(index(*at))),
            Op::Remove(_) | Op::SwapRemove(_) => {}
            Op::Truncate(len) => vec.truncate(*len),
            Op::Clear => vec.clear(),
            Op::Retain(value) => {
                let value = make(value);
                vec.retain(|kept| {
                    ledger.tick();
                    *kept != value
                });
            }
            Op::Dedup => vec.dedup(),
            Op::Drain { from, to, take } => {
                let (from, to) = (from % (len + 1), to % (len + 1));
                let drained = vec.drain(from.min(to)..from.max(to)).take(*take);
                drained.for_each(|value| {
                    ledger.tick();
                    drop(value);
                });
            }
            Op::SplitAndAppend(at) => {
                let mut tail = vec.split_off(at % (len + 1));
                tail.reverse();
                vec.append(&mut tail);
                assert!(tail.is_empty());
            }
            Op::Extend(values) => vec.extend(values.iter().map(make)),
            Op::ExtendWithoutHint(values) => {
                vec.extend(values.iter().filter(|_| true).map(|value| {
                    ledger.tick();
                    make(value)
                }))
            }
            Op::ExtendFromSlice(values) => {
                let values: Vec<T> = values.iter().map(make).collect();
                vec.extend_from_slice(&values);
            }
            Op::Resize(len, value) => vec.resize(*len, make(value)),
            Op::ResizeWith(len) => vec.resize_with(*len, || {
                ledger.tick();
                make(&3)
            }),
            Op::Reserve(additional) => {
                vec.reserve(*additional);
                assert!(vec.capacity() >= len + additional);
            }
            Op::ReserveExact(additional) => {
                vec.reserve_exact(*additional);
                assert!(vec.capacity() >= len + additional);
            }
            Op::ShrinkToFit => vec.shrink_to_fit(),
            Op::Sort => vec.sort(),
            Op::Take => {
                let taken = std::mem::take(vec);
                assert!(vec.is_empty());
                *vec = taken;
            }
            Op::Clone => *vec = vec.clone(),
            Op::IntoIter { front, back } => {
                let mut values = std::mem::take(vec).into_iter();
                let mut rest: $type<T> = values.by_ref().take(*front).collect();
                rest.extend(values.by_ref().rev().take(*back));
                assert_eq!(values.len(), values.as_slice().len());
                *vec = rest;
            }
        }
    }};
}

fn compare<T: Element>(ops: &[(Op, Panics)]) {
    let ledger = Ledger::new();
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| {
        let mut vec = CVec::<T>::new();
        let mut model = Vec::<T>::new();
        for (op, panics) in ops {
            if let Some(after) = panics {
                ledger.arm(*after);
                let panicked = blows(|| apply!(&mut vec, op, &ledger, CVec));
                ledger.disarm();
                if panicked {
                    // Whatever is left is valid, and becomes the model.
                    model = vec.to_vec();
                    continue;
                }
            } else {
                apply!(&mut vec, op, &ledger, CVec);
            }
            apply!(&mut model, op, &ledger, Vec);
            assert_eq!(vec, model, "after {op:?}");
            assert!(vec.capacity() >= vec.len());
        }
    });
    ledger.check(0);
    assert_eq!(NOTHINGS.get(), 0);
    assert_eq!(arena.bytes_in_use(), 0);
}

fn property<T: Element>() {
    let ops = prop::collection::vec(op(), 0..60);
    runner(150)
        .run(&ops, |ops| {
            compare::<T>(&ops);
            Ok(())
        })
        .unwrap();
}

#[test]
fn is_like_vec_for_counted_elements() {
    property::<Counted>();
}

#[test]
fn is_like_vec_for_bytes() {
    property::<u8>();
}

#[test]
fn is_like_vec_for_large_elements() {
    property::<[u64; 100]>();
}

#[test]
fn is_like_vec_for_aligned_elements() {
    property::<Aligned>();
}

#[test]
fn is_like_vec_for_elements_without_size() {
    property::<Nothing>();
}

#[test]
fn is_small_and_starts_without_storage() {
    assert_eq!(size_of::<CVec<u8>>(), 16);
    assert_eq!(size_of::<Option<CVec<u8>>>(), 16);
    assert_eq!(CVec::<u64>::new().capacity(), 0);
    static EMPTY: CVec<u64> = CVec::new();
    assert!(EMPTY.is_empty());
}

#[test]
fn elements_are_aligned() {
    for count in 1..200 {
        let vec = CVec::from_iter(vec![Aligned(1); count]);
        assert_eq!(vec.as_ptr().addr() % 256, 0);
    }
    #[repr(align(4096))]
    struct Page;
    assert_eq!(std::ptr::from_ref(&CVec::from([Page])[0]).addr() % 4096, 0);
}

#[test]
fn a_leaked_drain_leaves_all_elements() {
    let ledger = Ledger::new();
    let mut vec: CVec<Counted> = (0..10).map(|value| Counted::new(value, &ledger)).collect();
    let mut drain = vec.drain(2..5);
    assert_eq!(drain.next().unwrap().value, 2);
    std::mem::forget(drain);
    let mut values: Vec<u32> = vec.iter().map(|counted| counted.value).collect();
    values.sort_unstable();
    assert_eq!(values, [0, 1, 3, 4, 5, 6, 7, 8, 9]);
    ledger.check(9);
    drop(vec);
    ledger.check(0);
}

#[test]
fn a_panicking_drop_drops_the_others_and_frees_the_block() {
    let ledger = Ledger::new();
    let mut arena = Arena::new(Arc::new(Heap));
    arena.with(|| {
        for fatal in 0..5 {
            let vec: CVec<Counted> = (0..5).map(|value| Counted::new(value, &ledger)).collect();
            ledger.arm(fatal);
            assert!(blows(|| drop(vec)));
            ledger.check(0);
            let vec: CVec<Counted> = (0..5).map(|value| Counted::new(value, &ledger)).collect();
            let mut values = vec.into_iter();
            drop(values.next());
            ledger.arm(fatal.min(3));
            assert!(blows(|| drop(values)));
            ledger.check(0);
        }
    });
    assert_eq!(arena.bytes_in_use(), 0);
}

#[test]
#[should_panic(expected = "a CVec holds at most 4294967295 elements")]
fn too_many_elements_are_a_clear_panic() {
    let mut vec = CVec::from([(); 3]);
    vec.reserve(u32::MAX as usize - 2);
}

#[test]
#[should_panic(expected = "cannot insert at 4 into 3 elements")]
fn insertion_beyond_the_end_is_a_clear_panic() {
    CVec::from([1, 2, 3]).insert(4, 0);
}

#[test]
#[should_panic(expected = "cannot remove at 3 of 3 elements")]
fn removal_at_the_end_is_a_clear_panic() {
    CVec::from([1, 2, 3]).remove(3);
}

#[test]
fn conversions_and_comparisons() {
    let vec = CVec::from([1, 2, 3]);
    assert_eq!(vec, [1, 2, 3]);
    assert_eq!(vec, vec![1, 2, 3]);
    assert_eq!(vec, CVec::from(vec![1, 2, 3]));
    assert_eq!(vec, CVec::from(&[1, 2, 3][..]));
    let later = CVec::from([1, 3]);
    assert!(vec < later);
    assert_eq!(Vec::from(vec.clone()), [1, 2, 3]);
    assert_eq!(format!("{vec:?}"), "[1, 2, 3]");
    let mut doubled = vec.clone();
    doubled.iter_mut().for_each(|value| *value *= 2);
    doubled.extend(&vec);
    assert_eq!(doubled, [2, 4, 6, 1, 2, 3]);
    assert_eq!(
        doubled.into_iter().rev().collect::<CVec<_>>(),
        [3, 2, 1, 6, 4, 2]
    );
    assert_eq!(
        CVec::from([1, 2, 3, 4]).drain(1..=2).collect::<Vec<_>>(),
        [2, 3]
    );
}
