//! How far slot numbers may reach in a world that is restored.
//!
//! A slot map takes memory for each page number up to the highest, so a single slot number in a file could take
//! 256 MiB. Each spawner uses its pages one after the other: so how far numbers can reach follows from how many
//! pages there are, if nobody has made them up.

use std::collections::HashSet;

use crate::registry::TypeIndex;
use crate::world::shard_bits;

/// Slots of a page.
const PAGE: u32 = chunky::SlotMap::<()>::PAGE;

/// Page numbers that take no more than a MiB: as many may be left out, as by spawners that could not be sent.
const SLACK: u64 = 1 << 17;

/// What all page numbers are below where there are so many pages: every second page is the host's, and the others
/// are those of the shards in turn.
pub(super) fn page_limit(pages: usize, shards: u32) -> u32 {
    let spread = 2 * (u64::from(shards) + 1) * (pages as u64 + 64) + SLACK;
    u32::try_from(spread).unwrap_or(u32::MAX)
}

/// The slots of all types in all shards.
pub(super) struct Bounds {
    shards: u32,
    /// By type and shard: how many pages there are or will be, and the highest that is spoken of.
    pages: Vec<(usize, u32)>,
    /// Pages that waiting spawners will make.
    coming: HashSet<(TypeIndex, u32, u32)>,
}

impl Bounds {
    pub(super) fn new(types: usize, shards: u32) -> Self {
        Bounds {
            shards,
            pages: vec![(0, 0); types * shards as usize],
            coming: HashSet::new(),
        }
    }

    /// Where a type in a shard is, if both exist.
    fn at(&mut self, actor: TypeIndex, shard: u32) -> Option<&mut (usize, u32)> {
        let at = usize::from(actor) * self.shards as usize + shard as usize;
        (shard < self.shards).then(|| self.pages.get_mut(at))?
    }

    /// Notes the pages of a store.
    pub(super) fn has(&mut self, actor: TypeIndex, shard: u32, pages: usize) {
        if let Some((all, _)) = self.at(actor, shard) {
            *all += pages;
        }
    }

    /// Notes that there is talk of a slot. Returns whether an id can have its number.
    pub(super) fn claim(&mut self, actor: TypeIndex, shard: u32, slot: u32) -> bool {
        let end = 1_u64 << (32 - shard_bits(self.shards));
        if let Some((_, highest)) = self.at(actor, shard) {
            *highest = slot.max(*highest);
        }
        u64::from(slot) < end
    }

    /// Notes that a page is made when a spawner has been delivered.
    pub(super) fn will_have(&mut self, actor: TypeIndex, shard: u32, page: u32) {
        if self.coming.insert((actor, shard, page)) {
            self.has(actor, shard, 1);
        }
    }

    /// Adds what others have found in other shards.
    pub(super) fn add(&mut self, other: &Bounds) {
        for (own, other) in self.pages.iter_mut().zip(&other.pages) {
            *own = (own.0 + other.0, own.1.max(other.1));
        }
    }

    /// Whether no slot is further away than it can be.
    pub(super) fn are_kept(&self) -> bool {
        let mut all = self.pages.iter();
        all.all(|&(pages, highest)| highest / PAGE < page_limit(pages, self.shards))
    }
}
