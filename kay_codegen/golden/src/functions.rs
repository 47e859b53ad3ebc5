//! Everything that can stand at a function.

use kay_runtime::{CString, Compact, Fate, World, essential};

kay_auto!(functions);

/// A crane.
#[derive(Compact)]
pub struct Crane {
    id: CraneId,
    load: u32,
}

impl Crane {
    /// Builds one. See [`Self::lift`], and [its load](Self::turn).
    pub fn build_somewhere(
        id: CraneId,
        place: (f64, f64),
        height_in_meters: f32,
        colour: &CString,
        world: &mut World,
    ) -> Self {
        let _ = (place, height_in_meters, colour, world);
        Self { id, load: 0 }
    }

    /// Lifts something.
    #[essential]
    pub fn lift(&mut self, load: u32, _: &mut World) {
        self.load = load + self.id.index();
    }

    /** Is in the way.
     * Of others, too. */
    #[cfg_attr(debug_assertions, essential)]
    #[cfg(unix)]
    pub fn turn(
        &mut self,
        by: f32,
        around: (f64, f64),
        world: &CraneId,
        near: bool,
        _: &mut World,
    ) {
        let _ = (by, around, world, near);
    }

    /// Ends.
    #[deprecated = "cranes do not die"]
    pub fn fall(&mut self, onto: &[u8; 4], _: &mut World) -> Fate {
        let _ = onto;
        Fate::Die
    }

    /// Takes more than a lint likes.
    pub fn all(&mut self, a: u8, b: u8, c: bool, d: bool, e: bool, f: bool, g: u8, _: &mut World) {
        let _ = (a, b, c, d, e, f, g);
    }
}
