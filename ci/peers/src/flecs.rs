//! flecs_ecs: the Rust side of Flecs, an ECS written in C.
//!
//! With its safety locks: without, which it recommends where speed counts, version 0.2.2 crashes,
//! since its bindings are for a C side that has them. Messages are buffers; a receiver is
//! looked up with `EntityView::get`. What a row has only once is a variable. Only one thread at a
//! time can look up for writing, so only iteration has use for a second one: a system that runs
//! on all threads of the world.

use std::collections::BinaryHeap;
use std::mem::swap;

use flecs_ecs::prelude::*;
use kay_bench::suite::{self, Contender, Kind, Prepared, Row, Size, fork_join_work, partner};

use crate::parts::{Colour, Gossip, Mall, Next, Player, transfer};

/// flecs_ecs.
pub const CONTENDER: Contender = Contender {
    name: "flecs_ecs",
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

/// One entity for each of these components.
fn entities<C>(world: &World, components: impl Iterator<Item = C>) -> Vec<Entity>
where
    C: ComponentId + DataComponent,
{
    let components: Vec<C> = components.collect();
    let mut bulk = world.entity_bulk(components.len() as u32);
    bulk.set(&components).build()
}

/// A sum over all instances of a component.
macro_rules! sum {
    ($world:expr, |$of:ident: &$Component:ty| $number:expr) => {{
        let mut sum = 0;
        $world
            .query::<&$Component>()
            .build()
            .each(|$of| sum += $number);
        sum
    }};
}

#[derive(Component)]
struct Stage {
    next: Entity,
    seen: u64,
}

fn ring(count: usize, size: Size) -> Option<Prepared> {
    let world = World::new();
    let ring: Vec<Entity> = (0..count).map(|_| world.entity().id()).collect();
    for (at, stage) in ring.iter().enumerate() {
        let next = ring[(at + 1) % count];
        world.entity_from_id(*stage).set(Stage { next, seen: 0 });
    }
    // With one message in flight, a stack is as good as two buffers, and faster.
    let mut tokens = Vec::new();
    Prepared::new(
        world,
        move |world| {
            tokens.push((ring[0], size.hops()));
            while let Some((to, hops)) = tokens.pop() {
                world.entity_from_id(to).get::<&mut Stage>(|stage| {
                    stage.seen += 1;
                    if hops > 1 {
                        tokens.push((stage.next, hops - 1));
                    }
                });
            }
        },
        |world| sum!(world, |stage: &Stage| stage.seen),
    )
}

#[derive(Component)]
struct Sum(u64);

/// Adds each amount to whom it is for.
fn add(world: &World, amounts: &mut Vec<(Entity, u64)>) {
    for (to, amount) in amounts.drain(..) {
        let counter = world.entity_from_id(to);
        counter.get::<&mut Sum>(|sum| sum.0 += amount);
    }
}

fn counting(size: Size) -> Option<Prepared> {
    let world = World::new();
    let counter = world.entity().set(Sum(0)).id();
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
        |world| sum!(world, |sum: &Sum| sum.0),
    )
}

#[derive(Component, Default)]
struct Fork {
    handled: u64,
    sum: f64,
}

fn fork_join(size: Size) -> Option<Prepared> {
    let world = World::new();
    let forks = entities(&world, (0..size.forks()).map(|_| Fork::default()));
    let mut orders: Vec<Entity> = Vec::new();
    Prepared::new(
        world,
        move |world| {
            let mut all = forks.iter().cycle();
            let mut left = size.counted();
            while left > 0 {
                let batch = left.min(Size::BATCH);
                orders.extend(all.by_ref().take(batch));
                for to in orders.drain(..) {
                    world.entity_from_id(to).get::<&mut Fork>(|fork| {
                        fork.handled += 1;
                        fork_join_work(&mut fork.sum);
                    });
                }
                left -= batch;
            }
        },
        |world| sum!(world, |fork: &Fork| fork.handled),
    )
}

#[derive(Component)]
struct Big(Player);

