//! The rows with many actors.

use std::rc::Rc;
use std::time::{Duration, Instant};

use kay_bench::suite::{Event, Prepared, Size, partner};
use stakker::{Actor, ActorOwn, CX, Core, actor, at, call, ret_nop};

use super::Troupe;
use super::savina::Counter;
use crate::parts::Gossip;

/// Sends to its share.
struct Driver {
    driven: Vec<Actor<Counter>>,
}

impl Driver {
    fn init(_: CX![], driven: Vec<Actor<Counter>>) -> Option<Driver> {
        Some(Driver { driven })
    }

    fn drive(&mut self, cx: CX![], rounds: usize) {
        for counter in &self.driven {
            call!([counter], add(1));
        }
        if rounds > 1 {
            call!([cx], drive(rounds - 1));
        }
    }
}

pub fn address_order(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Counter, Driver>::new(size.many(), size.drivers());
    for counter in &troupe.actors {
        call!([counter], Counter::init());
    }
    let addresses = troupe.addresses();
    let shares = addresses.chunks(size.many().div_ceil(size.drivers()));
    for (driver, share) in troupe.leaders.iter().zip(shares) {
        call!([driver], Driver::init(share.to_vec()));
    }
    Prepared::new(
        troupe,
        move |troupe| {
            for driver in &troupe.leaders {
                call!([driver], drive(size.rounds()));
            }
            troupe.run();
        },
        |troupe| troupe.sum(|counter| counter.sum),
    )
}

/// An instance of 32 bytes with what Stakker keeps beside it.
struct Walker {
    position: f64,
    speed: f64,
    steps: u64,
}

impl Walker {
    fn init(_: CX![]) -> Option<Walker> {
        Some(Walker {
            position: 0.0,
            speed: 1.0,
            steps: 0,
        })
    }

    fn step(&mut self, _: CX![], time: f64) {
        self.position += self.speed * time;
        self.steps += 1;
    }
}

/// Tells all walkers.
struct Crier {
    walkers: Vec<Actor<Walker>>,
}

impl Crier {
    fn init(_: CX![], walkers: Vec<Actor<Walker>>) -> Option<Crier> {
        Some(Crier { walkers })
    }

    /// By parts, so that the queue does not grow to millions of calls.
    fn cry(&mut self, cx: CX![], from: usize, time: f64) {
        let end = self.walkers.len().min(from + Size::BATCH);
        for walker in &self.walkers[from..end] {
            call!([walker], step(time));
        }
        if end < self.walkers.len() {
            call!([cx], cry(end, time));
        }
    }
}

pub fn broadcast(size: Size) -> Option<Prepared> {
    let mut troupe = Troupe::<Walker, Crier>::new(size.many(), 1);
    for walker in &troupe.actors {
        call!([walker], Walker::init());
    }
    call!([troupe.leaders[0]], Crier::init(troupe.addresses()));
    troupe.run();
    Prepared::new(
        troupe,
        move |troupe| {
            for turn in 0..size.broadcasts() {
                call!([troupe.leaders[0]], cry(0, turn as f64));
                troupe.run();
            }
        },
        |troupe| troupe.sum(|walker| walker.steps),
    )
}

struct Hearer(Gossip<Actor<Hearer>>);

impl Hearer {
    fn init(_: CX![], other: Actor<Hearer>) -> Option<Hearer> {
        Some(Hearer(Gossip::new(other)))
    }

    fn hear(&mut self, cx: CX![], about: Actor<Hearer>, rounds: usize) {
        let to = self.0.hear(about);
        if rounds > 1 {
            call!([to], hear(cx.this().clone(), rounds - 1));
        }
    }
}

