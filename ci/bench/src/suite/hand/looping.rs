//! The two loops, so that the work of a row is written once. All of it is inlined.

use crate::by_hand::{Out, World};
use crate::suite::Size;

/// Where messages are sent to. An address is the number of an instance.
pub trait Lanes<M> {
    /// Sends `message` to instance `to`, for the next turn.
    fn send(&mut self, to: u32, message: M);
}

/// What is done with the messages of a row.
pub trait Work: Sync + 'static {
    /// The state of an instance.
    type State: Send + 'static;
    /// What instances send each other.
    type Message: Copy + Send + Sync + 'static;

    /// Instance `own` handles a message.
    fn handle(
        &self,
        state: &mut Self::State,
        message: Self::Message,
        own: u32,
        lanes: &mut impl Lanes<Self::Message>,
    );

    /// After all messages of a turn (the first one is 1), each instance is walked over.
    #[inline(always)]
    fn walk(
        &self,
        _turn: usize,
        _state: &mut Self::State,
        _own: u32,
        _lanes: &mut impl Lanes<Self::Message>,
    ) {
    }

    /// Whether `walk` does anything.
    const WALKS: bool = false;
}

/// A loop that runs such work.
pub trait Loop<W: Work>: 'static {
    /// Whether instances are dealt out to shards, so that those of one shard have addresses
    /// that are as far apart as there are shards.
    const SHARDED: bool;

    /// A loop over these instances, in so many shards (a power of two) if it has shards.
    fn new(work: W, states: Vec<W::State>, shards: usize, size: Size) -> Self;

    /// Sends from outside, for the next turn.
    fn send(&mut self, to: u32, message: W::Message);

    /// Runs so many turns.
    fn turns(&mut self, turns: usize);

    /// Whether no message is waiting.
    fn is_idle(&mut self) -> bool;

    /// The sum of a number of each instance, modulo 2^64: so negative ones can be counted, too.
    fn sum(&mut self, of: fn(&W::State) -> u64) -> u64;
}

/// Two plain buffers.
pub struct Plain<W: Work> {
    work: W,
    states: Vec<W::State>,
    now: Vec<(u32, W::Message)>,
    next: Vec<(u32, W::Message)>,
    turn: usize,
}

impl<M> Lanes<M> for Vec<(u32, M)> {
    #[inline(always)]
    fn send(&mut self, to: u32, message: M) {
        self.push((to, message));
    }
}

impl<W: Work> Loop<W> for Plain<W> {
    const SHARDED: bool = false;

    fn new(work: W, states: Vec<W::State>, _: usize, _: Size) -> Self {
        Plain {
            work,
            states,
            now: Vec::new(),
            next: Vec::new(),
            turn: 0,
        }
    }

    fn send(&mut self, to: u32, message: W::Message) {
        self.now.push((to, message));
    }

    fn turns(&mut self, turns: usize) {
        let Plain {
            work,
            states,
            now,
            next,
            turn,
        } = self;
        for _ in 0..turns {
            *turn += 1;
            for (to, message) in now.drain(..) {
                work.handle(&mut states[to as usize], message, to, next);
            }
            if W::WALKS {
                for (own, state) in (0..).zip(states.iter_mut()) {
                    work.walk(*turn, state, own, next);
                }
            }
            std::mem::swap(now, next);
        }
    }

    fn is_idle(&mut self) -> bool {
        self.now.is_empty()
    }

    fn sum(&mut self, of: fn(&W::State) -> u64) -> u64 {
        self.states.iter().map(of).fold(0, u64::wrapping_add)
    }
}

/// Shards, pooled chunks, prefetches.
pub struct Pooled<W: Work> {
    work: W,
    world: World<W::State, W::Message>,
    /// The low bits of an address that tell the shard.
    bits: u32,
    threads: usize,
    sent: bool,
}

struct PooledLanes<'a, M> {
    out: &'a mut Out<M>,
    bits: u32,
}

impl<M: Copy> Lanes<M> for PooledLanes<'_, M> {
    #[inline(always)]
    fn send(&mut self, to: u32, message: M) {
        let shard = to & ((1 << self.bits) - 1);
        self.out.send(shard as usize, to >> self.bits, message);
    }
}

impl<W: Work> Loop<W> for Pooled<W> {
    const SHARDED: bool = true;

    fn new(work: W, states: Vec<W::State>, shards: usize, size: Size) -> Self {
        assert!(shards.is_power_of_two());
        let mut dealt: Vec<Vec<W::State>> = (0..shards)
            .map(|_| Vec::with_capacity(states.len().div_ceil(shards)))
            .collect();
        for (number, state) in states.into_iter().enumerate() {
            dealt[number % shards].push(state);
        }
        Pooled {
            work,
            world: World::new(dealt),
            bits: shards.trailing_zeros(),
            threads: size.threads,
            sent: false,
        }
    }

    fn send(&mut self, to: u32, message: W::Message) {
        let shard = to & ((1 << self.bits) - 1);
        self.world.send(shard as usize, to >> self.bits, message);
        self.sent = true;
    }

    fn turns(&mut self, turns: usize) {
        if std::mem::take(&mut self.sent) {
            self.world.publish();
        }
        let (work, bits) = (&self.work, self.bits);
        self.world.run_and_walk(
            self.threads,
            turns,
            move |state, message, shard, index, out| {
                let own = index << bits | shard as u32;
                work.handle(state, message, own, &mut PooledLanes { out, bits });
            },
            move |turn, shard, states, out| {
                if W::WALKS {
                    for (index, state) in (0..).zip(states) {
                        let own = index << bits | shard as u32;
                        work.walk(turn, state, own, &mut PooledLanes { out, bits });
                    }
                }
            },
        );
    }

    fn is_idle(&mut self) -> bool {
        !self.sent && self.world.is_idle()
    }

    fn sum(&mut self, of: fn(&W::State) -> u64) -> u64 {
        let mut sum = 0_u64;
        for shard in &mut self.world.shards {
            let states = &shard.get_mut().unwrap().state;
            sum = states.iter().map(of).fold(sum, u64::wrapping_add);
        }
        sum
    }
}
