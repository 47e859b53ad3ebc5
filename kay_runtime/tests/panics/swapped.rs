//! Handlers that leave the world of another system behind.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::channel;
use std::time::Duration;

use kay_runtime::{ActorSystem, Compact, External, Fate, Id, TurnError, World};

use crate::actors::{Bomb, settings};
use crate::{actor, message, on, spawn};

pub(crate) struct Inner(ActorSystem);

#[derive(Compact)]
pub(crate) struct Swapper {
    inner: External<Box<Inner>>,
}

message!(NewSwapper { inner: External<Box<Inner>> });
message!(Swap {});
message!(
    /// Panics with what panics when it is dropped.
    Blast {}
);
message!(Leave {});
message!(
    /// Swaps the world with the one that the thread keeps.
    SwapKept { leave: bool }
);
actor!(Swapper, messages: [Swap, Blast, Leave, SwapKept], spawners: [NewSwapper]);
spawn!(Swapper, NewSwapper, |m, _id, _world| Swapper {
    inner: m.inner
});
on!(Swapper, Swap, |this, _m, world| swap(this, world));
on!(Swapper, Blast, |this, _m, world| {
    swap(this, world);
    blast();
});
on!(Swapper, Leave, |_this, _m, _world| Fate::Die);
on!(Swapper, SwapKept, |_this, m, world| {
    KEPT.with_borrow_mut(|kept| std::mem::swap(world, kept.as_mut().unwrap().world()));
    if m.leave { Fate::Die } else { Fate::Live }
});

thread_local! {
    static KEPT: RefCell<Option<ActorSystem>> = const { RefCell::new(None) };
}

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

/// Fact: what looked for the receiver, and what dealt with its absence, asked two who did not agree where its slot
/// begins, for ever.
#[test]
fn a_turn_in_the_world_of_a_system_with_more_shards_ends() {
    let (done, wait) = channel();
    std::thread::spawn(move || {
        let (mut system, [swapper, gone]) = pair(2);
        system.world().send(gone, Leave {});
        system.turn().unwrap();
        system.world().send(swapper, Swap {});
        system.world().send(gone, Swap {});
        done.send(system.turn()).unwrap();
    });
    let turn = wait.recv_timeout(Duration::from_secs(10));
    assert!(matches!(turn, Ok(Err(TurnError::Misuse { .. }))));
}

#[test]
fn whoever_leaves_in_the_world_of_a_system_with_more_shards_takes_nobody_along() {
    KEPT.set(Some(new(2)));
    let mut system = new(1);
    let inner = || External::empty();
    let new = |_| system.world().spawn(NewSwapper { inner: inner() });
    let ids = [0; 5].map(new);
    system.turn().unwrap();
    system.world().send(ids[2], SwapKept { leave: true });
    system.world().send(ids[4], SwapKept { leave: false });
    let _ = system.turn();
    let alive = ids.map(|id| system.get(id).is_some());
    assert_eq!(alive, [true, true, false, true, true]);
}
