//! Slot maps: values that lie dense in chunks, found by keys that never reach a stranger.

mod blocks;
mod chunked;
mod map;
mod table;

pub use chunked::ChunkedVec;
pub use map::{Key, Lookup, SlotMap};

use std::ptr::from_ref;

/// Asks the processor to bring the cache line of `value` closer; does nothing else.
#[inline(always)]
pub(crate) fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch never faults and changes nothing that a program can see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = from_ref(value);
}
