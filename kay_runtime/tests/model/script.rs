//! What the host does, at random.

use kay_runtime::{RawId, Rng};

use crate::actors::raw_id;
use crate::letter::{Kind, Letter, Note, TYPES, To};
use crate::logic::pick;
use crate::world::World;

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Send(To, Letter),
    /// Makes somebody of a type, perhaps near another one.
    Spawn(usize, Option<RawId>, Letter),
    Turn,
    /// Runs turns until the world is idle, at most so many.
    UntilIdle(u64),
    Resume,
    Verify,
    Snapshot,
    /// Ends the world that is kept in a directory, well or not, and opens it on so many threads.
    Reopen {
        closes: bool,
        threads: usize,
    },
}

pub(crate) struct Script {
    rng: Rng,
    /// How dangerous its messages are.
    dare: u8,
    /// So many instances are enough.
    enough: usize,
    /// It sends so many messages at a time.
    bulk: u64,
    steps: u32,
    known: Vec<RawId>,
}

impl Script {
    pub(crate) fn new(seed: u64, shards: u32) -> Self {
        let mut rng = Rng::new(seed);
        let dare = rng.below(16) as u8;
        // A few worlds are large, so that letters are, too.
        let (enough, bulk) = match rng.below(20) {
            0 => (400, 10),
            1..5 => (120, 1),
            _ => (40, 1),
        };
        // Ids that nobody has given: who they are for does not come, or has not come yet, or is there.
        let bits = shards.next_power_of_two().trailing_zeros();
        let known = (0..2 + rng.below(12)).map(|_| {
            let slot = rng.range(0..6) * 128 + rng.range(0..4);
            let index = slot << bits | rng.range(0..shards);
            raw_id(any_type(&mut rng), index, rng.range(1..4) as u16)
        });
        let known = known.collect();
        #[rustfmt::skip]
        return Script { rng, dare, enough, bulk, steps: 0, known };
    }

    /// Somebody was made.
    pub(crate) fn meet(&mut self, id: RawId) {
        self.known.push(id);
        if self.known.len() > 60 {
            let forgotten = self.rng.below(60);
            self.known.swap_remove(forgotten as usize);
        }
    }

    /// What is to be done next.
    pub(crate) fn step(&mut self, world: &World) -> Vec<Operation> {
        let mut operations = Vec::new();
        let sends = match self.steps {
            0..3 => 6,
            _ => self.rng.below(6),
        };
        self.steps += 1;
        // Now and then, nothing is sent.
        if self.rng.below(5) > 0 {
            for _ in 0..sends * self.bulk {
                operations.push(self.send(world));
            }
        }
        if self.one_in(12) {
            operations.push(Operation::Snapshot);
            if self.one_in(2) {
                operations.push(self.send(world));
            }
        }
        if self.one_in(10) {
            operations.push(self.reopen());
        }
        if self.one_in(20) {
            operations.push(Operation::Verify);
        }
        if world.frozen && self.rng.below(3) > 0 {
            operations.push(Operation::Resume);
        } else if self.one_in(8) {
            operations.push(Operation::UntilIdle(self.rng.below(12)));
        } else {
            let turns = 1 + self.rng.below(3) as usize;
            operations.extend(vec![Operation::Turn; turns]);
        }
        if self.one_in(10) {
            operations.push(self.reopen());
        }
        operations
    }

    fn send(&mut self, world: &World) -> Operation {
        let population = world.population();
        let many = population > self.enough || world.all_waiting() > self.enough * 3;
        let rng = &mut self.rng;
        let note = Note {
            seed: rng.bits(),
            hops: if many { 0 } else { rng.below(7) as u8 },
            dare: self.dare,
        };
        let last = Note { hops: 0, ..note };
        let id = pick(&self.known, rng);
        let (of, from) = (any_type(rng), Some(id));
        // What may stop in the midst of what was put off.
        if world.frozen && rng.below(6) == 0 {
            return Operation::Send(To::All(of), Letter::new(Kind::Call, last));
        }
        match rng.below(16) {
            0..6 if population < self.enough => {
                let near = (rng.below(3) == 0).then_some(id);
                Operation::Spawn(of, near, Letter::any_spawner(rng, note, from))
            }
            6 => Operation::Send(To::All(of), Letter::any(rng, last, from, &[id])),
            7 => Operation::Send(To::Everyone, Letter::any(rng, last, from, &[id])),
            8 => Operation::Send(To::First(of), Letter::any(rng, note, from, &[id])),
            _ => Operation::Send(To::One(id), Letter::any(rng, note, from, &self.known)),
        }
    }

    fn reopen(&mut self) -> Operation {
        let closes = self.one_in(2);
        let threads = any_threads(&mut self.rng);
        Operation::Reopen { closes, threads }
    }

    pub(crate) fn one_in(&mut self, count: u64) -> bool {
        self.rng.below(count) == 0
    }
}

fn any_type(rng: &mut Rng) -> usize {
    rng.below(TYPES as u64) as usize
}

pub(crate) fn any_threads(rng: &mut Rng) -> usize {
    pick(&[1, 2, 3, 8], rng)
}
