//! The struct, with one of its blocks.

use kay_runtime::{Compact, World, kay_auto};

kay_auto!();

/// A vehicle.
#[derive(Compact)]
pub struct Vehicle {
    id: VehicleId,
    pub(super) wheels: u32,
    pub(super) fuel: u32,
    pub(super) honks: u32,
}

impl Vehicle {
    /// Makes one.
    pub fn spawn(id: VehicleId, wheels: u32, _: &mut World) -> Self {
        Self {
            id,
            wheels,
            fuel: 0,
            honks: 0,
        }
    }
}
