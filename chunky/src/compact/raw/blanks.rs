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
        for option in &self.options {
            let (bytes, niche) = (option.bytes.len(), option.niche.len());
            if niche == NICHE_OF_IDS && (MOST..=2 * MOST).contains(&bytes) {
                // SAFETY: as the caller vouches.
                unsafe { clear_ids_that_are_none(values, size, option) };
                continue;
            }
            for value in values.chunks_exact_mut(size) {
                // SAFETY: the layout of the `Option` vouches for these bytes.
                let niche = unsafe { value[option.niche.clone()].assume_init_ref() };
                if niche.iter().all(|&byte| byte == 0) {
                    value[option.bytes.clone()].fill(MaybeUninit::new(0));
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

/// Where the values of a size are that lie one behind the other.
#[inline(always)]
fn starts(values: &mut [MaybeUninit<u8>], size: usize) -> impl Iterator<Item = *mut u8> {
    let (first, count) = (values.as_mut_ptr().cast::<u8>(), values.len() / size);
    (0..count).map(move |number| first.wrapping_add(number * size))
}

fn clear_in_each<const BYTES: usize>(values: &mut [MaybeUninit<u8>], size: usize, at: usize) {
    assert!(at + BYTES <= size, "a hole lies within its value");
    for value in starts(values, size) {
        let hole = value.wrapping_add(at).cast::<[u8; BYTES]>();
        // SAFETY: so many bytes of a value are there, as just checked, which are borrowed mutably. They need no
        // alignment.
        unsafe { hole.write([0; BYTES]) };
    }
}

/// How many bytes say that an `Option` of an id is `None`.
const NICHE_OF_IDS: usize = 4;

/// Clears `Option`s of ids, of whatever type, of which there are many.
///
/// # Safety
///
/// They are copies of values of a type that has such an option.
unsafe fn clear_ids_that_are_none(
    values: &mut [MaybeUninit<u8>],
    size: usize,
    Optional { bytes, niche }: &Optional,
) {
    let (first, last) = (bytes.start, bytes.end - MOST);
    assert!(
        bytes.end <= size && niche.start + NICHE_OF_IDS <= size,
        "an option lies within its value"
    );
    for value in starts(values, size) {
        let niche = value.wrapping_add(niche.start).cast::<[u8; NICHE_OF_IDS]>();
        // SAFETY: so many bytes of a value are there, as just checked, which are initialised: the layout of the
        // option vouches for that.
        if u32::from_ne_bytes(unsafe { niche.read() }) != 0 {
            continue;
        }
        // These may overlap.
        for at in [first, last] {
            let part = value.wrapping_add(at).cast::<[u8; MOST]>();
            // SAFETY: so many bytes of a value are there, as just checked, which are borrowed mutably.
            unsafe { part.write([0; MOST]) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    /// Values of a size of which these are the holes and the options, cleared at once and byte by byte.
    fn check(size: usize, holes: &[Range<usize>], options: &[Optional]) {
        let blanks = Blanks {
            holes: holes.iter().cloned().flat_map(pieces).collect(),
            options: options.to_vec(),
        };
        for count in [0, 1, 2, 7] {
            // One option in three says that it is `None`.
            let mut values: Vec<u8> = (0..size * count).map(|at| 1 + (at % 251) as u8).collect();
            for (number, value) in values.chunks_mut(size).enumerate() {
                for (at, option) in options.iter().enumerate() {
                    value[option.niche.clone()].fill(0);
                    if (number + at) % 3 != 0 {
                        // The one byte that is not 0 is any of them.
                        value[option.niche.start + number % option.niche.len()] = 1;
                    }
                }
            }
            let mut expected = values.clone();
            for value in expected.chunks_mut(size) {
                for option in options {
                    if value[option.niche.clone()].iter().all(|&byte| byte == 0) {
                        value[option.bytes.clone()].fill(0);
                    }
                }
                for hole in holes {
                    value[hole.clone()].fill(0);
                }
            }
            let mut cleared: Vec<_> = values.iter().map(|&byte| MaybeUninit::new(byte)).collect();
            // SAFETY: all bytes are initialised, whatever they are.
            unsafe { blanks.clear(&mut cleared, size) };
            // SAFETY: they were all initialised, and nothing else has been written.
            let cleared = cleared.iter().map(|byte| unsafe { byte.assume_init() });
            let cleared: Vec<u8> = cleared.collect();
            assert_eq!(
                cleared, expected,
                "{count} of {size}: {holes:?}, {options:?}"
            );
        }
    }

    #[test]
    fn what_means_nothing_is_cleared_and_nothing_else() {
        for bytes in 1..=20 {
            let hole = 3..3 + bytes;
            for behind in [0, 1, 9] {
                check(3 + bytes + behind, from_ref(&hole), &[]);
            }
            for niche in 1..=bytes.min(9) {
                for at in [0, bytes - niche] {
                    let option = Optional {
                        bytes: 3..3 + bytes,
                        niche: 3 + at..3 + at + niche,
                    };
                    let other = Optional {
                        bytes: 40..52,
                        niche: 44..48,
                    };
                    check(3 + bytes, &[0..1, 1..2], from_ref(&option));
                    check(60, &[25..40, 52..60], &[other, option]);
                }
            }
        }
    }
}
