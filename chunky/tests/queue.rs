//! The message queue, against plain vectors.
#![cfg(not(loom))]

mod common;

use std::sync::Arc;

use chunky::{Addressed, CHUNK_BYTES, Chain, Depot, Key, Lane, Pool, Run, Storage};
use common::{Counted, Counting, Ledger, blows, property, shrunk};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// What the queue is filled with: types of several sizes and alignments.
trait Item: Send + 'static {
    fn make(value: u64, ledger: &Arc<Ledger>) -> Self;
    fn value(&self) -> u64;
}

struct Byte(u8);
struct Three([u8; 3]);
struct Word(u64);
#[repr(align(64))]
struct Aligned(u8, u64);
/// More than half a chunk.
struct Large([u64; 300]);
/// More than a chunk.
struct Huge([u8; 8192]);
/// More than a chunk, and aligned.
#[repr(align(32))]
struct HugeCounted(
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

const KINDS: u32 = 8;

/// Runs `$do` with the item type of this number, which is also the tag of its runs.
macro_rules! with_kind {
    ($kind:expr, $T:ident => $do:expr) => {
        match $kind {
            0 => {
                type $T = Byte;
                $do
            }
            1 => {
                type $T = Three;
                $do
            }
            2 => {
                type $T = Word;
                $do
            }
            3 => {
                type $T = Aligned;
                $do
            }
            4 => {
                type $T = Large;
                $do
            }
            5 => {
                type $T = Huge;
                $do
            }
            6 => {
                type $T = HugeCounted;
                $do
            }
            _ => {
                type $T = Counted;
                $do
            }
        }
    };
}

fn is_counted(kind: u32) -> bool {
    kind >= 6
}

/// An item: kind and value.
type Sent = (u32, u64);

/// Values that the smallest kinds can hold too.
fn sent() -> impl Strategy<Value = Sent> {
    let kind = prop_oneof![6 => 0..4_u32, 1 => 4..7_u32, 3 => Just(7_u32)];
    (kind, 0..200_u64)
}

/// Many of one kind in a row, as in life.
fn burst() -> impl Strategy<Value = Vec<Sent>> {
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

#[derive(Clone, Debug)]
enum Read {
    /// Take this many items out of the next run, after a look at all that are left.
    Take(usize),
    /// The same, but leak the drain: the rest of the run is gone.
    Leak(usize),
    ClearRun,
    /// Walk over all runs, and take out this many of each run of a kind.
    ForEach {
        kind: u32,
        take: usize,
    },
    /// Send the chain to another thread and back.
    Travel,
}

fn read() -> impl Strategy<Value = Read> {
    prop_oneof![
        6 => (0..100_usize).prop_map(Read::Take),
        2 => Just(Read::Take(usize::MAX)),
        1 => (0..4_usize).prop_map(Read::Leak),
        1 => Just(Read::ClearRun),
        2 => (0..KINDS, 0..50_usize).prop_map(|(kind, take)| Read::ForEach { kind, take }),
        1 => Just(Read::Travel),
    ]
}

/// An item for a key that follows from its value.
fn keyed<T>(value: u64, item: T) -> Addressed<T> {
    let key = Key {
        slot: value as u32 * 3,
        generation: value as u16,
    };
    Addressed::new(key, item)
}

/// The value of an item, which must have the right key.
fn value_of<T: Item>(item: &Addressed<T>) -> u64 {
    let value = item.item.value();
    assert_eq!(item.key(), keyed(value, ()).key());
    value
}

struct Queue {
    lane: Lane,
    pool: Pool,
    ledger: Arc<Ledger>,
    storage: Arc<Counting>,
}

impl Queue {
    fn new() -> Self {
        let storage = Counting::new();
        let depot = Depot::new(storage.clone() as Arc<dyn Storage>);
        Queue {
            lane: Lane::new(),
            pool: Pool::new(&depot),
            ledger: Ledger::new(),
            storage,
        }
    }

    fn push(&mut self, (kind, value): Sent) {
        with_kind!(kind, T => self.lane.push(kind, keyed(value, T::make(value, &self.ledger)), &mut self.pool));
    }

    fn chain_of(&mut self, items: &[Sent]) -> Option<Chain> {
        assert!(self.lane.is_empty());
        items.iter().for_each(|&item| self.push(item));
        self.lane.take()
    }
}

/// What is left in a run.
fn contents(run: &Run<'_>) -> Vec<Sent> {
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

fn all_contents(chain: &Chain) -> Vec<Sent> {
    let mut all = Vec::new();
    chain.visit(|run| all.extend(contents(run)));
    assert_eq!((chain.len(), chain.is_empty()), (all.len(), all.is_empty()));
    all
}

/// Takes up to `most` items out of a run; leaks the drain if told so. Returns what it took.
fn take_from(run: &mut Run<'_>, most: usize, leak: bool) -> Vec<Sent> {
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

fn counted(items: &[Sent]) -> usize {
    items.iter().filter(|item| is_counted(item.0)).count()
}

fn follow(sent: &[Sent], reads: &[Read]) -> TestCaseResult {
    let mut queue = Queue::new();
    let mut leaked = 0;
    let Some(mut chain) = queue.chain_of(sent) else {
        prop_assert!(sent.is_empty());
        return Ok(());
    };
    prop_assert_eq!(chain.written(), sent.len());
    let mut left = sent.to_vec();
    for read in reads {
        prop_assert_eq!(&all_contents(&chain), &left);
        prop_assert_eq!(queue.ledger.live(), counted(&left) + leaked);
        match *read {
            Read::Take(most) => match chain.next_run(&mut queue.pool) {
                Some(mut run) => {
                    let taken = take_from(&mut run, most, false);
                    prop_assert_eq!(&taken[..], &left[..taken.len()]);
                    left.drain(..taken.len());
                }
                None => prop_assert!(left.is_empty()),
            },
            Read::Leak(most) => {
                let Some(mut run) = chain.next_run(&mut queue.pool) else {
                    continue;
                };
                let before = contents(&run);
                let taken = take_from(&mut run, most, true);
                prop_assert!(run.is_empty(), "a leaked drain gives nothing back");
                leaked += counted(&before[taken.len()..]);
                left.drain(..before.len());
            }
            Read::ClearRun => {
                let Some(mut run) = chain.next_run(&mut queue.pool) else {
                    continue;
                };
                let len = run.len();
                run.clear();
                prop_assert!(run.is_empty());
                left.drain(..len);
            }
            Read::ForEach { kind, take } => {
                let mut rest = Vec::new();
                chain.for_each_run(|run| {
                    if run.tag() == kind {
                        take_from(run, take, false);
                    }
                    rest.extend(contents(run));
                });
                let others = |items: &[Sent]| -> Vec<Sent> {
                    items
                        .iter()
                        .copied()
                        .filter(|item| item.0 != kind)
                        .collect()
                };
                prop_assert_eq!(others(&rest), others(&left));
                left = rest;
            }
            Read::Travel => {
                let thread = std::thread::spawn(move || (all_contents(&chain), chain));
                let (seen, back) = thread.join().unwrap();
                chain = back;
                prop_assert_eq!(&seen, &left);
            }
        }
    }
    prop_assert_eq!(all_contents(&chain), left);
    drop(chain);
    prop_assert_eq!(
        queue.ledger.live(),
        leaked,
        "items are dropped with their chain"
    );
    queue.ledger.forget(leaked);
    let storage = Arc::clone(&queue.storage);
    drop(queue);
    prop_assert_eq!(storage.bytes(), 0, "memory was kept");
    Ok(())
}

#[test]
fn a_chain_behaves_like_a_vector_of_what_was_sent() {
    let ops = (
        prop::collection::vec(burst(), 0..25),
        prop::collection::vec(read(), 0..40),
    );
    property(250, ops, |(bursts, reads)| follow(&bursts.concat(), &reads));
}

#[test]
fn a_lane_that_is_dropped_drops_what_it_holds() {
    property(60, prop::collection::vec(burst(), 0..10), |bursts| {
        let mut queue = Queue::new();
        let items = bursts.concat();
        items.iter().for_each(|&item| queue.push(item));
        prop_assert_eq!(queue.lane.is_empty(), items.is_empty());
        prop_assert_eq!(queue.ledger.live(), counted(&items));
        let Queue {
            lane,
            pool,
            ledger,
            storage,
        } = queue;
        drop(lane);
        prop_assert_eq!(ledger.live(), 0);
        drop(pool);
        prop_assert_eq!(storage.bytes(), 0);
        Ok(())
    });
}

#[test]
fn runs_are_long_and_chunks_are_full() {
    let mut queue = Queue::new();
    let items: Vec<Sent> = (0..10_000).map(|value| (2, value)).collect();
    let chain = queue.chain_of(&items).unwrap();
    let mut runs = 0;
    chain.visit(|_| runs += 1);
    let chunks = queue.storage.acquired();
    assert_eq!(runs, chunks, "items of one type in one chunk share a run");
    assert!(
        chunks <= 10_000 * 16 / (CHUNK_BYTES as u64 - 200) + 1,
        "{chunks} chunks"
    );
}

#[test]
fn an_item_whose_drop_panics_is_dropped_once() {
    for armed in 0..5 {
        let mut queue = Queue::new();
        for value in 0..5 {
            let mut item = Counted::new(value, &queue.ledger);
            item.armed = value == armed;
            queue.lane.push(7, keyed(value, item), &mut queue.pool);
        }
        let mut chain = queue.lane.take().unwrap();
        let mut run = chain.next_run(&mut queue.pool).unwrap();
        assert!(blows(|| run.clear()));
        assert_eq!(run.len(), 4 - armed as usize);
        run.clear();
        assert_eq!(queue.ledger.live(), 0);
        drop(chain);
    }
}

#[test]
fn a_drain_that_a_panic_interrupts_leaves_the_rest_in_the_run() {
    let mut queue = Queue::new();
    let mut chain = queue.chain_of(&[(7, 0), (7, 1), (7, 2), (7, 3)]).unwrap();
    let mut run = chain.next_run(&mut queue.pool).unwrap();
    assert!(blows(|| {
        for mut item in run.drain::<Counted>().unwrap() {
            item.item.armed = item.item.value == 1;
        }
    }));
    assert_eq!(contents(&run), [(7, 2), (7, 3)]);
    assert_eq!(queue.ledger.live(), 2);
    drop(chain);
    assert_eq!(queue.ledger.live(), 0);
}

#[test]
fn chains_travel_between_threads_and_chunks_come_back() {
    let storage = Counting::new();
    let depot = Depot::new(storage.clone() as Arc<dyn Storage>);
    let (to, from) = std::sync::mpsc::sync_channel::<Chain>(4);
    let rounds = u64::from(shrunk(300));
    let writer = std::thread::spawn({
        let mut pool = Pool::new(&depot);
        move || {
            for round in 0..rounds {
                let mut lane = Lane::new();
                (0..3000).for_each(|at| lane.push(1, keyed(at, round * 3000 + at), &mut pool));
                to.send(lane.take().unwrap()).unwrap();
            }
        }
    });
    let mut pool = Pool::new(&depot);
    let mut next = 0;
    for mut chain in from {
        while let Some(mut run) = chain.next_run(&mut pool) {
            for item in run.drain::<u64>().unwrap() {
                assert_eq!(item.item, next);
                next += 1;
            }
        }
    }
    writer.join().unwrap();
    assert_eq!(next, rounds * 3000);
    let most = 6 * 13 + 4 * 64;
    assert!(
        storage.acquired() <= most,
        "{} chunks, not reused",
        storage.acquired()
    );
    drop((pool, depot));
    assert_eq!(storage.bytes(), 0);
}

#[test]
fn the_steady_state_takes_nothing_new_from_the_storage() {
    let mut queue = Queue::new();
    let items: Vec<Sent> = (0..5_000).map(|at| (at as u32 % 4, at % 256)).collect();
    let round = |queue: &mut Queue| {
        let mut chain = queue.chain_of(&items).unwrap();
        while let Some(mut run) = chain.next_run(&mut queue.pool) {
            run.clear();
        }
    };
    round(&mut queue);
    let first = queue.storage.acquired();
    for _ in 0..20 {
        round(&mut queue);
    }
    assert_eq!(queue.storage.acquired(), first);
}
