//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { id: CarId }
#[derive(Compact)]
pub struct Bus { id: BusId }

// Handlers, almost.
impl Car {
    pub fn tick(&mut self, _: &mut World) {}
    pub fn output(&mut self, _: &mut World) -> u8 { 0 }
    //                                         ^^ K0025 the handler `output` returns `u8`
    //                                            = here: nobody waits for this
    //                                            = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
    //                                            = help: answer with a message: take the id of who asks as a parameter
    //                                            = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn option(&mut self, _: &mut World) -> Option<Fate> { None }
    //                                         ^^^^^^^^^^^^ K0025 the handler `option` returns `Option<Fate>`
    //                                                      = here: nobody waits for this
    //                                                      = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
    //                                                      = help: answer with a message: take the id of who asks as a parameter
    //                                                      = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn other_fate(&mut self, _: &mut World) -> other::Fate { loop {} }
    //                                             ^^^^^^^^^^^ K0025 the handler `other_fate` returns `other::Fate`
    //                                                         = here: nobody waits for this
    //                                                         = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
    //                                                         = help: answer with a message: take the id of who asks as a parameter
    //                                                         = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn value(self, _: &mut World) {}
    //           ^^^^ K0026 the handler `value` takes `self` by value
    //                = here: an actor stays in the world
    //                = help: write `&mut self`, or `&self` if the handler only looks
    //                = help: a handler that ends its actor returns `Fate::Die`
    //                = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn mut_value(mut self, _: &mut World) {}
    //               ^^^^^^^^ K0026 the handler `mut_value` takes `self` by value
    //                        = here: an actor stays in the world
    //                        = help: write `&mut self`, or `&self` if the handler only looks
    //                        = help: a handler that ends its actor returns `Fate::Die`
    //                        = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn boxed(self: Box<Self>, _: &mut World) {}
    //           ^^^^^^^^^^^^^^^ K0026 the handler `boxed` takes `self` as `Box<Self>`
    //                           = here: an actor stays in the world
    //                           = help: write `&mut self`, or `&self` if the handler only looks
    //                           = help: a handler that ends its actor returns `Fate::Die`
    //                           = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn pinned(self: std::pin::Pin<&mut Self>, _: &mut World) {}
    //            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ K0026 the handler `pinned` takes `self` as `std::pin::Pin<&mut Self>`
    //                                           = here: an actor stays in the world
    //                                           = help: write `&mut self`, or `&self` if the handler only looks
    //                                           = help: a handler that ends its actor returns `Fate::Die`
    //                                           = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn of_another(self: &mut Bus, _: &mut World) {}
    //                ^^^^^^^^^^^^^^ K0026 the handler `of_another` takes `self` as `&mut Bus`
    //                               = here: an actor stays in the world
    //                               = help: write `&mut self`, or `&self` if the handler only looks
    //                               = help: a handler that ends its actor returns `Fate::Die`
    //                               = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn spelled_out(self: &mut Car, _: &mut World) {}
    pub async fn asynchronous(&mut self, _: &mut World) {}
    //  ^^^^^ K0027 the handler `asynchronous` is `async`
    //        = here: a handler cannot be `async`
    //        = note: it runs to its end within its turn, and nothing could wake it later
    //        = help: leave `async` out
    //        = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub unsafe fn promised(&mut self, _: &mut World) {}
    //  ^^^^^^ K0027 the handler `promised` is `unsafe`
    //         = here: a handler cannot be `unsafe`
    //         = note: who sends a message can promise nothing about the time when it is handled
    //         = help: leave `unsafe` out
    //         = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub const fn constant(&mut self, _: &mut World) {}
    //  ^^^^^ K0027 the handler `constant` is `const`
    //        = here: a handler cannot be `const`
    //        = note: it runs in a world, never at compile time
    //        = help: leave `const` out
    //        = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub extern "C" fn foreign(&mut self, _: &mut World) {}
    //  ^^^^^^^^^^ K0027 the handler `foreign` is `extern`
    //             = here: a handler cannot be `extern`
    //             = note: it is called by generated Rust code only
    //             = help: leave `extern` out
    //             = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub const unsafe extern "C" fn everything(self, _: &mut World) -> Self { self }
    //  ^^^^^ K0027 the handler `everything` is `const`
    //        = here: a handler cannot be `const`
    //        = note: it runs in a world, never at compile time
    //        = help: leave `const` out
    //        = help: if it is to be ordinary Rust, make it `pub(crate)`
    //        ^^^^^^ K0027 the handler `everything` is `unsafe`
    //               = here: a handler cannot be `unsafe`
    //               = note: who sends a message can promise nothing about the time when it is handled
    //               = help: leave `unsafe` out
    //               = help: if it is to be ordinary Rust, make it `pub(crate)`
    //               ^^^^^^^^^^ K0027 the handler `everything` is `extern`
    //                          = here: a handler cannot be `extern`
    //                          = note: it is called by generated Rust code only
    //                          = help: leave `extern` out
    //                          = help: if it is to be ordinary Rust, make it `pub(crate)`
    //                                        ^^^^ K0026 the handler `everything` takes `self` by value
    //                                             = here: an actor stays in the world
    //                                             = help: write `&mut self`, or `&self` if the handler only looks
    //                                             = help: a handler that ends its actor returns `Fate::Die`
    //                                             = help: if it is to be ordinary Rust, make it `pub(crate)`
    //                                                                ^^^^ K0025 the handler `everything` returns `Self`
    //                                                                     = here: nobody waits for this
    //                                                                     = note: a handler returns nothing, or a `Fate` that says whether its actor lives on
    //                                                                     = help: answer with a message: take the id of who asks as a parameter
    //                                                                     = help: if it is to be ordinary Rust, make it `pub(crate)`
}

