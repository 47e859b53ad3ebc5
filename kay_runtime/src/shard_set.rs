//! A set of shards.

/// A set of shards, of which there are at most 4,096: a bit for each, and above these a bit for
/// each word that is not empty. So shards come out in ascending order, and those that are not in
/// it cost nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShardSet {
    words: Box<[u64]>,
    /// The words that are not empty.
    filled: u64,
}

impl ShardSet {
    /// An empty set of shards below `shards`.
    pub(crate) fn new(shards: usize) -> Self {
        ShardSet {
            words: vec![0; shards.div_ceil(64)].into(),
            filled: 0,
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    #[inline]
    pub(crate) fn insert(&mut self, shard: usize) {
        let word = shard / 64;
        self.words[word] |= 1 << (shard % 64);
        self.filled |= 1 << word;
    }

    /// The one that is in it, if there is no other one.
    #[inline]
    pub(crate) fn only(&self) -> Option<usize> {
        if !self.filled.is_power_of_two() {
            return None;
        }
        let word = self.filled.trailing_zeros() as usize;
        let bits = self.words[word];
        let bit = bits.trailing_zeros() as usize;
        bits.is_power_of_two().then_some(word * 64 + bit)
    }

    /// Takes out the lowest one.
    #[inline]
    pub(crate) fn pop_first(&mut self) -> Option<usize> {
        if self.filled == 0 {
            return None;
        }
        let word = self.filled.trailing_zeros() as usize;
        let bits = &mut self.words[word];
        let bit = bits.trailing_zeros() as usize;
        *bits &= *bits - 1;
        if *bits == 0 {
            self.filled &= self.filled - 1;
        }
        Some(word * 64 + bit)
    }

    /// Moves all of another set to this one.
    pub(crate) fn append(&mut self, other: &mut ShardSet) {
        while other.filled != 0 {
            let word = other.filled.trailing_zeros() as usize;
            self.words[word] |= std::mem::take(&mut other.words[word]);
            self.filled |= 1 << word;
            other.filled &= other.filled - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn is_a_set_in_ascending_order(
            one in prop::collection::vec(0_usize..4096, 0..200),
            two in prop::collection::vec(0_usize..4096, 0..200),
            popped in 0_usize..100,
        ) {
            let mut set = ShardSet::new(4096);
            let mut model: BTreeSet<usize> = one.iter().copied().collect();
            one.iter().for_each(|&shard| set.insert(shard));
            for _ in 0..popped {
                prop_assert_eq!(set.pop_first(), model.pop_first());
            }
            let mut other = ShardSet::new(4096);
            two.iter().for_each(|&shard| other.insert(shard));
            set.append(&mut other);
            prop_assert_eq!(other.pop_first(), None);
            model.extend(two);
            while let Some(shard) = model.pop_first() {
                let only = model.is_empty().then_some(shard);
                prop_assert_eq!(set.only(), only);
                prop_assert_eq!(set.pop_first(), Some(shard));
            }
            prop_assert_eq!((set.only(), set.pop_first()), (None, None));
        }
    }
}