pub fn random_answer(count: usize, size: Size) -> Option<Prepared> {
    let (count, rounds) = (size.random(count), size.random_rounds(count));
    let mut troupe = Troupe::<Hearer>::new(count, 0);
    for (number, actor) in troupe.actors.iter().enumerate() {
        let other = (*troupe.actors[partner(number, count)]).clone();
        call!([actor], Hearer::init(other));
    }
    troupe.run();
    Prepared::new(
        troupe,
        move |troupe| {
            for (number, actor) in troupe.actors.iter().enumerate() {
                let about = (*troupe.actors[partner(number / 2, count)]).clone();
                call!([actor], hear(about, rounds));
            }
            troupe.run();
        },
        |troupe| troupe.sum(|hearer| hearer.0.heard),
    )
}

struct Process {
    number: usize,
    handled: u64,
    begin: Instant,
    all: Rc<Vec<Actor<Process>>>,
}

impl Process {
    fn init(
        _: CX![],
        number: usize,
        begin: Instant,
        all: Rc<Vec<Actor<Process>>>,
    ) -> Option<Process> {
        Some(Process {
            number,
            handled: 0,
            begin,
            all,
        })
    }

    fn happen(&mut self, cx: CX![], event: Event) {
        self.handled += 1;
        let (process, event) = event.lead(self.number, self.all.len());
        schedule(cx, self.begin, &self.all[process], event);
    }
}

/// Lets an event happen, in virtual time.
fn schedule(core: &mut Core, begin: Instant, process: &Actor<Process>, event: Event) {
    let time = begin + Duration::from_secs_f64(event.time);
    at!(time, [process, core], happen(event));
}

pub fn phold(size: Size) -> Option<Prepared> {
    let mut troupe = Troupe::<Process>::new(size.processes(), 0);
    let all = Rc::new(troupe.addresses());
    let begin = troupe.stakker.now();
    for (number, process) in all.iter().enumerate() {
        call!([process], Process::init(number, begin, all.clone()));
        schedule(&mut troupe.stakker, begin, process, Event::first(number));
    }
    troupe.run();
    let mut end = begin;
    Prepared::new(
        troupe,
        move |troupe| {
            end += Duration::from_secs(size.time() as u64);
            while let Some(next) = troupe.stakker.next_expiry()
                && next < end
            {
                troupe.stakker.run(next, false);
            }
        },
        |troupe| troupe.sum(|process| process.handled),
    )
}

/// Makes walkers and ends them.
struct Breeder {
    walkers: Vec<ActorOwn<Walker>>,
    ended: u64,
}

impl Breeder {
    fn init(_: CX![]) -> Option<Breeder> {
        let walkers = Vec::new();
        Some(Breeder { walkers, ended: 0 })
    }

    fn breed(&mut self, cx: CX![], count: usize) {
        for _ in 0..count {
            let walker = actor!(cx, Walker::init(), ret_nop!());
            self.walkers.push(walker);
        }
    }

    /// An actor ends when its owner drops it.
    fn cull(&mut self, _: CX![]) {
        self.ended += self.walkers.len() as u64;
        self.walkers.clear();
    }
}

pub fn spawn_and_drop(size: Size) -> Option<Prepared> {
    let count = size.many();
    let troupe = Troupe::<Breeder>::new(count.div_ceil(Size::BATCH), 0);
    for breeder in &troupe.actors {
        call!([breeder], Breeder::init());
    }
    Prepared::new(
        troupe,
        move |troupe| {
            for at in 0..troupe.actors.len() {
                let share = Size::BATCH.min(count - at * Size::BATCH);
                call!([troupe.actors[at]], breed(share));
                troupe.run();
            }
            for at in 0..troupe.actors.len() {
                call!([troupe.actors[at]], cull());
                troupe.run();
            }
        },
        |troupe| troupe.sum(|breeder| breeder.ended),
    )
}

pub fn resident(size: Size) -> Option<Prepared> {
    let mut troupe = Troupe::<Walker>::new(0, 0);
    // By parts, so that what lies in memory is actors, not calls that made them.
    for _ in 0..1000 {
        for _ in 0..size.many() / 1000 {
            let walker = actor!(troupe.stakker, Walker::init(), ret_nop!());
            troupe.actors.push(walker);
        }
        troupe.run();
    }
    Prepared::new(troupe, |_| (), |troupe| troupe.sum(|_| 1))
}
