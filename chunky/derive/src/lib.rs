//! The derive macro of `chunky`'s trait `Compact`.
//!
//! `chunky` exports it beside the trait, and so does whoever re-exports both; there is no reason
//! to depend on this crate directly.

#![forbid(unsafe_code)]

mod attribute;
mod body;
mod expand;
mod layout;
mod name;

use proc_macro::TokenStream;

/// Derives `Compact` for a struct or an enum, all of whose fields are compact.
///
/// The trait must be in scope under its own name, which `use chunky::Compact;` does for the trait
/// and for this macro at once. Code that cannot rely on that names the crate which exports the
/// trait: `#[compact(crate = ::chunky)]`.
///
/// Where values are kept as they lie, a type is known by its path. One that was kept under another path says so:
/// `#[compact(name = "city::Car")]`.
///
/// Each type parameter gets the bound `Compact`. A field whose type is a projection, such as
/// `T::Item`, needs its bound in a where-clause.
///
/// # Errors
///
/// Unions, packed types and types with lifetime parameters cannot be compact: the macro says so.
#[proc_macro_derive(Compact, attributes(compact))]
pub fn derive_compact(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
