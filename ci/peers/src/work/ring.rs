//! One message goes round: ping-pong is a ring of two.

use std::ops::ControlFlow;

use kay_bench::suite::{Prepared, Size};

use crate::framework::{Actor, Framework, Host, Report};

struct Stage<F: Framework> {
    next: Option<F::Address<Stage<F>>>,
    report: Report,
}

enum StageMessage<F: Framework> {
    Link(F::Address<Stage<F>>),
    Token { hop: usize, last: usize },
}

impl<F: Framework> Actor<F> for Stage<F> {
    type Message = StageMessage<F>;

    fn handle(
        &mut self,
        message: StageMessage<F>,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            StageMessage::Link(next) => self.next = Some(next),
            StageMessage::Token { hop, last } if hop == last => self.report.send(hop as u64),
            StageMessage::Token { hop, last } => {
                let next = self.next.as_ref().expect("the ring is closed");
                F::send(next, StageMessage::Token { hop: hop + 1, last });
            }
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(stages: usize, size: Size) -> Option<Prepared> {
    let host = Host::<F>::new(size.threads);
    let report = host.report();
    let ring: Vec<_> = host.prepare(|framework| {
        // Half of a large ring on each of two threads; two actors on one.
        (0..stages)
            .map(|stage| {
                framework.spawn_at(
                    stage / 50,
                    Stage {
                        next: None,
                        report: report.clone(),
                    },
                )
            })
            .collect()
    });
    for (stage, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        F::send(stage, StageMessage::Link(next.clone()));
    }
    let last = size.hops();
    let portion = move |host: &mut Host<F>| {
        host.portion(1, || {
            F::send(&ring[0], StageMessage::Token { hop: 1, last })
        })
    };
    Prepared::new(host, portion, |host| host.total())
}
