//! The growable array.

mod edit;
mod iterate;
mod traits;

pub use iterate::{Drain, IntoIter};

use crate::arena::{self, Block, BlockGuard};
use std::alloc::Layout;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

/// A growable array like [`Vec`], whose storage comes from the current [`Arena`](crate::Arena).
///
/// It takes 16 bytes (a pointer, a length and a capacity of 32 bits each), and no storage while
/// it is empty. Its storage is whatever size class fits, so the capacity may exceed what was
/// asked for.
///
/// A `CVec` may go anywhere: into a message, to another thread, into a `static`. It stays valid
/// when the arena that it came from is dropped, and may be changed and dropped on any thread.
///
/// A panic in an element's `drop` or `clone`, or in a closure, leaves a valid `CVec`.
///
/// ```
/// use chunky::CVec;
///
/// let mut cars = CVec::from([3, 1, 2]);
/// cars.push(0);
/// cars.sort();
/// cars.retain(|car| car % 2 == 0);
/// assert_eq!(cars, [0, 2]);
/// ```
pub struct CVec<T> {
    /// The first slot; dangling while nothing is allocated.
    at: NonNull<T>,
    /// The first `len` slots hold values.
    len: u32,
    /// The number of slots at `at`; `u32::MAX` if `T` has no size and needs none.
    capacity: u32,
    owned: PhantomData<T>,
}

// SAFETY: a `CVec` owns its elements and its block, of which nobody else has a pointer. A block may
// be used and freed on any thread.
unsafe impl<T: Send> Send for CVec<T> {}
// SAFETY: a shared `CVec` gives out nothing but shared elements.
unsafe impl<T: Sync> Sync for CVec<T> {}

impl<T> CVec<T> {
    /// The capacity that needs no storage.
    const UNALLOCATED: u32 = if size_of::<T>() == 0 { u32::MAX } else { 0 };

