//! One actor gives others a little to compute, in turn.

use std::ops::ControlFlow;

use kay_bench::suite::{Prepared, Size, fork_join_work};

use super::BATCH;
use crate::framework::{Actor, Framework, Host, Report};

struct Worker {
    sum: f64,
    handled: usize,
    /// After so many messages a portion is over for this one.
    portion: usize,
    report: Report,
}

enum WorkerMessage<F: Framework> {
    Compute,
    /// Ask for more.
    Ask(F::Address<Forker<F>>, Fork),
}

impl<F: Framework> Actor<F> for Worker {
    type Message = WorkerMessage<F>;

    fn handle(
        &mut self,
        message: WorkerMessage<F>,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            WorkerMessage::Compute => {
                fork_join_work(&mut self.sum);
                self.handled += 1;
                if self.handled == self.portion {
                    std::hint::black_box(self.sum);
                    self.report.send(std::mem::take(&mut self.handled) as u64);
                }
            }
            WorkerMessage::Ask(forker, fork) => F::send(&forker, fork),
        }
        ControlFlow::Continue(())
    }
}

struct Forker<F: Framework> {
    workers: Vec<F::Address<Worker>>,
    next: usize,
}

/// So many messages are to be sent.
struct Fork(usize);

impl<F: Framework> Actor<F> for Forker<F> {
    type Message = Fork;

    fn handle(&mut self, Fork(count): Fork, me: impl Fn() -> F::Address<Self>) -> ControlFlow<()> {
        let now = count.min(BATCH);
        for _ in 0..now {
            F::send(&self.workers[self.next], WorkerMessage::Compute);
            self.next = (self.next + 1) % self.workers.len();
        }
        if now < count {
            F::send(
                &self.workers[self.next],
                WorkerMessage::Ask(me(), Fork(count - now)),
            );
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let report = host.report();
    let worker = || Worker {
        sum: 0.0,
        handled: 0,
        portion: size.counted() / size.forks(),
        report: report.clone(),
    };
    let forker = host.prepare(|framework| {
        let workers = (0..size.forks()).map(|place| framework.spawn_at(place, worker()));
        let workers = workers.collect();
        framework.spawn_at(0, Forker::<F> { workers, next: 0 })
    });
    let (half, count) = (size.counted() / 2, size.counted());
    let portion = move |host: &mut Host<F>| {
        host.portion(size.forks(), || {
            F::send(&forker, Fork(half));
            F::send(&forker, Fork(count - half));
        })
    };
    Prepared::new(host, portion, |host| host.total())
}
