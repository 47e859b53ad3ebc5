//! Names whose fingerprints are the same by chance.

use super::types::{Model, Placed};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::fingerprint;
use proc_macro2::Span;
use std::collections::HashMap;
use std::hash::Hash;
use syn::ext::IdentExt;

/// Something with a fingerprint.
struct Named {
    path: String,
    placed: Placed,
    span: Span,
}

/// Reports every two actors, traits or messages that could not be told apart.
///
/// What type arguments add is not known here: the runtime compares generic ones when they are
/// registered.
pub(super) fn report(model: &Model, diagnostics: &mut Diagnostics) {
    let mut tags = HashMap::new();
    let mut messages = HashMap::new();
    for (_, actor) in model.own_actors() {
        let path = model.item_path(actor.module, actor.ident);
        // The tag of a type is half of its fingerprint.
        let tag = fingerprint::of_path(&path) as u32;
        let definition = &actor.definitions[0];
        if definition.generics.is_empty() {
            let (placed, span) = (definition.placed, definition.placed.span);
            compare(
                &mut tags,
                tag,
                Named { path, placed, span },
                model,
                diagnostics,
            );
        }
    }
    for (_, actor_trait) in model.own_traits() {
        let path = model.item_path(actor_trait.module, actor_trait.ident);
        let tag = fingerprint::of_path(&path) as u32;
        for definition in &actor_trait.definitions {
            if !definition.generics.is_empty() {
                continue;
            }
            for handler in &definition.handlers {
                let path = format!("{path}::{}", handler.ident.unraw());
                let key = fingerprint::of_message(&path, &handler.parameters);
                let (placed, span) = (definition.placed, handler.ident.span());
                compare(
                    &mut messages,
                    key,
                    Named { path, placed, span },
                    model,
                    diagnostics,
                );
            }
            let (path, placed, span) = (path.clone(), definition.placed, definition.placed.span);
            compare(
                &mut tags,
                tag,
                Named { path, placed, span },
                model,
                diagnostics,
            );
        }
    }
    for block in model
        .blocks
        .iter()
        .filter(|block| block.generics.is_empty())
    {
        let actor = &model.actors[block.actor];
        let path = model.item_path(actor.module, actor.ident);
        let handlers = block.handlers.iter().map(|h| (h.ident, &h.parameters));
        let spawners = block.spawners.iter().map(|s| (s.ident, &s.parameters));
        for (ident, parameters) in handlers.chain(spawners) {
            let path = format!("{path}::{}", ident.unraw());
            let key = fingerprint::of_message(&path, parameters);
            let (placed, span) = (block.placed, ident.span());
            compare(
                &mut messages,
                key,
                Named { path, placed, span },
                model,
                diagnostics,
            );
        }
    }
}

fn compare<K: Eq + Hash>(
    known: &mut HashMap<K, Named>,
    key: K,
    second: Named,
    model: &Model,
    diagnostics: &mut Diagnostics,
) {
    let Some(first) = add(known, key, second) else {
        return;
    };
    let (second, first) = first;
    diagnostics.report(
        Diagnostic::new(
            Code::FingerprintCollision,
            model.file(second.placed),
            second.span,
            format!("`{}` and `{}` have the same fingerprint", second.path, first.path),
        )
        .label("this cannot be told apart ..")
        .secondary(model.file(first.placed), first.span, ".. from this")
        .note("types and messages are known by a number that is made of their names; that two of them meet is pure chance")
        .help("give one of them another name"),
    );
}

/// Adds what has a fingerprint. If something else has the same, both are handed back: the new one
/// first.
fn add<K: Eq + Hash>(
    known: &mut HashMap<K, Named>,
    key: K,
    second: Named,
) -> Option<(Named, &Named)> {
    use std::collections::hash_map::Entry;
    match known.entry(key) {
        Entry::Occupied(first) => {
            let first = first.into_mut();
            // Under opposite conditions, one name may stand for two things.
            (first.path != second.path).then_some((second, &*first))
        }
        Entry::Vacant(entry) => {
            entry.insert(second);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, add};
    use crate::model::Placed;
    use crate::source::ModuleId;
    use proc_macro2::Span;
    use std::collections::HashMap;

    // Nobody has two texts with one hash of 64 bits at hand, so that messages are compared here.
    #[test]
    fn only_names_that_differ_collide() {
        let named = |path: &str| {
            let (module, span) = (ModuleId(0), Span::call_site());
            Named {
                path: path.to_owned(),
                placed: Placed {
                    module,
                    part: 0,
                    item: 0,
                    span,
                },
                span,
            }
        };
        let mut known = HashMap::new();
        assert!(add(&mut known, 7_u64, named("a")).is_none());
        assert!(add(&mut known, 8, named("b")).is_none());
        assert!(add(&mut known, 7, named("a")).is_none());
        let (second, first) = add(&mut known, 8, named("c")).unwrap();
        assert_eq!((second.path.as_str(), first.path.as_str()), ("c", "b"));
    }
}
