//! What cannot be compact.

use std::fmt;
use std::hash::Hasher;

use chunky::Compact;
use chunky::portable::{ReadError, Reader, Writer};
use chunky::raw::{Layouts, TypeNumber};

/// Holds what cannot be compact: a file, a socket, a handle to something outside.
///
/// It belongs to the process, not to the world: it is never saved or copied, counts for nothing in
/// [`state_hash`](crate::ActorSystem::state_hash), and is empty after loading or copying. So
/// every access has to say what happens when it is.
///
/// ```
/// use kay_runtime::External;
/// let log = External::new(vec!["opened"]);
/// assert_eq!(log.get(), Some(&vec!["opened"]));
/// ```
pub struct External<T>(Option<Box<T>>);

impl<T> External<T> {
    /// Holds `value`.
    pub fn new(value: T) -> Self {
        External(Some(Box::new(value)))
    }

    /// Holds nothing.
    pub const fn empty() -> Self {
        External(None)
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What is held.
    pub fn get(&self) -> Option<&T> {
        self.0.as_deref()
    }

    /// What is held.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// Takes out what is held.
    pub fn take(&mut self) -> Option<T> {
        self.0.take().map(|held| *held)
    }

    /// Holds `value` from now on; returns what was held before.
    pub fn replace(&mut self, value: T) -> Option<T> {
        self.0.replace(Box::new(value)).map(|held| *held)
    }
}

impl<T> Default for External<T> {
    fn default() -> Self {
        External::empty()
    }
}

impl<T> fmt::Debug for External<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() {
            "External(empty)"
        } else {
            "External(..)"
        })
    }
}

/// Computed once, not for each `T`.
const EXTERNAL_HASH: u64 = crate::fingerprint("kay_runtime::External");

impl<T: Send + 'static> Compact for External<T> {
    const NAME_HASH: u64 = EXTERNAL_HASH;

    /// An empty one: what is outside cannot be copied.
    fn duplicate(&self) -> Self {
        External::empty()
    }

    fn hash_state<H: Hasher>(&self, _: &mut H) {}

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }

    /// Refuses what is held: who reads it would get something else, and not know.
    fn write(&self, to: &mut Writer) {
        if !self.is_empty() {
            to.refuse("what an `External` holds cannot be written");
        }
        to.variant(0, 1);
    }

    /// An empty one.
    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        from.variant(1).map(|_| External::empty())
    }

    /// Not kept, be it empty or not.
    fn layout(to: &mut Layouts) -> TypeNumber {
        to.empty::<Self>("kay_runtime::External")
    }
}
