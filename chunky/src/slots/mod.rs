//! Slot maps: values that lie dense in chunks, found by keys that never reach a stranger.

mod adopt;
mod blocks;
mod chunked;
mod error;
mod kept;
mod map;
mod page;
mod table;

pub use adopt::MapParts;
pub use chunked::ChunkedVec;
pub use error::AdoptError;
pub use kept::{Kept, MapCopy, MapForms, RestoreError};
pub(crate) use map::{Finder, Found};
pub use map::{Key, Lookup, SlotMap};
pub(crate) use page::Slot;
pub use page::SlotPage;
pub(crate) use table::SlotTable;

use std::ptr::from_ref;

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks the processor to bring `value` closer, its first four cache lines at most; does nothing
/// else. Blocks start at a cache line, so values whose size divides one never straddle two.
#[inline(always)]
pub(crate) fn prefetch<T>(value: &T) {
    let start = from_ref(value).cast::<i8>();
    prefetch_line(start);
    if size_of::<T>() == 0 || LINE.is_multiple_of(size_of::<T>()) {
        return;
    }
    for line in 1..4 {
        if line * LINE < size_of::<T>() {
            prefetch_line(start.wrapping_add(line * LINE));
        }
    }
    prefetch_line(start.wrapping_add(size_of::<T>().min(4 * LINE) - 1));
}

/// The same for values side by side.
#[inline]
pub(crate) fn prefetch_all<T>(values: &[T]) {
    let start = values.as_ptr().cast::<i8>();
    let bytes = size_of_val(values).min(4 * LINE);
    (0..bytes)
        .step_by(LINE)
        .for_each(|line| prefetch_line(start.wrapping_add(line)));
}

#[inline(always)]
pub(crate) fn prefetch_line(at: *const i8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch never faults and changes nothing that a program can see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
