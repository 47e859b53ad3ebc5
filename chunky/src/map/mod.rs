//! The hash map.

mod checked;
mod index;
mod iterate;
mod traits;

pub use iterate::{IntoIter, Iter, IterMut};

use crate::CVec;
use index::{Index, hash_bits};
use std::borrow::Borrow;
use std::hash::Hash;

/// Up to so many entries a map has no index: comparing them all is as fast.
const UNINDEXED: usize = 8;

/// A hash map in insertion order, like `IndexMap`, whose storage comes from the current
/// [`Arena`](crate::Arena).
///
/// The entries lie side by side in the order in which they were inserted; an index of their hashes
/// finds them. So the order of iteration follows from the operations alone, never from hashes, and
/// is the same in every run and on every platform. **Removal moves the last entry to the place of
/// the removed one**; [`retain`](CMap::retain) keeps the order. Look-up, insertion and removal
/// are O(1) on average.
///
/// It takes 32 bytes, and no storage while it is empty; a map of up to 8 entries has no index. The
/// hash function is fast and has a fixed seed: who may choose all keys can make the map slow. As
/// with any hash map, a key whose `Hash` or `Eq` changes while it is in the map is not found again,
/// and nothing worse happens.
///
/// ```
/// use chunky::{CMap, CString};
///
/// let mut limits: CMap<CString, u32> = CMap::new();
/// limits.insert("Elm Street".into(), 30);
/// limits.insert("A 40".into(), 120);
/// *limits.get_or_insert_with("A 40".into(), || 0) += 10;
/// assert_eq!(limits["A 40"], 130);
/// assert_eq!(limits.keys().map(|name| &**name).collect::<Vec<_>>(), ["Elm Street", "A 40"]);
/// ```
pub struct CMap<K, V> {
    entries: CVec<(K, V)>,
    /// Either empty, or one slot for each entry. It is empty up to `UNINDEXED` entries, and when
    /// it could not be kept up to date; then look-ups compare all keys.
    index: Index,
}

impl<K, V> CMap<K, V> {
    /// Makes an empty map, without storage.
    #[must_use]
    pub const fn new() -> Self {
        CMap {
            entries: CVec::new(),
            index: Index::new(),
        }
    }

    /// Makes an empty map with room for at least `capacity` entries.
    ///
    /// # Panics
    ///
    /// As [`CVec::with_capacity`] does.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        CMap {
            entries: CVec::with_capacity(capacity),
            index: Index::new(),
        }
    }

    /// The number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order.
    #[must_use]
    pub fn as_slice(&self) -> &[(K, V)] {
        &self.entries
    }

    /// Removes all entries and keeps the storage.
    pub fn clear(&mut self) {
        self.index.clear();
        self.entries.clear();
    }
}

impl<K: Hash + Eq, V> CMap<K, V> {
    /// The position of a key among the entries, as [`as_slice`](CMap::as_slice) has them.
    pub fn position<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<usize>
    where
        K: Borrow<Q>,
    {
        self.locate(key).ok()
    }

    /// The position of a key; or else its hash bits, if they were needed to know that it has none.
    fn locate<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Result<usize, Option<u32>>
    where
        K: Borrow<Q>,
    {
        if self.index.is_empty() {
            return self
                .entries
                .iter()
                .position(|(k, _)| k.borrow() == key)
                .ok_or(None);
        }
        let bits = hash_bits(key);
        let is_it = |at| {
            self.entries
                .get(at)
                .is_some_and(|(k, _): &(K, V)| k.borrow() == key)
        };
        self.index.find(bits, is_it).ok_or(Some(bits))
    }

    /// The value of a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// The value of a key, to change.
    pub fn get_mut<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key)?;
        Some(&mut self.entries[at].1)
    }

    /// The key as it is in the map, and its value.
    pub fn get_key_value<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (key, value) = &self.entries[self.position(key)?];
        Some((key, value))
    }

    /// Whether the map has a key.
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.position(key).is_some()
    }

    /// Gives a key a value, and returns the value that it had. A key that was in the map keeps its
    /// place.
    ///
    /// # Panics
    ///
    /// If there are `u32::MAX - 1` entries.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.locate(&key) {
            Ok(at) => {
                // Before the old value leaves: should this panic, the value is still in the map.
                drop(key);
                Some(std::mem::replace(&mut self.entries[at].1, value))
            }
            Err(bits) => {
                self.add(bits, key, value);
                None
            }
        }
    }

    /// The value of a key, which is inserted with the value that `make` returns if it is not in
    /// the map.
    ///
    /// # Panics
    ///
    /// If there are `u32::MAX - 1` entries.
    pub fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = self.locate(&key).unwrap_or_else(|bits| {
            self.add(bits, key, make());
            self.entries.len() - 1
        });
        &mut self.entries[at].1
    }

    /// Appends an entry whose key is not in the map.
    fn add(&mut self, bits: Option<u32>, key: K, value: V) {
        // What may panic comes first: room for the entry, hashes, room in the index.
        self.entries.reserve(1);
        let at = self.entries.len();
        if self.index.is_empty() && at >= UNINDEXED {
            self.index = self.indexed(1);
        }
        if !self.index.is_empty() {
            self.index
                .insert(bits.unwrap_or_else(|| hash_bits(&key)), at);
        }
        self.entries.push((key, value));
    }

    /// Removes a key and returns its value. The last entry moves to its place.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (key, value) = self.remove_entry(key)?;
        // Not at the end of the function: should this panic, a value to be returned would leak.
        drop(key);
        Some(value)
    }

    /// Removes a key and returns it and its value. The last entry moves to its place.
    pub fn remove_entry<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        let at = self.position(key)?;
        if !self.index.is_empty() {
            let last = self.entries.len() - 1;
            let last_bits = hash_bits(&self.entries[last].0);
            if !self
                .index
                .swap_remove((hash_bits(key), at), (last_bits, last))
            {
                // A key has changed its hash.
                self.index = Index::new();
            }
        }
        Some(self.entries.swap_remove(at))
    }

    /// Keeps the entries for which `keep` is true, in their order. O(length).
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        // Without an index the map is valid at any time, whatever panics.
        self.index = Index::new();
        self.entries.retain_mut(|(key, value)| keep(key, value));
        if self.entries.len() > UNINDEXED {
            self.index = self.indexed(0);
        }
    }

    /// Makes an index of all entries, with room for `additional` more.
    fn indexed(&self, additional: usize) -> Index {
        let mut index = Index::with_capacity(self.entries.len() + additional);
        for (at, (key, _)) in self.entries.iter().enumerate() {
            index.insert(hash_bits(key), at);
        }
        index
    }
}
