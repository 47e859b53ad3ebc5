//! What readers and writers count.

use super::Limit;

/// How many levels deep a value may be: each [`CVec`](crate::CVec), [`CMap`](crate::CMap),
/// [`CString`](crate::CString) and [`CBox`](crate::CBox) within another is a level, and large
/// elements count as more, by [`LEVEL_BYTES`].
///
/// To read a level takes up to a kilobyte of a stack in a build without optimisations; for large
/// types up to twenty times their size, for enums some times the size of all variants together. So
/// all levels take less than half of the 2 MiB that threads usually have.
pub const LEVELS: u32 = 64;

/// For each so many bytes of the size of its elements, a collection counts as one more level.
pub const LEVEL_BYTES: usize = 1024;

/// How many elements of collections may take no bytes: each would cost time and, if it has a size,
/// memory, and four bytes could claim billions of them.
pub const EMPTY: u32 = 1 << 16;

/// How many times more than usual slots of hash tables may be visited to put keys into maps.
///
/// Whoever knows the hash function can choose keys that collide. A map of a million such keys
/// takes minutes to build. Other keys visit three slots each on average, and 64 are usual here.
pub const COLLISIONS: u32 = 1 << 16;

/// The usual number of slots that are visited for a key.
const VISITS: usize = 64;

/// What is left of each limit.
#[derive(Debug)]
pub(crate) struct Limits {
    levels: u32,
    empty: u32,
    collisions: usize,
}

impl Limits {
    pub(crate) const fn new() -> Self {
        Limits {
            levels: LEVELS,
            empty: EMPTY,
            collisions: COLLISIONS as usize,
        }
    }

    /// Goes down into a collection with elements of a size.
    pub(crate) fn enter(&mut self, size: usize) -> Result<(), Limit> {
        let left = self.levels.checked_sub(levels(size));
        self.levels = left.ok_or(Limit::Levels)?;
        Ok(())
    }

    /// Comes up again.
    pub(crate) fn leave(&mut self, size: usize) {
        self.levels = self.levels.saturating_add(levels(size)).min(LEVELS);
    }

    /// Counts an element that took no bytes.
    pub(super) fn empty(&mut self) -> Result<(), Limit> {
        self.empty = self.empty.checked_sub(1).ok_or(Limit::Empty)?;
        Ok(())
    }

    /// How many slots may be visited for a map's first `keys` keys.
    pub(crate) fn visits(&self, keys: usize) -> usize {
        keys.saturating_mul(VISITS).saturating_add(self.collisions)
    }

    /// Counts the slots that were visited for all of a map's keys.
    pub(crate) fn visited(&mut self, keys: usize, slots: usize) {
        self.collisions = self.visits(keys).saturating_sub(slots).min(self.collisions);
    }
}

/// As how many levels a collection with elements of a size counts.
fn levels(size: usize) -> u32 {
    u32::try_from(size / LEVEL_BYTES)
        .unwrap_or(u32::MAX)
        .saturating_add(1)
}
