//! The marks that `kay_codegen` looks for on handlers.
//!
//! Both attributes leave their item exactly as it is: they only say something to the generator,
//! which reads the source before the compiler does.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;

/// Marks a handler that still runs after a panic has frozen the world.
///
/// After a panic only essential messages are delivered, so that a person can look at the actors
/// of the stopped world. On the method of an actor trait it counts for every implementor; on the
/// method of one `impl` it counts for that actor alone.
///
/// ```
/// # use kay_attributes::essential;
/// struct Car;
/// impl Car {
///     #[essential]
///     pub fn report(&self) -> u32 {
///         7
///     }
/// }
/// assert_eq!(Car.report(), 7);
/// ```
#[proc_macro_attribute]
pub fn essential(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Marks a handler with a return value as a request, whose answer arrives later.
///
/// Asking is not built yet: `kay_codegen` refuses a handler with this mark and says so.
///
/// ```
/// # use kay_attributes::query;
/// struct Car;
/// impl Car {
///     #[query]
///     pub fn speed(&self) -> f32 {
///         1.5
///     }
/// }
/// assert_eq!(Car.speed(), 1.5);
/// ```
#[proc_macro_attribute]
pub fn query(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}
