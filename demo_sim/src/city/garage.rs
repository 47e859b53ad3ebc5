//! Garages.

use kay_runtime::prelude::*;

use super::car::CarId;
use super::place::{Place, PlaceId};
use super::trip::{Corner, Exit, Exits, Trip};

kay_auto!(city::garage);

/// The garage beside a junction, where trips begin and end. There is always room.
///
/// Whenever a trip ends here, another one begins, so that the number of cars in the city stays the
/// same.
#[derive(Compact, Debug)]
pub struct Garage {
    id: GarageId,
    corner: Corner,
    exits: Exits,
    closed: bool,
    begun: u64,
    departed: u64,
    ended: u64,
}

impl Garage {
    /// An empty garage at `corner`.
    pub fn build(id: GarageId, corner: Corner, _: &mut World) -> Self {
        let exits = Exits::default();
        Garage {
            id,
            corner,
            exits,
            closed: false,
            begun: 0,
            departed: 0,
            ended: 0,
        }
    }

    /// Where cars come out.
    pub fn connect(&mut self, exits: &Exits, _: &mut World) {
        self.exits = exits.clone();
    }

    /// From now on no trip begins here. Essential: it works even when the city is frozen after a
    /// panic.
    #[essential]
    pub fn close(&mut self, _: &mut World) {
        self.closed = true;
    }

    /// Where it is.
    pub fn corner(&self) -> Corner {
        self.corner
    }

    /// How many trips have begun here.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// How many cars have driven out.
    pub fn departed(&self) -> u64 {
        self.departed
    }

    /// How many trips have ended here.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    fn begin_trip(&mut self, world: &mut World) {
        self.begun += 1;
        let trip = Trip::plan(self.corner, &mut world.rng());
        CarId::in_garage_near(self.id, self.id.into(), trip, world);
    }
}

impl Place for Garage {
    fn ask(&mut self, car: CarId, exit: Exit, world: &mut World) {
        self.exits.place(exit).admit(car, world);
    }

    fn admit(&mut self, car: CarId, world: &mut World) {
        car.join(PlaceId::from(self.id), false, world);
    }

    fn entered(&mut self, car: CarId, world: &mut World) {
        self.ended += 1;
        car.park(world);
        if !self.closed {
            self.begin_trip(world);
        }
    }

    fn left(&mut self, _: CarId, _: &mut World) {
        self.departed += 1;
    }
}