impl Car {
    #[target_feature(enable = "avx2")]
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ K0027 the handler `fast` has a `target_feature`
//                                     = here: a handler cannot ask for a processor
//                                     = note: it is called by generated safe code, on whatever processor its world runs
//                                     = help: move what needs it to a function that is called where the processor has it
//                                     = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn fast(&mut self, _: &mut World) {}
    #[cfg_attr(target_arch = "x86_64", target_feature(enable = "avx2"))]
//  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ K0027 the spawner `fast_there` has a `target_feature`
//                                                                       = here: a spawner cannot ask for a processor
//                                                                       = note: it is called by generated safe code, on whatever processor its world runs
//                                                                       = help: move what needs it to a function that is called where the processor has it
//                                                                       = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn fast_there(id: CarId, _: &mut World) -> Self { Car { id } }
    #[target_feature(enable = "avx2")]
    pub(crate) fn inner(&mut self, _: &mut World) {}
    #[target_feature(enable = "avx2")]
    pub fn sum(&self) -> u32 { 0 }
}

// Spawners, almost.
impl Car {
    pub fn bare(_: &mut World) -> Self { loop {} }
    //     ^^^^ K0024 the spawner `bare` does not take the id of its `Car`
    //          = here: no `id: CarId` comes first
    //          = note: a public function that ends with `&mut World` and returns an actor is a spawner
    //          = help: make `id: CarId` the first parameter
    //          = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn without(x: u8, _: &mut World) -> Self { loop {} }
    //                ^^ K0024 the spawner `without` does not take the id of its `Car`
    //                   = here: this is no `CarId`
    //                   = note: a public function that ends with `&mut World` and returns an actor is a spawner
    //                   = help: make `id: CarId` the first parameter
    //                   = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn late(x: u8, id: CarId, _: &mut World) -> Car { loop {} }
    //             ^^ K0024 the spawner `late` does not take the id of its `Car`
    //                = here: this is no `CarId`
    //                = note: a public function that ends with `&mut World` and returns an actor is a spawner
    //                = help: make `id: CarId` the first parameter
    //                = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn stranger(bus: BusId, _: &mut World) -> Self { loop {} }
    //                   ^^^^^ K0024 the spawner `stranger` does not take the id of its `Car`
    //                         = here: this is no `CarId`
    //                         = note: a public function that ends with `&mut World` and returns an actor is a spawner
    //                         = help: make `id: CarId` the first parameter
    //                         = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn lent(id: &CarId, _: &mut World) -> Self { loop {} }
    //              ^^^^^^ K0024 the spawner `lent` does not take the id of its `Car`
    //                     = here: this is no `CarId`
    //                     = note: a public function that ends with `&mut World` and returns an actor is a spawner
    //                     = help: make `id: CarId` the first parameter
    //                     = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn maybe(id: CarId, _: &mut World) -> Option<Self> { None }
    //                                        ^^^^^^^^^^^^ K0024 the spawner `maybe` returns `Option<Self>`
    //                                                     = here: this is to be `Self` or `Car`
    //                                                     = note: `CarId::maybe` sends a message, and its `CarId` is valid at once: the actor must be made
    //                                                     = help: return `Self`; whoever calls the spawner checks before what may fail
    //                                                     = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn maybe_named(id: CarId, _: &mut World) -> Result<Car, ()> { Err(()) }
    //                                              ^^^^^^^^^^^^^^^ K0024 the spawner `maybe_named` returns `Result<Car, ()>`
    //                                                              = here: this is to be `Self` or `Car`
    //                                                              = note: `CarId::maybe_named` sends a message, and its `CarId` is valid at once: the actor must be made
    //                                                              = help: return `Self`; whoever calls the spawner checks before what may fail
    //                                                              = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub async fn later(id: CarId, _: &mut World) -> Self { loop {} }
    //  ^^^^^ K0027 the spawner `later` is `async`
    //        = here: a spawner cannot be `async`
    //        = note: it runs to its end within its turn, and nothing could wake it later
    //        = help: leave `async` out
    //        = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn any<T>(id: CarId, _: T, _: &mut World) -> Self { loop {} }
    //         ^ K0016 `any` is generic
    //           = note: a message is stored as one type, whoever sends it
    //           = help: make the actor or the trait generic, or write the type out
    //           = help: if it is to be ordinary Rust, make it `pub(crate)`
}

