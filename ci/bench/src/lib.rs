//! What the benchmarks measure: actors of kay, and the same work written by hand.

pub mod actors;
pub mod by_hand;
pub mod measure;
pub mod paths;
pub mod suite;

kay_runtime::kay_auto!();
