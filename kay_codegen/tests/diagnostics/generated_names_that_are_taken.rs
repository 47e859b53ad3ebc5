//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { id: CarId }
//         ^^^ K0014 `CarId` is the name of the id of `Car`, but the module has a `CarId` already
//             = here: `CarId` is generated for this
//             = note: ids and messages are named after actors and what they handle
//             = help: give one of them another name
//         --- K0015 `CarId::index` is generated for this
pub struct CarId;
//         ----- K0014 this has the name already
impl Car {
    pub fn tick(&mut self, _: &mut World) {}
    //     ^^^^ K0014 `CarTick` is the name of the message of the handler `Car::tick`, but the module has a `CarTick` already
    //          = here: `CarTick` is generated for this
    //          = note: ids and messages are named after actors and what they handle
    //          = help: give one of them another name
    pub fn foo_1(&mut self, _: &mut World) {}
    //     ----- K0015 `CarFoo1` is generated for this
    pub fn foo1(&mut self, _: &mut World) {}
    //     ^^^^ K0015 `CarFoo1` is the name of the message of the handler `Car::foo1` and of the message of the handler `Car::foo_1`
    //          = here: `CarFoo1` again
    //          = note: messages, and the methods of ids, are named after what an actor handles
    //          = help: give one of them another name
    pub fn index(&mut self, _: &mut World) {}
    //     ^^^^^ K0015 `CarId::index` is the name of the handler `Car::index` and of a method of every id
    //           = here: `CarId::index` again
    //           = note: messages, and the methods of ids, are named after what an actor handles
    //           = help: give one of them another name
    pub fn spawn(id: CarId, _: &mut World) -> Self { Car { id } }
    //     ^^^^^ K0015 `CarId::spawn_near` is the name of the spawner `Car::spawn` and of the handler `Car::spawn_near`
    //           = here: `CarId::spawn_near` again
    //           = note: messages, and the methods of ids, are named after what an actor handles
    //           = help: give one of them another name
    pub fn spawn_near(&mut self, _: &mut World) {}
    //     ---------- K0015 `CarId::spawn_near` is generated for this
}
use other::CarTick;
//         ------- K0014 this has the name already
#[derive(Compact)]
pub struct CarFoo { id: CarFooId }
impl CarFoo { pub fn tick(&mut self, _: &mut World) {} }
//                   ---- K0015 `CarFooTick` is generated for this
#[derive(Compact)]
pub struct C { id: CId }
impl C { pub fn ar_foo_tick(&mut self, _: &mut World) {} }
impl Car { pub fn foo_tick(&mut self, _: &mut World) {} }
//                ^^^^^^^^ K0015 `CarFooTick` is the name of the message of the handler `Car::foo_tick` and of the message of the handler `CarFoo::tick`
//                         = here: `CarFooTick` again
//                         = note: messages, and the methods of ids, are named after what an actor handles
//                         = help: give one of them another name
#[derive(Compact)]
pub struct Bus { id: BusId }
impl Bus { pub fn far(&mut self, _: &mut World) {} }
//                ^^^ K0014 `BusFar` is the name of the message of the handler `Bus::far`, but the module has a `BusFar` already
//                    = here: `BusFar` is generated for this
//                    = note: ids and messages are named after actors and what they handle
//                    = help: give one of them another name
pub trait BusFar { fn off(&mut self, _: &mut World); }
//        ------ K0014 this has the name already
fn setup() {}
// ^^^^^ K0014 `setup` is the name of the generated function that registers actors
//       = help: give this function another name
pub mod a {
    use kay_runtime::{Compact, kay_auto};
    #[derive(Compact)] pub struct Taxi { id: TaxiId }
    kay_auto!();
}
pub mod b {
    use kay_runtime::{Compact, kay_auto};
    #[derive(Compact)] pub struct Taxi { id: TaxiId }
    kay_auto!();
}
impl a::Taxi { pub fn hail(&mut self, _: &mut World) {} }
//                    ---- K0015 `TaxiHail` is generated for this
impl b::Taxi { pub fn hail(&mut self, _: &mut World) {} }
//                    ^^^^ K0015 there are two of the message of the handler `Taxi::hail`
//                         = here: `TaxiHail` again
//                         = note: messages, and the methods of ids, are named after what an actor handles
//                         = help: give one of them another name
