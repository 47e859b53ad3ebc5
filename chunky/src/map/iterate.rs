//! Iterators over the entries of a [`CMap`](super::CMap), in their order.

use crate::vec;
use std::fmt;
use std::iter::FusedIterator;
use std::slice;

macro_rules! iterator {
    (
        $(#[$doc:meta])* $name:ident<$($lifetime:lifetime)?> over $inner:ty,
        |$entry:pat_param| $item:expr => $output:ty
    ) => {
        $(#[$doc])*
        pub struct $name<$($lifetime,)? K, V>(pub(super) $inner);

        impl<$($lifetime,)? K, V> Iterator for $name<$($lifetime,)? K, V> {
            type Item = $output;

            #[inline]
            fn next(&mut self) -> Option<$output> {
                self.0.next().map(|$entry| $item)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<$($lifetime,)? K, V> DoubleEndedIterator for $name<$($lifetime,)? K, V> {
            #[inline]
            fn next_back(&mut self) -> Option<$output> {
                self.0.next_back().map(|$entry| $item)
            }
        }

        impl<$($lifetime,)? K, V> ExactSizeIterator for $name<$($lifetime,)? K, V> {}
        impl<$($lifetime,)? K, V> FusedIterator for $name<$($lifetime,)? K, V> {}

        impl<$($lifetime,)? K: fmt::Debug, V: fmt::Debug> fmt::Debug for $name<$($lifetime,)? K, V> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.as_slice()).finish()
            }
        }
    };
}

iterator! {
    /// The keys and values; made by `iter`.
    Iter<'a> over slice::Iter<'a, (K, V)>, |(key, value)| (key, value) => (&'a K, &'a V)
}

iterator! {
    /// The keys and the values, to change; made by `iter_mut`.
    IterMut<'a> over slice::IterMut<'a, (K, V)>, |(key, value)| (&*key, value) => (&'a K, &'a mut V)
}

iterator! {
    /// The keys and values themselves; made by `into_iter`.
    IntoIter<> over vec::IntoIter<(K, V)>, |entry| entry => (K, V)
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Iter(self.0.clone())
    }
}
