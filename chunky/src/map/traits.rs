//! The traits that people expect of a map, [`Compact`], and iteration.

use super::checked::checked_index;
use super::{CMap, IntoIter, Iter, IterMut};
use crate::CVec;
use crate::compact::portable::{ReadError, Reader, Writer};
use crate::compact::raw::{Describe, Layouts, TypeNumber};
use crate::compact::{Compact, name_hash, with_argument};
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops;

impl<K, V> CMap<K, V> {
    /// The keys and values in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter(self.entries.iter())
    }

    /// The keys in order, and the values to change.
    #[must_use]
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        IterMut(self.entries.iter_mut())
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values in the order of their keys, to change.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

/// The order of the entries is part of the state: it shows in iteration.
impl<K: Compact + Hash + Eq, V: Compact> Compact for CMap<K, V> {
    const NAME_HASH: u64 = with_argument(
        with_argument(name_hash("chunky::CMap"), K::NAME_HASH),
        V::NAME_HASH,
    );

    fn duplicate(&self) -> Self {
        CMap {
            entries: self.entries.duplicate(),
            index: self.index.clone(),
        }
    }

    #[inline]
    fn prefetch(&self) {
        self.entries.prefetch();
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        self.entries.hash_state(hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self
            .iter()
            .map(|(key, value)| (key.described(), value.described()));
        f.debug_map().entries(entries).finish()
    }

    fn write(&self, to: &mut Writer) {
        self.entries.write(to);
        // Whoever reads it has to make an index, which must not take too long.
        if let Err(clash) = checked_index(&self.entries, to.limits()) {
            to.fail(clash.into());
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        let offset = from.offset();
        let entries = CVec::read(from)?;
        CMap::checked(entries, from.limits()).map_err(|clash| ReadError::new(offset, clash.into()))
    }

    /// In portable form: so that who writes it sees that an index can be made.
    fn layout(to: &mut Layouts) -> TypeNumber {
        let entry: &[(&str, Describe)] = &[("key", Layouts::of::<K>), ("value", Layouts::of::<V>)];
        to.beside::<Self>("chunky::CMap", &[("entry", entry)])
    }
}

impl<K, V> Default for CMap<K, V> {
    fn default() -> Self {
        CMap::new()
    }
}

impl<K: Clone, V: Clone> Clone for CMap<K, V> {
    fn clone(&self) -> Self {
        CMap {
            entries: self.entries.clone(),
            index: self.index.clone(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for CMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Two maps are equal if they have the same keys with equal values, in any order.
impl<K: Hash + Eq, V: PartialEq> PartialEq for CMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .all(|(key, value)| other.get(key).is_some_and(|found| found == value))
    }
}

impl<K: Hash + Eq, V: Eq> Eq for CMap<K, V> {}

/// Panics if the key is not in the map.
impl<K: Hash + Eq + Borrow<Q>, V, Q: Hash + Eq + ?Sized> ops::Index<&Q> for CMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("the key is not in the map")
    }
}

impl<K: Hash + Eq, V> Extend<(K, V)> for CMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| {
            self.insert(key, value);
        });
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for CMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = CMap::new();
        map.extend(entries);
        map
    }
}

impl<K: Hash + Eq, V, const N: usize> From<[(K, V); N]> for CMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K, V> IntoIterator for CMap<K, V> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        IntoIter(self.entries.into_iter())
    }
}

impl<'a, K, V> IntoIterator for &'a CMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V> IntoIterator for &'a mut CMap<K, V> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}
