//! Random numbers that depend on nothing but seed, turn and instance.

use std::ops::Range;

use crate::fingerprint::mix;

/// A stream of random numbers, from [`World::rng`](crate::World::rng).
///
/// Counter-based: number `n` of a stream is a function of the stream's key and `n` alone
/// (SplitMix64: Steele, Lea and Flood 2014). The key is a function of the seed, the turn, the
/// instance, and how many streams this instance had before, so what one actor draws changes
/// nothing for another, and the numbers are the same on any number of threads. The numbers of a
/// key never change between versions. Not for cryptography.
///
/// ```
/// # use kay_runtime::Rng;
/// let mut rng = Rng::new(7);
/// let die = rng.range(1..7);
/// assert!((1..7).contains(&die));
/// ```
#[derive(Clone, Debug)]
pub struct Rng {
    state: u64,
}

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// The distance between two streams. No small multiple of it is near one of [`GAMMA`].
const STREAM_STEP: u64 = 0xD1B5_4A32_D192_ED03;

/// Numbers that [`Rng::unit`] can be.
const UNITS: f64 = (1_u64 << 53) as f64;

/// What stands for a turn in [`Rng::keyed`].
pub(crate) fn turn_key(seed: u64, turn: u64) -> u64 {
    mix(mix(seed.wrapping_add(GAMMA)) ^ turn.wrapping_mul(GAMMA))
}

impl Rng {
    /// The stream with this key.
    #[inline]
    pub fn new(key: u64) -> Self {
        Rng { state: key }
    }

    /// The stream number `stream` of `owner`, in the turn that `turn_key` stands for.
    ///
    /// A single mix, since this is called for each of a million instances. The streams of an
    /// owner are parts of one sequence, so far from each other that they never meet.
    #[inline]
    pub(crate) fn keyed(turn_key: u64, owner: u64, stream: u64) -> Self {
        let start = mix(turn_key ^ owner);
        Rng::new(start.wrapping_add(stream.wrapping_mul(STREAM_STEP)))
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// An integer in `0..bound`, all equally likely; 0 if `bound` is 0.
    ///
    /// Multiply-shift without rejection (Lemire 2019): the bias is below `bound / 2^64`.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// An integer in `range`, all equally likely; its start if it is empty.
    #[inline]
    pub fn range(&mut self, range: Range<u32>) -> u32 {
        range.start + self.below(u64::from(range.end.saturating_sub(range.start))) as u32
    }

    /// A number in `0.0..1.0`, a multiple of 2^-53.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / UNITS)
    }

    /// `true` with this probability; never for 0 or less, always for 1 or more.
    #[inline]
    pub fn chance(&mut self, probability: f64) -> bool {
        // `unit() < probability`, exactly, with the product where it is as good as always a constant.
        ((self.bits() >> 11) as f64) < probability * UNITS
    }
}
