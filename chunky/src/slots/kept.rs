//! Vectors and slot maps, copied as they lie in memory, and made again of what was copied.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::chunked::ChunkedVec;
use super::error::AdoptError;
use super::map::SlotMap;
use super::page::SlotPage;
use crate::portable::{Problem, WriteError};
use crate::raw::{Layout, LayoutError, Layouts, Program, RawForm, RawReader, TypeNumber};
use crate::{Compact, Region, Storage};

/// How many values tell how much is beside all of them.
const SAMPLE: usize = 128;

/// What a vector was copied as.
#[derive(Debug)]
pub struct Kept<'a> {
    /// How many values there are.
    pub len: usize,
    /// Their blocks, or, if there is not even a whole one, the values.
    pub values: Region,
    /// What is beside them.
    pub beside: &'a [u8],
    /// How they lie there.
    pub layouts: &'a [Layout],
    /// The number of their type among these layouts.
    pub number: TypeNumber,
}

/// Why a vector or a map cannot be made again of what it was copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreError {
    /// The layout of its type makes no sense.
    Layout(LayoutError),
    /// There are not as many bytes as the values need.
    Size {
        /// How many values there should be.
        values: usize,
        /// How many bytes there are.
        bytes: usize,
    },
    /// Something is wrong with a value.
    Value {
        /// Its position.
        position: usize,
        /// What.
        problem: Problem,
    },
    /// There is more beside the values than they read.
    Rest,
    /// Values and slots do not fit together.
    Adopt(AdoptError),
}

impl Error for RestoreError {}

impl fmt::Display for RestoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RestoreError::Layout(error) => error.fmt(f),
            RestoreError::Size { values, bytes } => {
                write!(f, "{bytes} bytes are not those of {values} values")
            }
            RestoreError::Value { position, problem } => {
                write!(f, "the value at position {position} is wrong: {problem}")
            }
            RestoreError::Rest => f.write_str("something is beside the values that is of none"),
            RestoreError::Adopt(error) => error.fmt(f),
        }
    }
}

impl From<AdoptError> for RestoreError {
    fn from(error: AdoptError) -> Self {
        RestoreError::Adopt(error)
    }
}

impl<T: Compact> ChunkedVec<T> {
    /// For values that take at least a block, the bytes of all blocks; otherwise those of the values.
    #[must_use]
    pub const fn kept_bytes(len: usize) -> usize {
        if len < Self::PER_BLOCK {
            len * size_of::<T>()
        } else {
            len.div_ceil(Self::PER_BLOCK) * Self::BLOCK_BYTES
        }
    }

    /// Appends all values as they lie, block by block, and what is beside them. Behind the last one, nothing is
    /// appended: what it takes up to [`ChunkedVec::kept_bytes`] is of no consequence.
    ///
    /// # Errors
    ///
    /// Those of [`RawForm::copy`].
    pub fn copy(
        &mut self,
        form: &RawForm<T>,
        to: &mut Vec<u8>,
        beside: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let mut position = 0;
        to.reserve(Self::kept_bytes(self.len()));
        while position < self.len() {
            let block = self.slice_from(position);
            form.copy(block, to, beside)?;
            position += block.len();
        }
        Ok(())
    }

    /// About how many bytes [`ChunkedVec::copy`] will append to what is beside, going by some values. None if that
    /// cannot be said.
    fn beside_bytes(&mut self, form: &RawForm<T>) -> Option<usize> {
        let len = self.len();
        let first = self.slice_from(0);
        form.beside_bytes(&first[..first.len().min(SAMPLE)], len)
    }

    /// Whether so many values, copied as so many bytes, stay where they are when a vector is made of them: they are
    /// plain, lie as they do here, and are all there. It says nothing about what they are.
    #[must_use]
    pub fn stays(
        form: &RawForm<T>,
        layouts: &[Layout],
        number: TypeNumber,
        len: usize,
        bytes: usize,
    ) -> bool {
        let program = Program::recorded(layouts, number);
        let are_there = len
            .checked_mul(size_of::<T>())
            .is_some_and(|all| all <= bytes);
        are_there && program.is_ok_and(|program| Self::is_in_place(form, &program, len))
    }

    fn is_in_place(form: &RawForm<T>, program: &Program, len: usize) -> bool {
        form.is_plain() && form.program().lies_as(program) && len >= Self::PER_BLOCK
    }

