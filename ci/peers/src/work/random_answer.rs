//! As many messages in flight as there are actors, each answered with one to a random actor.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use kay_bench::suite::{Prepared, Size, partner};

use super::driver::shares;
use crate::framework::{Actor, Countdown, Framework, Host};

struct Gossip<F: Framework> {
    other: Option<F::Address<Gossip<F>>>,
    countdowns: Arc<[Countdown]>,
}

enum GossipMessage<F: Framework> {
    Meet(F::Address<Gossip<F>>),
    Tell {
        about: F::Address<Gossip<F>>,
        /// Answers that are still to come in this portion.
        left: u32,
        /// Who began this chain of answers.
        driver: u32,
    },
}

impl<F: Framework> Actor<F> for Gossip<F> {
    type Message = GossipMessage<F>;

    fn handle(
        &mut self,
        message: GossipMessage<F>,
        me: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        match message {
            GossipMessage::Meet(other) => self.other = Some(other),
            GossipMessage::Tell {
                left: 0, driver, ..
            } => self.countdowns[driver as usize].done(),
            GossipMessage::Tell {
                about,
                left,
                driver,
            } => {
                let other = self.other.replace(about).expect("has met somebody");
                let (about, left) = (me(), left - 1);
                F::send(
                    &other,
                    GossipMessage::Tell {
                        about,
                        left,
                        driver,
                    },
                );
            }
        }
        ControlFlow::Continue(())
    }
}

/// Begins chains of answers.
struct Starter<F: Framework> {
    number: u32,
    gossips: Arc<[F::Address<Gossip<F>>]>,
    /// Which of them get a first message.
    share: Range<usize>,
    countdowns: Arc<[Countdown]>,
}

/// With so many messages in each chain.
struct Start(u32);

impl<F: Framework> Actor<F> for Starter<F> {
    type Message = Start;

    fn handle(
        &mut self,
        Start(rounds): Start,
        _: impl Fn() -> F::Address<Self>,
    ) -> ControlFlow<()> {
        let driver = self.number;
        self.countdowns[driver as usize].begin(self.share.len());
        for number in self.share.clone() {
            // Not in the order of their addresses, as all that follow will not be either.
            let first = number * 7919 % self.gossips.len();
            let about = self.gossips[partner(first / 2, self.gossips.len())].clone();
            let left = rounds - 1;
            F::send(
                &self.gossips[first],
                GossipMessage::Tell {
                    about,
                    left,
                    driver,
                },
            );
        }
        ControlFlow::Continue(())
    }
}

/// A chain ends after as many messages as a portion has rounds, and begins anew in the next
/// portion: so the host can wait for the end of all, and what is counted are ends of chains.
pub fn prepare<F: Framework>(count: usize, size: Size) -> Option<Prepared> {
    let (rounds, count) = (size.random_rounds(count), size.random(count));
    let host = Host::<F>::new(size.threads);
    let countdowns: Arc<[_]> = shares(count, size).map(|_| host.countdown()).collect();
    let starters: Vec<_> = host.prepare(|framework| {
        let gossip = |place| {
            let countdowns = countdowns.clone();
            framework.spawn_at(
                place,
                Gossip::<F> {
                    other: None,
                    countdowns,
                },
            )
        };
        let gossips: Arc<[_]> = (0..count).map(gossip).collect();
        for (number, gossip) in gossips.iter().enumerate() {
            let other = gossips[partner(number, count)].clone();
            F::send(gossip, GossipMessage::Meet(other));
        }
        let starter = |(place, share)| {
            let starter = Starter::<F> {
                number: place as u32,
                gossips: gossips.clone(),
                share,
                countdowns: countdowns.clone(),
            };
            framework.spawn_at(place, starter)
        };
        shares(count, size).map(starter).collect()
    });
    let portion = move |host: &mut Host<F>| {
        host.portion(starters.len(), || {
            for starter in &starters {
                F::send(starter, Start(rounds as u32));
            }
        })
    };
    Prepared::new(host, portion, move |host| host.total() * rounds as u64)
}
