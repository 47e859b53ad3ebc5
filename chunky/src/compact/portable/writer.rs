//! Where values are written to.

use super::limits::Limits;
use super::{Limit, WriteError};

/// Collects the portable form of values, and sees that it can be read.
///
/// What is wrong is said once, by [`finish`](Writer::finish). From then on nothing more is written.
#[derive(Debug)]
pub struct Writer {
    bytes: Vec<u8>,
    limits: Limits,
    error: Option<WriteError>,
}

impl Writer {
    /// Begins with no bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self::appending(Vec::new())
    }

    /// Begins behind bytes that are there already.
    #[must_use]
    pub const fn appending(bytes: Vec<u8>) -> Self {
        Writer {
            bytes,
            limits: Limits::new(),
            error: None,
        }
    }

    /// The bytes, with those that were there before.
    ///
    /// # Errors
    ///
    /// The first reason for which a value could not be written.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        match self.error {
            None => Ok(self.bytes),
            Some(error) => Err(error),
        }
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Appends the position of an enum's variant.
    pub fn variant(&mut self, position: u32, variants: u32) {
        let bytes = position.to_le_bytes();
        self.bytes(if variants <= 256 { &bytes[..1] } else { &bytes });
    }

    /// Gives up, because a value has no portable form.
    pub fn refuse(&mut self, why: &'static str) {
        self.fail(WriteError::Invalid { why });
    }

    /// Goes down into a collection of elements with that size, to come back by
    /// [`leave`](Writer::leave); says whether that may be done.
    pub(crate) fn enter(&mut self, size: usize) -> bool {
        let entered = self.limits.enter(size);
        self.has_kept(entered)
    }

    pub(crate) fn leave(&mut self, size: usize) {
        self.limits.leave(size);
    }

    /// Appends the number of elements.
    pub(crate) fn length(&mut self, length: usize) {
        // Collections hold no more.
        self.bytes(&(length as u32).to_le_bytes());
    }

    /// How many bytes there are.
    pub(crate) fn offset(&self) -> usize {
        self.bytes.len()
    }

    /// Looks at the element that was written from an offset on; says whether to go on.
    pub(crate) fn element(&mut self, from: usize) -> bool {
        let kept = if self.bytes.len() == from && self.error.is_none() {
            self.limits.empty()
        } else {
            Ok(())
        };
        self.has_kept(kept)
    }

    pub(crate) fn limits(&mut self) -> &mut Limits {
        &mut self.limits
    }

    pub(crate) fn fail(&mut self, error: WriteError) {
        self.error.get_or_insert(error);
    }

    fn has_kept(&mut self, limit: Result<(), Limit>) -> bool {
        if let Err(limit) = limit {
            self.fail(WriteError::Limit(limit));
        }
        self.error.is_none()
    }
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}
