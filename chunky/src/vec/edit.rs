//! What can be done to a [`CVec`] in terms of appending, swapping, popping and truncating: no unsafe
//! code, and nothing that a panic could leave invalid.

use super::{CVec, Drain};
use std::ops::{Bound, RangeBounds};

impl<T> CVec<T> {
    /// Puts an element at `index` and shifts all later ones by one. O(length).
    ///
    /// # Panics
    ///
    /// If `index` exceeds the length, or as [`push`](CVec::push) does.
    pub fn insert(&mut self, index: usize, value: T) {
        let len = self.len();
        assert!(index <= len, "cannot insert at {index} into {len} elements");
        self.push(value);
        self[index..].rotate_right(1);
    }

    /// Removes the element at `index`, shifts all later ones by one, and returns it. O(length).
    ///
    /// # Panics
    ///
    /// If there is no element at `index`.
    pub fn remove(&mut self, index: usize) -> T {
        let len = self.len();
        assert!(index < len, "cannot remove at {index} of {len} elements");
        self[index..].rotate_left(1);
        self.pop().expect("it was just found not to be empty")
    }

    /// Removes the element at `index`, puts the last one in its place, and returns it. O(1).
    ///
    /// # Panics
    ///
    /// If there is no element at `index`.
    pub fn swap_remove(&mut self, index: usize) -> T {
        let len = self.len();
        assert!(index < len, "cannot remove at {index} of {len} elements");
        self.swap(index, len - 1);
        self.pop().expect("it was just found not to be empty")
    }

    /// Keeps the elements for which `keep` is true, in their order.
    ///
    /// If `keep` panics, no element is lost, but their order is unspecified.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_mut(|value| keep(value));
    }

    /// Keeps the elements for which `keep` is true, in their order; `keep` may change them.
    ///
    /// If `keep` panics, no element is lost, but their order is unspecified.
    pub fn retain_mut(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for at in 0..self.len() {
            if keep(&mut self[at]) {
                self.swap(kept, at);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Of each run of elements that `same` finds equal keeps the first. `same` gets an element
    /// and the last one that was kept.
    ///
    /// If `same` panics, no element is lost, but their order is unspecified.
    pub fn dedup_by(&mut self, mut same: impl FnMut(&mut T, &mut T) -> bool) {
        if self.is_empty() {
            return;
        }
        let mut kept = 1;
        for at in 1..self.len() {
            let (before, after) = self.split_at_mut(at);
            if !same(&mut after[0], &mut before[kept - 1]) {
                self.swap(kept, at);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Of each run of elements with equal keys keeps the first.
    pub fn dedup_by_key<K: PartialEq>(&mut self, mut key: impl FnMut(&mut T) -> K) {
        self.dedup_by(|a, b| key(a) == key(b));
    }

    /// Of each run of equal elements keeps the first.
    pub fn dedup(&mut self)
    where
        T: PartialEq,
    {
        self.dedup_by(|a, b| a == b);
    }

    /// Removes a range of elements and returns them in order.
    ///
    /// Those not taken are dropped with the iterator. If the iterator is leaked instead, they
    /// stay, and the order of the elements from the start of the range on is unspecified.
    ///
    /// # Panics
    ///
    /// If the range ends before it starts or beyond the length.
    pub fn drain(&mut self, range: impl RangeBounds<usize>) -> Drain<'_, T> {
        let from = (range.start_bound().cloned(), range.end_bound().cloned());
        let start = match from.0 {
            Bound::Included(start) => start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match from.1 {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => end,
            Bound::Unbounded => self.len(),
        };
        let count = self[start..end].len();
        Drain::new(self, start, count)
    }

    /// Moves the elements from `index` on into an array of their own.
    ///
    /// # Panics
    ///
    /// If `index` exceeds the length.
    #[must_use = "to drop the elements, use `truncate`"]
    pub fn split_off(&mut self, index: usize) -> Self {
        self.drain(index..).collect()
    }

    /// Moves all elements of `other` to the end.
    ///
    /// # Panics
    ///
    /// As [`reserve`](CVec::reserve) does.
    pub fn append(&mut self, other: &mut Self) {
        self.extend(other.drain(..));
    }

    /// Appends clones of all elements of a slice.
    ///
    /// # Panics
    ///
    /// As [`reserve`](CVec::reserve) does.
    pub fn extend_from_slice(&mut self, values: &[T])
    where
        T: Clone,
    {
        self.reserve(values.len());
        self.fill(&mut values.iter().cloned());
    }

    /// Drops elements or appends clones of `value`, until there are `len`.
    ///
    /// # Panics
    ///
    /// As [`reserve`](CVec::reserve) does.
    pub fn resize(&mut self, len: usize, value: T)
    where
        T: Clone,
    {
        if len > self.len() {
            self.extend(std::iter::repeat_n(value, len - self.len()));
        } else {
            self.truncate(len);
        }
    }

    /// Drops elements or appends what `make` returns, until there are `len`.
    ///
    /// # Panics
    ///
    /// As [`reserve`](CVec::reserve) does.
    pub fn resize_with(&mut self, len: usize, make: impl FnMut() -> T) {
        if len > self.len() {
            let additional = len - self.len();
            self.extend(std::iter::repeat_with(make).take(additional));
        } else {
            self.truncate(len);
        }
    }
}
