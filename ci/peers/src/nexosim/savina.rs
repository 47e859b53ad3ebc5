//! The rows that come from Savina.

use kay_bench::suite::{Prepared, Size, fork_join_work};
use nexosim::model::Model;
use nexosim::ports::{EventSource, Output};
use nexosim::simulation::Mailbox;
use serde::{Deserialize, Serialize};

use super::Bench;
use crate::parts::{Colour, Mall, Player, transfer};

#[derive(Default, Serialize, Deserialize)]
struct Stage {
    next: Output<usize>,
    seen: u64,
}

#[Model]
impl Stage {
    async fn token(&mut self, hops: usize) {
        self.seen += 1;
        if hops > 1 {
            self.next.send(hops - 1).await;
        }
    }

    async fn count(&mut self) -> u64 {
        self.seen
    }
}

pub fn ring(count: usize, size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mailboxes: Vec<_> = (0..count).map(|_| Mailbox::new()).collect();
    let first = EventSource::new().connect(Stage::token, &mailboxes[0]);
    let first = bench.register(first);
    let addresses: Vec<_> = mailboxes.iter().map(Mailbox::address).collect();
    for (at, mailbox) in mailboxes.into_iter().enumerate() {
        let mut stage = Stage::default();
        stage
            .next
            .connect(Stage::token, &addresses[(at + 1) % count]);
        bench.census.parts.connect(Stage::count, &mailbox);
        bench.add(stage, mailbox);
    }
    Prepared::new(
        bench.begin(),
        move |running| running.process(&first, size.hops()),
        |running| running.number(),
    )
}

#[derive(Default, Serialize, Deserialize)]
pub struct Counter {
    sum: u64,
}

#[Model]
impl Counter {
    pub fn add(&mut self, amount: u64) {
        self.sum += amount;
    }

