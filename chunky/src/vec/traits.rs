//! The traits that people expect of a growable array, and [`Compact`].

use super::{CVec, IntoIter};
use crate::compact::portable::{ReadError, Reader, Writer};
use crate::compact::raw::{Layouts, TypeNumber};
use crate::compact::{Compact, hash_length, name_hash, with_argument};
use crate::slots::prefetch_all;
use std::borrow::{Borrow, BorrowMut};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::offset_of;
use std::ops::{Deref, DerefMut};
use std::slice;

impl<T: Compact> Compact for CVec<T> {
    const NAME_HASH: u64 = with_argument(name_hash("chunky::CVec"), T::NAME_HASH);

    fn duplicate(&self) -> Self {
        self.iter().map(Compact::duplicate).collect()
    }

    #[inline]
    fn prefetch(&self) {
        prefetch_all(self);
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        hash_length(self.len(), hasher);
        for value in self {
            value.hash_state(hasher);
        }
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(Compact::described))
            .finish()
    }

    fn write(&self, to: &mut Writer) {
        if to.enter(size_of::<T>()) {
            to.length(self.len());
            for value in self {
                let offset = to.offset();
                value.write(to);
                if !to.element(offset) {
                    break;
                }
            }
            to.leave(size_of::<T>());
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        from.enter(size_of::<T>())?;
        let length = from.length()?;
        let ahead = from.reserve(length, size_of::<T>());
        let mut values = CVec::with_capacity(ahead);
        for _ in 0..length {
            let offset = from.offset();
            // Not with the value in a variable, which would be on the stack for all levels.
            T::read(from).map(|value| values.push(value))?;
            from.element(offset)?;
        }
        from.release(ahead, size_of::<T>());
        from.leave(size_of::<T>());
        Ok(values)
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        let (at, length) = (offset_of!(Self, at), offset_of!(Self, len));
        // SAFETY: that is where the address and the number of the elements are.
        unsafe { to.list::<Self, T>(at, length) }
    }
}

impl<T> Deref for CVec<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> DerefMut for CVec<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        self.as_mut_slice()
    }
}

impl<T> Default for CVec<T> {
    fn default() -> Self {
        CVec::new()
    }
}

impl<T: Clone> Clone for CVec<T> {
    fn clone(&self) -> Self {
        CVec::from(self.as_slice())
    }
}

impl<T: fmt::Debug> fmt::Debug for CVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}

impl<T: Hash> Hash for CVec<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_slice().hash(hasher);
    }
}

impl<T: Eq> Eq for CVec<T> {}

impl<T: PartialOrd> PartialOrd for CVec<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.as_slice().partial_cmp(other.as_slice())
    }
}

impl<T: Ord> Ord for CVec<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

macro_rules! equal {
    ($([$($params:tt)*] $left:ty, $right:ty;)*) => { $(
        impl<T: PartialEq<U>, U, $($params)*> PartialEq<$right> for $left {
            fn eq(&self, other: &$right) -> bool {
                self[..] == other[..]
            }
        }
    )* };
}

equal! {
    [] CVec<T>, CVec<U>;
    [] CVec<T>, [U];
    [] CVec<T>, &[U];
    [] CVec<T>, Vec<U>;
    [] Vec<T>, CVec<U>;
    [] [T], CVec<U>;
    [const N: usize] CVec<T>, [U; N];
    [const N: usize] CVec<T>, &[U; N];
}

impl<T> AsRef<[T]> for CVec<T> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T> AsMut<[T]> for CVec<T> {
    fn as_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T> Borrow<[T]> for CVec<T> {
    fn borrow(&self) -> &[T] {
        self
    }
}

impl<T> BorrowMut<[T]> for CVec<T> {
    fn borrow_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T: Clone> From<&[T]> for CVec<T> {
    fn from(values: &[T]) -> Self {
        let mut vec = CVec::with_capacity(values.len());
        vec.extend_from_slice(values);
        vec
    }
}

impl<T, const N: usize> From<[T; N]> for CVec<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T> From<Vec<T>> for CVec<T> {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T> From<CVec<T>> for Vec<T> {
    fn from(values: CVec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T> FromIterator<T> for CVec<T> {
    // Where it is not compiled with its caller, it knows nothing of the length.
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let values = values.into_iter();
        let mut vec = CVec::with_capacity(values.size_hint().0);
        vec.extend(values);
        vec
    }
}

impl<T> Extend<T> for CVec<T> {
    #[inline]
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let mut values = values.into_iter();
        self.reserve(values.size_hint().0);
        self.fill(&mut values);
        // More than the hint said.
        while let Some(value) = values.next() {
            self.reserve(values.size_hint().0.saturating_add(1));
            self.push(value);
            self.fill(&mut values);
        }
    }
}

impl<'a, T: Copy + 'a> Extend<&'a T> for CVec<T> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, values: I) {
        self.extend(values.into_iter().copied());
    }
}

impl<T> IntoIterator for CVec<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter::new(self)
    }
}

impl<'a, T> IntoIterator for &'a CVec<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> slice::Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut CVec<T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;

    fn into_iter(self) -> slice::IterMut<'a, T> {
        self.iter_mut()
    }
}
