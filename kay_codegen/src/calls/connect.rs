//! From what functions do to who sends what to whom.

use super::context::Context;
use super::types::{To, Ty};
use super::walk::{Found, walk};
use super::{Graph, Receiver, SentMessage, UnknownCall};
use crate::schema::Location;
use std::collections::BTreeSet;

/// Follows the calls of every handler and spawner.
pub(super) fn connect(context: &Context) -> Graph {
    let found: Vec<Vec<Found>> = context
        .functions
        .iter()
        .map(|function| walk(context, function))
        .collect();
    let mut connector = Connector {
        context,
        found,
        sends: BTreeSet::new(),
        unknown: BTreeSet::new(),
    };
    let mut is_reached = vec![false; context.functions.len()];
    for (entry, from) in entries(context) {
        for function in connector.reached(entry) {
            is_reached[function] = true;
            connector.add(Some(from), entry, function);
        }
    }
    for (function, of) in context.functions.iter().enumerate() {
        if !is_reached[function] && !of.is_test {
            connector.add(None, function, function);
        }
    }
    Graph {
        crate_name: context.names().krate.name.clone(),
        receivers: receivers(context, &connector.sends),
        sends: connector.sends.into_iter().collect(),
        unknown: connector.unknown.into_iter().collect(),
    }
}

/// The functions that handle messages or make actors, and whose they are.
fn entries(context: &Context) -> Vec<(usize, To)> {
    let receiver = context.receiver();
    let mut entries = Vec::new();
    for (index, function) in context.functions.iter().enumerate() {
        let Some(of) = function.of.as_ref().and_then(|of| receiver.get(of)) else {
            continue;
        };
        // A trait's function is a message of the trait, whoever implements it.
        let declared_by = match &function.of_trait {
            Some(of_trait) => receiver.get(of_trait),
            None => Some(of),
        };
        let of_message = |to: &To| {
            let key = (*to, function.name.clone());
            context.messages.contains_key(&key)
        };
        if declared_by.is_some_and(of_message) {
            entries.push((index, *of));
        }
    }
    entries
}

/// The receivers of the crate, and those of other crates that have to do with them.
fn receivers(context: &Context, sends: &BTreeSet<SentMessage>) -> Vec<Receiver> {
    let model = context.model;
    let krate = model.names.krate;
    let mut actors: Vec<Receiver> = (0..model.actors.len())
        .map(|index| Receiver {
            path: context.path(To::Actor(index)),
            is_foreign: !krate.is_own(model.actors[index].module),
            is_trait: false,
            implements: Vec::new(),
        })
        .collect();
    for block in &model.blocks {
        if let Some(of_trait) = &block.of_trait {
            let path = context.path(To::Trait(of_trait.index));
            let implements = &mut actors[block.actor].implements;
            if !implements.contains(&path) {
                implements.push(path);
            }
        }
    }
    let is_told: BTreeSet<&str> = sends.iter().map(|send| &*send.to).collect();
    let is_implemented: BTreeSet<String> = actors
        .iter()
        .flat_map(|actor| actor.implements.iter().cloned())
        .collect();
    let known: BTreeSet<String> = actors.iter().map(|actor| actor.path.clone()).collect();
    let others = (0..context.other_count()).map(|index| context.path(To::Other(index)));
    let others = others.filter(|path| is_told.contains(&**path) && !known.contains(path));
    let others: Vec<(String, bool, bool)> = others.map(|path| (path, true, false)).collect();
    let of_traits = (0..model.traits.len()).filter(|index| {
        let path = context.path(To::Trait(*index));
        krate.is_own(model.traits[*index].module)
            || is_told.contains(&*path)
            || is_implemented.contains(&path)
    });
    let of_traits = of_traits.map(|index| {
        let is_foreign = !krate.is_own(model.traits[index].module);
        (context.path(To::Trait(index)), is_foreign, true)
    });
    let rest = others.into_iter().chain(of_traits);
    actors.extend(rest.map(|(path, is_foreign, is_trait)| Receiver {
        path,
        is_foreign,
        is_trait,
        implements: Vec::new(),
    }));
    actors
}

struct Connector<'c, 'm, 'a> {
    context: &'c Context<'m, 'a>,
    /// What each function does.
    found: Vec<Vec<Found>>,
    sends: BTreeSet<SentMessage>,
    unknown: BTreeSet<UnknownCall>,
}

impl Connector<'_, '_, '_> {
    /// A function, and all that it calls.
    fn reached(&self, entry: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open = vec![entry];
        while let Some(function) = open.pop() {
            if reached.insert(function) {
                open.extend(self.found[function].iter().filter_map(|found| match found {
                    Found::Call(called) => Some(*called),
                    _ => None,
                }));
            }
        }
        reached
    }

    /// Adds what one function does on behalf of an entry.
    fn add(&mut self, from: Option<To>, entry: usize, function: usize) {
        let context = self.context;
        let from = from.map(|from| context.path(from));
        let by = match (&from, &context.functions[entry].self_type) {
            (None, Ty::Item(_, of)) => format!("{of}::{}", context.functions[entry].name),
            _ => context.functions[entry].name.clone(),
        };
        let location = |line: usize| Location {
            file: context.functions[function].file.to_owned(),
            line,
        };
        for found in &self.found[function] {
            match found {
                Found::Call(_) => {}
                Found::Send {
                    to,
                    message,
                    kind,
                    is_broadcast,
                    is_inferred,
                    line,
                } => {
                    self.sends.insert(SentMessage {
                        from: from.clone(),
                        by: by.clone(),
                        to: context.path(*to),
                        message: message.clone(),
                        kind: *kind,
                        is_broadcast: *is_broadcast,
                        is_inferred: *is_inferred,
                        location: location(*line),
                    });
                }
                Found::Unknown {
                    message,
                    candidates,
                    line,
                } => {
                    self.unknown.insert(UnknownCall {
                        from: from.clone(),
                        by: by.clone(),
                        message: message.clone(),
                        candidates: candidates.iter().map(|to| context.path(*to)).collect(),
                        location: location(*line),
                    });
                }
            }
        }
    }
}
