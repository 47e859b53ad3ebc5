//- src/lib.rs
use kay_runtime::World;
kay_runtime::kay_auto!();
mod a {
    mod b {
        use kay_runtime::World;
        kay_runtime::kay_auto!();
        #[derive(Compact)]
        pub struct Car { id: CarId }
        impl Car { pub fn tick(&mut self, _: &mut World) {} }
        pub trait Place { fn visit(&mut self, _: &mut World); }
    }
    pub use b::{Car, Place};
    kay_runtime::kay_auto!();
}
impl a::Car { pub fn honk(&self, _: &mut World) {} }
//   ^^^^^^ K0023 what is generated for this block needs `city::a::b::CarId`, which cannot be named here
//          = here: in this module
//          = note: a private module hides it
//          = help: declare the module as `pub(crate) mod`, or re-export `CarId` where it can be named
impl a::Place for a::Car { fn visit(&mut self, _: &mut World) {} }
//                ^^^^^^ K0023 what is generated for this block needs `city::a::b::CarId`, which cannot be named here
//                       = here: in this module
//                       = note: a private module hides it
//                       = help: declare the module as `pub(crate) mod`, or re-export `CarId` where it can be named
//                ^^^^^^ K0023 what is generated for this block needs `city::a::b::PlaceId`, which cannot be named here
//                       = here: in this module
//                       = note: a private module hides it
//                       = help: declare the module as `pub(crate) mod`, or re-export `PlaceId` where it can be named
//                ^^^^^^ K0023 what is generated for this block needs `city::a::b::PlaceVisit`, which cannot be named here
//                       = here: in this module
//                       = note: a private module hides it
//                       = help: declare the module as `pub(crate) mod`, or re-export `PlaceVisit` where it can be named
