//! hecs: a minimal ECS, which leaves systems, messages and threads to its user.
//!
//! Messages are buffers, one for each kind: a system reads one, looks each receiver up in a view
//! (what hecs has for random access) and pushes to others. State that there is only once is a
//! variable. A view for writing is one thread's alone, so only iteration has use for a second one.

use std::collections::BinaryHeap;
use std::hint::black_box;
use std::mem::swap;

use hecs::{Entity, World};
use kay_bench::suite::{Contender, Event, Kind, Prepared, Row, Size, fork_join_work, partner};

use crate::parts::{Colour, Gossip, Mall, Next, Player, transfer};

/// hecs.
pub const CONTENDER: Contender = Contender {
    name: "hecs",
    kind: Kind::Ecs,
    threaded: true,
    prepare,
};

fn prepare(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::Broadcast => broadcast(size),
        _ if size.threads > 1 => None,
        Row::PingPong => ring(2, size),
        Row::ThreadRing => ring(size.ring(), size),
        Row::Counting => counting(size),
        Row::ForkJoin => fork_join(size),
        Row::Big => big(size),
        Row::Chameneos => chameneos(size),
        Row::Bank => bank(size),
        Row::AddressOrder => address_order(size),
        Row::RandomAnswer(count) => random_answer(count, size),
        Row::Phold => phold(size),
        Row::SpawnAndDrop => spawn_and_drop(size),
        Row::Resident => resident(size),
    }
}

/// A sum over all instances of a component.
fn sum<C: hecs::Component>(world: &mut World, of: fn(&C) -> u64) -> u64 {
    world.query_mut::<&C>().into_iter().map(of).sum()
}

struct Stage {
    next: Entity,
    seen: u64,
}

fn ring(count: usize, size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let ring: Vec<Entity> = world.reserve_entities(count as u32).collect();
    for (at, stage) in ring.iter().enumerate() {
        let next = ring[(at + 1) % count];
        world.insert_one(*stage, Stage { next, seen: 0 }).unwrap();
    }
    // With one message in flight, a stack is as good as two buffers, and faster.
    let mut tokens = Vec::new();
    Prepared::new(
        world,
        move |world| {
            let mut stages = world.view_mut::<&mut Stage>();
            tokens.push((ring[0], size.hops()));
            while let Some((to, hops)) = tokens.pop() {
                let stage = stages.get_mut(to).unwrap();
                stage.seen += 1;
                if hops > 1 {
                    tokens.push((stage.next, hops - 1));
                }
            }
        },
        |world| sum(world, |stage: &Stage| stage.seen),
    )
}

struct Sum(u64);

/// Adds each amount to whom it is for.
fn add(world: &mut World, amounts: &mut Vec<(Entity, u64)>) {
    let mut sums = world.view_mut::<&mut Sum>();
    for (to, amount) in amounts.drain(..) {
        sums.get_mut(to).unwrap().0 += amount;
    }
}

fn counting(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let counter = world.spawn((Sum(0),));
    let mut amounts = Vec::new();
    Prepared::new(
        world,
        move |world| {
            for from in (0..size.counted()).step_by(Size::BATCH) {
                let to = size.counted().min(from + Size::BATCH);
                amounts.extend((from..to).map(|amount| (counter, amount as u64)));
                add(world, &mut amounts);
            }
        },
        |world| sum(world, |sum: &Sum| sum.0),
    )
}

struct Fork {
    handled: u64,
    sum: f64,
}

impl Fork {
    fn new() -> Fork {
        let (handled, sum) = (0, 0.0);
        Fork { handled, sum }
    }
}

fn fork_join(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let forks = (0..size.forks()).map(|_| (Fork::new(),));
    let forks: Vec<Entity> = world.spawn_batch(forks).collect();
    let mut orders: Vec<Entity> = Vec::new();
    Prepared::new(
        world,
        move |world| {
            let mut all = forks.iter().cycle();
            let mut left = size.counted();
            while left > 0 {
                let batch = left.min(Size::BATCH);
                orders.extend(all.by_ref().take(batch));
                let mut forks = world.view_mut::<&mut Fork>();
                for to in orders.drain(..) {
                    let fork = forks.get_mut(to).unwrap();
                    fork.handled += 1;
                    fork_join_work(&mut fork.sum);
                }
                left -= batch;
            }
        },
        |world| sum(world, |fork: &Fork| fork.handled),
    )
}

