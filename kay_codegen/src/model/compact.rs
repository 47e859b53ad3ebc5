//! Which types are compact, as far as the text of the crate tells.
//!
//! What is not known to be no compact type counts as one: then the compiler has the last word.

use super::generics::arguments_of;
use super::items::items;
use super::normalised;
use super::shape::{Scope, strip};
use super::std_types::{Advice, advice};
use crate::resolve::{Def, Names};
use crate::source::{ModuleId, metas_of_cfg_attr};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, GenericArgument, Item, Meta, Path, Token, Type};

/// What the crate says about its types.
pub(super) struct Compactness {
    /// The types with an `impl Compact` written by hand.
    by_hand: HashSet<(ModuleId, String)>,
    /// All that macros are called with, where they may make items.
    in_calls: HashSet<String>,
    /// The same, and all that `macro_rules!` mention.
    in_macros: HashSet<String>,
}

/// A type that is not compact.
pub(super) struct NotCompact {
    /// Where it is written.
    pub(super) span: Span,
    /// What it is: "`String`".
    pub(super) what: String,
    pub(super) why: &'static str,
    /// The type to write instead.
    pub(super) instead: Option<String>,
    /// What to do otherwise.
    pub(super) help: Option<String>,
    /// Where a type of the crate is defined.
    pub(super) defined: Option<(String, Span)>,
}

/// Whether a type derives `Compact`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Derived {
    Yes,
    No,
    /// Another macro may add it, or a condition decides.
    Unknown,
}

/// What derives of the standard library and built-in attributes add no `Compact`.
const PLAIN_DERIVES: [&str; 9] = [
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Eq",
    "Hash",
    "Ord",
    "PartialEq",
    "PartialOrd",
];
const PLAIN_ATTRIBUTES: [&str; 10] = [
    "allow",
    "cfg",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "must_use",
    "non_exhaustive",
    "repr",
    "warn",
];

/// Types that are compact if their arguments are.
const TRANSPARENT: [&str; 11] = [
    "CBox",
    "CMap",
    "CVec",
    "Option",
    "Range",
    "RangeFrom",
    "RangeTo",
    "Result",
    "Reverse",
    "Saturating",
    "Wrapping",
];

impl Compactness {
    pub(super) fn new(names: &Names) -> Self {
        let mut result = Self {
            by_hand: HashSet::new(),
            in_calls: HashSet::new(),
            in_macros: HashSet::new(),
        };
        for (placed, _, item) in items(names.krate) {
            match item {
                Item::Impl(item) => {
                    if let Some((path, _)) = &item.trait_
                        && path.segments.last().is_some_and(|l| l.ident == "Compact")
                        && let Some(path) = super::plain_path(&item.self_ty)
                    {
                        let found = names.resolve(placed.module, path);
                        result
                            .by_hand
                            .extend(found.iter().filter_map(|def| match def {
                                Def::Item(module, name) => Some((*module, name.clone())),
                                _ => None,
                            }));
                    }
                }
                Item::Macro(item) => {
                    words(item.mac.tokens.clone(), &mut |word| {
                        if item.ident.is_none() {
                            result.in_calls.insert(word.clone());
                        }
                        result.in_macros.insert(word);
                    });
                }
                _ => {}
            }
        }
        result
    }

    /// Whether a type of the crate is compact.
    pub(super) fn derived(
        &self,
        module: ModuleId,
        name: &str,
        attributes: &[Attribute],
    ) -> Derived {
        match derived(attributes) {
            Derived::No
                if self.by_hand.contains(&(module, name.to_owned()))
                    || self.in_macros.contains(name) =>
            {
                Derived::Unknown
            }
            other => other,
        }
    }

    /// Finds what is not compact in a type.
    pub(super) fn check(&self, scope: &Scope<'_, '_>, ty: &Type, found: &mut Vec<NotCompact>) {
        match strip(ty) {
            Type::Path(ty) if ty.qself.is_none() => {
                let path = &ty.path;
                let first = path.segments.first();
                let is_parameter = first.is_some_and(|first| {
                    first.ident == "Self" || scope.parameters.contains(&first.ident.to_string())
                });
                if is_parameter {
                    return;
                }
                let defs = scope.names.resolve(scope.module, path);
                if let Some(missing) = self.of_path(scope.names, path, &defs, 0) {
                    found.push(missing);
                } else if is_transparent(path, &defs) {
                    for argument in arguments_of(path) {
                        if let GenericArgument::Type(ty) = &argument {
                            self.check(scope, ty, found);
                        }
                    }
                }
            }
            Type::Tuple(ty) => ty.elems.iter().for_each(|ty| self.check(scope, ty, found)),
            Type::Array(ty) => self.check(scope, &ty.elem, found),
            Type::Ptr(ty) => found.push(NotCompact {
                span: ty.span(),
                what: "a raw pointer".to_owned(),
                why: "what it points to may be gone when the message is handled",
                instead: None,
                help: Some("take the value itself, or the id of the actor that has it".to_owned()),
                defined: None,
            }),
            Type::FnPtr(ty) => found.push(NotCompact {
                span: ty.span(),
                what: "a function pointer".to_owned(),
                why: "an address is of this process only, and says nothing in a saved world",
                instead: None,
                help: Some("take an enum, and let the handler choose what to call".to_owned()),
                defined: None,
            }),
            _ => {}
        }
    }

