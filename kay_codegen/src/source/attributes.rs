//! Attributes that decide what is compiled.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// The attributes that decide whether an item is compiled, as tokens that can be put on whatever
/// is generated from it: each `cfg`, and the `cfg` part of each `cfg_attr`.
pub(crate) fn cfgs(attributes: &[Attribute]) -> Vec<TokenStream> {
    named(attributes, "cfg")
}

/// Each `deprecated`, in the same way.
pub(crate) fn deprecations(attributes: &[Attribute]) -> Vec<TokenStream> {
    named(attributes, "deprecated")
}

fn named(attributes: &[Attribute], name: &str) -> Vec<TokenStream> {
    let mut found = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident(name) {
            let meta = &attribute.meta;
            found.push(quote::quote!(#[#meta]));
        } else if let Some((predicate, metas)) = metas_of_cfg_attr(attribute) {
            let metas = metas.iter().filter(|meta| meta.path().is_ident(name));
            found.extend(metas.map(|meta| quote::quote!(#[cfg_attr(#predicate, #meta)])));
        }
    }
    found
}

/// The predicate of a `cfg_attr`, and the attributes that it stands before.
pub(crate) fn metas_of_cfg_attr(attribute: &Attribute) -> Option<(TokenStream, Vec<Meta>)> {
    if !attribute.path().is_ident("cfg_attr") {
        return None;
    }
    let tokens = attribute.meta.require_list().ok()?.tokens.clone();
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated
        .parse2(tokens)
        .ok()?;
    let mut metas = metas.into_iter();
    Some((metas.next()?.to_token_stream(), metas.collect()))
}

/// Whether the last part of an attribute's path is this name.
pub(crate) fn has_name(meta: &Meta, name: &str) -> bool {
    meta.path()
        .segments
        .last()
        .is_some_and(|segment| segment.ident.unraw() == name)
}
