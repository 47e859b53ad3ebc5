//! The key paths through the runtime, each in a size whose instructions are counted within seconds.
//!
//! They have actors of their own: what others are measured with may change without any of these
//! figures.

use std::hint::black_box;

use kay_runtime::{ActorSystem, CVec, Compact, Fate, Settings, World};

use crate::suite::partner;

kay_runtime::kay_auto!(paths);

/// Is told things in all the ways that there are.
#[derive(Compact)]
pub struct Cell {
    id: CellId,
    next: Option<CellId>,
    sum: u64,
}

impl Cell {
    /// A cell that knows nobody.
    pub fn spawn(id: CellId, _: &mut World) -> Cell {
        let next = None;
        Cell { id, next, sum: 0 }
    }

    /// Meets somebody.
    pub fn meet(&mut self, next: CellId, _: &mut World) {
        self.next = Some(next);
    }

    /// Passes something on.
    pub fn pass(&mut self, hops: u64, world: &mut World) {
        self.sum += hops;
        if let Some(next) = self.next {
            next.pass(hops + 1, world);
        }
    }

    /// Tells the one it knows, and knows another one from then on.
    pub fn answer(&mut self, about: CellId, world: &mut World) {
        self.sum += 1;
        if let Some(next) = self.next.replace(about) {
            next.answer(self.id, world);
        }
    }

    /// Adds.
    pub fn add(&mut self, amount: u64, _: &mut World) {
        self.sum += amount;
    }

    /// Takes away.
    pub fn subtract(&mut self, amount: u64, _: &mut World) {
        self.sum -= amount;
    }

    /// Reads a list.
    pub fn read(&mut self, values: CVec<u32>, _: &mut World) {
        self.sum += values.len() as u64;
    }

    /// Is over.
    pub fn end(&mut self, _: &mut World) -> Fate {
        Fate::Die
    }
}

/// What a cell is, too.
pub trait Account {
    /// Takes money.
    fn pay(&mut self, amount: u64, world: &mut World);
}

impl Account for Cell {
    fn pay(&mut self, amount: u64, _: &mut World) {
        self.sum += amount;
    }
}

/// Tells cells things, when the host says so.
#[derive(Compact)]
pub struct Teller {
    id: TellerId,
    cells: CVec<CellId>,
}

impl Teller {
    /// A teller who knows these cells.
    pub fn spawn(id: TellerId, cells: CVec<CellId>, _: &mut World) -> Teller {
        Teller { id, cells }
    }

    /// One message to each.
    pub fn each(&mut self, world: &mut World) {
        for cell in &self.cells {
            cell.add(1, world);
        }
    }

    /// Many messages to the first one it knows.
    pub fn count(&mut self, times: u32, world: &mut World) {
        for amount in 0..u64::from(times) {
            self.cells[0].add(amount, world);
        }
    }

    /// Messages of two kinds that take turns, so that each is handled by another loop.
    pub fn alternate(&mut self, times: u32, world: &mut World) {
        for _ in 0..times / 2 {
            self.cells[0].add(2, world);
            self.cells[0].subtract(1, world);
        }
    }

    /// Messages with lists.
    pub fn write(&mut self, times: u32, world: &mut World) {
        for _ in 0..times {
            self.cells[0].read((0..16).collect(), world);
        }
    }

    /// Messages to whoever is the first cell.
    pub fn call_first(&mut self, times: u32, world: &mut World) {
        for amount in 0..u64::from(times) {
            CellId::local_first(world).add(amount, world);
        }
    }

    /// Messages to one that is known by its trait only.
    pub fn pay(&mut self, times: u32, world: &mut World) {
        let account = black_box(AccountId::from(self.cells[0]));
        for amount in 0..u64::from(times) {
            account.pay(amount, world);
        }
    }

    /// Makes cells.
    pub fn breed(&mut self, count: u32, world: &mut World) {
        for _ in 0..count {
            self.cells.push(CellId::spawn(world));
        }
    }

    /// Ends all of them.
    pub fn cull(&mut self, world: &mut World) {
        for cell in self.cells.drain(..) {
            cell.end(world);
        }
    }
}

/// Work whose instructions are counted; can be done again.
type Work = Box<dyn FnMut()>;

/// A way through the runtime.
pub struct Path {
    /// The item whose instructions are told.
    pub name: &'static str,
    /// So many are done in a portion.
    pub items: usize,
    prepare: fn(usize) -> Work,
}

impl Path {
    /// A portion, ready to be done: all memory that it needs has been used before.
    pub fn prepare(&self) -> Work {
        let mut portion = (self.prepare)(self.items);
        for _ in 0..3 {
            portion();
        }
        portion
    }
}

