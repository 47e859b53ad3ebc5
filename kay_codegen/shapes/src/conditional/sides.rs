//! One module path with two files, of which one is compiled.

#[cfg_attr(feature = "left", path = "left.rs")]
#[cfg_attr(not(feature = "left"), path = "right.rs")]
mod hand;

pub use hand::{Side, SideId, WHICH};

kay_runtime::kay_auto!();
