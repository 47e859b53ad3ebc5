//! What is recorded of a type.

use crate::{CString, CVec, Compact};

/// The number of a type among those whose layouts are kept together.
pub type TypeNumber = u32;

/// How values of a type lie in memory.
#[derive(Compact, Clone, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub struct Layout {
    /// The path of the type, without its arguments.
    pub name: CString,
    /// The size of a value in bytes.
    pub size: u32,
    /// What addresses of values are a multiple of.
    pub align: u32,
    /// What a value consists of.
    pub form: Form,
}

/// What a value consists of.
#[derive(Compact, Clone, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub enum Form {
    /// All its bytes, which are those of its portable form.
    Plain,
    /// Nothing, if all bytes are 0, or else a value of this type.
    Optional(TypeNumber),
    /// One of some variants that hold nothing.
    Tags(CVec<Tag>),
    /// Fields, in the order of the source.
    Fields(CVec<Field>),
    /// Values of one type, side by side.
    Array(TypeNumber, u32),
    /// A `CVec`. What is in it is kept beside the value.
    List {
        /// The type of its elements.
        of: TypeNumber,
        /// Where in it their address was, which means nothing elsewhere.
        at: u32,
        /// Where in it their number is, a `u32`.
        length: u32,
    },
    /// A `CBox`; likewise.
    Boxed(TypeNumber),
    /// One of these variants, kept in portable form beside the value.
    Beside(CVec<Variant>),
    /// Kept in portable form beside the value; how, only the type itself knows.
    Opaque,
    /// Not kept: a value that is read is empty.
    Empty,
}

/// A part of a value with a name of its own.
#[derive(Compact, Clone, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub struct Field {
    /// Its name, or its number in a tuple.
    pub name: CString,
    /// Where it is, in bytes from the beginning of the value; 0 for what is beside it.
    pub offset: u32,
    /// Its type.
    pub of: TypeNumber,
}

/// A variant that holds nothing.
#[derive(Compact, Clone, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub struct Tag {
    /// Its name.
    pub name: CString,
    /// The bytes of the value.
    pub bytes: CVec<u8>,
}

/// A variant.
#[derive(Compact, Clone, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub struct Variant {
    /// Its name.
    pub name: CString,
    /// What it holds.
    pub fields: CVec<Field>,
}
