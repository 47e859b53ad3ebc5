//! Slot numbers that a spawner may give to new instances, without asking anyone.
//!
//! An id must be known at once, without a lock, and must be the same on any number of threads. So
//! the slot numbers of each shard are divided among all who may spawn there: page by page, every
//! second page for the host, the others for the shards in turn. When an instance dies, its slot
//! number goes back to the one who owns its page.

use chunky::{Key, SlotMap};

use crate::{CVec, Compact};

/// Who spawns: 0 for the host, `shard + 1` for a shard. Also what messages are ordered by.
pub(crate) type Source = u16;

/// The host as a source.
pub(crate) const HOST: Source = 0;

const PAGE: u32 = SlotMap::<()>::PAGE;

/// Who gives out the number of this slot.
pub(crate) fn owner_of(slot: u32, shards: u32) -> Source {
    let page = slot / PAGE;
    if page.is_multiple_of(2) {
        HOST
    } else {
        (page / 2 % shards + 1) as Source
    }
}

/// The `nth` slot number that belongs to `source`, if it is below `end`.
fn nth_slot(nth: u32, source: Source, shards: u32, end: u64) -> Option<u32> {
    let (page, at) = (u64::from(nth / PAGE), nth % PAGE);
    let page = match source {
        HOST => page * 2,
        shard => (page * u64::from(shards) + u64::from(shard) - 1) * 2 + 1,
    };
    let slot = page * u64::from(PAGE) + u64::from(at);
    (slot < end).then_some(slot as u32)
}

/// The slot numbers of one actor type that one source may give out.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    targets: Box<[Target]>,
    next_target: u32,
}

/// Those in one target shard.
#[derive(Clone, Debug, Default)]
struct Target {
    /// Numbers that have been used before, the one to use next at the end.
    returned: Vec<Key>,
    /// How many numbers have been given out for the first time.
    fresh: u32,
}

/// What is kept of a stock.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct StockImage {
    next_target: u32,
    /// By target: how many were given out for the first time, and those that have come back.
    targets: CVec<(u32, CVec<(u32, u16)>)>,
}

impl StockImage {
    /// The stock of `source` in a world of so many shards, if it can be one.
    pub(crate) fn restore(&self, source: Source, shards: u32) -> Option<Stock> {
        if self.next_target >= shards || self.targets.len() != shards as usize {
            return None;
        }
        let key = |&(slot, generation): &(u32, u16)| {
            let is_own = owner_of(slot, shards) == source && generation > 0;
            is_own.then_some(Key { slot, generation })
        };
        let target = |(fresh, returned): &(u32, CVec<(u32, u16)>)| {
            Some(Target {
                returned: returned.iter().map(key).collect::<Option<_>>()?,
                fresh: *fresh,
            })
        };
        Some(Stock {
            targets: self.targets.iter().map(target).collect::<Option<_>>()?,
            next_target: self.next_target,
        })
    }
}

impl Stock {
    /// What is to be kept of it.
    pub(crate) fn image(&self) -> StockImage {
        let target = |target: &Target| {
            let keys = target.returned.iter();
            let keys = keys.map(|key| (key.slot, key.generation));
            (target.fresh, keys.collect())
        };
        StockImage {
            next_target: self.next_target,
            targets: self.targets.iter().map(target).collect(),
        }
    }

    pub(crate) fn new(source: Source, shards: u32) -> Self {
        Stock {
            targets: (0..shards).map(|_| Target::default()).collect(),
            // Sources start at different shards, so that many who spawn one instance each do
            // not all fill the same one.
            next_target: u32::from(source.saturating_sub(1)) % shards,
        }
    }

    /// The shard in which the next instance should live: each in turn.
    #[inline]
    pub(crate) fn next_target(&mut self) -> u32 {
        let target = self.next_target;
        self.next_target = if target as usize + 1 == self.targets.len() {
            0
        } else {
            target + 1
        };
        target
    }

    /// A slot number in `target`, or `None` if all below `end` that belong to `source` are in use.
    #[inline]
    pub(crate) fn take(&mut self, target: u32, source: Source, end: u64) -> Option<Key> {
        let shards = self.targets.len() as u32;
        let stock = &mut self.targets[target as usize];
        if let Some(key) = stock.returned.pop() {
            return Some(key);
        }
        let slot = nth_slot(stock.fresh, source, shards, end)?;
        stock.fresh += 1;
        Some(Key {
            slot,
            generation: 1,
        })
    }

    /// The highest slot number that was given out in each target. None, if there are not as many.
    pub(crate) fn highest(&self, source: Source) -> Option<Vec<(u32, u32)>> {
        let shards = self.targets.len() as u32;
        let used = (0..).zip(&self.targets);
        let mut highest = Vec::new();
        for (target, stock) in used {
            let returned = stock.returned.iter().map(|key| key.slot);
            let fresh = match stock.fresh.checked_sub(1) {
                Some(last) => Some(nth_slot(last, source, shards, 1 << 32)?),
                None => None,
            };
            highest.extend(returned.chain(fresh).max().map(|slot| (target, slot)));
        }
        Some(highest)
    }

