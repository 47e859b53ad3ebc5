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
#[derive(Compact)]
pub struct Pair<A: Compact, B: Compact> { id: PairId<A, B>, a: A, b: B }
pub type Swap<A, B> = Pair<B, A>;
pub type Bits<A, B = u8> = Pair<A, B>;
pub type Wrapped<A, B> = Pair<Option<A>, B>;
mod names {
    pub type Same<A, B> = super::Pair<A, B>;
    pub type Twice<A, B> = super::Swap<B, A>;
    pub type Thrice<A, B> = Twice<B, A>;
}
impl<A: Compact, B: Compact> Swap<A, B> { pub fn swap(&mut self, a: A, _: &mut World) {} }
//                           ^^^^^^^^^^ K0008 `Swap<A, B>` has handlers, but is an alias of `Pair<B, A>`
//                                      = note: what is generated for it takes its arguments for those of the actor
//                                      = help: write the block for `Pair<B, A>` itself
impl<A: Compact> Bits<A> { pub fn bits(&mut self, a: A, _: &mut World) {} }
//               ^^^^^^^ K0008 `Bits<A>` has handlers, but is only one kind of `Pair`
//                       = note: all instances of an actor handle the same messages, each of one type
//                       = help: write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies
impl<A: Compact, B: Compact> Wrapped<A, B> { pub fn wrap(&mut self, a: A, _: &mut World) {} }
//                           ^^^^^^^^^^^^^ K0008 `Wrapped<A, B>` has handlers, but is only one kind of `Pair`
//                                         = note: all instances of an actor handle the same messages, each of one type
//                                         = help: write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies
impl<A: Compact, B: Compact> names::Same<A, B> { pub fn same(&mut self, a: A, _: &mut World) {} }
impl<A: Compact, B: Compact> names::Twice<A, B> { pub fn twice(&mut self, a: A, _: &mut World) {} }
impl<A: Compact, B: Compact> names::Thrice<A, B> { pub fn thrice(&mut self, a: A, _: &mut World) {} }
//                           ^^^^^^^^^^^^^^^^^^^ K0008 `names::Thrice<A, B>` has handlers, but is an alias of `Pair<B, A>`
//                                               = note: what is generated for it takes its arguments for those of the actor
//                                               = help: write the block for `Pair<B, A>` itself
impl<A: Compact, B: Compact> Sink<A> for Swap<B, A> { fn take(&mut self, a: A, _: &mut World) {} }
//                                       ^^^^^^^^^^ K0008 `Swap<B, A>` has handlers, but is an alias of `Pair<A, B>`
//                                                  = note: what is generated for it takes its arguments for those of the actor
//                                                  = help: write the block for `Pair<A, B>` itself
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
