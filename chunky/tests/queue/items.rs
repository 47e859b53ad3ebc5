//! What the queue is filled with, and how it is looked at.

use std::sync::Arc;

use chunky::{Addressed, Chain, Depot, Key, Lane, Pool, Run, Storage};
use proptest::prelude::*;

use crate::common::{Counted, Counting, Ledger};

/// What the queue is filled with: types of several sizes and alignments.
pub trait Item: Send + 'static {
    fn make(value: u64, ledger: &Arc<Ledger>) -> Self;
    fn value(&self) -> u64;
}

pub struct Byte(u8);
pub struct Three([u8; 3]);
pub struct Word(u64);
#[repr(align(64))]
pub struct Aligned(u8, u64);
/// More than half a chunk.
pub struct Large([u64; 300]);
/// More than a chunk.
pub struct Huge([u8; 8192]);
/// More than a chunk, and aligned.
#[repr(align(32))]
pub struct HugeCounted(
    #[allow(dead_code, reason = "for its size")] [u8; 5000],
    Counted,
);

macro_rules! items {
    ($($item:ident: |$value:ident, $ledger:ident| $make:expr, |$this:ident| $read:expr;)*) => {$(
        impl Item for $item {
            fn make($value: u64, $ledger: &Arc<Ledger>) -> Self {
                $make
            }
            fn value(&self) -> u64 {
                assert!(std::ptr::from_ref(self).is_aligned());
                let $this = self;
                $read
            }
        }
    )*};
}

items! {
    Byte: |value, _ledger| Byte(value as u8), |this| u64::from(this.0);
    Three: |value, _ledger| Three([value as u8; 3]), |this| u64::from(this.0[2]);
    Word: |value, _ledger| Word(value), |this| this.0;
    Aligned: |value, _ledger| Aligned(value as u8, value), |this| {
        assert_eq!(this.0, this.1 as u8);
        this.1
    };
    Large: |value, _ledger| Large([value; 300]), |this| this.0[299];
    Huge: |value, _ledger| Huge([value as u8; 8192]), |this| u64::from(this.0[8191]);
    HugeCounted: |value, ledger| HugeCounted([7; 5000], Counted::new(value, ledger)), |this| this.1.value;
    Counted: |value, ledger| Counted::new(value, ledger), |this| this.value;
}

pub const KINDS: u32 = 8;

pub fn is_counted(kind: u32) -> bool {
    kind >= 6
}

/// An item: kind and value.
pub type Sent = (u32, u64);

/// Values that the smallest kinds can hold too.
pub fn sent() -> impl Strategy<Value = Sent> {
    let kind = prop_oneof![6 => 0..4_u32, 1 => 4..7_u32, 3 => Just(7_u32)];
    (kind, 0..200_u64)
}

/// Many of one kind in a row, as in life.
pub fn burst() -> impl Strategy<Value = Vec<Sent>> {
    (sent(), prop_oneof![3 => 1..4_usize, 1 => 1..300_usize]).prop_map(|((kind, value), len)| {
        let len = if (4..7).contains(&kind) {
            len.min(4)
        } else {
            len
        };
        (0..len as u64)
            .map(|at| (kind, (value + at) % 256))
            .collect()
    })
}

/// An item for a key that follows from its value.
pub fn keyed<T>(value: u64, item: T) -> Addressed<T> {
    let key = Key {
        slot: value as u32 * 3,
        generation: value as u16,
    };
    Addressed::new(key, item)
}

/// The value of an item, which must have the right key.
pub fn value_of<T: Item>(item: &Addressed<T>) -> u64 {
    let value = item.item.value();
    assert_eq!(item.key(), keyed(value, ()).key());
    value
}

pub struct Queue {
    pub lane: Lane,
    pub pool: Pool,
    pub ledger: Arc<Ledger>,
    pub storage: Arc<Counting>,
}

impl Queue {
    pub fn new() -> Self {
        let storage = Counting::new();
        let depot = Depot::new(storage.clone() as Arc<dyn Storage>);
        Queue {
            lane: Lane::new(),
            pool: Pool::new(&depot),
            ledger: Ledger::new(),
            storage,
        }
    }

    pub fn push(&mut self, (kind, value): Sent) {
        with_kind!(kind, T => self.lane.push(kind, keyed(value, T::make(value, &self.ledger)), &mut self.pool));
    }

    pub fn chain_of(&mut self, items: &[Sent]) -> Option<Chain> {
        assert!(self.lane.is_empty());
        items.iter().for_each(|&item| self.push(item));
        self.lane.take()
    }
}

/// What is left in a run.
pub fn contents(run: &Run<'_>) -> Vec<Sent> {
    let kind = run.tag();
    assert!(run.as_slice::<Counting>().is_none(), "a run knows its type");
    let values: Vec<u64> = with_kind!(kind, T => {
        run.as_slice::<T>().unwrap().iter().map(value_of).collect()
    });
    assert_eq!(
        (run.len(), run.is_empty()),
        (values.len(), values.is_empty())
    );
    assert!(run.written() >= run.len());
    values.into_iter().map(|value| (kind, value)).collect()
}

pub fn all_contents(chain: &Chain) -> Vec<Sent> {
    let mut all = Vec::new();
    chain.visit(|run| all.extend(contents(run)));
    assert_eq!((chain.len(), chain.is_empty()), (all.len(), all.is_empty()));
    all
}

/// Takes up to `most` items out of a run; leaks the drain if told so. Returns what it took.
pub fn take_from(run: &mut Run<'_>, most: usize, leak: bool) -> Vec<Sent> {
    assert!(run.drain::<Counting>().is_none(), "a run knows its type");
    let kind = run.tag();
    with_kind!(kind, T => {
        let expected = contents(run);
        let mut drain = run.drain::<T>().unwrap();
        assert_eq!(drain.len(), expected.len());
        assert_eq!(drain.peek().map(value_of), expected.first().map(|item| item.1));
        let taken = drain.by_ref().take(most).map(|item| (kind, value_of(&item))).collect();
        if leak {
            std::mem::forget(drain);
        }
        taken
    })
}

pub fn counted(items: &[Sent]) -> usize {
    items.iter().filter(|item| is_counted(item.0)).count()
}
