//! Blocks that are freed on other threads, while arenas come and go.

use crate::common::{Counted, Counting, Ledger, Random, shrunk};
use chunky::{Arena, CBox, CVec};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

const THREADS: usize = 4;

/// What the threads throw at each other.
type Parcel = (u64, CVec<CBox<Counted>>, CVec<u64>);

fn parcel(random: &mut Random, ledger: &std::sync::Arc<Ledger>) -> Parcel {
    let seed = random.next();
    let boxes = (0..random.below(8))
        .map(|at| CBox::new(Counted::new(at as u32, ledger)))
        .collect();
    let largest = if random.below(50) == 0 { 5000 } else { 40 };
    let numbers = (0..random.below(largest)).map(|at| at ^ seed).collect();
    (seed, boxes, numbers)
}

fn check((seed, boxes, numbers): &Parcel) {
    assert!(
        boxes
            .iter()
            .enumerate()
            .all(|(at, counted)| counted.value as usize == at)
    );
    assert!(
        numbers
            .iter()
            .enumerate()
            .all(|(at, number)| *number == at as u64 ^ seed)
    );
}

fn work(
    mut random: Random,
    rounds: u32,
    ledger: &std::sync::Arc<Ledger>,
    storage: &std::sync::Arc<Counting>,
    inbox: &Receiver<Parcel>,
    peers: &[Sender<Parcel>],
) {
    let mut arena = Arena::new(storage.clone());
    let mut kept = Vec::new();
    for _ in 0..rounds {
        match random.below(100) {
            0 => arena = Arena::new(storage.clone()),
            1 => arena.trim(),
            // The thread's own arena takes part as well.
            2..10 => kept.push(parcel(&mut random, ledger)),
            10..50 => {
                let parcel = arena.with(|| parcel(&mut random, ledger));
                let to = random.below(peers.len() as u64) as usize;
                // A peer may be done already.
                let _ = peers[to].send(parcel);
            }
            50..60 => arena.with(|| kept.extend(inbox.try_iter())),
            60..70 => {
                let count = random.below(kept.len() as u64 + 1) as usize;
                kept.drain(..count).for_each(|parcel| check(&parcel));
            }
            _ => arena.with(|| {
                if let Ok(mut parcel) = inbox.try_recv() {
                    check(&parcel);
                    // Grows here what was made elsewhere.
                    let (seed, len) = (parcel.0, parcel.2.len() as u64);
                    parcel.2.extend((len..len + 20).map(|at| at ^ seed));
                    check(&parcel);
                    if random.below(3) == 0 {
                        kept.push(parcel);
                    }
                }
            }),
        }
    }
    kept.iter().for_each(check);
}

#[test]
fn threads_free_each_others_blocks() {
    for seed in 0..4 {
        println!("seed {seed}");
        let ledger = Ledger::new();
        let storage = Counting::new();
        let (peers, inboxes): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
        thread::scope(|scope| {
            for (at, inbox) in inboxes.into_iter().enumerate() {
                let (ledger, storage, peers) = (&ledger, &storage, peers.clone());
                let random = Random(seed * 1000 + at as u64);
                scope.spawn(move || work(random, shrunk(20_000), ledger, storage, &inbox, &peers));
            }
        });
        drop(peers);
        ledger.check(0);
        assert_eq!(storage.bytes(), 0);
    }
}

/// The last frees of an orphan come from several threads at once, while the arena is dropped.
#[test]
fn an_arena_is_dropped_while_others_free_its_blocks() {
    for round in 0..shrunk(2_000) {
        let storage = Counting::new();
        let mut arena = Arena::new(storage.clone());
        let parts: Vec<CVec<CBox<u32>>> = arena.with(|| {
            (0..2)
                .map(|part| (0..round % 50).map(|at| CBox::new(at * part)).collect())
                .collect()
        });
        thread::scope(|scope| {
            for part in parts {
                scope.spawn(move || drop(part));
            }
            drop(arena);
        });
        assert_eq!(storage.bytes(), 0);
    }
}

#[test]
fn an_arena_moves_between_threads() {
    let storage = Counting::new();
    let mut arena = Arena::new(storage.clone());
    let mut kept = Vec::new();
    for round in 0..20_u64 {
        (arena, kept) = thread::spawn(move || {
            arena.with(|| {
                kept.push(CBox::new(round));
                if round % 3 == 0 {
                    kept.remove(0);
                }
            });
            (arena, kept)
        })
        .join()
        .unwrap();
    }
    assert!(kept.iter().map(|value| **value).eq(7..20));
    assert_eq!(arena.bytes_in_use(), 13 * 16);
    // No block was freed while another arena was current, so one chunk was enough.
    assert_eq!(storage.acquired(), 1);
    drop((kept, arena));
    assert_eq!(storage.bytes(), 0);
}
