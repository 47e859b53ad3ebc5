//! What several peers have in common: plain state, and what a message does to it. `A` is the
//! address of an actor, whatever the peer has for it.

use std::cmp::Ordering;

use kay_bench::suite::{Event, next};
use serde::{Deserialize, Serialize};

/// Of random answer: tells the one it has in mind about itself.
#[derive(Serialize, Deserialize)]
pub struct Gossip<A> {
    /// The one it has in mind.
    pub other: A,
    /// How often it was told of somebody.
    pub heard: u64,
}

impl<A> Gossip<A> {
    /// One who has `other` in mind.
    pub fn new(other: A) -> Gossip<A> {
        Gossip { other, heard: 0 }
    }

    /// Hears about somebody. Returns whom to tell about itself.
    #[inline]
    pub fn hear(&mut self, about: A) -> A {
        self.heard += 1;
        std::mem::replace(&mut self.other, about)
    }
}

/// Of big: pings others.
#[derive(Serialize, Deserialize)]
pub struct Player {
    number: usize,
    seed: u64,
    left: usize,
    /// Pings and pongs that it has got.
    pub handled: u64,
}

impl Player {
    /// Number `number` of the crowd.
    pub fn new(number: usize) -> Player {
        Player {
            number,
            seed: number as u64 + 1,
            left: 0,
            handled: 0,
        }
    }

    /// Begins to send so many pings. Returns the number of the first one to ping.
    pub fn begin(&mut self, pings: usize, crowd: usize) -> usize {
        self.left = pings - 1;
        self.pick(crowd)
    }

    /// Gets an answer. Returns the number of the next one to ping, unless it is done.
    #[inline]
    pub fn pong(&mut self, crowd: usize) -> Option<usize> {
        self.handled += 1;
        self.left = self.left.checked_sub(1)?;
        Some(self.pick(crowd))
    }

    #[inline]
    fn pick(&mut self, crowd: usize) -> usize {
        (self.number + 1 + next(&mut self.seed) as usize % (crowd - 1)) % crowd
    }
}

/// Of chameneos: what a creature looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colour {
    /// Blue.
    Blue,
    /// Red.
    Red,
    /// Yellow.
    Yellow,
}

impl Colour {
    /// That of creature `number` at first.
    pub fn of(number: usize) -> Colour {
        [Colour::Blue, Colour::Red, Colour::Yellow][number % 3]
    }

    /// What it changes to when it meets `other`.
    #[inline]
    pub fn meet(self, other: Colour) -> Colour {
        use Colour::{Blue, Red, Yellow};
        match (self, other) {
            (Blue, Red) | (Red, Blue) => Yellow,
            (Blue, Yellow) | (Yellow, Blue) => Red,
            (Red, Yellow) | (Yellow, Red) => Blue,
            (same, _) => same,
        }
    }
}

/// Of chameneos: where creatures meet.
#[derive(Serialize, Deserialize)]
pub struct Mall<A> {
    waiting: Option<(A, Colour)>,
    left: usize,
    /// All that it has seen.
    pub meetings: u64,
}

impl<A> Mall<A> {
    /// A mall that is closed.
    pub fn closed() -> Mall<A> {
        Mall {
            waiting: None,
            left: 0,
            meetings: 0,
        }
    }

    /// Opens for so many meetings.
    pub fn open(&mut self, meetings: usize) {
        self.left = meetings;
    }

    /// Somebody comes. Returns it and the one that it meets, unless it has to wait or the mall is closed.
    #[inline]
    pub fn come(&mut self, who: A, colour: Colour) -> Option<[(A, Colour); 2]> {
        if self.left == 0 {
            return None;
        }
        let Some(other) = self.waiting.take() else {
            self.waiting = Some((who, colour));
            return None;
        };
        self.left -= 1;
        self.meetings += 1;
        Some([(who, colour), other])
    }
}

/// Of the bank: the numbers of the source and the target of the next transfer.
#[inline]
pub fn transfer(seed: &mut u64, accounts: usize) -> (usize, usize) {
    let source = next(seed) as usize % accounts;
    let target = (source + 1 + next(seed) as usize % (accounts - 1)) % accounts;
    (source, target)
}

/// Of PHOLD: an event in a queue (a `BinaryHeap`) from which the earliest one comes first.
pub struct Next<A> {
    /// Whom it happens to.
    pub process: A,
    /// What happens.
    pub event: Event,
}

impl<A> Next<A> {
    /// An event for a process.
    pub fn new(process: A, event: Event) -> Next<A> {
        Next { process, event }
    }
}

impl<A> Ord for Next<A> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.event.time.total_cmp(&self.event.time)
    }
}

impl<A> PartialOrd for Next<A> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<A> PartialEq for Next<A> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<A> Eq for Next<A> {}
