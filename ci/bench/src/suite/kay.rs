//! kay does the work of the rows, in worlds as a host would set them up: with the settings that it
//! has by default, but for the number of threads and, where that matters, of shards.

use std::sync::Arc;

use kay_runtime::{Actor, ActorSystem, CVec, External, Settings};

use super::{Contender, Event, Kind, Prepared, Row, Size, partner, shards_for};
use crate::actors::address_order::{DriverId, Small, SmallId};
use crate::actors::bank::{AccountId, Teller, TellerId};
use crate::actors::chameneos::{CreatureId, Mall, MallId};
use crate::actors::counting::{Counter, CounterId, ProducerId};
use crate::actors::crowd::{Member, MemberId};
use crate::actors::forks::{Fork, ForkId, ForkerId};
use crate::actors::gossip::{Gossip, GossipId};
use crate::actors::phold::{Process, ProcessId};
use crate::actors::ring::{Stage, StageId};
use crate::actors::walkers::{BreederId, Walker, WalkerId};
use crate::setup;

/// kay.
pub const CONTENDER: Contender = Contender {
    name: "kay",
    kind: Kind::Kay,
    threaded: true,
    prepare,
};

fn prepare(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::PingPong => ring(2, size),
        Row::ThreadRing => ring(size.ring(), size),
        Row::Counting => counting(size),
        Row::ForkJoin => fork_join(size),
        Row::Big => big(size),
        Row::Chameneos => chameneos(size),
        Row::Bank => bank(size),
        Row::AddressOrder => address_order(size),
        Row::Broadcast => broadcast(size),
        Row::RandomAnswer(count) => random_answer(count, size),
        Row::Phold => phold(size),
        Row::SpawnAndDrop => spawn_and_drop(size),
        Row::Resident => resident(size),
    }
}

fn system(settings: Settings) -> ActorSystem {
    ActorSystem::new(settings, setup).expect("the settings are within bounds")
}

/// As many shards as by default.
fn default_shards(size: Size) -> ActorSystem {
    system(Settings::default().threads(size.threads))
}

/// As the loops that are compared with: fewer shards for fewer actors.
fn few_shards(size: Size, actors: usize) -> ActorSystem {
    let settings = Settings::default().threads(size.threads);
    system(settings.shards(shards_for(actors)))
}

fn turn(system: &mut ActorSystem) {
    system.turn().expect("no handler panics");
}

fn until_idle(system: &mut ActorSystem) {
    let _ = system.run_until_idle(u64::MAX).expect("no handler panics");
}

fn sum<A: Actor>(system: &ActorSystem, of: impl Fn(&A) -> u64) -> u64 {
    system.instances::<A>().map(|(_, actor)| of(actor)).sum()
}

fn ring(stages: usize, size: Size) -> Option<Prepared> {
    let mut kay = default_shards(size);
    let ids: Vec<_> = (0..stages).map(|_| StageId::spawn(kay.world())).collect();
    for (stage, next) in ids.iter().zip(ids.iter().cycle().skip(1)) {
        stage.link(*next, kay.world());
    }
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            ids[0].token(size.hops() as u64 - 1, kay.world());
            until_idle(kay);
        },
        |kay| sum(kay, |stage: &Stage| stage.seen),
    )
}

fn counting(size: Size) -> Option<Prepared> {
    let mut kay = default_shards(size);
    let counter = CounterId::spawn(kay.world());
    let producer = ProducerId::spawn(counter, kay.world());
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            producer.produce(0, size.counted() as u64, kay.world());
            until_idle(kay);
        },
        |kay| sum(kay, |counter: &Counter| counter.count),
    )
}

fn fork_join(size: Size) -> Option<Prepared> {
    let mut kay = few_shards(size, size.forks());
    let forks: CVec<_> = (0..size.forks())
        .map(|_| ForkId::spawn(kay.world()))
        .collect();
    let forker = ForkerId::spawn(forks, kay.world());
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            forker.fork(0, size.counted() as u32, kay.world());
            until_idle(kay);
        },
        |kay| sum(kay, |fork: &Fork| fork.handled),
    )
}

fn big(size: Size) -> Option<Prepared> {
    let mut kay = few_shards(size, size.crowd());
    let ids: Vec<_> = (0..size.crowd())
        .map(|own| MemberId::spawn(own as u64 + 1, kay.world()))
        .collect();
    for (own, member) in ids.iter().enumerate() {
        let others = ids[own + 1..].iter().chain(&ids[..own]);
        member.meet(others.copied().collect(), kay.world());
    }
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            for member in &ids {
                member.start(size.pings() as u32, kay.world());
            }
            until_idle(kay);
        },
        |kay| sum(kay, |member: &Member| member.handled),
    )
}

fn chameneos(size: Size) -> Option<Prepared> {
    let mut kay = few_shards(size, size.creatures());
    let mall = MallId::spawn(kay.world());
    let creatures: Vec<_> = (0..size.creatures())
        .map(|number| CreatureId::spawn(mall, (number % 3) as u8, kay.world()))
        .collect();
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            mall.open(size.meetings() as u64, kay.world());
            for creature in &creatures {
                creature.start(kay.world());
            }
            until_idle(kay);
        },
        |kay| sum(kay, |mall: &Mall| mall.meetings),
    )
}

