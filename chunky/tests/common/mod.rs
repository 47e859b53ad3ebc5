//! What the tests of slot maps and queues share: seeds, values that are counted, and a storage
//! that knows what is out.
#![allow(dead_code, reason = "each test file uses another part of it")]

use std::alloc::Layout;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chunky::{Heap, Storage};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};

/// How often to do something: fewer times where each is slow, as under a sanitizer.
pub fn shrunk(count: u32) -> u32 {
    match std::env::var_os("KAY_TEST_SHRINK") {
        Some(_) => count.div_ceil(16),
        None => count,
    }
}

/// Runs a property test. A failure names the seed that finds it again.
pub fn property<S: Strategy>(cases: u32, of: S, test: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let given = std::env::var("KAY_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0));
    let config = Config {
        cases: shrunk(cases),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(&of, test) {
        panic!("with KAY_TEST_SEED={seed}: {error}");
    }
}

/// Runs what may panic because a [`Counted`] value was armed, and returns whether it did.
pub fn blows(f: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(()) => false,
        Err(payload) if payload.is::<Armed>() => true,
        Err(payload) => resume_unwind(payload),
    }
}

/// What the drop of an armed value panics with.
struct Armed;

/// Knows which [`Counted`] values live.
#[derive(Default)]
pub struct Ledger {
    live: Mutex<BTreeSet<u64>>,
    made: AtomicU64,
    dropped_twice: AtomicU64,
}

impl Ledger {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn live(&self) -> usize {
        assert_eq!(
            self.dropped_twice.load(Ordering::Relaxed),
            0,
            "values dropped twice"
        );
        self.live.lock().unwrap().len()
    }

    /// Gives up what leaked values hold, so that a leak checker finds only what it should.
    pub fn forget(self: &Arc<Self>, leaked: usize) {
        for _ in 0..leaked {
            // SAFETY: each value that was leaked has leaked one strong reference with it.
            unsafe { Arc::decrement_strong_count(Arc::as_ptr(self)) };
        }
    }
}

/// A number that stands in a ledger while it lives.
pub struct Counted {
    pub value: u64,
    /// Whether its drop panics.
    pub armed: bool,
    entry: u64,
    ledger: Arc<Ledger>,
}

impl Counted {
    pub fn new(value: u64, ledger: &Arc<Ledger>) -> Self {
        let entry = ledger.made.fetch_add(1, Ordering::Relaxed);
        ledger.live.lock().unwrap().insert(entry);
        Counted {
            value,
            armed: false,
            entry,
            ledger: Arc::clone(ledger),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.ledger.live.lock().unwrap().remove(&self.entry) {
            self.ledger.dropped_twice.fetch_add(1, Ordering::Relaxed);
        }
        if self.armed {
            // Unlike `panic!`, this prints nothing.
            resume_unwind(Box::new(Armed));
        }
    }
}

/// The heap, with a list of the chunks that are out.
#[derive(Debug, Default)]
pub struct Counting {
    out: Mutex<BTreeMap<usize, Layout>>,
    acquired: AtomicU64,
}

impl Counting {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn bytes(&self) -> usize {
        self.out.lock().unwrap().values().map(Layout::size).sum()
    }

    /// How many chunks were ever taken.
    pub fn acquired(&self) -> u64 {
        self.acquired.load(Ordering::Relaxed)
    }
}

// SAFETY: it adds only bookkeeping to `Heap`, which keeps the contract.
unsafe impl Storage for Counting {
    fn acquire(&self, layout: Layout) -> NonNull<u8> {
        self.acquired.fetch_add(1, Ordering::Relaxed);
        let chunk = Heap.acquire(layout);
        // SAFETY: the chunk is as large as its layout says; its bytes are arbitrary, so let them
        // be none that anyone could hope for.
        unsafe { chunk.write_bytes(0xa5, layout.size()) };
        self.out.lock().unwrap().insert(chunk.addr().get(), layout);
        chunk
    }

    unsafe fn release(&self, chunk: NonNull<u8>, layout: Layout) {
        let known = self.out.lock().unwrap().remove(&chunk.addr().get());
        assert_eq!(known, Some(layout), "released what was not acquired");
        // SAFETY: the caller's promise, which was just checked as far as possible.
        unsafe { chunk.write_bytes(0x5a, layout.size()) };
        // SAFETY: the caller's promise.
        unsafe { Heap.release(chunk, layout) }
    }
}
