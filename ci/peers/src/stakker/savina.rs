//! The rows that come from Savina.

use std::rc::Rc;

use kay_bench::suite::{Prepared, Size, fork_join_work};
use stakker::{Actor, CX, call};

use super::Troupe;
use crate::parts::{Colour, Mall, Player, transfer};

struct Stage {
    next: Actor<Stage>,
    seen: u64,
}

impl Stage {
    fn init(_: CX![], next: Actor<Stage>) -> Option<Stage> {
        Some(Stage { next, seen: 0 })
    }

    fn token(&mut self, _: CX![], hops: usize) {
        self.seen += 1;
        if hops > 1 {
            call!([self.next], token(hops - 1));
        }
    }
}

pub fn ring(count: usize, size: Size) -> Option<Prepared> {
    let ring = Troupe::<Stage>::new(count, 0);
    for (at, stage) in ring.actors.iter().enumerate() {
        let next = (*ring.actors[(at + 1) % count]).clone();
        call!([stage], Stage::init(next));
    }
    Prepared::new(
        ring,
        move |ring| {
            call!([ring.actors[0]], token(size.hops()));
            ring.run();
        },
        |ring| ring.sum(|stage| stage.seen),
    )
}

pub struct Counter {
    pub sum: u64,
}

impl Counter {
    pub fn init(_: CX![]) -> Option<Counter> {
        Some(Counter { sum: 0 })
    }

    pub fn add(&mut self, _: CX![], amount: u64) {
        self.sum += amount;
    }
}

struct Producer {
    counter: Actor<Counter>,
}

impl Producer {
    fn init(_: CX![], counter: Actor<Counter>) -> Option<Producer> {
        Some(Producer { counter })
    }

    fn produce(&mut self, cx: CX![], from: usize, to: usize) {
        let end = to.min(from + Size::BATCH);
        for amount in from..end {
            call!([self.counter], add(amount as u64));
        }
        if end < to {
            call!([cx], produce(end, to));
        }
    }
}

pub fn counting(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Counter, Producer>::new(1, 1);
    let counter = (*troupe.actors[0]).clone();
    call!([counter], Counter::init());
    call!([troupe.leaders[0]], Producer::init(counter));
    Prepared::new(
        troupe,
        move |troupe| {
            call!([troupe.leaders[0]], produce(0, size.counted()));
            troupe.run();
        },
        |troupe| troupe.sum(|counter| counter.sum),
    )
}

struct Fork {
    handled: u64,
    sum: f64,
}

impl Fork {
    fn init(_: CX![]) -> Option<Fork> {
        Some(Fork {
            handled: 0,
            sum: 0.0,
        })
    }

    fn work(&mut self, _: CX![]) {
        self.handled += 1;
        fork_join_work(&mut self.sum);
    }
}

struct Forker {
    forks: Vec<Actor<Fork>>,
}

impl Forker {
    fn init(_: CX![], forks: Vec<Actor<Fork>>) -> Option<Forker> {
        Some(Forker { forks })
    }

    fn fork(&mut self, cx: CX![], messages: usize) {
        let now = messages.min(Size::BATCH);
        for fork in self.forks.iter().cycle().take(now) {
            call!([fork], work());
        }
        if now < messages {
            call!([cx], fork(messages - now));
        }
    }
}

pub fn fork_join(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Fork, Forker>::new(size.forks(), 1);
    for fork in &troupe.actors {
        call!([fork], Fork::init());
    }
    call!([troupe.leaders[0]], Forker::init(troupe.addresses()));
    Prepared::new(
        troupe,
        move |troupe| {
            call!([troupe.leaders[0]], fork(size.counted()));
            troupe.run();
        },
        |troupe| troupe.sum(|fork| fork.handled),
    )
}

struct Big {
    player: Player,
    crowd: Rc<Vec<Actor<Big>>>,
}

impl Big {
    fn init(_: CX![], number: usize, crowd: Rc<Vec<Actor<Big>>>) -> Option<Big> {
        let player = Player::new(number);
        Some(Big { player, crowd })
    }

    fn begin(&mut self, cx: CX![], pings: usize) {
        let first = self.player.begin(pings, self.crowd.len());
        call!([self.crowd[first]], ping(cx.this().clone()));
    }

    fn ping(&mut self, _: CX![], from: Actor<Big>) {
        self.player.handled += 1;
        call!([from], pong());
    }

