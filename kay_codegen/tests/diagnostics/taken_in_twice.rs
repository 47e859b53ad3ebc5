//- src/lib.rs
use kay_runtime::kay_auto;
kay_auto!();
//<-------- K0033 the first time
mod car {
    use kay_runtime::{Compact, World};
    kay_runtime::kay_auto!();
//  --------------------- K0033 the first time
    #[derive(Compact)]
    pub struct Car { id: CarId }
    impl Car { pub fn tick(&mut self, _: &mut World) {} }
    kay_runtime::kay_auto!();
//  ^^^^^^^^^^^^^^^^^^^^^ K0033 this module takes in twice what is generated for it
//                        = here: the second time
//                        = help: remove one of the lines
}
#[cfg(unix)]
kay_auto!();
kay_auto!();
//<^^^^^^^^ K0033 this module takes in twice what is generated for it
//          = here: the second time
//          = help: remove one of the lines
