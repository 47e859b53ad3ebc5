//! What the actors of a crate can be told, as data: for people, for reviews, for other tools.

mod collect;
mod numbers;

pub(crate) use collect::schema;

/// The actors, actor traits and messages of a crate.
///
/// ```
/// use kay_codegen::{Options, Root, Sources, generate};
///
/// let car = "
///     use kay_runtime::{Compact, World};
///     #[derive(Compact)]
///     pub struct Car { id: CarId }
///     impl Car { pub fn honk(&self, times: u8, _: &mut World) {} }
///     kay_runtime::kay_auto!();
/// ";
/// let root = Root { crate_name: "city".to_owned(), file: "src/lib.rs".to_owned() };
/// let schema = generate(&root, &Sources::from_iter([("src/lib.rs", car)]), &Options::default()).schema;
/// let honk = &schema.messages[0];
/// assert_eq!((&*honk.receiver, &*honk.name, &*honk.path), ("Car", "honk", "city::Car::honk"));
/// assert_eq!(honk.parameters[0].ty, "u8");
/// assert_eq!((&*honk.location.file, honk.location.line), ("src/lib.rs", 5));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// The crate, as code spells it.
    pub crate_name: String,
    /// The actors, in the order of their modules and lines. Definitions of one actor under
    /// opposite conditions are listed one by one.
    pub actors: Vec<ActorSchema>,
    /// The actor traits, in the same order.
    pub traits: Vec<TraitSchema>,
    /// The messages of all of them, in the same order.
    pub messages: Vec<MessageSchema>,
}

/// A line of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The file, relative to the package's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// A name and its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSchema {
    /// Its name.
    pub name: String,
    /// Its type, as the source spells it, in one spacing.
    pub ty: String,
}

/// An actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorSchema {
    /// Its path without the crate's name: `city::car::Car`.
    pub receiver: String,
    /// Its path as the runtime knows it: `demo_sim::city::car::Car`.
    pub path: String,
    /// The fingerprint of the path; its lower half is the tag of the type.
    pub fingerprint: u64,
    /// Its number in a system with this crate's `setup` and nothing before it; `None` for a
    /// generic actor, which `setup` leaves out, and where a condition decides or the actors of other
    /// crates come first.
    pub id: Option<u32>,
    /// Its type parameters: what is put in their place becomes part of every fingerprint.
    pub generics: Vec<String>,
    /// The actor traits that it implements, with arguments: `place::Place`, `Sink<u8>`.
    pub implements: Vec<String>,
    /// Its state.
    pub fields: Vec<FieldSchema>,
    /// The conditions under which it is compiled: `#[cfg(unix)]`.
    pub conditions: Vec<String>,
    /// Where it stands.
    pub location: Location,
}

/// An actor trait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitSchema {
    /// Its path without the crate's name.
    pub receiver: String,
    /// Its path as the runtime knows it.
    pub path: String,
    /// The fingerprint of the path; its lower half is the tag of the trait.
    pub fingerprint: u64,
    /// Its type parameters.
    pub generics: Vec<String>,
    /// The actor traits above it.
    pub supertraits: Vec<String>,
    /// The conditions under which it is compiled.
    pub conditions: Vec<String>,
    /// Where it stands.
    pub location: Location,
}

/// What a message does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageKind {
    /// It is handled by an actor.
    Handler,
    /// It makes an actor.
    Spawner,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSchema {
    /// The path of its actor or actor trait, without the crate's name.
    pub receiver: String,
    /// Whether the receiver is an actor trait.
    pub is_of_trait: bool,
    /// The name of the handler or spawner.
    pub name: String,
    /// What it does.
    pub kind: MessageKind,
    /// The name of its generated type: `CarTick`.
    pub type_name: String,
    /// Its path as the runtime knows it.
    pub path: String,
    /// The fingerprint of path and parameter types, without what type arguments add.
    pub fingerprint: u64,
    /// The type parameters of the receiver.
    pub generics: Vec<String>,
    /// The actors that handle it, each once.
    pub handlers: Vec<HandlerSchema>,
    /// Its parameters.
    pub parameters: Vec<ParameterSchema>,
    /// Whether the handler says if its actor lives on.
    pub returns_fate: bool,
    /// Whether it is handled even after a panic, for every receiver.
    pub is_essential: bool,
    /// The conditions under which it is compiled.
    pub conditions: Vec<String>,
    /// Where it stands.
    pub location: Location,
}

/// An actor that handles a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerSchema {
    /// The actor, without the crate's name.
    pub actor: String,
    /// The number of the handler in a system with this crate's `setup` and nothing before it;
    /// `None` where type arguments, conditions or the actors of other crates decide.
    pub id: Option<u32>,
}

/// A parameter of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterSchema {
    /// Its name.
    pub name: String,
    /// Its type as it travels.
    pub ty: String,
    /// Whether it is lent to the handler: `&T` in the source.
    pub is_lent: bool,
}
