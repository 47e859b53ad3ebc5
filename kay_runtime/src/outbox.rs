//! What a shard has sent in this turn, on its way to be published.

use chunky::{Chain, Lane, Pool};

use crate::registry::TypeIndex;

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
}

/// A lane for each actor type and target shard, made when first used.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// By type; empty until the first message to the type.
    groups: Vec<Box<[Lane]>>,
    /// Lanes that have something in them.
    filled: Vec<(TypeIndex, u16)>,
    targets: usize,
    pub(crate) pool: Pool,
}

impl Outbox {
    /// An outbox for `types` types in `targets` shards.
    pub(crate) fn new(types: usize, targets: usize, pool: Pool) -> Self {
        let groups = (0..types).map(|_| Box::default()).collect();
        Outbox {
            groups,
            filled: Vec::new(),
            targets,
            pool,
        }
    }

    /// Whether nothing has been sent since the last [`Outbox::take`].
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

    /// Appends `item` in a run with this `tag`.
    ///
    /// # Panics
    ///
    /// If there is no such type or target: the caller has checked them.
    pub(crate) fn push<T: Send + 'static>(
        &mut self,
        to: TypeIndex,
        target: usize,
        tag: u32,
        item: T,
    ) {
        let group = &mut self.groups[to as usize];
        if group.is_empty() {
            *group = (0..self.targets).map(|_| Lane::new()).collect();
        }
        let lane = &mut group[target];
        if lane.is_empty() {
            self.filled.push((to, target as u16));
        }
        lane.push(tag, item, &mut self.pool);
    }

    /// Takes out all that was sent, as letters from `source`, each with its target shard.
    pub(crate) fn take(&mut self, source: u16, mut publish: impl FnMut(usize, Letter)) {
        let mut filled = std::mem::take(&mut self.filled);
        for (to, target) in filled.drain(..) {
            if let Some(chain) = self.groups[to as usize][target as usize].take() {
                publish(target as usize, Letter { to, source, chain });
            }
        }
        self.filled = filled;
    }
}