/// All of them.
pub const PATHS: &[Path] = &[
    Path {
        name: "a turn with nothing to do",
        items: 1000,
        prepare: idle,
    },
    Path {
        name: "a turn with one message, in a ring of 100",
        items: 1000,
        prepare: |items| ring(items, turns),
    },
    Path {
        name: "the same while nobody looks between turns",
        items: 1000,
        prepare: |items| ring(items, run),
    },
    Path {
        name: "a message to a random one of 10,000",
        items: 50_000,
        prepare: |items| answers(items, 10_000, Settings::default().shards(4)),
    },
    Path {
        name: "the same in 64 shards, two or three for each pair",
        items: 50_000,
        prepare: |items| answers(items, 10_000, Settings::default().shards(64)),
    },
    Path {
        name: "the same among 1,000, through mailboxes",
        items: 10_000,
        prepare: |items| answers(items, 1000, Settings::default().shards(16).schedule(1)),
    },
    Path {
        name: "a message in the order of addresses",
        items: 8000,
        prepare: in_order,
    },
    Path {
        name: "an instance that a broadcast reaches",
        items: 10_000,
        prepare: broadcast,
    },
    Path {
        name: "a message of many to one",
        items: 40_000,
        prepare: |items| told(items, TellerId::count),
    },
    Path {
        name: "a message of another kind than the last one",
        items: 10_000,
        prepare: |items| told(items, TellerId::alternate),
    },
    Path {
        name: "a message with a list of 16",
        items: 10_000,
        prepare: |items| told(items, TellerId::write),
    },
    Path {
        name: "a message to the first",
        items: 10_000,
        prepare: |items| told(items, TellerId::call_first),
    },
    Path {
        name: "a message by an actor trait",
        items: 10_000,
        prepare: |items| told(items, TellerId::pay),
    },
    Path {
        name: "an instance that is made and ended",
        items: 10_000,
        prepare: spawn_and_drop,
    },
];

fn system(settings: Settings) -> ActorSystem {
    ActorSystem::new(settings.threads(1), crate::setup).expect("set up")
}

fn turns(system: &mut ActorSystem, turns: usize) {
    for _ in 0..turns {
        system.turn().expect("no handler panics");
    }
}

fn run(system: &mut ActorSystem, turns: usize) {
    let _ = system
        .run_until_idle(turns as u64)
        .expect("no handler panics");
}

fn cells(system: &mut ActorSystem, count: usize) -> Vec<CellId> {
    let world = system.world();
    (0..count).map(|_| CellId::spawn(world)).collect()
}

fn idle(items: usize) -> Work {
    let mut system = system(Settings::default());
    cells(&mut system, 1000);
    Box::new(move || turns(&mut system, items))
}

fn ring(items: usize, run: fn(&mut ActorSystem, usize)) -> Work {
    let mut system = system(Settings::default());
    let ring = cells(&mut system, 100);
    for (at, cell) in ring.iter().enumerate() {
        cell.meet(ring[(at + 1) % ring.len()], system.world());
    }
    ring[0].pass(0, system.world());
    Box::new(move || run(&mut system, items))
}

fn answers(items: usize, count: usize, settings: Settings) -> Work {
    let mut system = system(settings);
    let cells = cells(&mut system, count);
    let other = |number: usize| cells[partner(number, count)];
    for (number, cell) in cells.iter().enumerate() {
        cell.meet(other(number), system.world());
        cell.answer(other(number / 2), system.world());
    }
    Box::new(move || turns(&mut system, items / count))
}

fn in_order(items: usize) -> Work {
    const SHARDS: usize = 16;
    let mut system = system(Settings::default().shards(SHARDS));
    let cells = cells(&mut system, items);
    // Each shard gets a teller, for the cells of one shard.
    let tellers: Vec<TellerId> = (0..SHARDS)
        .map(|shard| {
            let of_shard = cells.iter().skip(shard).step_by(SHARDS);
            TellerId::spawn(of_shard.copied().collect(), system.world())
        })
        .collect();
    Box::new(move || {
        for teller in &tellers {
            teller.each(system.world());
        }
        turns(&mut system, 2);
    })
}

fn broadcast(items: usize) -> Work {
    let mut system = system(Settings::default());
    cells(&mut system, items);
    Box::new(move || {
        CellId::local_broadcast(system.world()).add(black_box(1), system.world());
        turns(&mut system, 1);
    })
}

/// What a teller does so many times with a cell.
fn told(times: usize, say: fn(TellerId, u32, &mut World)) -> Work {
    let mut system = system(Settings::default());
    let cell = CellId::spawn(system.world());
    let teller = TellerId::spawn(CVec::from(&[cell][..]), system.world());
    Box::new(move || {
        say(teller, times as u32, system.world());
        turns(&mut system, 2);
    })
}

fn spawn_and_drop(items: usize) -> Work {
    let mut system = system(Settings::default());
    let teller = TellerId::spawn(CVec::new(), system.world());
    Box::new(move || {
        teller.breed(items as u32, system.world());
        turns(&mut system, 2);
        teller.cull(system.world());
        turns(&mut system, 2);
    })
}

#[cfg(test)]
mod tests {
    use super::PATHS;

    #[test]
    fn every_path_can_be_taken_again_and_again() {
        for path in PATHS {
            path.prepare()();
            assert!(path.items >= 1000, "{}: too few to divide by", path.name);
        }
    }
}
