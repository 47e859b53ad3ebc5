//! `#[essential]` and `#[query]`.

use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::{Def, Names};
use crate::source::{ModuleId, metas_of_cfg_attr};
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Path, Signature};

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
    let is_runtime = |krate: &str| matches!(krate, "kay_runtime" | "kay_attributes");
    match &*found {
        [] => path.is_ident(mark),
        found => found.iter().any(|def| match def {
            Def::External(path) => is_runtime(&path[0]) && path.last().is_some_and(|l| l == mark),
            Def::Glob(path) => path.last().is_some_and(|last| last == mark),
            Def::Module(_) | Def::Item(..) => false,
        }),
    }
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
        .note("a handler is a `pub fn` with `&self` or `&mut self` first, `&mut World` last, and returns nothing or a `Fate`")
        .help("make it a handler, or remove the mark"),
    );
}
