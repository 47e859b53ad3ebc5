//! What is generated for an actor trait: its id and its messages.

use super::block::message_name;
use super::documentation::documentation;
use super::generics::{Common, Parameters, tuple};
use super::id::{Id, allowed, start_methods};
use super::message::Message;
use super::writer::{Piece, Writer};
use super::{Emitter, fingerprint_constant, is_hidden, texts, visibility};
use crate::fingerprint;
use crate::model::{ActorTrait, Generics, Placed, Super, TraitDefinition, normalised, overlap};
use quote::ToTokens;
use syn::ext::IdentExt;

/// The special addresses of a trait: what each is called, what it addresses, and how it is made.
const ADDRESSES: [(&str, &str, &str); 2] = [
    (
        "local_broadcast",
        "every [`$of`] on this machine",
        "world.local_broadcast_id()",
    ),
    (
        "global_broadcast",
        "every [`$of`] on all machines",
        "world.global_broadcast_id()",
    ),
];

impl<'a> Emitter<'_, 'a> {
    pub(super) fn trait_definition(
        &mut self,
        out: &mut Writer,
        actor_trait: &ActorTrait<'a>,
        definition: &TraitDefinition<'a>,
    ) {
        let model = self.model;
        let name = actor_trait.ident.unraw().to_string();
        let id = model.options.id_name(&name);
        let path = model.item_path(actor_trait.module, actor_trait.ident);
        let mut generics = definition.generics.clone();
        generics.make_compact(&model.names, actor_trait.module);
        self.trait_id(out, actor_trait, definition, &generics, &id, &path);

        let parameters = Parameters::new(&generics);
        let conditions = texts(&definition.conditions);
        let visibility = visibility(definition.visibility);
        let origin = self.origin(definition.placed, actor_trait.module);
        let messages: Vec<Message> = definition
            .handlers
            .iter()
            .map(|handler| {
                let plain = handler.ident.unraw();
                Message {
                    name: message_name(&name, handler.ident),
                    path: format!("{path}::{plain}"),
                    owner: &name,
                    handler: handler.ident,
                    attributes: handler.attributes,
                    outer: &conditions,
                    conditions: texts(&handler.conditions),
                    visibility: &visibility,
                    is_hidden: is_hidden(model, &visibility, actor_trait.module),
                    parameters: &parameters,
                    fields: &handler.parameters,
                    origin: &origin,
                }
            })
            .collect();
        let common = Common {
            conditions: &conditions,
            parameters: &parameters,
        };
        if !messages.is_empty() {
            let names_itself = messages.iter().any(|message| message.mentions(&id));
            let target = [&id, parameters.arguments.as_str()].concat();
            let is_hidden = is_hidden(model, &visibility, actor_trait.module);
            start_methods(out, common, &target, &allowed(is_hidden, names_itself));
            for message in &messages {
                message.sender(out, |world, value| {
                    Piece::call(
                        [world, ".send_to_trait("].concat(),
                        vec!["self".into(), value],
                    )
                });
            }
            out.close();
        }
        for message in &messages {
            message.definition(out);
        }
        for (at, above) in definition.supers.iter().enumerate() {
            // Of `Sink<T> + Sink<u8>`, the first alone: two conversions that are one if `T` is `u8`
            // cannot both be there.
            let item = &model.traits[above.index].definitions[0].generics;
            let is_there_already = definition.supers[..at].iter().any(|other| {
                other.index == above.index
                    && overlap(
                        &other.arguments,
                        &above.arguments,
                        item,
                        &definition.generics,
                    )
            });
            if !is_there_already {
                self.upcast(out, definition.placed, common, &id, above);
            }
        }
    }

    fn trait_id(
        &self,
        out: &mut Writer,
        actor_trait: &ActorTrait<'a>,
        definition: &TraitDefinition<'a>,
        compact: &Generics,
        id: &str,
        path: &str,
    ) {
        let name = actor_trait.ident.unraw().to_string();
        let conditions = texts(&definition.conditions);
        // An id is only an address: nothing is asked of what it might be told.
        let mut of_compact = Generics {
            parameters: compact.parameters.clone(),
            ..Generics::default()
        };
        let free = Parameters::new(&of_compact);
        of_compact.make_compact(&self.model.names, actor_trait.module);
        let of_compact = Parameters::new(&of_compact);
        let mut fields: Vec<Piece> = vec!["::kay_runtime::RawId".into()];
        let mut phantom = "";
        if !free.types.is_empty() {
            let types = tuple(&free.types);
            fields.push(format!("::core::marker::PhantomData<fn() -> {types}>").into());
            phantom = ", ::core::marker::PhantomData";
        }
        let visibility = visibility(definition.visibility);
        let id = Id {
            name: id,
            of: &name,
            visibility: &visibility,
            is_hidden: is_hidden(self.model, &visibility, actor_trait.module),
            conditions: &conditions,
            parameters: &free,
        };
        let ty = id.ty();
        out.gap();
        documentation(
            out,
            &["The address of an actor that is a [`", &name, "`]."],
            definition.attributes,
            &name,
            &self.origin(definition.placed, actor_trait.module),
            actor_trait.ident.span(),
        );
        out.attributes(&conditions);
        id.definition(out, fields);
        let index_doc = "A dense integer among the actors of one type, good for staggering work.";
        id.methods(out, &of_compact, &ADDRESSES, index_doc);
        let common = Common {
            conditions: &conditions,
            parameters: &free,
        };
        common.implement(
            out,
            "::core::convert::From<::kay_runtime::RawId>",
            &ty,
            "
            fn from(id: ::kay_runtime::RawId) -> Self {
                Self(id$phantom)
            }",
            &[("phantom", phantom)],
        );
        common.implement(
            out,
            &format!("::core::convert::From<{ty}>"),
            "::kay_runtime::RawId",
            "
            fn from(id: $id) -> Self {
                id.0
            }",
            &[("id", &ty)],
        );
        let common = Common {
            parameters: &of_compact,
            ..common
        };
        common.start(out, "::kay_runtime::TraitId", Some(&ty));
        out.line(&["const NAME: &'static str = \"", path, "\";"]);
        fingerprint_constant(out, fingerprint::of_path(path), &of_compact.hashes);
        out.close();
    }

    /// `From<SubId> for SuperId`.
    fn upcast(
        &mut self,
        out: &mut Writer,
        placed: Placed,
        common: Common,
        id: &str,
        above: &Super,
    ) {
        let model = self.model;
        let to = &model.traits[above.index];
        let name = model.id_name(to.module, to.ident);
        let mut target = self.path_to(to.module, &name, placed);
        let arguments: Vec<String> = above
            .arguments
            .iter()
            .map(|argument| normalised(argument.to_token_stream()))
            .collect();
        if !arguments.is_empty() {
            target = format!("{target}<{}>", arguments.join(", "));
        }
        let from = [id, &common.parameters.arguments].concat();
        cast(out, common, &from, &target);
    }
}

/// `From<CarId> for PlaceId`: only what the address is known to be changes.
pub(super) fn cast(out: &mut Writer, common: Common, from: &str, to: &str) {
    common.implement(
        out,
        &format!("::core::convert::From<{from}>"),
        to,
        "
        fn from(id: $from) -> Self {
            ::core::convert::From::from(::kay_runtime::RawId::from(id))
        }",
        &[("from", from)],
    );
}
