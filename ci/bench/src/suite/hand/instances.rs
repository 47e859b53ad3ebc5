//! Rows that are about instances rather than messages.

use super::looping::{Lanes, Loop, Pooled, Work};
use super::many::SHARDS;
use crate::suite::{Prepared, Size};

/// 32 bytes.
#[derive(Clone)]
pub struct Walker {
    _id: u64,
    position: f64,
    speed: f64,
    steps: u64,
}

const WALKER: Walker = Walker {
    _id: 7,
    position: 0.0,
    speed: 1.0,
    steps: 0,
};

#[inline(always)]
fn step(walkers: &mut [Walker], time: f64) {
    for walker in walkers {
        walker.position += walker.speed * time;
        walker.steps += 1;
    }
}

/// All in one `Vec`. Each thread has its part, and needs no barrier, since nobody depends on
/// others.
pub fn broadcast_in_one(size: Size) -> Option<Prepared> {
    Prepared::new(
        vec![WALKER; size.many()],
        move |walkers| {
            let work = |part: &mut [Walker]| {
                for time in 0..size.broadcasts() {
                    step(part, std::hint::black_box(time as f64));
                }
            };
            let part = walkers.len().div_ceil(size.threads);
            let (own, others) = walkers.split_at_mut(part);
            std::thread::scope(|scope| {
                for part in others.chunks_mut(part) {
                    scope.spawn(|| work(part));
                }
                work(own);
            });
        },
        |walkers| walkers.iter().map(|walker| walker.steps).sum(),
    )
}

/// A message to each shard, which sends itself the next one.
pub struct Broadcast {
    times: usize,
}

impl Work for Broadcast {
    type State = Vec<Walker>;
    type Message = f64;

    #[inline(always)]
    fn handle(&self, walkers: &mut Vec<Walker>, time: f64, own: u32, lanes: &mut impl Lanes<f64>) {
        step(walkers, time);
        if time + 1.0 < self.times as f64 {
            lanes.send(own, time + 1.0);
        }
    }
}

pub fn broadcast_in_shards(size: Size) -> Option<Prepared> {
    let shards = (0..SHARDS).map(|shard| vec![WALKER; share(size.many(), shard)]);
    let times = size.broadcasts();
    let world = Pooled::new(Broadcast { times }, shards.collect(), SHARDS, size);
    Prepared::new(
        world,
        move |world| {
            for shard in 0..SHARDS {
                world.send(shard as u32, 0.0);
            }
            world.turns(times);
        },
        |world| world.sum(|walkers| walkers.iter().map(|walker| walker.steps).sum()),
    )
}

/// As many of `count` as belong to a shard.
fn share(count: usize, shard: usize) -> usize {
    count / SHARDS + usize::from(shard < count % SHARDS)
}

/// An instance of the loop is a shard, with the walkers that it has and that it lets others make.
pub struct SpawnAndDrop {
    many: usize,
}

#[derive(Default)]
pub struct Place {
    walkers: Vec<[u64; 4]>,
    ended: u64,
}

#[derive(Clone, Copy)]
pub enum Order {
    Breed,
    Cull,
    Spawn([u64; 3]),
    End,
}

impl Work for SpawnAndDrop {
    type State = Place;
    type Message = Order;

    #[inline(always)]
    fn handle(&self, place: &mut Place, order: Order, own: u32, lanes: &mut impl Lanes<Order>) {
        match order {
            Order::Breed => {
                for number in 0..share(self.many, own as usize) {
                    let parameters = [number as u64, 1, 2];
                    lanes.send((number % SHARDS) as u32, Order::Spawn(parameters));
                }
            }
            Order::Cull => {
                for number in 0..share(self.many, own as usize) {
                    lanes.send((number % SHARDS) as u32, Order::End);
                }
            }
            Order::Spawn([a, b, c]) => place.walkers.push([a, b, c, 0]),
            Order::End => {
                if place.walkers.pop().is_some() {
                    place.ended += 1;
                }
            }
        }
    }
}

pub fn spawn_and_drop<L: Loop<SpawnAndDrop>>(size: Size) -> Option<Prepared> {
    let places = (0..SHARDS).map(|_| Place::default()).collect();
    let work = SpawnAndDrop { many: size.many() };
    let world = L::new(work, places, SHARDS, size);
    Prepared::new(
        world,
        |world| {
            for order in [Order::Breed, Order::Cull] {
                for shard in 0..SHARDS {
                    world.send(shard as u32, order);
                }
                world.turns(2);
            }
        },
        |world| world.sum(|place| place.ended),
    )
}

/// A `Vec` of states and one of slots of 8 bytes: the least that a stable address costs.
pub fn resident(size: Size) -> Option<Prepared> {
    let world = (vec![[1_u64; 4]; size.many()], vec![[1_u32; 2]; size.many()]);
    Prepared::new(
        world,
        |_| (),
        |(states, slots)| {
            assert_eq!(states.len(), slots.len());
            std::hint::black_box(states).len() as u64
        },
    )
}