fn bank(size: Size) -> Option<Prepared> {
    let mut kay = few_shards(size, size.accounts());
    let teller = TellerId::spawn(kay.world());
    let accounts = (0..size.accounts())
        .map(|_| AccountId::open(teller, kay.world()))
        .collect();
    teller.assign(accounts, kay.world());
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            teller.begin(size.transfers() as u32, kay.world());
            until_idle(kay);
        },
        |kay| sum(kay, |teller: &Teller| teller.answered),
    )
}

/// A driver in each shard drives the actors of the next one. There are as many shards as by
/// default.
fn address_order(size: Size) -> Option<Prepared> {
    let shards = size.drivers();
    let settings = Settings::default().threads(size.threads);
    let mut kay = system(settings.shards(shards));
    let mut driven: Vec<Vec<SmallId>> = vec![Vec::new(); shards];
    for _ in 0..size.many() {
        let id = SmallId::spawn(kay.world());
        driven[id.index() as usize % shards].push(id);
    }
    let drivers: Vec<_> = (0..size.drivers())
        .map(|shard| {
            let list = &driven[(shard + 1) % shards];
            DriverId::spawn(CVec::from(&list[..]), kay.world())
        })
        .collect();
    until_idle(&mut kay);
    Prepared::new(
        kay,
        move |kay| {
            for driver in &drivers {
                driver.drive(size.rounds() as u32, kay.world());
            }
            until_idle(kay);
        },
        |kay| sum(kay, |small: &Small| small.sum),
    )
}

/// Instances that idle, made a thousand a turn: what lies in memory is instances, not messages
/// that made them.
fn walkers(size: Size) -> ActorSystem {
    let mut kay = default_shards(size);
    for number in 1..=size.many() {
        WalkerId::spawn(kay.world());
        if number % 1000 == 0 {
            turn(&mut kay);
        }
    }
    until_idle(&mut kay);
    kay
}

fn broadcast(size: Size) -> Option<Prepared> {
    Prepared::new(
        walkers(size),
        move |kay| {
            for time in 0..size.broadcasts() {
                let all = WalkerId::local_broadcast(kay.world());
                all.step(std::hint::black_box(time as f64), kay.world());
                turn(kay);
            }
        },
        |kay| sum(kay, |walker: &Walker| walker.steps),
    )
}

fn resident(size: Size) -> Option<Prepared> {
    Prepared::new(
        walkers(size),
        |_| (),
        |kay| kay.population::<Walker>() as u64,
    )
}

fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let rounds = size.random_rounds(count);
    let count = size.random(count);
    let mut kay = few_shards(size, count);
    let ids: Vec<GossipId> = (0..count).map(|_| GossipId::spawn(kay.world())).collect();
    for (number, id) in ids.iter().enumerate() {
        id.meet(ids[partner(number, count)], kay.world());
    }
    until_idle(&mut kay);
    for (number, id) in ids.iter().enumerate() {
        id.tell(ids[partner(number / 2, count)], kay.world());
    }
    Prepared::new(
        kay,
        move |kay| {
            for _ in 0..rounds {
                turn(kay);
            }
        },
        |kay| sum(kay, |gossip: &Gossip| gossip.heard),
    )
}

fn phold(size: Size) -> Option<Prepared> {
    let processes = size.processes();
    let mut kay = few_shards(size, processes);
    let ids: Arc<[ProcessId]> = (0..processes as u32)
        .map(|number| ProcessId::spawn(number, kay.world()))
        .collect();
    for (number, id) in ids.iter().enumerate() {
        id.meet(External::new(Arc::clone(&ids)), kay.world());
        id.event(Event::first(number), kay.world());
    }
    until_idle(&mut kay);
    let mut now = 0.0;
    Prepared::new(
        kay,
        move |kay| {
            for _ in 0..size.time() {
                now += 1.0;
                let all = ProcessId::local_broadcast(kay.world());
                all.advance(now, kay.world());
                until_idle(kay);
            }
        },
        |kay| sum(kay, |process: &Process| process.handled.into()),
    )
}

/// As many of `count` as one of the breeders makes.
fn share(count: usize, breeder: usize, breeders: usize) -> u32 {
    (count / breeders + usize::from(breeder < count % breeders)) as u32
}

fn spawn_and_drop(size: Size) -> Option<Prepared> {
    let mut kay = default_shards(size);
    let breeders: Vec<_> = (0..size.drivers())
        .map(|_| BreederId::spawn(kay.world()))
        .collect();
    until_idle(&mut kay);
    Prepared::new(
        (kay, 0),
        move |(kay, ended)| {
            for (number, breeder) in breeders.iter().enumerate() {
                breeder.breed(share(size.many(), number, breeders.len()), kay.world());
            }
            until_idle(kay);
            let before = kay.population::<Walker>();
            for breeder in &breeders {
                breeder.cull(kay.world());
            }
            until_idle(kay);
            *ended += before - kay.population::<Walker>();
        },
        |(_, ended)| *ended as u64,
    )
}
