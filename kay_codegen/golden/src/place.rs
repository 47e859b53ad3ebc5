//! An actor trait.

use kay_runtime::World;

kay_auto!(place);

/// Somewhere.
pub trait Place {
    /// Somebody comes.
    fn visit(&mut self, who: u32, world: &mut World);
}
