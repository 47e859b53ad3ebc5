//! Messages from one actor to some others, that let them compute something.

use kay_runtime::{CVec, Compact, World};

use crate::suite::{Size, fork_join_work};

kay_runtime::kay_auto!(actors::forks);

/// Computes.
#[derive(Compact)]
pub struct Fork {
    id: ForkId,
    sum: f64,
    /// How many messages came.
    pub handled: u64,
}

impl Fork {
    /// A fork that has computed nothing.
    pub fn spawn(id: ForkId, _: &mut World) -> Fork {
        Fork {
            id,
            sum: 0.0,
            handled: 0,
        }
    }

    /// Computes.
    pub fn compute(&mut self, _: &mut World) {
        fork_join_work(&mut self.sum);
        self.handled += 1;
    }
}

/// Sends to each fork in turn.
#[derive(Compact)]
pub struct Forker {
    id: ForkerId,
    forks: CVec<ForkId>,
}

impl Forker {
    /// Has these forks.
    pub fn spawn(id: ForkerId, forks: CVec<ForkId>, _: &mut World) -> Forker {
        Forker { id, forks }
    }

    /// Sends message `from` to the last one before `to`: a batch now, the others in the next
    /// turns.
    pub fn fork(&mut self, from: u32, to: u32, world: &mut World) {
        let end = to.min(from + Size::BATCH as u32);
        let first = from as usize % self.forks.len();
        let in_turn = self.forks.iter().cycle().skip(first);
        for fork in in_turn.take((end - from) as usize) {
            fork.compute(world);
        }
        if end < to {
            self.id.fork(end, to, world);
        }
    }
}
