//! What of a value means nothing.

use super::program::{Program, Step, What};
use std::mem::MaybeUninit;
use std::ops::Range;

/// The bytes of a value that mean nothing, and may not be initialised. In what is kept of it they are 0.
#[derive(Debug)]
pub(crate) struct Blanks {
    /// Those of all values, in pieces of at most [`MOST`].
    holes: Vec<Range<usize>>,
    /// Those of values in which an `Option` is `None`.
    options: Vec<Optional>,
}

/// Where an `Option` is whose bytes mean nothing if it is `None`, but for those that say so.
#[derive(Clone, Debug)]
pub(super) struct Optional {
    pub(super) bytes: Range<usize>,
    /// They are initialised, and 0 if it is `None`, and only then.
    pub(super) niche: Range<usize>,
}

impl Blanks {
    /// Those of the values that are read by a program, which is that of a type of this process.
    pub(super) fn new(program: &Program) -> Self {
        let read = |step: &Step| {
            let (offset, bytes) = match step.what {
                What::Plain(bytes) | What::Optional(bytes) | What::Tags(bytes, _) => (0, bytes),
                What::List { length, .. } => (length, size_of::<u32>()),
                What::Boxed(_) | What::Beside | What::Empty => (0, 0),
            };
            step.offset + offset..step.offset + offset + bytes
        };
        let mut all: Vec<Range<usize>> = program.steps.iter().map(read).collect();
        all.sort_unstable_by_key(|read| read.start);
        let (mut holes, mut at, size) = (Vec::new(), 0, program.size());
        for read in all.into_iter().chain(std::iter::once(size..size)) {
            holes.extend(pieces(at..read.start));
            at = at.max(read.end);
        }
        Blanks {
            holes,
            options: program.options.clone(),
        }
    }

    /// Those of a value of a size that lies behind so many bytes that mean something, and at the beginning of
    /// others.
    pub(crate) fn behind(&self, before: usize, size: usize, all: usize) -> Self {
        let shifted = |bytes: &Range<usize>| bytes.start + before..bytes.end + before;
        let mut holes: Vec<Range<usize>> = self.holes.iter().map(shifted).collect();
        holes.extend(pieces(before + size..all));
        let options = self
            .options
            .iter()
            .map(|Optional { bytes, niche }| Optional {
                bytes: shifted(bytes),
                niche: shifted(niche),
            });
        Blanks {
            holes,
            options: options.collect(),
        }
    }

    /// Whether all bytes of all values mean something.
    pub(super) fn are_none(&self) -> bool {
        self.holes.is_empty() && self.options.is_empty()
    }

    /// Makes them 0 in copies of values of a size, one behind the other: then all bytes of the parts that are
    /// read by value are initialised.
    ///
    /// # Safety
    ///
    /// They are copies of values of the type that these are the blanks of.
    pub(crate) unsafe fn clear(&self, values: &mut [MaybeUninit<u8>], size: usize) {
        for hole in &self.holes {
            // Where the length is known, it is a store or two.
            let start = hole.start;
            match hole.len() {
                1 => clear_in_each::<1>(values, size, start),
                2 => clear_in_each::<2>(values, size, start),
                3 => clear_in_each::<3>(values, size, start),
                4 => clear_in_each::<4>(values, size, start),
                5 => clear_in_each::<5>(values, size, start),
                6 => clear_in_each::<6>(values, size, start),
                7 => clear_in_each::<7>(values, size, start),
                _ => clear_in_each::<MOST>(values, size, start),
            }
        }
        for Optional { bytes, niche } in &self.options {
            for value in values.chunks_exact_mut(size) {
                // SAFETY: the layout of the `Option` vouches for these bytes.
                let niche = unsafe { value[niche.clone()].assume_init_ref() };
                let is_none = match *niche {
                    [a, b, c, d] => u32::from_ne_bytes([a, b, c, d]) == 0,
                    ref niche => niche.iter().all(|&byte| byte == 0),
                };
                if !is_none {
                    continue;
                }
                let bytes = &mut value[bytes.clone()];
                let zeros = [MaybeUninit::new(0); MOST];
                if bytes.len() > 2 * MOST {
                    bytes.fill(MaybeUninit::new(0));
                } else if let Some(first) = bytes.first_chunk_mut() {
                    // As an id of any type, of which there are many. These may overlap.
                    *first = zeros;
                    if let Some(last) = bytes.last_chunk_mut() {
                        *last = zeros;
                    }
                } else {
                    bytes.fill(MaybeUninit::new(0));
                }
            }
        }
    }
}

/// How many bytes are cleared at once.
const MOST: usize = 8;

fn pieces(bytes: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = bytes.end;
    bytes.step_by(MOST).map(move |at| at..end.min(at + MOST))
}

fn clear_in_each<const BYTES: usize>(values: &mut [MaybeUninit<u8>], size: usize, at: usize) {
    for value in values.chunks_exact_mut(size) {
        value[at..at + BYTES].fill(MaybeUninit::new(0));
    }
}
