//! What the targets in `bin` have in common.
#![forbid(unsafe_code)]

pub mod files;
pub mod mutate;
pub mod older;
pub mod town;
pub mod values;
pub mod world;

kay_runtime::kay_auto!();

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts an input, and now and then says how many there were, and how many were what they should be.
pub fn count(is_good: bool) {
    static ALL: AtomicU64 = AtomicU64::new(0);
    static GOOD: AtomicU64 = AtomicU64::new(0);
    let all = ALL.fetch_add(1, Ordering::Relaxed) + 1;
    let good = GOOD.fetch_add(is_good.into(), Ordering::Relaxed) + u64::from(is_good);
    if all.is_multiple_of(1 << 12) {
        eprintln!("of {all} inputs, {good} were taken");
    }
}
