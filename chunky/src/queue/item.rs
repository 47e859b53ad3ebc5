//! What stands in a chunk: labels and items, and what is known of an item's type.

use std::alloc::Layout;
use std::any::TypeId;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use crate::panic::discard;
use crate::pool::CHUNK_ALIGN;
use crate::{Compact, Key};

/// The tag of a mark, which says who has sent the items behind it, up to the next one. Who sent the first
/// item of a chunk stands in its header.
pub(crate) const MARK: u16 = 0;

/// Alignment of labels, and bytes of one.
pub(super) const WORD: usize = 8;

/// A type of items, as much of it as untyped code needs.
#[derive(Clone, Copy)]
pub struct ItemKind {
    id: TypeId,
    /// Bytes from one label to the next.
    stride: u32,
    align: u32,
    /// Drops the item behind a label, or `None` where dropping does nothing.
    drop: Option<unsafe fn(NonNull<u8>)>,
    /// Asks for what the item behind a label points to, or `None` where nothing should.
    prefetch: Option<unsafe fn(NonNull<u8>)>,
}

impl ItemKind {
    /// The type of items `T`.
    #[must_use]
    pub const fn of<T: Send + 'static>() -> Self {
        const {
            assert!(
                align_of::<T>() <= CHUNK_ALIGN,
                "an item's alignment is at most that of a chunk"
            );
        }
        ItemKind {
            id: TypeId::of::<T>(),
            stride: const { stride_of::<T>() as u32 },
            align: align_of::<T>() as u32,
            drop: if std::mem::needs_drop::<T>() {
                Some(drop_item::<T>)
            } else {
                None
            },
            prefetch: None,
        }
    }

    /// The same, of items that are brought closer with all that they point to, when they are looked ahead at.
    #[must_use]
    pub const fn of_compact<T: Compact>() -> Self {
        ItemKind {
            prefetch: if std::mem::needs_drop::<T>() {
                Some(prefetch_item::<T>)
            } else {
                None
            },
            ..Self::of::<T>()
        }
    }

    /// The type.
    pub(super) fn id(&self) -> TypeId {
        self.id
    }

    /// Whether items of this kind are of type `T`.
    #[inline]
    pub fn is<T: 'static>(&self) -> bool {
        self.id == TypeId::of::<T>()
    }

    /// Bytes from one label to the next.
    #[inline(always)]
    pub(crate) fn stride(&self) -> usize {
        self.stride as usize
    }

    pub(super) fn drop(&self) -> Option<unsafe fn(NonNull<u8>)> {
        self.drop
    }

    pub(super) fn prefetch(&self) -> Option<unsafe fn(NonNull<u8>)> {
        self.prefetch
    }

    /// The place of the item behind a label.
    ///
    /// # Safety
    ///
    /// An item of this kind is there.
    pub(super) unsafe fn item(&self, label: NonNull<u8>) -> NonNull<u8> {
        // SAFETY: as the caller vouches.
        unsafe { behind(label, self.align as usize) }
    }

    /// Moves the item behind a label, and the label, to another place.
    ///
    /// # Safety
    ///
    /// A live item of this kind is there, which nobody uses afterwards; the other place is one of
    /// [`stride`](Self::stride) bytes that nobody uses, aligned to 8.
    pub(super) unsafe fn move_item(&self, from: NonNull<u8>, to: NonNull<u8>) {
        // SAFETY: both places have room for a label.
        unsafe { from.copy_to_nonoverlapping(to, WORD) };
        let align = self.align as usize;
        let bytes = self.stride() - WORD - align.saturating_sub(WORD);
        // SAFETY: there is a stride of bytes.
        let from = unsafe { behind(from, align) };
        // SAFETY: likewise.
        let to = unsafe { behind(to, align) };
        // SAFETY: this many bytes behind what is skipped for alignment are within the stride.
        unsafe { from.copy_to_nonoverlapping(to, bytes) };
    }
}

impl std::fmt::Debug for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ItemKind")
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}

/// Bytes that an item `T` takes with its label; with some to align it, if a label's place is not
/// good enough.
pub(super) const fn stride_of<T>() -> usize {
    let bytes = stride_with(Layout::new::<T>());
    assert!(
        bytes < u32::MAX as usize / 2,
        "an item is smaller than 2 GiB"
    );
    bytes
}

/// The same for a type with this layout.
pub(super) const fn stride_with(layout: Layout) -> usize {
    let slack = layout.align().saturating_sub(WORD);
    (WORD + layout.size()).next_multiple_of(WORD) + slack
}

/// The place of the item behind a label.
///
/// # Safety
///
/// [`stride_of`] bytes from `label` on belong to one object, and `label` is aligned to 8.
#[inline(always)]
pub(super) unsafe fn item_of<T>(label: NonNull<u8>) -> NonNull<T> {
    // SAFETY: as the caller vouches.
    unsafe { behind(label, align_of::<T>()) }.cast()
}

/// The first place behind a label that has this alignment.
///
/// # Safety
///
/// As many bytes belong to the object as [`stride_of`] counts for the label and for alignment.
#[inline(always)]
unsafe fn behind(label: NonNull<u8>, align: usize) -> NonNull<u8> {
    // SAFETY: the label is within the bytes that the caller vouches for.
    let behind = unsafe { label.add(WORD) };
    if align <= WORD {
        return behind;
    }
    let skip = behind.addr().get().wrapping_neg() & (align - 1);
    // SAFETY: labels are aligned to 8, so no more has to be skipped than `stride_of` counts.
    unsafe { behind.add(skip) }
}

