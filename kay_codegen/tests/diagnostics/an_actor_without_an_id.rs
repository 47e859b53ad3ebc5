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