fn big(size: Size) -> Option<Prepared> {
    let world = World::new();
    let players = (0..size.crowd()).map(|number| Big(Player::new(number)));
    let crowd = entities(&world, players);
    let (mut pings, mut pongs) = (Vec::new(), Vec::new());
    Prepared::new(
        world,
        move |world| {
            let count = crowd.len();
            for &from in &crowd {
                let player = world.entity_from_id(from);
                let first = player.get::<&mut Big>(|big| big.0.begin(size.pings(), count));
                pings.push((crowd[first], from));
            }
            while !pings.is_empty() {
                for (to, from) in pings.drain(..) {
                    let player = world.entity_from_id(to);
                    player.get::<&mut Big>(|big| big.0.handled += 1);
                    pongs.push(from);
                }
                for to in pongs.drain(..) {
                    let player = world.entity_from_id(to);
                    if let Some(next) = player.get::<&mut Big>(|big| big.0.pong(count)) {
                        pings.push((crowd[next], to));
                    }
                }
            }
        },
        |world| sum!(world, |big: &Big| big.0.handled),
    )
}

#[derive(Component)]
struct Creature(Colour);

fn chameneos(size: Size) -> Option<Prepared> {
    let world = World::new();
    let creatures = (0..size.creatures()).map(|number| Creature(Colour::of(number)));
    let creatures = entities(&world, creatures);
    let (mut coming, mut meeting) = (Vec::new(), Vec::new());
    Prepared::new(
        (world, Mall::closed()),
        move |(world, mall)| {
            mall.open(size.meetings());
            for &who in &creatures {
                let colour = world.entity_from_id(who).get::<&Creature>(|it| it.0);
                coming.push((who, colour));
            }
            while !coming.is_empty() {
                for (who, colour) in coming.drain(..) {
                    if let Some([(one, its), (other, others)]) = mall.come(who, colour) {
                        meeting.extend([(one, others), (other, its)]);
                    }
                }
                for (to, other) in meeting.drain(..) {
                    world.entity_from_id(to).get::<&mut Creature>(|creature| {
                        creature.0 = creature.0.meet(other);
                        coming.push((to, creature.0));
                    });
                }
            }
        },
        |(_, mall)| mall.meetings,
    )
}

#[derive(Component)]
struct Balance(i64);

fn bank(size: Size) -> Option<Prepared> {
    let world = World::new();
    let accounts = entities(&world, (0..size.accounts()).map(|_| Balance(0)));
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
            for (from, to, amount) in debits.drain(..) {
                let source = world.entity_from_id(from);
                source.get::<&mut Balance>(|balance| balance.0 -= amount);
                credits.push((to, from, amount));
            }
            for (to, from, amount) in credits.drain(..) {
                let target = world.entity_from_id(to);
                target.get::<&mut Balance>(|balance| balance.0 += amount);
                credited.push(from);
            }
            for from in credited.drain(..) {
                let source = world.entity_from_id(from);
                source.get::<&Balance>(|_| done.push(from));
            }
            for _ in done.drain(..) {
                *transfers += 1;
            }
        },
        |(_, transfers)| *transfers,
    )
}

/// Sends to its share.
#[derive(Component)]
struct Driver {
    driven: Vec<Entity>,
}

fn address_order(size: Size) -> Option<Prepared> {
    let world = World::new();
    let all = entities(&world, (0..size.many()).map(|_| Sum(0)));
    for share in all.chunks(size.many().div_ceil(size.drivers())) {
        let driven = share.to_vec();
        world.entity().set(Driver { driven });
    }
    let drivers = world.new_query::<&Driver>();
    let mut amounts = Vec::new();
    Prepared::new(
        (drivers, world),
        move |(drivers, world)| {
            for _ in 0..size.rounds() {
                drivers.each(|driver| {
                    amounts.extend(driver.driven.iter().map(|&to| (to, 1)));
                });
                add(world, &mut amounts);
            }
        },
        |(_, world)| sum!(world, |sum: &Sum| sum.0),
    )
}

#[derive(Clone, Component)]
struct Position(f64);

#[derive(Clone, Component)]
struct Speed(f64);

#[derive(Clone, Component)]
struct Steps(u64);

/// Instances of 32 bytes with the 8 of an entity, which are copies of one.
struct Walkers {
    positions: Vec<Position>,
    speeds: Vec<Speed>,
    steps: Vec<Steps>,
}

impl Walkers {
    fn new(count: usize) -> Walkers {
        Walkers {
            positions: vec![Position(0.0); count],
            speeds: vec![Speed(1.0); count],
            steps: vec![Steps(0); count],
        }
    }

