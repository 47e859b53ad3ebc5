//! The rows with many models.

use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use kay_bench::suite::{Event, Prepared, Size, partner};
use nexosim::model::{BuildContext, Context, Model, ProtoModel, schedulable};
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::{EventId, Mailbox, Scheduler};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use super::Bench;
use super::savina::Counter;
use crate::parts::Gossip;

/// Sends to its share, to which its port is connected.
#[derive(Default, Serialize, Deserialize)]
struct Driver {
    driven: Output<u64>,
    again: Output<usize>,
}

#[Model]
impl Driver {
    async fn drive(&mut self, rounds: usize) {
        self.driven.send(1).await;
        if rounds > 1 {
            self.again.send(rounds - 1).await;
        }
    }
}

pub fn address_order(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let share = size.many().div_ceil(size.drivers());
    let mut drive = EventSource::new();
    let mut left = size.many();
    while left > 0 {
        let mut driver = Driver::default();
        for _ in 0..left.min(share) {
            let counter = Mailbox::with_capacity(1);
            driver.driven.connect(Counter::add, &counter);
            bench.census.parts.connect(Counter::count, &counter);
            bench.add(Counter::default(), counter);
        }
        left -= left.min(share);
        let mailbox = Mailbox::new();
        driver.again.connect(Driver::drive, &mailbox);
        drive = drive.connect(Driver::drive, &mailbox);
        bench.add(driver, mailbox);
    }
    let drive = bench.register(drive);
    Prepared::new(
        bench.begin(),
        move |running| running.process(&drive, size.rounds()),
        |running| running.number(),
    )
}

/// Has 32 bytes with what NeXosim keeps beside it.
#[derive(Serialize, Deserialize)]
struct Walker {
    position: f64,
    speed: f64,
    steps: u64,
}

#[Model]
impl Walker {
    fn step(&mut self, time: f64) {
        self.position += self.speed * time;
        self.steps += 1;
    }

    async fn count(&mut self) -> u64 {
        self.steps
    }
}

impl Walker {
    fn new() -> Walker {
        Walker {
            position: 0.0,
            speed: 1.0,
            steps: 0,
        }
    }
}

pub fn broadcast(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mut all = EventSource::new();
    for _ in 0..size.many() {
        let mailbox = Mailbox::with_capacity(1);
        all = all.connect(Walker::step, &mailbox);
        bench.census.parts.connect(Walker::count, &mailbox);
        bench.add(Walker::new(), mailbox);
    }
    let all = bench.register(all);
    Prepared::new(
        bench.begin(),
        move |running| {
            for turn in 0..size.broadcasts() {
                running.process(&all, black_box(turn as f64));
            }
        },
        |running| running.number(),
    )
}

pub fn resident(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    for _ in 0..size.many() {
        let mailbox = Mailbox::with_capacity(1);
        bench.add(Walker::new(), mailbox);
    }
    let count = bench.models as u64;
    Prepared::new(bench.begin(), |_| (), move |_| count)
}

/// One round.
const ROUND: Duration = Duration::from_nanos(1);

#[derive(Serialize, Deserialize)]
struct Hearer {
    number: usize,
    gossip: Gossip<usize>,
}

/// How models reach those whom they are not connected with.
struct Network<T> {
    events: Vec<EventId<T>>,
    scheduler: OnceLock<Scheduler>,
}

impl<T: Clone + Send + 'static> Network<T> {
    /// All are known, and the scheduler will be when the simulation begins.
    fn new(events: Vec<EventId<T>>) -> Arc<Network<T>> {
        let scheduler = OnceLock::new();
        Arc::new(Network { events, scheduler })
    }

    fn schedule(&self, at: impl nexosim::time::Deadline, to: usize, event: T) {
        let scheduler = self.scheduler.get().expect("the simulation has begun");
        let scheduled = scheduler.schedule_event(at, &self.events[to], event);
        scheduled.expect("it is in the future");
    }
}

/// A model that knows the network.
struct Connected<M, T> {
    model: M,
    network: Arc<Network<T>>,
}

