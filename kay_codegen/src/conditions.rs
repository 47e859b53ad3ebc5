//! Which `cfg` predicates hold.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::parse::Parser;
use syn::{Attribute, Lit};

use crate::source::metas_of_cfg_attr;

/// What holds where a crate is compiled; nothing else does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    holding: BTreeSet<(String, Option<String>)>,
}

impl Conditions {
    pub(crate) fn insert(&mut self, name: String, value: Option<String>) {
        self.holding.insert((name, value));
    }

    /// Forgets all values of a condition.
    pub(crate) fn remove(&mut self, name: &str) {
        self.holding.retain(|(of, _)| of != name);
    }

    /// Whether something under these attributes, each a `cfg` or a `cfg` in a `cfg_attr`, is
    /// compiled.
    pub(crate) fn hold(&self, attributes: &[TokenStream]) -> bool {
        attributes.iter().all(|tokens| {
            let parsed = Attribute::parse_outer.parse2(tokens.clone());
            parsed.is_ok_and(|parsed| parsed.iter().all(|attribute| self.attribute(attribute)))
        })
    }

    fn attribute(&self, attribute: &Attribute) -> bool {
        let of = |meta: &syn::Meta| match meta.require_list() {
            Ok(list) => self.predicate(list.tokens.clone()),
            Err(_) => false,
        };
        match metas_of_cfg_attr(attribute) {
            Some((predicate, metas)) => !self.predicate(predicate) || metas.iter().all(of),
            None => of(&attribute.meta),
        }
    }

    /// Whether a predicate holds: `all(unix, not(feature = "small"))`.
    pub(crate) fn predicate(&self, tokens: TokenStream) -> bool {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        match &tokens[..] {
            [TokenTree::Ident(name)] if name == "true" => true,
            [TokenTree::Ident(name)] => self.holding.contains(&(name.to_string(), None)),
            [TokenTree::Ident(name), TokenTree::Group(group)] => {
                let mut parts = parts(group.stream()).into_iter();
                match name.to_string().as_str() {
                    "all" => parts.all(|part| self.predicate(part)),
                    "any" => parts.any(|part| self.predicate(part)),
                    "not" => parts.next().is_some_and(|part| !self.predicate(part)),
                    _ => false,
                }
            }
            [
                TokenTree::Ident(name),
                TokenTree::Punct(_),
                TokenTree::Literal(value),
            ] => match Lit::new(value.clone()) {
                Lit::Str(value) => {
                    let key = (name.to_string(), Some(value.value()));
                    self.holding.contains(&key)
                }
                _ => false,
            },
            _ => false,
        }
    }
}

/// What stands between commas.
fn parts(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => {
                parts.push(TokenStream::new());
            }
            (_, Some(last)) => last.extend([token]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::Conditions;

    #[test]
    fn predicates_of_all_forms() {
        let mut conditions = Conditions::default();
        conditions.insert("unix".to_owned(), None);
        for value in ["fast", "small"] {
            conditions.insert("feature".to_owned(), Some(value.to_owned()));
        }
        for (predicate, expected) in [
            ("unix", true),
            ("windows", false),
            ("true", true),
            ("false", false),
            ("feature = \"fast\"", true),
            ("feature = \"slow\"", false),
            ("feature", false),
            ("all()", true),
            ("any()", false),
            ("all(unix, feature = \"fast\",)", true),
            ("all(unix, windows)", false),
            ("any(windows, all(unix, not(feature = \"slow\")))", true),
            ("not(unix)", false),
            ("version(\"1.2\")", false),
        ] {
            let holds = conditions.predicate(predicate.parse().unwrap());
            assert_eq!(holds, expected, "{predicate}");
        }
        for (attributes, expected) in [
            ("#[cfg(unix)] #[cfg(feature = \"fast\")]", true),
            ("#[cfg(unix)] #[cfg(windows)]", false),
            ("#[cfg_attr(windows, cfg(feature = \"slow\"))]", true),
            ("#[cfg_attr(unix, cfg(feature = \"slow\"))]", false),
        ] {
            let tokens = [attributes.parse().unwrap()];
            assert_eq!(conditions.hold(&tokens), expected, "{attributes}");
        }
    }
}
