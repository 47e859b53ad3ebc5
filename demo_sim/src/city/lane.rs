//! Lanes.

use kay_runtime::prelude::*;

use super::car::{ASKING_CELL, CarId};
use super::place::{Place, PlaceId};
use super::trip::{Corner, Exit, Exits, Trip};

kay_auto!(city::lane);

/// A lane of [`LANE_CELLS`](super::LANE_CELLS) cells from one junction to the next, with traffic
/// lights at its end.
///
/// It is busy only at its ends: what is between is left to the cars.
#[derive(Compact, Debug)]
pub struct Lane {
    id: LaneId,
    exits: Exits,
    green: bool,
    /// The cars near the end and where they want to go, first car first.
    asking: CVec<Request>,
    /// Whether a car is on its way out.
    leaving: bool,
    /// The cars that want to come in.
    joining: CVec<CarId>,
    /// Whether a car is on its way in.
    entering: bool,
    /// The last car in the lane.
    tail: Option<CarId>,
    passed: u64,
}

/// A car's wish to leave.
#[derive(Compact, Debug)]
struct Request {
    car: CarId,
    exit: Exit,
}

impl Lane {
    /// A lane to the junction at `end`, with `cars` of them on it.
    pub fn build(id: LaneId, end: Corner, cars: u16, world: &mut World) -> Self {
        let mut rng = world.rng();
        let mut tail = None;
        let mut follower = None;
        for i in 0..cars {
            // Each has a stretch of its own, and none is so near the end that it should have
            // asked.
            let stretch = |i: u16| u32::from(i) * u32::from(ASKING_CELL) / u32::from(cars);
            let cell = rng.range(stretch(i)..stretch(i + 1)) as u16;
            let trip = Trip::plan(end, &mut rng);
            let led = i + 1 < cars;
            let car = CarId::on_lane_near(id, id.into(), cell, follower, led, trip, world);
            tail.get_or_insert(car);
            follower = Some(car);
        }
        Lane {
            id,
            exits: Exits::default(),
            green: false,
            asking: CVec::new(),
            leaving: false,
            joining: CVec::new(),
            entering: false,
            tail,
            passed: 0,
        }
    }

    /// What is behind the junction at the end.
    pub fn connect(&mut self, exits: &Exits, _: &mut World) {
        self.exits = exits.clone();
    }

    /// The lights change.
    pub fn signal(&mut self, green: bool, world: &mut World) {
        self.green = green;
        self.let_out(world);
    }

    /// Whether cars may leave. The one that was let out last may leave later, too.
    pub fn is_green(&self) -> bool {
        self.green
    }

    /// How many cars have passed the lights.
    pub fn passed(&self) -> u64 {
        self.passed
    }

    fn let_out(&mut self, world: &mut World) {
        if self.green && !self.leaving && !self.asking.is_empty() {
            let Request { car, exit } = self.asking.remove(0);
            self.leaving = true;
            self.exits.place(exit).admit(car, world);
        }
    }

    fn let_in(&mut self, world: &mut World) {
        if !self.entering && !self.joining.is_empty() {
            let car = self.joining.remove(0);
            self.entering = true;
            let here = PlaceId::from(self.id);
            car.join(here, self.tail.is_some(), world);
            if let Some(tail) = self.tail {
                tail.follow(car, here, world);
            }
        }
    }
}

impl Place for Lane {
    fn ask(&mut self, car: CarId, exit: Exit, world: &mut World) {
        self.asking.push(Request { car, exit });
        self.let_out(world);
    }

    fn admit(&mut self, car: CarId, world: &mut World) {
        self.joining.push(car);
        self.let_in(world);
    }

    fn entered(&mut self, car: CarId, world: &mut World) {
        self.entering = false;
        self.tail = Some(car);
        self.let_in(world);
    }

    fn left(&mut self, car: CarId, world: &mut World) {
        self.leaving = false;
        self.passed += 1;
        if self.tail == Some(car) {
            self.tail = None;
        }
        self.let_out(world);
    }
}