    /// Makes an empty array, without storage.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        CVec {
            at: NonNull::dangling(),
            len: 0,
            capacity: Self::UNALLOCATED,
            owned: PhantomData,
        }
    }

    /// Makes an empty array with room for at least `capacity` elements.
    ///
    /// # Panics
    ///
    /// If `capacity` exceeds `u32::MAX` elements or `isize::MAX` bytes.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        let mut vec = CVec::new();
        if capacity > vec.capacity() {
            vec.reallocate(capacity);
        }
        vec
    }

    /// The number of elements.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no elements.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of elements that fit without new storage.
    #[inline]
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// The elements.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        // SAFETY: the first `len` slots at `at` hold values (field invariants), and are not
        // changed while `self` is borrowed.
        unsafe { slice::from_raw_parts(self.at.as_ptr(), self.len()) }
    }

    /// The elements, to change.
    #[inline]
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: the first `len` slots at `at` hold values (field invariants), and are reached
        // through nothing else while `self` is borrowed.
        unsafe { slice::from_raw_parts_mut(self.at.as_ptr(), self.len()) }
    }

    /// The length beside all slots. Who changes the length keeps the invariant that so many slots
    /// hold values.
    #[inline]
    fn parts(&mut self) -> (&mut u32, &mut [MaybeUninit<T>]) {
        let (at, capacity) = (self.at.as_ptr().cast(), self.capacity());
        // SAFETY: there are `capacity` slots at `at` (field invariants; any number, if `T` has no
        // size), a `MaybeUninit` may hold anything, and nothing else reaches them while `self` is
        // borrowed.
        let slots = unsafe { slice::from_raw_parts_mut(at, capacity) };
        (&mut self.len, slots)
    }

    /// Makes room for at least `additional` more elements, and for more ahead.
    ///
    /// # Panics
    ///
    /// If that would exceed `u32::MAX` elements or `isize::MAX` bytes.
    #[inline]
    pub fn reserve(&mut self, additional: usize) {
        if additional > self.capacity() - self.len() {
            self.grow(additional);
        }
    }

    /// Makes room for at least `additional` more elements, without more ahead than the size class
    /// brings.
    ///
    /// # Panics
    ///
    /// If that would exceed `u32::MAX` elements or `isize::MAX` bytes.
    pub fn reserve_exact(&mut self, additional: usize) {
        if additional > self.capacity() - self.len() {
            self.reallocate(self.len().saturating_add(additional));
        }
    }

    /// Gives back storage that is not needed, as far as size classes allow.
    pub fn shrink_to_fit(&mut self) {
        if self.capacity > self.len && self.capacity != Self::UNALLOCATED {
            self.reallocate(self.len());
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, additional: usize) {
        let needed = self.len().saturating_add(additional);
        // The last doubling stops short at the greatest length there is.
        let ahead = self.capacity().saturating_mul(2).min(u32::MAX as usize);
        self.reallocate(needed.max(ahead));
    }

    /// Moves the elements to a block of at least `capacity` slots, which is not below the length.
    fn reallocate(&mut self, capacity: usize) {
        const {
            assert!(
                align_of::<T>() <= arena::MAX_ALIGN,
                "alignment too large for an arena"
            )
        };
        let layout = match Layout::array::<T>(capacity) {
            Ok(layout) if capacity <= u32::MAX as usize => layout,
            _ => panic!(
                "a CVec holds at most {} elements and isize::MAX bytes",
                u32::MAX
            ),
        };
        let mut fresh = CVec::new();
        if layout.size() > 0 {
            let Block { at, bytes } = arena::allocate(layout);
            fresh.at = at.cast();
            fresh.capacity = u32::try_from(bytes / size_of::<T>()).unwrap_or(u32::MAX);
        }
        // SAFETY: the source holds `len` values; the target has at least as many slots (by this
        // function's contract) in a block of its own.
        unsafe { self.at.copy_to_nonoverlapping(fresh.at, self.len()) };
        // The values have moved, so that the old block is freed without dropping any.
        fresh.len = std::mem::take(&mut self.len);
        *self = fresh;
    }

    /// The block, to be freed after the elements; none if nothing is allocated.
    #[inline]
    fn block(&mut self) -> Option<BlockGuard> {
        if self.capacity == Self::UNALLOCATED {
            return None;
        }
        // SAFETY: `at` is a block that this `CVec` owns, as its capacity says, and whoever calls
        // this is about to forget it.
        Some(unsafe { BlockGuard::new(self.at.cast()) })
    }

    /// Appends an element. Amortised O(1).
    ///
    /// # Panics
    ///
    /// If there are `u32::MAX` elements, or `isize::MAX` bytes would be exceeded.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.len >= self.capacity {
            self.grow(1);
        }
        let (len, slots) = self.parts();
        slots[*len as usize].write(value);
        *len += 1;
    }

    /// Removes the last element and returns it.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let (len, slots) = self.parts();
        *len = len.checked_sub(1)?;
        let slot = &slots[*len as usize];
        // SAFETY: this slot was below the length until a line ago, so it holds a value; it no
        // longer is, so the value is not read again.
        Some(unsafe { slot.assume_init_read() })
    }

    /// Drops all elements but the first `len`; does nothing if there are no more.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len() {
            return;
        }
        let rest: *mut [T] = &raw mut self[len..];
        // Even if a drop panics, none of these is reached again. The length fits, as it is below
        // another that does.
        self.len = len as u32;
        // SAFETY: these were elements until a line ago, and are no longer reached by anything.
        unsafe { rest.drop_in_place() }
    }

    /// Drops all elements and keeps the storage.
    #[inline]
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Appends what `values` yields, until there is no more of it or no more room.
    #[inline]
    fn fill(&mut self, values: &mut impl Iterator<Item = T>) {
        let (len, slots) = self.parts();
        // The slot comes first: when there is none, no value is taken.
        for (slot, value) in slots[*len as usize..].iter_mut().zip(values) {
            slot.write(value);
            *len += 1;
        }
    }
}

impl<T> Drop for CVec<T> {
    #[inline]
    fn drop(&mut self) {
        let _block = self.block();
        if std::mem::needs_drop::<T>() {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a CVec holds at most 4294967295 elements")]
    fn even_elements_without_size_are_counted() {
        let mut vec = CVec::new();
        vec.len = u32::MAX - 1;
        vec.push(());
        assert_eq!(vec.len(), u32::MAX as usize);
        vec.push(());
    }
}
