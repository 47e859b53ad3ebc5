//! An actor under a condition, and traits above each other.

#[cfg(feature = "boats")]
use kay_runtime::Compact;
use kay_runtime::World;

kay_auto!(boat);

/// A boat. It floats.
#[cfg(feature = "boats")]
#[derive(Compact)]
pub struct Boat {
    id: BoatId,
}

/// What floats.
pub trait Floats {
    /// Lifts it.
    fn rise(&mut self, by: f32, world: &mut World);
}

/// What sails.
pub trait Sails: Floats {
    /// Lets it go.
    fn set_sail(&mut self, world: &mut World) {
        let _ = world;
    }
}

#[cfg(feature = "boats")]
impl Boat {
    pub(crate) fn new(id: BoatId) -> Self {
        Self { id }
    }

    pub(crate) fn is(&self, other: BoatId) -> bool {
        self.id == other
    }
}