fn big(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let players = (0..size.crowd()).map(|number| (Player::new(number),));
    let crowd: Vec<Entity> = world.spawn_batch(players).collect();
    let (mut pings, mut pongs) = (Vec::new(), Vec::new());
    Prepared::new(
        world,
        move |world| {
            let mut players = world.view_mut::<&mut Player>();
            for &from in &crowd {
                let player = players.get_mut(from).unwrap();
                pings.push((crowd[player.begin(size.pings(), crowd.len())], from));
            }
            while !pings.is_empty() {
                for (to, from) in pings.drain(..) {
                    players.get_mut(to).unwrap().handled += 1;
                    pongs.push(from);
                }
                for to in pongs.drain(..) {
                    let player = players.get_mut(to).unwrap();
                    if let Some(next) = player.pong(crowd.len()) {
                        pings.push((crowd[next], to));
                    }
                }
            }
        },
        |world| sum(world, |player: &Player| player.handled),
    )
}

fn chameneos(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let creatures = (0..size.creatures()).map(|number| (Colour::of(number),));
    world.spawn_batch(creatures);
    let (mut coming, mut meeting) = (Vec::new(), Vec::new());
    Prepared::new(
        (world, Mall::closed()),
        move |(world, mall)| {
            mall.open(size.meetings());
            for (creature, colour) in world.query_mut::<(Entity, &Colour)>() {
                coming.push((creature, *colour));
            }
            let mut colours = world.view_mut::<&mut Colour>();
            while !coming.is_empty() {
                for (who, colour) in coming.drain(..) {
                    if let Some([(one, its), (other, others)]) = mall.come(who, colour) {
                        meeting.extend([(one, others), (other, its)]);
                    }
                }
                for (to, other) in meeting.drain(..) {
                    let colour = colours.get_mut(to).unwrap();
                    *colour = colour.meet(other);
                    coming.push((to, *colour));
                }
            }
        },
        |(_, mall)| mall.meetings,
    )
}

struct Balance(i64);

fn bank(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let accounts = (0..size.accounts()).map(|_| (Balance(0),));
    let accounts: Vec<Entity> = world.spawn_batch(accounts).collect();
    let (mut debits, mut credits) = (Vec::new(), Vec::new());
    let (mut credited, mut done) = (Vec::new(), Vec::new());
    let mut seed = 1;
    Prepared::new(
        (world, 0),
        move |(world, transfers)| {
            for _ in 0..size.transfers() {
                let (from, to) = transfer(&mut seed, accounts.len());
                debits.push((accounts[from], accounts[to], 1));
            }
            let mut balances = world.view_mut::<&mut Balance>();
            for (from, to, amount) in debits.drain(..) {
                balances.get_mut(from).unwrap().0 -= amount;
                credits.push((to, from, amount));
            }
            for (to, from, amount) in credits.drain(..) {
                balances.get_mut(to).unwrap().0 += amount;
                credited.push(from);
            }
            for from in credited.drain(..) {
                if balances.get_mut(from).is_some() {
                    done.push(from);
                }
            }
            for _ in done.drain(..) {
                *transfers += 1;
            }
        },
        |(_, transfers)| *transfers,
    )
}

/// Sends to its share.
struct Driver {
    driven: Vec<Entity>,
}

fn address_order(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    let all = (0..size.many()).map(|_| (Sum(0),));
    let all: Vec<Entity> = world.spawn_batch(all).collect();
    for share in all.chunks(size.many().div_ceil(size.drivers())) {
        let driven = share.to_vec();
        world.spawn((Driver { driven },));
    }
    let mut amounts = Vec::new();
    Prepared::new(
        world,
        move |world| {
            for _ in 0..size.rounds() {
                for driver in world.query_mut::<&Driver>() {
                    amounts.extend(driver.driven.iter().map(|&to| (to, 1)));
                }
                add(world, &mut amounts);
            }
        },
        |world| sum(world, |sum: &Sum| sum.0),
    )
}

