//! `Arena`: what it takes, keeps and gives back.

use crate::common::{Counting, runner, shrunk};
use chunky::{Arena, CBox, CVec, Heap};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

fn new_arena() -> (Arc<Counting>, Arena) {
    let storage = Counting::new();
    (storage.clone(), Arena::new(storage))
}

#[derive(Clone, Debug)]
enum Op {
    /// Makes a vector of so many bytes in an arena, or in the thread's own.
    Make(usize, usize),
    /// Lets a vector grow by so many bytes while an arena is current.
    Grow(usize, usize, usize),
    Free(usize, usize),
    FreeMany(usize, usize),
    Renew(usize),
    Trim(usize),
}

const ARENAS: usize = 4;

fn op() -> impl Strategy<Value = Op> {
    let size = prop_oneof![
        6 => 0..200_usize,
        3 => 0..8_000_usize,
        1 => 0..60_000_usize,
    ];
    // One more than there are: then no arena is current.
    let arena = 0..=ARENAS;
    let at = any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    prop_oneof![
        8 => (arena.clone(), size.clone()).prop_map(|(arena, size)| Op::Make(arena, size)),
        2 => (arena.clone(), at.clone(), size).prop_map(|(arena, at, size)| Op::Grow(arena, at, size)),
        6 => (arena.clone(), at).prop_map(|(arena, at)| Op::Free(arena, at)),
        1 => (arena, 0..60_usize).prop_map(|(arena, count)| Op::FreeMany(arena, count)),
        1 => (0..ARENAS).prop_map(Op::Renew),
        1 => (0..ARENAS).prop_map(Op::Trim),
    ]
}

fn within<R>(arenas: &mut [Arena], at: usize, f: impl FnOnce() -> R) -> R {
    match arenas.get_mut(at) {
        Some(arena) => arena.with(f),
        None => f(),
    }
}

/// A vector with a pattern that tells whether someone else wrote to it.
struct Pattern {
    bytes: CVec<u8>,
    seed: usize,
}

impl Pattern {
    fn byte(seed: usize, at: usize) -> u8 {
        (seed * 31 + at * 7 + at / 251) as u8
    }

    fn grow(&mut self, count: usize) {
        let (seed, len) = (self.seed, self.bytes.len());
        self.bytes
            .extend((len..len + count).map(|at| Pattern::byte(seed, at)));
    }

    fn check(&self) {
        let intact = |(at, byte): (usize, &u8)| *byte == Pattern::byte(self.seed, at);
        assert!(
            self.bytes.iter().enumerate().all(intact),
            "someone else wrote to a block"
        );
    }
}

