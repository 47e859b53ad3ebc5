//! All interleavings of a few threads that free blocks of an arena, while it takes them back or is
//! dropped. Run with `RUSTFLAGS="--cfg loom" cargo test -p chunky --release --test loom_arena`.
#![cfg(loom)]

use chunky::{Arena, CBox, Heap, Storage};
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicU32;
use loom::thread;
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Stands for the memory of one chunk: who uses a block reads it, the release writes it. The model
/// checker reports a use that does not come before the release.
#[derive(Debug)]
struct Memory(UnsafeCell<u32>);

// SAFETY: the model checker stops at the first access that races.
unsafe impl Sync for Memory {}

/// The heap, which counts its chunks and releases them in view of the model checker.
#[derive(Debug)]
struct Watched {
    memory: Arc<Memory>,
    out: AtomicUsize,
    acquired: AtomicUsize,
}

impl Watched {
    fn new() -> Arc<Self> {
        Arc::new(Watched {
            memory: Arc::new(Memory(UnsafeCell::new(0))),
            out: AtomicUsize::new(0),
            acquired: AtomicUsize::new(0),
        })
    }

    fn out(&self) -> usize {
        self.out.load(Ordering::Relaxed)
    }

    fn user(&self) -> User {
        User(self.memory.clone())
    }
}

// SAFETY: it adds only bookkeeping to `Heap`, which keeps the contract.
unsafe impl Storage for Watched {
    fn acquire(&self, layout: Layout) -> NonNull<u8> {
        self.out.fetch_add(1, Ordering::Relaxed);
        self.acquired.fetch_add(1, Ordering::Relaxed);
        Heap.acquire(layout)
    }

    unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout) {
        self.out.fetch_sub(1, Ordering::Relaxed);
        self.memory.0.with_mut(|_| {});
        // SAFETY: the caller's promise.
        unsafe { Heap.release(chunk, layout) }
    }
}

/// Uses its block's memory when it is dropped.
struct User(Arc<Memory>);

impl Drop for User {
    fn drop(&mut self) {
        self.0.0.with(|_| {});
    }
}

/// Lets the model checker explore in which order the threads come by here. It orders nothing else,
/// but the checker is then sure to explore a load that is not followed by a change, too.
#[derive(Clone, Default)]
struct Crossing(Arc<AtomicU32>);

impl Crossing {
    fn pass(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn boxes<const N: usize>(arena: &mut Arena, storage: &Watched) -> [CBox<User>; N] {
    arena.with(|| std::array::from_fn(|_| CBox::new(storage.user())))
}

#[test]
fn an_arena_is_dropped_while_two_threads_free_its_last_blocks() {
    loom::model(|| {
        let storage = Watched::new();
        let mut arena = Arena::new(storage.clone());
        let [first, second] = boxes(&mut arena, &storage);
        let threads = [first, second].map(|boxed| thread::spawn(move || drop(boxed)));
        drop(arena);
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert_eq!(storage.out(), 0);
    });
}

#[test]
fn an_arena_is_dropped_while_it_has_blocks_in_use_and_given_back() {
    loom::model(|| {
        let storage = Watched::new();
        let mut arena = Arena::new(storage.clone());
        let [first, second, third] = boxes(&mut arena, &storage);
        let thread = thread::spawn(move || {
            drop(first);
            drop(second);
        });
        drop(arena);
        drop(third);
        thread.join().unwrap();
        assert_eq!(storage.out(), 0);
    });
}

#[test]
fn an_arena_takes_back_what_two_threads_free() {
    loom::model(|| {
        let storage = Watched::new();
        let mut arena = Arena::new(storage.clone());
        let [first, second] = boxes(&mut arena, &storage);
        let crossing = Crossing::default();
        let threads = [first, second].map(|boxed| {
            let crossing = crossing.clone();
            thread::spawn(move || {
                drop(boxed);
                crossing.pass();
            })
        });
        crossing.pass();
        arena.trim();
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        arena.trim();
        assert_eq!((arena.bytes_held(), storage.out()), (0, 0));
    });
}

#[test]
fn an_arena_allocates_while_another_thread_frees() {
    /// So large that a chunk holds two.
    type Large = CBox<(User, [u64; 800])>;

    loom::model(|| {
        let storage = Watched::new();
        let mut arena = Arena::new(storage.clone());
        let large = |storage: &Watched| -> Large { CBox::new((storage.user(), [7; 800])) };
        let (first, second) = arena.with(|| (large(&storage), large(&storage)));
        let crossing = Crossing::default();
        let thread = thread::spawn({
            let crossing = crossing.clone();
            move || {
                drop(first);
                crossing.pass();
            }
        });
        crossing.pass();
        // Gets the first one's block, or a chunk of its own.
        let third = arena.with(|| large(&storage));
        thread.join().unwrap();
        assert_eq!(second.1, [7; 800]);
        assert_eq!(third.1, [7; 800]);
        assert!(storage.acquired.load(Ordering::Relaxed) <= 2);
        drop((second, third));
        drop(arena);
        assert_eq!(storage.out(), 0);
    });
}

#[test]
fn two_arenas_free_each_others_blocks() {
    loom::model(|| {
        let storages = [Watched::new(), Watched::new()];
        let [mut first, mut second] = storages
            .each_ref()
            .map(|storage| Arena::new(storage.clone()));
        let [ours] = boxes(&mut first, &storages[0]);
        let [theirs] = boxes(&mut second, &storages[1]);
        let thread = thread::spawn(move || {
            second.with(|| drop(ours));
            drop(second);
        });
        first.with(|| drop(theirs));
        drop(first);
        thread.join().unwrap();
        assert_eq!(storages.map(|storage| storage.out()), [0, 0]);
    });
}

#[test]
fn an_arena_moves_to_a_thread_that_frees_its_blocks() {
    loom::model(|| {
        let storage = Watched::new();
        let mut arena = Arena::new(storage.clone());
        let [first, second] = boxes(&mut arena, &storage);
        let thread = thread::spawn(move || {
            arena.with(|| drop(first));
            arena
        });
        drop(second);
        let mut arena = thread.join().unwrap();
        arena.trim();
        assert_eq!((arena.bytes_held(), storage.out()), (0, 0));
    });
}
