//! What stands in a chunk: items with their keys, what is known of their type, and the header of a
//! run.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::Key;
use crate::pool::CHUNK_ALIGN;

/// An item and the key that it is for.
///
/// The slot comes first, so that it can be read without knowing the item's type: that is how
/// [`Drain::look_ahead`](super::Drain::look_ahead) sees what comes next.
#[repr(C)]
#[derive(Debug)]
pub struct Addressed<T> {
    slot: u32,
    generation: u16,
    /// The item.
    pub item: T,
}

impl<T> Addressed<T> {
    /// An item for this key.
    #[inline(always)]
    pub fn new(key: Key, item: T) -> Self {
        Addressed {
            slot: key.slot,
            generation: key.generation,
            item,
        }
    }

    /// What the item is for.
    #[inline(always)]
    pub fn key(&self) -> Key {
        Key {
            slot: self.slot,
            generation: self.generation,
        }
    }
}

/// A type of items, as much of it as untyped code needs. Sizes are those with the key.
pub(crate) struct ItemType {
    pub(crate) id: TypeId,
    pub(crate) size: usize,
    pub(crate) align: usize,
    /// Drops one item, or `None` where dropping does nothing.
    pub(crate) drop: Option<unsafe fn(NonNull<u8>)>,
}

/// Drops the `T` at `at`.
///
/// # Safety
///
/// `at` points to a live `T` that nobody uses afterwards.
unsafe fn drop_item<T>(at: NonNull<u8>) {
    // SAFETY: the caller vouches for a live `T` that is not used afterwards.
    unsafe { at.cast::<T>().drop_in_place() }
}

struct Of<T>(T);

impl<T: Send + 'static> Of<T> {
    const TYPE: ItemType = {
        assert!(
            align_of::<Addressed<T>>() <= CHUNK_ALIGN,
            "an item's alignment is at most that of a chunk"
        );
        ItemType {
            id: TypeId::of::<T>(),
            size: size_of::<Addressed<T>>(),
            align: align_of::<Addressed<T>>(),
            drop: if std::mem::needs_drop::<T>() {
                Some(drop_item::<Addressed<T>>)
            } else {
                None
            },
        }
    };
}

/// A type of items, as a value: for [`Lane::open`](super::Lane::open).
#[derive(Clone, Copy)]
pub struct ItemKind(pub(super) &'static ItemType);

impl std::fmt::Debug for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ItemKind")
            .field("size", &self.0.size)
            .finish_non_exhaustive()
    }
}

/// That items are of type `T`, for [`Lane::push_to_run`](super::Lane::push_to_run).
///
/// What stands for a type may have several addresses, one in each codegen unit. A lane remembers
/// the one that it was given last, so who sends should get one of these once and pass it on.
#[derive(Debug)]
pub struct ItemOf<T>(ItemKind, PhantomData<fn(T)>);

impl<T> Clone for ItemOf<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ItemOf<T> {}

impl<T: Send + 'static> ItemOf<T> {
    /// The only one there is of a type, though perhaps at another address.
    #[inline(always)]
    #[must_use]
    pub const fn get() -> Self {
        ItemOf(ItemKind(ItemType::of::<T>()), PhantomData)
    }

    /// The same without the type.
    #[inline(always)]
    pub const fn kind(self) -> ItemKind {
        self.0
    }
}

impl ItemType {
    /// The type of items `T`.
    ///
    /// Two calls may return different addresses for one type, but never one address for two
    /// types, since their contents differ in the `TypeId`.
    pub(crate) const fn of<T: Send + 'static>() -> &'static ItemType {
        &Of::<T>::TYPE
    }

    pub(crate) fn is<T: 'static>(&self) -> bool {
        self.id == TypeId::of::<T>()
    }
}

/// Stands before the items of a run.
pub(crate) struct RunHeader {
    pub(crate) item: &'static ItemType,
    pub(crate) tag: u32,
    /// Items written.
    pub(crate) len: u32,
    /// Items taken out again; those before are dead, those behind are live.
    pub(crate) taken: u32,
}

/// The next multiple of a power of two: without the division that it takes for any number.
#[inline]
fn up(offset: usize, align: usize) -> usize {
    (offset + align - 1) & !(align - 1)
}

impl RunHeader {
    /// Offset of the first item of a run whose header stands at offset `at` of its chunk.
    pub(crate) fn items_at(at: usize, item: &ItemType) -> usize {
        up(at + size_of::<RunHeader>(), item.align)
    }

    /// Offset of the header of the run behind this one, which stands at offset `at`.
    pub(crate) fn next_at(&self, at: usize) -> usize {
        Self::next_behind(Self::items_at(at, self.item) + self.len as usize * self.item.size)
    }

    /// Offset of the first header behind items that end at offset `end`.
    pub(crate) fn next_behind(end: usize) -> usize {
        up(end, align_of::<RunHeader>())
    }

    /// Bytes that a run of one `item` needs at most, wherever it starts.
    pub(crate) fn bytes_of_one(item: &ItemType) -> usize {
        let slack = item.align + align_of::<RunHeader>();
        size_of::<RunHeader>() + slack + item.size
    }
}
