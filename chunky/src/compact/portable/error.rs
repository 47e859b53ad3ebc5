//! Why something cannot be read or written.

use super::{COLLISIONS, EMPTY, LEVELS};
use std::error::Error;
use std::fmt;

/// Why bytes are not the portable form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadError {
    offset: usize,
    problem: Problem,
}

/// What is wrong with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The bytes end within a value.
    End,
    /// There are bytes behind the value.
    Rest {
        /// How many.
        bytes: usize,
    },
    /// A `bool` is neither 0 nor 1.
    Bool,
    /// A number is that of no `char`.
    Char,
    /// An `Ordering` is none of -1, 0 and 1.
    Ordering,
    /// A `NonZero` is 0.
    Zero,
    /// A `usize` or `isize` is too large for this platform.
    Size,
    /// A `Duration` has a whole second of nanoseconds.
    Nanoseconds,
    /// A text is not UTF-8.
    Utf8,
    /// An enum has no such variant.
    Variant {
        /// The variant's position, as it is in the bytes.
        position: u32,
        /// How many variants there are.
        variants: u32,
    },
    /// The type is an enum without variants, which has no values.
    Never,
    /// A map has a key twice.
    KeyTwice,
    /// A limit is exceeded.
    Limit(Limit),
    /// A type has no such value.
    Invalid {
        /// What is wrong, as a sentence would say it.
        why: &'static str,
    },
}

/// Why a value cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// A limit is exceeded.
    Limit(Limit),
    /// A map has a key twice, because keys have changed while they were in it.
    KeyTwice,
    /// A value has no portable form.
    Invalid {
        /// What is wrong, as a sentence would say it.
        why: &'static str,
    },
}

/// What there is too much of, in a value that is written or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Collections are nested too deeply; see [`LEVELS`].
    Levels,
    /// Too many elements take no bytes; see [`EMPTY`].
    Empty,
    /// The keys of a map collide too often; see [`COLLISIONS`].
    Collisions,
}

impl ReadError {
    /// An error in the value that begins at `offset`.
    #[must_use]
    pub const fn new(offset: usize, problem: Problem) -> Self {
        ReadError { offset, problem }
    }

    /// Where the value begins that is wrong, counted from the first byte.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> Problem {
        self.problem
    }
}

impl Error for ReadError {}
impl Error for WriteError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Problem::End => "the bytes end within a value",
            Problem::Rest { bytes } => return write!(f, "{bytes} bytes are left over"),
            Problem::Bool => "a `bool` is neither 0 nor 1",
            Problem::Char => "a number is that of no `char`",
            Problem::Ordering => "an `Ordering` is none of -1, 0 and 1",
            Problem::Zero => "a number that cannot be 0 is 0",
            Problem::Size => "a size is too large for this platform",
            Problem::Nanoseconds => "a `Duration` has a whole second of nanoseconds",
            Problem::Utf8 => "a text is not UTF-8",
            Problem::Variant { position, variants } => {
                return write!(f, "there is no variant {position} among {variants}");
            }
            Problem::Never => "there is no value of an enum without variants",
            Problem::KeyTwice => KEY_TWICE,
            Problem::Limit(limit) => return limit.fmt(f),
            Problem::Invalid { why } => why,
        })
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            WriteError::Limit(limit) => limit.fmt(f),
            WriteError::KeyTwice => f.write_str(KEY_TWICE),
            WriteError::Invalid { why } => f.write_str(why),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Levels => write!(f, "collections are nested more than {LEVELS} levels deep"),
            Limit::Empty => write!(f, "more than {EMPTY} elements take no bytes"),
            Limit::Collisions => write!(
                f,
                "the keys of maps collide {COLLISIONS} times more than usual"
            ),
        }
    }
}

const KEY_TWICE: &str = "a map has a key twice";
