//! Who sends what to whom, as far as the text of a crate tells.
//!
//! Found from the bodies of handlers and spawners, and of the functions of the crate that they
//! call. The type of what a message is sent to is followed through parameters, fields, patterns,
//! constructors, collections and closures. Where it gets lost, the name of the message decides, if
//! only one receiver has such a message: then the send is marked as inferred. What remains is listed
//! as unknown.

mod connect;
mod context;
mod functions;
mod patterns;
mod types;
mod walk;

use crate::diagnostics::Diagnostics;
use crate::generate::on_deep_stack;
use crate::interface;
use crate::options::Options;
use crate::schema::{Location, MessageKind};
use crate::source::{self, Bodies, Sources};
use crate::{Root, model};

/// The messages that the actors of a crate send each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The crate, as code spells it.
    pub crate_name: String,
    /// Its actors and actor traits: actors first, each in the order of the source.
    pub receivers: Vec<Receiver>,
    /// What they send, each message of each function once, in order.
    pub sends: Vec<SentMessage>,
    /// Calls that look like messages, but of which the text does not tell to whom.
    pub unknown: Vec<UnknownCall>,
}

/// An actor or an actor trait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Its path without the crate's name: `city::car::Car`. If it is in another crate, that is by the
    /// name that this one knows it by: `town::Shop`.
    pub path: String,
    /// Whether it is in another crate.
    pub is_foreign: bool,
    /// Whether it is a trait.
    pub is_trait: bool,
    /// The actor traits that an actor implements.
    pub implements: Vec<String>,
}

/// A message that is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentMessage {
    /// The actor whose handler it is, or the trait whose default method it is; `None` for the
    /// host: functions that no handler calls.
    pub from: Option<String>,
    /// The handler or spawner, or the function of the host.
    pub by: String,
    /// The path of the receiver.
    pub to: String,
    /// The name of the message.
    pub message: String,
    /// Whether it makes its receiver.
    pub kind: MessageKind,
    /// Whether it goes to all instances.
    pub is_broadcast: bool,
    /// Whether the receiver is known by the name of the message only.
    pub is_inferred: bool,
    /// Where it is sent.
    pub location: Location,
}

/// A call of which the text does not tell whether it sends a message, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownCall {
    /// As [`SentMessage::from`].
    pub from: Option<String>,
    /// As [`SentMessage::by`].
    pub by: String,
    /// The method that is called.
    pub message: String,
    /// The receivers that have a message of this name.
    pub candidates: Vec<String>,
    /// Where it is called.
    pub location: Location,
}

/// Finds who sends what to whom in a crate.
///
/// ```
/// use kay_codegen::{Options, Root, Sources, calls};
///
/// let car = "
///     use kay_runtime::World;
///     pub struct Car { id: CarId, ahead: Option<CarId> }
///     impl Car {
///         pub fn honk(&self, world: &mut World) {
///             self.ahead.inspect(|ahead| ahead.honk(world));
///         }
///     }
///     kay_runtime::kay_auto!();
/// ";
/// let root = Root { crate_name: "city".to_owned(), file: "src/lib.rs".to_owned() };
/// let graph = calls::graph(&root, &Sources::from_iter([("src/lib.rs", car)]), &Options::default());
/// let honk = &graph.sends[0];
/// assert_eq!((honk.from.as_deref(), &*honk.to), (Some("Car"), "Car"));
/// assert_eq!((&*honk.message, honk.location.line), ("honk", 6));
/// ```
pub fn graph(root: &Root, sources: &Sources, options: &Options) -> Graph {
    on_deep_stack(&|| {
        let mut diagnostics = Diagnostics::default();
        let (name, file) = (&root.crate_name, &root.file);
        let mut krate = source::load(name, file, sources, Bodies::Kept, &mut diagnostics);
        interface::take_in(&mut krate, options);
        let model = model::collect(&krate, options, &mut diagnostics);
        connect::connect(&context::Context::new(&model))
    })
}
