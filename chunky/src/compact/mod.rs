//! What may be part of an actor's state or of a message.

mod containers;
mod leaves;
pub mod portable;
pub mod raw;

use portable::{ReadError, Reader, Writer};
use raw::{Layouts, TypeNumber};
use std::fmt;
use std::hash::Hasher;

/// A value that consists of plain data and of compact collections only.
///
/// Such a value owns all that it reaches, so that it can be moved by copying its bytes, sent to
/// another thread, duplicated, hashed and shown, all without knowing its type. Numbers, `bool`,
/// `char`, tuples, arrays, `Option`, `Result` and the like are compact; so are
/// [`CVec`](crate::CVec), [`CString`](crate::CString), [`CMap`](crate::CMap) and
/// [`CBox`](crate::CBox) of compact values. For a type of your own, derive it:
///
/// ```
/// use chunky::{CString, CVec, Compact};
///
/// #[derive(Compact)]
/// struct Lane {
///     name: CString,
///     cars: CVec<(u32, f32)>,
/// }
///
/// let lane = Lane { name: "A 40".into(), cars: [(7, 0.5)].into() };
/// let copy = lane.duplicate();
/// assert_eq!(format!("{:?}", copy.described()), r#"Lane { name: "A 40", cars: [(7, 0.5)] }"#);
/// ```
///
/// `String`, `Vec`, `HashMap` and `Box` are not compact, because their storage is not the actor
/// system's. References are not, because a value must own all of itself.
///
/// ```compile_fail,E0277
/// # use chunky::Compact;
/// #[derive(Compact)]
/// struct Lane {
///     name: String, // use `CString`
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use chunky::Compact;
/// #[derive(Compact)]
/// struct Lane {
///     cars: Vec<u32>, // use `CVec<u32>`
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not compact, so it cannot be part of an actor's state or of a message",
    label = "not compact",
    note = "instead of `String` use `CString`, of `Vec` use `CVec`, of `HashMap` use `CMap`, of `Box` use `CBox`",
    note = "for a type of your own, add `#[derive(Compact)]`"
)]
pub trait Compact: portable::Names + Sized + Send + 'static {
    /// A hash of the type's path and of its type arguments, the same in every build.
    const NAME_HASH: u64;

    /// A deep copy, whose dynamic parts come from the current [`Arena`](crate::Arena).
    #[must_use]
    fn duplicate(&self) -> Self;

    /// Feeds the value to `hasher`: the same bytes on every platform, in every process.
    ///
    /// Numbers are written in little-endian order with a fixed width (`usize` as 64 bits), floats
    /// by their bits. Lengths and variants come before what they announce, so that no two
    /// different values of a type write the same bytes.
    fn hash_state<H: Hasher>(&self, hasher: &mut H);

    /// Writes the value for a human reader, in the form of [`Debug`](fmt::Debug).
    ///
    /// # Errors
    ///
    /// Those of the formatter; describing adds none of its own.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// Appends the value's [portable form](portable): the same bytes on every platform and in
    /// every build.
    fn write(&self, to: &mut Writer);

    /// Takes a value from its [portable form](portable). The bytes may be anything.
    ///
    /// # Errors
    ///
    /// If they are the form of no value of this type.
    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError>;

    /// Asks the processor to bring what the value points to closer, and does nothing else: as long as a message
    /// waits to be handled, this may be called at any time, and a panic here comes to nothing. Derived.
    #[inline]
    fn prefetch(&self) {}

    /// Says how values of the type lie in memory. Derived; a type for which this trait is implemented by hand
    /// leaves it as it is, and is then kept in portable form.
    fn layout(to: &mut Layouts) -> TypeNumber {
        to.opaque::<Self>()
    }

    /// A view of the value that implements [`Debug`](fmt::Debug) through
    /// [`describe`](Compact::describe).
    fn described(&self) -> Described<'_, Self> {
        Described(self)
    }
}

/// Shows a [`Compact`] value through [`Compact::describe`]; made by [`Compact::described`].
#[derive(Clone, Copy)]
pub struct Described<'a, T>(&'a T);

impl<T: Compact> fmt::Debug for Described<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.describe(f)
    }
}

/// The FNV-1a hash of a type's path. The derive macro emits the same computation.
pub(crate) const fn name_hash(path: &str) -> u64 {
    let bytes = path.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// Adds a type argument's hash to that of the generic type; the order of arguments counts. The
/// derive macro emits the same computation.
pub(crate) const fn with_argument(hash: u64, argument: u64) -> u64 {
    (hash.rotate_left(23) ^ argument).wrapping_mul(0x0100_0000_01b3)
}

/// Writes a length or the position of a variant.
pub(crate) fn hash_length<H: Hasher>(length: usize, hasher: &mut H) {
    (length as u64).hash_state(hasher);
}
