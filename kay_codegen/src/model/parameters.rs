//! The parameters of a handler, as they travel.

use super::almost::ORDINARY;
use super::compact::Compactness;
use super::generics::{Substitution, mentions};
use super::shape::{Scope, strip};
use super::{Parameter, normalised};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::{Def, spelled};
use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use std::collections::BTreeSet;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{GenericParam, Ident, Item, Lifetime, Pat, PatType, Signature, Type};

/// Reads the parameters of handlers and spawners.
pub(crate) struct Reader<'s, 'a> {
    pub(crate) scope: Scope<'s, 'a>,
    pub(crate) file: &'s str,
    /// What `Self` stands for; in a trait it stands for nothing that could travel.
    pub(crate) self_type: Option<&'s Type>,
    pub(super) compactness: &'s Compactness,
}

impl Reader<'_, '_> {
    /// Reads the parameters between the receiver (or id) and the world.
    pub(crate) fn read(
        &self,
        signature: &Signature,
        parameters: &[&PatType],
        diagnostics: &mut Diagnostics,
    ) -> Vec<Parameter> {
        let name = &signature.ident;
        for parameter in &signature.generics.params {
            let (GenericParam::Type(_) | GenericParam::Const(_)) = parameter else {
                continue;
            };
            let message = format!("`{name}` is generic");
            let found = Diagnostic::new(Code::GenericHandler, self.file, parameter.span(), message)
                .note(reason(Code::GenericHandler))
                .help("make the actor or the trait generic, or write the type out");
            diagnostics.report(if self.self_type.is_some() {
                found.help(ORDINARY)
            } else {
                found
            });
        }
        if let Some(clause) = &signature.generics.where_clause
            && let Some(first) = clause.predicates.first()
        {
            let message = format!("`{name}` asks for more than its block");
            let found = Diagnostic::new(Code::GenericHandler, self.file, first.span(), message)
                .note("whoever the actor is, it handles all of its messages")
                .help("ask for it in the head of the block or the trait");
            diagnostics.report(found);
        }
        let fields = field_names(parameters);
        parameters
            .iter()
            .zip(fields)
            .map(|(parameter, field)| self.parameter(signature, parameter, field, diagnostics))
            .collect()
    }

    fn parameter(
        &self,
        signature: &Signature,
        parameter: &PatType,
        field: Ident,
        diagnostics: &mut Diagnostics,
    ) -> Parameter {
        let mut error = |code, span: Span, message: String, help: &str| {
            let found = Diagnostic::new(code, self.file, span, message);
            diagnostics.report(found.note(reason(code)).help(help));
        };
        let is_conditional =
            |a: &&syn::Attribute| a.path().is_ident("cfg") || a.path().is_ident("cfg_attr");
        if let Some(attribute) = parameter.attrs.iter().find(is_conditional) {
            let help = "put the condition on the whole handler, and write one for each case";
            error(
                Code::ConditionalParameter,
                attribute.span(),
                "a parameter of a message cannot have a condition".to_owned(),
                help,
            );
        }
        let (ty, is_lent) = match strip(&parameter.ty) {
            Type::Reference(reference) => {
                if let Some(mutable) = reference.mutability {
                    let help = "take it by value, or as `&T`";
                    error(
                        Code::MutableParameter,
                        mutable.span(),
                        "a message cannot lend something mutably".to_owned(),
                        help,
                    );
                }
                let of_function = |lifetime: &Lifetime| {
                    signature
                        .generics
                        .lifetimes()
                        .any(|known| known.lifetime == *lifetime)
                };
                if let Some(lifetime) = &reference.lifetime
                    && lifetime.ident != "_"
                    && !of_function(lifetime)
                {
                    let help = "write `&T`: it is lent for as long as the handler runs";
                    error(
                        Code::BorrowingParameter,
                        lifetime.span(),
                        format!("a message is not lent for `{lifetime}`"),
                        help,
                    );
                }
                (strip(&reference.elem), true)
            }
            other => (other, false),
        };
        let mut check = Check {
            reader: self,
            is_outermost: true,
            found: Vec::new(),
        };
        check.visit_type(ty);
        let found = check.found;
        let mut not_compact = Vec::new();
        self.compactness.check(&self.scope, ty, &mut not_compact);
        // What is wrong with its argument is wrong with `Box<dyn Place>`, too: that is said once.
        not_compact.retain(|outer| {
            let is_inside = |inner: Span| {
                outer.span.start() <= inner.start() && inner.end() <= outer.span.end()
            };
            !found.iter().any(|(_, span, ..)| is_inside(*span))
        });
        for (code, span, message, help) in found {
            error(code, span, message, &help);
        }
        for found in not_compact {
            let is_whole = found.span.start() == ty.span().start();
            let take = if is_lent && is_whole {
                "take a `&"
            } else {
                "take a `"
            };
            let label = "this cannot travel in a message".to_owned();
            diagnostics.report(found.diagnostic(self.file, label, take));
        }
        let tokens = match self.self_type {
            Some(self_type) if mentions(ty, "Self") => {
                let mut substitution = Substitution::default();
                substitution
                    .arguments
                    .insert("Self".to_owned(), self_type.clone());
                let mut ty = ty.clone();
                substitution.visit_type_mut(&mut ty);
                ty.to_token_stream()
            }
            _ => ty.to_token_stream(),
        };
        Parameter {
            field: spelled(&field.unraw().to_string()).to_string(),
            ty: normalised(tokens),
            is_lent,
        }
    }
}

