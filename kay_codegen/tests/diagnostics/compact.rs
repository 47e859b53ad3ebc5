//- src/lib.rs
use kay_runtime::{CVec, Compact, External, World, kay_auto};
use std::collections::{BTreeSet, HashMap as Map};
use std::rc::*;
use std::sync;
kay_auto!();

pub struct Forgot { id: ForgotId, name: String }
//         ^^^^^^ K0030 the actor `Forgot` is not compact
//                = here: this has no `#[derive(Compact)]`
//                = note: actors are stored, copied, compared and saved by `Compact`
//                = help: write `#[derive(Compact)]` above it, and `use kay_runtime::Compact;` above that
//                                      ^^^^^^ K0031 `String` is not compact
//                                             = here: the actor `Forgot` cannot hold this
//                                             = note: actors and messages live in the memory of their shard, to be moved and saved with it
//                                             = help: write `CString`
impl Forgot { pub fn tick(&mut self, _: &mut World) {} }

#[derive(Clone, Debug)]
pub struct Route { stops: u8 }
//         ----- K0031 it is defined here
//         ----- K0031 it is defined here
//         ----- K0031 it is defined here
#[derive(Compact)]
pub struct Stop { at: u8 }
#[derive(Compact)]
pub struct Car {
    id: CarId,
    name: String,
    //    ^^^^^^ K0031 `String` is not compact
    //           = here: the actor `Car` cannot hold this
    //           = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //           = help: write `CString`
    stops: CVec<Vec<u8>>,
    //          ^^^^^^^ K0031 `Vec<u8>` is not compact
    //                  = here: the actor `Car` cannot hold this
    //                  = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                  = help: write `CVec<u8>`
    file: External<std::fs::File>,
    route: Option<Route>,
    //            ^^^^^ K0031 `Route` is not compact
    //                  = here: the actor `Car` cannot hold this
    //                  = note: actors and messages are stored, copied, compared and saved by `Compact`
    //                  = help: write `#[derive(Compact)]` above `Route`
    stop: Stop,
    at: std::time::Instant,
    //  ^^^^^^^^^^^^^^^^^^ K0031 `std::time::Instant` is not compact
    //                     = here: the actor `Car` cannot hold this
    //                     = note: no clock reaches a handler: the same messages are to give the same world
    //                     = help: use a `Duration`, or count turns: `world.turn()`
}
impl Car {
    pub fn text(&mut self, name: String, _: &mut World) {}
    //                           ^^^^^^ K0031 `String` is not compact
    //                                  = here: this cannot travel in a message
    //                                  = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                  = help: take a `CString`
    pub fn lent(&mut self, all: &Vec<(u8, Stop)>, _: &mut World) {}
    //                           ^^^^^^^^^^^^^^^ K0031 `Vec<(u8, Stop)>` is not compact
    //                                           = here: this cannot travel in a message
    //                                           = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                           = help: take a `&CVec<(u8, Stop)>`
    pub fn path(&mut self, a: std::string::String, b: ::std::boxed::Box<u8>, _: &mut World) {}
    //                        ^^^^^^^^^^^^^^^^^^^ K0031 `std::string::String` is not compact
    //                                            = here: this cannot travel in a message
    //                                            = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                            = help: take a `CString`
    //                                                ^^^^^^^^^^^^^^^^^^^^^ K0031 `::std::boxed::Box<u8>` is not compact
    //                                                                      = here: this cannot travel in a message
    //                                                                      = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                                                      = help: take a `CBox<u8>`
    pub fn sets(&mut self, a: Map<u8, Route>, b: &BTreeSet<u16>, _: &mut World) {}
    //                        ^^^^^^^^^^^^^^ K0031 `Map<u8, Route>` is not compact
    //                                       = here: this cannot travel in a message
    //                                       = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                       = help: take a `CMap<u8, Route>`
    //                                            ^^^^^^^^^^^^^ K0031 `BTreeSet<u16>` is not compact
    //                                                          = here: this cannot travel in a message
    //                                                          = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                                          = help: take a `&CMap<u16, ()>`
    pub fn inner(&mut self, all: [(CVec<String>, u8); 2], _: &mut World) {}
    //                                  ^^^^^^ K0031 `String` is not compact
    //                                         = here: this cannot travel in a message
    //                                         = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                         = help: take a `CString`
    pub fn shared(&mut self, a: Rc<u8>, b: sync::Arc<sync::Mutex<u8>>, c: sync::Mutex<u8>, _: &mut World) {}
    //                          ^^^^^^ K0031 `Rc<u8>` is not compact
    //                                 = here: this cannot travel in a message
    //                                 = note: actors share nothing: then no handler has to wait for another
    //                                 = help: let one actor own it, and take the id of that actor
    //                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^ K0031 `sync::Arc<sync::Mutex<u8>>` is not compact
    //                                                                = here: this cannot travel in a message
    //                                                                = note: actors share nothing: then no handler has to wait for another
    //                                                                = help: let one actor own it, and take the id of that actor
    //                                                                    ^^^^^^^^^^^^^^^ K0031 `sync::Mutex<u8>` is not compact
    //                                                                                    = here: this cannot travel in a message
    //                                                                                    = note: a handler has its actor to itself, so that nothing has to be locked
    //                                                                                    = help: take a `u8`
    pub fn pointers(&mut self, a: *const u8, b: fn(u8) -> u8, _: &mut World) {}
    //                            ^^^^^^^^^ K0031 a raw pointer is not compact
    //                                      = here: this cannot travel in a message
    //                                      = note: what it points to may be gone when the message is handled
    //                                      = help: take the value itself, or the id of the actor that has it
    //                                          ^^^^^^^^^^^^ K0031 a function pointer is not compact
    //                                                       = here: this cannot travel in a message
    //                                                       = note: an address is of this process only, and says nothing in a saved world
    //                                                       = help: take an enum, and let the handler choose what to call
    pub fn foreign(&mut self, a: std::ffi::CString, b: std::sync::mpsc::Sender<u8>, _: &mut World) {}
    //                           ^^^^^^^^^^^^^^^^^ K0031 `std::ffi::CString` is not compact
    //                                             = here: this cannot travel in a message
    //                                             = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                             = help: take a `kay_runtime::CString`
    //                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^ K0031 `std::sync::mpsc::Sender<u8>` is not compact
    //                                                                             = here: this cannot travel in a message
    //                                                                             = note: it belongs to the process, and cannot be saved with the world
    //                                                                             = help: let an actor hold it, in a field of the type `External`
    pub fn own(&mut self, a: Route, b: &Stop, c: CVec<Route>, _: &mut World) {}
    //                       ^^^^^ K0031 `Route` is not compact
    //                             = here: this cannot travel in a message
    //                             = note: actors and messages are stored, copied, compared and saved by `Compact`
    //                             = help: write `#[derive(Compact)]` above `Route`
    //                                                ^^^^^ K0031 `Route` is not compact
    //                                                      = here: this cannot travel in a message
    //                                                      = note: actors and messages are stored, copied, compared and saved by `Compact`
    //                                                      = help: write `#[derive(Compact)]` above `Route`
    pub fn aliased(&mut self, name: Name, _: &mut World) {}
    //                              ^^^^ K0031 `Name` is not compact
    //                                   = here: this cannot travel in a message
    //                                   = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                   = help: take a `CString`
    pub fn spawn(id: CarId, name: String, _: &mut World) -> Self { loop {} }
    //                            ^^^^^^ K0031 `String` is not compact
    //                                   = here: this cannot travel in a message
    //                                   = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                                   = help: take a `CString`
    pub fn object(&mut self, x: Box<dyn Clone>, _: &mut World) {}
    //                              ^^^^^^^^^ K0021 a trait object cannot travel in a message
    //                                        = note: a message consists of plain data and of compact collections
    //                                        = help: take the id of an actor trait, or an enum
    pub fn fine(&mut self, a: u8, b: Option<Stop>, c: std::marker::PhantomData<String>, _: &mut World) {}
}
type Name = String;
pub trait Place {
    fn visit(&mut self, who: String, _: &mut World);
    //                       ^^^^^^ K0031 `String` is not compact
    //                              = here: this cannot travel in a message
    //                              = note: actors and messages live in the memory of their shard, to be moved and saved with it
    //                              = help: take a `CString`
}

