//! The constant `NAME_HASH`: FNV-1a over the name, then one step for each generic argument, as
//! `chunky` does it for the types of `core`.

use crate::attribute::Asked;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, GenericParam, Ident};

/// The expression for `NAME_HASH`.
pub(crate) fn name_hash(input: &DeriveInput, Asked { compact, name }: &Asked) -> TokenStream {
    let local = |name| Ident::new(name, Span::mixed_site());
    let (path, hash, at) = (local("path"), local("hash"), local("at"));
    let arguments = input
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => {
                let parameter = &parameter.ident;
                Some(quote!(<#parameter as #compact>::NAME_HASH))
            }
            GenericParam::Const(parameter) => {
                let parameter = &parameter.ident;
                Some(quote!((#parameter as ::core::primitive::u64)))
            }
            GenericParam::Lifetime(_) => None,
        });
    quote!({
        let #path = #name.as_bytes();
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
