//! Stable names for types and messages.

/// The fingerprint of a path: the same in every build, and for the same text only.
///
/// XXH3 with 64 bits.
pub const fn fingerprint(path: &str) -> u64 {
    xxhash_rust::const_xxh3::xxh3_64(path.as_bytes())
}

/// The fingerprint of a generic item with these type arguments, from that of its path.
///
/// ```
/// use kay_runtime::{combine, fingerprint};
/// let pool = fingerprint("city::Pool");
/// assert_ne!(combine(pool, &[1]), combine(pool, &[2]));
/// assert_ne!(combine(pool, &[1, 2]), combine(pool, &[2, 1]));
/// ```
pub const fn combine(base: u64, arguments: &[u64]) -> u64 {
    let mut combined = base;
    let mut at = 0;
    while at < arguments.len() {
        combined = mix(combined.wrapping_add(0x9E37_79B9_7F4A_7C15) ^ arguments[at]);
        at += 1;
    }
    combined
}

/// A bijection that spreads each bit over the whole word: the output function of SplitMix64
/// (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
#[inline]
pub(crate) const fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}
