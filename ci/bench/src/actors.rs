//! The actors that are measured, written as a user would write them.

use kay_runtime::{CVec, Compact, Fate, World};

kay_runtime::kay_auto!(actors);

/// A stage of a ring through which tokens go.
#[derive(Compact)]
pub struct Stage {
    id: StageId,
    next: Option<StageId>,
    seen: u64,
}

impl Stage {
    /// A stage without a successor.
    pub fn spawn(id: StageId, _: &mut World) -> Stage {
        Stage {
            id,
            next: None,
            seen: 0,
        }
    }

    /// Closes the ring.
    pub fn link(&mut self, next: StageId, _: &mut World) {
        self.next = Some(next);
    }

    /// Passes a token on.
    pub fn token(&mut self, hops: u64, world: &mut World) {
        self.seen += hops;
        if let Some(next) = self.next {
            next.token(hops + 1, world);
        }
    }
}

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

    /// Sends `each` messages now, and again in the next turn.
    pub fn produce(&mut self, each: u32, world: &mut World) {
        for amount in 0..u64::from(each) {
            self.counter.add(amount, world);
        }
        self.id.produce(each, world);
    }
}

/// Has 16 bytes.
#[derive(Compact)]
pub struct Small {
    id: SmallId,
    sum: u64,
}

impl Small {
    /// A sum of 0.
    pub fn spawn(id: SmallId, _: &mut World) -> Small {
        Small { id, sum: 0 }
    }

    /// Adds.
    pub fn add(&mut self, amount: u64, _: &mut World) {
        self.sum += amount;
    }
}

/// Sends a message to each of some small actors, in the order of their addresses.
#[derive(Compact)]
pub struct Driver {
    id: DriverId,
    driven: CVec<SmallId>,
}

impl Driver {
    /// A driver of these.
    pub fn spawn(id: DriverId, driven: CVec<SmallId>, _: &mut World) -> Driver {
        Driver { id, driven }
    }

    /// Sends a message to each now, and again in the next turn.
    pub fn drive(&mut self, amount: u64, world: &mut World) {
        for small in &self.driven {
            small.add(amount, world);
        }
        self.id.drive(amount, world);
    }
}

/// Has 32 bytes, and is told things together with all others.
#[derive(Compact)]
pub struct Walker {
    id: WalkerId,
    position: f64,
    speed: f64,
    steps: u64,
}

impl Walker {
    /// A walker at the start.
    pub fn spawn(id: WalkerId, _: &mut World) -> Walker {
        Walker {
            id,
            position: 0.0,
            speed: 1.0,
            steps: 0,
        }
    }

    /// Takes a step.
    pub fn step(&mut self, time: f64, _: &mut World) {
        self.position += self.speed * time;
        self.steps += 1;
    }

    /// Is over.
    pub fn end(&mut self, _: &mut World) -> Fate {
        Fate::Die
    }
}

/// Makes walkers and ends them.
#[derive(Compact)]
pub struct Breeder {
    id: BreederId,
    walkers: CVec<WalkerId>,
}

impl Breeder {
    /// A breeder without walkers.
    pub fn spawn(id: BreederId, _: &mut World) -> Breeder {
        Breeder {
            id,
            walkers: CVec::new(),
        }
    }

    /// Makes walkers.
    pub fn breed(&mut self, count: u32, world: &mut World) {
        for _ in 0..count {
            self.walkers.push(WalkerId::spawn(world));
        }
    }

    /// Ends them.
    pub fn cull(&mut self, world: &mut World) {
        for walker in self.walkers.drain(..) {
            walker.end(world);
        }
    }
}

/// Answers each message with one to someone else, who is as good as random.
#[derive(Compact)]
pub struct Gossip {
    id: GossipId,
    other: Option<GossipId>,
    heard: u64,
}

impl Gossip {
    /// A gossip who knows nobody.
    pub fn spawn(id: GossipId, _: &mut World) -> Gossip {
        Gossip {
            id,
            other: None,
            heard: 0,
        }
    }

    /// Meets somebody.
    pub fn meet(&mut self, other: GossipId, _: &mut World) {
        self.other = Some(other);
    }

    /// Tells the one it knows about the one it hears about, and knows that one from then on.
    pub fn tell(&mut self, about: GossipId, world: &mut World) {
        self.heard += 1;
        if let Some(other) = self.other.replace(about) {
            other.tell(self.id, world);
        }
    }
}
