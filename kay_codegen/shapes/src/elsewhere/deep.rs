//! Blocks in a private module that the struct's module cannot name.

use super::shown::Honked;
use super::{Vehicle, VehicleId};
use kay_runtime::World;

/// A type that only this module knows: the message is generated where it means something.
type Distance = u32;

kay_runtime::kay_auto!();

impl Vehicle {
    /// Drives.
    pub fn drive(&mut self, distance: Distance, _: &mut World) {
        self.fuel = self.fuel.saturating_sub(distance);
    }
}

impl crate::elsewhere::Vehicle {
    /// A spawner in another module.
    pub fn inherit(id: VehicleId, wheels: u32, world: &mut World) -> Vehicle {
        Self::spawn(id, wheels, world)
    }
}

impl Honked for Vehicle {
    fn honk(&mut self, times: u32, _: &mut World) {
        self.honks += times;
    }
}
