//! What the model consists of.

use super::{Essential, Generics, Predicates, Setup};
use crate::options::Options;
use crate::resolve::Names;
use crate::source::ModuleId;
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Path, Type};

/// Everything that is generated, before it is written down.
pub(crate) struct Model<'a> {
    pub(crate) names: Names<'a>,
    pub(crate) options: &'a Options,
    /// The actors, those of other crates included that a block here adds to.
    pub(crate) actors: Vec<Actor<'a>>,
    /// The actor traits, those that are known of other crates included.
    pub(crate) traits: Vec<ActorTrait<'a>>,
    /// The `impl` blocks of actors that need glue, in the order of the source.
    pub(crate) blocks: Vec<Block<'a>>,
    pub(crate) setup: Setup,
}

/// Where something stands in the source.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) module: ModuleId,
    /// Which part of the module.
    pub(crate) part: usize,
    /// Which item of the part.
    pub(crate) item: usize,
    pub(crate) span: Span,
}

/// A type that receives messages.
pub(crate) struct Actor<'a> {
    pub(crate) module: ModuleId,
    pub(crate) ident: &'a Ident,
    /// One, or several under opposite conditions.
    pub(crate) definitions: Vec<Definition<'a>>,
    /// What its parameters must satisfy for it to be an actor: what the struct and all blocks ask
    /// for. In the names of the struct's parameters, with paths that hold in its module.
    pub(crate) predicates: Predicates,
}

/// One definition of an actor's struct.
pub(crate) struct Definition<'a> {
    pub(crate) placed: Placed,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) visibility: &'a syn::Visibility,
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) generics: Generics,
}

/// An `impl` block with handlers or spawners, or of an actor trait.
pub(crate) struct Block<'a> {
    pub(crate) placed: Placed,
    /// Its actor, in [`Model::actors`].
    pub(crate) actor: usize,
    pub(crate) of_trait: Option<TraitUse<'a>>,
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) self_type: &'a Type,
    /// The block's own parameters, with all that the actor asks for in their names.
    pub(crate) generics: Generics,
    pub(crate) handlers: Vec<Handler<'a>>,
    pub(crate) spawners: Vec<Spawner<'a>>,
    /// The function that lists the block's messages, if that has to happen from another module.
    pub(crate) register: Option<Ident>,
}

/// The trait of a block.
pub(crate) struct TraitUse<'a> {
    /// The trait, in [`Model::traits`].
    pub(crate) index: usize,
    /// The trait as it is written in the block.
    pub(crate) path: &'a Path,
    /// Its generic arguments, with brackets, or nothing.
    pub(crate) arguments: TokenStream,
    /// Methods that the block itself marks as essential, by their names without `r#`.
    pub(crate) essential: Vec<(String, Essential)>,
}

/// A trait whose methods are messages.
pub(crate) struct ActorTrait<'a> {
    pub(crate) module: ModuleId,
    pub(crate) ident: &'a Ident,
    pub(crate) definitions: Vec<TraitDefinition<'a>>,
}

/// One definition of an actor trait.
pub(crate) struct TraitDefinition<'a> {
    pub(crate) placed: Placed,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) visibility: &'a syn::Visibility,
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) generics: Generics,
    pub(crate) handlers: Vec<Handler<'a>>,
    /// The actor traits above it, however far.
    pub(crate) supers: Vec<Super>,
}

/// An actor trait above another.
#[derive(Clone)]
pub(crate) struct Super {
    /// The trait, in [`Model::traits`].
    pub(crate) index: usize,
    /// Its arguments, in the names of the lower trait's parameters.
    pub(crate) arguments: Vec<syn::GenericArgument>,
}

/// A method that is a message.
pub(crate) struct Handler<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) parameters: Vec<Parameter>,
    /// Whether it returns a `Fate`.
    pub(crate) has_fate: bool,
    pub(crate) essential: Essential,
}

/// A function that makes an actor.
pub(crate) struct Spawner<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) attributes: &'a [Attribute],
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) parameters: Vec<Parameter>,
}

/// What travels in a message.
pub(crate) struct Parameter {
    /// Its name in the message, as code spells it.
    pub(crate) field: String,
    /// Its type as it travels, as text that does not depend on how the source is spaced.
    pub(crate) ty: String,
    /// Whether the handler takes it by reference.
    pub(crate) is_lent: bool,
}

impl<'a> Model<'a> {
    /// The actors of the crate itself, with their indices.
    pub(crate) fn own_actors(&self) -> impl Iterator<Item = (usize, &Actor<'a>)> {
        let all = self.actors.iter().enumerate();
        all.filter(|(_, actor)| self.names.krate.is_own(actor.module))
    }

    /// The actor traits of the crate itself, with their indices.
    pub(crate) fn own_traits(&self) -> impl Iterator<Item = (usize, &ActorTrait<'a>)> {
        let all = self.traits.iter().enumerate();
        all.filter(|(_, of)| self.names.krate.is_own(of.module))
    }

    /// Whether a block adds to what an actor of another crate handles.
    pub(crate) fn is_extension(&self, block: &Block<'_>) -> bool {
        !self.names.krate.is_own(self.actors[block.actor].module)
    }

    /// The name of the id of an actor or actor trait, of this crate or another.
    pub(crate) fn id_name(&self, module: ModuleId, ident: &Ident) -> String {
        self.options
            .id_name_in(self.names.krate, module, &ident.unraw().to_string())
    }

    /// The path of an item with its crate's name first, as it stands in messages and schemas.
    pub(crate) fn item_path(&self, module: ModuleId, ident: &Ident) -> String {
        let path = self.names.krate.full_path(module).replace("r#", "");
        format!("{path}::{}", ident.unraw())
    }

    /// The same without the crate's name, unless it is another crate's.
    pub(crate) fn local_path(&self, module: ModuleId, ident: &Ident) -> String {
        if !self.names.krate.is_own(module) {
            return self.item_path(module, ident);
        }
        let path = self.names.krate.module(module).path.replace("r#", "");
        let colons = if path.is_empty() { "" } else { "::" };
        format!("{path}{colons}{}", ident.unraw())
    }

    /// The file of something.
    pub(crate) fn file(&self, placed: Placed) -> &str {
        &self.names.krate.module(placed.module).parts[placed.part].file
    }
}
