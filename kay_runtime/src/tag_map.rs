//! A small map from fingerprints to indices.

/// Maps keys (fingerprints, and their low halves) to indices that are not 0.
///
/// Open addressing with linear probing, at most a quarter full.
#[derive(Debug)]
pub(crate) struct TagMap<K> {
    /// As many as a power of two.
    places: Box<[Place<K>]>,
    len: usize,
}

#[derive(Clone, Copy, Debug)]
struct Place<K> {
    key: K,
    /// 0 where nothing is.
    index: u32,
}

/// Multiples of it, 2^64 divided by the golden ratio, spread all bits to the upper half.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl<K: Copy + Eq + Default + Into<u64>> TagMap<K> {
    pub(crate) fn new() -> Self {
        Self::empty(8)
    }

    fn empty(places: usize) -> Self {
        let (key, index) = (K::default(), 0);
        TagMap {
            places: vec![Place { key, index }; places].into_boxed_slice(),
            len: 0,
        }
    }

    /// Where `key` should be.
    #[inline(always)]
    fn home(&self, key: K) -> usize {
        (key.into().wrapping_mul(GOLDEN) >> 32) as usize & (self.places.len() - 1)
    }

    /// The index of `key`, or 0.
    pub(crate) fn get(&self, key: K) -> u32 {
        self.places[self.find(key)].index
    }

    /// Where `key` is, or else where it can go.
    fn find(&self, key: K) -> usize {
        let mut at = self.home(key);
        while self.places[at].index != 0 && self.places[at].key != key {
            at = (at + 1) & (self.places.len() - 1);
        }
        at
    }

    /// Inserts an `index`, or returns the one that `key` has already.
    pub(crate) fn insert(&mut self, key: K, index: u32) -> Result<(), u32> {
        debug_assert!(index > 0, "0 says that there is nothing");
        let found = self.get(key);
        if found > 0 {
            return Err(found);
        }
        if (self.len + 1) * 4 > self.places.len() {
            *self = self.rebuilt(self.places.len() * 2);
        }
        let at = self.find(key);
        self.places[at] = Place { key, index };
        self.len += 1;
        Ok(())
    }

    fn rebuilt(&self, places: usize) -> Self {
        let mut other = Self::empty(places);
        other.len = self.len;
        for &place in self.places.iter().filter(|place| place.index > 0) {
            let at = other.find(place.key);
            other.places[at] = place;
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(keys: &[u32]) -> TagMap<u32> {
        let mut map = TagMap::new();
        for (index, &key) in (1..).zip(keys) {
            assert_eq!(map.insert(key, index), Ok(()));
            assert_eq!(map.insert(key, 999), Err(index));
        }
        map
    }

    #[test]
    fn all_are_found_even_where_many_want_one_place() {
        let keys: Vec<u32> = (0..5000).map(|at| (at << 12) | (at % 3)).collect();
        let map = filled(&keys);
        for (index, &key) in (1..).zip(&keys) {
            assert_eq!(map.get(key), index);
        }
        assert_eq!(map.get(7), 0, "what was never inserted is not there");
    }

    #[test]
    fn a_key_of_zero_is_not_there_unasked() {
        assert_eq!(filled(&[5]).get(0), 0);
        assert_eq!(filled(&[5, 0]).get(0), 2);
    }
}
