//! Messages to many small actors, in the order of their addresses.

use kay_runtime::{CVec, Compact, World};

kay_runtime::kay_auto!(actors::address_order);

/// Has 16 bytes.
#[derive(Compact)]
pub struct Small {
    id: SmallId,
    /// What was added.
    pub sum: u64,
}

impl Small {
    /// A sum of 0.
    pub fn spawn(id: SmallId, _: &mut World) -> Small {
        Small { id, sum: 0 }
    }

    /// Adds.
    pub fn add(&mut self, amount: u64, _: &mut World) {
        self.sum += amount;
    }
}

/// Sends a message to each of some small actors.
#[derive(Compact)]
pub struct Driver {
    id: DriverId,
    driven: CVec<SmallId>,
}

impl Driver {
    /// A driver of these.
    pub fn spawn(id: DriverId, driven: CVec<SmallId>, _: &mut World) -> Driver {
        Driver { id, driven }
    }

    /// Sends a message to each now, and in the next turns, in `rounds` of them.
    pub fn drive(&mut self, rounds: u32, world: &mut World) {
        for small in &self.driven {
            small.add(1, world);
        }
        if rounds > 1 {
            self.id.drive(rounds - 1, world);
        }
    }
}
