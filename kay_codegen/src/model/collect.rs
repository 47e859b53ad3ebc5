//! From the items of a crate to its actors.

use super::bounds::{self, renaming};
use super::generics::{Generics, Predicates};
use super::items::{
    Impl, Structs, conditions, has_id, impls, parameter_names, parameter_names_in_order, structs,
};
use super::marks::{refuse_query, useless_mark};
use super::parameters::Reader;
use super::shape::{Scope, Shape, SpawnerOf};
use super::traits;
use super::types::{Actor, Block, Definition, Handler, Model, Placed, Spawner, TraitUse};
use super::{Essential, Setup, clashes};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::options::Options;
use crate::resolve::Names;
use crate::source::{Crate, ModuleId, cfgs};
use quote::{ToTokens, format_ident};
use std::collections::{BTreeSet, HashMap};
use syn::spanned::Spanned;
use syn::{ImplItem, ItemStruct, Visibility};

/// Finds everything that is to be generated.
pub(crate) fn collect<'a>(
    krate: &'a Crate,
    options: &'a Options,
    diagnostics: &mut Diagnostics,
) -> Model<'a> {
    let mut names = Names::new(krate);
    let structs = structs(krate, options, &mut names);
    let impls = impls(krate, &names, &structs);
    let traits = traits::collect(&mut names, options, &impls, &structs, diagnostics);
    let mut collector = Collector {
        names: &names,
        options,
        structs: &structs,
        traits: &traits,
        actors: Vec::new(),
        actor_of: HashMap::new(),
        blocks: Vec::new(),
        diagnostics,
    };
    for found in &impls {
        collector.block(found);
    }
    let Collector { actors, blocks, .. } = collector;
    let mut model = Model {
        names,
        options,
        actors,
        traits: traits.list,
        blocks,
        setup: Setup::default(),
    };
    bounds::gather(&mut model);
    register(&mut model);
    model.setup = Setup::new(&model, diagnostics);
    clashes::report(&model, diagnostics);
    model
}

struct Collector<'c, 'a> {
    names: &'c Names<'a>,
    options: &'a Options,
    structs: &'c Structs<'a>,
    traits: &'c traits::Traits<'a>,
    actors: Vec<Actor<'a>>,
    actor_of: HashMap<(ModuleId, String), usize>,
    blocks: Vec<Block<'a>>,
    diagnostics: &'c mut Diagnostics,
}

