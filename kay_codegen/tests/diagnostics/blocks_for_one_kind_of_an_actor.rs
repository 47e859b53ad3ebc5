//- src/lib.rs
use kay_runtime::{Compact, Fate, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Pool<T> { id: PoolId<T>, t: T }
pub trait Sink<T> { fn take(&mut self, t: T, _: &mut World); }
#[derive(Compact)]
pub struct Car { id: CarId }
impl Pool<u8> { pub fn put(&mut self, _: &mut World) {} }
//   ^^^^^^^^ K0008 `Pool<u8>` has handlers, but is only one kind of `Pool`
//            = note: all instances of an actor handle the same messages, each of one type
//            = help: write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies
impl<T> Sink<T> for Car { fn take(&mut self, t: T, _: &mut World) {} }
//                  ^^^ K0009 `T` is no parameter of the actor `Car`
//                      = note: all instances of an actor handle the same messages, each of one type
//                      = help: write a type in its place, or make it a parameter of the actor
#[derive(Compact)]
pub struct Borrower<'a> { id: BorrowerId, x: &'a u8 }
impl<'a> Borrower<'a> { pub fn put(&mut self, _: &mut World) {} }
//       ^^^^^^^^^^^^ K0007 the actor `Borrower` has the lifetime `'a`
//                    = note: an actor owns what it holds: it lives as long as the world
//                    = help: use owned types
