//! Savina's rows in which instances answer each other.

use super::looping::{Lanes, Loop, Work};
use crate::suite::{Prepared, Size, next, shards_for};

pub struct Big {
    crowd: u32,
}

pub struct Member {
    seed: u64,
    left: u32,
    handled: u64,
}

#[derive(Clone, Copy)]
pub enum Crowd {
    Start(u32),
    Ping(u32),
    Pong,
}

impl Big {
    #[inline(always)]
    fn ping(&self, member: &mut Member, own: u32, lanes: &mut impl Lanes<Crowd>) {
        if member.left > 0 {
            member.left -= 1;
            let away = next(&mut member.seed) as u32 % (self.crowd - 1);
            lanes.send((own + 1 + away) % self.crowd, Crowd::Ping(own));
        }
    }
}

impl Work for Big {
    type State = Member;
    type Message = Crowd;

    #[inline(always)]
    fn handle(&self, member: &mut Member, message: Crowd, own: u32, lanes: &mut impl Lanes<Crowd>) {
        match message {
            Crowd::Start(pings) => {
                member.left = pings;
                self.ping(member, own, lanes);
            }
            Crowd::Ping(from) => {
                member.handled += 1;
                lanes.send(from, Crowd::Pong);
            }
            Crowd::Pong => {
                member.handled += 1;
                self.ping(member, own, lanes);
            }
        }
    }
}

pub fn big<L: Loop<Big>>(size: Size) -> Option<Prepared> {
    let crowd = size.crowd() as u32;
    let member = |own| Member {
        seed: u64::from(own) + 1,
        left: 0,
        handled: 0,
    };
    let world = L::new(Big { crowd }, (0..crowd).map(member).collect(), 1, size);
    Prepared::new(
        world,
        move |world| {
            for member in 0..crowd {
                world.send(member, Crowd::Start(size.pings() as u32));
            }
            // Pings are handled in one turn, pongs in the next one.
            world.turns(1 + 2 * size.pings());
        },
        |world| world.sum(|member| member.handled),
    )
}

/// Instance 0 is the mall.
pub struct Chameneos;

pub struct Creature {
    colour: u8,
    /// Of the mall: who waits, how many meetings are left and how many there were.
    waiting: Option<(u32, u8)>,
    left: u64,
    meetings: u64,
}

#[derive(Clone, Copy)]
pub enum Visit {
    Open(u32),
    Start,
    Arrive(u32, u8),
    Meet(u8),
}

impl Work for Chameneos {
    type State = Creature;
    type Message = Visit;

    #[inline(always)]
    fn handle(
        &self,
        state: &mut Creature,
        message: Visit,
        own: u32,
        lanes: &mut impl Lanes<Visit>,
    ) {
        match message {
            Visit::Open(meetings) => {
                state.left = u64::from(meetings);
                state.waiting = None;
            }
            Visit::Arrive(..) if state.left == 0 => {}
            Visit::Arrive(creature, colour) => match state.waiting.take() {
                None => state.waiting = Some((creature, colour)),
                Some((other, others)) => {
                    state.left -= 1;
                    state.meetings += 1;
                    lanes.send(other, Visit::Meet(colour));
                    lanes.send(creature, Visit::Meet(others));
                }
            },
            Visit::Start => lanes.send(0, Visit::Arrive(own, state.colour)),
            Visit::Meet(other) => {
                if state.colour != other {
                    state.colour = 3 - state.colour - other;
                }
                lanes.send(0, Visit::Arrive(own, state.colour));
            }
        }
    }
}

pub fn chameneos<L: Loop<Chameneos>>(size: Size) -> Option<Prepared> {
    let creatures = size.creatures() as u32;
    let creature = |number| Creature {
        colour: (number % 3) as u8,
        waiting: None,
        left: 0,
        meetings: 0,
    };
    let world = L::new(Chameneos, (0..=creatures).map(creature).collect(), 1, size);
    Prepared::new(
        world,
        move |world| {
            world.send(0, Visit::Open(size.meetings() as u32));
            for creature in 1..=creatures {
                world.send(creature, Visit::Start);
            }
            while !world.is_idle() {
                world.turns(1);
            }
        },
        |world| world.sum(|mall| mall.meetings),
    )
}

/// Instance 0 is the teller.
pub struct Bank {
    accounts: u32,
}

pub struct Account {
    balance: i64,
    /// Of the teller.
    seed: u64,
    answered: u64,
}

#[derive(Clone, Copy)]
pub enum Order {
    Begin(u32),
    Debit { target: u32, amount: u32 },
    Credit { source: u32, amount: u32 },
    Credited,
    Done,
}

impl Work for Bank {
    type State = Account;
    type Message = Order;

    #[inline(always)]
    fn handle(&self, state: &mut Account, message: Order, own: u32, lanes: &mut impl Lanes<Order>) {
        match message {
            Order::Begin(transfers) => {
                for amount in 0..transfers {
                    let source = next(&mut state.seed) as u32 % self.accounts;
                    let away = next(&mut state.seed) as u32 % (self.accounts - 1);
                    let target = (source + 1 + away) % self.accounts;
                    let target = target + 1;
                    lanes.send(source + 1, Order::Debit { target, amount });
                }
            }
            Order::Debit { target, amount } => {
                state.balance -= i64::from(amount);
                let source = own;
                lanes.send(target, Order::Credit { source, amount });
            }
            Order::Credit { source, amount } => {
                state.balance += i64::from(amount);
                lanes.send(source, Order::Credited);
            }
            Order::Credited => lanes.send(0, Order::Done),
            Order::Done => state.answered += 1,
        }
    }
}

pub fn bank<L: Loop<Bank>>(size: Size) -> Option<Prepared> {
    let accounts = size.accounts() as u32;
    let account = |_| Account {
        balance: 0,
        seed: 1,
        answered: 0,
    };
    let states = (0..=accounts).map(account).collect();
    let world = L::new(Bank { accounts }, states, shards_for(size.accounts()), size);
    Prepared::new(
        world,
        move |world| {
            world.send(0, Order::Begin(size.transfers() as u32));
            world.turns(5);
        },
        |world| {
            // What one has lost, another one has got.
            assert_eq!(world.sum(|account| account.balance as u64), 0);
            world.sum(|teller| teller.answered)
        },
    )
}
