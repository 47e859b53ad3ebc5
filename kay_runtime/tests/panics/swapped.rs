//! Handlers that leave the world of another system behind.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use kay_runtime::{ActorSystem, Compact, External, Id, TurnError, World};

use crate::actors::{Bomb, settings};
use crate::{actor, message, on, spawn};

pub(crate) struct Inner(ActorSystem);

#[derive(Compact)]
pub(crate) struct Swapper {
    inner: External<Box<Inner>>,
}

message!(NewSwapper { inner: External<Box<Inner>> });
message!(
    /// Panics with what panics when it is dropped.
    Blast {}
);
actor!(Swapper, messages: [Blast], spawners: [NewSwapper]);
spawn!(Swapper, NewSwapper, |m, _id, _world| Swapper {
    inner: m.inner
});
on!(Swapper, Blast, |this, _m, world| {
    swap(this, world);
    blast();
});

fn blast() {
    let bomb = Bomb {
        armed: true,
        fused: false,
    };
    resume_unwind(Box::new(bomb));
}

fn swap(swapper: &mut Swapper, world: &mut World) {
    let inner = swapper.inner.get_mut().unwrap();
    std::mem::swap(world, inner.0.world());
}

fn new(shards: usize) -> ActorSystem {
    ActorSystem::new(settings(1, shards), |registry| {
        registry.register::<Swapper>();
    })
    .unwrap()
}

/// With an instance that holds a system of so many shards, and another one.
fn pair(shards: usize) -> (ActorSystem, [Id<Swapper>; 2]) {
    let mut system = new(1);
    let inner = External::new(Box::new(Inner(new(shards))));
    let ids = [inner, External::empty()].map(|inner| system.world().spawn(NewSwapper { inner }));
    system.turn().unwrap();
    (system, ids)
}

#[test]
fn a_panic_in_another_world_is_dropped_though_that_panics() {
    let (mut system, [swapper, _]) = pair(1);
    system.world().send(swapper, Blast {});
    let turn = catch_unwind(AssertUnwindSafe(|| system.turn()));
    assert!(matches!(turn, Ok(Err(TurnError::Misuse { .. }))));
}
