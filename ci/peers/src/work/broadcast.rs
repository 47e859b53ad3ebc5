//! The same message to very many actors, sent to each.
//!
//! tokio has channels that are made for this, but with a million tasks that listen they take
//! longer: `broadcast` a little on one thread and three times as long on two, `watch` more.

use std::ops::ControlFlow;
use std::sync::Arc;

use kay_bench::suite::{Prepared, Size};

use super::driver::Drivers;
use crate::framework::{Actor, Countdown, Framework, Host};

/// Has 32 bytes.
struct Walker {
    position: f64,
    speed: f64,
    steps: u64,
    countdown: Arc<Countdown>,
}

impl Walker {
    fn new(countdown: Arc<Countdown>) -> Walker {
        Walker {
            position: 0.0,
            speed: 1.0,
            steps: 0,
            countdown,
        }
    }
}

#[derive(Clone, Copy)]
struct Step {
    time: f64,
}

impl<F: Framework> Actor<F> for Walker {
    type Message = Step;

    fn handle(&mut self, Step { time }: Step, _: impl Fn() -> F::Address<Self>) -> ControlFlow<()> {
        self.position += self.speed * time;
        self.steps += 1;
        self.countdown.done();
        ControlFlow::Continue(())
    }
}

const STEP: Step = Step { time: 0.1 };

/// Lets all walkers walk, step by step.
pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let drivers = Drivers::new(&host, size, Walker::new);
    let portion = move |host: &mut Host<F>| {
        for _ in 0..size.broadcasts() {
            drivers.drive(host, STEP, 1);
        }
    };
    Prepared::new(host, portion, |host| host.total())
}

/// Lets all walkers walk once, so that all have begun to run, and rest from then on.
pub fn prepare_idle<F: Framework>(size: Size) -> Option<Prepared> {
    let mut host = Host::<F>::new(size.threads);
    let drivers = Drivers::new(&host, size, Walker::new);
    drivers.drive(&mut host, STEP, 1);
    Prepared::new((host, drivers), |_| {}, |(host, _)| host.total())
}
