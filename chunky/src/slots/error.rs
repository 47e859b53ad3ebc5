//! Why what was saved is no slot map.

use std::error::Error;
use std::fmt;

/// Why parts cannot be [adopted](crate::SlotMap::adopt).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdoptError {
    /// Memory is not aligned as blocks are.
    Alignment {
        /// What its address should be a multiple of.
        align: usize,
    },
    /// Memory is not as long as the blocks of so many values.
    Size {
        /// How many values there should be.
        values: usize,
        /// How long it is.
        bytes: usize,
    },
    /// There are not as many slots as values.
    Slots {
        /// How many values there are.
        values: usize,
        /// How many slots.
        slots: usize,
    },
    /// There are more values than can have slots.
    TooMany {
        /// How many values there are.
        values: usize,
    },
    /// There are not as many page numbers as pages.
    Pages {
        /// How many pages there are.
        pages: usize,
        /// How many numbers.
        numbers: usize,
    },
    /// A page number is not above the one before.
    Order {
        /// The number.
        number: u32,
    },
    /// A page number is too high.
    Number {
        /// The number.
        number: u32,
        /// What it should be below.
        limit: u32,
    },
    /// A slot leads to a position that does not lead back.
    Slot {
        /// The slot's number.
        slot: u32,
        /// The position, at which there is no value or that of another slot.
        position: u32,
    },
    /// A slot has a value, although it has been used up.
    Generation {
        /// The slot's number.
        slot: u32,
    },
    /// A position leads to a slot that does not lead back.
    Position {
        /// The position.
        position: usize,
        /// The number of the slot, which has no value or another one.
        slot: u32,
    },
}

impl Error for AdoptError {}

impl fmt::Display for AdoptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            AdoptError::Alignment { align } => {
                write!(f, "memory does not begin at a multiple of {align}")
            }
            AdoptError::Size { values, bytes } => {
                write!(f, "{bytes} bytes are not the blocks of {values} values")
            }
            AdoptError::Slots { values, slots } => {
                write!(f, "there are {values} values, but {slots} slots")
            }
            AdoptError::TooMany { values } => {
                write!(f, "{values} values are more than can have slots")
            }
            AdoptError::Pages { pages, numbers } => {
                write!(f, "there are {pages} pages, but {numbers} page numbers")
            }
            AdoptError::Order { number } => {
                write!(f, "page number {number} is not above the one before")
            }
            AdoptError::Number { number, limit } => {
                write!(f, "page number {number} is not below {limit}")
            }
            AdoptError::Slot { slot, position } => write!(
                f,
                "slot {slot} leads to position {position}, which does not lead back"
            ),
            AdoptError::Generation { slot } => {
                write!(f, "slot {slot} has a value, but is used up")
            }
            AdoptError::Position { position, slot } => write!(
                f,
                "position {position} leads to slot {slot}, which does not lead back"
            ),
        }
    }
}
