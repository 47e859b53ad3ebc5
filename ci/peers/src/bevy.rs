//! bevy_ecs: the ECS of the engine Bevy.
//!
//! Messages are buffers, local to the system that handles them or a resource: bevy's own
//! `Messages` are such buffers too, with numbers and cursors for several readers, of whom there
//! are none here. A system looks each receiver up with `Query::get_mut`. Nobody asks what has
//! changed, so change detection is bypassed. A query for writing is one thread's alone, so only
//! iteration has use for a second one.

use std::collections::BinaryHeap;
use std::mem::swap;

use bevy_ecs::prelude::*;
use bevy_tasks::{ComputeTaskPool, TaskPoolBuilder};
use kay_bench::suite::{Contender, Event, Kind, Prepared, Row, Size, fork_join_work, partner};

use crate::parts::{Colour, Gossip, Mall, Next, Player, transfer};

/// bevy_ecs.
pub const CONTENDER: Contender = Contender {
    name: "bevy_ecs",
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

/// A portion is a run of this system; the number a sum over all instances of a component.
fn running<C: Component, M>(
    mut world: World,
    system: impl IntoSystem<(), (), M> + 'static,
    of: fn(&C) -> u64,
) -> Option<Prepared> {
    let system = world.register_system(system);
    Prepared::new(
        world,
        move |world| world.run_system(system).unwrap(),
        move |world| sum(world, of),
    )
}

/// A sum over all instances of a component.
fn sum<C: Component>(world: &mut World, of: fn(&C) -> u64) -> u64 {
    world.query::<&C>().iter(world).map(of).sum()
}

/// What a system must know.
#[derive(Resource)]
struct Work(Size);

/// All whom messages are for, by number.
#[derive(Resource)]
struct All(Vec<Entity>);

/// A world with so many entities.
fn world<B: Bundle<Effect: bevy_ecs::bundle::NoBundleEffect>>(
    size: Size,
    entities: impl IntoIterator<Item = B>,
) -> World {
    let mut world = World::new();
    let all = world.spawn_batch(entities).collect();
    world.insert_resource(All(all));
    world.insert_resource(Work(size));
    world
}

#[derive(Component)]
struct Stage {
    next: Entity,
    seen: u64,
}

fn ring(count: usize, size: Size) -> Option<Prepared> {
    let mut world = world(size, (0..count).map(|_| ()));
    let ring = world.resource::<All>().0.clone();
    for (at, stage) in ring.iter().enumerate() {
        let next = ring[(at + 1) % count];
        world.entity_mut(*stage).insert(Stage { next, seen: 0 });
    }
    running(world, pass, |stage: &Stage| stage.seen)
}

fn pass(
    work: Res<Work>,
    ring: Res<All>,
    mut stages: Query<&mut Stage>,
    // With one message in flight, a stack is as good as two buffers, and faster.
    mut tokens: Local<Vec<(Entity, usize)>>,
) {
    tokens.push((ring.0[0], work.0.hops()));
    while let Some((to, hops)) = tokens.pop() {
        let mut stage = stages.get_mut(to).unwrap();
        let stage = stage.bypass_change_detection();
        stage.seen += 1;
        if hops > 1 {
            tokens.push((stage.next, hops - 1));
        }
    }
}

#[derive(Component)]
struct Sum(u64);

#[derive(Resource, Default)]
struct Amounts(Vec<(Entity, u64)>);

/// Adds each amount to whom it is for.
fn add(mut amounts: ResMut<Amounts>, mut sums: Query<&mut Sum>) {
    for (to, amount) in amounts.0.drain(..) {
        let mut sum = sums.get_mut(to).unwrap();
        sum.bypass_change_detection().0 += amount;
    }
}

fn counting(size: Size) -> Option<Prepared> {
    let mut world = world(size, [Sum(0)]);
    let counter = world.resource::<All>().0[0];
    world.init_resource::<Amounts>();
    let add = world.register_system(add);
    Prepared::new(
        world,
        move |world| {
            for from in (0..size.counted()).step_by(Size::BATCH) {
                let to = size.counted().min(from + Size::BATCH);
                let mut amounts = world.resource_mut::<Amounts>();
                let batch = (from..to).map(|amount| (counter, amount as u64));
                amounts.0.extend(batch);
                world.run_system(add).unwrap();
            }
        },
        |world| sum(world, |sum: &Sum| sum.0),
    )
}

#[derive(Component, Default)]
struct Fork {
    handled: u64,
    sum: f64,
}

fn fork_join(size: Size) -> Option<Prepared> {
    let world = world(size, (0..size.forks()).map(|_| Fork::default()));
    running(world, fork, |fork: &Fork| fork.handled)
}

fn fork(
    work: Res<Work>,
    all: Res<All>,
    mut forks: Query<&mut Fork>,
    mut orders: Local<Vec<Entity>>,
) {
    let mut all = all.0.iter().cycle();
    let mut left = work.0.counted();
    while left > 0 {
        let batch = left.min(Size::BATCH);
        orders.extend(all.by_ref().take(batch));
        for to in orders.drain(..) {
            let mut fork = forks.get_mut(to).unwrap();
            let fork = fork.bypass_change_detection();
            fork.handled += 1;
            fork_join_work(&mut fork.sum);
        }
        left -= batch;
    }
}

#[derive(Component)]
struct Big(Player);

fn big(size: Size) -> Option<Prepared> {
    let players = (0..size.crowd()).map(|number| Big(Player::new(number)));
    running(world(size, players), play, |big: &Big| big.0.handled)
}

fn play(
    work: Res<Work>,
    crowd: Res<All>,
    mut players: Query<&mut Big>,
    mut pings: Local<Vec<(Entity, Entity)>>,
    mut pongs: Local<Vec<Entity>>,
) {
    let (size, crowd) = (work.0, &crowd.0);
    for &from in crowd {
        let mut player = players.get_mut(from).unwrap();
        let first = player.0.begin(size.pings(), crowd.len());
        pings.push((crowd[first], from));
    }
    while !pings.is_empty() {
        for (to, from) in pings.drain(..) {
            let mut player = players.get_mut(to).unwrap();
            player.bypass_change_detection().0.handled += 1;
            pongs.push(from);
        }
        for to in pongs.drain(..) {
            let mut player = players.get_mut(to).unwrap();
            let player = &mut player.bypass_change_detection().0;
            if let Some(next) = player.pong(crowd.len()) {
                pings.push((crowd[next], to));
            }
        }
    }
}

#[derive(Component)]
struct Creature(Colour);

#[derive(Resource)]
struct Meetings(Mall<Entity>);

fn chameneos(size: Size) -> Option<Prepared> {
    let creatures = (0..size.creatures()).map(|number| Creature(Colour::of(number)));
    let mut world = world(size, creatures);
    world.insert_resource(Meetings(Mall::closed()));
    let meet = world.register_system(meet);
    Prepared::new(
        world,
        move |world| world.run_system(meet).unwrap(),
        |world| world.resource::<Meetings>().0.meetings,
    )
}

fn meet(
    work: Res<Work>,
    mut meetings: ResMut<Meetings>,
    mut creatures: Query<(Entity, &mut Creature)>,
    mut coming: Local<Vec<(Entity, Colour)>>,
    mut meeting: Local<Vec<(Entity, Colour)>>,
) {
    let mall = &mut meetings.0;
    mall.open(work.0.meetings());
    coming.extend(creatures.iter().map(|(who, creature)| (who, creature.0)));
    while !coming.is_empty() {
        for (who, colour) in coming.drain(..) {
            if let Some([(one, its), (other, others)]) = mall.come(who, colour) {
                meeting.extend([(one, others), (other, its)]);
            }
        }
        for (to, other) in meeting.drain(..) {
            let (_, mut creature) = creatures.get_mut(to).unwrap();
            let creature = creature.bypass_change_detection();
            creature.0 = creature.0.meet(other);
            coming.push((to, creature.0));
        }
    }
}

#[derive(Component)]
struct Balance(i64);

/// Messages of the bank, and what its teller knows.
#[derive(Resource, Default)]
struct Transfers {
    seed: u64,
    debits: Vec<(Entity, Entity, i64)>,
    credits: Vec<(Entity, Entity, i64)>,
    credited: Vec<Entity>,
    done: Vec<Entity>,
    count: u64,
}

fn bank(size: Size) -> Option<Prepared> {
    let mut world = world(size, (0..size.accounts()).map(|_| Balance(0)));
    world.insert_resource(Transfers {
        seed: 1,
        ..Transfers::default()
    });
    let transfer = world.register_system(transfer_all);
    Prepared::new(
        world,
        move |world| world.run_system(transfer).unwrap(),
        |world| world.resource::<Transfers>().count,
    )
}

fn transfer_all(
    work: Res<Work>,
    accounts: Res<All>,
    mut transfers: ResMut<Transfers>,
    mut balances: Query<&mut Balance>,
) {
    let transfers = &mut *transfers;
    for _ in 0..work.0.transfers() {
        let (from, to) = transfer(&mut transfers.seed, accounts.0.len());
        let debit = (accounts.0[from], accounts.0[to], 1);
        transfers.debits.push(debit);
    }
    for (from, to, amount) in transfers.debits.drain(..) {
        let mut balance = balances.get_mut(from).unwrap();
        balance.bypass_change_detection().0 -= amount;
        transfers.credits.push((to, from, amount));
    }
    for (to, from, amount) in transfers.credits.drain(..) {
        let mut balance = balances.get_mut(to).unwrap();
        balance.bypass_change_detection().0 += amount;
        transfers.credited.push(from);
    }
    for from in transfers.credited.drain(..) {
        if balances.get(from).is_ok() {
            transfers.done.push(from);
        }
    }
    for _ in transfers.done.drain(..) {
        transfers.count += 1;
    }
}

/// Sends to its share.
#[derive(Component)]
struct Driver {
    driven: Vec<Entity>,
}

fn address_order(size: Size) -> Option<Prepared> {
    let mut world = world(size, (0..size.many()).map(|_| Sum(0)));
    let all = world.resource::<All>().0.clone();
    for share in all.chunks(size.many().div_ceil(size.drivers())) {
        let driven = share.to_vec();
        world.spawn(Driver { driven });
    }
    world.init_resource::<Amounts>();
    let mut schedule = Schedule::default();
    schedule.add_systems((drive, add).chain());
    schedule.set_executor(bevy_ecs::schedule::SingleThreadedExecutor::new());
    Prepared::new(
        world,
        move |world| {
            for _ in 0..size.rounds() {
                schedule.run(world);
            }
        },
        |world| sum(world, |sum: &Sum| sum.0),
    )
}

fn drive(drivers: Query<&Driver>, mut amounts: ResMut<Amounts>) {
    for driver in &drivers {
        amounts.0.extend(driver.driven.iter().map(|&to| (to, 1)));
    }
}

#[derive(Component)]
struct Position(f64);

#[derive(Component)]
struct Speed(f64);

#[derive(Component)]
struct Steps(u64);

/// Instances of 32 bytes with the 8 of an entity.
fn walkers(count: usize) -> impl Iterator<Item = (Position, Speed, Steps)> {
    (0..count).map(|_| (Position(0.0), Speed(1.0), Steps(0)))
}

fn broadcast(size: Size) -> Option<Prepared> {
    let mut world = World::new();
    world.spawn_batch(walkers(size.many()));
    let step = match size.threads {
        1 => world.register_system(step),
        threads => {
            ComputeTaskPool::get_or_init(|| TaskPoolBuilder::new().num_threads(threads).build());
            world.register_system(step_in_parallel)
        }
    };
    Prepared::new(
        world,
        move |world| {
            for turn in 0..size.broadcasts() {
                world.run_system_with(step, turn as f64).unwrap();
            }
        },
        |world| sum(world, |steps: &Steps| steps.0),
    )
}

type Walkers<'w, 's> = Query<'w, 's, (&'static mut Position, &'static Speed, &'static mut Steps)>;

fn step(In(time): In<f64>, mut walkers: Walkers) {
    for (mut positions, speeds, mut steps) in walkers.contiguous_iter_mut().unwrap() {
        let positions = positions.bypass_change_detection();
        step_all(time, positions, speeds, steps.bypass_change_detection());
    }
}

fn step_in_parallel(In(time): In<f64>, mut walkers: Walkers) {
    let walkers = walkers.contiguous_par_iter_mut().unwrap();
    walkers.for_each(|(mut positions, speeds, mut steps)| {
        let positions = positions.bypass_change_detection();
        step_all(time, positions, speeds, steps.bypass_change_detection());
    });
}

fn step_all(time: f64, positions: &mut [Position], speeds: &[Speed], steps: &mut [Steps]) {
    for ((position, speed), steps) in positions.iter_mut().zip(speeds).zip(steps) {
        position.0 += speed.0 * time;
        steps.0 += 1;
    }
}

#[derive(Component)]
struct Hearer(Gossip<Entity>);

/// What the receivers, the first of each two, hear about.
#[derive(Resource, Default)]
struct News {
    now: Vec<(Entity, Entity)>,
    next: Vec<(Entity, Entity)>,
}

fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let (count, rounds) = (size.random(count), size.random_rounds(count));
    let mut world = world(
        size,
        (0..count).map(|_| Hearer(Gossip::new(Entity::PLACEHOLDER))),
    );
    let all = world.remove_resource::<All>().unwrap().0;
    let other = |number| all[partner(number, count)];
    let mut news = News::default();
    for (number, &entity) in all.iter().enumerate() {
        world.get_mut::<Hearer>(entity).unwrap().0.other = other(number);
        news.now.push((entity, other(number / 2)));
    }
    world.insert_resource(news);
    let hear = world.register_system(hear);
    Prepared::new(
        world,
        move |world| {
            for _ in 0..rounds {
                world.run_system(hear).unwrap();
            }
        },
        |world| sum(world, |hearer: &Hearer| hearer.0.heard),
    )
}

fn hear(mut news: ResMut<News>, mut hearers: Query<&mut Hearer>) {
    let News { now, next } = &mut *news;
    for (to, about) in now.drain(..) {
        let mut hearer = hearers.get_mut(to).unwrap();
        let other = hearer.bypass_change_detection().0.hear(about);
        next.push((other, to));
    }
    swap(now, next);
}

#[derive(Component)]
struct Process {
    number: usize,
    handled: u64,
}

/// A queue of events by time, since bevy has none.
#[derive(Resource)]
struct Events {
    queue: BinaryHeap<Next<Entity>>,
    end: f64,
}

fn phold(size: Size) -> Option<Prepared> {
    let processes = (0..size.processes()).map(|number| Process { number, handled: 0 });
    let mut world = world(size, processes);
    let all = world.resource::<All>().0.iter().enumerate();
    let first = |(number, &process)| Next::new(process, Event::first(number));
    let queue = all.map(first).collect();
    world.insert_resource(Events { queue, end: 0.0 });
    running(world, happen, |process: &Process| process.handled)
}

fn happen(
    work: Res<Work>,
    all: Res<All>,
    mut events: ResMut<Events>,
    mut processes: Query<&mut Process>,
) {
    let Events { queue, end } = &mut *events;
    *end += work.0.time() as f64;
    while let Some(mut next) = queue.peek_mut()
        && next.event.time < *end
    {
        let mut process = processes.get_mut(next.process).unwrap();
        let process = process.bypass_change_detection();
        process.handled += 1;
        let (to, event) = next.event.lead(process.number, all.0.len());
        *next = Next::new(all.0[to], event);
    }
}

fn spawn_and_drop(size: Size) -> Option<Prepared> {
    let mut all: Vec<Entity> = Vec::new();
    Prepared::new(
        (World::new(), 0),
        move |(world, ended)| {
            all.extend(world.spawn_batch(walkers(size.many())));
            for walker in all.drain(..).rev() {
                *ended += u64::from(world.despawn(walker));
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
    Prepared::new(world, |_| (), |world| sum(world, |_: &Steps| 1))
}
