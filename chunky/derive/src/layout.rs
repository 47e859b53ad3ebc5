//! The body of `layout`: what a value consists of, and where.

use crate::attribute::{Asked, is_transparent, may_be_padded};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    DataEnum, DeriveInput, Field, Fields, Ident, Index, Member, ext::IdentExt, spanned::Spanned,
};

/// That of a struct.
pub(crate) fn of_struct(
    input: &DeriveInput,
    asked: &Asked,
    fields: &Fields,
    to: &Ident,
) -> TokenStream {
    let path = &asked.name;
    let fields = named(fields).map(|(name, member, field)| {
        let of = describe(field);
        quote!((#name, ::core::mem::offset_of!(Self, #member), #of))
    });
    let fields: Vec<_> = fields.collect();
    // What is laid out as something else has the niches of that.
    let call = match &fields[..] {
        [field] if is_transparent(input) => quote!(transparent::<Self>(#path, #field)),
        _ => quote!(fields::<Self>(#path, &[#(#fields),*])),
    };
    quote! {
        // SAFETY: these are the fields of the struct, in the order in which they are read and written.
        unsafe { #to.#call }
    }
}

/// That of an enum.
pub(crate) fn of_enum(
    input: &DeriveInput,
    asked: &Asked,
    data: &DataEnum,
    to: &Ident,
) -> TokenStream {
    let path = &asked.name;
    let names = data.variants.iter().map(|variant| name(&variant.ident));
    let holds_nothing = data
        .variants
        .iter()
        .all(|variant| variant.fields.is_empty());
    let may_be_tags = holds_nothing && !may_be_padded(input);
    if may_be_tags && (1..=256).contains(&data.variants.len()) {
        let variants = data.variants.iter().map(|variant| {
            let variant = &variant.ident;
            quote!(::core::mem::ManuallyDrop::new(Self::#variant {}))
        });
        return quote! {
            // SAFETY: these are the variants of the enum, none of which has a field, in the order of their
            // positions; and it asks for no alignment, for which it would be padded.
            unsafe { #to.tags::<Self>(#path, &[#((#names, #variants)),*]) }
        };
    }
    let fields = data.variants.iter().map(|variant| {
        let fields = named(&variant.fields).map(|(name, _, field)| {
            let of = describe(field);
            quote!((#name, #of))
        });
        quote!(&[#(#fields),*])
    });
    quote!(#to.beside::<Self>(#path, &[#((#names, #fields)),*]))
}

/// What describes the type of a field, located at the type.
fn describe(field: &Field) -> TokenStream {
    let of = &field.ty;
    quote_spanned!(of.span()=> <Self::__Layouts>::of::<#of>)
}

fn name(of: &Ident) -> String {
    of.unraw().to_string()
}

/// Each field with its name, or with its number.
fn named(fields: &Fields) -> impl Iterator<Item = (String, Member, &Field)> {
    fields
        .iter()
        .enumerate()
        .map(|(at, field)| match &field.ident {
            Some(ident) => (name(ident), Member::Named(ident.clone()), field),
            None => {
                let mut index = Index::from(at);
                index.span = Span::call_site();
                (at.to_string(), Member::Unnamed(index), field)
            }
        })
}
