//! Generated names that are taken already.

use super::camel_case;
use super::types::{Model, Placed};
use crate::diagnostics::Diagnostics;
use crate::source::ModuleId;
use proc_macro2::{Span, TokenStream};
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::{Ident, Item};

/// The methods that every id of an actor has.
pub(crate) const ID_METHODS: [&str; 7] = [
    "local_broadcast",
    "global_broadcast",
    "local_first",
    "global_first",
    "index",
    "machine",
    "generation",
];

/// The methods that every id of an actor trait has.
pub(crate) const TRAIT_ID_METHODS: [&str; 5] = [
    "local_broadcast",
    "global_broadcast",
    "index",
    "machine",
    "generation",
];

/// One use of a name.
struct Use {
    /// What it is for: "the message `Car::tick`".
    what: String,
    placed: Placed,
    span: Span,
    conditions: String,
}

#[derive(Default)]
struct Uses {
    types: HashMap<(ModuleId, String), Vec<Use>>,
    methods: HashMap<(ModuleId, String, String), Vec<Use>>,
}

/// Reports every generated name that meets another, or something of the user's.
pub(super) fn report(model: &Model, diagnostics: &mut Diagnostics) {
    let uses = uses(model);
    for ((module, name), uses) in &uses.types {
        compare(model, name, uses, diagnostics);
        let is_foreign = |u: &&Use| is_taken(model, *module, name, u);
        for found in uses.iter().filter(is_foreign) {
            diagnostics.error(
                model.file(found.placed),
                found.span,
                format!(
                    "`{name}` is the name of {}, but the module has a `{name}` already",
                    found.what
                ),
                "give one of them another name",
            );
        }
    }
    for ((_, id, name), uses) in &uses.methods {
        compare(model, &format!("{id}::{name}"), uses, diagnostics);
    }
    setups(model, diagnostics);
}

/// Two uses of one name clash unless conditions tell them apart.
fn compare(model: &Model, name: &str, uses: &[Use], diagnostics: &mut Diagnostics) {
    for (at, second) in uses.iter().enumerate() {
        let clashes = |first: &&Use| {
            let are_apart = !first.conditions.is_empty()
                && !second.conditions.is_empty()
                && first.conditions != second.conditions;
            !are_apart
        };
        if let Some(first) = uses[..at].iter().find(clashes) {
            let line = first.span.start().line;
            let place = if line == 0 {
                String::new()
            } else {
                format!(" ({}:{line})", model.file(first.placed))
            };
            diagnostics.error(
                model.file(second.placed),
                second.span,
                format!(
                    "`{name}` is the name of {} and of {}{place}",
                    second.what, first.what
                ),
                "give one of them another name",
            );
        }
    }
}

/// Whether the user's module itself has an item or import of the name of a generated type.
fn is_taken(model: &Model, module: ModuleId, name: &str, found: &Use) -> bool {
    let parts = &model.names.krate.module(module).parts;
    let is_apart = |attributes: &[syn::Attribute]| {
        !found.conditions.is_empty() && !crate::source::cfgs(attributes).is_empty()
    };
    parts.iter().enumerate().any(|(at, part)| {
        at == found.placed.part
            && part.items.iter().any(|item| match item {
                Item::Struct(item) => item.ident.unraw() == name && !is_apart(&item.attrs),
                Item::Enum(item) => item.ident.unraw() == name && !is_apart(&item.attrs),
                Item::Union(item) => item.ident.unraw() == name && !is_apart(&item.attrs),
                Item::Trait(item) => item.ident.unraw() == name && !is_apart(&item.attrs),
                Item::Type(item) => item.ident.unraw() == name && !is_apart(&item.attrs),
                Item::Use(item) => {
                    let imports = crate::resolve::imports(item);
                    imports
                        .iter()
                        .any(|import| import.name.as_ref().is_some_and(|n| n.unraw() == name))
                        && !is_apart(&item.attrs)
                }
                _ => false,
            })
    })
}

