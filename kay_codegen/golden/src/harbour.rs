//! Blocks of an actor of another module.
#![cfg(feature = "boats")]

use crate::boat::{Boat, BoatId, Floats, Sails};
use kay_runtime::World;

kay_auto!(harbour);

impl Boat {
    /// Ties it up.
    pub fn moor(id: BoatId, _: &mut World) -> Boat {
        Boat::new(id)
    }

    /// Goes out.
    pub fn leave(&mut self, with: Option<BoatId>, world: &mut World) {
        if let Some(with) = with
            && !self.is(with)
        {
            with.leave(None, world);
        }
    }
}

impl Floats for Boat {
    fn rise(&mut self, by: f32, _: &mut World) {
        let _ = by;
    }
}

impl Sails for Boat {}
