//! Many messages from one actor to another.

use kay_runtime::{Compact, World};

use crate::suite::Size;

kay_runtime::kay_auto!(actors::counting);

/// Counts.
#[derive(Compact)]
pub struct Counter {
    id: CounterId,
    /// The sum of all that was added.
    pub count: u64,
}

impl Counter {
    /// A counter at 0.
    pub fn spawn(id: CounterId, _: &mut World) -> Counter {
        Counter { id, count: 0 }
    }

    /// Adds.
    pub fn add(&mut self, amount: u64, _: &mut World) {
        self.count += amount;
    }
}

/// Sends many messages to one counter.
#[derive(Compact)]
pub struct Producer {
    id: ProducerId,
    counter: CounterId,
}

impl Producer {
    /// A producer for one counter.
    pub fn spawn(id: ProducerId, counter: CounterId, _: &mut World) -> Producer {
        Producer { id, counter }
    }

    /// Sends the numbers from `from` to `to`: a batch now, the others in the next turns.
    pub fn produce(&mut self, from: u64, to: u64, world: &mut World) {
        let end = to.min(from + Size::BATCH as u64);
        for amount in from..end {
            self.counter.add(amount, world);
        }
        if end < to {
            self.id.produce(end, to, world);
        }
    }
}
