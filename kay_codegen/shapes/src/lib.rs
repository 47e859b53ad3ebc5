//! Every shape of the source convention, generated, compiled and run.
//!
//! Each module shows a few shapes that belong together, and tests them with real actors in a real
//! world. What must be refused is tested in `kay_codegen` itself.
#![forbid(unsafe_code)]
#![deny(unused)]

pub mod aliases;
pub mod basic;
pub mod conditional;
pub mod elsewhere;
pub mod essential;
pub mod generic;
pub mod hidden;
pub mod inline;
pub mod lent;
pub mod many;
pub mod mixed;
pub mod names;
pub mod places;

kay_runtime::kay_auto!();

/// What the tests share.
#[cfg(test)]
mod support {
    use kay_runtime::{ActorSystem, Registry, Settings};

    /// A world with all actors of this crate.
    pub fn system() -> ActorSystem {
        system_with(|_| ())
    }

    /// The same with some generic ones too.
    pub fn system_with(register: impl FnOnce(&mut Registry)) -> ActorSystem {
        let settings = Settings::default().threads(1).shards(4).seed(1);
        let setup = |registry: &mut Registry| {
            crate::setup(registry);
            register(registry);
        };
        ActorSystem::new(settings, setup).unwrap()
    }

    /// Runs until nothing is waiting.
    pub fn settle(system: &mut ActorSystem) {
        let idle = system.run_until_idle(100).unwrap();
        assert!(matches!(idle, kay_runtime::Idle::After { .. }), "{idle:?}");
    }
}
