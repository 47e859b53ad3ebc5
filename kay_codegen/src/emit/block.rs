//! What is generated for an `impl` block of an actor.

use super::generics::{Common, Parameters};
use super::id::{allowed, start_methods};
use super::message::{Message, function};
use super::reception::Reception;
use super::traits::cast;
use super::writer::{Piece, Writer};
use super::{Emitter, is_hidden, spaced, texts};
use crate::model::{
    Block, Essential, Handler, Parameter, TraitUse, camel_case, normalised, plain_path,
};
use crate::resolve::Reach;
use crate::source::deprecations;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Ident};

impl<'a> Emitter<'_, 'a> {
    pub(super) fn block(&mut self, out: &mut Writer, block: &Block<'a>) {
        let parameters = Parameters::new(&block.generics);
        let conditions = texts(&block.conditions);
        let common = Common {
            conditions: &conditions,
            parameters: &parameters,
        };
        let path = plain_path(block.self_type).expect("the actor of a block is named by a path");
        let target = normalised(path.to_token_stream());
        match &block.of_trait {
            Some(of_trait) => self.trait_block(out, block, common, &target, of_trait),
            None => self.inherent_block(out, block, common, &target),
        }
        if let Some(name) = &block.register {
            // The function that lists the block's messages for an actor in another module.
            common.start(out, &target, None);
            out.line(&["#[doc(hidden)]"]);
            let head = format!(
                "pub(crate) fn {name}(handlers: &mut ::kay_runtime::Handlers<'_, Self>) {{"
            );
            out.open(&[&head]);
            self.listed(out, block);
            out.close();
            out.close();
        }
    }

    fn inherent_block<'b>(
        &mut self,
        out: &mut Writer,
        block: &'b Block<'a>,
        common: Common,
        target: &str,
    ) {
        let model = self.model;
        let krate = model.names.krate;
        let actor = &model.actors[block.actor];
        let name = actor.ident.unraw().to_string();
        let id_name = model.options.id_name(&name);
        let id = self.path_to(actor.module, &id_name, block.placed);
        let reach = Reach::new(krate, actor.definitions[0].visibility, actor.module);
        let visibility = spaced(reach.written_in(krate, block.placed.module));
        let path = model.item_path(actor.module, actor.ident);
        let owner = target.split('<').next().unwrap_or_default();
        let origin = self.origin(block.placed, actor.module);
        let is_hidden = is_hidden(model, &visibility, block.placed.module);
        let is_here = block.placed.module == actor.module;
        let message = |ident: &'b Ident,
                       attributes: &'b [Attribute],
                       conditions: &[TokenStream],
                       parameters: &'b [Parameter]| Message {
            name: message_name(&name, ident),
            path: [&path, "::", &ident.unraw().to_string()].concat(),
            owner,
            handler: ident,
            attributes,
            outer: common.conditions,
            conditions: texts(conditions),
            visibility: &visibility,
            is_hidden,
            parameters: common.parameters,
            fields: parameters,
            origin: &origin,
        };
        let spawners: Vec<Message> = block
            .spawners
            .iter()
            .map(|s| message(s.ident, s.attributes, &s.conditions, &s.parameters))
            .collect();
        let handlers: Vec<Message> = block
            .handlers
            .iter()
            .map(|h| message(h.ident, h.attributes, &h.conditions, &h.parameters))
            .collect();

        let mut all = spawners.iter().chain(&handlers);
        let names_itself = all.any(|message| message.mentions(&id_name));
        let own = [&id, arguments_of(target)].concat();
        start_methods(out, common, &own, &allowed(is_hidden, names_itself));
        for message in &spawners {
            message.spawners(
                out,
                if is_here {
                    "Self("
                } else {
                    "::core::convert::From::from("
                },
            );
        }
        let to = if is_here {
            "self.0".to_owned()
        } else {
            ["::kay_runtime::Id::<", target, ">::from(self)"].concat()
        };
        for message in &handlers {
            message.sender(out, |world, value| {
                Piece::call([world, ".send("].concat(), vec![to.as_str().into(), value])
            });
        }
        out.close();

        for message in &spawners {
            message.definition(out);
            message.spawn(out, target);
        }
        for (handler, message) in block.handlers.iter().zip(&handlers) {
            message.definition(out);
            Reception {
                conditions: message.all_conditions(),
                parameters: common.parameters,
                target,
                message: &message.ty(),
                function: ["Self::", &function(handler.ident)].concat(),
                arguments: &handler.parameters,
                has_fate: handler.has_fate,
                is_deprecated: !deprecations(handler.attributes).is_empty(),
                essential: &handler.essential,
            }
            .write(out);
        }
    }

    fn trait_block(
        &mut self,
        out: &mut Writer,
        block: &Block<'a>,
        common: Common,
        target: &str,
        of_trait: &TraitUse<'a>,
    ) {
        let model = self.model;
        let actor = &model.actors[block.actor];
        let actor_trait = &model.traits[of_trait.index];
        let trait_name = actor_trait.ident.unraw().to_string();
        let id_name = model.id_name(actor.module, actor.ident);
        let id = self.path_to(actor.module, &id_name, block.placed);
        let trait_id = model.id_name(actor_trait.module, actor_trait.ident);
        let trait_id = self.path_to(actor_trait.module, &trait_id, block.placed);
        let arguments = normalised(of_trait.arguments.clone());
        let id = [&id, arguments_of(target)].concat();
        cast(out, common, &id, &[trait_id, arguments.clone()].concat());

        let path = normalised(of_trait.path.to_token_stream());
        for definition in &actor_trait.definitions {
            for handler in &definition.handlers {
                let name = message_name(&trait_name, handler.ident);
                let message = self.path_to(actor_trait.module, &name, block.placed);
                let conditions = [
                    common.conditions,
                    &texts(&definition.conditions),
                    &texts(&handler.conditions),
                ];
                Reception {
                    conditions: conditions.concat(),
                    parameters: common.parameters,
                    target,
                    message: &[message.as_str(), &arguments].concat(),
                    function: format!("<Self as {path}>::{}", function(handler.ident)),
                    arguments: &handler.parameters,
                    has_fate: handler.has_fate,
                    is_deprecated: !deprecations(handler.attributes).is_empty(),
                    essential: &essential(of_trait, handler),
                }
                .write(out);
            }
        }
    }

    /// The statements that list a block's messages, in the module of the block.
    pub(super) fn listed(&mut self, out: &mut Writer, block: &Block<'a>) {
        let model = self.model;
        let Some(of_trait) = &block.of_trait else {
            let name = model.actors[block.actor].ident.unraw().to_string();
            let arguments = normalised(block.generics.arguments());
            let mut list = |function, ident, conditions| {
                let message = message_name(&name, ident);
                out.attributes(&texts(conditions));
                out.line(&["handlers.", function, "::<", &message, &arguments, ">();"]);
            };
            for spawner in &block.spawners {
                list("spawner", spawner.ident, &spawner.conditions);
            }
            for handler in &block.handlers {
                list("message", handler.ident, &handler.conditions);
            }
            return;
        };
        let actor_trait = &model.traits[of_trait.index];
        let trait_name = actor_trait.ident.unraw().to_string();
        let arguments = normalised(of_trait.arguments.clone());
        for definition in &actor_trait.definitions {
            for handler in &definition.handlers {
                let name = message_name(&trait_name, handler.ident);
                let message = self.path_to(actor_trait.module, &name, block.placed);
                out.attributes(&texts(&definition.conditions));
                out.attributes(&texts(&handler.conditions));
                out.line(&["handlers.message::<", &message, &arguments, ">();"]);
            }
        }
        let trait_id = model.id_name(actor_trait.module, actor_trait.ident);
        let trait_id = self.path_to(actor_trait.module, &trait_id, block.placed);
        out.line(&["handlers.implements::<", &trait_id, &arguments, ">();"]);
    }
}

/// `CarTick`, for the handler `tick` of `Car`.
pub(super) fn message_name(of: &str, handler: &Ident) -> String {
    [of, &camel_case(&handler.unraw().to_string())].concat()
}

/// Whether a method of a trait is essential: either side can say so.
fn essential(of_trait: &TraitUse, handler: &Handler) -> Essential {
    let own = of_trait
        .essential
        .iter()
        .find(|(of, _)| handler.ident.unraw() == of.as_str());
    match own {
        Some((_, own)) => handler.essential.or(own),
        None => handler.essential.clone(),
    }
}

/// The generic arguments of a type, `<T, N>`, in the order in which its actor declares them.
fn arguments_of(target: &str) -> &str {
    target.find('<').map_or("", |at| &target[at..])
}
