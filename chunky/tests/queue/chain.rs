//! Lanes and chains, against plain vectors.

use std::sync::Arc;

use chunky::{CHUNK_BYTES, Chain, Depot, Lane, Pool, Storage};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counted, Counting, blows, property, shrunk};
use crate::items::*;

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
