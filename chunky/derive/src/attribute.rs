//! `#[compact(crate = path, name = "path")]`, and the other attributes that matter.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{DeriveInput, Error, LitStr, Path, Result, ext::IdentExt, parse_quote, spanned::Spanned};

/// What `#[compact(..)]` says.
pub(crate) struct Asked {
    /// The path under which the emitted code finds the trait.
    pub(crate) compact: Path,
    /// The path that the type is known by: a string, its own path if no other one is given.
    pub(crate) name: TokenStream,
}

/// Reads the attributes of a type.
pub(crate) fn asked(input: &DeriveInput) -> Result<Asked> {
    let (mut path, mut name): (Option<Path>, Option<LitStr>) = (None, None);
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("compact"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                if path.is_some() {
                    return Err(meta.error("`crate` is given twice"));
                }
                let root = Path::parse_mod_style(meta.value()?)?;
                path = Some(parse_quote!(#root::Compact));
            } else if meta.path.is_ident("name") {
                if name.is_some() {
                    return Err(meta.error("`name` is given twice"));
                }
                name = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("expected `crate = path` or `name = \"path\"`"));
            }
            Ok(())
        })?;
    }
    let ident = input.ident.unraw().to_string();
    let own = || quote!(::core::concat!(::core::module_path!(), "::", #ident));
    Ok(Asked {
        compact: path.unwrap_or_else(|| parse_quote!(Compact)),
        name: name.map_or_else(own, LitStr::into_token_stream),
    })
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

/// The representations by which an enum whose variants hold nothing is as large as what says which one it is.
const TIGHT: [&str; 15] = [
    "Rust",
    "C",
    "transparent",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
];

/// Whether the type says how it is aligned, or anything else by which it may have padding.
pub(crate) fn may_be_padded(input: &DeriveInput) -> bool {
    let mut found = false;
    for attribute in &input.attrs {
        if attribute.path().is_ident("repr") {
            // An alignment has an argument, which is an error here.
            let parsed = attribute.parse_nested_meta(|meta| {
                found |= !TIGHT.iter().any(|name| meta.path.is_ident(name));
                Ok(())
            });
            found |= parsed.is_err();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: DeriveInput, path: &str) {
        assert_eq!(
            asked(&input).unwrap().compact.to_token_stream().to_string(),
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
    fn the_name_is_the_path_of_the_type_or_the_given_one() {
        let name = |input: DeriveInput| asked(&input).unwrap().name.to_string();
        let given = name(parse_quote!(
            #[compact(crate = a, name = "a::A")]
            struct B;
        ));
        assert_eq!(given, r#""a::A""#);
        let own = name(parse_quote!(
            struct r#type;
        ));
        let path = quote!(::core::concat!(::core::module_path!(), "::", "type"));
        assert_eq!(own, path.to_string());
    }

    #[test]
    fn other_arguments_are_errors() {
        assert!(
            asked(&parse_quote!(
                #[compact(path = a)]
                struct A;
            ))
            .is_err()
        );
        assert!(
            asked(&parse_quote!(
                #[compact(name = a)]
                struct A;
            ))
            .is_err()
        );
        assert!(
            asked(&parse_quote!(
                #[compact(name = "a")]
                #[compact(name = "a")]
                struct A;
            ))
            .is_err()
        );
        assert!(
            asked(&parse_quote!(
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

    #[test]
    fn an_alignment_may_be_padding() {
        let padded = |attributes: TokenStream| {
            may_be_padded(&parse_quote!(
                #attributes
                enum A {
                    B,
                }
            ))
        };
        for tight in [
            quote!(),
            quote!(#[repr(u8)]),
            quote!(#[repr(C, i32)]),
            quote!(#[repr(Rust)]),
            quote!(#[other(align(8))]),
        ] {
            assert!(!padded(tight.clone()), "{tight}");
        }
        for aligned in [
            quote!(#[repr(align(8))]),
            quote!(#[repr(u8, align(8))]),
            quote!(#[repr(align(8), C)]),
            quote!(#[repr(C)] #[other] #[repr(align(8))]),
            quote!(#[repr(unheard_of)]),
            quote!(#[repr(crate::u8)]),
            quote!(#[repr = "u8"]),
        ] {
            assert!(padded(aligned.clone()), "{aligned}");
        }
    }
}
