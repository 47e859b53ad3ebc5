//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { id: CarId }
pub struct View<'a> { of: &'a u8 }
impl Car {
    pub fn text(&mut self, x: &str, _: &mut World) {}
    //                         ^^^ K0019 `str` cannot travel in a message
    //                             = note: `x: &T` travels as a `T`: its size must be known
    //                             = help: take a `&CString`
    pub fn slice(&mut self, x: &[u8], _: &mut World) {}
    //                          ^^^^ K0019 a slice cannot travel in a message
    //                               = note: `x: &T` travels as a `T`: its size must be known
    //                               = help: take a `&CVec<u8>`
    pub fn mutable(&mut self, x: &mut u8, _: &mut World) {}
    //                            ^^^ K0018 a message cannot lend something mutably
    //                                = note: who sent it does not see it again, nor what was changed
    //                                = help: take it by value, or as `&T`
    pub fn inner(&mut self, x: Option<&u8>, _: &mut World) {}
    //                                ^^^ K0020 a reference inside a type cannot travel in a message
    //                                    = note: a message owns what it carries: it is handled in another turn, on any thread
    //                                    = help: take an owned type, such as `CVec`, `CString` or an id
    pub fn anything(&mut self, x: impl Clone, _: &mut World) {}
    //                            ^^^^^^^^^^ K0016 `impl Trait` cannot travel in a message
    //                                       = note: a message is stored as one type, whoever sends it
    //                                       = help: write the type out
    pub fn object(&mut self, x: Box<dyn Clone>, _: &mut World) {}
    //                              ^^^^^^^^^ K0021 a trait object cannot travel in a message
    //                                        = note: a message consists of plain data and of compact collections
    //                                        = help: take the id of an actor trait, or an enum
    pub fn forever(&mut self, x: &'static u8, _: &mut World) {}
    //                            ^^^^^^^ K0020 a message is not lent for `'static`
    //                                    = note: a message owns what it carries: it is handled in another turn, on any thread
    //                                    = help: write `&T`: it is lent for as long as the handler runs
    pub fn elided(&mut self, x: View, _: &mut World) {}
    //                          ^^^^ K0020 `View` has a lifetime and cannot travel in a message
    //                               = note: a message owns what it carries: it is handled in another turn, on any thread
    //                               = help: take an owned type, such as `CVec`, `CString` or an id
    pub fn explicit(&mut self, x: View<'_>, _: &mut World) {}
    //                                 ^^ K0020 a type with the lifetime `'_` cannot travel in a message
    //                                    = note: a message owns what it carries: it is handled in another turn, on any thread
    //                                    = help: take an owned type, such as `CVec`, `CString` or an id
    pub fn generic<T>(&mut self, x: T, _: &mut World) {}
    //             ^ K0016 `generic` is generic
    //               = note: a message is stored as one type, whoever sends it
    //               = help: make the actor or the trait generic, or write the type out
    //               = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn sized<const N: usize>(&mut self, x: [u8; N], _: &mut World) {}
    //           ^^^^^^^^^^^^^^ K0016 `sized` is generic
    //                          = note: a message is stored as one type, whoever sends it
    //                          = help: make the actor or the trait generic, or write the type out
    //                          = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn conditional(&mut self, #[cfg(unix)] x: u8, _: &mut World) {}
    //                            ^^^^^^^^^^^^ K0017 a parameter of a message cannot have a condition
    //                                         = note: a message has the same parameters for all who send it
    //                                         = help: put the condition on the whole handler, and write one for each case
    pub fn fine<'a>(&'a mut self, x: &'a u8, y: [&'static str; 2], _: &'a mut World) {}
    //                                           ^^^^^^^^^^^^ K0020 a reference inside a type cannot travel in a message
    //                                                        = note: a message owns what it carries: it is handled in another turn, on any thread
    //                                                        = help: take an owned type, such as `CVec`, `CString` or an id
}
pub trait Place {
    type Goods;
    fn buy(&mut self, goods: Self::Goods, _: &mut World);
    //                       ^^^^^^^^^^^ K0022 `Self` cannot be in a message of a trait
    //                                   = note: a message of a trait is one type for all its actors
    //                                   = help: name a type, or take the id of the trait
    fn meet(&mut self, other: &Self, _: &mut World);
    //                         ^^^^ K0022 `Self` cannot be in a message of a trait
    //                              = note: a message of a trait is one type for all its actors
    //                              = help: name a type, or take the id of the trait
}
