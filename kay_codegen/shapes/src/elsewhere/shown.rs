//! A trait in a file of its own.

use kay_runtime::World;

kay_runtime::kay_auto!();

/// Something that honks.
pub trait Honked {
    /// Honks.
    fn honk(&mut self, times: u32, world: &mut World);
}
