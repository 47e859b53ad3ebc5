//! From where an item can be named.

use super::paths::spelled;
use crate::source::{Crate, ModuleId};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Visibility};

/// The part of a crate in which an item can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everywhere, in other crates too.
    Public,
    /// In this module and what is inside it; the root stands for the whole crate.
    Within(ModuleId),
}

impl Reach {
    /// What a visibility means in a module.
    pub(crate) fn new(krate: &Crate, visibility: &Visibility, module: ModuleId) -> Self {
        match visibility {
            Visibility::Public(_) => Self::Public,
            Visibility::Inherited => Self::Within(module),
            Visibility::Restricted(restricted) => {
                let mut at = module;
                for segment in &restricted.path.segments {
                    let name = segment.ident.to_string();
                    at = match name.as_str() {
                        "crate" => krate.root_of(module),
                        "self" => at,
                        "super" => krate.module(at).parent.unwrap_or(at),
                        _ => child(krate, at, &segment.ident).unwrap_or(at),
                    };
                }
                Self::Within(at)
            }
        }
    }

    /// Whether an item with this reach can be named in a module.
    pub(crate) fn includes(self, krate: &Crate, module: ModuleId) -> bool {
        match self {
            Self::Public => true,
            Self::Within(outer) => krate.is_within(module, outer),
        }
    }

    /// How this reach is written in a module that it includes.
    pub(crate) fn written_in(self, krate: &Crate, module: ModuleId) -> TokenStream {
        match self {
            Self::Public => quote!(pub),
            Self::Within(outer) if outer == module => quote!(),
            Self::Within(outer) if outer == krate.root() => quote!(pub(crate)),
            Self::Within(outer) if Some(outer) == krate.module(module).parent => quote!(pub(super)),
            Self::Within(outer) => {
                let path = path_from_crate(krate, outer);
                quote!(pub(in #path))
            }
        }
    }
}

/// `crate::a::b`, or `::other::a::b`, whether or not it can be named from anywhere.
pub(crate) fn path_from_crate(krate: &Crate, module: ModuleId) -> TokenStream {
    let of = krate.module(module);
    match (of.parent, of.other) {
        (None, None) => quote!(crate),
        (None, Some(other)) => {
            let name = krate.extern_name(other);
            let name = spelled(name.unwrap_or(&krate.others[other].told.name));
            quote!(::#name)
        }
        (Some(parent), _) => {
            let parent = path_from_crate(krate, parent);
            let ident = &krate.module(module).ident;
            quote!(#parent::#ident)
        }
    }
}

fn child(krate: &Crate, parent: ModuleId, name: &Ident) -> Option<ModuleId> {
    let children = &krate.module(parent).children;
    children
        .iter()
        .copied()
        .find(|id| krate.module(*id).ident.unraw() == name.unraw())
}
