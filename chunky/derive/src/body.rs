//! The bodies of the trait's methods for the fields of a struct or variant.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Field, Fields, Ident, Index, Member, Path, ext::IdentExt, spanned::Spanned};

/// A struct's or a variant's fields, each with the expression that borrows it.
pub(crate) struct Parts<'a> {
    fields: &'a Fields,
    borrowed: Vec<TokenStream>,
}

impl<'a> Parts<'a> {
    /// The fields of a struct, reached through `self`.
    pub(crate) fn of_struct(fields: &'a Fields) -> Self {
        let borrowed = members(fields)
            .map(|member| quote!(&self.#member))
            .collect();
        Parts { fields, borrowed }
    }

    /// The fields of a variant, reached through the bindings of [`Parts::pattern`].
    pub(crate) fn of_variant(fields: &'a Fields) -> Self {
        let borrowed = (0..fields.len())
            .map(binding)
            .map(|name| quote!(#name))
            .collect();
        Parts { fields, borrowed }
    }

    /// The pattern that binds all fields of a variant.
    pub(crate) fn pattern(&self) -> TokenStream {
        let bindings = members(self.fields).enumerate().map(|(at, member)| {
            let name = binding(at);
            quote!(#member: #name)
        });
        quote!({ #(#bindings),* })
    }

    /// The fields' part of an expression that builds the copy: `{ a: .., b: .. }`.
    pub(crate) fn duplicate(&self, compact: &Path) -> TokenStream {
        let values = self.calls(compact, "duplicate", &TokenStream::new());
        let members = members(self.fields);
        quote!({ #(#members: #values),* })
    }

    /// Statements that feed each field to `hasher`.
    pub(crate) fn hash_state(&self, compact: &Path, hasher: &Ident) -> TokenStream {
        let calls = self.calls(compact, "hash_state", &quote!(, #hasher));
        quote!(#(#calls;)*)
    }

    /// Statements that let each field ask for what it points to.
    pub(crate) fn prefetch(&self, compact: &Path) -> TokenStream {
        let calls = self.calls(compact, "prefetch", &TokenStream::new());
        quote!(#(#calls;)*)
    }

    /// Statements that write each field to `to`.
    pub(crate) fn write(&self, compact: &Path, to: &Ident) -> TokenStream {
        let calls = self.calls(compact, "write", &quote!(, #to));
        quote!(#(#calls;)*)
    }

    /// The fields' part of an expression that builds the value from what it reads.
    pub(crate) fn read(&self, compact: &Path, from: &Ident) -> TokenStream {
        let members = members(self.fields);
        let values = self.fields.iter().map(|field| {
            let function = function(field, compact, "read");
            // Not by `?`, which the compiler would make several functions and copies of.
            quote!(match #function(#from) {
                ::core::result::Result::Ok(value) => value,
                ::core::result::Result::Err(error) => return ::core::result::Result::Err(error),
            })
        });
        quote!({ #(#members: #values),* })
    }

    /// An expression that describes the whole with `formatter`.
    pub(crate) fn describe(&self, name: &Ident, compact: &Path, formatter: &Ident) -> TokenStream {
        let name = name.unraw().to_string();
        let values = self.calls(compact, "described", &TokenStream::new());
        match self.fields {
            Fields::Unit => quote!(::core::fmt::Formatter::write_str(#formatter, #name)),
            Fields::Unnamed(_) => quote! {
                ::core::fmt::Formatter::debug_tuple(#formatter, #name)#(.field(&#values))*.finish()
            },
            Fields::Named(fields) => {
                let names = fields.named.iter().flat_map(|field| &field.ident);
                let names = names.map(|name| name.unraw().to_string());
                quote! {
                    ::core::fmt::Formatter::debug_struct(#formatter, #name)
                        #(.field(#names, &#values))*
                        .finish()
                }
            }
        }
    }

    /// One call of a method of the trait for each field.
    fn calls(&self, compact: &Path, method: &str, rest: &TokenStream) -> Vec<TokenStream> {
        let call = |(field, borrowed): (&Field, &TokenStream)| {
            let function = function(field, compact, method);
            quote!(#function(#borrowed #rest))
        };
        self.fields.iter().zip(&self.borrowed).map(call).collect()
    }
}

/// A method of the trait for a field, located at the field's type: that is where the compiler then
/// complains about a type that is not compact.
fn function(field: &Field, compact: &Path, method: &str) -> TokenStream {
    let of = &field.ty;
    let method = Ident::new(method, Span::mixed_site());
    quote_spanned!(of.span()=> <#of as #compact>::#method)
}

/// The names of the fields, or their numbers.
fn members(fields: &Fields) -> impl Iterator<Item = Member> {
    fields
        .iter()
        .enumerate()
        .map(|(at, field)| match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index::from(at)),
        })
}

/// The local that a pattern binds the field to; hygienic, so that no user's name collides.
fn binding(at: usize) -> Ident {
    format_ident!("field{}", at, span = Span::mixed_site())
}
