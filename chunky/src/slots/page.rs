//! Slots, as they lie in memory.

use crate::Compact;

/// One slot. Vacant ones remember who may come next.
///
/// Its layout is part of what is saved, so it has none that a compiler may choose.
#[derive(Clone, Copy, Compact)]
#[compact(crate = crate)]
#[repr(C)]
pub(crate) struct Slot {
    /// Position of the value, or [`VACANT`].
    pub(crate) position: u32,
    /// Generation of the value, or of the next one if vacant; 0 once exhausted.
    pub(crate) generation: u16,
    /// A counter for the owner's use, kept as long as the slot.
    pub(crate) counter: u16,
}

pub(crate) const VACANT: u32 = u32::MAX;

/// The slots of 128 numbers that follow each other, from a multiple of 128 on, as a
/// [`SlotMap`](crate::SlotMap) keeps them: plain data without padding.
///
/// A page may consist of any bytes. [`SlotMap::adopt`](crate::SlotMap::adopt) looks at what it says.
#[derive(Clone, Copy, Compact)]
#[compact(crate = crate)]
#[repr(transparent)]
pub struct SlotPage([Slot; SlotPage::SLOTS]);

impl SlotPage {
    /// Slots in a page.
    pub(crate) const SLOTS: usize = 128;

    /// Bytes of a page.
    pub const BYTES: usize = size_of::<SlotPage>();

    /// A page that nobody has used.
    pub(crate) const FRESH: SlotPage = SlotPage(
        [Slot {
            position: VACANT,
            generation: 1,
            counter: 0,
        }; SlotPage::SLOTS],
    );

    /// The page of these bytes, which are in the order of this platform.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; SlotPage::BYTES]) -> Self {
        let (slots, _) = bytes.as_chunks();
        SlotPage(std::array::from_fn(|at| {
            let [p0, p1, p2, p3, g0, g1, c0, c1]: [u8; size_of::<Slot>()] = slots[at];
            Slot {
                position: u32::from_ne_bytes([p0, p1, p2, p3]),
                generation: u16::from_ne_bytes([g0, g1]),
                counter: u16::from_ne_bytes([c0, c1]),
            }
        }))
    }

    #[inline(always)]
    pub(crate) fn slots(&self) -> &[Slot; SlotPage::SLOTS] {
        &self.0
    }

    #[inline(always)]
    pub(crate) fn slots_mut(&mut self) -> &mut [Slot; SlotPage::SLOTS] {
        &mut self.0
    }
}

impl std::fmt::Debug for SlotPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SlotPage")
    }
}
