//! One actor, whose blocks stand in several files.

mod deep;
pub mod shown;
mod vehicle;

pub use vehicle::{Vehicle, VehicleId};

kay_runtime::kay_auto!();

use kay_runtime::World;

impl Vehicle {
    /// A handler in the parent of the module of the struct.
    pub fn refuel(&mut self, litres: u32, _: &mut World) {
        self.fuel += litres;
    }
}

#[cfg(test)]
mod tests {
    use super::shown::HonkedId;
    use super::{Vehicle, VehicleId};
    use crate::support::{settle, system};

    #[test]
    fn all_blocks_count_wherever_they_stand() {
        let mut system = system();
        let world = system.world();
        let (one, other) = (VehicleId::spawn(1, world), VehicleId::inherit(9, world));
        one.refuel(10, world);
        one.drive(4, world);
        other.drive(1, world);
        HonkedId::from(one).honk(3, world);
        settle(&mut system);
        let one = system.get::<Vehicle>(one).unwrap();
        assert_eq!((one.wheels, one.fuel, one.honks), (1, 6, 3));
        assert_eq!(system.get::<Vehicle>(other).unwrap().wheels, 9);
    }
}
