//! `use` declarations, one name at a time.

use syn::ext::IdentExt;
use syn::{Ident, ItemUse, UseTree};

/// One name, or one glob, of a `use` declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// The path that is imported; for a glob, the path of what is opened.
    pub(crate) path: Vec<String>,
    /// Whether the path begins with `::`.
    pub(crate) is_absolute: bool,
    /// The name that it gets; `None` for a glob.
    pub(crate) name: Option<Ident>,
}

/// Takes a `use` declaration apart.
pub(crate) fn imports(item: &ItemUse) -> Vec<Import> {
    let mut found = Vec::new();
    let is_absolute = item.leading_colon.is_some();
    collect(&item.tree, &mut Vec::new(), is_absolute, &mut found);
    found
}

fn collect(tree: &UseTree, prefix: &mut Vec<String>, is_absolute: bool, found: &mut Vec<Import>) {
    let mut add = |last: Option<&Ident>, name: Option<Ident>, prefix: &[String]| {
        let mut path = prefix.to_vec();
        // In `a::{self}` the name is that of `a`.
        path.extend(
            last.filter(|last| *last != "self" || path.is_empty())
                .map(plain),
        );
        found.push(Import {
            path,
            is_absolute,
            name,
        });
    };
    match tree {
        UseTree::Path(path) => {
            prefix.push(plain(&path.ident));
            collect(&path.tree, prefix, is_absolute, found);
            prefix.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            if let Some(last) = prefix.last() {
                // `use super::{self}` is refused by the compiler: it names nothing.
                if !matches!(last.as_str(), "crate" | "self" | "super") {
                    let ident = Ident::new_raw(last, name.ident.span());
                    add(Some(&name.ident), Some(ident), prefix);
                }
            }
        }
        UseTree::Name(name) => add(Some(&name.ident), Some(name.ident.clone()), prefix),
        UseTree::Rename(name) if name.rename == "_" => {}
        UseTree::Rename(name) => add(Some(&name.ident), Some(name.rename.clone()), prefix),
        UseTree::Glob(_) => add(None, None, prefix),
        UseTree::Group(group) => {
            for tree in &group.items {
                collect(tree, prefix, is_absolute, found);
            }
        }
    }
}

/// An identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

#[cfg(test)]
mod tests {
    use super::{imports, plain};

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let found: Vec<String> = imports(&syn::parse_str(source).unwrap())
            .iter()
            .map(|import| {
                let name = import.name.as_ref().map_or("*".to_owned(), plain);
                let colons = if import.is_absolute { "::" } else { "" };
                format!("{name}={colons}{}", import.path.join("::"))
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_form_of_use() {
        check("use a::b;", &["b=a::b"]);
        check("use a;", &["a=a"]);
        check("use ::a::b as c;", &["c=::a::b"]);
        check(
            "use a::{self, b::{c as d, self}, e::*};",
            &["a=a", "d=a::b::c", "b=a::b", "*=a::e"],
        );
        check("use super::*;", &["*=super"]);
        check("use a::Trait as _;", &[]);
        check("use r#type::r#match;", &["match=type::match"]);
        check("pub(crate) use {a, b};", &["a=a", "b=b"]);
        check("use crate::{self as whole};", &["whole=crate"]);
    }
}
