//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { id: CarId }
impl Car {
    #[kay_runtime::query]
//  ^^^^^^^^^^^^^^^^^^^^^ K0012 asking is not built yet: `#[query]` cannot be used
//                        = help: send a message with the id of who asks, and answer with another message
    pub fn speed(&self, _: &mut World) -> f32 { 0.0 }
}
pub trait Place {
    #[cfg_attr(all(), query)]
//  ^^^^^^^^^^^^^^^^^^^^^^^^^ K0012 asking is not built yet: `#[query]` cannot be used
//                            = help: send a message with the id of who asks, and answer with another message
    fn size(&self, _: &mut World) -> f32;
}
