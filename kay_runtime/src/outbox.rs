//! What shards have sent in this turn, on its way to be published.

use std::mem::take;
use std::sync::Arc;

use chunky::{Chain, Depot, Lane, Lanes, Pool};

use crate::mailbox::Mailbox;
use crate::registry::{Registry, SHARD, TypeIndex};
use crate::stock::Source;
use crate::world::{RETURNS, Returned};

/// Messages to one actor type of one shard, from one sender or from several that follow each other,
/// in the order of sending.
///
/// Two words, which is what moves in registers.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) chain: Chain,
    order: Order,
}

/// Letters are delivered in this order; those of equal order as they came: by the type that gets them, then by
/// the first of the senders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order(u32);

impl Letter {
    /// What the sender of the first message has sent, and perhaps others behind it.
    #[inline]
    pub(crate) fn new(to: TypeIndex, chain: Chain) -> Self {
        let source = chain.sender().unwrap_or_default() as Source;
        Letter::from_source(to, source, chain)
    }

    #[inline]
    pub(crate) fn from_source(to: TypeIndex, source: Source, chain: Chain) -> Self {
        let order = Order(u32::from(to) << 16 | u32::from(source));
        Letter { chain, order }
    }

    #[inline]
    pub(crate) fn to(&self) -> TypeIndex {
        (self.order.0 >> 16) as TypeIndex
    }

    /// The first of its senders: 0 for the host, `shard + 1` for a shard.
    #[inline]
    pub(crate) fn source(&self) -> Source {
        self.order.0 as Source
    }

    /// Where it stands among others.
    #[inline]
    pub(crate) fn order(&self) -> Order {
        self.order
    }

    /// A letter for each sender whose messages are in this one, in the order in which they are there. That of a single
    /// one stays what it is: its place among others may be another than its sender's.
    pub(crate) fn split(self, pool: &mut Pool) -> Vec<Letter> {
        let mut senders = Vec::new();
        self.chain.visit(|message| {
            if senders.last() != Some(&message.sender()) {
                senders.push(message.sender());
            }
        });
        if senders.len() == 1 {
            return vec![self];
        }
        let (to, chain) = (self.to(), self.chain);
        let mut lanes: Vec<Lane> = senders.iter().map(|_| Lane::new()).collect();
        let mut at = 0;
        chain.divide(&mut lanes, pool, |message| {
            at += usize::from(message.sender() != senders[at]);
            at
        });
        let chains = lanes.into_iter().filter_map(|mut lane| lane.take());
        chains.map(|chain| Letter::new(to, chain)).collect()
    }
}

/// The mailboxes of all shards, and behind them that of the host.
pub(crate) type Mailboxes = Arc<[Mailbox<Vec<Letter>>]>;

/// What the shards that a thread runs send to others.
///
/// Each thread has one, and lends it to the shards that it runs, one after the other: so lanes
/// are as many as targets, not as many as pairs of shards, and stay in the thread's cache. Shards
/// that follow each other in the turn write to the same lanes, and what they have sent leaves as
/// one letter for each target.
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) lanes: Lanes,
    pub(crate) pool: Pool,
    /// The place in the turn of the shard that comes next if it follows those that are in the lanes.
    next_place: usize,
    /// Letters that are to be published, by target, as far as there were any.
    bundles: Vec<Vec<Letter>>,
    /// Targets that there are letters for.
    bundled: Vec<u16>,
    /// What bundles were in that have been read; kept for its memory.
    spare: Vec<Vec<Letter>>,
    mailboxes: Mailboxes,
}

impl Outbox {
    /// An empty outbox.
    pub(crate) fn new(registry: &Registry, mailboxes: &Mailboxes, depot: &Arc<Depot>) -> Box<Self> {
        let mut lanes = Lanes::new(depot, mailboxes.len());
        lanes.add_route::<Returned>(RETURNS, registry.returned_tag().0, SHARD, mailboxes.len());
        Box::new(Outbox {
            lanes,
            pool: Pool::new(depot),
            next_place: 0,
            bundles: Vec::new(),
            bundled: Vec::new(),
            spare: Vec::new(),
            mailboxes: Arc::clone(mailboxes),
        })
    }

    /// Takes out all that was sent to one type in one shard, with its target shard. The sender must have
    /// ended.
    #[inline]
    pub(crate) fn next_letter(&mut self) -> Option<(usize, Letter)> {
        let (to, target, chain) = self.lanes.next_chain()?;
        Some((usize::from(target), Letter::new(to, chain)))
    }

    /// As [`next_letter`](Outbox::next_letter), but only if it is the only one; the sender ends with that.
    #[inline]
    pub(crate) fn only_letter(&mut self) -> Option<(usize, Letter)> {
        let (to, target, chain) = self.lanes.only_chain()?;
        Some((usize::from(target), Letter::new(to, chain)))
    }

    /// The shard that has this place among those of the turn will run next.
    pub(crate) fn begin(&mut self, place: usize) {
        if place != self.next_place {
            self.bundle();
        }
        self.next_place = place + 1;
    }

    /// Makes letters of all that is in the lanes, and keeps them until [`Outbox::publish`].
    fn bundle(&mut self) {
        while let Some((target, letter)) = self.next_letter() {
            if self.bundles.len() <= target {
                self.bundles.resize_with(target + 1, Vec::new);
            }
            let bundle = &mut self.bundles[target];
            if bundle.is_empty() {
                self.bundled.push(target as u16);
                if bundle.capacity() == 0 {
                    *bundle = self.spare.pop().unwrap_or_default();
                }
            }
            bundle.push(letter);
        }
    }

    /// Publishes all that was sent, to be read in `turn`.
    pub(crate) fn publish(&mut self, turn: u64) {
        self.bundle();
        for target in self.bundled.drain(..) {
            let target = usize::from(target);
            self.mailboxes[target].publish(turn, take(&mut self.bundles[target]));
        }
    }

    /// Takes the letters that `target` should read in `turn` out of its mailbox.
    pub(crate) fn collect(&mut self, target: usize, turn: u64, into: &mut Vec<Letter>) {
        while let Some(mut bundle) = self.mailboxes[target].take(turn) {
            into.append(&mut bundle);
            // A thread that reads more than it writes must not keep them all.
            if self.spare.len() < self.mailboxes.len() {
                self.spare.push(bundle);
            }
        }
    }
}
