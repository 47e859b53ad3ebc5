//! An actor.

use kay_runtime::{CVec, Compact, Fate, World};

kay_auto!(actor);

/// A car.
///
/// ```
/// assert!(true);
/// ```
#[derive(Compact)]
pub struct Car {
    id: CarId,
    speed: f32,
}

impl Car {
    /// Puts one on the road.
    pub fn spawn(id: CarId, speed: f32, _: &mut World) -> Self {
        Self { id, speed }
    }

    /// Time goes by.
    pub fn tick(&mut self, dt: f32, route: &CVec<CarId>, _: &mut World) -> Fate {
        self.speed += dt;
        if route.contains(&self.id) {
            Fate::Die
        } else {
            Fate::Live
        }
    }
}
