//! An index for entries that come from elsewhere.

use super::index::{Index, hash_bits};
use super::{CMap, UNINDEXED};
use crate::CVec;
use crate::compact::portable::{Limit, Limits, Problem, WriteError};
use std::hash::Hash;

/// Why entries are not those of a map.
pub(super) enum Clash {
    KeyTwice,
    TooMany,
    Collisions,
}

const TOO_MANY: &str = "a map has more entries than an index has room for";

impl From<Clash> for Problem {
    fn from(clash: Clash) -> Self {
        match clash {
            Clash::KeyTwice => Problem::KeyTwice,
            Clash::TooMany => Problem::Invalid { why: TOO_MANY },
            Clash::Collisions => Problem::Limit(Limit::Collisions),
        }
    }
}

impl From<Clash> for WriteError {
    fn from(clash: Clash) -> Self {
        match clash {
            Clash::KeyTwice => WriteError::KeyTwice,
            Clash::TooMany => WriteError::Invalid { why: TOO_MANY },
            Clash::Collisions => WriteError::Limit(Limit::Collisions),
        }
    }
}

impl<K: Hash + Eq, V> CMap<K, V> {
    /// Makes a map of entries, of which nothing is known.
    pub(super) fn checked(entries: CVec<(K, V)>, limits: &mut Limits) -> Result<Self, Clash> {
        let index = checked_index(&entries, limits)?;
        Ok(CMap { entries, index })
    }
}

/// Makes the index of entries, if no key is there twice, and if that does not take too long.
pub(super) fn checked_index<K: Hash + Eq, V>(
    entries: &[(K, V)],
    limits: &mut Limits,
) -> Result<Index, Clash> {
    if entries.len() <= UNINDEXED {
        let mut keys = entries.iter().map(|(key, _)| key).enumerate();
        let is_twice = |(at, key)| entries[..at].iter().any(|(other, _)| other == key);
        return if keys.any(is_twice) {
            Err(Clash::KeyTwice)
        } else {
            Ok(Index::new())
        };
    }
    if entries.len() > Index::MOST {
        return Err(Clash::TooMany);
    }
    let mut index = Index::with_capacity(entries.len());
    let mut visited = 0;
    for (at, (key, _)) in entries.iter().enumerate() {
        let bits = hash_bits(key);
        visited += index.visits(bits);
        if visited > limits.visits(at + 1) {
            return Err(Clash::Collisions);
        }
        if index.find(bits, |other| entries[other].0 == *key).is_some() {
            return Err(Clash::KeyTwice);
        }
        index.insert(bits, at);
    }
    limits.visited(entries.len(), visited);
    Ok(index)
}
