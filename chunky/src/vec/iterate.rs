//! Iterators that take elements out of a [`CVec`].

use super::CVec;
use std::fmt;
use std::iter::FusedIterator;

/// The elements of a [`CVec`] by value; made by `into_iter`.
pub struct IntoIter<T> {
    /// Its slots from `start` to its length hold the elements that were not yet taken, and it is
    /// used for nothing that would reach those before.
    vec: CVec<T>,
    start: u32,
}

impl<T> IntoIter<T> {
    pub(super) fn new(vec: CVec<T>) -> Self {
        IntoIter { vec, start: 0 }
    }

    /// The elements that were not yet taken.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        let (start, vec) = (self.start as usize, &self.vec);
        // SAFETY: `start` never exceeds the length of `vec`, which never exceeds its slots.
        let first = unsafe { vec.at.add(start) };
        // SAFETY: from `start` to the length, the slots hold values (field invariant).
        unsafe { std::slice::from_raw_parts(first.as_ptr(), vec.len() - start) }
    }
}

// `CVec::parts` and the length are all that is used of `vec`: its slices would cover slots whose
// values are gone.
impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let (len, slots) = self.vec.parts();
        if self.start == *len {
            return None;
        }
        let slot = &slots[self.start as usize];
        self.start += 1;
        // SAFETY: the slot lay between `start` and the length, so it holds a value; it no longer
        // does, so the value is not read again.
        Some(unsafe { slot.assume_init_read() })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.vec.len() - self.start as usize;
        (count, Some(count))
    }
}

impl<T> DoubleEndedIterator for IntoIter<T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        let (len, slots) = self.vec.parts();
        if self.start == *len {
            return None;
        }
        *len -= 1;
        let slot = &slots[*len as usize];
        // SAFETY: the slot lay between `start` and the length, so it holds a value; it no longer
        // does, so the value is not read again.
        Some(unsafe { slot.assume_init_read() })
    }
}

impl<T> ExactSizeIterator for IntoIter<T> {}
impl<T> FusedIterator for IntoIter<T> {}

impl<T> Drop for IntoIter<T> {
    fn drop(&mut self) {
        let (len, slots) = self.vec.parts();
        let rest = self.start as usize..*len as usize;
        // From here on, nothing else reaches these elements, even if a drop panics.
        *len = 0;
        let rest = &raw mut slots[rest] as *mut [T];
        // SAFETY: these slots hold values (field invariant), which nothing else reaches.
        unsafe { rest.drop_in_place() }
    }
}

impl<T: fmt::Debug> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.as_slice()).finish()
    }
}

/// A range of elements that leave a [`CVec`]; made by [`CVec::drain`].
pub struct Drain<'a, T> {
    /// The elements that stay, then those to be yielded, last one first.
    vec: &'a mut CVec<T>,
    stay: usize,
}

impl<'a, T> Drain<'a, T> {
    pub(super) fn new(vec: &'a mut CVec<T>, start: usize, count: usize) -> Self {
        let stay = vec.len() - count;
        vec[start..].rotate_left(count);
        vec[stay..].reverse();
        Drain { vec, stay }
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.vec.len() > self.stay {
            self.vec.pop()
        } else {
            None
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.vec.len() - self.stay;
        (count, Some(count))
    }
}

impl<T> ExactSizeIterator for Drain<'_, T> {}
impl<T> FusedIterator for Drain<'_, T> {}

impl<T> Drop for Drain<'_, T> {
    fn drop(&mut self) {
        self.vec.truncate(self.stay);
    }
}

impl<T: fmt::Debug> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.vec[self.stay..].iter().rev())
            .finish()
    }
}
