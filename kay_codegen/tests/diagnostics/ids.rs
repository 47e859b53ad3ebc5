//- src/lib.rs
use kay_runtime::{Compact, World, kay_auto};
kay_auto!();

#[derive(Compact)]
pub struct Number { id: u32 }
//                      ^^^ K0028 the `id` of the actor `Number` is no `NumberId`
//                          = here: this is to be `NumberId`
//                          = note: an actor keeps its own address in `id`; its type is generated
//                          = help: if this is something else, give it another name, and add `id: NumberId`
impl Number { pub fn tick(&mut self, _: &mut World) {} }

#[derive(Compact)]
pub struct Stranger { id: NumberId }
//                        ^^^^^^^^ K0028 the `id` of the actor `Stranger` is no `StrangerId`
//                                 = here: this is to be `StrangerId`
//                                 = note: an actor keeps its own address in `id`; its type is generated
//                                 = help: if this is something else, give it another name, and add `id: StrangerId`
impl Stranger { pub fn tick(&mut self, _: &mut World) {} }

#[derive(Compact)]
pub struct Shouting { id: ShoutingID }
//                        ^^^^^^^^^^ K0028 the `id` of the actor `Shouting` is no `ShoutingId`
//                                   = here: this is to be `ShoutingId`
//                                   = note: an actor keeps its own address in `id`; its type is generated
//                                   = help: if this is something else, give it another name, and add `id: ShoutingId`
impl Shouting { pub fn tick(&mut self, _: &mut World) {} }

#[derive(Compact)]
pub struct Pool<T: Compact> { id: Option<PoolId<T>>, t: T }
//                                ^^^^^^^^^^^^^^^^^ K0028 the `id` of the actor `Pool` is no `PoolId`
//                                                  = here: this is to be `PoolId`
//                                                  = note: an actor keeps its own address in `id`; its type is generated
//                                                  = help: if this is something else, give it another name, and add `id: PoolId`
impl<T: Compact> Pool<T> { pub fn tick(&mut self, _: &mut World) {} }

// By another name, it is the same.
type Own = AliasId;
#[derive(Compact)]
pub struct Alias { id: Own }
impl Alias { pub fn tick(&mut self, _: &mut World) {} }

// No field has a name here.
#[derive(Compact)]
pub struct Tuple(TupleId);
//         ----- K0005 this has no `id`
impl Tuple { pub fn tick(&mut self, _: &mut World) {} }
//                  ^^^^ K0005 `tick` is a handler, but `Tuple` has no `id` field
//                       = here: a public function that ends with `&mut World` handles messages
//                       = help: add `id: TupleId` to the struct
//                       = help: if it is to be no actor, make the function `pub(crate)`
