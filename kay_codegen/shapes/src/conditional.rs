//! Conditions: what is not compiled leaves nothing behind.
//!
//! The feature `right` is on by default, `left` is off.

use kay_runtime::{Compact, World};

pub mod sides;

#[cfg(feature = "left")]
mod only_left;

kay_runtime::kay_auto!();

/// One actor with two definitions.
#[cfg(feature = "right")]
#[derive(Compact)]
pub struct Switch {
    id: SwitchId,
    value: u64,
}

/// The other definition.
#[cfg(not(feature = "right"))]
#[derive(Compact)]
pub struct Switch {
    id: SwitchId,
    value: u8,
}

impl Switch {
    /// Makes one, the same way for both.
    pub fn spawn(id: SwitchId, _: &mut World) -> Self {
        Self { id, value: 0 }
    }

    /// Two versions of one handler.
    #[cfg(feature = "right")]
    pub fn set(&mut self, value: u64, _: &mut World) {
        self.value = value;
    }

    /// The other version.
    #[cfg(not(feature = "right"))]
    pub fn set(&mut self, value: u8, _: &mut World) {
        self.value = value;
    }

    /// A handler that is never compiled, and names a type that does not exist.
    #[cfg(all(feature = "left", not(feature = "left")))]
    pub fn never(&mut self, value: DoesNotExist, _: &mut World) {}
}

#[cfg(feature = "left")]
impl Switch {
    /// A whole block under a condition.
    pub fn only_left(&mut self, _: &mut World) {}
}

#[cfg(feature = "right")]
impl Switch {
    /// The same name may come back under another condition.
    pub fn only_right(&mut self, _: &mut World) {
        self.value += 1;
    }
}

/// An actor that is there on one side only.
#[cfg(feature = "left")]
#[derive(Compact)]
pub struct Lefty {
    id: LeftyId,
}

#[cfg(feature = "left")]
impl Lefty {
    /// Makes one.
    pub fn spawn(id: LeftyId, _: &mut World) -> Self {
        Self { id }
    }
}

/// A trait with a method under a condition.
pub trait Sided {
    /// Always there.
    fn always(&mut self, world: &mut World);

    /// There on one side.
    #[cfg(feature = "left")]
    fn on_the_left(&mut self, world: &mut World);

    /// There on the other.
    #[cfg_attr(all(), cfg(feature = "right"))]
    fn on_the_right(&mut self, world: &mut World);
}

impl Sided for Switch {
    fn always(&mut self, _: &mut World) {
        self.value += 10;
    }

    #[cfg(feature = "left")]
    fn on_the_left(&mut self, _: &mut World) {}

    #[cfg(feature = "right")]
    fn on_the_right(&mut self, _: &mut World) {
        self.value += 100;
    }
}

#[cfg(feature = "right")]
#[cfg(test)]
mod tests {
    use super::sides::Side;
    use super::{SidedId, Switch, SwitchId};
    use crate::support::{settle, system};
    use kay_runtime::Actor;

    #[test]
    fn the_compiled_version_counts() {
        let mut system = system();
        let world = system.world();
        let switch = SwitchId::spawn(world);
        switch.set(1 << 40, world);
        switch.only_right(world);
        SidedId::from(switch).always(world);
        SidedId::from(switch).on_the_right(world);
        settle(&mut system);
        assert_eq!(system.get::<Switch>(switch).unwrap().value, (1 << 40) + 111);
    }

    #[test]
    fn the_compiled_file_of_a_module_counts() {
        let mut system = system();
        let world = system.world();
        let side = super::sides::SideId::spawn(world);
        side.lean(2, world);
        settle(&mut system);
        assert_eq!(system.get::<Side>(side).unwrap().lean, 2);
        assert_eq!(Side::NAME, "kay_shapes::conditional::sides::hand::Side");
    }

    #[test]
    fn a_condition_written_as_a_path_counts() {
        assert_eq!(super::sides::WHICH, "right");
    }
}
