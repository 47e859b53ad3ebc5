//! Generic parameters, and what is asked of them.

use super::normalised;
use super::shape::plain_path;
use crate::resolve::{Def, Names};
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::collections::{BTreeSet, HashMap};
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, Expr, GenericArgument, GenericParam, Ident, Path, Type, TypeParamBound,
    WherePredicate, parse_quote,
};

/// The parameters of a struct, trait or block, and its predicates.
#[derive(Clone, Default)]
pub(crate) struct Generics {
    pub(crate) parameters: Vec<GenericParam>,
    pub(crate) predicates: Predicates,
}

/// One bound on one type: `for<'a> T: Bound`.
#[derive(Clone)]
struct Predicate {
    lifetimes: Option<BoundLifetimes>,
    subject: Type,
    bound: TypeParamBound,
}

/// A set of predicates, in the order in which they were found.
#[derive(Clone, Default)]
pub(crate) struct Predicates {
    list: Vec<Predicate>,
    known: BTreeSet<String>,
}

impl Generics {
    /// Reads the generics of an item. Predicates on `Self` stay behind: they are the item's own.
    pub(crate) fn new(generics: &syn::Generics) -> Self {
        let mut predicates = Predicates::default();
        for parameter in &generics.params {
            if let GenericParam::Type(parameter) = parameter {
                let ident = &parameter.ident;
                for bound in &parameter.bounds {
                    predicates.add(None, parse_quote!(#ident), bound.clone());
                }
            }
        }
        for predicate in generics
            .where_clause
            .iter()
            .flat_map(|clause| &clause.predicates)
        {
            if let WherePredicate::Type(predicate) = predicate
                && !mentions(&predicate.bounded_ty, "Self")
            {
                for bound in &predicate.bounds {
                    let lifetimes = predicate.lifetimes.clone();
                    predicates.add(lifetimes, predicate.bounded_ty.clone(), bound.clone());
                }
            }
        }
        Self {
            parameters: generics.params.iter().cloned().collect(),
            predicates,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    /// The names of the parameters that are types or constants.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.parameters.iter().filter_map(name)
    }

    /// The names of the parameters that are types.
    pub(crate) fn types(&self) -> impl Iterator<Item = &Ident> {
        self.parameters
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) => Some(&parameter.ident),
                _ => None,
            })
    }

