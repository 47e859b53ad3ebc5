//! Each of a crowd pings others, one after the other.

use std::ops::ControlFlow;
use std::sync::Arc;

use kay_bench::suite::{Prepared, Size, next};

use crate::framework::{Actor, Framework, Host, Report};

struct Member<F: Framework> {
    crowd: Arc<[F::Address<Member<F>>]>,
    number: usize,
    seed: u64,
    pongs: u64,
    /// After so many pongs a portion is over for this one.
    portion: u64,
    report: Report,
}

enum MemberMessage<F: Framework> {
    Meet(Arc<[F::Address<Member<F>>]>),
    Begin,
    Ping { from: usize },
    Pong,
}

impl<F: Framework> Member<F> {
    fn ping(&mut self) {
        let count = self.crowd.len();
        let away = 1 + next(&mut self.seed) as usize % (count - 1);
        let other = (self.number + away) % count;
        let from = self.number;
        F::send(&self.crowd[other], MemberMessage::Ping { from });
    }
}

impl<F: Framework> Actor<F> for Member<F> {
    type Message = MemberMessage<F>;

    fn handle(
        &mut self,
        message: MemberMessage<F>,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            MemberMessage::Meet(crowd) => self.crowd = crowd,
            MemberMessage::Begin => self.ping(),
            MemberMessage::Ping { from } => F::send(&self.crowd[from], MemberMessage::Pong),
            MemberMessage::Pong => {
                self.pongs += 1;
                if self.pongs < self.portion {
                    self.ping();
                } else {
                    // Each pong answers a ping that was handled.
                    self.report.send(2 * std::mem::take(&mut self.pongs));
                }
            }
        }
        ControlFlow::Continue(())
    }
}

pub fn prepare<F: Framework>(size: Size) -> Option<Prepared> {
    let (count, pings) = (size.crowd(), size.pings());
    let host = Host::<F>::new(size.threads);
    let report = host.report();
    let member = |number: usize| Member::<F> {
        crowd: Arc::new([]),
        number,
        seed: number as u64 + 1,
        pongs: 0,
        portion: pings as u64,
        report: report.clone(),
    };
    let crowd: Arc<[_]> = host.prepare(|framework| {
        let members = (0..count).map(|number| framework.spawn_at(number, member(number)));
        members.collect()
    });
    for member in &*crowd {
        F::send(member, MemberMessage::Meet(crowd.clone()));
    }
    let portion = move |host: &mut Host<F>| {
        host.portion(count, || {
            for member in &*crowd {
                F::send(member, MemberMessage::Begin);
            }
        })
    };
    Prepared::new(host, portion, |host| host.total())
}
