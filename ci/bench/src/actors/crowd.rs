//! A crowd whose members ping each other.

use kay_runtime::{CVec, Compact, World};

use crate::suite::next;

kay_runtime::kay_auto!(actors::crowd);

/// A member of the crowd.
#[derive(Compact)]
pub struct Member {
    id: MemberId,
    /// All others, the next one first.
    others: CVec<MemberId>,
    seed: u64,
    left: u32,
    /// Pings and pongs that came.
    pub handled: u64,
}

impl Member {
    /// Knows nobody.
    pub fn spawn(id: MemberId, seed: u64, _: &mut World) -> Member {
        Member {
            id,
            others: CVec::new(),
            seed,
            left: 0,
            handled: 0,
        }
    }

    /// Gets to know all others.
    pub fn meet(&mut self, others: CVec<MemberId>, _: &mut World) {
        self.others = others;
    }

    /// Begins with so many pings.
    pub fn start(&mut self, pings: u32, world: &mut World) {
        self.left = pings;
        self.ping_next(world);
    }

    /// Answers.
    pub fn ping(&mut self, from: MemberId, world: &mut World) {
        self.handled += 1;
        from.pong(world);
    }

    /// Is answered, and pings the next one.
    pub fn pong(&mut self, world: &mut World) {
        self.handled += 1;
        self.ping_next(world);
    }

    fn ping_next(&mut self, world: &mut World) {
        if self.left > 0 {
            self.left -= 1;
            let other = next(&mut self.seed) as usize % self.others.len();
            self.others[other].ping(self.id, world);
        }
    }
}
