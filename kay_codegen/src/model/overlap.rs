//! Whether generic arguments can be the same.

use super::generics::{Generics, Substitution, mentions};
use super::normalised;
use super::shape::{plain_path, strip};
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, GenericParam, PathArguments, Type};

/// Whether two lists of arguments of one item, written in terms of these parameters, are the same
/// for some values of the parameters: `T` and `u8` are, `T` and `Option<T>` are not.
pub(crate) fn overlap(
    a: &[GenericArgument],
    b: &[GenericArgument],
    item: &Generics,
    parameters: &Generics,
) -> bool {
    let parameters = parameters.names().map(ToString::to_string).collect();
    let mut unifier = Unifier {
        parameters,
        open: Vec::new(),
    };
    let (a, b) = (with_defaults(a, item), with_defaults(b, item));
    unifier.arguments(&a, &b) && unifier.run()
}

/// The arguments, and the defaults of those that are left out.
fn with_defaults(arguments: &[GenericArgument], item: &Generics) -> Vec<GenericArgument> {
    let left_out = item.parameters.iter().skip(arguments.len());
    let defaults = left_out.filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => {
            let (_, default) = parameter.default.as_ref()?;
            Some(GenericArgument::Type(default.clone()))
        }
        GenericParam::Const(parameter) => {
            let (_, default) = parameter.default.as_ref()?;
            Some(GenericArgument::Const(default.clone()))
        }
        GenericParam::Lifetime(_) => None,
    });
    arguments.iter().cloned().chain(defaults).collect()
}

/// Looks for values of parameters that make pairs of types the same.
struct Unifier {
    parameters: BTreeSet<String>,
    /// Pairs that have to be the same, too.
    open: Vec<(Type, Type)>,
}

impl Unifier {
    fn run(&mut self) -> bool {
        while let Some((a, b)) = self.open.pop() {
            if !self.pair(strip(&a), strip(&b)) {
                return false;
            }
        }
        true
    }

    fn pair(&mut self, a: &Type, b: &Type) -> bool {
        if text(a) == text(b) {
            return true;
        }
        for (a, b) in [(a, b), (b, a)] {
            if let Some(parameter) = self.parameter(a) {
                return self.is(&parameter, b);
            }
        }
        match (a, b) {
            (Type::Path(a), Type::Path(b)) => {
                let (a, b) = (&a.path.segments, &b.path.segments);
                a.len() == b.len()
                    && a.iter().zip(b).all(|(a, b)| {
                        a.ident == b.ident
                            && match (&a.arguments, &b.arguments) {
                                (PathArguments::None, PathArguments::None) => true,
                                (
                                    PathArguments::AngleBracketed(a),
                                    PathArguments::AngleBracketed(b),
                                ) => {
                                    let of = |list: &syn::AngleBracketedGenericArguments| {
                                        list.args.iter().cloned().collect::<Vec<_>>()
                                    };
                                    self.arguments(&of(a), &of(b))
                                }
                                _ => false,
                            }
                    })
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                let pairs = a.elems.iter().cloned().zip(b.elems.iter().cloned());
                self.open.extend(pairs);
                a.elems.len() == b.elems.len()
            }
            (Type::Array(a), Type::Array(b)) => {
                // Lengths may be the same whatever they look like.
                self.open.push(((*a.elem).clone(), (*b.elem).clone()));
                true
            }
            _ => false,
        }
    }

    fn arguments(&mut self, a: &[GenericArgument], b: &[GenericArgument]) -> bool {
        let mut pairs = a.iter().zip(b);
        a.len() == b.len()
            && pairs.all(|pair| match pair {
                (GenericArgument::Type(a), GenericArgument::Type(b)) => {
                    self.open.push((a.clone(), b.clone()));
                    true
                }
                (GenericArgument::Type(ty), GenericArgument::Const(_))
                | (GenericArgument::Const(_), GenericArgument::Type(ty)) => {
                    self.parameter(ty).is_some()
                }
                (a, b) => text(a) == text(b),
            })
    }

    fn parameter(&self, ty: &Type) -> Option<String> {
        let name = plain_path(ty)?.get_ident()?.to_string();
        self.parameters.contains(&name).then_some(name)
    }

    /// Gives a parameter a value, in all that is still open.
    fn is(&mut self, parameter: &str, value: &Type) -> bool {
        if mentions(value, parameter) {
            return false;
        }
        let mut substitution = Substitution::default();
        let arguments = &mut substitution.arguments;
        arguments.insert(parameter.to_owned(), value.clone());
        for (a, b) in &mut self.open {
            substitution.visit_type_mut(a);
            substitution.visit_type_mut(b);
        }
        true
    }
}

fn text(tokens: &impl ToTokens) -> String {
    normalised(tokens.to_token_stream())
}

#[cfg(test)]
mod tests {
    use super::overlap;
    use crate::model::generics::{Generics, arguments_of};
    use syn::{Generics as Syntax, Path, parse_quote, parse_str};

    #[test]
    fn arguments_that_can_be_the_same() {
        let item: Syntax = parse_quote!(<A, B = u8>);
        let parameters: Syntax = parse_quote!(<T, U, const N: usize>);
        let (item, parameters) = (Generics::new(&item), Generics::new(&parameters));
        for (a, b, expected) in [
            ("S<T>", "S<u16>", true),
            ("S<T>", "S<U>", true),
            ("S<T>", "S<Option<T>>", false),
            ("S<T>", "S<Option<U>>", true),
            ("S<u8>", "S<u16>", false),
            ("S<u8>", "S<u8, u8>", true),
            ("S<u8>", "S<u8, u16>", false),
            ("S<T, T>", "S<u8, u16>", false),
            ("S<T, U>", "S<u8, u16>", true),
            ("S<Option<T>>", "S<Option<u8>>", true),
            ("S<a::Box<T>>", "S<b::Box<T>>", false),
            ("S<(T, u8)>", "S<(u8, U)>", true),
            ("S<(T, T)>", "S<(u8, u16)>", false),
            ("S<[T; N]>", "S<[u8; 3]>", true),
            ("S<[u16; N]>", "S<[u8; 3]>", false),
            ("S<Bits<N>>", "S<Bits<3>>", true),
            ("S<Bits<4>>", "S<Bits<3>>", false),
        ] {
            let [left, right] = [a, b].map(|path| {
                let path: Path = parse_str(path).unwrap();
                arguments_of(&path)
            });
            assert_eq!(
                overlap(&left, &right, &item, &parameters),
                expected,
                "{a} {b}"
            );
            assert_eq!(
                overlap(&right, &left, &item, &parameters),
                expected,
                "{b} {a}"
            );
        }
    }
}