/// Finds what cannot travel in a type.
struct Check<'r, 's, 'a> {
    reader: &'r Reader<'s, 'a>,
    is_outermost: bool,
    found: Vec<(Code, Span, String, String)>,
}

impl Check<'_, '_, '_> {
    fn add(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push((code, span, message.into(), help.into()));
    }
}

const OWN: &str = "take an owned type, such as `CVec`, `CString` or an id";

/// Why something cannot be a parameter.
fn reason(code: Code) -> &'static str {
    match code {
        Code::GenericHandler => "a message is stored as one type, whoever sends it",
        Code::ConditionalParameter => "a message has the same parameters for all who send it",
        Code::MutableParameter => "who sent it does not see it again, nor what was changed",
        Code::UnsizedParameter => "`x: &T` travels as a `T`: its size must be known",
        Code::TraitObject => "a message consists of plain data and of compact collections",
        Code::SelfInTrait => "a message of a trait is one type for all its actors",
        _ => "a message owns what it carries: it is handled in another turn, on any thread",
    }
}

impl<'f> Visit<'f> for Check<'_, '_, '_> {
    fn visit_type(&mut self, ty: &'f Type) {
        let was_outermost = std::mem::replace(&mut self.is_outermost, false);
        match ty {
            Type::Reference(inner) => {
                self.add(
                    Code::BorrowingParameter,
                    inner.span(),
                    "a reference inside a type cannot travel in a message",
                    OWN,
                );
                return;
            }
            Type::ImplTrait(inner) => {
                let help = "write the type out";
                self.add(
                    Code::GenericHandler,
                    inner.span(),
                    "`impl Trait` cannot travel in a message",
                    help,
                );
                return;
            }
            Type::TraitObject(inner) => {
                let help = "take the id of an actor trait, or an enum";
                self.add(
                    Code::TraitObject,
                    inner.span(),
                    "a trait object cannot travel in a message",
                    help,
                );
                return;
            }
            Type::Slice(inner) if was_outermost => {
                self.add(
                    Code::UnsizedParameter,
                    inner.span(),
                    "a slice cannot travel in a message",
                    format!(
                        "take a `&CVec<{}>`",
                        normalised(inner.elem.to_token_stream())
                    ),
                );
            }
            Type::Path(path) if was_outermost && path.path.is_ident("str") => {
                self.add(
                    Code::UnsizedParameter,
                    path.span(),
                    "`str` cannot travel in a message",
                    "take a `&CString`",
                );
            }
            _ => {}
        }
        visit::visit_type(self, ty);
    }

    fn visit_lifetime(&mut self, lifetime: &'f Lifetime) {
        if lifetime.ident != "static" {
            let message =
                format!("a type with the lifetime `{lifetime}` cannot travel in a message");
            self.add(Code::BorrowingParameter, lifetime.span(), message, OWN);
        }
    }

    fn visit_path(&mut self, path: &'f syn::Path) {
        let first = path.segments.first();
        if self.reader.self_type.is_none() && first.is_some_and(|first| first.ident == "Self") {
            let message = "`Self` cannot be in a message of a trait";
            self.add(
                Code::SelfInTrait,
                path.span(),
                message,
                "name a type, or take the id of the trait",
            );
        }
        let names = self.reader.scope.names;
        let last = path.segments.last();
        if last.is_some_and(|last| last.arguments.is_none()) {
            for def in names.resolve(self.reader.scope.module, path).iter() {
                if let Def::Item(module, name) = def
                    && names.items(*module, name).any(has_lifetime)
                {
                    let message = format!("`{name}` has a lifetime and cannot travel in a message");
                    self.add(Code::BorrowingParameter, path.span(), message, OWN);
                }
            }
        }
        visit::visit_path(self, path);
    }
}

