//! The function that registers the actors of a module and of the modules inside it.

use super::documentation::line;
use crate::model::Model;
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn setup(model: &Model, module: ModuleId, actors: &[usize]) -> Option<TokenStream> {
    if !model.setup.modules.contains(&module) {
        return None;
    }
    let mut statements: Vec<TokenStream> = Vec::new();
    let mut own: Vec<_> = actors
        .iter()
        .map(|index| &model.actors[*index])
        .flat_map(|actor| {
            actor
                .definitions
                .iter()
                .map(move |definition| (actor, definition))
        })
        .filter(|(_, definition)| definition.generics.is_empty())
        .collect();
    own.sort_by_key(|(_, definition)| (definition.placed.part, definition.placed.item));
    for (actor, definition) in own {
        let (conditions, ident) = (&definition.conditions, actor.ident);
        statements.push(quote!(#(#conditions)* registry.register::<#ident>();));
    }
    for (conditions, path) in model.setup.calls.get(&module).into_iter().flatten() {
        statements.push(quote!(#(#conditions)* #path(registry);));
    }
    if statements.is_empty() {
        statements.push(quote!(let _ = registry;));
    }
    let head = if module == model.names.krate.root() {
        let doc = line(
            "Registers every actor of this crate, generic ones excepted: their type arguments are the user's to choose.",
        );
        quote!(#doc #[allow(dead_code, unused_variables)] pub)
    } else {
        quote!(#[doc(hidden)] #[allow(dead_code, unused_variables)] pub(crate))
    };
    Some(quote! {
        #head fn setup(registry: &mut ::kay_runtime::Registry) { #(#statements)* }
    })
}