    fn spawn(&self, world: &World) -> Vec<Entity> {
        let mut bulk = world.entity_bulk(self.steps.len() as u32);
        bulk.set(&self.positions)
            .set(&self.speeds)
            .set(&self.steps)
            .build()
    }
}

fn broadcast(size: Size) -> Option<Prepared> {
    let world = World::new();
    Walkers::new(size.many()).spawn(&world);
    if size.threads > 1 {
        world.set_threads(size.threads as i32);
    }
    let step = |mut walkers: TableIter| {
        while walkers.next() {
            let time = f64::from(walkers.delta_time());
            let mut positions = walkers.field_mut::<Position>(0);
            let speeds = walkers.field::<Speed>(1);
            let mut steps = walkers.field_mut::<Steps>(2);
            for walker in walkers.iter() {
                positions[walker].0 += speeds[walker].0 * time;
                steps[walker].0 += 1;
            }
        }
    };
    let mut system = world.system::<(&mut Position, &Speed, &mut Steps)>();
    match size.threads {
        1 => system.run(step),
        _ => system.par_run(step),
    };
    Prepared::new(
        world,
        move |world| {
            for turn in 1..=size.broadcasts() {
                world.progress_time(turn as f32);
            }
        },
        |world| sum!(world, |steps: &Steps| steps.0),
    )
}

#[derive(Component)]
struct Hearer(Gossip<Entity>);

fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let (count, rounds) = (size.random(count), size.random_rounds(count));
    let world = World::new();
    let all: Vec<Entity> = (0..count).map(|_| world.entity().id()).collect();
    let other = |number| all[partner(number, count)];
    let (mut now, mut next) = (Vec::new(), Vec::new());
    for (number, &entity) in all.iter().enumerate() {
        let hearer = Hearer(Gossip::new(other(number)));
        world.entity_from_id(entity).set(hearer);
        now.push((entity, other(number / 2)));
    }
    Prepared::new(
        world,
        move |world| {
            for _ in 0..rounds {
                for (to, about) in now.drain(..) {
                    let hearer = world.entity_from_id(to);
                    let other = hearer.get::<&mut Hearer>(|hearer| hearer.0.hear(about));
                    next.push((other, to));
                }
                swap(&mut now, &mut next);
            }
        },
        |world| sum!(world, |hearer: &Hearer| hearer.0.heard),
    )
}

#[derive(Component)]
struct Process {
    number: usize,
    handled: u64,
}

/// With a queue of events by time, since flecs has none.
fn phold(size: Size) -> Option<Prepared> {
    let count = size.processes();
    let world = World::new();
    let processes = (0..count).map(|number| Process { number, handled: 0 });
    let all = entities(&world, processes);
    let first = |(number, &process)| Next::new(process, suite::Event::first(number));
    let mut events: BinaryHeap<Next<Entity>> = all.iter().enumerate().map(first).collect();
    let mut end = 0.0;
    Prepared::new(
        world,
        move |world| {
            end += size.time() as f64;
            while let Some(mut next) = events.peek_mut()
                && next.event.time < end
            {
                let process = world.entity_from_id(next.process);
                let (to, event) = process.get::<&mut Process>(|process| {
                    process.handled += 1;
                    next.event.lead(process.number, count)
                });
                *next = Next::new(all[to], event);
            }
        },
        |world| sum!(world, |process: &Process| process.handled),
    )
}

fn spawn_and_drop(size: Size) -> Option<Prepared> {
    let walkers = Walkers::new(size.many());
    Prepared::new(
        (World::new(), 0),
        move |(world, ended)| {
            for walker in walkers.spawn(world).into_iter().rev() {
                world.entity_from_id(walker).destruct();
                *ended += 1;
            }
        },
        |(_, ended)| *ended,
    )
}

fn resident(size: Size) -> Option<Prepared> {
    let world = World::new();
    // One by one, as things come to be in the course of time.
    for _ in 0..size.many() {
        let walker = world.entity();
        walker.set(Position(0.0)).set(Speed(1.0)).set(Steps(0));
    }
    Prepared::new(world, |_| (), |world| sum!(world, |_it: &Steps| 1))
}
