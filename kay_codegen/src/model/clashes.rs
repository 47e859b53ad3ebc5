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

const SPAWNER: &str = "spawner";

/// What ids and messages are named after: an actor or an actor trait, by its place in the model.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Actor(usize),
    Trait(usize),
}

impl Owner {
    fn ident<'a>(self, model: &Model<'a>) -> &'a Ident {
        match self {
            Self::Actor(index) => model.actors[index].ident,
            Self::Trait(index) => model.traits[index].ident,
        }
    }

    fn id_methods(self) -> &'static [&'static str] {
        match self {
            Self::Actor(_) => &ID_METHODS,
            Self::Trait(_) => &TRAIT_ID_METHODS,
        }
    }

    /// The name `what` that each definition brings along.
    fn of_definitions<'a>(self, model: &Model<'a>, what: What<'a>) -> Vec<Use<'a>> {
        let span = self.ident(model).span();
        let found = |placed, conditions| Use::new(what, placed, span, [conditions, &[]]);
        match self {
            Self::Actor(index) => {
                let all = model.actors[index].definitions.iter();
                all.map(|d| found(d.placed, &d.conditions)).collect()
            }
            Self::Trait(index) => {
                let all = model.traits[index].definitions.iter();
                all.map(|d| found(d.placed, &d.conditions)).collect()
            }
        }
    }
}

/// What a name is for. It is put into words only where something is wrong: there are many names.
#[derive(Clone, Copy, PartialEq)]
enum What<'a> {
    Id(Owner),
    MethodOfIds,
    Message(Function<'a>),
    Method(Function<'a>),
}

/// A handler or spawner.
#[derive(Clone, Copy, PartialEq)]
struct Function<'a> {
    owner: Owner,
    kind: &'static str,
    ident: &'a Ident,
}

impl What<'_> {
    fn in_words(self, model: &Model) -> String {
        match self {
            Self::Id(owner) => format!("the id of `{}`", owner.ident(model).unraw()),
            Self::MethodOfIds => "a method of every id".to_owned(),
            Self::Message(of) => format!("the message of {}", Self::Method(of).in_words(model)),
            Self::Method(Function { owner, kind, ident }) => {
                let owner = owner.ident(model).unraw();
                format!("the {kind} `{owner}::{}`", ident.unraw())
            }
        }
    }
}

/// One use of a name.
struct Use<'a> {
    what: What<'a>,
    placed: Placed,
    span: Span,
    conditions: String,
}

impl<'a> Use<'a> {
    fn new(what: What<'a>, placed: Placed, span: Span, conditions: [&[TokenStream]; 2]) -> Self {
        let conditions = conditions.into_iter().flatten();
        Self {
            what,
            placed,
            span,
            conditions: conditions.map(ToString::to_string).collect(),
        }
    }
}

#[derive(Default)]
struct Uses<'a> {
    types: HashMap<(ModuleId, String), Vec<Use<'a>>>,
    /// The methods of ids that are named after functions.
    methods: HashMap<(Owner, String), Vec<Use<'a>>>,
}

/// Reports every generated name that meets another, or something of the user's.
pub(super) fn report(model: &Model, diagnostics: &mut Diagnostics) {
    let uses = uses(model);
    let taken = taken(model);
    for ((module, name), uses) in &uses.types {
        // Two functions of one name have two methods of one name too: that is said once.
        compare(model, name, uses.iter(), true, diagnostics);
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
                            found.what.in_words(model)
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
    for ((owner, name), uses) in &uses.methods {
        let mut of_ids = Vec::new();
        if owner.id_methods().contains(&name.as_str()) {
            of_ids = owner.of_definitions(model, What::MethodOfIds);
        }
        if of_ids.len() + uses.len() > 1 {
            let id = model
                .options
                .id_name(&owner.ident(model).unraw().to_string());
            let name = format!("{id}::{name}");
            compare(model, &name, of_ids.iter().chain(uses), false, diagnostics);
        }
    }
    setups(model, diagnostics);
}

/// Earlier uses of a name: the first, and the first that is for something else.
#[derive(Default)]
struct Earlier<'u> {
    first: Option<&'u Use<'u>>,
    other: Option<&'u Use<'u>>,
}

impl<'u> Earlier<'u> {
    fn add(&mut self, found: &'u Use<'u>) {
        match self.first {
            None => self.first = Some(found),
            Some(first) if self.other.is_none() && first.what != found.what => {
                self.other = Some(found);
            }
            Some(_) => {}
        }
    }

    /// The first one, or if they are to differ, the first for something else.
    fn clash(&self, with: &Use, if_different: bool) -> Option<&'u Use<'u>> {
        let is_clash = |first: &&Use| !if_different || first.what != with.what;
        self.first.filter(is_clash).or(self.other.filter(is_clash))
    }
}

/// Two uses of one name clash unless conditions tell them apart.
///
/// Two functions of one name have two methods and two messages of one name: with `if_different`,
/// uses for the same thing are passed over, so that this is said once.
fn compare<'u>(
    model: &Model,
    name: &str,
    uses: impl Iterator<Item = &'u Use<'u>>,
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
    let (what, of_first) = (second.what.in_words(model), first.what.in_words(model));
    let message = if what == of_first {
        format!("there are two of {what}")
    } else {
        format!("`{name}` is the name of {what} and of {of_first}")
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

fn uses<'a>(model: &Model<'a>) -> Uses<'a> {
    let mut uses = Uses::default();
    let actors = model.own_actors().map(|(index, _)| Owner::Actor(index));
    let traits = model.own_traits().map(|(index, _)| Owner::Trait(index));
    for owner in actors.chain(traits) {
        let id = model
            .options
            .id_name(&owner.ident(model).unraw().to_string());
        for found in owner.of_definitions(model, What::Id(owner)) {
            uses.ty(id.clone(), found);
        }
    }
    for block in &model.blocks {
        let owner = Owner::Actor(block.actor);
        let mut add = |kind, ident, conditions| {
            let function = Function { owner, kind, ident };
            uses.function(
                model,
                function,
                block.placed,
                [&block.conditions, conditions],
            );
        };
        for handler in &block.handlers {
            add("handler", handler.ident, &handler.conditions);
        }
        for spawner in &block.spawners {
            add(SPAWNER, spawner.ident, &spawner.conditions);
        }
    }
    for (index, actor_trait) in model.own_traits() {
        for definition in &actor_trait.definitions {
            for handler in &definition.handlers {
                let function = Function {
                    owner: Owner::Trait(index),
                    kind: "handler",
                    ident: handler.ident,
                };
                let conditions: [&[_]; 2] = [&definition.conditions, &handler.conditions];
                uses.function(model, function, definition.placed, conditions);
            }
        }
    }
    uses
}

impl<'a> Uses<'a> {
    fn ty(&mut self, name: String, found: Use<'a>) {
        let key = (found.placed.module, name);
        self.types.entry(key).or_default().push(found);
    }

    /// The names of what is generated for a function.
    fn function(
        &mut self,
        model: &Model<'a>,
        function: Function<'a>,
        placed: Placed,
        conditions: [&[TokenStream]; 2],
    ) {
        let Function { owner, kind, ident } = function;
        let plain = ident.unraw().to_string();
        let found = |what| Use::new(what, placed, ident.span(), conditions);
        let message = format!("{}{}", owner.ident(model).unraw(), camel_case(&plain));
        self.ty(message, found(What::Message(function)));
        let mut method = |name| {
            let all = self.methods.entry((owner, name)).or_default();
            all.push(found(What::Method(function)));
        };
        if kind == SPAWNER {
            method(format!("{plain}_near"));
        }
        method(plain);
    }
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
