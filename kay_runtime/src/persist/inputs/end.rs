//! The end of a batch: what happens then, and what else of the host decides about results.

use crate::registry::TypeIndex;
use crate::stock::{HOST, Stock};
use crate::world::World;
use crate::{CVec, Compact, portable};

use super::super::Past;
use super::ReplayError;

/// What happens with the letters of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// A turn.
    Turn = 3,
    /// A turn of a frozen world.
    Frozen = 4,
    /// A frozen world is resumed.
    Resume = 5,
    /// They wait for the next turn: what they are for is copied for a snapshot first, or the world ends here.
    Snapshot = 6,
}

impl End {
    /// The end that records of this kind are, if they are one.
    pub(crate) fn of(kind: u8) -> Option<End> {
        let all = [End::Turn, End::Frozen, End::Resume, End::Snapshot];
        all.into_iter().find(|&end| end as u8 == kind)
    }
}

/// What the host has, beside what it has sent, that decides about its later inputs.
///
/// Which slot numbers it has taken follows from the spawners among its messages; which have come
/// back, from the turns.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct HostState {
    /// Random streams that it has had.
    streams: u64,
    /// Of those types for which something has changed.
    stocks: CVec<StockState>,
    /// Messages that it has sent to shards that there are not, since the beginning.
    lost: CVec<Lost>,
}

#[derive(Compact)]
#[compact(crate = crate)]
struct StockState {
    actor: u64,
    next_target: u32,
    /// Only compared: whether the same numbers were taken.
    fresh: u64,
    returned: u64,
}

#[derive(Compact)]
#[compact(crate = crate)]
struct Lost {
    actor: u64,
    message: u64,
    count: u64,
}

/// A count that nobody reaches, and that can be added up with others.
const MOST: u64 = 1 << 48;

impl HostState {
    /// That of `host`, with those stocks that `has_changed` says it of.
    pub(super) fn of(host: &World, mut has_changed: impl FnMut(TypeIndex, &Stock) -> bool) -> Self {
        let registry = &host.registry;
        let stocks = registry.actors().filter_map(|(index, actor)| {
            let stock = host.stocks[usize::from(index)].as_deref()?;
            has_changed(index, stock).then(|| {
                let (fresh, returned) = stock.counts();
                StockState {
                    actor: actor.fingerprint,
                    next_target: stock.coming_target(),
                    fresh,
                    returned,
                }
            })
        });
        let lost = registry.handlers().iter().zip(&host.lost);
        let lost = lost.filter(|&(_, &count)| count > 0);
        HostState {
            streams: host.current.streams,
            stocks: stocks.collect(),
            lost: lost
                .map(|(handler, &count)| Lost {
                    actor: registry.actor(handler.actor).fingerprint,
                    message: handler.fingerprint,
                    count,
                })
                .collect(),
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match portable::to_bytes(self) {
            Ok(bytes) => bytes,
            Err(error) => unreachable!("numbers can always be written: {error}"),
        }
    }

    pub(crate) fn read(payload: &[u8]) -> Result<Self, ReplayError> {
        let what = "what is known of the host";
        portable::from_bytes(payload).map_err(|reason| ReplayError::Malformed { what, reason })
    }

    /// Gives it to a host whose letters of the batch have been read.
    pub(crate) fn restore(&self, host: &mut World, past: &Past) -> Result<(), ReplayError> {
        host.current.streams = self.streams;
        let shards = host.shards;
        for state in &self.stocks {
            let actor = past.setup.actor(&host.registry, state.actor)?;
            let new = || Box::new(Stock::new(HOST, shards));
            let stock = host.stocks[usize::from(actor)].get_or_insert_with(new);
            if state.next_target >= shards || stock.counts() != (state.fresh, state.returned) {
                let actor = host.registry.actor(actor).name;
                return Err(ReplayError::Stock { actor });
            }
            stock.set_next_target(state.next_target);
        }
        for lost in &self.lost {
            let actor = past.setup.actor(&host.registry, lost.actor)?;
            let handler = past.setup.handler(&host.registry, actor, lost.message)?;
            host.lost[handler] = lost.count.min(MOST);
        }
        Ok(())
    }
}