    pub async fn count(&mut self) -> u64 {
        self.sum
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Producer {
    counter: Output<u64>,
}

#[Model]
impl Producer {
    async fn produce(&mut self, count: usize) {
        for amount in 0..count {
            self.counter.send(amount as u64).await;
        }
    }
}

pub fn counting(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mut producer = Producer::default();
    let (mailbox, counter) = (Mailbox::new(), Mailbox::new());
    let produce = EventSource::new().connect(Producer::produce, &mailbox);
    let produce = bench.register(produce);
    producer.counter.connect(Counter::add, &counter);
    bench.census.parts.connect(Counter::count, &counter);
    bench.add(Counter::default(), counter);
    bench.add(producer, mailbox);
    Prepared::new(
        bench.begin(),
        move |running| running.process(&produce, size.counted()),
        |running| running.number(),
    )
}

#[derive(Default, Serialize, Deserialize)]
struct Fork {
    handled: u64,
    sum: f64,
}

#[Model]
impl Fork {
    fn work(&mut self) {
        self.handled += 1;
        fork_join_work(&mut self.sum);
    }

    async fn count(&mut self) -> u64 {
        self.handled
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Forker {
    forks: Vec<Output<()>>,
}

#[Model]
impl Forker {
    async fn fork(&mut self, messages: usize) {
        let count = self.forks.len();
        for message in 0..messages {
            self.forks[message % count].send(()).await;
        }
    }
}

pub fn fork_join(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mut forker = Forker::default();
    let mailbox = Mailbox::new();
    let begin = EventSource::new().connect(Forker::fork, &mailbox);
    let begin = bench.register(begin);
    for _ in 0..size.forks() {
        let fork = Mailbox::new();
        let mut output = Output::new();
        output.connect(Fork::work, &fork);
        forker.forks.push(output);
        bench.census.parts.connect(Fork::count, &fork);
        bench.add(Fork::default(), fork);
    }
    bench.add(forker, mailbox);
    Prepared::new(
        bench.begin(),
        move |running| running.process(&begin, size.counted()),
        |running| running.number(),
    )
}

#[derive(Serialize, Deserialize)]
struct Big {
    number: usize,
    player: Player,
    pings: Vec<Output<usize>>,
    pongs: Vec<Output<()>>,
}

#[Model]
impl Big {
    async fn begin(&mut self, pings: usize) {
        let first = self.player.begin(pings, self.pings.len());
        self.pings[first].send(self.number).await;
    }

    async fn ping(&mut self, from: usize) {
        self.player.handled += 1;
        self.pongs[from].send(()).await;
    }

    async fn pong(&mut self) {
        if let Some(next) = self.player.pong(self.pings.len()) {
            self.pings[next].send(self.number).await;
        }
    }

    async fn count(&mut self) -> u64 {
        self.player.handled
    }
}

/// Everyone may ping the same one: mailboxes hold them all, so that nobody waits for itself.
pub fn big(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mailbox = |_| Mailbox::with_capacity(2 * size.crowd());
    let mailboxes: Vec<_> = (0..size.crowd()).map(mailbox).collect();
    let mut begin = EventSource::new();
    let addresses: Vec<_> = mailboxes.iter().map(Mailbox::address).collect();
    for (number, mailbox) in mailboxes.into_iter().enumerate() {
        let mut big = Big {
            number,
            player: Player::new(number),
            pings: Vec::new(),
            pongs: Vec::new(),
        };
        for address in &addresses {
            let (mut ping, mut pong) = (Output::new(), Output::new());
            ping.connect(Big::ping, address);
            big.pings.push(ping);
            pong.connect(Big::pong, address);
            big.pongs.push(pong);
        }
        begin = begin.connect(Big::begin, &mailbox);
        bench.census.parts.connect(Big::count, &mailbox);
        bench.add(big, mailbox);
    }
    let begin = bench.register(begin);
    Prepared::new(
        bench.begin(),
        move |running| running.process(&begin, size.pings()),
        |running| running.number(),
    )
}

#[derive(Serialize, Deserialize)]
struct Meetings {
    mall: Mall<usize>,
    meets: Vec<Output<Colour>>,
}

#[Model]
impl Meetings {
    fn open(&mut self, meetings: usize) {
        self.mall.open(meetings);
    }

    async fn come(&mut self, (who, colour): (usize, Colour)) {
        if let Some([(one, its), (other, others)]) = self.mall.come(who, colour) {
            self.meets[one].send(others).await;
            self.meets[other].send(its).await;
        }
    }

    async fn count(&mut self) -> u64 {
        self.mall.meetings
    }
}

#[derive(Serialize, Deserialize)]
struct Creature {
    number: usize,
    colour: Colour,
    mall: Output<(usize, Colour)>,
}

#[Model]
impl Creature {
    async fn go(&mut self) {
        self.mall.send((self.number, self.colour)).await;
    }

    async fn meet(&mut self, other: Colour) {
        self.colour = self.colour.meet(other);
        self.go().await;
    }
}

pub fn chameneos(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let mailbox = Mailbox::with_capacity(2 * size.creatures());
    let mut meetings = Meetings {
        mall: Mall::closed(),
        meets: Vec::new(),
    };
    let mut go = EventSource::new();
    for number in 0..size.creatures() {
        let place = Mailbox::new();
        let mut creature = Creature {
            number,
            colour: Colour::of(number),
            mall: Output::new(),
        };
        creature.mall.connect(Meetings::come, &mailbox);
        let mut meet = Output::new();
        meet.connect(Creature::meet, &place);
        meetings.meets.push(meet);
        go = go.connect(Creature::go, &place);
        bench.add(creature, place);
    }
    let go = bench.register(go);
    let open = EventSource::new().connect(Meetings::open, &mailbox);
    let open = bench.register(open);
    bench.census.parts.connect(Meetings::count, &mailbox);
    bench.add(meetings, mailbox);
    Prepared::new(
        bench.begin(),
        move |running| {
            running.process(&open, size.meetings());
            running.process(&go, ());
        },
        |running| running.number(),
    )
}

#[derive(Serialize, Deserialize)]
struct Account {
    number: usize,
    balance: i64,
    /// To all accounts.
    credits: Vec<Output<(usize, i64)>>,
    credited: Vec<Output<()>>,
    done: Output<()>,
}

#[Model]
impl Account {
    async fn debit(&mut self, (to, amount): (usize, i64)) {
        self.balance -= amount;
        self.credits[to].send((self.number, amount)).await;
    }

    async fn credit(&mut self, (from, amount): (usize, i64)) {
        self.balance += amount;
        self.credited[from].send(()).await;
    }

    async fn credited(&mut self) {
        self.done.send(()).await;
    }
}

#[derive(Serialize, Deserialize)]
struct Teller {
    seed: u64,
    debits: Vec<Output<(usize, i64)>>,
    done: u64,
}

#[Model]
impl Teller {
    async fn begin(&mut self, transfers: usize) {
        for _ in 0..transfers {
            let (from, to) = transfer(&mut self.seed, self.debits.len());
            self.debits[from].send((to, 1)).await;
        }
    }

    fn done(&mut self) {
        self.done += 1;
    }

    async fn count(&mut self) -> u64 {
        self.done
    }
}

/// Each account is connected with each other one, twice. Mailboxes hold all that may be under way
/// to them, so that nobody waits for itself.
pub fn bank(size: Size) -> Option<Prepared> {
    let mut bench = Bench::new(size);
    let teller_mailbox = Mailbox::with_capacity(size.transfers());
    let mut teller = Teller {
        seed: 1,
        debits: Vec::new(),
        done: 0,
    };
    let capacity = (8 * size.transfers() / size.accounts()).max(64);
    let mailbox = |_| Mailbox::with_capacity(capacity);
    let mailboxes: Vec<_> = (0..size.accounts()).map(mailbox).collect();
    let addresses: Vec<_> = mailboxes.iter().map(Mailbox::address).collect();
    for (number, mailbox) in mailboxes.into_iter().enumerate() {
        let mut account = Account {
            number,
            balance: 0,
            credits: Vec::new(),
            credited: Vec::new(),
            done: Output::new(),
        };
        for address in &addresses {
            let (mut credit, mut credited) = (Output::new(), Output::new());
            credit.connect(Account::credit, address);
            account.credits.push(credit);
            credited.connect(Account::credited, address);
            account.credited.push(credited);
        }
        account.done.connect(Teller::done, &teller_mailbox);
        let mut debit = Output::new();
        debit.connect(Account::debit, &mailbox);
        teller.debits.push(debit);
        bench.add(account, mailbox);
    }
    let begin = EventSource::new().connect(Teller::begin, &teller_mailbox);
    let begin = bench.register(begin);
    bench.census.parts.connect(Teller::count, &teller_mailbox);
    bench.add(teller, teller_mailbox);
    Prepared::new(
        bench.begin(),
        move |running| running.process(&begin, size.transfers()),
        |running| running.number(),
    )
}
