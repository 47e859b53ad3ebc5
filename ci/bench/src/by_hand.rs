//! The baseline: what an engineer would write by hand for one problem, without any framework.
//!
//! State in a `Vec` for each shard; messages in small pooled chunks for each pair of sending and
//! receiving shard, two generations of them; delivered shard by shard with a prefetch ahead. No
//! ids, no generations, no types, no order to keep: an index is an address.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many messages ahead the state of the receiver is fetched.
const AHEAD: usize = 24;

/// Bytes of a chunk of messages.
const CHUNK_BYTES: usize = 4096;

/// Messages with the index of who gets them. What is behind `len` was there before.
struct Chunk<M> {
    len: usize,
    messages: Box<[(u32, M)]>,
}

impl<M> Chunk<M> {
    /// Without room.
    fn none() -> Self {
        Chunk {
            len: 0,
            messages: Box::new([]),
        }
    }
}

/// One shard's state, and what it sends.
pub struct Shard<S, M> {
    /// The state of the instances.
    pub state: Vec<S>,
    /// What the shard has sent in this turn, by receiving shard.
    pub out: Out<M>,
}

/// What a shard has sent in this turn, by receiving shard.
pub struct Out<M> {
    lanes: Vec<Vec<Chunk<M>>>,
    open: Vec<Chunk<M>>,
    pool: Vec<Chunk<M>>,
}

impl<M: Copy> Out<M> {
    /// Sends `message` to instance `index` of `shard`.
    #[inline(always)]
    pub fn send(&mut self, shard: usize, index: u32, message: M) {
        let open = &mut self.open[shard];
        match open.messages.get_mut(open.len) {
            Some(place) => {
                *place = (index, message);
                open.len += 1;
            }
            None => self.send_in_fresh(shard, index, message),
        }
    }

    #[cold]
    #[inline(never)]
    fn send_in_fresh(&mut self, shard: usize, index: u32, message: M) {
        let mut fresh = self.pool.pop().unwrap_or_else(|| {
            // A message that is larger than a chunk has one of its own.
            let capacity = (CHUNK_BYTES / size_of::<(u32, M)>()).max(1);
            Chunk {
                len: 0,
                messages: vec![(index, message); capacity].into_boxed_slice(),
            }
        });
        fresh.messages[0] = (index, message);
        fresh.len = 1;
        let full = std::mem::replace(&mut self.open[shard], fresh);
        if full.len > 0 {
            self.lanes[shard].push(full);
        }
    }
}

/// Mail for one turn: by receiving, then by sending shard.
type Mail<M> = Vec<Vec<Mutex<Vec<Chunk<M>>>>>;

/// Chunks that are free, kept by thread.
type Pool<M> = Vec<Chunk<M>>;

/// State and messages of all shards.
pub struct World<S, M> {
    /// The shards. Each is locked once a turn, by the one thread that runs it.
    pub shards: Vec<Mutex<Shard<S, M>>>,
    mail: [Mail<M>; 2],
    pools: Vec<Pool<M>>,
    turn: usize,
}

