//! Paths that mean the same in another module.

use super::imports::plain;
use super::names::{Def, Names};
use super::visibility::{Reach, path_from_crate};
use crate::source::ModuleId;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::BTreeSet;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Path, PathArguments, PathSegment, Token};

impl Names<'_> {
    /// How an item of one module is named in another; `None` if it cannot be named there.
    pub(crate) fn path_to(
        &self,
        module: ModuleId,
        name: &str,
        from: ModuleId,
    ) -> Option<TokenStream> {
        let ident = spelled(name);
        if from == module {
            return Some(quote!(#ident));
        }
        if !self.krate.is_own(module) {
            let path = self.public_path(module, name)?;
            let path = path.iter().map(|segment| spelled(segment));
            return Some(quote!(::#(#path)::*));
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

/// An identifier as code spells it in every edition: with `r#` where it has to be in one of them.
pub(crate) fn spelled(name: &str) -> Ident {
    match syn::parse_str(name) {
        // A keyword only since edition 2024, of which the parser knows nothing.
        Ok(ident) if name != "gen" => ident,
        _ => Ident::new_raw(name, Span::call_site()),
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
        let mut found = self.names.resolve(self.module, path).first().cloned();
        // What cannot be named by way of another crate can still be named as it is named here.
        let is_nameable = match &found {
            Some(Def::Item(of, name)) => {
                self.names.krate.is_own(*of) || self.names.public_path(*of, name).is_some()
            }
            Some(Def::External(_)) => false,
            _ => true,
        };
        if !is_nameable && self.names.krate.is_own(self.module) {
            found = self
                .names
                .resolve_closed(self.module, path)
                .into_iter()
                .next();
        }
        let start: Path = match &found {
            Some(Def::Item(of, name)) if !self.names.krate.is_own(*of) => {
                let Some(path) = self.names.path_to(*of, name, self.module) else {
                    return;
                };
                syn::parse_quote!(#path)
            }
            Some(Def::Item(module, name)) => {
                let ident = spelled(name);
                let module = path_from_crate(self.names.krate, *module);
                syn::parse_quote!(#module::#ident)
            }
            Some(Def::External(segments)) => Path {
                leading_colon: Some(<Token![::]>::default()),
                segments: segments
                    .iter()
                    .map(|segment| PathSegment::from(spelled(segment)))
                    .collect(),
            },
            // What the runtime's globs bring in is known, as far as a bound can be made of it.
            Some(Def::Glob(segments))
                if segments[0] == "kay_runtime"
                    && segments
                        .last()
                        .is_some_and(|last| BOUNDS.contains(&last.as_str())) =>
            {
                let last = segments.last().map(|last| spelled(last));
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

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn keywords_of_all_editions_are_raw() {
        for name in ["async", "await", "dyn", "gen", "match", "try"] {
            assert_eq!(spelled(name).to_string(), format!("r#{name}"));
        }
        for name in ["car", "generate", "_gen", "union"] {
            assert_eq!(spelled(name).to_string(), name);
        }
    }
}