struct Position(f64);
struct Speed(f64);
struct Steps(u64);

/// Instances of 32 bytes with the 8 of an entity.
fn walkers(count: usize) -> impl Iterator<Item = (Position, Speed, Steps)> {
    (0..count).map(|_| (Position(0.0), Speed(1.0), Steps(0)))
}

fn broadcast(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    world.spawn_batch(walkers(size.many()));
    let batch = size.many().div_ceil(size.threads) as u32;
    Prepared::new(
        world,
        move |world| {
            for turn in 0..size.broadcasts() {
                let time = black_box(turn as f64);
                let walkers = world.query_mut::<(&mut Position, &Speed, &mut Steps)>();
                if size.threads == 1 {
                    for (position, speed, steps) in walkers {
                        position.0 += speed.0 * time;
                        steps.0 += 1;
                    }
                    continue;
                }
                std::thread::scope(|scope| {
                    for batch in walkers.into_iter_batched(batch) {
                        scope.spawn(move || {
                            for (position, speed, steps) in batch {
                                position.0 += speed.0 * time;
                                steps.0 += 1;
                            }
                        });
                    }
                });
            }
        },
        |world| sum(world, |steps: &Steps| steps.0),
    )
}

fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let (count, rounds) = (size.random(count), size.random_rounds(count));
    let mut world = World::new();
    let all: Vec<Entity> = world.reserve_entities(count as u32).collect();
    let other = |number| all[partner(number, count)];
    let (mut now, mut next) = (Vec::new(), Vec::new());
    for (number, &entity) in all.iter().enumerate() {
        let gossip = Gossip::new(other(number));
        world.insert_one(entity, gossip).unwrap();
        now.push((entity, other(number / 2)));
    }
    Prepared::new(
        world,
        move |world| {
            let mut gossips = world.view_mut::<&mut Gossip<Entity>>();
            for _ in 0..rounds {
                for (to, about) in now.drain(..) {
                    let other = gossips.get_mut(to).unwrap().hear(about);
                    next.push((other, to));
                }
                swap(&mut now, &mut next);
            }
        },
        |world| sum(world, |gossip: &Gossip<Entity>| gossip.heard),
    )
}

struct Process {
    number: usize,
    handled: u64,
}

/// With a queue of events by time, since hecs has none.
fn phold(size: Size) -> Option<Prepared> {
    let count = size.processes();
    let mut world = World::new();
    let processes = (0..count).map(|number| (Process { number, handled: 0 },));
    let all: Vec<Entity> = world.spawn_batch(processes).collect();
    let first = |(number, &process)| Next::new(process, Event::first(number));
    let mut events: BinaryHeap<Next<Entity>> = all.iter().enumerate().map(first).collect();
    let mut end = 0.0;
    Prepared::new(
        world,
        move |world| {
            end += size.time() as f64;
            let mut processes = world.view_mut::<&mut Process>();
            while let Some(mut next) = events.peek_mut()
                && next.event.time < end
            {
                let process = processes.get_mut(next.process).unwrap();
                process.handled += 1;
                let (to, event) = next.event.lead(process.number, count);
                *next = Next::new(all[to], event);
            }
        },
        |world| sum(world, |process: &Process| process.handled),
    )
}

fn spawn_and_drop(size: Size) -> Option<Prepared> {
    let mut all: Vec<Entity> = Vec::new();
    Prepared::new(
        (World::new(), 0),
        move |(world, ended)| {
            all.extend(world.spawn_batch(walkers(size.many())));
            for walker in all.drain(..).rev() {
                world.despawn(walker).unwrap();
                *ended += 1;
            }
        },
        |(_, ended)| *ended,
    )
}

fn resident(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    // One by one, as things come to be in the course of time.
    for walker in walkers(size.many()) {
        world.spawn(walker);
    }
    Prepared::new(world, |_| (), |world| u64::from(world.len()))
}
