//! The functions of a crate that have a body.

use super::context::{Context, Key};
use super::types::Ty;
use crate::model::normalised;
use crate::resolve::Def;
use crate::source::{ModuleId, cfgs};
use syn::ext::IdentExt;
use syn::{Attribute, Block, FnArg, ImplItem, Item, Pat, Path, Signature, TraitItem, Type};

/// A function with a body.
pub(super) struct Function<'a> {
    pub(super) name: String,
    pub(super) module: ModuleId,
    pub(super) file: &'a str,
    /// The type or trait of the crate that it belongs to.
    pub(super) of: Option<Key>,
    /// The trait of the crate that its block implements.
    pub(super) of_trait: Option<Key>,
    /// What `self` and `Self` are.
    pub(super) self_type: Ty,
    pub(super) parameters: Vec<(&'a Pat, Ty)>,
    pub(super) output: Ty,
    pub(super) body: &'a Block,
    /// Whether it is compiled for tests only.
    pub(super) is_test: bool,
}

/// Where a function stands.
struct Place<'a> {
    module: ModuleId,
    file: &'a str,
    is_test: bool,
    of: Option<Key>,
    of_trait: Option<Key>,
}

/// Finds the functions of all modules, blocks and traits.
pub(super) fn functions<'a>(context: &Context<'_, 'a>) -> Vec<Function<'a>> {
    let mut found = Vec::new();
    for module in context.names().krate.own_modules() {
        for part in &module.parts {
            let is_test = part
                .conditions
                .iter()
                .any(|c| c.to_string().replace(' ', "") == TEST);
            for item in &part.items {
                let place = Place {
                    module: module.id,
                    file: &part.file,
                    is_test,
                    of: None,
                    of_trait: None,
                };
                of_item(context, item, place, &mut found);
            }
        }
    }
    found
}

const TEST: &str = "#[cfg(test)]";

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("test"))
        || cfgs(attributes)
            .into_iter()
            .any(|condition| normalised(condition) == TEST)
}

fn of_item<'a>(
    context: &Context<'_, 'a>,
    item: &'a Item,
    place: Place<'a>,
    found: &mut Vec<Function<'a>>,
) {
    let key = |path: &Path| {
        let defs = context.names().resolve(place.module, path);
        defs.iter().find_map(|def| match def {
            Def::Item(module, name) => Some((*module, name.clone())),
            _ => None,
        })
    };
    match item {
        Item::Fn(item) => {
            found.push(function(
                context,
                &place,
                &item.attrs,
                &item.sig,
                &item.block,
            ));
        }
        Item::Impl(item) => {
            let Type::Path(of) = &*item.self_ty else {
                return;
            };
            let of = key(&of.path);
            let of_trait = item.trait_.as_ref().and_then(|(path, _)| key(path));
            let is_test = place.is_test || is_test(&item.attrs);
            let place = Place {
                of,
                of_trait,
                is_test,
                ..place
            };
            for item in &item.items {
                if let (ImplItem::Fn(item), true) = (item, place.of.is_some()) {
                    found.push(function(
                        context,
                        &place,
                        &item.attrs,
                        &item.sig,
                        &item.block,
                    ));
                }
            }
        }
        Item::Trait(item) => {
            let of = Some((place.module, item.ident.unraw().to_string()));
            let is_test = place.is_test || is_test(&item.attrs);
            let place = Place {
                of,
                is_test,
                ..place
            };
            for item in &item.items {
                if let TraitItem::Fn(item) = item
                    && let Some(body) = &item.default
                {
                    found.push(function(context, &place, &item.attrs, &item.sig, body));
                }
            }
        }
        _ => {}
    }
}

fn function<'a>(
    context: &Context<'_, 'a>,
    place: &Place<'a>,
    attributes: &[Attribute],
    signature: &'a Signature,
    body: &'a Block,
) -> Function<'a> {
    let self_type = place
        .of
        .clone()
        .map_or(Ty::Unknown, |(module, name)| Ty::Item(module, name));
    let parameters = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => {
            let ty = context.read(&typed.ty, place.module, &self_type);
            Some((&*typed.pat, ty))
        }
        FnArg::Receiver(_) => None,
    });
    Function {
        name: signature.ident.unraw().to_string(),
        module: place.module,
        file: place.file,
        of: place.of.clone(),
        of_trait: place.of_trait.clone(),
        parameters: parameters.collect(),
        output: context.read_output(&signature.output, place.module, &self_type),
        self_type,
        body,
        is_test: place.is_test || is_test(attributes),
    }
}