impl<M: Model<Env = Arc<Network<T>>>, T: Send + Sync + 'static> ProtoModel for Connected<M, T> {
    type Model = M;

    fn build(self, _: &mut BuildContext<Self>) -> (M, Arc<Network<T>>) {
        (self.model, self.network)
    }
}

#[Model(type Env = Arc<Network<usize>>)]
impl Hearer {
    fn hear(&mut self, about: usize, _: &Context<Self>, network: &mut Arc<Network<usize>>) {
        let other = self.gossip.hear(about);
        network.schedule(ROUND, other, self.number);
    }

    async fn count(&mut self) -> u64 {
        self.gossip.heard
    }
}

pub fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let (count, rounds) = (size.random(count), size.random_rounds(count));
    let mut bench = Bench::new(size);
    let mailboxes: Vec<_> = (0..count).map(|_| Mailbox::with_capacity(4)).collect();
    let source = |mailbox| EventSource::new().connect(Hearer::hear, mailbox);
    let sources = mailboxes.iter().map(source);
    let events = sources.map(|source| bench.register(source));
    let network = Network::new(events.collect());
    for (number, mailbox) in mailboxes.into_iter().enumerate() {
        bench.census.parts.connect(Hearer::count, &mailbox);
        let gossip = Gossip::new(partner(number, count));
        let model = Hearer { number, gossip };
        let network = network.clone();
        bench.add(Connected { model, network }, mailbox);
    }
    let running = bench.begin();
    let scheduler = running.simulation.scheduler();
    assert!(network.scheduler.set(scheduler).is_ok());
    for number in 0..count {
        network.schedule(ROUND, number, partner(number / 2, count));
    }
    Prepared::new(
        running,
        move |running| {
            for _ in 0..rounds {
                running.simulation.step().expect("no model panics");
            }
        },
        |running| running.number(),
    )
}

#[derive(Serialize, Deserialize)]
struct Process {
    number: usize,
    handled: u64,
}

/// Time and seed of an event.
type Happening = (f64, u64);

#[Model(type Env = Arc<Network<Happening>>)]
impl Process {
    #[nexosim(schedulable)]
    fn happen(
        &mut self,
        (time, seed): Happening,
        context: &Context<Self>,
        network: &mut Arc<Network<Happening>>,
    ) {
        self.handled += 1;
        let processes = network.events.len();
        let (to, event) = Event { time, seed }.lead(self.number, processes);
        let (at, happening) = (moment(event.time), (event.time, event.seed));
        if to == self.number {
            let scheduled = context.schedule_event(at, schedulable!(Self::happen), happening);
            scheduled.expect("it is in the future");
        } else {
            network.schedule(at, to, happening);
        }
    }

    async fn count(&mut self) -> u64 {
        self.handled
    }
}

fn moment(time: f64) -> MonotonicTime {
    MonotonicTime::EPOCH + Duration::from_secs_f64(time)
}

pub fn phold(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mailboxes: Vec<_> = (0..size.processes()).map(|_| Mailbox::new()).collect();
    let source = |mailbox| EventSource::new().connect(Process::happen, mailbox);
    let sources = mailboxes.iter().map(source);
    let events = sources.map(|source| bench.register(source));
    let network = Network::new(events.collect());
    for (number, mailbox) in mailboxes.into_iter().enumerate() {
        bench.census.parts.connect(Process::count, &mailbox);
        let model = Process { number, handled: 0 };
        let network = network.clone();
        bench.add(Connected { model, network }, mailbox);
    }
    let running = bench.begin();
    let scheduler = running.simulation.scheduler();
    assert!(network.scheduler.set(scheduler).is_ok());
    for number in 0..size.processes() {
        let Event { time, seed } = Event::first(number);
        network.schedule(moment(time), number, (time, seed));
    }
    let mut end = 0.0;
    Prepared::new(
        running,
        move |running| {
            end += size.time() as f64;
            let done = running.simulation.step_until(moment(end));
            done.expect("no model panics");
        },
        |running| running.number(),
    )
}
