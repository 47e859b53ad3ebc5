//! From a type's definition to its implementation of `Compact`.

use crate::attribute::{Asked, asked, refuse_packed};
use crate::body::Parts;
use crate::layout;
use crate::name::name_hash;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Ident, Result, parse_quote, spanned::Spanned};

/// What the methods do.
struct Bodies {
    duplicate: TokenStream,
    hash_state: TokenStream,
    describe: TokenStream,
    prefetch: TokenStream,
    write: TokenStream,
    read: TokenStream,
    layout: TokenStream,
}

/// The names of the methods' arguments, which collide with no user's.
struct Arguments {
    hasher: Ident,
    formatter: Ident,
    to: Ident,
    from: Ident,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    if let Some(lifetime) = input.generics.lifetimes().next() {
        let reason = "a compact type owns all that it reaches: it cannot have lifetime parameters";
        return Err(Error::new(lifetime.span(), reason));
    }
    refuse_packed(input)?;
    let asked = asked(input)?;
    let compact = &asked.compact;
    let argument = |name| Ident::new(name, Span::mixed_site());
    let arguments = Arguments {
        hasher: argument("hasher"),
        formatter: argument("formatter"),
        to: argument("to"),
        from: argument("from"),
    };

    let Bodies {
        duplicate,
        hash_state,
        describe,
        prefetch,
        write,
        read,
        layout,
    } = match &input.data {
        Data::Struct(data) => {
            let parts = Parts::of_struct(&data.fields);
            let duplicate = parts.duplicate(compact);
            let read = parts.read(compact, &arguments.from);
            Bodies {
                duplicate: quote!(Self #duplicate),
                hash_state: parts.hash_state(compact, &arguments.hasher),
                describe: parts.describe(&input.ident, compact, &arguments.formatter),
                prefetch: parts.prefetch(compact),
                write: parts.write(compact, &arguments.to),
                read: quote!(::core::result::Result::Ok(Self #read)),
                layout: layout::of_struct(input, &asked, &data.fields, &arguments.to),
            }
        }
        Data::Enum(data) => of_enum(input, data, &asked, &arguments),
        Data::Union(data) => {
            let reason = "a union cannot be compact: which of its fields is valid is not known";
            return Err(Error::new(data.union_token.span(), reason));
        }
    };

    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#compact));
    }
    let (parameters, type_arguments, conditions) = generics.split_for_impl();
    let Arguments {
        hasher,
        formatter,
        to,
        from,
    } = arguments;
    let name = &input.ident;
    let name_hash = name_hash(input, &asked);

    Ok(quote! {
        #[automatically_derived]
        impl #parameters #compact for #name #type_arguments #conditions {
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

            #[inline]
            fn prefetch(&self) {
                #prefetch
            }

            #[inline]
            fn write(&self, #to: &mut Self::__Writer) {
                let _ = &#to;
                #write
            }

            #[inline]
            fn read(
                #from: &mut Self::__Reader<'_>,
            ) -> ::core::result::Result<Self, Self::__ReadError> {
                let _ = &#from;
                #read
            }

            fn layout(#to: &mut Self::__Layouts) -> ::core::primitive::u32 {
                #layout
            }
        }
    })
}

/// A `match` over the variants; the position of the variant comes before its fields.
fn of_enum(input: &DeriveInput, data: &DataEnum, asked: &Asked, arguments: &Arguments) -> Bodies {
    let Arguments {
        hasher,
        formatter,
        to,
        from,
    } = arguments;
    let compact = &asked.compact;
    let layout = layout::of_enum(input, asked, data, to);
    if data.variants.is_empty() {
        let never = quote!(match *self {});
        return Bodies {
            duplicate: never.clone(),
            hash_state: never.clone(),
            describe: never.clone(),
            prefetch: never.clone(),
            write: never,
            read: quote!(::core::result::Result::Err(#from.never())),
            layout,
        };
    }
    let count = data.variants.len();
    let (last, variants) = (count - 1, count as u32);
    let mut bodies = [const { Vec::new() }; 6];
    for (variant, position) in data.variants.iter().zip(0_u32..) {
        let name = &variant.ident;
        let bytes = position.to_le_bytes();
        let parts = Parts::of_variant(&variant.fields);
        let pattern = parts.pattern();
        let duplicate = parts.duplicate(compact);
        let hash_state = parts.hash_state(compact, hasher);
        let describe = parts.describe(name, compact, formatter);
        let prefetch = parts.prefetch(compact);
        let write = parts.write(compact, to);
        let read = parts.read(compact, from);
        bodies[0].push(quote!(Self::#name #pattern => Self::#name #duplicate));
        bodies[1].push(quote!(Self::#name #pattern => {
            ::core::hash::Hasher::write(#hasher, &[#(#bytes),*]);
            #hash_state
        }));
        bodies[2].push(quote!(Self::#name #pattern => #describe));
        bodies[3].push(quote!(Self::#name #pattern => { #prefetch }));
        bodies[4].push(quote!(Self::#name #pattern => {
            #to.variant(#position, #variants);
            #write
        }));
        // The reader gives no position but those of variants.
        let found = match position as usize {
            at if at == last => quote!(_),
            _ => quote!(#position),
        };
        bodies[5].push(quote! {
            ::core::result::Result::Ok(#found) => ::core::result::Result::Ok(Self::#name #read)
        });
    }
    bodies[5].push(quote! {
        ::core::result::Result::Err(error) => ::core::result::Result::Err(error)
    });
    let [duplicate, hash_state, describe, prefetch, write, read] = bodies;
    let of_self = |arms: Vec<TokenStream>| quote!(match self { #(#arms),* });
    Bodies {
        duplicate: of_self(duplicate),
        hash_state: of_self(hash_state),
        describe: of_self(describe),
        prefetch: of_self(prefetch),
        write: of_self(write),
        read: quote!(match #from.variant(#variants) { #(#read),* }),
        layout,
    }
}
