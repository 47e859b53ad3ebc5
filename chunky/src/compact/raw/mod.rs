//! Values as they lie in memory, kept as they are, and read by another process.
//!
//! The *raw form* of a [`Compact`] value is its bytes. What reads them must know what they were when
//! they were written, and may trust none of them, so there is a [`Layout`] for each type. It says
//! where the parts of a value lie that hold what the [portable form](crate::portable) holds, in the
//! same order. Then nothing else is needed to read raw bytes than what reads portable ones: a
//! [`RawReader`] hands out each part from where it lies, and [`Compact::read`] checks it.
//!
//! ```
//! use chunky::{CVec, Compact, raw::{Layouts, Memory, RawForm, RawReader}};
//!
//! #[derive(Compact, Debug, PartialEq)]
//! struct Car {
//!     speed: u16,
//!     brakes: bool,
//!     at: (f32, f32),
//! }
//!
//! let mut layouts = Layouts::new();
//! let form = RawForm::<Car>::new(&mut layouts);
//! assert!(form.is_plain());
//! ```
//!
//! # What lies where
//!
//! - Numbers, `bool`, `char`, ids, and structs, tuples and arrays of them lie in the value as they are in
//!   the portable form, part by part. A type of nothing else is *plain*: once its bytes are
//!   [checked](RawForm::check), they are a value, and can be used where they lie.
//! - Enums whose variants hold nothing, and `Option`s of ids and of `NonZero` numbers: their bytes tell
//!   which variant it is. They are plain.
//! - `CVec`, `CString`, `CMap` and `CBox` lie in an arena. Their chunks are kept as they are, too, and
//!   found by the addresses that they had, in a [`Memory`]; reading copies them to an arena of now.
//! - All other enums: the compiler promises nothing about their bytes, so that nobody can say whether
//!   they are right. They are kept in portable form, *beside* the values, in the order of the values. So
//!   are collections of them, and types for which [`Compact`] is written by hand.

mod compare;
mod form;
mod layout;
mod layouts;
mod memory;
mod program;

pub use compare::{Difference, differences};
pub(crate) use form::LONG;
pub use form::RawForm;
pub use layout::{Field, Form, Layout, Tag, TypeNumber, Variant};
pub use layouts::Layouts;
pub use memory::Memory;
pub use program::{LayoutError, Program};

pub(crate) use program::What;

pub use super::portable::RawReader;