    /// Asks of each type parameter that it can be in a message or an actor, unless that is asked
    /// already; the predicates were written in this module.
    pub(crate) fn make_compact(&mut self, names: &Names, module: ModuleId) {
        for ident in self.types().cloned().collect::<Vec<_>>() {
            let is_asked = self.predicates.list.iter().any(|predicate| {
                let subject = plain_path(&predicate.subject);
                subject.is_some_and(|path| path.is_ident(&ident))
                    && matches!(&predicate.bound, TypeParamBound::Trait(bound) if is_compact(names, module, &bound.path))
            });
            if !is_asked {
                let bound = parse_quote!(::kay_runtime::Compact);
                self.predicates.add(None, parse_quote!(#ident), bound);
            }
        }
    }

    /// `<T, const N: usize>`, as an `impl` declares it.
    pub(crate) fn declared(&self) -> TokenStream {
        self.list(|parameter| match parameter {
            GenericParam::Const(parameter) => {
                let (ident, ty) = (&parameter.ident, &parameter.ty);
                quote!(const #ident: #ty)
            }
            other => name(other).to_token_stream(),
        })
    }

    /// `<T = u8, const N: usize = 1>`, as a struct declares it.
    pub(crate) fn declared_with_defaults(&self) -> TokenStream {
        self.list(|parameter| match parameter {
            GenericParam::Const(parameter) => {
                let (ident, ty) = (&parameter.ident, &parameter.ty);
                let default = parameter
                    .default
                    .as_ref()
                    .map(|(eq, value)| quote!(#eq #value));
                quote!(const #ident: #ty #default)
            }
            GenericParam::Type(parameter) => {
                let ident = &parameter.ident;
                let default = parameter
                    .default
                    .as_ref()
                    .map(|(eq, value)| quote!(#eq #value));
                quote!(#ident #default)
            }
            GenericParam::Lifetime(_) => TokenStream::new(),
        })
    }

    /// `<T, N>`.
    pub(crate) fn arguments(&self) -> TokenStream {
        self.list(|parameter| name(parameter).to_token_stream())
    }

    fn list(&self, write: impl Fn(&GenericParam) -> TokenStream) -> TokenStream {
        if self.is_empty() {
            return TokenStream::new();
        }
        let parameters = self.parameters.iter().map(write);
        quote!(<#(#parameters),*>)
    }

    /// What each parameter adds to a fingerprint.
    pub(crate) fn hashes(&self) -> Vec<TokenStream> {
        let hash = |parameter: &GenericParam| match parameter {
            GenericParam::Const(parameter) => {
                let ident = &parameter.ident;
                quote!(#ident as u64)
            }
            other => {
                let ident = name(other);
                quote!(<#ident as ::kay_runtime::Compact>::NAME_HASH)
            }
        };
        self.parameters.iter().map(hash).collect()
    }
}

impl Predicates {
    fn add(&mut self, lifetimes: Option<BoundLifetimes>, subject: Type, bound: TypeParamBound) {
        if self
            .known
            .insert(normalised(quote!(#lifetimes #subject: #bound)))
        {
            self.list.push(Predicate {
                lifetimes,
                subject,
                bound,
            });
        }
    }

    /// All predicates, each changed.
    pub(crate) fn changed(&self, change: &mut impl VisitMut) -> Self {
        let mut result = Self::default();
        for Predicate {
            lifetimes,
            mut subject,
            mut bound,
        } in self.list.clone()
        {
            change.visit_type_mut(&mut subject);
            change.visit_type_param_bound_mut(&mut bound);
            result.add(lifetimes, subject, bound);
        }
        result
    }

    /// Adds the predicates of another set, but none that is there in other words: `absolute` makes
    /// words comparable.
    pub(crate) fn extend(&mut self, other: &Self, absolute: &mut impl VisitMut) {
        for Predicate {
            lifetimes,
            subject,
            bound,
        } in &other.list
        {
            let (mut subject_key, mut bound_key) = (subject.clone(), bound.clone());
            absolute.visit_type_mut(&mut subject_key);
            absolute.visit_type_param_bound_mut(&mut bound_key);
            if self
                .known
                .insert(normalised(quote!(#lifetimes #subject_key: #bound_key)))
            {
                let (subject, bound) = (subject.clone(), bound.clone());
                self.list.push(Predicate {
                    lifetimes: lifetimes.clone(),
                    subject,
                    bound,
                });
            }
        }
    }

    /// What a `where` clause lists: `T: A + B`.
    pub(crate) fn written(&self) -> Vec<String> {
        let mut subjects: Vec<(String, String)> = Vec::new();
        for Predicate {
            lifetimes,
            subject,
            bound,
        } in &self.list
        {
            let subject = normalised(quote!(#lifetimes #subject));
            let bound = normalised(bound.to_token_stream());
            match subjects.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, bounds)) => {
                    bounds.push_str(" + ");
                    bounds.push_str(&bound);
                }
                None => subjects.push((subject, bound)),
            }
        }
        let written = |(subject, bounds)| format!("{subject}: {bounds}");
        subjects.into_iter().map(written).collect()
    }
}

/// Whether a bound is the runtime's `Compact`, or its `Actor`, which asks for the same.
fn is_compact(names: &Names, module: ModuleId, path: &Path) -> bool {
    let is_it = |name: &String| matches!(name.as_str(), "Compact" | "Actor");
    names.resolve(module, path).iter().any(|def| match def {
        Def::External(path) | Def::Glob(path) => {
            matches!(path[0].as_str(), "kay_runtime" | "chunky") && path.last().is_some_and(is_it)
        }
        Def::Module(_) | Def::Item(..) => false,
    })
}

fn name(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(parameter) => Some(&parameter.ident),
        GenericParam::Const(parameter) => Some(&parameter.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// Replaces generic parameters by what stands for them.
#[derive(Default)]
pub(crate) struct Substitution {
    pub(crate) arguments: HashMap<String, Type>,
}

impl Substitution {
    fn of(&self, path: &Path) -> Option<&Type> {
        let first = path.segments.first()?;
        let is_plain = path.leading_colon.is_none() && first.arguments.is_none();
        self.arguments
            .get(&first.ident.to_string())
            .filter(|_| is_plain)
    }

    /// What stands for a path that begins with a parameter: `with`, or `with::Item`.
    fn replaced(path: &Path, with: &Type) -> TokenStream {
        let rest = path.segments.iter().skip(1);
        match with {
            _ if path.segments.len() == 1 => with.to_token_stream(),
            Type::Path(with) if with.path.get_ident().is_some() => quote!(#with::#(#rest)::*),
            with => quote!(<#with>::#(#rest)::*),
        }
    }
}

impl VisitMut for Substitution {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && let Some(with) = self.of(&path.path)
        {
            let with = Self::replaced(&path.path, with);
            *ty = syn::parse2(with).unwrap_or_else(|_| ty.clone());
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Path(path) = expr
            && path.qself.is_none()
            && let Some(with) = self.of(&path.path)
        {
            let with = Self::replaced(&path.path, with);
            *expr = syn::parse2(with).unwrap_or_else(|_| expr.clone());
            return;
        }
        visit_mut::visit_expr_mut(self, expr);
    }
}

/// Whether a path somewhere in a type begins with this name.
pub(crate) fn mentions(ty: &Type, name: &str) -> bool {
    struct Search<'a>(&'a str, bool);
    impl Visit<'_> for Search<'_> {
        fn visit_path(&mut self, path: &Path) {
            let first = path.segments.first();
            self.1 |= first.is_some_and(|first| first.ident == self.0);
            visit::visit_path(self, path);
        }
    }
    let mut search = Search(name, false);
    search.visit_type(ty);
    search.1
}

/// The generic arguments of the last part of a path.
pub(crate) fn arguments_of(path: &Path) -> Vec<GenericArgument> {
    match path.segments.last().map(|last| &last.arguments) {
        Some(syn::PathArguments::AngleBracketed(arguments)) => {
            arguments.args.iter().cloned().collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Generics, Substitution, mentions};
    use crate::model::normalised;
    use syn::visit_mut::VisitMut;
    use syn::{ItemStruct, Type, parse_quote, parse_str};

    #[test]
    fn bounds_of_all_kinds_become_one_clause() {
        let item: ItemStruct = parse_quote! {
            struct Pool<T: A + B = u8, const N: usize = 3> where T: C, for<'a> &'a T: D<'a>, T: A { t: T }
        };
        let generics = Generics::new(&item.generics);
        assert_eq!(
            normalised(generics.declared_with_defaults()),
            "<T = u8, const N: usize = 3>"
        );
        assert_eq!(normalised(generics.arguments()), "<T, N>");
        assert_eq!(
            generics.predicates.written(),
            ["T: A + B + C", "for<'a> &'a T: D<'a>"]
        );
    }

    #[test]
    fn parameters_are_replaced_as_names_never_as_text() {
        let mut substitution = Substitution::default();
        substitution
            .arguments
            .insert("T".to_owned(), parse_quote!(U));
        substitution
            .arguments
            .insert("N".to_owned(), parse_quote!(M));
        for (source, expected) in [
            ("Two<T, TT, a::T>", "Two<U, TT, a::T>"),
            ("T::Item", "U::Item"),
            ("[T; N]", "[U; M]"),
            ("[u8; T::N + a::T::N]", "[u8; U::N + a::T::N]"),
        ] {
            let mut ty: Type = parse_str(source).unwrap();
            substitution.visit_type_mut(&mut ty);
            assert_eq!(normalised(quote::quote!(#ty)), expected);
        }
    }

    #[test]
    fn a_name_is_found_only_where_it_begins_a_path() {
        let ty: Type = parse_str("CarPool<a::Car, Vec<T::Item>>").unwrap();
        assert!(mentions(&ty, "T") && mentions(&ty, "CarPool"));
        assert!(!mentions(&ty, "Car") && !mentions(&ty, "Pool") && !mentions(&ty, "Item"));
    }
}
