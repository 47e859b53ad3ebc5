//! The function that registers the actors of a module and of the modules inside it.

use super::Emitter;
use super::documentation::line;
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

impl Emitter<'_, '_> {
    /// The function of a module, whose definitions of actors are these, in the order of the source.
    pub(super) fn setup(
        &mut self,
        module: ModuleId,
        definitions: &[(usize, usize)],
    ) -> Option<TokenStream> {
        let model = self.model;
        if !model.setup.modules.contains(&module) {
            return None;
        }
        let mut statements: Vec<TokenStream> = Vec::new();
        let is_root = module == model.names.krate.root();
        if is_root {
            for name in &model.setup.dependencies {
                let name = format_ident!("{name}");
                statements.push(quote!(::#name::setup(registry);));
            }
        }
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
        // The actors of other crates are registered by now.
        for block in model.blocks.iter().filter(|b| b.placed.module == module) {
            if model.is_extension(block) {
                let (conditions, actor) = (&block.conditions, block.self_type);
                let list = self.listed(block);
                statements
                    .push(quote!(#(#conditions)* registry.extend::<#actor>(|handlers| { #list });));
            }
        }
        if statements.is_empty() {
            statements.push(quote!(let _ = registry;));
        } else if is_root {
            // However many crates take this one in, its actors are registered once.
            statements = vec![quote!(registry.include(|registry| { #(#statements)* });)];
        }
        let head = if is_root {
            let doc = line(
                "Registers every actor of this crate and of the crates that it depends on, generic ones excepted: their type arguments are the user's to choose.",
            );
            quote!(#doc #[allow(dead_code, unused_variables)] pub)
        } else {
            quote!(#[doc(hidden)] #[allow(dead_code, unused_variables)] pub(crate))
        };
        Some(quote! {
            #head fn setup(registry: &mut ::kay_runtime::Registry) { #(#statements)* }
        })
    }
}