    /// A vector of what one was copied as, which may be anything. Values that are plain and lie as they do here
    /// stay where they are, if there is a whole block of them; others are read one by one, and take their dynamic
    /// parts from the current [`Arena`](crate::Arena).
    ///
    /// # Errors
    ///
    /// If it is not that of a vector of such values.
    pub fn restore(
        form: &RawForm<T>,
        kept: Kept<'_>,
        storage: Arc<dyn Storage>,
    ) -> Result<Self, RestoreError> {
        let (len, bytes) = (kept.len, kept.values.len());
        let size = RestoreError::Size { values: len, bytes };
        let program = Program::recorded(kept.layouts, kept.number).map_err(RestoreError::Layout)?;
        if !Self::is_in_place(form, &program, len) {
            return Self::read(kept, program.size(), storage);
        }
        if !kept.beside.is_empty() {
            return Err(RestoreError::Rest);
        }
        let values = len.checked_mul(size_of::<T>());
        let values = values.and_then(|bytes| kept.values.get(..bytes));
        let checked = form.check(values.ok_or(size)?);
        checked.map_err(|(position, problem)| RestoreError::Value { position, problem })?;
        let (memory, keeper) = kept.values.into_raw();
        // SAFETY: the region was the only way to this memory, which is valid as long as its keeper exists. All
        // values are there, lie as those of this type do, and have just been found to be right.
        let adopted = unsafe { ChunkedVec::adopt(memory, len, keeper, storage) };
        adopted.map_err(RestoreError::Adopt)
    }

    /// Reads values of a size one by one. They lie one behind the other, since blocks have nothing between them.
    fn read(kept: Kept<'_>, size: usize, storage: Arc<dyn Storage>) -> Result<Self, RestoreError> {
        let bytes = kept.values.len();
        let wrong = RestoreError::Size {
            values: kept.len,
            bytes,
        };
        let reader = RawReader::new(kept.layouts, kept.number, kept.beside);
        let mut reader = reader.map_err(RestoreError::Layout)?;
        if size == 0 || kept.len > bytes / size {
            return Err(wrong);
        }
        let mut values = ChunkedVec::new(storage);
        for (position, value) in kept.values.chunks_exact(size).take(kept.len).enumerate() {
            let value = reader.read(value).map_err(|error| RestoreError::Value {
                position,
                problem: error.problem(),
            })?;
            values.push(value);
        }
        match reader.finish() {
            Ok(()) => Ok(values),
            Err(_) => Err(RestoreError::Rest),
        }
    }
}

/// The forms of what a slot map consists of beside its values.
#[derive(Debug)]
pub struct MapForms {
    /// That of the slots of values.
    pub slots: RawForm<u32>,
    /// That of the pages of slots.
    pub pages: RawForm<SlotPage>,
}

impl MapForms {
    /// These forms, whose layouts are added if they are not there.
    pub fn new(layouts: &mut Layouts) -> Self {
        MapForms {
            slots: RawForm::new(layouts),
            pages: RawForm::new(layouts),
        }
    }
}

/// What a slot map is copied as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapCopy {
    /// The values, and what is beside them.
    pub values: Vec<u8>,
    /// What is beside the values.
    pub beside: Vec<u8>,
    /// The slot of the value at each position.
    pub slots: Vec<u8>,
    /// The pages of slots that have been used, in the order of their numbers.
    pub pages: Vec<u8>,
    /// The number of each page.
    pub page_numbers: Vec<u32>,
}

impl<T: Compact> SlotMap<T> {
    /// About how many bytes a [copy](SlotMap::copy) will have beside the values, going by some of them. None if that
    /// cannot be said.
    pub fn beside_bytes(&mut self, form: &RawForm<T>) -> Option<usize> {
        let (_, values, _) = self.parts_mut();
        values.beside_bytes(form)
    }

    /// Copies the map as it lies: [`ChunkedVec::restore`] makes its parts of that again, and
    /// [`SlotMap::adopt`] the map.
    ///
    /// # Errors
    ///
    /// Those of [`RawForm::copy`].
    pub fn copy(
        &mut self,
        form: &RawForm<T>,
        forms: &MapForms,
        to: &mut MapCopy,
    ) -> Result<(), WriteError> {
        let (table, values, slots) = self.parts_mut();
        values.copy(form, &mut to.values, &mut to.beside)?;
        let nothing = &mut Vec::new();
        slots.copy(&forms.slots, &mut to.slots, nothing)?;
        for (number, page) in table.used_pages() {
            to.page_numbers.push(number);
            let page = std::slice::from_ref(page);
            forms.pages.copy(page, &mut to.pages, nothing)?;
        }
        Ok(())
    }
}
