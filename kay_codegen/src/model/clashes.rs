//! Generated names that are taken already.

use super::camel_case;
use super::types::{Model, Placed};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::imports;
use crate::source::{ModuleId, cfgs};
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
    let taken = taken(model);
    for ((module, name), uses) in &uses.types {
        // Two functions of one name have two methods of one name too: that is said once.
        compare(model, name, uses, true, diagnostics);
        let Some(taken) = taken.get(&(*module, name.clone())) else {
            continue;
        };
        for found in uses {
            let is_it = |taken: &&TakenName| {
                taken.part == found.placed.part
                    && (!taken.is_conditional || found.conditions.is_empty())
            };
            if let Some(taken) = taken.iter().find(is_it) {
                diagnostics.report(
                    Diagnostic::new(
                        Code::NameTaken,
                        model.file(found.placed),
                        found.span,
                        format!(
                            "`{name}` is the name of {}, but the module has a `{name}` already",
                            found.what
                        ),
                    )
                    .label(format!("`{name}` is generated for this"))
                    .secondary(
                        model.file(found.placed),
                        taken.span,
                        "this has the name already",
                    )
                    .note("ids and messages are named after actors and what they handle")
                    .help("give one of them another name"),
                );
            }
        }
    }
    for ((_, id, name), uses) in &uses.methods {
        compare(model, &format!("{id}::{name}"), uses, false, diagnostics);
    }
    setups(model, diagnostics);
}

/// Earlier uses of a name: the first, and the first that is for something else.
#[derive(Default)]
struct Earlier<'u> {
    first: Option<&'u Use>,
    other: Option<&'u Use>,
}

impl<'u> Earlier<'u> {
    fn add(&mut self, found: &'u Use) {
        match self.first {
            None => self.first = Some(found),
            Some(first) if self.other.is_none() && first.what != found.what => {
                self.other = Some(found);
            }
            Some(_) => {}
        }
    }

    /// The first one, or if they are to differ, the first for something else.
    fn clash(&self, with: &Use, if_different: bool) -> Option<&'u Use> {
        let is_clash = |first: &&Use| !if_different || first.what != with.what;
        self.first.filter(is_clash).or(self.other.filter(is_clash))
    }
}

/// Two uses of one name clash unless conditions tell them apart.
///
/// Two functions of one name have two methods and two messages of one name: with `if_different`,
/// uses for the same thing are passed over, so that this is said once.
fn compare(
    model: &Model,
    name: &str,
    uses: &[Use],
    if_different: bool,
    diagnostics: &mut Diagnostics,
) {
    let mut all = Earlier::default();
    let mut by_conditions: HashMap<&str, Earlier> = HashMap::new();
    for second in uses {
        let conditions = second.conditions.as_str();
        let first = if conditions.is_empty() {
            all.clash(second, if_different)
        } else {
            ["", conditions]
                .iter()
                .find_map(|key| by_conditions.get(key)?.clash(second, if_different))
        };
        if let Some(first) = first {
            report_clash(model, name, first, second, diagnostics);
        }
        all.add(second);
        by_conditions.entry(conditions).or_default().add(second);
    }
}

fn report_clash(
    model: &Model,
    name: &str,
    first: &Use,
    second: &Use,
    diagnostics: &mut Diagnostics,
) {
    let message = if first.what == second.what {
        format!("there are two of {}", second.what)
    } else {
        format!(
            "`{name}` is the name of {} and of {}",
            second.what, first.what
        )
    };
    diagnostics.report(
        Diagnostic::new(
            Code::NamesClash,
            model.file(second.placed),
            second.span,
            message,
        )
        .label(format!("`{name}` again"))
        .secondary(
            model.file(first.placed),
            first.span,
            format!("`{name}` is generated for this"),
        )
        .note("messages, and the methods of ids, are named after what an actor handles")
        .help("give one of them another name"),
    );
}

/// A name that the user has given.
struct TakenName {
    part: usize,
    is_conditional: bool,
    span: Span,
}

/// Names by module.
type Taken = HashMap<(ModuleId, String), Vec<TakenName>>;

/// The names of the user's own types, traits and imports.
fn taken(model: &Model) -> Taken {
    let mut taken = Taken::new();
    for module in model.names.krate.own_modules() {
        for (at, part) in module.parts.iter().enumerate() {
            for item in &part.items {
                let (idents, attributes) = match item {
                    Item::Struct(item) => (vec![item.ident.clone()], &item.attrs),
                    Item::Enum(item) => (vec![item.ident.clone()], &item.attrs),
                    Item::Union(item) => (vec![item.ident.clone()], &item.attrs),
                    Item::Trait(item) => (vec![item.ident.clone()], &item.attrs),
                    Item::Type(item) => (vec![item.ident.clone()], &item.attrs),
                    Item::Use(item) => (
                        imports(item).into_iter().filter_map(|i| i.name).collect(),
                        &item.attrs,
                    ),
                    _ => continue,
                };
                let is_conditional = !cfgs(attributes).is_empty();
                for ident in idents {
                    let key = (module.id, ident.unraw().to_string());
                    taken.entry(key).or_default().push(TakenName {
                        part: at,
                        is_conditional,
                        span: ident.span(),
                    });
                }
            }
        }
    }
    taken
}

fn uses(model: &Model) -> Uses {
    let mut uses = Uses::default();
    for (_, actor) in model.own_actors() {
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
    for (_, actor_trait) in model.own_traits() {
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
                    diagnostics.report(
                        Diagnostic::new(
                            Code::NameTaken,
                            &part.file,
                            item.sig.ident.span(),
                            "`setup` is the name of the generated function that registers actors",
                        )
                        .help("give this function another name"),
                    );
                }
            }
        }
    }
}
