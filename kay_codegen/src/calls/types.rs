//! The types of expressions, as far as it matters who receives a message.

use super::context::Context;
use crate::resolve::Def;
use crate::source::ModuleId;
use syn::ext::IdentExt;
use syn::{GenericArgument, PathArguments, ReturnType, Type, TypeParamBound};

/// An actor or an actor trait, by its index in the model; or an actor of another crate, of which no
/// more is known than its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum To {
    Actor(usize),
    Trait(usize),
    Other(usize),
}

/// What an expression is.
///
/// References, options, results, iterators and collections are taken for what they hold: a call of
/// a message's method compiles only where the id itself is at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ty {
    Unknown,
    World,
    /// An id, and whether it is the address of all instances.
    Id(To, bool),
    /// A struct, enum or trait of this crate, by its module and name.
    Item(ModuleId, String),
    /// A tuple, or a type with several arguments.
    Many(Vec<Ty>),
}

impl Ty {
    /// What several types make together: nothing is known if none of them is.
    fn many(types: Vec<Self>) -> Self {
        if types.iter().all(|ty| *ty == Self::Unknown) {
            Self::Unknown
        } else {
            Self::Many(types)
        }
    }

    /// This type, or another one if it is not known.
    pub(super) fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Unknown { other() } else { self }
    }

    /// One of several types.
    pub(super) fn at(&self, index: usize) -> Self {
        match self {
            Self::Many(types) => types.get(index).cloned().unwrap_or(Self::Unknown),
            _ => Self::Unknown,
        }
    }

    pub(super) fn of_tuple(types: impl IntoIterator<Item = Self>) -> Self {
        Self::many(types.into_iter().collect())
    }
}

impl Context<'_, '_> {
    /// Reads a type that is written in a module, with what `Self` means there.
    pub(super) fn read(&self, ty: &Type, module: ModuleId, self_type: &Ty) -> Ty {
        let read = |ty: &Type| self.read(ty, module, self_type);
        match ty {
            Type::Reference(ty) => read(&ty.elem),
            Type::Paren(ty) => read(&ty.elem),
            Type::Group(ty) => read(&ty.elem),
            Type::Array(ty) => read(&ty.elem),
            Type::Slice(ty) => read(&ty.elem),
            Type::Tuple(ty) => Ty::of_tuple(ty.elems.iter().map(read)),
            Type::Path(ty) if ty.qself.is_none() => self.read_path(&ty.path, module, self_type),
            Type::ImplTrait(ty) => {
                let bounds = ty.bounds.iter().filter_map(|bound| match bound {
                    TypeParamBound::Trait(bound) => bound.path.segments.last(),
                    _ => None,
                });
                let mut types =
                    bounds.map(|last| self.read_arguments(&last.arguments, module, self_type));
                types.find(|ty| *ty != Ty::Unknown).unwrap_or(Ty::Unknown)
            }
            _ => Ty::Unknown,
        }
    }

    /// Reads the path of a type.
    pub(super) fn read_path(&self, path: &syn::Path, module: ModuleId, self_type: &Ty) -> Ty {
        if path.is_ident("Self") {
            return self_type.clone();
        }
        let last = path.segments.last();
        for def in self.names().resolve(module, path).iter() {
            match def {
                Def::Item(of, name) => {
                    let key = (*of, name.clone());
                    if let Some(to) = self.ids.get(&key) {
                        return Ty::Id(*to, false);
                    }
                    return Ty::Item(key.0, key.1);
                }
                Def::External(path) | Def::Glob(path)
                    if path[0] == "kay_runtime" && path.last().is_some_and(|l| l == "World") =>
                {
                    return Ty::World;
                }
                _ => {}
            }
        }
        last.map_or(Ty::Unknown, |last| {
            self.read_arguments(&last.arguments, module, self_type)
        })
    }

    /// What a foreign type holds: `Option<CarId>` a `CarId`.
    fn read_arguments(&self, arguments: &PathArguments, module: ModuleId, self_type: &Ty) -> Ty {
        let PathArguments::AngleBracketed(arguments) = arguments else {
            return Ty::Unknown;
        };
        let mut types: Vec<Ty> = arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(self.read(ty, module, self_type)),
                GenericArgument::AssocType(ty) => Some(self.read(&ty.ty, module, self_type)),
                _ => None,
            })
            .collect();
        if types.len() == 1 {
            types.remove(0)
        } else {
            Ty::many(types)
        }
    }

    /// The type that a function returns.
    pub(super) fn read_output(&self, output: &ReturnType, module: ModuleId, self_type: &Ty) -> Ty {
        match output {
            ReturnType::Default => Ty::Unknown,
            ReturnType::Type(_, ty) => self.read(ty, module, self_type),
        }
    }

    /// The type of a field of a struct.
    pub(super) fn field(&self, of: &Ty, field: &syn::Member) -> Ty {
        let Ty::Item(module, name) = of else {
            return match field {
                syn::Member::Unnamed(index) => of.at(index.index as usize),
                syn::Member::Named(_) => Ty::Unknown,
            };
        };
        for item in self.names().items(*module, name) {
            if let syn::Item::Struct(item) = item
                && let Some(ty) = type_of(&item.fields, field)
            {
                return self.read(ty, *module, of);
            }
        }
        Ty::Unknown
    }

    /// The type of a field of an enum's variant.
    pub(super) fn variant_field(&self, of: &Ty, variant: &syn::Ident, field: &syn::Member) -> Ty {
        let Ty::Item(module, name) = of else {
            return Ty::Unknown;
        };
        for item in self.names().items(*module, name) {
            if let syn::Item::Enum(item) = item
                && let Some(found) = item.variants.iter().find(|v| v.ident == *variant)
                && let Some(ty) = type_of(&found.fields, field)
            {
                return self.read(ty, *module, of);
            }
        }
        Ty::Unknown
    }
}

fn type_of<'f>(fields: &'f syn::Fields, member: &syn::Member) -> Option<&'f Type> {
    let mut fields = fields.iter();
    match member {
        syn::Member::Named(name) => fields
            .find(|field| {
                field
                    .ident
                    .as_ref()
                    .is_some_and(|own| own.unraw() == name.unraw())
            })
            .map(|field| &field.ty),
        syn::Member::Unnamed(index) => fields.nth(index.index as usize).map(|field| &field.ty),
    }
}
