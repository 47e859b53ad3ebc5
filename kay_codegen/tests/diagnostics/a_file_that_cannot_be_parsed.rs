//- src/lib.rs
mod car; mod bus;
kay_runtime::kay_auto!();
//- src/car.rs
pub struct Car { id }
//                  ^ K0001 this file cannot be parsed: expected `:`
//                    = help: nothing is generated anew until it can
//- src/bus.rs
kay_runtime::kay_auto!();
#[derive(Compact)]
pub struct Bus { id: BusId }
impl Bus { pub fn tick(&self, _: &mut kay_runtime::World) {} }
