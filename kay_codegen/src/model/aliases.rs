//! What the aliases of types stand for.

use super::generics::{Substitution, arguments_of};
use super::shape::plain_path;
use crate::resolve::Names;
use crate::source::ModuleId;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, GenericParam, ItemType, Path, Type};

/// The type behind the aliases that a type is written with, in the names of that type's arguments:
/// of `Swap<A, B>`, `Pair<B, A>`. Several where conditions choose between aliases.
pub(super) fn behind_aliases(names: &Names, module: ModuleId, ty: &Type) -> Vec<Type> {
    let mut found = Vec::new();
    let mut open = vec![(module, ty.clone(), 0)];
    while let Some((module, ty, depth)) = open.pop() {
        let aliases = plain_path(&ty).map(|path| (path, names.aliases(module, path)));
        match aliases {
            // One alias cannot lead back to itself; the compiler says so.
            Some((path, aliases)) if !aliases.is_empty() && depth < 8 => {
                let targets = aliases
                    .into_iter()
                    .map(|(home, alias)| (home, target(alias, path), depth + 1));
                open.extend(targets);
            }
            _ => found.push(ty),
        }
    }
    found
}

/// What an alias stands for, with the arguments of a path that leads to it.
fn target(alias: &ItemType, path: &Path) -> Type {
    let is_lifetime = |argument: &GenericArgument| matches!(argument, GenericArgument::Lifetime(_));
    let given = arguments_of(path);
    let mut given = given.into_iter().filter(|argument| !is_lifetime(argument));
    let mut substitution = Substitution::default();
    for parameter in &alias.generics.params {
        let (ident, default) = match parameter {
            GenericParam::Type(parameter) => {
                let default = parameter.default.as_ref();
                (
                    &parameter.ident,
                    default.map(|(_, default)| default.clone()),
                )
            }
            GenericParam::Const(parameter) => (&parameter.ident, None),
            GenericParam::Lifetime(_) => continue,
        };
        let argument = match given.next() {
            Some(GenericArgument::Type(ty)) => Some(ty),
            Some(_) => None,
            None => default,
        };
        if let Some(argument) = argument {
            substitution.arguments.insert(ident.to_string(), argument);
        }
    }
    let mut target = (*alias.ty).clone();
    substitution.visit_type_mut(&mut target);
    target
}
