//! Values as bytes that can be kept, sent, and read elsewhere.
//!
//! The *portable form* of a [`Compact`] value is the same on every platform and in every build: it
//! has no addresses, capacities or padding. [`Compact::write`] appends it to a [`Writer`], and
//! [`Compact::read`] takes it from a [`Reader`].
//!
//! ```
//! use chunky::{CVec, portable};
//!
//! let cars = CVec::from([(7_u8, true)]);
//! let bytes = portable::to_bytes(&cars)?;
//! assert_eq!(bytes, [1, 0, 0, 0, 7, 1]);
//! assert_eq!(portable::from_bytes::<CVec<(u8, bool)>>(&bytes)?, cars);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Format
//!
//! | what | how |
//! |---|---|
//! | numbers | little-endian, in their width; `usize` and `isize` as 64 bits, floats by their bits |
//! | `bool` | a byte, 0 or 1 |
//! | `char` | its number as a `u32` |
//! | `Ordering` | as an `i8`: -1, 0 or 1 |
//! | `NonZero` | the number, which is not 0 |
//! | `Duration` | seconds as a `u64`, nanoseconds as a `u32` below 10⁹ |
//! | structs, tuples, arrays | their fields in order; nothing else |
//! | enums, `Option`, `Result`, `Bound` | the position of the variant, counted from 0 and as a byte, or as a `u32` if there are more than 256; then its fields |
//! | `CString` | the number of its bytes as a `u32`; UTF-8 |
//! | `CVec` | the number of its elements as a `u32`; the elements |
//! | `CMap` | the number of its entries as a `u32`; keys and values, in the order of iteration |
//! | `CBox` | the value |
//!
//! Nothing tells types apart: who reads has to know what was written.
//!
//! A value has one form only, and what else might be taken for one is an error. So bytes that can
//! be read are those that the value is written as.
//!
//! # Bytes of strangers
//!
//! Whatever the bytes are, reading them ends in time that is proportional to their number, takes
//! memory that is proportional to it (by a factor that is the size of the types at most), and
//! panics only where a `Hash`, `Eq` or `Compact` written by hand does. For that, a value must
//! keep to limits. Writers check them too, so that nothing is written that cannot be read:
//!
//! - [`LEVELS`]: how deep collections may be nested, so that no stack overflows;
//! - [`EMPTY`]: how many elements may have no bytes, such as those of a `CVec<()>`;
//! - [`COLLISIONS`]: how much the hashes of keys may collide.
//!
//! They are counted by reader and writer: what was written by one writer should be read by one
//! reader.

mod error;
mod limits;
mod raw;
mod reader;
mod writer;

pub(crate) use limits::Limits;

pub use error::{Limit, Problem, ReadError, WriteError};
pub use limits::{COLLISIONS, EMPTY, LEVEL_BYTES, LEVELS};
pub use raw::RawReader;
pub use reader::Reader;
pub use writer::Writer;

use super::Compact;

/// The portable form of a value.
///
/// # Errors
///
/// If the value exceeds a limit, or holds what has no portable form.
pub fn to_bytes<T: Compact>(value: &T) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::new();
    value.write(&mut writer);
    writer.finish()
}

/// The value with this portable form.
///
/// # Errors
///
/// If it is the form of no value of this type.
pub fn from_bytes<T: Compact>(bytes: &[u8]) -> Result<T, ReadError> {
    let mut reader = Reader::new(bytes);
    let value = T::read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Tells the derive macro, which knows nothing but the name of [`Compact`], what the types are
/// that are needed to implement it.
#[doc(hidden)]
pub trait Names {
    type __Writer;
    type __Reader<'a>;
    type __ReadError;
    type __Layouts: ?Sized;
}

impl<T> Names for T {
    type __Writer = Writer;
    type __Reader<'a> = Reader<'a>;
    type __ReadError = ReadError;
    type __Layouts = crate::raw::Layouts;
}
