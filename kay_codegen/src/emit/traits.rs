//! What is generated for an actor trait: its id and its messages.

use super::actor::{derives, without_bounds};
use super::block::message_name;
use super::documentation::{documentation, line};
use super::message::Message;
use super::{Emitter, combined};
use crate::fingerprint;
use crate::model::{ActorTrait, Generics, Placed, Super, TraitDefinition};
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

impl<'a> Emitter<'_, 'a> {
    pub(super) fn trait_definition(
        &mut self,
        actor_trait: &ActorTrait<'a>,
        definition: &TraitDefinition<'a>,
    ) -> TokenStream {
        let model = self.model;
        let name = actor_trait.ident.unraw().to_string();
        let id = format_ident!("{}", model.options.id_name(&name));
        let path = model.item_path(actor_trait.module, actor_trait.ident);
        let mut generics = definition.generics.clone();
        generics.make_compact(&model.names, actor_trait.module);
        let mut items = self.trait_id(actor_trait, definition, &generics, &id, &path);
        let mut methods = TokenStream::new();
        for handler in &definition.handlers {
            let plain = handler.ident.unraw();
            let message = Message {
                model,
                placed: definition.placed,
                name: message_name(&name, handler.ident),
                path: format!("{path}::{plain}"),
                source: format!("{name}::{plain}"),
                handler: handler.ident,
                attributes: handler.attributes,
                conditions: [&definition.conditions[..], &handler.conditions].concat(),
                visibility: definition.visibility.to_token_stream(),
                generics: &generics,
                parameters: &handler.parameters,
            };
            methods.extend(message.sender(
                &handler.conditions,
                |world, value| quote!(#world.send_to_trait(self, #value);),
            ));
            items.extend(message.definition());
        }
        if !methods.is_empty() {
            let (declared, arguments) = (generics.declared(), generics.arguments());
            let (conditions, clause) = (&definition.conditions, generics.predicates.clause());
            items.extend(quote! {
                #(#conditions)*
                #[allow(dead_code)]
                impl #declared #id #arguments #clause { #methods }
            });
        }
        for above in &definition.supers {
            items.extend(self.upcast(definition.placed, definition, &generics, &id, above));
        }
        items
    }

    fn trait_id(
        &self,
        actor_trait: &ActorTrait<'a>,
        definition: &TraitDefinition<'a>,
        compact: &Generics,
        id: &Ident,
        path: &str,
    ) -> TokenStream {
        let TraitDefinition {
            placed,
            attributes,
            visibility,
            conditions,
            ..
        } = definition;
        let ident = actor_trait.ident;
        let what = format!("The address of an actor that is a [`{}`].", ident.unraw());
        let doc = documentation(self.model, &what, attributes, *placed, ident.span());
        // An id is only an address: nothing is asked of what it might be told.
        let free = Generics {
            parameters: compact.parameters.clone(),
            ..Generics::default()
        };
        let with_defaults = free.declared_with_defaults();
        let (declared, arguments) = (free.declared(), free.arguments());
        let types: Vec<&Ident> = free.types().collect();
        let marker = (!types.is_empty())
            .then(|| quote!(, ::core::marker::PhantomData<fn() -> (#(#types,)*)>));
        let phantom = (!types.is_empty()).then(|| quote!(, ::core::marker::PhantomData));
        let derives = derives(&free);
        let mut items = quote! {
            #(#conditions)*
            #doc
            #derives
            #[compact(crate = ::kay_runtime)]
            #[allow(dead_code)]
            #visibility struct #id #with_defaults (::kay_runtime::RawId #marker);
        };
        if !free.is_empty() {
            items.extend(without_bounds(conditions, &free, id));
        }
        let mut of_compact = free.clone();
        of_compact.make_compact(&self.model.names, actor_trait.module);
        let clause = of_compact.predicates.clause();
        let fingerprint = combined(fingerprint::of_path(path), &free.hashes());
        let name = ident.unraw();
        let address = |method: &str, doc: &str| {
            let (method, runtime) = (format_ident!("{method}"), format_ident!("{method}_id"));
            let doc = line(doc);
            quote! {
                #doc
                #[must_use]
                pub fn #method(world: &::kay_runtime::World) -> Self {
                    world.#runtime()
                }
            }
        };
        let local = address(
            "local_broadcast",
            &format!("The address of every [`{name}`] on this machine."),
        );
        let global = address(
            "global_broadcast",
            &format!("The address of every [`{name}`] on all machines."),
        );
        items.extend(quote! {
            #(#conditions)*
            impl #declared ::core::fmt::Display for #id #arguments {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Display::fmt(&self.0, f)
                }
            }
            #(#conditions)*
            #[allow(dead_code)]
            impl #declared #id #arguments #clause {
                #local
                #global
                /// A dense integer among the actors of one type, good for staggering work.
                #[must_use]
                pub fn index(self) -> u32 {
                    self.0.index()
                }
                /// The machine that the actor lives on.
                #[must_use]
                pub fn machine(self) -> u16 {
                    self.0.machine()
                }
                /// How many actors have had this index, this one included.
                #[must_use]
                pub fn generation(self) -> u16 {
                    self.0.generation()
                }
            }
            #(#conditions)*
            impl #declared ::core::convert::From<::kay_runtime::RawId> for #id #arguments {
                fn from(id: ::kay_runtime::RawId) -> Self {
                    Self(id #phantom)
                }
            }
            #(#conditions)*
            impl #declared ::core::convert::From<#id #arguments> for ::kay_runtime::RawId {
                fn from(id: #id #arguments) -> Self {
                    id.0
                }
            }
            #(#conditions)*
            impl #declared ::kay_runtime::TraitId for #id #arguments #clause {
                const NAME: &'static str = #path;
                const FINGERPRINT: u64 = #fingerprint;
            }
        });
        items
    }

    /// `From<SubId> for SuperId`.
    fn upcast(
        &mut self,
        placed: Placed,
        definition: &TraitDefinition<'a>,
        generics: &Generics,
        id: &Ident,
        above: &Super,
    ) -> TokenStream {
        let model = self.model;
        let to = &model.traits[above.index];
        let name = model.id_name(to.module, to.ident);
        let path = self.path_to(to.module, &name, placed);
        let arguments = &above.arguments;
        let above = (!arguments.is_empty()).then(|| quote!(<#(#arguments),*>));
        let (declared, arguments) = (generics.declared(), generics.arguments());
        let conditions = &definition.conditions;
        quote! {
            #(#conditions)*
            impl #declared ::core::convert::From<#id #arguments> for #path #above {
                fn from(id: #id #arguments) -> Self {
                    ::core::convert::From::from(::kay_runtime::RawId::from(id))
                }
            }
        }
    }
}
