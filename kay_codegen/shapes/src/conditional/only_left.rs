//! A module that is not compiled by default, with a block of an actor that is.

use super::Switch;
use kay_runtime::World;

kay_runtime::kay_auto!();

impl Switch {
    /// A handler that is there with its module.
    pub fn in_the_left_module(&mut self, _: &mut World) {}
}
