//! The third phase: which structs are actors, and what they can be told.
//!
//! An actor is a struct with an `id` field that has a handler or a spawner, or implements an actor
//! trait. An actor trait is a trait of this crate with a handler, or one above such a trait that
//! an actor implements. Everything else is ordinary Rust and left alone.

mod aliases;
mod almost;
mod bounds;
mod clashes;
mod collect;
mod compact;
mod fingerprints;
mod generics;
mod items;
mod marks;
mod overlap;
mod parameters;
mod setup;
mod shape;
mod spelling;
mod state;
mod std_types;
mod traits;
mod types;

pub(crate) use clashes::ID_METHODS;
pub(crate) use collect::collect;
pub(crate) use generics::{Generics, Predicates};
pub(crate) use marks::Essential;
pub(crate) use overlap::overlap;
pub(crate) use setup::Setup;
pub(crate) use shape::plain_path;
pub(crate) use spelling::{camel_case, normalised};
pub(crate) use types::{
    Actor, ActorTrait, Block, Definition, Handler, Model, Parameter, Placed, Spawner, Super,
    TraitDefinition, TraitUse,
};
