//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[cfg(unix)] #[derive(Compact)] pub struct Car { id: CarId }
#[cfg(not(unix))] #[derive(Compact)] pub struct Car { id: CarId, x: u8 }
impl Car {
    #[cfg(unix)] pub fn tick(&mut self, _: &mut World) {}
    #[cfg(not(unix))] pub fn tick(&mut self, x: u8, _: &mut World) {}
}
#[cfg(test)] impl Car { pub fn test(&mut self, _: &mut World) {} }
#[cfg(not(test))] impl Car { pub fn test(&mut self, _: &mut World) {} }
#[cfg(test)] impl Car { pub fn twice(&mut self, _: &mut World) {} }
//                             ----- K0015 `CarId::twice` is generated for this
impl Car { pub fn twice(&mut self, _: &mut World) {} }
//                ^^^^^ K0015 there are two of the handler `Car::twice`
//                      = here: `CarId::twice` again
//                      = note: messages, and the methods of ids, are named after what an actor handles
//                      = help: give one of them another name
