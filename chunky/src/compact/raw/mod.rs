//! Values as they lie in memory, kept as they are, and read by another process.
//!
//! The *raw form* of a [`Compact`](crate::Compact) value is its bytes. What reads them must know what they were when
//! they were written, and may trust none of them, so there is a [`Layout`] for each type. It says
//! where the parts of a value lie that hold what the [portable form](crate::portable) holds, in the
//! same order. Then nothing else is needed to read raw bytes than what reads portable ones: a
//! [`RawReader`] hands out each part from where it lies, and [`Compact::read`](crate::Compact::read) checks it.
//!
//! ```
//! use chunky::{CString, Compact, raw::{Layouts, RawForm, RawReader}};
//!
//! #[derive(Compact)]
//! struct Car {
//!     speed: u16,
//!     name: CString,
//! }
//!
//! let mut layouts = Layouts::new();
//! let form = RawForm::<Car>::new(&mut layouts);
//! let (mut values, mut beside) = (Vec::new(), Vec::new());
//! form.copy(&[Car { speed: 7, name: "Elm".into() }], &mut values, &mut beside)?;
//! assert_eq!(beside, b"Elm");
//!
//! let mut reader = RawReader::new(layouts.all(), form.number(), &beside)?;
//! let car: Car = reader.read(&values)?;
//! assert_eq!((car.speed, &*car.name), (7, "Elm"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What lies where
//!
//! - Numbers, `bool`, `char`, ids, and structs, tuples and arrays of them lie in the value as they are in
//!   the portable form, part by part. A type of nothing else is *plain*: once its bytes are
//!   [checked](RawForm::check), they are a value, and can be used where they lie.
//! - Enums whose variants hold nothing and that ask for no alignment, and `Option`s of ids and of `NonZero` numbers:
//!   their bytes tell which variant it is. They are plain. All bytes of an `Option` are 0 if it is `None`.
//! - What is in a `CVec`, `CString` or `CBox` is kept as it lies, too, but *beside* the values: in the order of
//!   the values, what a value leads to before what the next one does. Addresses mean nothing.
//! - All other enums: the compiler promises nothing about their bytes, so that nobody can say whether
//!   they are right. They are kept in portable form, beside the values. So are maps, collections of such
//!   enums, and types for which [`Compact`](crate::Compact) is written by hand.
//!
//! All other bytes, such as those between fields, are 0.

mod beside;
mod blanks;
mod check;
mod compare;
mod form;
mod layout;
mod layouts;
mod program;
pub(crate) mod stream;

pub(crate) use blanks::Blanks;
pub use compare::{Difference, differences};
pub use form::RawForm;
pub(crate) use form::{LONG, Untyped};
pub use layout::{Field, Form, Layout, Tag, TypeNumber, Variant};
pub(crate) use layouts::Describe;
pub use layouts::Layouts;
pub use program::{LayoutError, Program};

pub(crate) use program::{Beside, What};

pub use super::portable::RawReader;
