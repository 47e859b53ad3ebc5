//! Messages, and how they are sent and received.

use super::combined;
use super::documentation::{documentation, line};
use crate::fingerprint;
use crate::model::{Essential, Generics, Model, Parameter, Placed};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::{Attribute, Ident};

/// A message, from the signature of its handler or spawner.
pub(super) struct Message<'m> {
    pub(super) model: &'m Model<'m>,
    pub(super) placed: Placed,
    /// `CarTick`.
    pub(super) name: Ident,
    /// `demo_sim::car::Car::tick`.
    pub(super) path: String,
    /// `Car::tick`, as documentation names it.
    pub(super) source: String,
    pub(super) handler: &'m Ident,
    pub(super) attributes: &'m [Attribute],
    pub(super) conditions: Vec<TokenStream>,
    pub(super) visibility: TokenStream,
    pub(super) generics: &'m Generics,
    pub(super) parameters: &'m [Parameter],
}

impl Message<'_> {
    /// Type parameters that no field mentions.
    fn unused(&self) -> Vec<&Ident> {
        let mut mentioned = BTreeSet::new();
        for parameter in self.parameters {
            words(parameter.ty.clone(), &mut mentioned);
        }
        self.generics
            .types()
            .filter(|ident| !mentioned.contains(&ident.to_string()))
            .collect()
    }

    /// The name of the field that stands for unused type parameters.
    fn marker(&self) -> Ident {
        let mut name = "marker".to_owned();
        while self
            .parameters
            .iter()
            .any(|parameter| parameter.field == name)
        {
            name.push('_');
        }
        format_ident!("{name}")
    }

    /// The message type, and what makes it a message.
    pub(super) fn definition(&self) -> TokenStream {
        let Self {
            name,
            visibility,
            conditions,
            generics,
            ..
        } = self;
        let doc = line(&format!("What [`{}`] is told.", self.source));
        let conditions = quote!(#(#conditions)*);
        let (declared, arguments) = (generics.declared(), generics.arguments());
        let with_defaults = generics.declared_with_defaults();
        let clause = generics.predicates.clause();
        let fields = self.parameters.iter().map(|Parameter { field, ty, .. }| {
            let doc = line(&format!("The `{field}` of the call."));
            quote!(#doc pub #field: #ty)
        });
        let unused = self.unused();
        let marker = (!unused.is_empty()).then(|| {
            let marker = self.marker();
            let doc = line("Nothing: it names the type parameters that no other field has.");
            quote!(#doc pub #marker: ::core::marker::PhantomData<fn() -> (#(#unused,)*)>)
        });
        let body = if self.parameters.is_empty() && marker.is_none() {
            quote!(#clause;)
        } else {
            let fields = fields.chain(marker);
            quote!(#clause { #(#fields),* })
        };
        let path = &self.path;
        let fingerprint = fingerprint::of_message(path, self.parameters);
        let fingerprint = combined(fingerprint, &generics.hashes());
        quote! {
            #conditions
            #doc
            #[derive(::kay_runtime::Compact)]
            #[compact(crate = ::kay_runtime)]
            #[allow(dead_code)]
            #visibility struct #name #with_defaults #body

            #conditions
            impl #declared ::kay_runtime::Message for #name #arguments #clause {
                const NAME: &'static str = #path;
                const FINGERPRINT: u64 = #fingerprint;
            }
        }
    }

    /// The message as it is put together from parameters of the same names.
    fn value(&self) -> TokenStream {
        let name = &self.name;
        let fields: Vec<&Ident> = self.parameters.iter().map(|p| &p.field).collect();
        let unused = !self.unused().is_empty();
        if self.generics.is_empty() {
            return if fields.is_empty() {
                quote!(#name)
            } else {
                quote!(#name { #(#fields),* })
            };
        }
        let arguments = self.generics.arguments();
        let marker = unused.then(|| {
            let marker = self.marker();
            quote!(#marker: ::core::marker::PhantomData)
        });
        let fields = fields.into_iter().map(|field| quote!(#field)).chain(marker);
        if self.parameters.is_empty() && !unused {
            return quote!(#name::#arguments);
        }
        quote!(#name::#arguments { #(#fields),* })
    }

    /// A name for something beside the parameters.
    fn free(&self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while self
            .parameters
            .iter()
            .any(|parameter| parameter.field == name)
        {
            name.push('_');
        }
        format_ident!("{name}")
    }

    fn typed_fields(&self) -> Vec<TokenStream> {
        let typed = |Parameter { field, ty, .. }: &Parameter| quote!(#field: #ty);
        self.parameters.iter().map(typed).collect()
    }

    /// More parameters than a lint likes are no fault of the generated function.
    fn allowed(&self, extra: usize) -> Option<TokenStream> {
        let is_long = self.parameters.len() + extra > 7;
        is_long.then(|| quote!(#[allow(clippy::too_many_arguments)]))
    }

    /// The method of the id that sends the message.
    pub(super) fn sender(
        &self,
        inner_conditions: &[TokenStream],
        send: impl FnOnce(&Ident, TokenStream) -> TokenStream,
    ) -> TokenStream {
        let doc = documentation(
            self.model,
            &format!("Calls [`{}`] in the next turn.", self.source),
            self.attributes,
            self.placed,
            self.handler.span(),
        );
        let (handler, fields, world) = (self.handler, self.typed_fields(), self.free("world"));
        let sent = send(&world, self.value());
        let allowed = self.allowed(2);
        quote! {
            #(#inner_conditions)*
            #doc
            #allowed
            pub fn #handler(self, #(#fields,)* #world: &mut ::kay_runtime::World) {
                #sent
            }
        }
    }

    /// The functions of the id that spawn an actor.
    pub(super) fn spawners(&self, inner_conditions: &[TokenStream]) -> TokenStream {
        let what = format!(
            "Spawns an actor with [`{}`], and says at once what its id will be.",
            self.source
        );
        let doc = documentation(
            self.model,
            &what,
            self.attributes,
            self.placed,
            self.handler.span(),
        );
        let near_doc = line(&format!(
            "As [`Self::{}`], on the same shard as another actor.",
            self.handler
        ));
        let (spawn, fields, world, near) = (
            self.handler,
            self.typed_fields(),
            self.free("world"),
            self.free("near"),
        );
        let spawn_near = format_ident!("{}_near", spawn);
        let value = self.value();
        let (allowed, allowed_near) = (self.allowed(1), self.allowed(2));
        quote! {
            #(#inner_conditions)*
            #doc
            #allowed
            pub fn #spawn(#(#fields,)* #world: &mut ::kay_runtime::World) -> Self {
                ::core::convert::From::from(#world.spawn(#value))
            }
            #(#inner_conditions)*
            #near_doc
            #allowed_near
            pub fn #spawn_near(
                #near: impl ::core::convert::Into<::kay_runtime::RawId>,
                #(#fields,)*
                #world: &mut ::kay_runtime::World,
            ) -> Self {
                ::core::convert::From::from(#world.spawn_near(#near, #value))
            }
        }
    }
}

/// How an actor receives a message.
pub(super) struct Reception<'m> {
    pub(super) conditions: Vec<TokenStream>,
    /// The generics of the block.
    pub(super) generics: &'m Generics,
    pub(super) self_type: &'m syn::Type,
    /// The type of the message, with arguments.
    pub(super) message: TokenStream,
    /// The function that handles it: `Self::tick`.
    pub(super) function: TokenStream,
    pub(super) parameters: &'m [Parameter],
    pub(super) has_fate: bool,
    pub(super) is_deprecated: bool,
    pub(super) essential: Essential,
}

impl Reception<'_> {
    pub(super) fn written(&self) -> TokenStream {
        let Self {
            conditions,
            self_type,
            message,
            function,
            ..
        } = self;
        let (declared, clause) = (self.generics.declared(), self.generics.predicates.clause());
        let name = if self.parameters.is_empty() {
            quote!(_message)
        } else {
            quote!(message)
        };
        let own = self
            .parameters
            .iter()
            .map(|Parameter { field, is_lent, .. }| {
                if *is_lent {
                    quote!(&message.#field)
                } else {
                    quote!(message.#field)
                }
            });
        let shared = self
            .parameters
            .iter()
            .map(|Parameter { field, is_lent, .. }| {
                if *is_lent {
                    quote!(&message.#field)
                } else {
                    quote!(::kay_runtime::Compact::duplicate(&message.#field))
                }
            });
        let finish = |call: TokenStream| {
            if self.has_fate {
                call
            } else {
                quote!(#call; ::kay_runtime::Fate::Live)
            }
        };
        let own = finish(quote!(#function(self, #(#own,)* world)));
        let shared = finish(quote!(#function(self, #(#shared,)* world)));
        let deprecated = self.is_deprecated.then(|| quote!(#[allow(deprecated)]));
        let essential = essential(&self.essential);
        quote! {
            #(#conditions)*
            #deprecated
            impl #declared ::kay_runtime::Recipient<#message> for #self_type #clause {
                #essential
                #[inline]
                fn receive(&mut self, #name: #message, world: &mut ::kay_runtime::World) -> ::kay_runtime::Fate {
                    #own
                }
                #[inline]
                fn receive_shared(&mut self, #name: &#message, world: &mut ::kay_runtime::World) -> ::kay_runtime::Fate {
                    #shared
                }
            }
        }
    }
}

fn essential(essential: &Essential) -> Option<TokenStream> {
    let value = if essential.always {
        quote!(true)
    } else if essential.is_marked() {
        let when = &essential.when;
        quote!(::core::cfg!(any(#(#when),*)))
    } else {
        return None;
    };
    Some(quote!(const ESSENTIAL: bool = #value;))
}

/// All identifiers among tokens.
fn words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Ident(ident) => {
                found.insert(ident.to_string());
            }
            proc_macro2::TokenTree::Group(group) => words(group.stream(), found),
            _ => {}
        }
    }
}
