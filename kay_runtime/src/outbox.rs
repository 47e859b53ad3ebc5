//! What a shard has sent in this turn, on its way to be published.

use std::sync::Arc;

use chunky::{Chain, Depot, ItemKind, Lane, Pool};

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
    targets: usize,
    pub(crate) pool: Pool,
}

impl Outbox {
    /// An outbox for the shards of a system, and one more target: the host gets its slot numbers
    /// back.
    pub(crate) fn new(shards: usize, depot: &Arc<Depot>) -> Box<Self> {
        Box::new(Outbox {
            groups: Vec::new(),
            filled: Vec::new(),
            targets: shards + 1,
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
        item: T,
    ) -> Result<(), T> {
        match self
            .groups
            .get_mut(to as usize)
            .and_then(|lanes| lanes.get_mut(target))
        {
            Some(lane) => lane.push_to_run(item),
            None => Err(item),
        }
    }

    /// Opens a run in a lane whose last run was of this kind too.
    #[inline]
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
            *group = (0..self.targets).map(|_| Lane::new()).collect();
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
        item: T,
    ) {
        let Err(item) = self.push_to_run(to, target, item) else {
            return;
        };
        self.open(to, target, ItemKind::of::<T>(), tag);
        let Ok(()) = self.push_to_run(to, target, item) else {
            unreachable!("a run that was just opened has room for an item of its type")
        };
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
}
