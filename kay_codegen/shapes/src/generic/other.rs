//! Blocks of a generic actor in another file, with a bound that its own file does not know.

use super::{Pool, Tank, Weight as Heavy};
use kay_runtime::prelude::*;
use std::fmt::Debug;

kay_auto!();

/// Something that can be emptied.
pub trait Emptied {
    /// Empties it.
    fn empty(&mut self, world: &mut World);

    /// Whether it is empty.
    fn is_empty(&self) -> bool;
}

// The actor `Tank` asks for all that its blocks ask for, here under other names.
impl<X: Compact + Debug> Tank<X>
where
    for<'a> &'a X: Debug,
{
    /// Writes down what it holds.
    pub fn label(&mut self, _: &mut World) {
        self.label = format!("{:?} {:?}", self.item, &self.item).as_str().into();
    }
}

impl<X: Heavy + Compact> Emptied for Pool<X> {
    fn empty(&mut self, world: &mut World) {
        self.clear(world);
    }

    fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
