//! The pointer to one value.

use crate::arena::{self, BlockGuard};
use crate::compact::portable::{ReadError, Reader, Writer};
use crate::compact::raw::{Layouts, TypeNumber};
use crate::compact::{Compact, name_hash, with_argument};
use crate::slots::prefetch;
use std::alloc::Layout;
use std::borrow::{Borrow, BorrowMut};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// One value behind a pointer, like [`Box`]; its storage comes from the current
/// [`Arena`](crate::Arena).
///
/// It makes recursive types possible, and large variants cheap. Like a [`CVec`](crate::CVec), it
/// may go anywhere and outlive its arena.
///
/// ```
/// use chunky::{CBox, Compact};
///
/// #[derive(Compact)]
/// enum Route {
///     Here,
///     Via(u32, CBox<Route>),
/// }
///
/// let route = Route::Via(7, CBox::new(Route::Via(9, CBox::new(Route::Here))));
/// assert_eq!(format!("{:?}", route.described()), "Via(7, Via(9, Here))");
/// ```
pub struct CBox<T> {
    /// A value; dangling if it has no size.
    at: NonNull<T>,
    owned: PhantomData<T>,
}

// SAFETY: a `CBox` owns its value and its block, of which nobody else has a pointer. A block may be
// used and freed on any thread.
unsafe impl<T: Send> Send for CBox<T> {}
// SAFETY: a shared `CBox` gives out nothing but a shared value.
unsafe impl<T: Sync> Sync for CBox<T> {}

impl<T> CBox<T> {
    /// Puts a value behind a pointer.
    #[must_use]
    pub fn new(value: T) -> Self {
        const {
            assert!(
                align_of::<T>() <= arena::MAX_ALIGN,
                "alignment too large for an arena"
            )
        };
        let at = match size_of::<T>() {
            0 => NonNull::dangling(),
            _ => arena::allocate(Layout::new::<T>()).at.cast(),
        };
        // SAFETY: `at` is a new block of `T`'s layout, or dangling and `T` has no size.
        unsafe { at.write(value) };
        CBox {
            at,
            owned: PhantomData,
        }
    }

    /// Takes the value out.
    #[must_use]
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        let _block = this.block();
        // SAFETY: `at` holds a value, which is not read again, as `this` is not dropped.
        unsafe { this.at.read() }
    }

    /// The block, to be freed after the value; none if that has no size.
    fn block(&mut self) -> Option<BlockGuard> {
        if size_of::<T>() == 0 {
            return None;
        }
        // SAFETY: `at` is a block that this `CBox` owns, and whoever calls this is about to
        // forget it.
        Some(unsafe { BlockGuard::new(self.at.cast()) })
    }
}

impl<T> Drop for CBox<T> {
    fn drop(&mut self) {
        let _block = self.block();
        // SAFETY: `at` holds a value, which nothing reaches once the `CBox` is dropped.
        unsafe { self.at.drop_in_place() }
    }
}

impl<T> Deref for CBox<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `at` holds a value, which is not changed while `self` is borrowed.
        unsafe { self.at.as_ref() }
    }
}

impl<T> DerefMut for CBox<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: `at` holds a value, reached through nothing else while `self` is borrowed.
        unsafe { self.at.as_mut() }
    }
}

impl<T: Compact> Compact for CBox<T> {
    const NAME_HASH: u64 = with_argument(name_hash("chunky::CBox"), T::NAME_HASH);

    fn duplicate(&self) -> Self {
        CBox::new(T::duplicate(self))
    }

    #[inline]
    fn prefetch(&self) {
        prefetch(&**self);
    }

    fn hash_state<H: Hasher>(&self, hasher: &mut H) {
        T::hash_state(self, hasher);
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::describe(self, f)
    }

    fn write(&self, to: &mut Writer) {
        if to.enter(size_of::<T>()) {
            T::write(self, to);
            to.leave(size_of::<T>());
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        from.enter(size_of::<T>())?;
        let read = T::read(from).map(CBox::new);
        from.leave(size_of::<T>());
        read
    }

    fn layout(to: &mut Layouts) -> TypeNumber {
        // SAFETY: it is the address of a value, and nothing else.
        unsafe { to.boxed::<Self, T>() }
    }
}

impl<T: Default> Default for CBox<T> {
    fn default() -> Self {
        CBox::new(T::default())
    }
}

impl<T: Clone> Clone for CBox<T> {
    fn clone(&self) -> Self {
        CBox::new(T::clone(self))
    }
}

impl<T> From<T> for CBox<T> {
    fn from(value: T) -> Self {
        CBox::new(value)
    }
}

impl<T: fmt::Debug> fmt::Debug for CBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: fmt::Display> fmt::Display for CBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: PartialEq> PartialEq for CBox<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for CBox<T> {}

impl<T: PartialOrd> PartialOrd for CBox<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        T::partial_cmp(self, other)
    }
}

impl<T: Ord> Ord for CBox<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        T::cmp(self, other)
    }
}

impl<T: Hash> Hash for CBox<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        T::hash(self, hasher);
    }
}

impl<T> AsRef<T> for CBox<T> {
    fn as_ref(&self) -> &T {
        self
    }
}

impl<T> AsMut<T> for CBox<T> {
    fn as_mut(&mut self) -> &mut T {
        self
    }
}

impl<T> Borrow<T> for CBox<T> {
    fn borrow(&self) -> &T {
        self
    }
}

impl<T> BorrowMut<T> for CBox<T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}