#[inline(always)]
fn prefetch<S>(state: &[S], index: u32) {
    let place = state.as_ptr().wrapping_add(index as usize);
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch never faults, wherever it points, and changes nothing that a program can see.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

impl<S: Send, M: Copy + Send + Sync> World<S, M> {
    /// A world with this state in each shard.
    pub fn new(states: Vec<Vec<S>>) -> Self {
        let count = states.len();
        let mail = || -> Mail<M> {
            (0..count)
                .map(|_| (0..count).map(|_| Mutex::new(Vec::new())).collect())
                .collect()
        };
        let shards = states.into_iter().map(|state| {
            let lanes = (0..count).map(|_| Vec::new()).collect();
            let open = (0..count).map(|_| Chunk::none()).collect();
            Mutex::new(Shard {
                state,
                out: Out {
                    lanes,
                    open,
                    pool: Vec::new(),
                },
            })
        });
        World {
            shards: shards.collect(),
            mail: [mail(), mail()],
            pools: Vec::new(),
            turn: 0,
        }
    }

    /// Sends from outside, before the next turn.
    pub fn send(&mut self, shard: usize, index: u32, message: M) {
        let from = &mut self.shards[shard];
        from.get_mut().unwrap().out.send(shard, index, message);
    }

    /// Publishes what was sent from outside.
    pub fn publish(&mut self) {
        for from in 0..self.shards.len() {
            let mail = &self.mail[(self.turn + 1) % 2];
            hand_over(&mut self.shards[from].get_mut().unwrap().out, mail, from);
        }
    }

    /// Whether nobody has anything to read in the next turn.
    pub fn is_idle(&mut self) -> bool {
        let mail = &mut self.mail[(self.turn + 1) % 2];
        let mut letters = mail.iter_mut().flatten();
        letters.all(|letter| letter.get_mut().unwrap().is_empty())
    }

    /// Runs `turns` turns on `threads` threads.
    pub fn run<F>(&mut self, threads: usize, turns: usize, handle: F)
    where
        F: Fn(&mut S, M, usize, u32, &mut Out<M>) + Sync,
    {
        self.run_and_walk(threads, turns, handle, |_, _, _, _| ());
    }

    /// As `run`; after the messages of a shard, `walk` gets the number of the turn, that of the
    /// shard, all its instances, and where to send.
    pub fn run_and_walk<F, W>(&mut self, threads: usize, turns: usize, handle: F, walk: W)
    where
        F: Fn(&mut S, M, usize, u32, &mut Out<M>) + Sync,
        W: Fn(usize, usize, &mut [S], &mut Out<M>) + Sync,
    {
        let first = self.turn + 1;
        self.turn += turns;
        self.pools.resize_with(threads, Vec::new);
        let mut pools = std::mem::take(&mut self.pools);
        let (world, does) = (&*self, &(handle, walk));
        let barrier = Barrier {
            threads,
            arrived: AtomicUsize::new(0),
        };
        std::thread::scope(|scope| {
            let (own, others) = pools.split_first_mut().expect("there is a thread");
            for (thread, pool) in (1..).zip(others) {
                let barrier = &barrier;
                scope.spawn(move || world.work(thread, pool, first, turns, barrier, does));
            }
            world.work(0, own, first, turns, &barrier, does);
        });
        self.pools = pools;
    }

    fn work<F, W>(
        &self,
        thread: usize,
        pool: &mut Pool<M>,
        first: usize,
        turns: usize,
        barrier: &Barrier,
        (handle, walk): &(F, W),
    ) where
        F: Fn(&mut S, M, usize, u32, &mut Out<M>) + Sync,
        W: Fn(usize, usize, &mut [S], &mut Out<M>) + Sync,
    {
        let share = self.shards.len().div_ceil(barrier.threads);
        let mine = thread * share..((thread + 1) * share).min(self.shards.len());
        for turn in first..first + turns {
            for to in mine.clone() {
                let mut shard = self.shards[to].lock().unwrap();
                let Shard { state, out } = &mut *shard;
                std::mem::swap(&mut out.pool, pool);
                for mail in &self.mail[turn % 2][to] {
                    for chunk in mail.lock().unwrap().drain(..) {
                        deliver(state, &chunk, to, out, handle);
                        out.pool.push(chunk);
                    }
                }
                walk(turn, to, state, out);
                hand_over(out, &self.mail[(turn + 1) % 2], to);
                std::mem::swap(&mut out.pool, pool);
            }
            barrier.wait();
        }
    }
}

#[inline(always)]
fn deliver<S, M, F>(state: &mut [S], chunk: &Chunk<M>, to: usize, out: &mut Out<M>, handle: &F)
where
    M: Copy,
    F: Fn(&mut S, M, usize, u32, &mut Out<M>),
{
    let messages = &chunk.messages[..chunk.len];
    for (index, _) in messages.iter().take(AHEAD) {
        prefetch(state, *index);
    }
    // One loop, not another one for the end: so the handler is inlined.
    let last = messages.len() - 1;
    for (at, &(index, message)) in messages.iter().enumerate() {
        prefetch(state, messages[(at + AHEAD).min(last)].0);
        handle(&mut state[index as usize], message, to, index, out);
    }
}

fn hand_over<M>(out: &mut Out<M>, mail: &Mail<M>, from: usize) {
    for (to, lane) in out.lanes.iter_mut().enumerate() {
        if out.open[to].len > 0 {
            lane.push(std::mem::replace(&mut out.open[to], Chunk::none()));
        }
        if !lane.is_empty() {
            mail[to][from].lock().unwrap().append(lane);
        }
    }
}

/// How often a thread looks whether the others have arrived before it lets others have its core:
/// on a busy machine, the one it waits for may need it.
const SPINS: usize = 10_000;

/// Waits for all threads, spinning.
struct Barrier {
    threads: usize,
    arrived: AtomicUsize,
}

impl Barrier {
    fn wait(&self) {
        if self.threads == 1 {
            return;
        }
        let ticket = self.arrived.fetch_add(1, Ordering::AcqRel);
        let last_of_round = (ticket / self.threads + 1) * self.threads;
        let mut spins = 0;
        while self.arrived.load(Ordering::Acquire) < last_of_round {
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}
