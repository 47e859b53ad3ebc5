//! What a reader of the crate's documentation should know of it: who its actors are.

use super::documentation::summary;
use super::is_public;
use super::writer::Writer;
use crate::model::{ActorTrait, Definition, Model, TraitDefinition};
use crate::resolve::Reach;
use crate::source::ModuleId;
use std::collections::BTreeMap;
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Visibility};

/// The documentation of a crate's `setup`.
pub(super) fn overview(model: &Model, out: &mut Writer) {
    out.doc(&[
        "Registers every actor of this crate and of the crates that it depends on, generic ones",
    ]);
    out.doc(&["excepted: their type arguments are the user's to choose."]);
    let mut counts = vec![0; model.actors.len()];
    let mut implementors: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for block in &model.blocks {
        let of_trait = block.of_trait.as_ref().map(|of_trait| of_trait.index);
        counts[block.actor] += of_trait.map_or(block.handlers.len(), |index| {
            implementors.entry(index).or_default().push(block.actor);
            messages(&model.traits[index])
        });
    }
    heading(out, "# Actors", model.own_actors().count());
    for (index, actor) in model.own_actors() {
        let mut rest = messages_in_words(counts[index]);
        if !actor.definitions[0].generics.is_empty() {
            rest.push_str(", generic");
        }
        let Definition {
            attributes,
            visibility,
            conditions,
            ..
        } = &actor.definitions[0];
        let name = named(
            model,
            actor.module,
            actor.ident,
            visibility,
            conditions.is_empty(),
        );
        entry(out, &name, attributes, &rest);
    }
    heading(out, "# Actor traits", model.own_traits().count());
    for (index, actor_trait) in model.own_traits() {
        let mut rest = messages_in_words(messages(actor_trait));
        let mut by: Vec<String> = implementors
            .get(&index)
            .into_iter()
            .flatten()
            .map(|actor| format!("`{}`", model.actors[*actor].ident.unraw()))
            .collect();
        by.dedup();
        if !by.is_empty() {
            rest.push_str(", handled by ");
            rest.push_str(&by.join(", "));
        }
        let TraitDefinition {
            attributes,
            visibility,
            conditions,
            ..
        } = &actor_trait.definitions[0];
        let (module, ident) = (actor_trait.module, actor_trait.ident);
        let name = named(model, module, ident, visibility, conditions.is_empty());
        entry(out, &name, attributes, &rest);
    }
}

/// The heading of a list, if there is anything in it.
fn heading(out: &mut Writer, text: &str, entries: usize) {
    if entries > 0 {
        out.doc(&[]);
        out.doc(&[text]);
        out.doc(&[]);
    }
}

/// One line of a list.
fn entry(out: &mut Writer, name: &str, attributes: &[Attribute], rest: &str) {
    let summary = summary(attributes);
    let gap = if summary.is_empty() { "" } else { " " };
    out.doc(&["- ", name, ": ", &summary, gap, "(", rest, ")"]);
}

fn messages(actor_trait: &ActorTrait) -> usize {
    let definitions = actor_trait.definitions.iter();
    definitions.map(|d| d.handlers.len()).max().unwrap_or(0)
}

fn messages_in_words(messages: usize) -> String {
    match messages {
        0 => "no messages".to_owned(),
        1 => "1 message".to_owned(),
        many => format!("{many} messages"),
    }
}

/// The name of an item, with a link if every reader can follow it.
fn named(
    model: &Model,
    module: ModuleId,
    ident: &Ident,
    visibility: &Visibility,
    is_always: bool,
) -> String {
    let krate = model.names.krate;
    let path = &krate.module(module).path;
    let name = ident.unraw();
    let is_compiled = is_always
        && krate
            .module(module)
            .parts
            .iter()
            .all(|p| p.conditions.is_empty());
    let is_public =
        Reach::new(krate, visibility, module) == Reach::Public && is_public(model, module);
    match (is_compiled && is_public, path.as_str()) {
        (true, "") => format!("[`{name}`]"),
        (true, path) => format!("[`{name}`](crate::{path}::{ident})"),
        (false, "") => format!("`{name}`"),
        (false, path) => format!("`{path}::{name}`"),
    }
}
