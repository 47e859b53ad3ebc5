//! Whether bytes are values of a plain type: one part after the other, each in many values at once.

use crate::Compact;
use crate::portable::{Problem, Reader};
use std::mem::ManuallyDrop;

/// The number of the first value that is wrong, and what is.
pub(super) type Wrong = (usize, Problem);

/// Says whether parts are values of their type; if the other argument says so, those whose bytes are all 0 are
/// right, too.
pub(super) type CheckParts = fn(Parts<'_>, bool) -> Result<(), Wrong>;

/// The same part of each of some values, or the same few, which lie side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    /// One behind the other.
    values: &'a [u8],
    /// The size of a value.
    size: usize,
    /// Where in it the first part begins.
    offset: usize,
    /// How many parts there are in each.
    count: usize,
}

/// What has to be right in a value.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// Where it begins.
    pub(super) offset: usize,
    /// The size of a part.
    pub(super) size: usize,
    /// How many parts there are, side by side.
    pub(super) count: usize,
    pub(super) of: CheckOf,
}

#[derive(Clone, Debug)]
pub(super) enum CheckOf {
    Values(CheckParts),
    /// Zeros are right, too.
    Optional(CheckParts),
    Tags(Tags),
}

/// The bytes of the variants of an enum.
#[derive(Clone, Debug)]
pub(super) enum Tags {
    /// Which bytes are those of a variant, if each has one.
    Byte(Box<[bool; 256]>),
    Bytes(Vec<Vec<u8>>),
}

impl Tags {
    pub(super) fn new(tags: &[Vec<u8>]) -> Self {
        if tags.is_empty() || tags.iter().any(|tag| tag.len() != 1) {
            return Tags::Bytes(tags.to_vec());
        }
        let mut is_tag = Box::new([false; 256]);
        for &byte in tags.iter().flatten() {
            is_tag[usize::from(byte)] = true;
        }
        Tags::Byte(is_tag)
    }
}

impl Parts<'_> {
    /// Looks at each part in turn. Where its size is known to the compiler, nothing is left of a reader.
    #[inline(always)]
    fn each(self, size: usize, check: impl Fn(&[u8]) -> Result<(), Problem>) -> Result<(), Wrong> {
        for (number, value) in self.values.chunks_exact(self.size).enumerate() {
            for at in 0..self.count {
                let part = &value[self.offset + at * size..][..size];
                check(part).map_err(|problem| (number, problem))?;
            }
        }
        Ok(())
    }
}

impl Check {
    /// Whether the part is right in all values of a size, which lie one behind the other.
    fn run(&self, values: &[u8], size: usize) -> Result<(), Wrong> {
        let &Check { offset, count, .. } = self;
        let parts = Parts {
            values,
            size,
            offset,
            count,
        };
        let wrong = Err(Problem::Invalid {
            why: "the bytes of an enum are those of no variant",
        });
        match &self.of {
            CheckOf::Values(check) => check(parts, false),
            CheckOf::Optional(check) => check(parts, true),
            CheckOf::Tags(Tags::Bytes(tags)) if tags.is_empty() => {
                parts.each(self.size, |_| Err(Problem::Never))
            }
            CheckOf::Tags(Tags::Bytes(tags)) => parts.each(self.size, |part| {
                let is_tag = tags.iter().any(|tag| tag == part);
                if is_tag { Ok(()) } else { wrong }
            }),
            CheckOf::Tags(Tags::Byte(is_tag)) => parts.each(1, |part| {
                let is_tag = is_tag[usize::from(part[0])];
                if is_tag { Ok(()) } else { wrong }
            }),
        }
    }
}

/// Whether all is right in values of a size, which lie one behind the other. If not, this says the same as if
/// one had been looked at after the other.
pub(super) fn check_all(checks: &[Check], values: &[u8], size: usize) -> Result<(), Wrong> {
    let (mut values, mut all) = (values, Ok(()));
    for check in checks {
        if let Err(wrong) = check.run(values, size) {
            // Only in those before it may another part be wrong that counts more.
            values = &values[..wrong.0 * size];
            all = Err(wrong);
        }
    }
    all
}

/// Says whether values can be read from these parts.
pub(super) fn check_parts<T: Compact>(parts: Parts<'_>, may_be_zero: bool) -> Result<(), Wrong> {
    parts.each(size_of::<T>(), |part| {
        // It owns nothing yet. To ask that for each part would take longer than to read it.
        let mut reader = ManuallyDrop::new(Reader::new(part));
        let is_read = T::read(&mut reader).is_ok() && reader.offset() == part.len();
        if is_read || may_be_zero && part.iter().all(|&byte| byte == 0) {
            return Ok(());
        }
        Err(problem_of::<T>(part))
    })
}

/// What is wrong with a part from which no value can be read.
#[cold]
fn problem_of<T: Compact>(part: &[u8]) -> Problem {
    let mut reader = Reader::new(part);
    match T::read(&mut reader) {
        Ok(_) => Problem::Rest {
            bytes: part.len() - reader.offset(),
        },
        Err(error) => error.problem(),
    }
}
