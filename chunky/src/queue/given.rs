//! An item in the hands of its receiver.

use std::ptr::NonNull;

use super::item::{item_of, stride_of};

/// An item that its receiver may look at or take.
#[derive(Debug)]
pub struct Given<'d, M> {
    item: NonNull<M>,
    /// Where the next item is.
    next: &'d mut NonNull<u8>,
    behind: NonNull<u8>,
}

impl<M> Given<'_, M> {
    /// Moves it out.
    #[inline(always)]
    pub fn take(self) -> M {
        *self.next = self.behind;
        // SAFETY: the item is live, and has just left those that are to come.
        unsafe { self.item.read() }
    }

    /// Looks at it.
    #[inline(always)]
    pub fn look(&self) -> &M {
        // SAFETY: the item is live, and this is the only handle to it.
        unsafe { self.item.as_ref() }
    }
}

/// Gives the item at `next` to `receive`. Unless that takes it, drops it, or leaves it if its receiver is
/// to go.
///
/// # Safety
///
/// A live `M` is there.
#[inline(always)]
pub(super) unsafe fn give<M>(
    next: &mut NonNull<u8>,
    receive: impl FnOnce(Given<'_, M>) -> bool,
) -> bool {
    // SAFETY: an item takes so many bytes.
    let behind = unsafe { next.add(stride_of::<M>()) };
    // SAFETY: an `M` is there, as the caller vouches.
    let item = unsafe { item_of::<M>(*next) };
    let remove = receive(Given { item, next, behind });
    if remove {
        return true;
    }
    if std::mem::needs_drop::<M>() && *next != behind {
        *next = behind;
        // SAFETY: the item was not taken, and has just been passed.
        unsafe { item.drop_in_place() };
    }
    *next = behind;
    false
}
