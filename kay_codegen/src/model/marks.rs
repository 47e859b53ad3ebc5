//! `#[essential]` and `#[query]`.

use super::items::items;
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::{Def, Names};
use crate::source::{ModuleId, metas_of_cfg_attr};
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Item, Path, Signature};

/// Whether a handler still runs after a panic.
#[derive(Debug, Clone, Default)]
pub(crate) struct Essential {
    /// Without a condition.
    pub(crate) always: bool,
    /// Where one of these conditions holds: `#[cfg_attr(.., essential)]`.
    pub(crate) when: Vec<TokenStream>,
}

impl Essential {
    /// Reads the marks of a handler.
    pub(crate) fn of(names: &Names, module: ModuleId, attributes: &[Attribute]) -> Self {
        let mut essential = Self::default();
        for attribute in attributes {
            if is_mark(names, module, attribute.path(), "essential") {
                essential.always = true;
            } else if let Some((predicate, metas)) = metas_of_cfg_attr(attribute)
                && metas
                    .iter()
                    .any(|meta| is_mark(names, module, meta.path(), "essential"))
            {
                essential.when.push(predicate);
            }
        }
        essential
    }

    /// Whether there is any mark at all.
    pub(crate) fn is_marked(&self) -> bool {
        self.always || !self.when.is_empty()
    }

    /// Essential where either of two is.
    pub(crate) fn or(&self, other: &Self) -> Self {
        let when = self.when.iter().chain(&other.when).cloned().collect();
        Self {
            always: self.always || other.always,
            when,
        }
    }
}

/// The `#[query]` of a method, if it has one.
fn query<'a>(
    names: &Names,
    module: ModuleId,
    attributes: &'a [Attribute],
) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| {
        is_mark(names, module, attribute.path(), "query")
            || metas_of_cfg_attr(attribute).is_some_and(|(_, metas)| {
                metas
                    .iter()
                    .any(|meta| is_mark(names, module, meta.path(), "query"))
            })
    })
}

/// Whether the path of an attribute leads to one of the runtime's marks, under whatever name.
fn is_mark(names: &Names, module: ModuleId, path: &Path, mark: &str) -> bool {
    let found = names.resolve(module, path);
    match &*found {
        [] => path.is_ident(mark),
        found => found.iter().any(|def| match def {
            Def::External(path) => is_of_runtime(path, mark),
            Def::Glob(path) => path.last().is_some_and(|last| last == mark),
            Def::Module(_) | Def::Item(..) => false,
        }),
    }
}

/// The same, where an attribute of that name may well be someone else's: what a derive macro reads
/// is imported from nowhere.
fn is_surely_mark(names: &Names, module: ModuleId, path: &Path, mark: &str) -> bool {
    let found = names.resolve(module, path);
    found.iter().any(|def| match def {
        Def::External(path) | Def::Glob(path) => is_of_runtime(path, mark),
        Def::Module(_) | Def::Item(..) => false,
    })
}

fn is_of_runtime(path: &[String], mark: &str) -> bool {
    matches!(path[0].as_str(), "kay_runtime" | "kay_attributes")
        && path.last().is_some_and(|last| last == mark)
}

/// Refuses a method that is marked as a query, and says whether it is.
pub(super) fn refuse_query(
    names: &Names,
    module: ModuleId,
    file: &str,
    attributes: &[Attribute],
    diagnostics: &mut Diagnostics,
) -> bool {
    let Some(query) = query(names, module, attributes) else {
        return false;
    };
    diagnostics.report(
        Diagnostic::new(
            Code::Query,
            file,
            query.span(),
            "asking is not built yet: `#[query]` cannot be used",
        )
        .help("send a message with the id of who asks, and answer with another message"),
    );
    true
}

/// Reports a mark that nothing will ever ask for.
pub(super) fn useless_mark(file: &str, signature: &Signature, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    diagnostics.report(
        Diagnostic::new(
            Code::UselessMark,
            file,
            name.span(),
            format!("`{name}` is marked as essential, but is no handler"),
        )
        .label("no message leads here")
        .note(HANDLER)
        .help("make it a handler, or remove the mark"),
    );
}

const HANDLER: &str = "a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`";

/// Reports marks on whole items: those of the handlers inside are read, and no others.
pub(super) fn useless_marks_of_items(names: &Names, diagnostics: &mut Diagnostics) {
    for (placed, file, item) in items(names.krate) {
        let (attributes, what) = match item {
            Item::Impl(item) => (&item.attrs, "a block"),
            Item::Trait(item) => (&item.attrs, "a trait"),
            Item::Struct(item) => (&item.attrs, "a struct"),
            Item::Enum(item) => (&item.attrs, "an enum"),
            Item::Union(item) => (&item.attrs, "a union"),
            Item::Fn(item) => (&item.attrs, "a free function"),
            _ => continue,
        };
        if !names.krate.is_own(placed.module) {
            continue;
        }
        let is_mark = |path: &Path| is_surely_mark(names, placed.module, path, "essential");
        for attribute in attributes {
            let is_useless = is_mark(attribute.path())
                || metas_of_cfg_attr(attribute)
                    .is_some_and(|(_, metas)| metas.iter().any(|meta| is_mark(meta.path())));
            if is_useless {
                let message = format!("{what} is marked as essential, but is no handler");
                diagnostics.report(
                    Diagnostic::new(Code::UselessMark, file, attribute.span(), message)
                        .label("this does nothing here")
                        .note(HANDLER)
                        .help(
                            "mark each handler that still runs after a panic, or remove the mark",
                        ),
                );
            }
        }
    }
}
