//! The city, and what comes from outside.

use demo_sim::Error;
use demo_sim::city::City;
use demo_sim::city::car::CarId;
use demo_sim::city::garage::{Garage, GarageId};
use demo_sim::city::lane::{Lane, LaneId};
use demo_sim::city::trip::{Corner, Trip};
use kay_runtime::{ActorSystem, Rng, Settings};

/// A city that somebody meddles with in most turns.
pub struct Town {
    /// The city.
    pub city: City,
    garages: Vec<(GarageId, Corner)>,
    lanes: Vec<LaneId>,
    seed: u64,
}

impl Town {
    /// How the world is set up, but for what changes no result.
    pub fn settings(seed: u64) -> Settings {
        Settings::default().shards(16).seed(seed)
    }

    /// The city in a world, built if it is not there.
    pub fn within(system: ActorSystem, cars: u32, seed: u64) -> Result<Self, Error> {
        let city = City::within(system, cars)?;
        let system = &city.system;
        let garages = system.instances::<Garage>();
        let mut garages: Vec<_> = garages
            .map(|(id, garage)| (GarageId::from(id), garage.corner()))
            .collect();
        let lanes = system.instances::<Lane>();
        let mut lanes: Vec<_> = lanes.map(|(id, _)| LaneId::from(id)).collect();
        garages.sort_unstable_by_key(|&(id, _)| id);
        lanes.sort_unstable();
        Ok(Town {
            city,
            garages,
            lanes,
            seed,
        })
    }

    /// The number of turns that have run.
    pub fn turns(&self) -> u64 {
        self.city.system.turns()
    }

    /// Runs a turn with what is to come from outside in it.
    pub fn turn(&mut self) -> Result<(), Error> {
        self.meddle();
        Ok(self.city.turn()?)
    }

    fn meddle(&mut self) {
        let (meddles, mut rng) = chance(self.seed, self.turns() + 1);
        if !meddles {
            return;
        }
        let world = self.city.system.world();
        for _ in 0..=rng.below(4) {
            let (garage, corner) = self.garages[rng.below(self.garages.len() as u64) as usize];
            let lane = self.lanes[rng.below(self.lanes.len() as u64) as usize];
            let green = rng.chance(0.5);
            match rng.below(200) {
                0 => garage.close(world),
                1..20 => LaneId::local_broadcast(world).signal(green, world),
                20..80 => lane.signal(green, world),
                _ => {
                    // The host's own random numbers have to come back, too.
                    let trip = Trip::plan(corner, &mut world.rng());
                    CarId::in_garage(garage.into(), trip, world);
                }
            }
        }
    }
}

/// Whether something comes from outside before turn number `turn`.
pub fn is_meddled_with(seed: u64, turn: u64) -> bool {
    chance(seed, turn).0
}

/// The same, and the random numbers for what that is.
fn chance(seed: u64, turn: u64) -> (bool, Rng) {
    let mut rng = Rng::new(seed.wrapping_add(turn));
    (rng.chance(0.9), rng)
}
