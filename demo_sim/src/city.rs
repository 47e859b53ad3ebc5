//! A grid of streets full of cars, and the host that builds and runs it.
//!
//! Streets have a lane in each direction, junctions have traffic lights, and beside each junction
//! is a garage, where trips end and new ones begin.

pub mod car;
pub mod garage;
pub mod junction;
pub mod lane;
pub mod place;
pub mod report;
pub mod statistics;
pub mod trip;

use kay_runtime::{ActorSystem, Settings, TurnError, World};

use self::garage::{Garage, GarageId};
use self::junction::{Axis, ClockId, JunctionId};
use self::lane::{Lane, LaneId};
use self::statistics::{Statistics, StatisticsId};
use self::trip::{Corner, Exits, STREETS};
use crate::Error;

kay_runtime::kay_auto!(city);

/// The length of a lane, in cells.
pub const LANE_CELLS: u16 = 100;
/// The last cell of a lane, from 0.
pub const LAST_CELL: u16 = LANE_CELLS - 1;
/// Cars on a lane in the beginning, at most: 0.08 per cell. The lights let pass about twice the
/// cars that this makes when nobody is delayed, so there are queues but no gridlock.
const CARS_PER_LANE: u64 = 8;
/// The turns that it takes until all cars are there: one spawns the lanes, one the cars.
pub const BUILDING_TURNS: u64 = 2;

/// A city, from outside.
#[derive(Debug)]
pub struct City {
    /// The world, for all that is not asked for here.
    pub system: ActorSystem,
    cars: u64,
    lanes: u64,
}

/// What has been counted since the city was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Turns of traffic.
    pub turns: u64,
    /// Cars that have passed the lights at the end of their lane, on all lanes.
    pub passed: u64,
    /// Speeds that cars have reported.
    pub reports: u64,
    /// Their sum, in cells per turn.
    pub speeds: u64,
    /// Trips that have begun, those of the cars on the road at the beginning included.
    pub begun: u64,
    /// Trips that have ended.
    pub ended: u64,
    /// Cars in garages that want to get out.
    pub waiting: u64,
}

impl City {
    /// A square city for so many cars, all of them on the road.
    ///
    /// # Errors
    ///
    /// If a setting makes no sense.
    pub fn new(cars: u32, settings: Settings) -> Result<Self, Error> {
        City::within(ActorSystem::new(settings, crate::setup)?, cars)
    }

    /// The city that is within a system already; or a new one, if nothing is there.
    ///
    /// # Errors
    ///
    /// If an actor panics, or the inputs cannot be kept.
    pub fn within(mut system: ActorSystem, cars: u32) -> Result<Self, Error> {
        let cars = u64::from(cars);
        let side = side_for(cars);
        if system.turns() == 0 {
            let world = system.world();
            StatisticsId::start(world);
            ClockId::start(world);
            lay_out(cars, side, world);
        }
        while system.turns() < BUILDING_TURNS {
            system.turn()?;
        }
        let lanes = lanes_in(side);
        Ok(City {
            system,
            cars,
            lanes,
        })
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

    /// Lets no more trips begin.
    pub fn close(&mut self) {
        let world = self.system.world();
        GarageId::local_broadcast(world).close(world);
    }

    /// The number of lanes.
    pub fn lanes(&self) -> u64 {
        self.lanes
    }

    /// What has been counted so far. Takes time in proportion to the number of lanes.
    pub fn totals(&self) -> Totals {
        let system = &self.system;
        let mut totals = Totals {
            turns: self.turns(),
            passed: system
                .instances::<Lane>()
                .map(|(_, lane)| lane.passed())
                .sum(),
            begun: self.cars,
            ..Totals::default()
        };
        if let Some((_, statistics)) = system.instances::<Statistics>().next() {
            (totals.reports, totals.speeds) = statistics.totals();
        }
        for (_, garage) in system.instances::<Garage>() {
            totals.begun += garage.begun();
            totals.ended += garage.ended();
            totals.waiting += garage.begun() - garage.departed();
        }
        totals
    }
}

/// Spawns all streets, junctions and garages of a square city, with `cars` on the lanes.
fn lay_out(cars: u64, side: u16, world: &mut World) {
    let lanes = lanes_in(side);
    let corners: Vec<Corner> = (0..side)
        .flat_map(|y| (0..side).map(move |x| Corner { x, y, side }))
        .collect();
    let at = |corner: Corner| usize::from(corner.y) * usize::from(side) + usize::from(corner.x);

    let junctions: Vec<_> = corners.iter().map(|_| JunctionId::build(world)).collect();
    let mut exits: Vec<_> = corners
        .iter()
        .map(|&corner| Exits {
            garage: Some(GarageId::build(corner, world)),
            ..Exits::default()
        })
        .collect();
    let mut ends = Vec::new();
    for &corner in &corners {
        for street in STREETS {
            let Some(end) = corner.neighbour(street) else {
                continue;
            };
            let count = ends.len() as u64;
            let cars_here = cars * (count + 1) / lanes - cars * count / lanes;
            let lane = LaneId::build(end, cars_here as u16, world);
            exits[at(corner)].lanes[street as usize] = Some(lane);
            junctions[at(end)].connect(lane, Axis::of(street), world);
            ends.push((lane, at(end)));
        }
    }
    // Only now is it known where everything leads.
    for exits in &exits {
        if let Some(garage) = exits.garage {
            garage.connect(exits.clone(), world);
        }
    }
    for (lane, end) in ends {
        lane.connect(exits[end].clone(), world);
    }
}

/// Junctions along each side of the smallest square city that has room for so many cars.
fn side_for(cars: u64) -> u16 {
    let has_room = |side: &u16| lanes_in(*side) * CARS_PER_LANE >= cars;
    (2..u16::MAX).find(has_room).unwrap_or(u16::MAX)
}

/// Lanes in a square city: two for each pair of neighbours.
fn lanes_in(side: u16) -> u64 {
    4 * u64::from(side) * (u64::from(side) - 1)
}