// Near misses.
impl Car {
    pub fn shared(&mut self, world: &World) {}
    //                       ^^^^^^^^^^^^^ K0032 `shared` takes the world, but is no handler
    //                                     = here: this would have to be `&mut World`
    //                                     = help: write `&mut World`, as the last parameter
    //                                     = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn owned(&mut self, world: World) -> Fate { Fate::Live }
    //                      ^^^^^^^^^^^^ K0032 `owned` takes the world, but is no handler
    //                                   = here: this would have to be `&mut World`
    //                                   = help: write `&mut World`, as the last parameter
    //                                   = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn early(&mut self, world: &mut World, x: u8) {}
    //                      ^^^^^^^^^^^^^^^^^ K0032 `early` takes the world, but is no handler
    //                                        = here: this would have to be the last parameter
    //                                        = help: move it to the end
    //                                        = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn only_looks(id: CarId, world: &World) -> Self { loop {} }
    //                           ^^^^^^^^^^^^^ K0032 `only_looks` takes the world, but is no spawner
    //                                         = here: this would have to be `&mut World`
    //                                         = help: write `&mut World`, as the last parameter
    //                                         = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn spawn_early(id: CarId, world: &mut World, x: u8) -> Self { loop {} }
    //                            ^^^^^^^^^^^^^^^^^ K0032 `spawn_early` takes the world, but is no spawner
    //                                              = here: this would have to be the last parameter
    //                                              = help: move it to the end
    //                                              = help: if it is to be ordinary Rust, make it `pub(crate)`
}

// Ordinary Rust.
impl Car {
    pub(crate) fn of_the_crate(&mut self, _: &mut World) -> u8 { 0 }
    fn private(self, _: &mut World) {}
    pub fn no_world(&mut self) -> u8 { 0 }
    pub fn reads(&self, world: &World) -> u8 { 0 }
    pub fn helper(_: &mut World) {}
    pub fn of_an_id(id: CarId, _: &mut World) -> CarId { id }
    pub fn new(id: CarId) -> Self { Car { id } }
    pub fn other_world(self, _: &mut other::World) {}
}
pub struct Plain { id: u32 }
impl Plain {
    pub fn draw(&self, _: &mut World) -> u8 { 0 }
    pub async fn load(&self, _: &mut World) {}
    pub fn new(_: &mut World) -> Self { Plain { id: 0 } }
    pub fn look(&self, _: &World) {}
}
pub struct Bare;
impl Bare {
    pub fn take(self, _: &mut World) {}
}
pub trait Look {
    fn look(&self, _: &mut World) -> u8;
    fn take(self, _: &mut World);
}
impl Look for Car {
    fn look(&self, _: &mut World) -> u8 { 0 }
    fn take(self, _: &mut World) {}
}

#[derive(Compact)]
pub struct Pool<T: Compact> { id: PoolId<T>, items: CVec<T> }
impl<T: Compact> Pool<T> {
    pub fn tidy(&mut self, _: &mut World) where T: Ord { self.items.sort(); }
    //                                          ^^^^^^ K0016 `tidy` asks for more than its block
    //                                                 = note: whoever the actor is, it handles all of its messages
    //                                                 = help: ask for it in the head of the block or the trait
    pub(crate) fn inner(&mut self, _: &mut World) where T: Ord { self.items.sort(); }
}
