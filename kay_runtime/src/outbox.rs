//! What a shard has sent in this turn, on its way to be published.

use std::sync::Arc;

use chunky::{Addressed, Chain, Depot, ItemKind, ItemOf, Lane, Pool};

use crate::mailbox::Mailbox;
use crate::registry::{SHARD, TypeIndex};

/// Messages from one sender to one actor type of one shard, in the order of sending.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) to: TypeIndex,
    /// The sender: 0 for the host, `shard + 1` for a shard.
    pub(crate) source: u16,
    pub(crate) chain: Chain,
}

impl Letter {
    /// Letters are delivered in this order; those of equal order as they came.
    pub(crate) fn order(&self) -> (TypeIndex, u16) {
        (self.to, self.source)
    }

    /// How many messages for actors it brings.
    pub(crate) fn messages(&self) -> u64 {
        if self.to == SHARD {
            0
        } else {
            self.chain.written() as u64
        }
    }
}

/// The mailboxes of all shards, and behind them that of the host.
pub(crate) type Mailboxes = Arc<[Mailbox<Vec<Letter>>]>;

/// A lane for each actor type and target shard, made when first used.
///
/// Each thread has one, and lends it to the shards that it runs, one after the other: so lanes
/// are as many as targets, not as many as pairs of shards, and stay in the thread's cache.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// By type, as far as there were messages; empty until the first one to the type.
    groups: Vec<Box<[Lane]>>,
    /// Lanes that have something in them.
    filled: Vec<(TypeIndex, u16)>,
    /// Letters that are to be published, by target, as far as there were any.
    bundles: Vec<Vec<Letter>>,
    /// Targets that there are letters for.
    bundled: Vec<u16>,
    /// What bundles were in that have been read; kept for its memory.
    spare: Vec<Vec<Letter>>,
    mailboxes: Mailboxes,
    pub(crate) pool: Pool,
}

impl Outbox {
    /// An empty outbox.
    pub(crate) fn new(mailboxes: &Mailboxes, depot: &Arc<Depot>) -> Box<Self> {
        Box::new(Outbox {
            groups: Vec::new(),
            filled: Vec::new(),
            bundles: Vec::new(),
            bundled: Vec::new(),
            spare: Vec::new(),
            mailboxes: Arc::clone(mailboxes),
            pool: Pool::new(depot),
        })
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Appends `item` if there is an open run for it: the way that nearly all messages take.
    #[inline(always)]
    pub(crate) fn push_to_run<T: Send + 'static>(
        &mut self,
        to: TypeIndex,
        target: usize,
        kind: ItemOf<T>,
        item: Addressed<T>,
    ) -> Result<(), Addressed<T>> {
        match self
            .groups
            .get_mut(to as usize)
            .and_then(|lanes| lanes.get_mut(target))
        {
            Some(lane) => lane.push_to_run(kind, item),
            None => Err(item),
        }
    }

    /// Opens a run in a lane whose last run was of this kind too.
    #[inline(always)]
    pub(crate) fn open_again(&mut self, to: TypeIndex, target: usize, kind: ItemKind) -> bool {
        let lanes = self.groups.get_mut(to as usize);
        let Some(lane) = lanes.and_then(|lanes| lanes.get_mut(target)) else {
            return false;
        };
        let was_empty = lane.is_empty();
        let opened = lane.open_again(kind, &mut self.pool);
        if opened && was_empty {
            self.filled.push((to, target as u16));
        }
        opened
    }

    /// Opens a run with this `tag`.
    ///
    /// # Panics
    ///
    /// If there is no such target: the caller has checked it.
    pub(crate) fn open(&mut self, to: TypeIndex, target: usize, kind: ItemKind, tag: u32) {
        if self.groups.len() <= to as usize {
            self.groups.resize_with(to as usize + 1, Box::default);
        }
        let group = &mut self.groups[to as usize];
        if group.is_empty() {
            *group = (0..self.mailboxes.len()).map(|_| Lane::new()).collect();
        }
        let lane = &mut group[target];
        if lane.is_empty() {
            self.filled.push((to, target as u16));
        }
        lane.open(kind, tag, &mut self.pool);
    }

    /// Appends `item` in a run with this `tag`.
    ///
    /// # Panics
    ///
    /// If there is no such target: the caller has checked it.
    pub(crate) fn push<T: Send + 'static>(
        &mut self,
        to: TypeIndex,
        target: usize,
        tag: u32,
        item: Addressed<T>,
    ) {
        let kind = ItemOf::get();
        let Err(item) = self.push_to_run(to, target, kind, item) else {
            return;
        };
        self.open_for_push(to, target, kind.kind(), tag);
        let Ok(()) = self.push_to_run(to, target, kind, item) else {
            unreachable!("a run that was just opened has room for an item of its type")
        };
    }

    /// Once for all types of messages.
    #[inline(never)]
    fn open_for_push(&mut self, to: TypeIndex, target: usize, kind: ItemKind, tag: u32) {
        if !self.open_again(to, target, kind) {
            self.open(to, target, kind, tag);
        }
    }

    /// Takes out all that was sent to one type in one shard, as a letter from `source`, with its
    /// target shard.
    #[inline]
    pub(crate) fn next_letter(&mut self, source: u16) -> Option<(usize, Letter)> {
        let (to, target) = self.filled.pop()?;
        let target = usize::from(target);
        let chain = self.groups[to as usize][target].take()?;
        Some((target, Letter { to, source, chain }))
    }

    /// Keeps a letter until [`Outbox::publish`].
    pub(crate) fn bundle(&mut self, target: usize, letter: Letter) {
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

    /// Publishes all letters that have been bundled, to be read in `turn`.
    pub(crate) fn publish(&mut self, turn: u64) {
        for target in self.bundled.drain(..) {
            let target = usize::from(target);
            let bundle = std::mem::take(&mut self.bundles[target]);
            self.mailboxes[target].publish(turn, bundle);
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
