//! The model of Nagel and Schreckenberg on a ring road, one actor per car, and what theory says
//! about it.

pub mod driver;
pub mod report;

use kay_runtime::{ActorSystem, Rng, Settings, TurnError, World};

use self::driver::{Driver, DriverId, Road};
use crate::Error;

kay_runtime::kay_auto!(ring);

/// The turn in which the cars get there; from then on, each is one of traffic.
pub const BUILDING_TURNS: u64 = 1;

/// A ring road with cars, from outside.
#[derive(Debug)]
pub struct Ring {
    /// The world, for all that is not asked for here.
    pub system: ActorSystem,
    road: Road,
    cars: u32,
}

impl Ring {
    /// A new ring, see [`within`](Ring::within).
    ///
    /// # Errors
    ///
    /// If a setting makes no sense.
    pub fn new(road: Road, density: f64, settings: Settings, seed: u64) -> Result<Self, Error> {
        Ring::within(
            ActorSystem::new(settings, crate::setup)?,
            road,
            density,
            seed,
        )
    }

    /// The ring that is within a system already; or a new one, if nothing is there.
    ///
    /// It has so many cars that their number per cell is nearest to `density`, but at least
    /// one and at most one for each cell.
    ///
    /// The cars start evenly spaced if there is no chance in their rules, which is a state that
    /// they would get to themselves, if slowly: near the density of the highest flow, a jam of a
    /// random start takes time in proportion to the ring to dissolve. They start at random if
    /// there is: an even start is far from what chance makes of it, and better than it.
    ///
    /// # Errors
    ///
    /// If an actor panics, or the inputs cannot be kept.
    pub fn within(
        mut system: ActorSystem,
        road: Road,
        density: f64,
        seed: u64,
    ) -> Result<Self, Error> {
        let cars = ((f64::from(road.cells) * density).round() as u32).clamp(1, road.cells);
        if system.turns() == 0 {
            let start = if road.p == 0.0 {
                even_start(road.cells, cars)
            } else {
                random_start(road.cells, cars, &mut Rng::new(seed))
            };
            place(start, &road, system.world());
        }
        while system.turns() < BUILDING_TURNS {
            system.turn()?;
        }
        Ok(Ring { system, road, cars })
    }

    /// Runs a turn.
    ///
    /// # Errors
    ///
    /// If an actor panics.
    pub fn turn(&mut self) -> Result<(), TurnError> {
        self.system.turn()
    }

    /// Turns of traffic.
    pub fn turns(&self) -> u64 {
        self.system.turns() - BUILDING_TURNS
    }

    /// The number of cars.
    pub fn cars(&self) -> u32 {
        self.cars
    }

    /// Cars per cell.
    pub fn density(&self) -> f64 {
        f64::from(self.cars) / f64::from(self.road.cells)
    }

    /// How many cells all cars have moved in all.
    pub fn moved(&self) -> u64 {
        self.system
            .instances::<Driver>()
            .map(|(_, driver)| driver.moved())
            .sum()
    }

    /// The flow in theory, in cars per cell and turn, in the limit of a long ring and a long time;
    /// `None` where no closed form is known.
    ///
    /// For `vmax` 1: Schreckenberg, Schadschneider, Nagel and Ito, "Discrete stochastic models for
    /// traffic flow", Phys. Rev. E 51 (1995). Without chance: Nagel and Schreckenberg (1992).
    pub fn exact_flow(&self) -> Option<f64> {
        let Road { vmax, p, .. } = self.road;
        let density = self.density();
        let free = 1.0 - density;
        if vmax == 1 {
            Some((1.0 - (1.0 - 4.0 * (1.0 - p) * density * free).sqrt()) / 2.0)
        } else if p == 0.0 {
            Some((f64::from(vmax) * density).min(free))
        } else {
            None
        }
    }
}

/// Spawns a driver in each of these cells, each behind the next.
fn place(cells: Vec<u32>, road: &Road, world: &mut World) {
    let enter = |cell| DriverId::enter(road.clone(), cell, world);
    let drivers: Vec<DriverId> = cells.into_iter().map(enter).collect();
    for (i, driver) in drivers.iter().enumerate() {
        let behind = drivers[(i + drivers.len() - 1) % drivers.len()];
        driver.start(behind, world);
    }
}

/// Cells in ascending order, with distances that differ by at most one.
fn even_start(cells: u32, cars: u32) -> Vec<u32> {
    let cell = |car: u32| u64::from(car) * u64::from(cells) / u64::from(cars);
    (0..cars).map(|car| cell(car) as u32).collect()
}

/// Cells in ascending order, any choice with the same probability (selection sampling: Knuth, The
/// Art of Computer Programming 2, algorithm S).
fn random_start(cells: u32, cars: u32, rng: &mut Rng) -> Vec<u32> {
    let mut left = cars;
    let mut take = |cell: &u32| {
        let taken = rng.below(u64::from(cells - cell)) < u64::from(left);
        left -= u32::from(taken);
        taken
    };
    (0..cells).filter(|cell| take(cell)).collect()
}