    fn pong(&mut self, cx: CX![]) {
        if let Some(next) = self.player.pong(self.crowd.len()) {
            call!([self.crowd[next]], ping(cx.this().clone()));
        }
    }
}

pub fn big(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Big>::new(size.crowd(), 0);
    let crowd = Rc::new(troupe.addresses());
    for (number, actor) in troupe.actors.iter().enumerate() {
        call!([actor], Big::init(number, crowd.clone()));
    }
    Prepared::new(
        troupe,
        move |troupe| {
            for actor in &troupe.actors {
                call!([actor], begin(size.pings()));
            }
            troupe.run();
        },
        |troupe| troupe.sum(|big| big.player.handled),
    )
}

struct Meetings {
    mall: Mall<Actor<Creature>>,
}

impl Meetings {
    fn init(_: CX![]) -> Option<Meetings> {
        let mall = Mall::closed();
        Some(Meetings { mall })
    }

    fn open(&mut self, _: CX![], meetings: usize) {
        self.mall.open(meetings);
    }

    fn come(&mut self, _: CX![], who: Actor<Creature>, colour: Colour) {
        if let Some([(one, its), (other, others)]) = self.mall.come(who, colour) {
            call!([one], meet(others));
            call!([other], meet(its));
        }
    }
}

struct Creature {
    colour: Colour,
    mall: Actor<Meetings>,
}

impl Creature {
    fn init(_: CX![], colour: Colour, mall: Actor<Meetings>) -> Option<Creature> {
        Some(Creature { colour, mall })
    }

    fn go(&mut self, cx: CX![]) {
        call!([self.mall], come(cx.this().clone(), self.colour));
    }

    fn meet(&mut self, cx: CX![], other: Colour) {
        self.colour = self.colour.meet(other);
        self.go(cx);
    }
}

pub fn chameneos(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Creature, Meetings>::new(size.creatures(), 1);
    let mall = (*troupe.leaders[0]).clone();
    call!([mall], Meetings::init());
    for (number, creature) in troupe.actors.iter().enumerate() {
        let colour = Colour::of(number);
        call!([creature], Creature::init(colour, mall.clone()));
    }
    Prepared::new(
        troupe,
        move |troupe| {
            call!([troupe.leaders[0]], open(size.meetings()));
            for creature in &troupe.actors {
                call!([creature], go());
            }
            troupe.run();
        },
        |troupe| troupe.leader(|meetings| meetings.mall.meetings),
    )
}

struct Account {
    balance: i64,
    teller: Actor<Teller>,
}

impl Account {
    fn init(_: CX![], teller: Actor<Teller>) -> Option<Account> {
        let balance = 0;
        Some(Account { balance, teller })
    }

    fn debit(&mut self, cx: CX![], amount: i64, to: Actor<Account>) {
        self.balance -= amount;
        call!([to], credit(amount, cx.this().clone()));
    }

    fn credit(&mut self, _: CX![], amount: i64, from: Actor<Account>) {
        self.balance += amount;
        call!([from], credited());
    }

    fn credited(&mut self, _: CX![]) {
        call!([self.teller], done());
    }
}

struct Teller {
    accounts: Vec<Actor<Account>>,
    seed: u64,
    done: u64,
}

impl Teller {
    fn init(_: CX![], accounts: Vec<Actor<Account>>) -> Option<Teller> {
        Some(Teller {
            accounts,
            seed: 1,
            done: 0,
        })
    }

    fn begin(&mut self, _: CX![], transfers: usize) {
        for _ in 0..transfers {
            let (from, to) = transfer(&mut self.seed, self.accounts.len());
            let to = self.accounts[to].clone();
            call!([self.accounts[from]], debit(1, to));
        }
    }

    fn done(&mut self, _: CX![]) {
        self.done += 1;
    }
}

pub fn bank(size: Size) -> Option<Prepared> {
    let troupe = Troupe::<Account, Teller>::new(size.accounts(), 1);
    let teller = (*troupe.leaders[0]).clone();
    for account in &troupe.actors {
        call!([account], Account::init(teller.clone()));
    }
    call!([teller], Teller::init(troupe.addresses()));
    Prepared::new(
        troupe,
        move |troupe| {
            call!([troupe.leaders[0]], begin(size.transfers()));
            troupe.run();
        },
        |troupe| troupe.leader(|teller| teller.done),
    )
}
