//! Creatures meet in pairs at a mall and change colours.

use std::ops::ControlFlow;

use kay_bench::suite::{Prepared, Size};

use crate::framework::{Actor, Framework, Host, Report};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Blue,
    Red,
    Yellow,
}

const COLOURS: [Colour; 3] = [Colour::Blue, Colour::Red, Colour::Yellow];

impl Colour {
    /// What both become who meet: the third colour, unless theirs are the same.
    fn after(self, other: Colour) -> Colour {
        let is_third = |colour: &Colour| *colour != self && *colour != other;
        match self == other {
            true => self,
            false => COLOURS.into_iter().find(is_third).expect("there are three"),
        }
    }
}

struct Creature<F: Framework> {
    mall: F::Address<Mall<F>>,
    colour: Colour,
}

enum CreatureMessage {
    Begin,
    Met(Colour),
}

impl<F: Framework> Actor<F> for Creature<F> {
    type Message = CreatureMessage;

    fn handle(
        &mut self,
        message: CreatureMessage,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        if let CreatureMessage::Met(other) = message {
            self.colour = self.colour.after(other);
        }
        let guest = Guest {
            address: me(),
            colour: self.colour,
        };
        F::send(&self.mall, MallMessage::Come(guest));
        ControlFlow::Continue(())
    }
}

struct Guest<F: Framework> {
    address: F::Address<Creature<F>>,
    colour: Colour,
}

struct Mall<F: Framework> {
    creatures: usize,
    open: bool,
    meetings: u64,
    left: u64,
    waiting: Option<Guest<F>>,
    /// Those who came after the last meeting of a portion.
    late: Vec<Guest<F>>,
    report: Report,
}

enum MallMessage<F: Framework> {
    Open(u64),
    Come(Guest<F>),
}

impl<F: Framework> Mall<F> {
    fn welcome(&mut self, guest: Guest<F>) {
        if self.left == 0 {
            self.late.push(guest);
            // A portion is over when nobody is on the way any more.
            if self.open && self.late.len() == self.creatures {
                self.open = false;
                self.report.send(std::mem::take(&mut self.meetings));
            }
        } else if let Some(other) = self.waiting.take() {
            F::send(&other.address, CreatureMessage::Met(guest.colour));
            F::send(&guest.address, CreatureMessage::Met(other.colour));
            self.meetings += 1;
            self.left -= 1;
        } else {
            self.waiting = Some(guest);
        }
    }
}

impl<F: Framework> Actor<F> for Mall<F> {
    type Message = MallMessage<F>;

    fn handle(
        &mut self,
        message: MallMessage<F>,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            MallMessage::Open(meetings) => {
                self.open = true;
                self.left = meetings;
                for guest in std::mem::take(&mut self.late) {
                    self.welcome(guest);
                }
            }
            MallMessage::Come(guest) => self.welcome(guest),
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let mall = Mall::<F> {
        creatures: size.creatures(),
        open: false,
        meetings: 0,
        left: 0,
        waiting: None,
        late: Vec::new(),
        report: host.report(),
    };
    let (mall, creatures) = host.prepare(|framework| {
        let mall = framework.spawn_at(0, mall);
        let creature = |number| {
            let colour = COLOURS[number % 3];
            let creature = framework.spawn_at(
                number,
                Creature::<F> {
                    mall: mall.clone(),
                    colour,
                },
            );
            F::send(&creature, CreatureMessage::Begin);
            creature
        };
        let creatures: Vec<_> = (0..size.creatures()).map(creature).collect();
        (mall, creatures)
    });
    let meetings = size.meetings() as u64;
    let portion = move |host: &mut Host<F>| {
        // Somebody must know an actor, or it ends.
        let _ = &creatures;
        host.portion(1, || F::send(&mall, MallMessage::Open(meetings)))
    };
    Prepared::new(host, portion, |host| host.total())
}
