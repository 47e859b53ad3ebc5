//! The cars on the ring.

use kay_runtime::prelude::*;

use crate::rule::next_speed;

kay_auto!(ring::driver);

/// What is the same for all cars.
#[derive(Clone, Compact, Debug, PartialEq)]
pub struct Road {
    /// Cells around the ring.
    pub cells: u32,
    /// The highest speed, in cells per turn.
    pub vmax: u8,
    /// The probability to dawdle, per turn.
    pub p: f64,
}

/// A car on a ring road. It knows its own state, and of the car ahead what that one says.
#[derive(Compact, Debug)]
pub struct Driver {
    id: DriverId,
    road: Road,
    /// The car behind: this one itself, if it is alone.
    follower: DriverId,
    cell: u32,
    speed: u8,
    moved: u64,
}

impl Driver {
    /// A car that stands in `cell`, and knows of nobody.
    pub fn enter(id: DriverId, road: Road, cell: u32, _: &mut World) -> Self {
        Driver {
            id,
            road,
            follower: id,
            cell,
            speed: 0,
            moved: 0,
        }
    }

    /// `follower` is behind this car; it can move from the next turn on.
    pub fn start(&mut self, follower: DriverId, world: &mut World) {
        self.follower = follower;
        follower.drive(self.cell, world);
    }

    /// From the car ahead: it was in cell `ahead` after the last turn.
    pub fn drive(&mut self, ahead: u32, world: &mut World) {
        let Road { cells, vmax, p } = self.road;
        // Alone, the car sees itself a whole round ahead.
        let distance = if ahead > self.cell {
            ahead - self.cell
        } else {
            ahead + cells - self.cell
        };
        self.speed = next_speed(self.speed, distance - 1, vmax, p, world);
        self.cell = (self.cell + u32::from(self.speed)) % cells;
        self.moved += u64::from(self.speed);
        self.follower.drive(self.cell, world);
    }

    /// The cell where it is.
    pub fn cell(&self) -> u32 {
        self.cell
    }

    /// How many cells it has moved in all.
    pub fn moved(&self) -> u64 {
        self.moved
    }
}
