//! One actor sends numbers, another adds them up.

use std::ops::ControlFlow;

use kay_bench::suite::{Prepared, Size};

use super::BATCH;
use crate::framework::{Actor, Framework, Host, Report};

struct Counter {
    sum: u64,
    left: usize,
    /// After so many numbers a portion is over.
    portion: usize,
    report: Report,
}

enum CounterMessage<F: Framework> {
    Add(u64),
    /// Ask for more.
    Ask(F::Address<Producer<F>>, Produce),
}

impl<F: Framework> Actor<F> for Counter {
    type Message = CounterMessage<F>;

    fn handle(
        &mut self,
        message: CounterMessage<F>,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            CounterMessage::Add(amount) => {
                self.sum += amount;
                self.left -= 1;
                if self.left == 0 {
                    self.left = self.portion;
                    self.report.send(std::mem::take(&mut self.sum));
                }
            }
            CounterMessage::Ask(producer, produce) => F::send(&producer, produce),
        }
        ControlFlow::Continue(())
    }
}

struct Producer<F: Framework> {
    counter: F::Address<Counter>,
}

struct Produce {
    from: usize,
    to: usize,
}

impl<F: Framework> Actor<F> for Producer<F> {
    type Message = Produce;

    fn handle(
        &mut self,
        Produce { from, to }: Produce,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        let until = to.min(from + BATCH);
        for amount in from..until {
            F::send(&self.counter, CounterMessage::Add(amount as u64));
        }
        if until < to {
            let produce = Produce { from: until, to };
            F::send(&self.counter, CounterMessage::Ask(me(), produce));
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let counter = Counter {
        sum: 0,
        left: size.counted(),
        portion: size.counted(),
        report: host.report(),
    };
    let producer = host.prepare(|framework| {
        let counter = framework.spawn_at(1, counter);
        framework.spawn_at(0, Producer::<F> { counter })
    });
    let (half, to) = (size.counted() / 2, size.counted());
    let portion = move |host: &mut Host<F>| {
        host.portion(1, || {
            F::send(&producer, Produce { from: 0, to: half });
            F::send(&producer, Produce { from: half, to });
        })
    };
    Prepared::new(host, portion, |host| host.total())
}
