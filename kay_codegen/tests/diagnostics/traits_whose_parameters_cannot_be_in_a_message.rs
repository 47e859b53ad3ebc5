//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

pub trait Lent<'a> { fn lend(&mut self, _: &mut World); }
//             ^^ K0010 the actor trait `Lent` has a lifetime
//                = note: a message owns what it carries
//                = help: leave it out
pub trait Same<T = Self> { fn meet(&mut self, _: &mut World); }
//                 ^^^^ K0011 `T` of the actor trait `Same` is `Self` by default
//                      = note: the id of an actor trait stands for actors of many types
//                      = help: leave the default out, and write the type where the trait is implemented
pub trait Plain<'a, T = Self> { fn meet(&mut self); }
