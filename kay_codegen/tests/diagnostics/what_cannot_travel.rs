//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Car { id: CarId }
pub struct View<'a> { of: &'a u8 }
impl Car {
    pub fn text(&mut self, x: &str, _: &mut World) {}
    //                         ^^^ K0019 `str` cannot travel in a message
    //                             = help: take a `&CString`
    pub fn slice(&mut self, x: &[u8], _: &mut World) {}
    //                          ^^^^ K0019 a slice cannot travel in a message
    //                               = help: take a `&CVec<T>`
    pub fn mutable(&mut self, x: &mut u8, _: &mut World) {}
    //                            ^^^ K0018 a message cannot lend something mutably
    //                                = help: take it by value, or as `&T`
    pub fn inner(&mut self, x: Option<&u8>, _: &mut World) {}
    //                                ^^^ K0020 a reference inside a type cannot travel in a message
    //                                    = help: a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
    pub fn anything(&mut self, x: impl Clone, _: &mut World) {}
    //                            ^^^^^^^^^^ K0016 `impl Trait` cannot travel in a message
    //                                       = help: write the type out: a message has one type
    pub fn object(&mut self, x: Box<dyn Clone>, _: &mut World) {}
    //                              ^^^^^^^^^ K0021 a trait object cannot travel in a message
    //                                        = help: take the id of an actor trait, or an enum
    pub fn forever(&mut self, x: &'static u8, _: &mut World) {}
    //                            ^^^^^^^ K0020 a message is not lent for `'static`
    //                                    = help: write `&T`: it is lent for as long as the handler runs
    pub fn elided(&mut self, x: View, _: &mut World) {}
    //                          ^^^^ K0020 `View` has a lifetime and cannot travel in a message
    //                               = help: a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
    pub fn explicit(&mut self, x: View<'_>, _: &mut World) {}
    //                                 ^^ K0020 a type with the lifetime `'_` cannot travel in a message
    //                                    = help: a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
    pub fn generic<T>(&mut self, x: T, _: &mut World) {}
    //             ^ K0016 `generic` is generic, but a message has one type
    //               = help: make the actor or the trait generic, or write the type out
    //               = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn sized<const N: usize>(&mut self, x: [u8; N], _: &mut World) {}
    //           ^^^^^^^^^^^^^^ K0016 `sized` is generic, but a message has one type
    //                          = help: make the actor or the trait generic, or write the type out
    //                          = help: if it is to be ordinary Rust, make it `pub(crate)`
    pub fn conditional(&mut self, #[cfg(unix)] x: u8, _: &mut World) {}
    //                            ^^^^^^^^^^^^ K0017 a parameter of a message cannot have a condition
    //                                         = help: put the condition on the whole handler, and write one for each case
    pub fn fine<'a>(&'a mut self, x: &'a u8, y: [&'static str; 2], _: &'a mut World) {}
    //                                           ^^^^^^^^^^^^ K0020 a reference inside a type cannot travel in a message
    //                                                        = help: a message owns what it carries: take an owned type, such as `CVec`, `CString` or an id
}
pub trait Place {
    type Goods;
    fn buy(&mut self, goods: Self::Goods, _: &mut World);
    //                       ^^^^^^^^^^^ K0022 a message of a trait is the same for all its actors: `Self` cannot be in it
    //                                   = help: name a type, or take the id of the trait
    fn meet(&mut self, other: &Self, _: &mut World);
    //                         ^^^^ K0022 a message of a trait is the same for all its actors: `Self` cannot be in it
    //                              = help: name a type, or take the id of the trait
}