impl<'a> Collector<'_, 'a> {
    fn block(&mut self, found: &Impl<'a>) {
        let (placed, item) = (found.placed, found.item);
        let trait_index = match &found.of_trait {
            Some(key) => match self.traits.index.get(key) {
                Some(&index) => Some(index),
                None => return,
            },
            None => None,
        };
        let is_actor = found
            .of
            .as_ref()
            .is_some_and(|key| has_id(&self.structs[key]));
        if !self.is_allowed(found, trait_index) {
            return;
        }
        let (handlers, spawners) = match (&found.of, trait_index) {
            (Some(of), None) => self.functions(found, of),
            _ => (Vec::new(), Vec::new()),
        };
        let first = handlers
            .first()
            .map(|h| h.ident)
            .or(spawners.first().map(|s| s.ident));
        if trait_index.is_none() && first.is_none() {
            return;
        }
        let self_name = item.self_ty.to_token_stream().to_string().replace(' ', "");
        let Some(of) = found.of.clone().filter(|_| is_actor) else {
            self.no_actor(found, trait_index, first, &self_name);
            return;
        };
        let of_trait = trait_index.map(|index| self.trait_use(index, found));
        let generics = Generics::new(&item.generics);
        if !self.check_generics(found, &of, &self_name) {
            return;
        }
        let actor = self.actor(&of);
        self.blocks.push(Block {
            placed,
            actor,
            of_trait,
            conditions: conditions(self.names.krate, placed, &item.attrs),
            self_type: &item.self_ty,
            generics,
            handlers,
            spawners,
            register: None,
        });
    }

    /// Whether this crate can have such a block: one of another crate's actor needs a trait of
    /// this crate, and `setup` must be able to say whose messages they are.
    fn is_allowed(&mut self, found: &Impl<'a>, trait_index: Option<usize>) -> bool {
        let krate = self.names.krate;
        let Some(of) = found
            .of
            .as_ref()
            .filter(|(module, _)| !krate.is_own(*module))
        else {
            return true;
        };
        // Without a trait of its own, the compiler refuses the block.
        let Some(index) = trait_index else {
            return false;
        };
        let home = krate.full_path(krate.root_of(of.0));
        let (actor, name) = (&of.1, self.traits.list[index].ident);
        let diagnostic =
            |code, message| Diagnostic::new(code, found.file, found.placed.span, message);
        if !krate.is_own(self.traits.list[index].module) {
            self.diagnostics.report(
                diagnostic(
                    Code::NeitherOwn,
                    format!(
                        "neither the actor trait `{name}` nor the actor `{actor}` is of this crate"
                    ),
                )
                .label(format!("an actor of the crate `{home}`"))
                .note("what it receives would have to be generated here, for types of other crates")
                .help(format!(
                    "implement `{name}` in `{home}`, or a trait of this crate here"
                )),
            );
            return false;
        }
        if !self.structs[of][0].1.generics.params.is_empty() {
            self.diagnostics.report(
                diagnostic(
                    Code::GenericElsewhere,
                    format!("`{name}` cannot be implemented for the generic actor `{actor}` of another crate"),
                )
                .label(format!("an actor of the crate `{home}`"))
                .note("who registers it chooses its type arguments, so this crate's `setup` cannot add to it")
                .help(format!("implement `{name}` for an actor of this crate, or declare it in `{home}`")),
            );
            return false;
        }
        true
    }

    fn no_actor(
        &mut self,
        found: &Impl<'a>,
        trait_index: Option<usize>,
        handler: Option<&syn::Ident>,
        self_name: &str,
    ) {
        if let Some(index) = trait_index {
            // An alias such as `impl<T: Place + Named> Both for T {}` adds no messages.
            if self.traits.list[index]
                .definitions
                .iter()
                .all(|d| d.handlers.is_empty())
            {
                return;
            }
            let name = self.traits.list[index].ident;
            self.diagnostics.report(
                Diagnostic::new(
                    Code::TraitOfNoActor,
                    found.file,
                    found.placed.span,
                    format!("`{name}` is an actor trait, but `{self_name}` is no actor"),
                )
                .label("cannot receive messages")
                .help("implement it for structs of this crate with an `id` field")
                .help(format!(
                    "if `{name}` is to be an ordinary trait, let no method end with `&mut World`"
                )),
            );
        } else if let Some(handler) = handler {
            let id = self
                .options
                .id_name(self_name.split('<').next().unwrap_or_default());
            self.diagnostics.report(
                Diagnostic::new(
                    Code::NoIdField,
                    found.file,
                    handler.span(),
                    format!("`{handler}` is a handler, but `{self_name}` has no `id` field"),
                )
                .label("a public function that ends with `&mut World` handles messages")
                .help(format!("add `id: {id}` to the struct"))
                .help("if it is to be no actor, make the function `pub(crate)`"),
            );
        }
    }

    /// The handlers and spawners of an inherent block.
    fn functions(
        &mut self,
        found: &Impl<'a>,
        of: &(ModuleId, String),
    ) -> (Vec<Handler<'a>>, Vec<Spawner<'a>>) {
        let module = found.placed.module;
        let parameters: BTreeSet<String> = parameter_names(&found.item.generics);
        let reader = Reader {
            scope: Scope {
                names: self.names,
                module,
                parameters: &parameters,
            },
            file: found.file,
            self_type: Some(&found.item.self_ty),
        };
        let id_name = self.options.id_name(&of.1);
        let spawner_of = SpawnerOf {
            module: of.0,
            name: &of.1,
            id_name: &id_name,
        };
        let (mut handlers, mut spawners) = (Vec::new(), Vec::new());
        for item in &found.item.items {
            let ImplItem::Fn(item) = item else { continue };
            let is_plain =
                matches!(item.vis, Visibility::Public(_)) && item.modifiers.defaultness.is_none();
            let shape = reader
                .scope
                .shape(&item.sig, Some(&spawner_of))
                .filter(|_| is_plain);
            let essential = Essential::of(self.names, module, &item.attrs);
            if refuse_query(
                self.names,
                module,
                found.file,
                &item.attrs,
                self.diagnostics,
            ) {
                continue;
            }
            let is_handler = matches!(shape, Some(Shape::Handler { .. }));
            if essential.is_marked() && !is_handler {
                useless_mark(found.file, &item.sig, self.diagnostics);
            }
            match shape {
                Some(Shape::Handler {
                    parameters,
                    has_fate,
                }) => handlers.push(Handler {
                    ident: &item.sig.ident,
                    attributes: &item.attrs,
                    conditions: cfgs(&item.attrs),
                    parameters: reader.read(&item.sig, &parameters, self.diagnostics),
                    has_fate,
                    essential,
                }),
                Some(Shape::Spawner { parameters }) => spawners.push(Spawner {
                    ident: &item.sig.ident,
                    attributes: &item.attrs,
                    conditions: cfgs(&item.attrs),
                    parameters: reader.read(&item.sig, &parameters, self.diagnostics),
                }),
                None => {}
            }
        }
        (handlers, spawners)
    }

    fn trait_use(&mut self, index: usize, found: &Impl<'a>) -> TraitUse<'a> {
        let (path, _) = found
            .item
            .trait_
            .as_ref()
            .expect("a block of a trait has one");
        let last = path.segments.last().map(|segment| &segment.arguments);
        let arguments = last.map(ToTokens::to_token_stream).unwrap_or_default();
        let mut essential = Vec::new();
        for item in &found.item.items {
            let ImplItem::Fn(item) = item else { continue };
            let mark = Essential::of(self.names, found.placed.module, &item.attrs);
            if mark.is_marked() {
                let definitions = &self.traits.list[index].definitions;
                let mut handlers = definitions.iter().flat_map(|d| &d.handlers);
                if handlers.any(|handler| *handler.ident == item.sig.ident) {
                    essential.push((item.sig.ident.to_string(), mark));
                } else {
                    useless_mark(found.file, &item.sig, self.diagnostics);
                }
            }
        }
        TraitUse {
            index,
            path,
            arguments,
            essential,
        }
    }

    /// A block of an actor must be for all its instances: what is generated for one of them would
    /// have to be chosen by type, at run time.
    fn check_generics(
        &mut self,
        found: &Impl<'a>,
        of: &(ModuleId, String),
        self_name: &str,
    ) -> bool {
        let mut error = |code, span, message: String, help: &str| {
            self.diagnostics
                .report(Diagnostic::new(code, found.file, span, message).help(help));
            false
        };
        for (_, item) in &self.structs[of] {
            if let Some(lifetime) = item.generics.lifetimes().next() {
                let help = "an actor owns what it holds: use owned types";
                return error(
                    Code::LifetimeOfActor,
                    found.placed.span,
                    format!(
                        "the actor `{}` has the lifetime `{}`",
                        of.1, lifetime.lifetime
                    ),
                    help,
                );
            }
        }
        if let Some(lifetime) = found.item.generics.lifetimes().next() {
            let message = "a block with handlers cannot have a lifetime".to_owned();
            return error(
                Code::LifetimeOfActor,
                lifetime.span(),
                message,
                "leave it out",
            );
        }
        let given = renaming(&found.item.self_ty);
        let own: Vec<String> = parameter_names_in_order(&found.item.generics);
        let wanted = self.structs[of][0].1.generics.params.len();
        let is_general = given.len() == wanted
            && given
                .iter()
                .all(|name| name.as_ref().is_some_and(|name| own.contains(name)))
            && given.iter().collect::<BTreeSet<_>>().len() == given.len();
        if !is_general {
            let help = "write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies";
            return error(
                Code::OneKindOnly,
                found.placed.span,
                format!(
                    "`{self_name}` has handlers, but is only one kind of `{}`",
                    of.1
                ),
                help,
            );
        }
        if let Some(free) = own
            .iter()
            .find(|name| !given.contains(&Some((*name).clone())))
        {
            let help = "write a type in its place, or make it a parameter of the actor";
            return error(
                Code::FreeParameter,
                found.placed.span,
                format!(
                    "`{free}` is no parameter of the actor `{}`, so it would receive messages without number",
                    of.1
                ),
                help,
            );
        }
        true
    }

    fn actor(&mut self, key: &(ModuleId, String)) -> usize {
        if let Some(&known) = self.actor_of.get(key) {
            return known;
        }
        let definitions = &self.structs[key];
        let definition = |&(placed, item): &(Placed, &'a ItemStruct)| Definition {
            placed,
            attributes: &item.attrs,
            visibility: &item.vis,
            conditions: conditions(self.names.krate, placed, &item.attrs),
            generics: Generics::new(&item.generics),
        };
        self.actors.push(Actor {
            module: key.0,
            ident: &definitions[0].1.ident,
            definitions: definitions.iter().map(definition).collect(),
            predicates: Predicates::default(),
        });
        self.actor_of.insert(key.clone(), self.actors.len() - 1);
        self.actors.len() - 1
    }
}

/// Names the functions by which blocks list their messages where the actor cannot list them
/// itself: it may be unable to name their module, or they name its parameters differently.
fn register(model: &mut Model<'_>) {
    let mut count: HashMap<usize, usize> = HashMap::new();
    for block in &mut model.blocks {
        let actor = &model.actors[block.actor];
        if !model.names.krate.is_own(actor.module) {
            continue;
        }
        let names = actor.definitions[0]
            .generics
            .names()
            .map(|name| Some(name.to_string()));
        if block.placed.module != actor.module || !names.eq(renaming(block.self_type)) {
            let count = count.entry(block.actor).or_default();
            *count += 1;
            block.register = Some(format_ident!("kay_register_{count}"));
        }
    }
}