fn uses(model: &Model) -> Uses {
    let mut uses = Uses::default();
    for actor in &model.actors {
        for definition in &actor.definitions {
            let what = format!("the id of `{}`", actor.ident);
            let id = model.options.id_name(&actor.ident.unraw().to_string());
            uses.ty(
                definition.placed,
                actor.ident,
                id.clone(),
                what,
                &definition.conditions,
            );
            for method in ID_METHODS {
                uses.method(
                    actor.module,
                    &id,
                    definition.placed,
                    actor.ident,
                    method.to_owned(),
                    "a method of every id".to_owned(),
                    &definition.conditions,
                );
            }
        }
    }
    for block in &model.blocks {
        let actor = &model.actors[block.actor];
        let name = actor.ident.unraw().to_string();
        let id = model.options.id_name(&name);
        let handlers = block
            .handlers
            .iter()
            .map(|h| (h.ident, &h.conditions, "handler"));
        let spawners = block
            .spawners
            .iter()
            .map(|s| (s.ident, &s.conditions, "spawner"));
        for (ident, conditions, kind) in handlers.chain(spawners) {
            let conditions: Vec<_> = block.conditions.iter().chain(conditions).cloned().collect();
            let plain = ident.unraw().to_string();
            let message = format!("{name}{}", camel_case(&plain));
            let what = format!("the {kind} `{name}::{plain}`");
            uses.ty(
                block.placed,
                ident,
                message,
                format!("the message of {what}"),
                &conditions,
            );
            uses.method(
                actor.module,
                &id,
                block.placed,
                ident,
                plain.clone(),
                what.clone(),
                &conditions,
            );
            if kind == "spawner" {
                uses.method(
                    actor.module,
                    &id,
                    block.placed,
                    ident,
                    format!("{plain}_near"),
                    what,
                    &conditions,
                );
            }
        }
    }
    for actor_trait in &model.traits {
        let name = actor_trait.ident.unraw().to_string();
        let id = model.options.id_name(&name);
        for definition in &actor_trait.definitions {
            let what = format!("the id of `{name}`");
            uses.ty(
                definition.placed,
                actor_trait.ident,
                id.clone(),
                what,
                &definition.conditions,
            );
            for method in TRAIT_ID_METHODS {
                uses.method(
                    actor_trait.module,
                    &id,
                    definition.placed,
                    actor_trait.ident,
                    method.to_owned(),
                    "a method of every id".to_owned(),
                    &definition.conditions,
                );
            }
            for handler in &definition.handlers {
                let conditions: Vec<_> = definition
                    .conditions
                    .iter()
                    .chain(&handler.conditions)
                    .cloned()
                    .collect();
                let plain = handler.ident.unraw().to_string();
                let message = format!("{name}{}", camel_case(&plain));
                let what = format!("the handler `{name}::{plain}`");
                uses.ty(
                    definition.placed,
                    handler.ident,
                    message,
                    format!("the message of {what}"),
                    &conditions,
                );
                uses.method(
                    actor_trait.module,
                    &id,
                    definition.placed,
                    handler.ident,
                    plain,
                    what,
                    &conditions,
                );
            }
        }
    }
    uses
}

impl Uses {
    fn ty(
        &mut self,
        placed: Placed,
        ident: &Ident,
        name: String,
        what: String,
        conditions: &[TokenStream],
    ) {
        let found = Use {
            what,
            placed,
            span: ident.span(),
            conditions: text(conditions),
        };
        self.types
            .entry((placed.module, name))
            .or_default()
            .push(found);
    }

    #[allow(clippy::too_many_arguments)]
    fn method(
        &mut self,
        module: ModuleId,
        id: &str,
        placed: Placed,
        ident: &Ident,
        name: String,
        what: String,
        conditions: &[TokenStream],
    ) {
        let found = Use {
            what,
            placed,
            span: ident.span(),
            conditions: text(conditions),
        };
        self.methods
            .entry((module, id.to_owned(), name))
            .or_default()
            .push(found);
    }
}

fn text(conditions: &[TokenStream]) -> String {
    conditions.iter().map(ToString::to_string).collect()
}

/// A function of the user's that is called `setup` where one is generated.
fn setups(model: &Model, diagnostics: &mut Diagnostics) {
    for module in &model.setup.modules {
        for part in &model.names.krate.module(*module).parts {
            for item in &part.items {
                if let Item::Fn(item) = item
                    && item.sig.ident == "setup"
                {
                    diagnostics.error(
                        &part.file,
                        item.sig.ident.span(),
                        "`setup` is the name of the generated function that registers actors",
                        "give this function another name",
                    );
                }
            }
        }
    }
}
