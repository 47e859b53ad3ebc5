//! What the tests share: how much they do, who is alive, and which chunks are out.

use chunky::portable::{Problem, ReadError, Reader, Writer};
use chunky::{Compact, Heap, Storage};
use proptest::test_runner::{Config, TestRunner};
use std::alloc::Layout;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How often to do something: fewer times where each is slow, as under a sanitizer.
pub fn shrunk(count: u32) -> u32 {
    if std::env::var_os("KAY_TEST_SHRINK").is_some() {
        count.div_ceil(16)
    } else {
        count
    }
}

/// A runner of property tests that leaves no files behind.
pub fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases: shrunk(cases),
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
}

/// Runs what may panic through a [`Ledger`]'s fuse, and returns whether it did.
pub fn blows(f: impl FnOnce()) -> bool {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(()) => false,
        Err(payload) if payload.is::<Fuse>() => true,
        Err(payload) => resume_unwind(payload),
    }
}

/// What a fuse panics with.
struct Fuse;

/// Knows which [`Counted`] values are alive, and makes one of their operations panic.
#[derive(Default)]
pub struct Ledger {
    live: Mutex<BTreeSet<u64>>,
    mistakes: AtomicU64,
    made: AtomicU64,
    fuse: AtomicU64,
}

impl Ledger {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Makes the operation after the next `count` panic, once.
    pub fn arm(&self, count: u64) {
        self.fuse.store(count + 1, Ordering::Relaxed);
    }

    pub fn disarm(&self) {
        self.fuse.store(0, Ordering::Relaxed);
    }

    /// One operation that may panic.
    pub fn tick(&self) {
        let step = |left: u64| left.checked_sub(1);
        if self
            .fuse
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, step)
            == Ok(1)
        {
            // Unlike `panic!`, this prints nothing.
            resume_unwind(Box::new(Fuse) as Box<dyn Any + Send>);
        }
    }

    pub fn live(&self) -> usize {
        self.live.lock().unwrap().len()
    }

    /// Panics if a value was dropped twice, or if not exactly `live` are alive.
    #[track_caller]
    pub fn check(&self, live: usize) {
        assert_eq!(
            self.mistakes.load(Ordering::Relaxed),
            0,
            "values dropped twice"
        );
        assert_eq!(self.live(), live, "values alive");
    }

    fn enter(&self) -> u64 {
        let id = self.made.fetch_add(1, Ordering::Relaxed);
        self.live.lock().unwrap().insert(id);
        id
    }
}

/// A number that is entered in a ledger while it lives.
pub struct Counted {
    pub value: u32,
    id: u64,
    ledger: Arc<Ledger>,
}

impl Counted {
    pub fn new(value: u32, ledger: &Arc<Ledger>) -> Self {
        Counted {
            value,
            id: ledger.enter(),
            ledger: ledger.clone(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.ledger.live.lock().unwrap().remove(&self.id) {
            self.ledger.mistakes.fetch_add(1, Ordering::Relaxed);
        }
        if !std::thread::panicking() {
            self.ledger.tick();
        }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.ledger.tick();
        Counted::new(self.value, &self.ledger)
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.ledger.tick();
        self.value == other.value
    }
}

impl Eq for Counted {}

impl PartialOrd for Counted {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Counted {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.ledger.tick();
        self.value.hash(hasher);
    }
}

impl Compact for Counted {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        self.clone()
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        self.value.hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.describe(f)
    }

    fn write(&self, to: &mut Writer) {
        to.refuse("it is entered in a ledger here");
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        let why = "it is entered in a ledger elsewhere";
        Err(from.error(Problem::Invalid { why }))
    }
}

/// The heap, with a list of the chunks that are out.
#[derive(Debug, Default)]
pub struct Counting {
    out: Mutex<BTreeMap<usize, Layout>>,
    acquired: AtomicU64,
    peak: AtomicUsize,
}

impl Counting {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn bytes(&self) -> usize {
        self.out.lock().unwrap().values().map(Layout::size).sum()
    }

    /// How many bytes were out at once at most.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
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
        self.peak.fetch_max(self.bytes(), Ordering::Relaxed);
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

/// A small generator of numbers, for tests that run threads.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
