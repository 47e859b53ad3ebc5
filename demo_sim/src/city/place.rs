//! What all places where a car can be have in common.

use kay_runtime::prelude::*;

use super::car::CarId;
use super::trip::Exit;

kay_auto!(city::place);

/// A place where a car can be: a [`Lane`](super::lane::Lane) or a
/// [`Garage`](super::garage::Garage).
///
/// An actor trait: since it has handlers, `PlaceId` is generated, the address of any place. A car
/// keeps the one where it is and the one where it goes, and need not know which kind they are.
///
/// How a car gets from place A to place B:
///
/// 1. Near the end of A, the car *asks* A to let it out by an exit.
/// 2. A asks B to *admit* it, when lights are green and the car is the first in A.
/// 3. B tells the car to *join* (see [`Car::join`](super::car::Car::join)), one car at a time, and
///    tells its own last car whom it has behind it from now on.
/// 4. The car drives up to the end of A and on into B. It tells A that it has *left*, and B that
///    it has *entered*.
pub trait Place {
    /// `car` is in this place, near the end, and wants to leave by `exit`.
    fn ask(&mut self, car: CarId, exit: Exit, world: &mut World);

    /// `car` waits at the entry and wants to come in.
    fn admit(&mut self, car: CarId, world: &mut World);

    /// `car`, which was told to join, is in this place now.
    fn entered(&mut self, car: CarId, world: &mut World);

    /// `car` is in this place no more.
    fn left(&mut self, car: CarId, world: &mut World);
}
