//! Modules inside a file, and actors that only their own module knows.

/// A module in its file.
pub mod street {
    use kay_runtime::prelude::*;

    kay_auto!();

    /// A lamp.
    #[derive(Compact)]
    pub struct Lamp {
        id: LampId,
        pub(super) is_lit: bool,
    }

    impl Lamp {
        /// Makes one.
        pub fn spawn(id: LampId, _: &mut World) -> Self {
            Self { id, is_lit: false }
        }
    }

    /// A module in a module, private, with a block of an actor outside.
    mod hidden {
        use kay_runtime::{Compact, World};

        kay_runtime::kay_auto!();

        impl super::Lamp {
            /// Lights it, by way of somebody that nobody else knows.
            pub fn light(&mut self, world: &mut World) {
                SecretId::spawn(self.id(), world).work(world);
            }

            /// What the secret one says.
            pub fn lit(&mut self, _: &mut World) {
                self.is_lit = true;
            }
        }

        /// A private actor.
        #[derive(Compact)]
        struct Secret {
            id: SecretId,
            lamp: super::LampId,
        }

        impl Secret {
            /// Makes one.
            pub fn spawn(id: SecretId, lamp: super::LampId, _: &mut World) -> Self {
                Self { id, lamp }
            }

            /// Works.
            pub fn work(&mut self, world: &mut World) {
                self.lamp.lit(world);
            }
        }
    }

    impl Lamp {
        fn id(&self) -> LampId {
            self.id
        }
    }
}

/// Items inside functions and macros are left alone, whatever they look like.
pub fn function() -> u32 {
    use kay_runtime::World;
    #[allow(dead_code)]
    struct Inner {
        id: u32,
    }
    impl Inner {
        #[allow(dead_code)]
        pub fn tick(&mut self, _: &mut World) {}
    }
    Inner { id: 3 }.id
}

macro_rules! left_alone {
    () => {
        #[allow(dead_code)]
        struct FromAMacro {
            id: u32,
        }
        #[allow(dead_code)]
        impl FromAMacro {
            pub fn tick(&mut self, _: &mut kay_runtime::World) {}
        }
    };
}
left_alone!();

#[cfg(test)]
mod tests {
    use super::street::{Lamp, LampId};
    use crate::support::{settle, system};

    #[test]
    fn actors_in_inline_and_private_modules() {
        let mut system = system();
        let world = system.world();
        let lamp = LampId::spawn(world);
        lamp.light(world);
        settle(&mut system);
        assert!(system.get::<Lamp>(lamp).unwrap().is_lit);
        assert_eq!(super::function(), 3);
    }
}
