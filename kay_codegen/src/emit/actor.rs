//! What is generated for the struct of an actor: its id, and what makes it an actor.

use super::documentation::{documentation, line};
use super::{Emitter, combined};
use crate::fingerprint;
use crate::model::{Actor, Block, Definition, Generics, Model};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

impl<'a> Emitter<'_, 'a> {
    pub(super) fn definition(&mut self, index: usize, definition: &Definition<'a>) -> TokenStream {
        let model = self.model;
        let actor = &model.actors[index];
        let id = format_ident!(
            "{}",
            model.options.id_name(&actor.ident.unraw().to_string())
        );
        let mut items = id_type(model, actor, definition, &id);
        items.extend(addresses(actor, definition, &id));
        items.extend(self.actor(index, definition));
        items
    }

    /// `impl Actor for Car`.
    fn actor(&mut self, index: usize, definition: &Definition<'a>) -> TokenStream {
        let model = self.model;
        let actor = &model.actors[index];
        let (conditions, ident, generics) =
            (&definition.conditions, actor.ident, &definition.generics);
        let (declared, arguments) = (generics.declared(), generics.arguments());
        let clause = actor.predicates.clause();
        let path = model.item_path(actor.module, ident);
        let fingerprint = combined(fingerprint::of_path(&path), &generics.hashes());
        let mut lists = TokenStream::new();
        for block in self.blocks_of[index].clone() {
            lists.extend(self.list(actor, &model.blocks[block]));
        }
        quote! {
            #(#conditions)*
            impl #declared ::kay_runtime::Actor for #ident #arguments #clause {
                const NAME: &'static str = #path;
                const FINGERPRINT: u64 = #fingerprint;
                fn register(handlers: &mut ::kay_runtime::Handlers<'_, Self>) { #lists }
            }
        }
    }

    /// The statements by which an actor lists what one of its blocks handles.
    fn list(&mut self, actor: &Actor<'a>, block: &Block<'a>) -> TokenStream {
        let conditions = &block.conditions;
        if let Some(register) = &block.register {
            let parts = &self.model.names.krate.module(block.placed.module).parts;
            // A block that is compiled only with its module can be called only then.
            let of_module = if let [part] = &parts[..] {
                &part.conditions[..]
            } else {
                &[]
            };
            let shared = shared_conditions(self.model, actor, of_module);
            let of_module = &of_module[shared..];
            return quote!(#(#of_module)* #(#conditions)* Self::#register(handlers););
        }
        let list = self.listed(block);
        if conditions.is_empty() {
            list
        } else {
            quote!(#(#conditions)* { #list })
        }
    }
}

/// How many conditions of a module are those of the actor's own module.
fn shared_conditions(model: &Model, actor: &Actor, conditions: &[TokenStream]) -> usize {
    let parts = &model.names.krate.module(actor.module).parts;
    let [part] = &parts[..] else { return 0 };
    let own = part.conditions.iter().map(ToString::to_string);
    own.zip(conditions)
        .take_while(|(own, other)| *own == other.to_string())
        .count()
}

fn id_type(model: &Model, actor: &Actor, definition: &Definition, id: &Ident) -> TokenStream {
    let Definition {
        placed,
        attributes,
        visibility,
        conditions,
        generics,
    } = definition;
    let ident = actor.ident;
    let doc = documentation(
        model,
        &format!("The address of a [`{}`].", ident.unraw()),
        attributes,
        *placed,
        ident.span(),
    );
    let with_defaults = generics.declared_with_defaults();
    let (arguments, clause) = (generics.arguments(), generics.predicates.clause());
    let derives = derives(generics);
    let mut items = quote! {
        #(#conditions)*
        #doc
        #derives
        #[compact(crate = ::kay_runtime)]
        #[allow(dead_code)]
        #visibility struct #id #with_defaults (::kay_runtime::Id<#ident #arguments>) #clause;
    };
    if !generics.is_empty() {
        items.extend(without_bounds(conditions, generics, id));
    }
    let declared = generics.declared();
    items.extend(quote! {
        #(#conditions)*
        impl #declared ::core::fmt::Display for #id #arguments #clause {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }
    });
    items
}

/// The derives of an id; one with type arguments gets most of its traits [`without_bounds`].
pub(super) fn derives(generics: &Generics) -> TokenStream {
    let plain = generics
        .is_empty()
        .then(|| quote!(#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]));
    quote!(#plain #[derive(::kay_runtime::Compact)])
}

/// What an id can do whatever its type arguments can do: a derive would ask the same of them.
pub(super) fn without_bounds(
    conditions: &[TokenStream],
    generics: &Generics,
    id: &Ident,
) -> TokenStream {
    let (declared, arguments) = (generics.declared(), generics.arguments());
    let clause = generics.predicates.clause();
    let name = id.to_string();
    let head =
        |path: TokenStream| quote!(#(#conditions)* impl #declared #path for #id #arguments #clause);
    let [clone, copy, partial_eq, eq, partial_ord, ord, hash, debug] = [
        head(quote!(::core::clone::Clone)),
        head(quote!(::core::marker::Copy)),
        head(quote!(::core::cmp::PartialEq)),
        head(quote!(::core::cmp::Eq)),
        head(quote!(::core::cmp::PartialOrd)),
        head(quote!(::core::cmp::Ord)),
        head(quote!(::core::hash::Hash)),
        head(quote!(::core::fmt::Debug)),
    ];
    quote! {
        #[allow(clippy::expl_impl_clone_on_copy)]
        #clone {
            fn clone(&self) -> Self {
                *self
            }
        }
        #copy {}
        #partial_eq {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }
        #eq {}
        #partial_ord {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }
        #ord {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                ::core::cmp::Ord::cmp(&self.0, &other.0)
            }
        }
        #hash {
            fn hash<__H: ::core::hash::Hasher>(&self, state: &mut __H) {
                ::core::hash::Hash::hash(&self.0, state);
            }
        }
        #debug {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_tuple(#name).field(&self.0).finish()
            }
        }
    }
}

