//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

use kay_runtime::essential;
#[derive(Compact)]
pub struct Car { id: CarId }
impl Car {
    #[essential]
    pub fn report(&self, world: &mut World) -> u32 { 0 }
    //                                         ^^^ K0025 the handler `report` returns `u32`
    //                                             = here: nobody waits for this
    //                                             = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
    //                                             = help: answer with a message: take the id of who asks as a parameter
    //                                             = help: if it is to be ordinary Rust, make it `pub(crate)`
    #[essential]
    fn private(&self, world: &mut World) {}
    // ^^^^^^^ K0013 `private` is marked as essential, but is no handler
    //         = here: no message leads here
    //         = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
    //         = help: make it a handler, or remove the mark
    pub fn tick(&self, world: &mut World) {}
}
pub trait Place {
    #[essential]
    fn visit(&self);
    // ^^^^^ K0013 `visit` is marked as essential, but is no handler
    //       = here: no message leads here
    //       = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
    //       = help: make it a handler, or remove the mark
    fn leave(&self, _: &mut World);
}
impl Place for Car {
    #[essential]
    fn visit(&self) {}
    // ^^^^^ K0013 `visit` is marked as essential, but is no handler
    //       = here: no message leads here
    //       = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
    //       = help: make it a handler, or remove the mark
    #[essential]
    fn leave(&self, _: &mut World) {}
}

#[essential]
//<^^^^^^^^^^^^ K0013 a struct is marked as essential, but is no handler
//              = here: this does nothing here
//              = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//              = help: mark each handler that still runs after a panic, or remove the mark
#[derive(Compact)]
pub struct Bus { id: BusId }
#[kay_runtime::essential]
//<^^^^^^^^^^^^^^^^^^^^^^^^^ K0013 a block is marked as essential, but is no handler
//                           = here: this does nothing here
//                           = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//                           = help: mark each handler that still runs after a panic, or remove the mark
impl Bus {
    pub fn tick(&self, world: &mut World) {}
}
#[cfg_attr(unix, essential)]
//<^^^^^^^^^^^^^^^^^^^^^^^^^^^^ K0013 a trait is marked as essential, but is no handler
//                              = here: this does nothing here
//                              = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//                              = help: mark each handler that still runs after a panic, or remove the mark
pub trait Stop {
    fn halt(&self, _: &mut World);
}
#[essential]
//<^^^^^^^^^^^^ K0013 a block is marked as essential, but is no handler
//              = here: this does nothing here
//              = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//              = help: mark each handler that still runs after a panic, or remove the mark
impl Stop for Bus {
    fn halt(&self, _: &mut World) {}
}
#[essential]
//<^^^^^^^^^^^^ K0013 an enum is marked as essential, but is no handler
//              = here: this does nothing here
//              = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//              = help: mark each handler that still runs after a panic, or remove the mark
pub enum Choice { A }
#[essential]
//<^^^^^^^^^^^^ K0013 a free function is marked as essential, but is no handler
//              = here: this does nothing here
//              = note: a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`
//              = help: mark each handler that still runs after a panic, or remove the mark
pub fn free(_: &mut World) {}

// What a derive macro reads is its own.
mod other {
    #[derive(super::Other)]
    #[essential]
    pub struct Told;
}
