//! Every car honks, and passes on each honk that it hears to the car ahead.
#![forbid(unsafe_code)]

use kay_runtime::prelude::*;
kay_auto!(); // takes in what build.rs has generated: `CarId`, the messages, `setup`

/// A car on a long road.
#[derive(Compact)]
pub struct Car {
    id: CarId,
    ahead: Option<CarId>,
    honks: u32,
}

impl Car {
    /// Makes a car; called by `CarId::spawn(ahead, world)`.
    pub fn spawn(id: CarId, ahead: Option<CarId>, _: &mut World) -> Car {
        let honks = 0;
        Car { id, ahead, honks }
    }

    /// Handles a message; sent by `car.honk(world)`.
    pub fn honk(&mut self, world: &mut World) {
        self.honks += 1;
        self.ahead.inspect(|ahead| ahead.honk(world));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut system = ActorSystem::new(Settings::default(), setup)?;
    let world = system.world();
    let first = CarId::spawn(None, world);
    (1..1_000).fold(first, |ahead, _| CarId::spawn(Some(ahead), world));
    CarId::local_broadcast(world).honk(world);
    println!("idle {:?}", system.run_until_idle(2_000)?);
    let honks = system.get(first).map_or(0, |car| car.honks);
    println!("the first car has heard {honks} honks");
    Ok(())
}
