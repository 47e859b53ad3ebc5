//! What generic actors ask of their parameters.

use super::generics::{Generics, Substitution, arguments_of};
use super::shape::{plain_path, strip};
use super::types::Model;
use crate::resolve::Absolute;
use quote::format_ident;
use syn::{GenericArgument, Type};

/// Gathers what every actor's parameters must satisfy, and hands it to each of its blocks.
///
/// A block may ask for more than the struct does, and under other names; but there is one actor,
/// so all of it is asked for wherever the type is to be an actor.
pub(super) fn gather(model: &mut Model<'_>) {
    let Model {
        names,
        actors,
        blocks,
        ..
    } = model;
    for actor in actors.iter_mut() {
        let parameters = names_of(&actor.definitions[0].generics)
            .into_iter()
            .collect();
        let mut absolute = Absolute {
            names,
            module: actor.module,
            parameters: &parameters,
        };
        for definition in &actor.definitions {
            actor
                .predicates
                .extend(&definition.generics.predicates, &mut absolute);
        }
    }
    for block in blocks.iter().filter(|block| !block.generics.is_empty()) {
        let actor = &mut actors[block.actor];
        let mut predicates = block.generics.predicates.clone();
        if block.placed.module != actor.module {
            let parameters = names_of(&block.generics).into_iter().collect();
            let module = block.placed.module;
            predicates = predicates.changed(&mut Absolute {
                names,
                module,
                parameters: &parameters,
            });
        }
        let parameters = names_of(&actor.definitions[0].generics);
        let own = renaming(block.self_type).into_iter().flatten();
        predicates = predicates.changed(&mut substitution(own, parameters.clone()));
        let parameters = parameters.into_iter().collect();
        let mut absolute = Absolute {
            names,
            module: actor.module,
            parameters: &parameters,
        };
        actor.predicates.extend(&predicates, &mut absolute);
    }
    for actor in actors.iter_mut() {
        let mut generics = actor.definitions[0].generics.clone();
        generics.predicates = std::mem::take(&mut actor.predicates);
        generics.make_compact(names, actor.module);
        actor.predicates = generics.predicates;
    }
    for block in blocks.iter_mut().filter(|block| !block.generics.is_empty()) {
        let actor = &actors[block.actor];
        let parameters = names_of(&actor.definitions[0].generics);
        let mut predicates = actor.predicates.clone();
        if block.placed.module != actor.module {
            let parameters = parameters.iter().cloned().collect();
            let module = actor.module;
            predicates = predicates.changed(&mut Absolute {
                names,
                module,
                parameters: &parameters,
            });
        }
        let own = renaming(block.self_type).into_iter().flatten();
        block.generics.predicates = predicates.changed(&mut substitution(parameters, own));
    }
}

fn names_of(generics: &Generics) -> Vec<String> {
    generics.names().map(ToString::to_string).collect()
}

fn substitution(
    from: impl IntoIterator<Item = String>,
    to: impl IntoIterator<Item = String>,
) -> Substitution {
    let mut substitution = Substitution::default();
    for (from, to) in from.into_iter().zip(to) {
        if from != to {
            let to = format_ident!("{to}");
            substitution.arguments.insert(from, syn::parse_quote!(#to));
        }
    }
    substitution
}

/// The names that a block gives to the parameters of its actor, in the actor's order.
pub(super) fn renaming(self_type: &Type) -> Vec<Option<String>> {
    let Some(path) = plain_path(self_type) else {
        return Vec::new();
    };
    let name = |argument: &GenericArgument| match argument {
        GenericArgument::Type(ty) => plain_path(strip(ty))
            .and_then(syn::Path::get_ident)
            .map(ToString::to_string),
        _ => None,
    };
    arguments_of(path).iter().map(name).collect()
}