#[test]
fn blocks_never_overlap_and_all_chunks_come_back() {
    runner(60)
        .run(&prop::collection::vec(op(), 0..300), |ops| {
            let storage = Counting::new();
            let mut arenas: Vec<Arena> = (0..ARENAS).map(|_| Arena::new(storage.clone())).collect();
            let mut patterns: Vec<Pattern> = Vec::new();
            for (seed, op) in ops.into_iter().enumerate() {
                let len = patterns.len();
                match op {
                    Op::Make(arena, size) => {
                        let mut pattern = Pattern {
                            bytes: CVec::new(),
                            seed,
                        };
                        within(&mut arenas, arena, || pattern.grow(size));
                        patterns.push(pattern);
                    }
                    Op::Grow(arena, at, size) if len > 0 => {
                        within(&mut arenas, arena, || patterns[at % len].grow(size));
                    }
                    Op::Free(arena, at) if len > 0 => {
                        let pattern = patterns.swap_remove(at % len);
                        pattern.check();
                        within(&mut arenas, arena, || drop(pattern));
                    }
                    Op::FreeMany(arena, count) => {
                        let freed = patterns.drain(..count.min(len));
                        within(&mut arenas, arena, || {
                            freed.for_each(|pattern| pattern.check())
                        });
                    }
                    Op::Renew(at) => arenas[at] = Arena::new(storage.clone()),
                    Op::Trim(at) => arenas[at].trim(),
                    Op::Grow(..) | Op::Free(..) => {}
                }
                let held: usize = arenas.iter().map(Arena::bytes_held).sum();
                assert!(held <= storage.bytes());
                assert!(
                    arenas
                        .iter()
                        .all(|arena| arena.bytes_in_use() <= arena.bytes_held())
                );
            }
            patterns.iter().for_each(Pattern::check);
            if patterns.len().is_multiple_of(2) {
                drop(patterns);
                for arena in &mut arenas {
                    arena.trim();
                    assert_eq!((arena.bytes_in_use(), arena.bytes_held()), (0, 0));
                }
                assert_eq!(storage.bytes(), 0);
            } else {
                drop(arenas);
                drop(patterns);
                assert_eq!(storage.bytes(), 0);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_unused_arena_holds_nothing() {
    let (storage, mut arena) = new_arena();
    arena.with(|| drop(CVec::<u64>::new()));
    assert_eq!((arena.bytes_held(), storage.acquired()), (0, 0));
}

#[test]
fn the_innermost_arena_is_current_and_the_outer_one_again_after_a_panic() {
    let (_, mut outer) = new_arena();
    let (_, mut inner) = new_arena();
    let boxes = outer.with(|| {
        let first = inner.with(|| CBox::new([0_u8; 16]));
        let second = CBox::new([0_u8; 16]);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            inner.with(|| resume_unwind(Box::new(())))
        }));
        assert!(panicked.is_err());
        (first, second, CBox::new([0_u8; 16]))
    });
    let outside = CBox::new([0_u8; 16]);
    assert_eq!((inner.bytes_in_use(), outer.bytes_in_use()), (16, 32));
    drop((boxes, outside));
    inner.trim();
    outer.trim();
    assert_eq!((inner.bytes_held(), outer.bytes_held()), (0, 0));
}

#[test]
fn a_steady_state_takes_no_chunks() {
    let (storage, mut arena) = new_arena();
    let mut round = || {
        arena.with(|| {
            let small: CVec<CBox<[u64; 3]>> = (0..2000).map(|at| CBox::new([at; 3])).collect();
            let large: CVec<CVec<u64>> = (1..10).map(|at| vec![1; at * 1500].into()).collect();
            drop((small, large));
        });
    };
    round();
    let acquired = storage.acquired();
    for _ in 0..shrunk(30) {
        round();
    }
    assert_eq!(storage.acquired(), acquired);
}

#[test]
fn what_is_always_freed_elsewhere_is_reused() {
    for size in [16, 100, 3000, 20_000] {
        let (storage, mut arena) = new_arena();
        let mut most = 0;
        for round in 0..shrunk(100) {
            let values: Vec<CVec<u64>> =
                arena.with(|| (0..50).map(|_| vec![0_u64; size / 8].into()).collect());
            drop(values);
            if round == 4 {
                most = storage.bytes();
            }
        }
        assert!(
            storage.bytes() <= most * 2,
            "{size}: {most}, then {}",
            storage.bytes()
        );
    }
}

#[test]
fn empty_chunks_are_kept_up_to_a_bound() {
    let (storage, mut arena) = new_arena();
    arena.with(|| {
        let boxes: Vec<CBox<[u64; 32]>> = (0..25_000).map(|at| CBox::new([at; 32])).collect();
        drop(boxes);
    });
    let kept = storage.bytes();
    assert!(
        kept > (3 << 20) && kept <= (4 << 20) + 16 * 1024,
        "{kept} bytes are kept"
    );
    arena.trim();
    assert_eq!((storage.bytes(), arena.bytes_held()), (0, 0));
}

#[test]
fn the_first_block_of_a_chunk_that_is_partly_used_is_found_again() {
    let (storage, mut arena) = new_arena();
    arena.with(|| {
        let mut boxes: Vec<Option<CBox<[u64; 4]>>> =
            (0..10_000).map(|at| Some(CBox::new([at; 4]))).collect();
        let acquired = storage.acquired();
        // Every other block of each chunk is freed, and all of them serve again.
        boxes.iter_mut().step_by(2).for_each(|slot| *slot = None);
        let more: Vec<CBox<[u64; 4]>> = (0..5_000).map(|at| CBox::new([at; 4])).collect();
        assert_eq!(storage.acquired(), acquired);
        assert!(
            more.iter()
                .enumerate()
                .all(|(at, value)| value[3] == at as u64)
        );
        let intact = |(at, slot): (usize, &Option<CBox<[u64; 4]>>)| {
            slot.as_ref().is_none_or(|value| value[0] == at as u64)
        };
        assert!(boxes.iter().enumerate().all(intact));
    });
    assert_eq!(arena.bytes_in_use(), 0);
}

#[test]
fn a_storage_may_use_collections_itself() {
    use chunky::{Heap, Storage};
    use std::alloc::Layout;
    use std::cell::RefCell;
    use std::ptr::NonNull;

    thread_local! {
        static LOG: RefCell<CVec<CBox<usize>>> = const { RefCell::new(CVec::new()) };
    }

    /// Notes down what it does, in the arena that it serves.
    #[derive(Debug)]
    struct Chatty;

    impl Chatty {
        fn note(size: usize) {
            LOG.with(|log| {
                // What the log itself needs is not noted down, or there would be no end.
                let Ok(mut log) = log.try_borrow_mut() else {
                    return;
                };
                log.push(CBox::new(size));
                if log.len() > 100 {
                    log.drain(..50);
                }
            });
        }
    }

    // SAFETY: the calls are passed on to `Heap`, which keeps the contract.
    unsafe impl Storage for Chatty {
        fn acquire(&self, layout: Layout) -> NonNull<u8> {
            Chatty::note(layout.size());
            Heap.acquire(layout)
        }

        unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout) {
            // SAFETY: the caller's promise.
            unsafe { Heap.release(chunk, layout) };
            Chatty::note(layout.size());
        }
    }

    let mut arena = Arena::new(Arc::new(Chatty));
    arena.with(|| {
        for size in (0..200_usize).cycle().take(shrunk(20_000) as usize) {
            let values: CVec<CBox<usize>> = (0..size).map(CBox::new).collect();
            assert!(values.iter().map(|value| **value).eq(0..size));
        }
    });
    drop(arena);
    assert!(!LOG.take().is_empty());
}

/// What comes back while there are other free blocks is given out again once, and with it nothing that is in use.
#[test]
fn blocks_that_come_back_lead_to_no_others() {
    for bytes in [16, 100, 1000, 3000] {
        for (before, back) in [(1, 1), (2, 2), (5, 3), (20, 20), (20, 7)] {
            let (mut owner, mut other) = (Arena::new(Arc::new(Heap)), Arena::new(Arc::new(Heap)));
            let make = || CVec::from(&vec![7_u8; bytes][..]);
            let mut held: Vec<CVec<u8>> = owner.with(|| (0..before).map(|_| make()).collect());
            other.with(|| held.truncate(before - back));
            // Until several chunks are full, some of whose blocks have come back as well.
            for round in 0..4 {
                owner.with(|| held.extend((0..1500).map(|_| make())));
                let places: BTreeSet<_> = held.iter().map(|held| held.as_ptr()).collect();
                assert_eq!(places.len(), held.len(), "{bytes} bytes, round {round}");
                other.with(|| held.truncate(held.len() / 3));
            }
            owner.with(|| held.clear());
            owner.trim();
            assert_eq!((owner.bytes_in_use(), owner.bytes_held()), (0, 0));
        }
    }
}
