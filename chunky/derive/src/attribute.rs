//! `#[compact(crate = path)]`, and the other attributes that matter.

use syn::{DeriveInput, Error, Path, Result, parse_quote, spanned::Spanned};

/// The path under which the emitted code finds the trait.
pub(crate) fn trait_path(input: &DeriveInput) -> Result<Path> {
    let mut path = None;
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("compact"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("crate") {
                return Err(meta.error("expected `crate = path`"));
            }
            if path.is_some() {
                return Err(meta.error("`crate` is given twice"));
            }
            let root = Path::parse_mod_style(meta.value()?)?;
            path = Some(parse_quote!(#root::Compact));
            Ok(())
        })?;
    }
    Ok(path.unwrap_or_else(|| parse_quote!(Compact)))
}

/// Refuses `#[repr(packed)]`, whose fields cannot be borrowed.
pub(crate) fn refuse_packed(input: &DeriveInput) -> Result<()> {
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("repr"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("packed") {
                let reason = "a packed type cannot be compact: its fields cannot be borrowed";
                return Err(Error::new(meta.path.span(), reason));
            }
            if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                content.parse::<proc_macro2::TokenStream>()?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether the type says that it is laid out as its field.
pub(crate) fn is_transparent(input: &DeriveInput) -> bool {
    let mut found = false;
    for attribute in &input.attrs {
        if attribute.path().is_ident("repr") {
            // What is wrong with it, the compiler says.
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta.path.is_ident("transparent");
                Ok(())
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens, quote};

    #[track_caller]
    fn check(input: DeriveInput, path: &str) {
        assert_eq!(
            trait_path(&input).unwrap().to_token_stream().to_string(),
            path
        );
    }

    #[test]
    fn the_path_is_the_bare_name_or_in_the_given_crate() {
        check(
            parse_quote!(
                struct A;
            ),
            "Compact",
        );
        check(
            parse_quote!(
                #[compact(crate = ::a::b)]
                struct A;
            ),
            &quote!(::a::b::Compact).to_string(),
        );
        check(
            parse_quote!(
                #[compact(crate = crate)]
                struct A;
            ),
            &quote!(crate::Compact).to_string(),
        );
    }

    #[test]
    fn other_arguments_are_errors() {
        assert!(
            trait_path(&parse_quote!(
                #[compact(name = a)]
                struct A;
            ))
            .is_err()
        );
        assert!(
            trait_path(&parse_quote!(
                #[compact(crate = a, crate = b)]
                struct A;
            ))
            .is_err()
        );
    }

    #[test]
    fn packed_is_refused_other_representations_are_not() {
        assert!(
            refuse_packed(&parse_quote!(
                #[repr(C, align(8))]
                struct A;
            ))
            .is_ok()
        );
        assert!(
            refuse_packed(&parse_quote!(
                #[repr(packed)]
                struct A;
            ))
            .is_err()
        );
        assert!(
            refuse_packed(&parse_quote!(
                #[repr(C, packed(2))]
                struct A;
            ))
            .is_err()
        );
    }
}
