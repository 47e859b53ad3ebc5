//! The function that registers the actors of a module and of the modules inside it.

use super::documentation::line;
use crate::model::Model;
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::quote;

/// The function of a module, whose definitions of actors are these, in the order of the source.
pub(super) fn setup(
    model: &Model,
    module: ModuleId,
    definitions: &[(usize, usize)],
) -> Option<TokenStream> {
    if !model.setup.modules.contains(&module) {
        return None;
    }
    let mut statements: Vec<TokenStream> = Vec::new();
    for (index, at) in definitions {
        let actor = &model.actors[*index];
        let definition = &actor.definitions[*at];
        if definition.generics.is_empty() {
            let (conditions, ident) = (&definition.conditions, actor.ident);
            statements.push(quote!(#(#conditions)* registry.register::<#ident>();));
        }
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