/// The addresses that an id can be, its parts, and the ids that it becomes.
fn addresses(actor: &Actor, definition: &Definition, id: &Ident) -> TokenStream {
    let (conditions, generics) = (&definition.conditions, &definition.generics);
    let (declared, arguments) = (generics.declared(), generics.arguments());
    let (clause, actor_clause) = (generics.predicates.clause(), actor.predicates.clause());
    let ident = actor.ident;
    let name = ident.unraw();
    let address = |method: &str, doc: &str| {
        let method = format_ident!("{method}");
        let doc = line(doc);
        quote! {
            #doc
            #[must_use]
            pub fn #method(world: &::kay_runtime::World) -> Self {
                Self(::kay_runtime::Id::#method(world))
            }
        }
    };
    let addresses = [
        address(
            "local_broadcast",
            &format!("The address of every [`{name}`] on this machine."),
        ),
        address(
            "global_broadcast",
            &format!("The address of every [`{name}`] on all machines."),
        ),
        address(
            "local_first",
            &format!("The address of the first [`{name}`] on this machine."),
        ),
        address(
            "global_first",
            &format!("The address of the first [`{name}`] on the first machine that has one."),
        ),
    ];
    quote! {
        #(#conditions)*
        #[allow(dead_code)]
        impl #declared #id #arguments #clause {
            #(#addresses)*
            /// A dense integer, good for staggering work.
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
        impl #declared ::core::convert::From<::kay_runtime::Id<#ident #arguments>> for #id #arguments #clause {
            fn from(id: ::kay_runtime::Id<#ident #arguments>) -> Self {
                Self(id)
            }
        }
        #(#conditions)*
        impl #declared ::core::convert::From<#id #arguments> for ::kay_runtime::Id<#ident #arguments> #clause {
            fn from(id: #id #arguments) -> Self {
                id.0
            }
        }
        #(#conditions)*
        impl #declared ::core::convert::From<#id #arguments> for ::kay_runtime::RawId #actor_clause {
            fn from(id: #id #arguments) -> Self {
                Self::from(id.0)
            }
        }
    }
}
