//! Drivers send one message to each of very many actors, in the order in which these were made.

use std::ops::ControlFlow;
use std::sync::Arc;

use kay_bench::suite::{Prepared, Size};

use super::driver::Drivers;
use crate::framework::{Actor, Countdown, Framework, Host};

/// Has 16 bytes.
struct Small {
    sum: u64,
    countdown: Arc<Countdown>,
}

#[derive(Clone, Copy)]
struct Add(u64);

impl<F: Framework> Actor<F> for Small {
    type Message = Add;

    fn handle(&mut self, Add(amount): Add, _: impl Fn() -> F::Address<Self>) -> ControlFlow<()> {
        self.sum += amount;
        self.countdown.done();
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let drivers = Drivers::new(&host, size, |countdown| Small { sum: 0, countdown });
    let portion = move |host: &mut Host<F>| drivers.drive(host, Add(1), size.rounds());
    Prepared::new(host, portion, |host| host.total())
}
