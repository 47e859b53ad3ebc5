//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { speed: f32 }
//         --- K0005 this has no `id`
impl Car {
    pub fn tick(&mut self, _: &mut World) {}
    //     ^^^^ K0005 `tick` is a handler, but `Car` has no `id` field
    //          = here: a public function that ends with `&mut World` handles messages
    //          = help: add `id: CarId` to the struct
    //          = help: if it is to be no actor, make the function `pub(crate)`
}

pub enum Choice<T> { A(T), B }
//       ------ K0005 this is no struct
impl<T> Choice<T> {
    pub fn ask(&self) -> bool { true }
    pub(crate) fn apply(&self, _: &mut World) {}
    pub fn count(&self, _: &mut World) -> u32 { 0 }
    pub fn choose(&mut self, _: &mut World) -> Fate { Fate::Live }
    //     ^^^^^^ K0005 `choose` is a handler, but `Choice` is an enum
    //            = here: a public function that ends with `&mut World` handles messages
    //            = note: actors are structs: they keep their address in a field `id`
    //            = help: keep the `Choice` in an actor, and let that handle messages
    //            = help: if it is to be no actor, make the function `pub(crate)`
    pub fn choose_again(&mut self, _: &mut World) {}
}
mod bits {
    pub union Bits { a: u8, b: i8 }
    //        ---- K0005 this is no struct
}
type Other = bits::Bits;
impl Other {
    pub fn flip(&mut self, by: u8, _: &mut World) {}
    //     ^^^^ K0005 `flip` is a handler, but `Bits` is a union
    //          = here: a public function that ends with `&mut World` handles messages
    //          = note: actors are structs: they keep their address in a field `id`
    //          = help: keep the `Bits` in an actor, and let that handle messages
    //          = help: if it is to be no actor, make the function `pub(crate)`
}
impl std::fmt::Debug for Other {
    fn fmt(&mut self, _: &mut World) {}
}
