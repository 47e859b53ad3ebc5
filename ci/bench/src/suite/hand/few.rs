//! Rows with few instances and simple messages.

use super::looping::{Lanes, Loop, Work};
use crate::suite::{Prepared, Size, fork_join_work, shards_for};

pub struct Ring;

pub struct Stage {
    next: u32,
    seen: u64,
}

impl Work for Ring {
    type State = Stage;
    /// How many messages are still to follow.
    type Message = u64;

    #[inline(always)]
    fn handle(&self, stage: &mut Stage, left: u64, _: u32, lanes: &mut impl Lanes<u64>) {
        stage.seen += 1;
        if left > 0 {
            lanes.send(stage.next, left - 1);
        }
    }
}

pub fn ring<L: Loop<Ring>>(stages: usize, size: Size) -> Option<Prepared> {
    let stage = |at| Stage {
        next: ((at + 1) % stages) as u32,
        seen: 0,
    };
    let world = L::new(Ring, (0..stages).map(stage).collect(), 1, size);
    Prepared::new(
        world,
        move |world| {
            world.send(0, size.hops() as u64 - 1);
            world.turns(size.hops());
        },
        |world| world.sum(|stage| stage.seen),
    )
}

/// Instance 0 counts, instance 1 sends.
pub struct Counting {
    counted: u64,
}

impl Work for Counting {
    type State = u64;
    /// What is added, or from where on the sender goes on.
    type Message = u64;

    #[inline(always)]
    fn handle(&self, sum: &mut u64, message: u64, own: u32, lanes: &mut impl Lanes<u64>) {
        if own == 0 {
            *sum += message;
        } else {
            let end = (message + Size::BATCH as u64).min(self.counted);
            for amount in message..end {
                lanes.send(0, amount);
            }
            if end < self.counted {
                lanes.send(1, end);
            }
        }
    }
}

pub fn counting<L: Loop<Counting>>(size: Size) -> Option<Prepared> {
    let counted = size.counted() as u64;
    let world = L::new(Counting { counted }, vec![0, 0], 2, size);
    Prepared::new(
        world,
        move |world| {
            world.send(1, 0);
            world.turns(size.counted().div_ceil(Size::BATCH) + 1);
        },
        |world| world.sum(|sum| *sum),
    )
}

/// Instance 0 sends to all others.
pub struct ForkJoin {
    forks: u32,
    counted: u32,
}

#[derive(Clone, Default)]
pub struct Fork {
    sum: f64,
    handled: u64,
}

impl Work for ForkJoin {
    type State = Fork;
    /// To the sender: from where on it goes on.
    type Message = u32;

    #[inline(always)]
    fn handle(&self, fork: &mut Fork, message: u32, own: u32, lanes: &mut impl Lanes<u32>) {
        if own == 0 {
            let end = (message + Size::BATCH as u32).min(self.counted);
            let mut to = message % self.forks;
            for _ in message..end {
                lanes.send(1 + to, 0);
                to += 1;
                if to == self.forks {
                    to = 0;
                }
            }
            if end < self.counted {
                lanes.send(0, end);
            }
        } else {
            fork_join_work(&mut fork.sum);
            fork.handled += 1;
        }
    }
}

pub fn fork_join<L: Loop<ForkJoin>>(size: Size) -> Option<Prepared> {
    let work = ForkJoin {
        forks: size.forks() as u32,
        counted: size.counted() as u32,
    };
    let states = vec![Fork::default(); size.forks() + 1];
    let world = L::new(work, states, shards_for(size.forks()), size);
    Prepared::new(
        world,
        move |world| {
            world.send(0, 0);
            world.turns(size.counted().div_ceil(Size::BATCH) + 1);
        },
        |world| {
            assert!(world.sum(|fork| u64::from(fork.sum > 0.0)) > 0);
            world.sum(|fork| fork.handled)
        },
    )
}
