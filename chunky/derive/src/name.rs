//! The constant `NAME_HASH`: FNV-1a over the path, then one step for each generic argument, as
//! `chunky` does it for the types of `core`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, GenericParam, Ident, Path, ext::IdentExt};

/// The expression for `NAME_HASH`.
pub(crate) fn name_hash(input: &DeriveInput, compact: &Path) -> TokenStream {
    let local = |name| Ident::new(name, Span::mixed_site());
    let (path, hash, at) = (local("path"), local("hash"), local("at"));
    let name = input.ident.unraw().to_string();
    let arguments = input
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => {
                let name = &parameter.ident;
                Some(quote!(<#name as #compact>::NAME_HASH))
            }
            GenericParam::Const(parameter) => {
                let name = &parameter.ident;
                Some(quote!((#name as ::core::primitive::u64)))
            }
            GenericParam::Lifetime(_) => None,
        });
    quote!({
        let #path = ::core::concat!(::core::module_path!(), "::", #name).as_bytes();
        let mut #hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut #at = 0;
        while #at < #path.len() {
            #hash = (#hash ^ #path[#at] as ::core::primitive::u64).wrapping_mul(0x0100_0000_01b3);
            #at += 1;
        }
        #(#hash = (#hash.rotate_left(23) ^ #arguments).wrapping_mul(0x0100_0000_01b3);)*
        #hash
    })
}