/// Drops the `T` behind a label.
///
/// # Safety
///
/// A live `T` is there, which nobody uses afterwards.
unsafe fn drop_item<T>(label: NonNull<u8>) {
    // SAFETY: the caller vouches for an item.
    let item = unsafe { item_of::<T>(label) };
    // SAFETY: the caller vouches for a live one that is not used afterwards.
    unsafe { item.drop_in_place() }
}

/// Asks for what the `T` behind a label points to. It is not delivered yet, so nobody is to blame if that panics, as
/// an implementation by hand may: then it has not been asked for, that is all.
///
/// # Safety
///
/// A live `T` is there, which nobody changes meanwhile.
unsafe fn prefetch_item<T: Compact>(label: NonNull<u8>) {
    // SAFETY: the caller vouches for an item.
    let item = unsafe { item_of::<T>(label) };
    // SAFETY: the caller vouches for a live one.
    let item = unsafe { item.as_ref() };
    if let Err(reason) = catch_unwind(AssertUnwindSafe(|| item.prefetch())) {
        discard(reason);
    }
}

/// Whom an item is for: 48 bits, the lower 16 of which are a generation. The others are an index: a slot,
/// in its higher bits, whose number depends on the reader, see [`Receiver::key`].
#[derive(Clone, Copy)]
pub struct Receiver(
    /// The higher 16 bits are of no consequence: so a label need not be taken apart.
    u64,
);

impl Receiver {
    /// The one with this index and generation.
    #[inline(always)]
    #[must_use]
    pub const fn new(index: u32, generation: u16) -> Self {
        Receiver((index as u64) << 16 | generation as u64)
    }

    /// The one that the lower 48 bits name.
    #[inline(always)]
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Receiver(bits)
    }

    /// The index.
    #[inline(always)]
    #[must_use]
    pub const fn index(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// The generation.
    #[inline(always)]
    #[must_use]
    pub const fn generation(self) -> u16 {
        self.0 as u16
    }

    /// The key, if the slot begins at this bit of the index.
    #[inline(always)]
    #[must_use]
    pub const fn key(self, shift: u32) -> Key {
        Key {
            slot: self.index() >> shift,
            generation: self.generation(),
        }
    }
}

impl PartialEq for Receiver {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        (self.0 ^ other.0) << 16 == 0
    }
}

impl Eq for Receiver {}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receiver({}.{})", self.index(), self.generation())
    }
}

/// What stands before each item: in the lower 48 bits whom it is for, above them its tag.
#[derive(Clone, Copy, PartialEq)]
#[repr(transparent)]
pub(super) struct Label(u64);

impl Label {
    /// The label of no item.
    pub(super) const NOBODY: Label = Label((MARK as u64) << 48);

    #[inline(always)]
    pub(super) fn new(to: Receiver, tag: u16) -> Self {
        Label::with(to, Label::tag_bits(tag))
    }

    /// The label of these bytes, which are in the order of this platform.
    pub(super) fn from_bytes(bytes: [u8; WORD]) -> Self {
        Label(u64::from_ne_bytes(bytes))
    }

    /// A tag where it stands in a label.
    pub(super) fn tag_bits(tag: u16) -> u64 {
        u64::from(tag) << 48
    }

    #[inline(always)]
    pub(super) fn with(to: Receiver, tag_bits: u64) -> Self {
        Label(to.0 << 16 >> 16 | tag_bits)
    }

    #[inline(always)]
    pub(super) fn to(self) -> Receiver {
        Receiver(self.0)
    }

    #[inline(always)]
    pub(super) fn tag(self) -> u16 {
        (self.0 >> 48) as u16
    }
}

/// An item that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct ItemRef<'a> {
    label: NonNull<u8>,
    kind: &'a ItemKind,
    sender: u32,
    item: PhantomData<&'a ()>,
}

impl<'a> ItemRef<'a> {
    /// # Safety
    ///
    /// A live item of this kind is behind the label, and nobody changes it for `'a`.
    pub(super) unsafe fn new(label: NonNull<u8>, kind: &'a ItemKind, sender: u32) -> Self {
        ItemRef {
            label,
            kind,
            sender,
            item: PhantomData,
        }
    }

    fn label(self) -> Label {
        // SAFETY: a label is there, and stays for `'a`.
        unsafe { self.label.cast().read() }
    }

    /// Whom the item is for.
    pub fn to(self) -> Receiver {
        self.label().to()
    }

    /// The number of its type.
    pub fn tag(self) -> u16 {
        self.label().tag()
    }

    /// Who has sent it, by [`Lane::begin`](super::Lane::begin).
    pub fn sender(self) -> u32 {
        self.sender
    }

    /// The item, if it is a `T`.
    pub fn get<T: 'static>(self) -> Option<&'a T> {
        if !self.kind.is::<T>() {
            return None;
        }
        // SAFETY: an item of this kind is there, which is a `T`, as just checked.
        let item = unsafe { item_of::<T>(self.label) };
        // SAFETY: it is live, and nobody changes it for `'a`.
        Some(unsafe { item.as_ref() })
    }
}
