//! The hash of a world's state.

/// XXH3. [`Compact::hash_state`](chunky::Compact::hash_state) gives it the same bytes on every
/// platform and in every build.
pub(crate) type StateHasher = xxhash_rust::xxh3::Xxh3Default;
