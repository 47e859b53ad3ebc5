//! The cars: a million of them, so every byte and every nanosecond here counts.

use kay_runtime::prelude::*;

use super::place::PlaceId;
use super::statistics::StatisticsId;
use super::trip::Trip;
use super::{LANE_CELLS, LAST_CELL};
use crate::rule::next_speed;

kay_auto!(city::car);

/// The highest speed, in cells per turn.
const SPEED_LIMIT: u8 = 2;
/// The probability to dawdle, per turn.
const DAWDLE: f64 = 0.1;
/// From this cell on, a car asks for the way out. To be admitted takes four turns, at full speed
/// eight cells.
pub const ASKING_CELL: u16 = LANE_CELLS - 10;
/// A car reports its speed every so many turns. A prime, so that index and turn mix well.
pub const TURNS_PER_REPORT: u64 = 61;

/// What a car with nobody ahead tells itself, so that it goes on.
pub const STILL_NOBODY: u16 = u16::MAX;

/// A car on its trip.
///
/// Cars know each other by messages only: in each turn, each tells the car behind it where it is,
/// as one sees the tail lights ahead, and this makes that car *step*. So a car moves once a turn,
/// and a whole lane moves at once, by what was the state one turn ago. A car with nobody ahead
/// sends itself that message. It is one kind of message for both, because messages of a kind that
/// follow each other are handled fastest.
#[derive(Compact, Debug)]
pub struct Car {
    id: CarId,
    /// Who drives behind this car, or will, having been told to join this lane.
    follower: Option<CarId>,
    /// Where this car is.
    here: PlaceId,
    /// Where it will be next, once it is admitted.
    next: Option<PlaceId>,
    trip: Trip,
    /// Cells from the beginning of the lane.
    cell: u16,
    /// Cells moved in the last step.
    speed: u8,
    /// The lowest byte of the turn of the last step.
    stepped: u8,
    phase: Phase,
    /// Whether there is a car ahead that will make this one step.
    led: bool,
}

const _: () = assert!(
    size_of::<Car>() <= 48,
    "a million cars fill the cache soon enough"
);

/// How far a car is on its way out of a place.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
enum Phase {
    /// Not near the end yet.
    Driving,
    /// Has asked for the way out.
    Asked,
    /// May drive on into the next place.
    Admitted,
    /// At the end of its trip.
    Parked,
}

impl Car {
    /// A car on a lane, between `follower` and, if it is `led`, another car ahead.
    pub fn on_lane(
        id: CarId,
        here: PlaceId,
        cell: u16,
        follower: Option<CarId>,
        led: bool,
        trip: Trip,
        world: &mut World,
    ) -> Self {
        if let Some(follower) = follower {
            follower.drive(cell, world);
        }
        if !led {
            id.drive(STILL_NOBODY, world);
        }
        let stepped = world.turn() as u8;
        Car {
            id,
            follower,
            here,
            next: None,
            trip,
            cell,
            speed: 0,
            stepped,
            phase: Phase::Driving,
            led,
        }
    }

    /// A car in a garage that begins a trip. For the car, a garage is a lane with one cell left.
    pub fn in_garage(id: CarId, here: PlaceId, trip: Trip, world: &mut World) -> Self {
        Car::on_lane(id, here, LAST_CELL, None, false, trip, world)
    }

    /// From the car ahead: it is in the cell `ahead`. [`LANE_CELLS`] means that it has left the
    /// lane and that nobody else is ahead; [`STILL_NOBODY`] is from the car itself.
    pub fn drive(&mut self, ahead: u16, world: &mut World) {
        let sight = if ahead != STILL_NOBODY {
            self.led = ahead < LANE_CELLS;
            self.sight(ahead)
        } else if self.phase == Phase::Parked || self.has_stepped(world) {
            return;
        } else if self.led {
            // It was told in this turn to join others, and knows nothing of them yet.
            LANE_CELLS
        } else {
            self.sight(LANE_CELLS)
        };
        self.step(sight, world);
        if !self.led {
            self.id.drive(STILL_NOBODY, world);
        }
    }

    /// From the next place: drive in. If `led`, the last car there will say where it is.
    pub fn join(&mut self, place: PlaceId, led: bool, _: &mut World) {
        self.next = Some(place);
        self.phase = Phase::Admitted;
        self.led = led;
    }

    /// From `place`: this is its last car, so `follower` will come in behind it.
    pub fn follow(&mut self, follower: CarId, place: PlaceId, world: &mut World) {
        if place != self.here {
            // The place did not know yet that this car has left.
            follower.drive(LANE_CELLS, world);
            return;
        }
        self.follower = Some(follower);
        if self.has_stepped(world) {
            follower.drive(self.cell, world);
        }
    }

    /// From the garage: the trip is over. The lane behind may not have known for a turn that this
    /// car has left, so it is a good address for one more turn.
    pub fn park(&mut self, world: &mut World) {
        self.phase = Phase::Parked;
        self.id.vanish(world);
    }

    /// From the car itself: nobody knows it any more.
    pub fn vanish(&mut self, _: &mut World) -> Fate {
        Fate::Die
    }

    /// The place where the car is.
    pub fn here(&self) -> PlaceId {
        self.here
    }

    /// The car behind, as far as this one knows.
    pub fn follower(&self) -> Option<CarId> {
        self.follower
    }

    /// Its cell, from the beginning of the place.
    pub fn cell(&self) -> u16 {
        self.cell
    }

    /// The first cell that is taken, or not known to be free, in cells of this place.
    fn sight(&self, ahead: u16) -> u16 {
        if self.phase == Phase::Admitted {
            ahead + LANE_CELLS
        } else {
            ahead
        }
    }

    fn has_stepped(&self, world: &World) -> bool {
        self.stepped == world.turn() as u8
    }

    /// Moves, unless it was done in this turn already. A change of leaders can bring a car two
    /// messages in one turn.
    fn step(&mut self, sight: u16, world: &mut World) {
        if self.has_stepped(world) {
            return;
        }
        self.stepped = world.turn() as u8;
        let gap = u32::from(sight - self.cell - 1);
        self.speed = next_speed(self.speed, gap, SPEED_LIMIT, DAWDLE, world);
        self.cell += u16::from(self.speed);
        if self.cell >= LANE_CELLS {
            self.cross(world);
        } else if let Some(follower) = self.follower {
            follower.drive(self.cell, world);
        }
        if self.phase == Phase::Driving && self.cell >= ASKING_CELL {
            // By the rules above a car gets to no cell that is not behind its leader's last one:
            // only one car a turn gets here, so a lane is asked in the order of its cars.
            self.phase = Phase::Asked;
            self.here
                .ask(self.id, self.trip.next_exit(&mut world.rng()), world);
        }
        if (world.turn() + u64::from(self.id.index())).is_multiple_of(TURNS_PER_REPORT) {
            StatisticsId::local_first(world).observe(self.speed, world);
        }
    }

    /// Over the junction into the next place, where the cells are counted anew.
    fn cross(&mut self, world: &mut World) {
        if let Some(follower) = self.follower.take() {
            follower.drive(LANE_CELLS, world);
        }
        let next = self
            .next
            .take()
            .expect("a car that may see beyond its lane is admitted");
        self.here.left(self.id, world);
        next.entered(self.id, world);
        self.here = next;
        self.cell -= LANE_CELLS;
        self.phase = Phase::Driving;
    }
}
