//! The structs and blocks of a crate, and what their paths mean.

use super::shape::plain_path;
use super::traits::TraitKey;
use super::types::Placed;
use crate::options::Options;
use crate::resolve::{Def, Names, Reach};
use crate::source::{Crate, ModuleId, cfgs};
use proc_macro2::TokenStream;
use std::collections::{BTreeSet, HashMap};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Fields, GenericParam, Item, ItemImpl, ItemStruct};

/// The definitions of the structs of a crate, by module and name.
pub(super) type Structs<'a> = HashMap<(ModuleId, String), Vec<(Placed, &'a ItemStruct)>>;

/// Whether a struct can be an actor.
pub(super) fn has_id(definitions: &[(Placed, &ItemStruct)]) -> bool {
    definitions.iter().any(|(_, item)| match &item.fields {
        Fields::Named(fields) => fields
            .named
            .iter()
            .any(|f| f.ident.as_ref().is_some_and(|i| i.unraw() == "id")),
        _ => false,
    })
}

/// Every item of a crate, and of what is known of others, with its place.
pub(super) fn items(krate: &Crate) -> impl Iterator<Item = (Placed, &str, &Item)> {
    krate.modules.iter().flat_map(|module| {
        module.parts.iter().enumerate().flat_map(move |(part, of)| {
            of.items.iter().enumerate().map(move |(item, syntax)| {
                let span = proc_macro2::Span::call_site();
                (
                    Placed {
                        module: module.id,
                        part,
                        item,
                        span,
                    },
                    of.file.as_str(),
                    syntax,
                )
            })
        })
    })
}

/// The conditions on something generated in its own module: that of the item, and where the
/// module has several parts, that of the part.
pub(super) fn conditions(
    krate: &Crate,
    placed: Placed,
    attributes: &[Attribute],
) -> Vec<TokenStream> {
    let parts = &krate.module(placed.module).parts;
    let mut found = Vec::new();
    if parts.len() > 1 {
        found.clone_from(&parts[placed.part].conditions);
    }
    found.extend(cfgs(attributes));
    found
}

/// Finds the structs, and declares the ids of those that can be actors.
pub(super) fn structs<'a>(
    krate: &'a Crate,
    options: &Options,
    names: &mut Names<'a>,
) -> Structs<'a> {
    let mut structs = Structs::new();
    let mut in_order = Vec::new();
    for (placed, _, item) in items(krate) {
        if let Item::Struct(item) = item {
            let key = (placed.module, item.ident.unraw().to_string());
            let placed = Placed {
                span: item.ident.span(),
                ..placed
            };
            structs.entry(key.clone()).or_default().push((placed, item));
            in_order.push(key);
        }
    }
    for key in in_order {
        let definitions = &structs[&key];
        if has_id(definitions) {
            let reach = Reach::new(krate, &definitions[0].1.vis, key.0);
            let id = options.id_name_in(krate, key.0, &key.1);
            names.declare(key.0, id, reach);
        }
    }
    structs
}

/// An `impl` block, and what its paths mean.
pub(super) struct Impl<'a> {
    pub(super) placed: Placed,
    pub(super) file: &'a str,
    pub(super) item: &'a ItemImpl,
    /// The struct that it is for.
    pub(super) of: Option<(ModuleId, String)>,
    /// The trait that it implements.
    pub(super) of_trait: Option<TraitKey>,
}

/// Finds the blocks of known structs, and those of known traits.
pub(super) fn impls<'a>(
    krate: &'a Crate,
    names: &Names<'a>,
    structs: &Structs<'a>,
) -> Vec<Impl<'a>> {
    let mut impls = Vec::new();
    for (placed, file, item) in items(krate) {
        let Item::Impl(item) = item else { continue };
        let key = |found: &[Def]| {
            found.iter().find_map(|def| match def {
                Def::Item(module, name) => Some((*module, name.clone())),
                _ => None,
            })
        };
        let is_parameter = |name: &syn::Ident| {
            item.generics
                .type_params()
                .any(|parameter| parameter.ident == *name)
        };
        let of = plain_path(&item.self_ty)
            .filter(|path| !path.get_ident().is_some_and(is_parameter))
            .and_then(|path| key(&names.resolve(placed.module, path)))
            .filter(|key| structs.contains_key(key));
        let of_trait = match &item.trait_ {
            Some((path, _)) if item.modifiers.polarity.is_none() => {
                let Some(found) = key(&names.resolve(placed.module, path)) else {
                    continue;
                };
                Some(found)
            }
            Some(_) => continue,
            None if of.is_none() => continue,
            None => None,
        };
        let placed = Placed {
            span: item.self_ty.span(),
            ..placed
        };
        impls.push(Impl {
            placed,
            file,
            item,
            of,
            of_trait,
        });
    }
    impls
}

/// The names of generic parameters that are types or constants.
pub(super) fn parameter_names(generics: &syn::Generics) -> BTreeSet<String> {
    parameter_names_in_order(generics).into_iter().collect()
}

/// The same in their order.
pub(super) fn parameter_names_in_order(generics: &syn::Generics) -> Vec<String> {
    let name = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
        GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
        GenericParam::Lifetime(_) => None,
    };
    generics.params.iter().filter_map(name).collect()
}
