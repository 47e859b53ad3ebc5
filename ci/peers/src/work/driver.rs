//! Actors that send the same message to each of their share of many others.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use kay_bench::suite::Size;

use crate::framework::{Actor, Countdown, Framework, Host};

/// Sends messages to its share.
pub struct Driver<F: Framework, A: Actor<F>> {
    driven: Vec<F::Address<A>>,
    countdown: Arc<Countdown>,
}

/// What a driver is told.
pub enum Drive<M> {
    /// To send a message to each, so many times.
    Begin(M, usize),
    /// To do so again.
    Again(M, usize),
}

impl<F: Framework, A: Actor<F, Message: Copy>> Actor<F> for Driver<F, A> {
    type Message = Drive<A::Message>;

    fn handle(
        &mut self,
        drive: Self::Message,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        let (message, rounds) = match drive {
            Drive::Begin(message, rounds) => {
                self.countdown.begin(rounds * self.driven.len());
                (message, rounds)
            }
            Drive::Again(message, rounds) => (message, rounds),
        };
        for driven in &self.driven {
            F::send(driven, message);
        }
        if rounds > 1 {
            F::send(&me(), Drive::Again(message, rounds - 1));
        }
        ControlFlow::Continue(())
    }
}

/// The share of each driver, as numbers of `0..count`.
pub fn shares(count: usize, size: Size) -> impl Iterator<Item = (usize, Range<usize>)> {
    let share = count.div_ceil(size.drivers());
    let shares = (0..count).step_by(share).enumerate();
    shares.map(move |(driver, from)| (driver, from..count.min(from + share)))
}

/// All drivers of some actors.
pub struct Drivers<F: Framework, A: Actor<F, Message: Copy>>(Vec<F::Address<Driver<F, A>>>);

impl<F: Framework, A: Actor<F, Message: Copy>> Drivers<F, A> {
    /// Makes [`Size::many`] actors and their drivers, each share in one place.
    pub fn new(host: &Host<F>, size: Size, actor: impl Fn(Arc<Countdown>) -> A) -> Self {
        host.prepare(|framework| {
            let driver = |(place, share): (usize, Range<usize>)| {
                let countdown = Arc::new(host.countdown());
                let driven = share.map(|_| framework.spawn_at(place, actor(countdown.clone())));
                let driven = driven.collect();
                framework.spawn_at(place, Driver { driven, countdown })
            };
            Drivers(shares(size.many(), size).map(driver).collect())
        })
    }

    /// Lets them send a message to all actors, so many times, and waits until all have handled it.
    pub fn drive(&self, host: &mut Host<F>, message: A::Message, rounds: usize) {
        host.portion(self.0.len(), || {
            for driver in &self.0 {
                F::send(driver, Drive::Begin(message, rounds));
            }
        });
    }
}
