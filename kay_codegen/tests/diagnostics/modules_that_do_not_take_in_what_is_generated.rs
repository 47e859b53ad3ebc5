//- src/lib.rs
mod car;
//<^ K0003 the crate has actors, but its root has no `setup` to register them
//   = note: the root's `setup` registers all actors of a crate
//   = help: add the line `kay_runtime::kay_auto!();` to the root
mod road { pub mod lane; }
//- src/car.rs
use kay_runtime::World;
#[derive(Compact)]
pub struct Car { id: CarId }
//         ^^^ K0002 `city::car` does not take in what is generated for it
//             = here: something is generated for this
//             = note: ids, messages and `setup` become part of a module by one line
//             = help: add the line `kay_runtime::kay_auto!();` to the module
//         --- K0003 one of them
impl Car { pub fn tick(&mut self, _: &mut World) {} }
//- src/road/lane.rs
use kay_runtime::World;
impl crate::car::Car { pub fn stop(&mut self, _: &mut World) {} }
//   ^^^^^^^^^^^^^^^ K0002 `city::road::lane` does not take in what is generated for it
//                   = here: something is generated for this
//                   = note: ids, messages and `setup` become part of a module by one line
//                   = help: add the line `kay_runtime::kay_auto!();` to the module
pub trait Place { fn visit(&mut self, _: &mut World); }
