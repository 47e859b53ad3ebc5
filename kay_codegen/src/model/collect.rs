//! From the items of a crate to its actors.

mod refuse;

use super::almost::{Function, target_feature};
use super::bounds::{self, renaming};
use super::compact::Compactness;
use super::generics::{Generics, Predicates};
use super::items::{Impl, Structs, conditions, has_id, impls, parameter_names, structs};
use super::marks::{refuse_query, useless_mark, useless_marks_of_items};
use super::parameters::Reader;
use super::shape::{Scope, Shape, SpawnerOf};
use super::state;
use super::traits;
use super::types::{Actor, Block, Definition, Handler, Model, Placed, Spawner, TraitUse};
use super::{Essential, Setup, clashes, fingerprints, normalised};
use crate::diagnostics::Diagnostics;
use crate::options::Options;
use crate::resolve::Names;
use crate::source::{Crate, ModuleId, cfgs};
use quote::{ToTokens, format_ident};
use std::collections::{BTreeSet, HashMap};
use syn::ext::IdentExt;
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
    let compactness = Compactness::new(&names);
    let traits = traits::collect(
        &mut names,
        options,
        &impls,
        &structs,
        &compactness,
        diagnostics,
    );
    let mut collector = Collector {
        names: &names,
        options,
        structs: &structs,
        traits: &traits,
        compactness: &compactness,
        ordinary: Vec::new(),
        actors: Vec::new(),
        actor_of: HashMap::new(),
        blocks: Vec::new(),
        diagnostics,
    };
    for found in &impls {
        collector.block(found);
    }
    collector.no_structs();
    collector.almost();
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
    useless_marks_of_items(&model.names, diagnostics);
    clashes::report(&model, diagnostics);
    fingerprints::report(&model, diagnostics);
    model
}

struct Collector<'c, 'a> {
    names: &'c Names<'a>,
    options: &'a Options,
    structs: &'c Structs<'a>,
    traits: &'c traits::Traits<'a>,
    compactness: &'c Compactness,
    /// Public functions of structs that mean nothing by their signature.
    ordinary: Vec<((ModuleId, String), ModuleId, Function<'a>)>,
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
        let self_name = normalised(item.self_ty.to_token_stream());
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
            compactness: self.compactness,
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
                .filter(|_| is_plain && target_feature(&item.attrs).is_none());
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
            if essential.is_marked() && !is_plain
                || matches!(shape, Some(Shape::Spawner { .. })) && essential.is_marked()
            {
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
                None if is_plain => {
                    let function = Function {
                        item,
                        file: found.file,
                        self_type: &found.item.self_ty,
                        parameters: parameters.clone(),
                        is_marked: essential.is_marked(),
                    };
                    self.ordinary.push((of.clone(), module, function));
                }
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
                // A trait of an earlier edition may have a handler `gen`, which is `r#gen` here.
                let name = item.sig.ident.unraw();
                if handlers.any(|handler| handler.ident.unraw() == name) {
                    essential.push((name.to_string(), mark));
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

    fn actor(&mut self, key: &(ModuleId, String)) -> usize {
        if let Some(&known) = self.actor_of.get(key) {
            return known;
        }
        let definitions = &self.structs[key];
        let id_name = self.options.id_name(&key.1);
        let of = SpawnerOf {
            module: key.0,
            name: &key.1,
            id_name: &id_name,
        };
        if self.names.krate.is_own(key.0) {
            state::check(
                self.names,
                self.compactness,
                definitions,
                &of,
                self.diagnostics,
            );
        }
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
