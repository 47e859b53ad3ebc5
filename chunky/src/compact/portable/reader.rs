//! Where values are read from.

use super::limits::Limits;
use super::raw::Parts;
use super::{Limit, Problem, ReadError};

/// Takes values from bytes, which may be anything.
///
/// After an error, the rest makes no more sense.
#[derive(Debug)]
pub struct Reader<'a> {
    /// What is left, or, of values in raw form, what is left of the part that is read.
    pub(super) bytes: &'a [u8],
    pub(super) offset: usize,
    pub(super) limits: Limits,
    /// How many bytes of memory the collections that are being read have ahead of their elements.
    pub(super) reserved: usize,
    /// Where more bytes come from, if they are those of values in raw form.
    pub(super) parts: Option<Box<Parts<'a>>>,
}

impl<'a> Reader<'a> {
    /// Begins with the first byte.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Reader {
            bytes,
            offset: 0,
            limits: Limits::new(),
            reserved: 0,
            parts: None,
        }
    }

    /// Sees that all was read.
    ///
    /// # Errors
    ///
    /// If bytes are left.
    pub fn finish(self) -> Result<(), ReadError> {
        match self.bytes.len() {
            0 => Ok(()),
            bytes => Err(self.error(Problem::Rest { bytes })),
        }
    }

    /// How many bytes were taken.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Takes some bytes as they are.
    ///
    /// # Errors
    ///
    /// If there are less.
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], ReadError> {
        loop {
            if let Some((taken, rest)) = self.bytes.split_at_checked(count) {
                self.bytes = rest;
                self.offset += count;
                return Ok(taken);
            }
            self.refill()?;
        }
    }

    /// Takes as many bytes as the array has.
    ///
    /// # Errors
    ///
    /// If there are less.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        loop {
            if let Some((taken, rest)) = self.bytes.split_first_chunk() {
                self.bytes = rest;
                self.offset += N;
                return Ok(*taken);
            }
            self.refill()?;
        }
    }

    /// Gets more bytes, if there is more and nothing is left. A number is never in two parts.
    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> Result<(), ReadError> {
        if !self.bytes.is_empty() {
            return Err(self.error(Problem::End));
        }
        match self.next_part() {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.error(Problem::End)),
            Err(problem) => Err(self.error(problem)),
        }
    }

    /// Takes the position of an enum's variant, which is below the number of `variants`.
    ///
    /// # Errors
    ///
    /// If there is no such variant.
    pub fn variant(&mut self, variants: u32) -> Result<u32, ReadError> {
        let from = self.offset;
        let position = if variants <= 256 {
            u32::from(u8::from_le_bytes(self.array()?))
        } else {
            u32::from_le_bytes(self.array()?)
        };
        if position < variants {
            return Ok(position);
        }
        let problem = Problem::Variant { position, variants };
        Err(ReadError::new(from, problem))
    }

    /// An error in the value that begins with the next byte.
    #[must_use]
    pub const fn error(&self, problem: Problem) -> ReadError {
        ReadError::new(self.offset, problem)
    }

    /// What reading an enum without variants ends in.
    #[doc(hidden)]
    #[must_use]
    pub const fn never(&self) -> ReadError {
        self.error(Problem::Never)
    }

    /// Goes down into a collection of elements with that size, to come back by
    /// [`leave`](Reader::leave).
    pub(crate) fn enter(&mut self, size: usize) -> Result<(), ReadError> {
        let entered = self.limits.enter(size);
        self.kept(entered)
    }

    pub(crate) fn leave(&mut self, size: usize) {
        self.limits.leave(size);
    }

    /// Takes the number of elements.
    pub(crate) fn length(&mut self) -> Result<u32, ReadError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// For how many of `length` elements there may be room ahead, until
    /// [`release`](Reader::release). Each length may be a lie, so all that is ahead takes no more
    /// memory than there are bytes.
    pub(crate) fn reserve(&mut self, length: u32, size: usize) -> usize {
        let left = match &self.parts {
            None => self.bytes.len(),
            Some(parts) => parts.left(),
        };
        let free = left.saturating_sub(self.reserved);
        let count = free.checked_div(size).unwrap_or(0).min(length as usize);
        self.reserved += count * size;
        count
    }

    /// The elements are there.
    pub(crate) fn release(&mut self, count: usize, size: usize) {
        self.reserved -= count * size;
    }

    /// Looks at the element that was read from an offset on.
    pub(crate) fn element(&mut self, from: usize) -> Result<(), ReadError> {
        if self.offset > from {
            return Ok(());
        }
        let kept = self.limits.empty();
        self.kept(kept)
    }

    pub(crate) fn limits(&mut self) -> &mut Limits {
        &mut self.limits
    }

    fn kept(&self, limit: Result<(), Limit>) -> Result<(), ReadError> {
        limit.map_err(|limit| self.error(Problem::Limit(limit)))
    }
}
