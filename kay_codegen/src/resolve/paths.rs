//! Paths that mean the same in another module.

use super::imports::plain;
use super::names::{Def, Names};
use super::visibility::{Reach, path_from_crate};
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::visit_mut::{self, VisitMut};
use syn::{Path, PathArguments, PathSegment, Token};

impl Names<'_> {
    /// How an item of one module is named in another; `None` if it cannot be named there.
    pub(crate) fn path_to(
        &self,
        module: ModuleId,
        name: &str,
        from: ModuleId,
    ) -> Option<TokenStream> {
        let ident = format_ident!("{name}");
        if from == module {
            return Some(quote!(#ident));
        }
        let item = Def::Item(module, name.to_owned());
        let is_visible = |reach: Option<Reach>| reach.is_some_and(|r| r.includes(self.krate, from));
        if is_visible(self.reach(module, name)) && self.can_name(module, from) {
            let path = path_from_crate(self.krate, module);
            return Some(quote!(#path::#ident));
        }
        // A private module may hand its items on: `mod inner; pub use inner::*;`.
        let mut outer = self.krate.module(module).parent;
        while let Some(at) = outer {
            if self.can_name(at, from) && self.leads_to(at, name, from, &item) {
                let path = path_from_crate(self.krate, at);
                return Some(quote!(#path::#ident));
            }
            outer = self.krate.module(at).parent;
        }
        self.leads_to(from, name, from, &item)
            .then(|| quote!(#ident))
    }

    /// Whether every module on the path to a module can be named from another.
    pub(crate) fn can_name(&self, module: ModuleId, from: ModuleId) -> bool {
        let mut at = module;
        while let Some(parent) = self.krate.module(at).parent {
            let visibility = &self.krate.module(at).visibility;
            if !Reach::new(self.krate, visibility, parent).includes(self.krate, from) {
                return false;
            }
            at = parent;
        }
        true
    }
}

/// The runtime's traits that generic code names in bounds.
const BOUNDS: [&str; 6] = [
    "Actor",
    "Compact",
    "Message",
    "Recipient",
    "Spawner",
    "TraitId",
];

/// Rewrites paths so that they mean the same in every module of the crate.
///
/// What is left alone: generic parameters, and names that no text of the crate explains.
pub(crate) struct Absolute<'n, 'a> {
    pub(crate) names: &'n Names<'a>,
    /// The module in which the paths were written.
    pub(crate) module: ModuleId,
    /// The generic parameters that hide items of the same name.
    pub(crate) parameters: &'n BTreeSet<String>,
}

impl VisitMut for Absolute<'_, '_> {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first() else {
            return;
        };
        if path.leading_colon.is_some() || self.parameters.contains(&plain(&first.ident)) {
            return;
        }
        let start: Path = match self.names.resolve(self.module, path).first() {
            Some(Def::Item(module, name)) => {
                let ident = format_ident!("{name}");
                let module = path_from_crate(self.names.krate, *module);
                syn::parse_quote!(#module::#ident)
            }
            Some(Def::External(segments)) => Path {
                leading_colon: Some(<Token![::]>::default()),
                segments: segments
                    .iter()
                    .map(|segment| PathSegment::from(format_ident!("{segment}")))
                    .collect(),
            },
            // What the runtime's globs bring in is known, as far as a bound can be made of it.
            Some(Def::Glob(segments))
                if segments[0] == "kay_runtime"
                    && segments
                        .last()
                        .is_some_and(|last| BOUNDS.contains(&last.as_str())) =>
            {
                let last = segments.last().map(|last| format_ident!("{last}"));
                syn::parse_quote!(::kay_runtime::#last)
            }
            _ => return,
        };
        let arguments = path
            .segments
            .last_mut()
            .map(|last| std::mem::take(&mut last.arguments));
        *path = start;
        if let Some(last) = path.segments.last_mut() {
            last.arguments = arguments.unwrap_or(PathArguments::None);
        }
    }
}
