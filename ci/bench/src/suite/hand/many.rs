//! Rows with many instances and as many messages.

use super::looping::{Lanes, Loop, Work};
use crate::suite::{Event, Prepared, Size, partner, shards_for};

/// As many shards as kay has by default.
pub const SHARDS: usize = 64;

/// The first instances are drivers: the first one of each shard.
pub struct AddressOrder {
    drivers: u32,
    /// All instances, drivers too.
    count: u32,
    /// Whether a driver drives the instances of a shard, or those that follow each other.
    sharded: bool,
}

impl Work for AddressOrder {
    /// What was added, and whether this is a driver, since others have that much, too.
    type State = [u64; 2];
    /// What is added, or how many rounds are left.
    type Message = u64;

    #[inline(always)]
    fn handle(&self, state: &mut [u64; 2], message: u64, own: u32, lanes: &mut impl Lanes<u64>) {
        if state[1] == 0 {
            state[0] += message;
            return;
        }
        let drivers = self.drivers;
        if self.sharded {
            let first = drivers + (own + 1) % drivers;
            for to in (first..self.count).step_by(drivers as usize) {
                lanes.send(to, 1);
            }
        } else {
            let driven = self.count - drivers;
            let from = |driver| drivers + (u64::from(driven) * driver / u64::from(drivers)) as u32;
            for to in from(own.into())..from(u64::from(own) + 1) {
                lanes.send(to, 1);
            }
        }
        if message > 1 {
            lanes.send(own, message - 1);
        }
    }
}

pub fn address_order<L: Loop<AddressOrder>>(size: Size) -> Option<Prepared> {
    let drivers = size.drivers() as u32;
    assert_eq!(size.drivers(), SHARDS);
    let count = drivers + size.many() as u32;
    let work = AddressOrder {
        drivers,
        count,
        sharded: L::SHARDED,
    };
    let state = |number| [0, u64::from(number < drivers)];
    let world = L::new(work, (0..count).map(state).collect(), SHARDS, size);
    Prepared::new(
        world,
        move |world| {
            for driver in 0..drivers {
                world.send(driver, size.rounds() as u64);
            }
            world.turns(size.rounds() + 1);
        },
        |world| world.sum(|state| state[0]),
    )
}

pub struct RandomAnswer;

pub struct Gossip {
    id: u64,
    other: u64,
    heard: u64,
}

impl Work for RandomAnswer {
    type State = Gossip;
    /// The address of another one.
    type Message = u64;

    #[inline(always)]
    fn handle(&self, gossip: &mut Gossip, about: u64, _: u32, lanes: &mut impl Lanes<u64>) {
        gossip.heard += 1;
        let other = std::mem::replace(&mut gossip.other, about);
        lanes.send(other as u32, gossip.id);
    }
}

pub fn random_answer<L: Loop<RandomAnswer>>(count: usize, size: Size) -> Option<Prepared> {
    let rounds = size.random_rounds(count);
    let count = size.random(count);
    let gossip = |number| Gossip {
        id: number as u64,
        other: partner(number, count) as u64,
        heard: 0,
    };
    let gossips = (0..count).map(gossip).collect();
    let mut world = L::new(RandomAnswer, gossips, shards_for(count), size);
    for number in 0..count {
        world.send(number as u32, partner(number / 2, count) as u64);
    }
    Prepared::new(
        world,
        move |world| world.turns(rounds),
        |world| world.sum(|gossip| gossip.heard),
    )
}

/// A turn is a unit of time, which is the lookahead: what an event of one turn leads to happens
/// in the next one at the earliest.
pub struct Phold {
    processes: usize,
}

#[derive(Default)]
pub struct Process {
    /// The last one is the next to happen.
    events: Vec<Event>,
    handled: u64,
}

impl Work for Phold {
    type State = Process;
    type Message = Event;

    #[inline(always)]
    fn handle(&self, process: &mut Process, event: Event, _: u32, _: &mut impl Lanes<Event>) {
        let later = |other: &Event| other.time > event.time;
        let at = process.events.partition_point(later);
        process.events.insert(at, event);
    }

    #[inline(always)]
    fn walk(&self, turn: usize, process: &mut Process, own: u32, lanes: &mut impl Lanes<Event>) {
        while let Some(event) = process.events.pop_if(|event| event.time < turn as f64) {
            process.handled += 1;
            let (to, event) = event.lead(own as usize, self.processes);
            lanes.send(to as u32, event);
        }
    }

    const WALKS: bool = true;
}

pub fn phold<L: Loop<Phold>>(size: Size) -> Option<Prepared> {
    let processes = size.processes();
    let states = (0..processes).map(|_| Process::default()).collect();
    let mut world = L::new(Phold { processes }, states, shards_for(processes), size);
    for process in 0..processes {
        world.send(process as u32, Event::first(process));
    }
    Prepared::new(
        world,
        move |world| world.turns(size.time()),
        |world| world.sum(|process| process.handled),
    )
}