// What a macro, a condition or a hand may have made compact.
mod unknown {
    use super::World;
    use kay_runtime::{Compact, kay_auto};
    kay_auto!();
    pub struct ByHand(u8);
    impl Compact for ByHand {}
    #[derive(Clone, other::Everything)]
    pub struct Derived(u8);
    #[cfg_attr(unix, derive(Compact))]
    pub struct Sometimes(u8);
    #[other::compact]
    pub struct Attribute(u8);
    pub struct Listed(u8);
    compact!(Listed);
    pub struct Actor { id: ActorId, name: String }
    impl Compact for Actor {}
    impl Actor {
        pub fn all(&mut self, a: ByHand, b: Derived, c: Sometimes, d: Attribute, e: Listed, _: &mut World) {}
        pub fn foreign<'a>(&mut self, a: other::String, b: other::Vec<String>, _: &mut World) {}
    }
}

// What the crate has itself.
mod own {
    use super::World;
    use kay_runtime::{Compact, kay_auto};
    kay_auto!();
    #[derive(Compact)]
    pub struct String(u8);
    #[derive(Compact)]
    pub struct Actor<Vec: Compact> { id: ActorId<Vec>, name: String, all: Vec }
    impl<Vec: Compact> Actor<Vec> {
        pub fn all(&mut self, a: String, b: Vec, _: &mut World) {}
    }
    pub mod by_glob {
        use super::*;
        use other::*;
        kay_auto!();
        impl super::Actor<Box> {}
        #[derive(Compact)]
        pub struct Other { id: OtherId, name: String, perhaps: Box<u8> }
        impl Other { pub fn all(&mut self, a: String, b: Vec<u8>, _: &mut World) {} }
    }
}

mod elsewhere {
    use kay_runtime::World;
    kay_runtime::kay_auto!();
    #[derive(Clone, kay_runtime::Compact)]
    //              ^^^^^^^^^^^^^^^^^^^^ K0030 `#[derive(Compact)]` does not find the trait `Compact`
    //                                   = here: this needs the trait of the same name in scope
    //                                   = help: write `use kay_runtime::Compact;`, and `#[derive(Compact)]`
    pub struct Bus { id: BusId }
    impl Bus { pub fn tick(&mut self, _: &mut World) {} }
    #[derive(kay_runtime::Compact)]
    #[compact(crate = kay_runtime)]
    pub struct Tram { id: TramId }
    impl Tram { pub fn tick(&mut self, _: &mut World) {} }
}
