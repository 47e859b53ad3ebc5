//! The same things under other names: preludes, globs, aliases, and strangers of the same name.

// Without actors of its own, it reaches those of its private modules.
kay_runtime::kay_auto!();

/// The crate's own prelude, which hands the runtime's on.
pub mod prelude {
    #[allow(unused_imports)]
    pub use super::outer::*;
    pub use kay_runtime::prelude::*;
}

/// Globs that open each other.
mod outer {
    #[allow(unused_imports)]
    pub use super::prelude::*;
    #[allow(unused_imports)]
    pub use crate::aliases::*;
}

/// An actor that sees the world through the crate's prelude.
mod through {
    use crate::aliases::prelude::*;

    kay_runtime::kay_auto!();

    type Universe = World;
    type End = Fate;

    /// Counts.
    #[derive(Compact)]
    pub struct Viewer {
        id: ViewerId,
        pub(super) seen: u32,
    }

    type Me = Viewer;

    impl Me {
        /// Makes one.
        pub fn spawn(id: ViewerId, _: &mut World) -> Me {
            Self { id, seen: 0 }
        }

        /// The world by another name.
        pub fn look(&mut self, _: &mut Universe) -> End {
            self.seen += 1;
            End::Live
        }
    }
}

/// A world that is not the runtime's.
pub mod stranger {
    #[allow(unused_imports)]
    use kay_runtime::prelude::*;

    /// A globe: a name of the module's own hides one from a glob.
    pub struct World {
        pub(super) name: &'static str,
    }

    /// A struct with an id, which is no actor.
    pub struct Thing {
        pub(super) id: u32,
    }

    impl Thing {
        /// No handler: its world is a globe.
        pub fn turn(&mut self, world: &mut World) {
            world.name = "turned";
            self.id += 1;
        }
    }

    /// No actor trait, for the same reason.
    pub trait Turned {
        /// No handler.
        fn turn_twice(&mut self, world: &mut World);
    }

    impl Turned for u8 {
        fn turn_twice(&mut self, world: &mut World) {
            world.name = "twice";
            *self += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stranger::{Thing, Turned, World};
    use super::through::{Viewer, ViewerId};
    use crate::support::{settle, system};

    #[test]
    fn the_world_is_found_under_any_name() {
        let mut system = system();
        let world = system.world();
        let viewer = ViewerId::spawn(world);
        viewer.look(world);
        settle(&mut system);
        assert_eq!(system.get::<Viewer>(viewer).unwrap().seen, 1);
    }

    #[test]
    fn a_stranger_of_the_same_name_is_not_the_world() {
        let mut globe = World { name: "still" };
        let mut thing = Thing { id: 1 };
        thing.turn(&mut globe);
        assert_eq!((thing.id, globe.name), (2, "turned"));
        let mut number = 1;
        number.turn_twice(&mut globe);
        assert_eq!((number, globe.name), (3, "twice"));
    }
}
