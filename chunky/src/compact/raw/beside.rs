//! What values have beside them.

use super::layout::TypeNumber;
use super::layouts::Layouts;
use super::program::{Program, Step, What};
use crate::slots::prefetch_line;
use std::ptr::NonNull;

/// A list in a value, or a box, which is like a list of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    /// The type of its elements, and their size.
    pub(super) of: TypeNumber,
    pub(super) size: usize,
    /// Where its address is in the value, and where its length, if it has one.
    at: usize,
    length: Option<usize>,
    /// Whether all is in the bytes of its elements.
    pub(super) is_plain: bool,
}

/// What a value has beside it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Beside {
    List(List),
    /// The part at this offset, in portable form.
    Portable(usize),
}

impl Beside {
    /// All that values of a type have beside them, in order.
    pub(super) fn all(layouts: &Layouts, program: &Program) -> Vec<Beside> {
        let beside = |step: &Step| {
            let (of, at, length) = match step.what {
                What::List { of, at, length } => (of, at, Some(step.offset + length)),
                What::Boxed(of) => (of, 0, None),
                What::Beside => return Some(Beside::Portable(step.offset)),
                What::Plain(_) | What::Optional(_) | What::Tags(..) | What::Empty => return None,
            };
            let element = layouts.must_have_program(of);
            Some(Beside::List(List {
                of,
                size: element.size(),
                at: step.offset + at,
                length,
                is_plain: element.is_plain(),
            }))
        };
        program.steps.iter().filter_map(beside).collect()
    }

    pub(super) fn list(self) -> Option<List> {
        match self {
            Beside::List(list) => Some(list),
            Beside::Portable(_) => None,
        }
    }
}

impl List {
    /// Where the elements of the list are, and how many.
    ///
    /// # Safety
    ///
    /// A value of the type that this is a list of is there, and nobody changes it meanwhile.
    #[inline(always)]
    pub(super) unsafe fn elements(self, value: NonNull<u8>) -> (NonNull<u8>, usize) {
        // SAFETY: the parts of a type lie within its values.
        let at = unsafe { value.add(self.at) };
        // SAFETY: the layout vouches for an address.
        let at = unsafe { at.cast::<NonNull<u8>>().read() };
        let Some(length) = self.length else {
            return (at, 1);
        };
        // SAFETY: as for the address.
        let length = unsafe { value.add(length) };
        // SAFETY: the layout vouches for a number.
        (at, unsafe { length.cast::<u32>().read() } as usize)
    }

    /// Asks the processor for the elements: for the first and the last line, since few have more.
    ///
    /// # Safety
    ///
    /// As for [`List::elements`].
    #[inline(always)]
    pub(super) unsafe fn prefetch(self, value: NonNull<u8>) {
        // SAFETY: as the caller vouches.
        let (at, length) = unsafe { self.elements(value) };
        let bytes = length * self.size;
        if bytes > 0 {
            let at = at.as_ptr().cast::<i8>();
            prefetch_line(at);
            prefetch_line(at.wrapping_add(bytes - 1));
        }
    }
}
