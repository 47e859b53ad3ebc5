//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

pub trait Place { fn visit(&mut self, _: &mut World) {} }
//        ----- K0006 the actor trait
//        ----- K0006 the actor trait
//        ----- K0006 the actor trait
//        ----- K0006 the actor trait
pub struct Plain { x: u8 }
impl Place for Plain {}
//             ^^^^^ K0006 `Place` is an actor trait, but `Plain` is no actor
//                   = here: this cannot receive messages
//                   = note: a trait with a method that ends with `&mut World` is an actor trait: its methods are messages
//                   = help: implement it for structs of this crate with an `id` field
//                   = help: if `Place` is to be an ordinary trait, let no method end with `&mut World`
impl Place for Vec<u8> {}
//             ^^^^^^^ K0006 `Place` is an actor trait, but `Vec<u8>` is no actor
//                     = here: this cannot receive messages
//                     = note: a trait with a method that ends with `&mut World` is an actor trait: its methods are messages
//                     = help: implement it for structs of this crate with an `id` field
//                     = help: if `Place` is to be an ordinary trait, let no method end with `&mut World`
impl<T: Clone> Place for T {}
//                       ^ K0006 `Place` is an actor trait, but `T` is no actor
//                         = here: this cannot receive messages
//                         = note: a trait with a method that ends with `&mut World` is an actor trait: its methods are messages
//                         = help: implement it for structs of this crate with an `id` field
//                         = help: if `Place` is to be an ordinary trait, let no method end with `&mut World`
pub enum Choice { A }
impl Place for Choice {}
//             ^^^^^^ K0006 `Place` is an actor trait, but `Choice` is no actor
//                    = here: this cannot receive messages
//                    = note: a trait with a method that ends with `&mut World` is an actor trait: its methods are messages
//                    = help: implement it for structs of this crate with an `id` field
//                    = help: if `Place` is to be an ordinary trait, let no method end with `&mut World`