    fn of_path(&self, names: &Names, path: &Path, defs: &[Def], depth: u8) -> Option<NotCompact> {
        if let Some(name) = self.std_name(path, defs) {
            let Advice { why, instead, help } = advice(&name, &arguments(path))?;
            return Some(NotCompact {
                span: path.span(),
                what: format!("`{}`", normalised(path.to_token_stream())),
                why,
                instead,
                help,
                defined: None,
            });
        }
        let [Def::Item(module, name)] = defs else {
            return None;
        };
        // What is known of other crates leaves out what their types derive.
        if !names.krate.is_own(*module) {
            return None;
        }
        let mut defined = None;
        for item in names.items(*module, name) {
            let (ident, attributes) = match item {
                Item::Struct(item) => (&item.ident, &item.attrs),
                Item::Enum(item) => (&item.ident, &item.attrs),
                Item::Union(item) => (&item.ident, &item.attrs),
                // What an alias stands for is looked at in its own module.
                Item::Type(alias) if alias.generics.params.is_empty() && depth < 8 => {
                    let target = super::plain_path(&alias.ty)?;
                    let defs = names.resolve(*module, target);
                    let missing = self.of_path(names, target, &defs, depth + 1)?;
                    return Some(NotCompact {
                        span: path.span(),
                        ..missing
                    });
                }
                _ => return None,
            };
            if self.derived(*module, name, attributes) != Derived::No {
                return None;
            }
            defined.get_or_insert((item, ident.span()));
        }
        let (defined, span) = defined?;
        let mut parts = names.krate.module(*module).parts.iter();
        let part = parts.find(|part| part.items.iter().any(|item| std::ptr::eq(item, defined)))?;
        Some(NotCompact {
            span: path.span(),
            what: format!("`{name}`"),
            why: "actors and messages are stored, copied, compared and saved by `Compact`",
            instead: None,
            help: Some(format!("write `#[derive(Compact)]` above `{name}`")),
            defined: Some((part.file.clone(), span)),
        })
    }

    /// The name of a type of the standard library, if that is what a path means.
    fn std_name(&self, path: &Path, defs: &[Def]) -> Option<String> {
        let is_std = |path: &Vec<String>| {
            matches!(path[0].as_str(), "std" | "core" | "alloc") && path.len() > 1
        };
        let of_prelude = || {
            let name = last_name(path)?;
            let is_it = path.segments.len() == 1
                && path.leading_colon.is_none()
                && matches!(name.as_str(), "String" | "Vec" | "Box")
                && !self.in_calls.contains(&name);
            is_it.then_some(name)
        };
        let mut names = defs.iter().map(|def| match def {
            Def::External(path) if is_std(path) => path.last().cloned(),
            Def::Glob(path) if is_std(path) => path.last().cloned(),
            // The runtime has no types of these names.
            Def::Glob(path) if path[0] == "kay_runtime" => of_prelude(),
            _ => None,
        });
        match names.next() {
            None => of_prelude(),
            Some(first) => first.filter(|_| names.all(|other| other.is_some())),
        }
    }
}

pub(super) fn last_name(path: &Path) -> Option<String> {
    path.segments.last().map(|last| last.ident.to_string())
}

fn is_transparent(path: &Path, defs: &[Def]) -> bool {
    let is_known = |name: Option<&String>| name.is_some_and(|n| TRANSPARENT.contains(&n.as_str()));
    if defs.is_empty() {
        let is_prelude = |last: &syn::PathSegment| last.ident == "Option" || last.ident == "Result";
        return path.segments.len() == 1 && path.segments.last().is_some_and(is_prelude);
    }
    defs.iter().all(|def| match def {
        Def::External(path) | Def::Glob(path) => {
            matches!(path[0].as_str(), "std" | "core" | "kay_runtime" | "chunky")
                && is_known(path.last())
        }
        Def::Module(_) | Def::Item(..) => false,
    })
}

fn arguments(path: &Path) -> Vec<String> {
    arguments_of(path)
        .iter()
        .map(|argument| normalised(argument.to_token_stream()))
        .collect()
}

/// What the attributes of a type say.
fn derived(attributes: &[Attribute]) -> Derived {
    let mut result = Derived::No;
    for attribute in attributes {
        if let Some((_, metas)) = metas_of_cfg_attr(attribute) {
            if !metas.iter().all(is_plain) {
                return Derived::Unknown;
            }
        } else if attribute.path().is_ident("derive") {
            for path in derives_of(&attribute.meta) {
                if last_name(&path).is_some_and(|name| name == "Compact") {
                    result = Derived::Yes;
                } else if result == Derived::No && !is_plain_derive(&path) {
                    result = Derived::Unknown;
                }
            }
        } else if !is_plain(&attribute.meta) && result == Derived::No {
            result = Derived::Unknown;
        }
    }
    result
}

fn is_plain(meta: &Meta) -> bool {
    if meta.path().is_ident("derive") {
        return derives_of(meta).iter().all(is_plain_derive);
    }
    PLAIN_ATTRIBUTES
        .iter()
        .any(|name| meta.path().is_ident(name))
}

/// The paths of a `#[derive(..)]`.
pub(super) fn derives_of(meta: &Meta) -> Vec<Path> {
    let list = meta.require_list().ok();
    let parser = Punctuated::<Path, Token![,]>::parse_terminated;
    list.and_then(|list| list.parse_args_with(parser).ok())
        .map(|paths| paths.into_iter().collect())
        .unwrap_or_default()
}

fn is_plain_derive(path: &Path) -> bool {
    PLAIN_DERIVES.iter().any(|name| path.is_ident(name))
}

/// All names in some tokens.
fn words(tokens: TokenStream, each: &mut impl FnMut(String)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => words(group.stream(), each),
            TokenTree::Ident(ident) => each(ident.to_string()),
            _ => {}
        }
    }
}
