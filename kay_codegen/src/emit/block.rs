//! What is generated for an `impl` block of an actor.

use super::Emitter;
use super::message::{Message, Reception};
use crate::model::{Block, Essential, Model, Parameter, TraitUse, camel_case, plain_path};
use crate::resolve::Reach;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Ident};

impl<'a> Emitter<'_, 'a> {
    pub(super) fn block(&mut self, block: &Block<'a>) -> TokenStream {
        match &block.of_trait {
            Some(of_trait) => self.trait_block(block, of_trait),
            None => self.inherent_block(block),
        }
    }

    fn inherent_block(&mut self, block: &Block<'a>) -> TokenStream {
        let model = self.model;
        let actor = &model.actors[block.actor];
        let name = actor.ident.unraw().to_string();
        let id_path = self.path_to(actor.module, &model.options.id_name(&name), block.placed);
        let reach = Reach::new(
            model.names.krate,
            actor.definitions[0].visibility,
            actor.module,
        );
        let visibility = reach.written_in(model.names.krate, block.placed.module);
        let self_type = block.self_type;
        let mut methods = TokenStream::new();
        let mut items = TokenStream::new();
        for spawner in &block.spawners {
            let (ident, attributes) = (spawner.ident, spawner.attributes);
            let message = Message {
                visibility: visibility.clone(),
                ..message(
                    model,
                    block,
                    ident,
                    attributes,
                    &spawner.conditions,
                    &spawner.parameters,
                )
            };
            methods.extend(message.spawners(&spawner.conditions));
            items.extend(message.definition());
            items.extend(spawn(block, &message));
        }
        for handler in &block.handlers {
            let (ident, attributes) = (handler.ident, handler.attributes);
            let message = Message {
                visibility: visibility.clone(),
                ..message(
                    model,
                    block,
                    ident,
                    attributes,
                    &handler.conditions,
                    &handler.parameters,
                )
            };
            let target = if block.placed.module == actor.module {
                quote!(self.0)
            } else {
                quote!(::kay_runtime::Id::<#self_type>::from(self))
            };
            methods.extend(message.sender(
                &handler.conditions,
                |world, value| quote!(#world.send(#target, #value);),
            ));
            items.extend(message.definition());
            let (name, arguments) = (&message.name, block.generics.arguments());
            let reception = Reception {
                conditions: message.conditions.clone(),
                generics: &block.generics,
                self_type,
                message: quote!(#name #arguments),
                function: quote!(Self::#ident),
                parameters: &handler.parameters,
                has_fate: handler.has_fate,
                is_deprecated: is_deprecated(attributes),
                essential: handler.essential.clone(),
            };
            items.extend(reception.written());
        }
        let conditions = &block.conditions;
        let (declared, clause) = (
            block.generics.declared(),
            block.generics.predicates.clause(),
        );
        let arguments = actor_arguments(block);
        let register = self.register(block);
        quote! {
            #(#conditions)*
            #[allow(dead_code)]
            impl #declared #id_path #arguments #clause { #methods }
            #items
            #register
        }
    }

    fn trait_block(&mut self, block: &Block<'a>, of_trait: &TraitUse<'a>) -> TokenStream {
        let model = self.model;
        let actor = &model.actors[block.actor];
        let actor_trait = &model.traits[of_trait.index];
        let trait_name = actor_trait.ident.unraw().to_string();
        let id_name = model.id_name(actor.module, actor.ident);
        let id = self.path_to(actor.module, &id_name, block.placed);
        let trait_id = model.id_name(actor_trait.module, actor_trait.ident);
        let trait_id = self.path_to(actor_trait.module, &trait_id, block.placed);
        let (conditions, self_type, path) = (&block.conditions, block.self_type, of_trait.path);
        let (declared, clause) = (
            block.generics.declared(),
            block.generics.predicates.clause(),
        );
        let (of_id, of_message) = (actor_arguments(block), &of_trait.arguments);
        let mut items = quote! {
            #(#conditions)*
            impl #declared ::core::convert::From<#id #of_id> for #trait_id #of_message #clause {
                fn from(id: #id #of_id) -> Self {
                    ::core::convert::From::from(::kay_runtime::RawId::from(id))
                }
            }
        };
        for definition in &actor_trait.definitions {
            for handler in &definition.handlers {
                let name = message_name(&trait_name, handler.ident).to_string();
                let message = self.path_to(actor_trait.module, &name, block.placed);
                let own = of_trait
                    .essential
                    .iter()
                    .find(|(of, _)| *handler.ident == of.as_str());
                let own = own
                    .map(|(_, essential)| essential.clone())
                    .unwrap_or_default();
                let ident = handler.ident;
                let reception = Reception {
                    conditions: [
                        &block.conditions[..],
                        &definition.conditions,
                        &handler.conditions,
                    ]
                    .concat(),
                    generics: &block.generics,
                    self_type,
                    message: quote!(#message #of_message),
                    function: quote!(<Self as #path>::#ident),
                    parameters: &handler.parameters,
                    has_fate: handler.has_fate,
                    is_deprecated: is_deprecated(handler.attributes),
                    essential: Essential::or(&handler.essential, &own),
                };
                items.extend(reception.written());
            }
        }
        items.extend(self.register(block));
        items
    }

    /// The function that lists a block's messages, if its actor stands in another module.
    fn register(&mut self, block: &Block<'a>) -> Option<TokenStream> {
        let name = block.register.as_ref()?;
        let (conditions, self_type) = (&block.conditions, block.self_type);
        let (declared, clause) = (
            block.generics.declared(),
            block.generics.predicates.clause(),
        );
        let list = self.listed(block);
        Some(quote! {
            #(#conditions)*
            impl #declared #self_type #clause {
                #[doc(hidden)]
                pub(crate) fn #name(handlers: &mut ::kay_runtime::Handlers<'_, Self>) { #list }
            }
        })
    }

    /// The statements that list a block's messages, in the module of the block.
    pub(super) fn listed(&mut self, block: &Block<'a>) -> TokenStream {
        let model = self.model;
        let Some(of_trait) = &block.of_trait else {
            let name = model.actors[block.actor].ident.unraw().to_string();
            let arguments = block.generics.arguments();
            let of = |ident: &Ident| message_name(&name, ident);
            let spawners = block.spawners.iter().map(|spawner| {
                let (conditions, message) = (&spawner.conditions, of(spawner.ident));
                quote!(#(#conditions)* handlers.spawner::<#message #arguments>();)
            });
            let handlers = block.handlers.iter().map(|handler| {
                let (conditions, message) = (&handler.conditions, of(handler.ident));
                quote!(#(#conditions)* handlers.message::<#message #arguments>();)
            });
            return spawners.chain(handlers).collect();
        };
        let actor_trait = &model.traits[of_trait.index];
        let trait_name = actor_trait.ident.unraw().to_string();
        let arguments = &of_trait.arguments;
        let mut list = TokenStream::new();
        for definition in &actor_trait.definitions {
            for handler in &definition.handlers {
                let name = message_name(&trait_name, handler.ident).to_string();
                let message = self.path_to(actor_trait.module, &name, block.placed);
                let conditions = definition.conditions.iter().chain(&handler.conditions);
                list.extend(quote!(#(#conditions)* handlers.message::<#message #arguments>();));
            }
        }
        let trait_id = model.id_name(actor_trait.module, actor_trait.ident);
        let trait_id = self.path_to(actor_trait.module, &trait_id, block.placed);
        list.extend(quote!(handlers.implements::<#trait_id #arguments>();));
        list
    }
}

/// The message of a handler or spawner of a block, with the visibility left open.
fn message<'m>(
    model: &'m Model<'m>,
    block: &'m Block<'m>,
    handler: &'m Ident,
    attributes: &'m [Attribute],
    conditions: &[TokenStream],
    parameters: &'m [Parameter],
) -> Message<'m> {
    let actor = &model.actors[block.actor];
    let name = actor.ident.unraw().to_string();
    let path = model.item_path(actor.module, actor.ident);
    let shown: String = block
        .self_type
        .to_token_stream()
        .to_string()
        .replace(' ', "");
    let shown = shown.split('<').next().unwrap_or_default();
    Message {
        model,
        placed: block.placed,
        name: message_name(&name, handler),
        path: format!("{path}::{}", handler.unraw()),
        source: format!("{shown}::{}", handler.unraw()),
        handler,
        attributes,
        conditions: block.conditions.iter().chain(conditions).cloned().collect(),
        visibility: TokenStream::new(),
        generics: &block.generics,
        parameters,
    }
}

/// `CarTick`, for the handler `tick` of `Car`.
pub(super) fn message_name(of: &str, handler: &Ident) -> Ident {
    format_ident!("{of}{}", camel_case(&handler.unraw().to_string()))
}

/// The generic arguments of the block's actor, in the order in which the actor declares them.
fn actor_arguments(block: &Block) -> TokenStream {
    let path = plain_path(block.self_type).expect("the actor of a block is named by a path");
    path.segments
        .last()
        .map(|last| last.arguments.to_token_stream())
        .unwrap_or_default()
}

pub(super) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("deprecated"))
}

/// How a spawner makes its actor.
fn spawn(block: &Block, message: &Message) -> TokenStream {
    let (conditions, self_type) = (&message.conditions, block.self_type);
    let (declared, arguments) = (block.generics.declared(), block.generics.arguments());
    let clause = block.generics.predicates.clause();
    let (name, function) = (&message.name, message.handler);
    let values = message
        .parameters
        .iter()
        .map(|Parameter { field, is_lent, .. }| {
            if *is_lent {
                quote!(&self.#field)
            } else {
                quote!(self.#field)
            }
        });
    let deprecated = is_deprecated(message.attributes).then(|| quote!(#[allow(deprecated)]));
    quote! {
        #(#conditions)*
        #deprecated
        impl #declared ::kay_runtime::Spawner for #name #arguments #clause {
            type Actor = #self_type;
            fn spawn(
                self,
                id: ::kay_runtime::Id<#self_type>,
                world: &mut ::kay_runtime::World,
            ) -> #self_type {
                <#self_type>::#function(::core::convert::From::from(id), #(#values,)* world)
            }
        }
    }
}
