//! The numbers that the runtime gives to actors and handlers.

use crate::fingerprint;
use crate::model::{Block, Model, Parameter, Placed};
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use std::collections::{BTreeMap, BTreeSet};
use syn::Ident;
use syn::ext::IdentExt;

/// What the runtime numbers, as far as the text tells.
#[derive(Default)]
pub(super) struct Numbers {
    /// By actor.
    pub(super) actors: BTreeMap<usize, u32>,
    /// By actor and fingerprint.
    pub(super) handlers: BTreeMap<(usize, u64), u32>,
}

impl Numbers {
    /// Numbers actors and handlers as `kay_runtime::Registry` does: actors from 1, in the order in
    /// which `setup` registers them; handlers from 0, those of an actor by their fingerprints.
    pub(super) fn new(model: &Model, blocks_of: &[Vec<usize>]) -> Self {
        let mut numbers = Self::default();
        // What other crates register before comes first.
        if !model.setup.dependencies.is_empty() {
            return numbers;
        }
        let mut order = Vec::new();
        Setups::new(model).registered(model.names.krate.root(), &mut order);
        let (mut next_actor, mut next_handler) = (1, 0);
        for index in order {
            if depends_on_conditions(model, index, &blocks_of[index]) {
                break;
            }
            numbers.actors.insert(index, next_actor);
            next_actor += 1;
            let mut fingerprints = Vec::new();
            let mut is_exact = true;
            for block in &blocks_of[index] {
                let block = &model.blocks[*block];
                is_exact &= block
                    .of_trait
                    .as_ref()
                    .is_none_or(|of| of.arguments.is_empty());
                fingerprints.extend(handled(model, block));
            }
            fingerprints.sort_unstable();
            for (at, fingerprint) in (next_handler..).zip(&fingerprints) {
                // What type arguments add to a fingerprint, and so the order, is not in the text.
                if is_exact {
                    numbers.handlers.insert((index, *fingerprint), at);
                }
            }
            next_handler += fingerprints.len() as u32;
        }
        numbers
    }
}

/// What `setup` functions register.
#[derive(Default)]
struct Setups {
    /// The actors of each module, by their places in it.
    actors: BTreeMap<ModuleId, BTreeSet<(usize, usize, usize)>>,
    /// The modules whose `setup` a module's own one calls, in its order.
    calls: BTreeMap<ModuleId, Vec<ModuleId>>,
}

impl Setups {
    fn new(model: &Model) -> Self {
        let mut setups = Self::default();
        for (index, actor) in model.actors.iter().enumerate() {
            if let Some(definition) = actor.definitions.iter().find(|d| d.generics.is_empty()) {
                let Placed { part, item, .. } = definition.placed;
                let of_module = setups.actors.entry(actor.module).or_default();
                of_module.insert((part, item, index));
            }
        }
        let krate = model.names.krate;
        for module in model.setup.modules.iter().copied() {
            // It is called by the nearest module around it that has generated code.
            let mut outer = krate.module(module).parent;
            while let Some(at) = outer.filter(|at| !model.setup.files.contains(at)) {
                outer = krate.module(at).parent;
            }
            if let Some(caller) = outer {
                setups.calls.entry(caller).or_default().push(module);
            }
        }
        setups
    }

    /// The actors that the `setup` of a module registers, in its order.
    fn registered(&self, module: ModuleId, order: &mut Vec<usize>) {
        let own = self.actors.get(&module).into_iter().flatten();
        order.extend(own.map(|(_, _, index)| *index));
        for inner in self.calls.get(&module).into_iter().flatten() {
            self.registered(*inner, order);
        }
    }
}

/// Whether a condition decides if an actor, or a message of it, is there.
fn depends_on_conditions(model: &Model, index: usize, blocks: &[usize]) -> bool {
    let is_conditional = |placed: Placed, own: &[TokenStream]| {
        !own.is_empty() || !conditions_of_part(model, placed).is_empty()
    };
    let definitions = &model.actors[index].definitions;
    definitions
        .iter()
        .any(|d| is_conditional(d.placed, &d.conditions))
        || blocks.iter().any(|block| {
            let block = &model.blocks[*block];
            is_conditional(block.placed, &block.conditions)
                || block.handlers.iter().any(|h| !h.conditions.is_empty())
                || block.spawners.iter().any(|s| !s.conditions.is_empty())
                || block.of_trait.iter().any(|of| {
                    model.traits[of.index].definitions.iter().any(|d| {
                        is_conditional(d.placed, &d.conditions)
                            || d.handlers.iter().any(|h| !h.conditions.is_empty())
                    })
                })
        })
}

/// The fingerprints of what a block handles.
fn handled(model: &Model, block: &Block) -> Vec<u64> {
    let of_message = |path: &str, ident: &Ident, parameters: &[Parameter]| {
        fingerprint::of_message(&format!("{path}::{}", ident.unraw()), parameters)
    };
    if let Some(of_trait) = &block.of_trait {
        let of = &model.traits[of_trait.index];
        let path = model.item_path(of.module, of.ident);
        let handlers = of.definitions.iter().flat_map(|d| &d.handlers);
        return handlers
            .map(|h| of_message(&path, h.ident, &h.parameters))
            .collect();
    }
    let actor = &model.actors[block.actor];
    let path = model.item_path(actor.module, actor.ident);
    let handlers = block.handlers.iter().map(|h| (h.ident, &h.parameters));
    let spawners = block.spawners.iter().map(|s| (s.ident, &s.parameters));
    handlers
        .chain(spawners)
        .map(|(ident, parameters)| of_message(&path, ident, parameters))
        .collect()
}

/// The conditions of a module that are not among those of its items already.
pub(super) fn conditions_of_part<'m>(model: &'m Model, placed: Placed) -> &'m [TokenStream] {
    match &model.names.krate.module(placed.module).parts[..] {
        [part] => &part.conditions,
        _ => &[],
    }
}
