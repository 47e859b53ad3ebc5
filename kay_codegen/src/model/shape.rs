//! What a function is, by its signature.

use crate::resolve::{Def, Names};
use crate::source::ModuleId;
use std::collections::BTreeSet;
use std::rc::Rc;
use syn::{FnArg, PatType, Path, Receiver, ReceiverKind, ReturnType, Safety, Signature, Type};

/// What decides the meaning of the types in a signature.
pub(crate) struct Scope<'s, 'a> {
    pub(crate) names: &'s Names<'a>,
    pub(crate) module: ModuleId,
    /// Generic parameters hide items of the same name.
    pub(crate) parameters: &'s BTreeSet<String>,
}

/// A signature that means something.
pub(crate) enum Shape<'f> {
    Handler {
        parameters: Vec<&'f PatType>,
        has_fate: bool,
    },
    Spawner {
        parameters: Vec<&'f PatType>,
    },
}

/// How a function takes the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WorldTaken {
    /// `&mut World`
    Mutably,
    /// `&World`
    Shared,
    /// `World`
    ByValue,
}

/// The actor whose spawners are looked for.
pub(crate) struct SpawnerOf<'s> {
    pub(crate) module: ModuleId,
    pub(crate) name: &'s str,
    pub(crate) id_name: &'s str,
}

impl Scope<'_, '_> {
    /// What the path of a type means, unless it is a generic parameter.
    fn resolve(&self, ty: &Type) -> Rc<[Def]> {
        let Some(path) = plain_path(ty) else {
            return Rc::default();
        };
        let is_parameter = path.leading_colon.is_none()
            && path
                .segments
                .first()
                .is_some_and(|first| self.parameters.contains(&first.ident.to_string()));
        if is_parameter {
            Rc::default()
        } else {
            self.names.resolve(self.module, path)
        }
    }

    /// Whether a type is one of the runtime's, under whatever name.
    pub(super) fn is_runtime(&self, ty: &Type, name: &str) -> bool {
        self.resolve(ty).iter().any(|def| match def {
            Def::External(path) => {
                path[0] == "kay_runtime" && path.last().is_some_and(|last| last == name)
            }
            // Nothing in this crate has that name, so it can only be the runtime's.
            Def::Glob(path) => path.last().is_some_and(|last| last == name),
            Def::Module(_) | Def::Item(..) => false,
        })
    }

    pub(super) fn is_item(&self, ty: &Type, module: ModuleId, name: &str) -> bool {
        let is_it = |def: &Def| matches!(def, Def::Item(m, n) if *m == module && n == name);
        self.resolve(ty).iter().any(is_it)
    }

    /// Whether a type is `Self`, or the actor by its name.
    pub(super) fn is_own(&self, ty: &Type, of: &SpawnerOf<'_>) -> bool {
        plain_path(ty).is_some_and(|path| path.is_ident("Self"))
            || self.is_item(ty, of.module, of.name)
    }

    /// `&self`, `&mut self`, and the same spelled out: `self: &mut Self`, or `self: &mut Car` in a
    /// block of `Car`.
    pub(super) fn is_by_reference(&self, receiver: &Receiver, of: Option<&SpawnerOf<'_>>) -> bool {
        match &receiver.kind {
            ReceiverKind::Reference(..) => true,
            ReceiverKind::Typed(_, ty) => match strip(ty) {
                Type::Reference(reference) => {
                    let elem = &reference.elem;
                    plain_path(elem).is_some_and(|path| path.is_ident("Self"))
                        || of.is_some_and(|of| self.is_own(elem, of))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// How an argument takes the world, if that is what it is.
    pub(super) fn world(&self, argument: &FnArg) -> Option<WorldTaken> {
        let FnArg::Typed(argument) = argument else {
            return None;
        };
        let (ty, taken) = match strip(&argument.ty) {
            Type::Reference(reference) if reference.mutability.is_some() => {
                (&*reference.elem, WorldTaken::Mutably)
            }
            Type::Reference(reference) => (&*reference.elem, WorldTaken::Shared),
            other => (other, WorldTaken::ByValue),
        };
        self.is_runtime(ty, "World").then_some(taken)
    }

    /// What a function is; `None` if it is ordinary Rust.
    pub(crate) fn shape<'f>(
        &self,
        signature: &'f Signature,
        spawner_of: Option<&SpawnerOf<'_>>,
    ) -> Option<Shape<'f>> {
        let is_plain = signature.constness.is_none()
            && signature.asyncness.is_none()
            && signature.abi.is_none()
            && signature.variadic.is_none()
            && matches!(signature.safety, Safety::Default);
        let count = signature.inputs.len();
        if !is_plain
            || count < 2
            || self.world(signature.inputs.last()?) != Some(WorldTaken::Mutably)
        {
            return None;
        }
        let parameters = || -> Vec<&'f PatType> {
            let between = signature.inputs.iter().skip(1).take(count - 2);
            between.filter_map(typed).collect()
        };
        match signature.inputs.first()? {
            FnArg::Receiver(receiver) if self.is_by_reference(receiver, spawner_of) => {
                let has_fate = match &signature.output {
                    ReturnType::Default => false,
                    ReturnType::Type(_, ty) if is_unit(ty) => false,
                    ReturnType::Type(_, ty) if self.is_runtime(ty, "Fate") => true,
                    ReturnType::Type(..) => return None,
                };
                Some(Shape::Handler {
                    parameters: parameters(),
                    has_fate,
                })
            }
            FnArg::Receiver(_) => None,
            FnArg::Typed(first) => {
                let of = spawner_of?;
                let ReturnType::Type(_, output) = &signature.output else {
                    return None;
                };
                (self.is_own(output, of) && self.is_item(&first.ty, of.module, of.id_name)).then(
                    || Shape::Spawner {
                        parameters: parameters(),
                    },
                )
            }
        }
    }
}

pub(super) fn typed(argument: &FnArg) -> Option<&PatType> {
    if let FnArg::Typed(argument) = argument {
        Some(argument)
    } else {
        None
    }
}

pub(super) fn is_unit(ty: &Type) -> bool {
    matches!(strip(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// A type without the brackets around it.
pub(crate) fn strip(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => strip(&inner.elem),
        Type::Group(inner) => strip(&inner.elem),
        other => other,
    }
}

/// The path of a type that is nothing but a path.
pub(crate) fn plain_path(ty: &Type) -> Option<&Path> {
    match strip(ty) {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        _ => None,
    }
}