    /// What [`take`](Stock::take) would give.
    pub(crate) fn peek(&self, target: u32, source: Source, end: u64) -> Option<Key> {
        let stock = &self.targets[target as usize];
        let generation = 1;
        let fresh = || nth_slot(stock.fresh, source, self.targets.len() as u32, end);
        let fresh = || fresh().map(|slot| Key { slot, generation });
        stock.returned.last().copied().or_else(fresh)
    }

    /// Whether the host, whose stock this is, has ever given out this slot number.
    pub(crate) fn host_gave(&self, target: u32, slot: u32) -> bool {
        let fresh = self.targets[target as usize].fresh;
        owner_of(slot, 1) == HOST && slot / PAGE / 2 * PAGE + slot % PAGE < fresh
    }

    /// The next instance should live in this shard.
    pub(crate) fn set_next_target(&mut self, target: u32) {
        self.next_target = target;
    }

    /// How many numbers were given out for the first time, and how many have come back and can
    /// be used again.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let fresh = self.targets.iter().map(|target| u64::from(target.fresh));
        let returned = self
            .targets
            .iter()
            .map(|target| target.returned.len() as u64);
        (fresh.sum(), returned.sum())
    }

    /// What [`next_target`](Stock::next_target) would give.
    pub(crate) fn coming_target(&self) -> u32 {
        self.next_target
    }

    /// Takes back the slot number of an instance that is gone, to be used with this `key`.
    pub(crate) fn put_back(&mut self, target: u32, key: Key) {
        self.targets[target as usize].returned.push(key);
    }

    /// All that decides about the numbers to come.
    pub(crate) fn state(&self) -> impl Iterator<Item = u64> {
        let next = std::iter::once(u64::from(self.next_target));
        next.chain(self.targets.iter().flat_map(|target| {
            let keys = target.returned.iter();
            let keys = keys.map(|key| u64::from(key.slot) << 16 | u64::from(key.generation));
            [u64::from(target.fresh), target.returned.len() as u64]
                .into_iter()
                .chain(keys)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn no_two_sources_give_out_one_number(shards in 1_u32..20, each in 1_u32..600) {
            let mut seen = HashSet::new();
            for source in 0..=shards as Source {
                let mut stock = Stock::new(source, shards);
                for _ in 0..each {
                    let key = stock.take(0, source, 1 << 32).expect("there is room");
                    prop_assert!(seen.insert(key.slot), "slot {} given out twice", key.slot);
                    prop_assert_eq!(owner_of(key.slot, shards), source);
                }
            }
        }

        #[test]
        fn numbers_end_where_they_should(shards in 1_u32..20, source in 0_u16..20, end in 0_u64..99_999) {
            prop_assume!(u32::from(source) <= shards);
            let mut stock = Stock::new(source, shards);
            let mut count = 0;
            while let Some(key) = stock.take(0, source, end) {
                prop_assert!(u64::from(key.slot) < end);
                count += 1;
            }
            let owned = (0..end).filter(|&slot| owner_of(slot as u32, shards) == source).count();
            prop_assert_eq!(count, owned);
        }
    }

    #[test]
    fn a_look_at_the_next_number_is_right_and_takes_nothing() {
        let mut stock = Stock::new(HOST, 4);
        let mut given = Vec::new();
        for at in 0..500 {
            let peeked = stock.peek(1, HOST, 1 << 30);
            let key = stock.take(1, HOST, 1 << 30);
            assert_eq!(key, peeked);
            given.extend(key);
            if at % 3 == 0 {
                stock.put_back(1, given[at / 2].next_generation().unwrap());
            }
        }
        for slot in 0..2000 {
            let gave = given.iter().any(|key| key.slot == slot);
            assert_eq!(stock.host_gave(1, slot), gave, "slot {slot}");
            assert!(!stock.host_gave(0, slot));
        }
        assert_eq!(stock.peek(0, HOST, 0), None);
    }

    #[test]
    fn instances_are_spread_evenly() {
        let mut stock = Stock::new(3, 8);
        let mut counts = [0; 8];
        for _ in 0..80 {
            counts[stock.next_target() as usize] += 1;
        }
        assert_eq!(counts, [10; 8]);
    }

    #[test]
    fn a_number_comes_back_with_its_next_generation() {
        let mut stock = Stock::new(HOST, 4);
        let key = stock.take(2, HOST, 1 << 32).unwrap();
        stock.put_back(2, key.next_generation().unwrap());
        let again = stock.take(2, HOST, 1 << 32).unwrap();
        assert_eq!(
            again,
            Key {
                slot: key.slot,
                generation: 2
            }
        );
    }
}
