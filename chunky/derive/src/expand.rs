//! From a type's definition to its implementation of `Compact`.

use crate::attribute::{refuse_packed, trait_path};
use crate::body::Parts;
use crate::name::name_hash;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Ident, Path, Result, parse_quote, spanned::Spanned};

/// What the three methods do.
struct Bodies {
    duplicate: TokenStream,
    hash_state: TokenStream,
    describe: TokenStream,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if let Some(lifetime) = input.generics.lifetimes().next() {
        let reason = "a compact type owns all that it reaches: it cannot have lifetime parameters";
        return Err(Error::new(lifetime.span(), reason));
    }
    refuse_packed(input)?;
    let compact = trait_path(input)?;
    let hasher = Ident::new("hasher", Span::mixed_site());
    let formatter = Ident::new("formatter", Span::mixed_site());

    let Bodies {
        duplicate,
        hash_state,
        describe,
    } = match &input.data {
        Data::Struct(data) => {
            let parts = Parts::of_struct(&data.fields);
            let fields = parts.duplicate(&compact);
            Bodies {
                duplicate: quote!(Self #fields),
                hash_state: parts.hash_state(&compact, &hasher),
                describe: parts.describe(&input.ident, &compact, &formatter),
            }
        }
        Data::Enum(data) => of_enum(data, &compact, &hasher, &formatter),
        Data::Union(data) => {
            let reason = "a union cannot be compact: which of its fields is valid is not known";
            return Err(Error::new(data.union_token.span(), reason));
        }
    };

    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#compact));
    }
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let name = &input.ident;
    let name_hash = name_hash(input, &compact);

    Ok(quote! {
        #[automatically_derived]
        impl #parameters #compact for #name #arguments #conditions {
            const NAME_HASH: ::core::primitive::u64 = #name_hash;

            #[inline]
            fn duplicate(&self) -> Self {
                #duplicate
            }

            #[inline]
            fn hash_state<__H: ::core::hash::Hasher>(&self, #hasher: &mut __H) {
                let _ = &#hasher;
                #hash_state
            }

            fn describe(&self, #formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let _ = &#formatter;
                #describe
            }
        }
    })
}

/// A `match` over the variants; the position of the variant is hashed before its fields.
fn of_enum(data: &DataEnum, compact: &Path, hasher: &Ident, formatter: &Ident) -> Bodies {
    if data.variants.is_empty() {
        let never = quote!(match *self {});
        return Bodies {
            duplicate: never.clone(),
            hash_state: never.clone(),
            describe: never,
        };
    }
    let mut bodies = [const { Vec::new() }; 3];
    for (variant, position) in data.variants.iter().zip(0_u32..) {
        let name = &variant.ident;
        let position = position.to_le_bytes();
        let parts = Parts::of_variant(&variant.fields);
        let pattern = parts.pattern();
        let duplicate = parts.duplicate(compact);
        let hash_state = parts.hash_state(compact, hasher);
        let describe = parts.describe(name, compact, formatter);
        bodies[0].push(quote!(Self::#name #pattern => Self::#name #duplicate));
        bodies[1].push(quote!(Self::#name #pattern => {
            ::core::hash::Hasher::write(#hasher, &[#(#position),*]);
            #hash_state
        }));
        bodies[2].push(quote!(Self::#name #pattern => #describe));
    }
    let [duplicate, hash_state, describe] = bodies.map(|arms| quote!(match self { #(#arms),* }));
    Bodies {
        duplicate,
        hash_state,
        describe,
    }
}