fn has_lifetime(item: &Item) -> bool {
    let generics = match item {
        Item::Struct(item) => &item.generics,
        Item::Enum(item) => &item.generics,
        Item::Union(item) => &item.generics,
        Item::Type(item) => &item.generics,
        _ => return false,
    };
    generics.lifetimes().next().is_some()
}

/// A name for each parameter: its own where it has one, `arg0`, `arg1`, .. by place for patterns.
fn field_names(parameters: &[&PatType]) -> Vec<Ident> {
    let own: Vec<Option<&Ident>> = parameters.iter().map(|p| own_name(&p.pat)).collect();
    let mut taken: BTreeSet<String> = own
        .iter()
        .flatten()
        .map(|i| i.unraw().to_string())
        .collect();
    let mut fields = Vec::new();
    for (place, name) in own.into_iter().enumerate() {
        fields.push(match name {
            Some(name) => without_underscore(name)
                .filter(|public| taken.insert(public.to_string()))
                .unwrap_or_else(|| name.clone()),
            None => {
                let mut name = format!("arg{place}");
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                format_ident!("{name}")
            }
        });
    }
    fields
}

/// The name that a pattern binds as a whole.
fn own_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(pattern) => Some(&pattern.ident),
        Pat::Paren(pattern) => own_name(&pattern.pat),
        _ => None,
    }
}

/// An underscore in front says only that the handler does not use it, which is no concern of the
/// sender.
fn without_underscore(name: &Ident) -> Option<Ident> {
    let text = name.to_string();
    let public = text.trim_start_matches('_');
    let is_name = public != text && syn::parse_str::<Ident>(public).is_ok();
    is_name.then(|| Ident::new(public, name.span()))
}

#[cfg(test)]
mod tests {
    use super::field_names;
    use syn::{FnArg, ItemFn};

    #[track_caller]
    fn check(parameters: &str, expected: &[&str]) {
        let function: ItemFn = syn::parse_str(&format!("fn f({parameters}) {{}}")).unwrap();
        let typed: Vec<_> = function
            .sig
            .inputs
            .iter()
            .filter_map(|input| {
                if let FnArg::Typed(typed) = input {
                    Some(typed)
                } else {
                    None
                }
            })
            .collect();
        let names: Vec<String> = field_names(&typed)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn fields_are_named_after_their_parameters() {
        check(
            "a: u8, mut b: u8, r#type: u8, _c: u8",
            &["a", "b", "r#type", "c"],
        );
        check(
            "(x, y): (u8, u8), _: u8, Point { z, .. }: Point",
            &["arg0", "arg1", "arg2"],
        );
        check("_: u8, arg0: u8", &["arg0_", "arg0"]);
        check(
            "whole @ (x, y): (u8, u8), _0: u8, _type: u8",
            &["whole", "_0", "_type"],
        );
        check("_a: u8, a: u8, _b: u8, __b: u8", &["_a", "a", "b", "__b"]);
    }
}
