//! Messages and instances that panic when they are dropped or copied, and no handler runs.

use std::fmt;
use std::hash::Hasher;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kay_runtime::portable::{ReadError, Reader, Writer};
use kay_runtime::{
    ActorSystem, Compact, Fate, Id, PanicPolicy, RawId, Recipient, Registry, Settings, TraitId,
    TurnError, World, fingerprint,
};

use crate::actors::{counts, settings};
use crate::common::blow;
use crate::{actor, message, on, spawn};

/// May panic when it is dropped, and when it has been copied so often: when it is copied again, or hashed.
pub(crate) struct Fuse {
    drops: bool,
    copies: u8,
    dropped: Arc<AtomicU64>,
}

impl Fuse {
    fn with(drops: bool, copies: u8) -> Self {
        Fuse {
            drops,
            copies,
            dropped: Arc::default(),
        }
    }

    /// Never panics.
    fn new() -> Self {
        Fuse::with(false, u8::MAX)
    }

    /// Panics when it is dropped.
    fn lit() -> Self {
        Fuse::with(true, u8::MAX)
    }

    /// A copy of its copy panics; the host makes one for each shard.
    fn brittle() -> Self {
        Fuse::with(false, 1)
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        if self.drops {
            blow("dropped");
        }
    }
}

impl Compact for Fuse {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        let Some(copies) = self.copies.checked_sub(1) else {
            blow("copied");
        };
        let dropped = Arc::clone(&self.dropped);
        Fuse {
            drops: self.drops,
            copies,
            dropped,
        }
    }

    fn hash_state<H: Hasher>(&self, _: &mut H) {
        if self.copies == 0 {
            blow("hashed");
        }
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fuse")
    }

    fn write(&self, to: &mut Writer) {
        to.refuse("a fuse stays where it is");
    }

    fn read(_: &mut Reader<'_>) -> Result<Self, ReadError> {
        Ok(Fuse::new())
    }
}

#[derive(Compact)]
pub(crate) struct Bell {
    rung: u32,
}

#[derive(Compact)]
pub(crate) struct Cart {
    loads: u32,
    fuse: Fuse,
}

message!(NewBell {});
message!(Ring {});
message!(NewCart { fuse: Fuse });
message!(
    /// If it is bad, those panic who get it together with others.
    Load { fuse: Fuse, bad: bool }
);
message!(Leave {});
actor!(Bell, messages: [Ring], spawners: [NewBell]);
actor!(Cart, messages: [Load, Leave], spawners: [NewCart], traits: [CartId]);
spawn!(Bell, NewBell, |_m, _id, _world| Bell { rung: 0 });
spawn!(Cart, NewCart, |m, _id, _world| Cart {
    loads: 0,
    fuse: m.fuse
});
on!(Bell, Ring, |this, _m, _world| this.rung += 1);
on!(Cart, Leave, |_this, _m, _world| Fate::Die);

impl Recipient<Load> for Cart {
    fn receive(&mut self, _: Load, _: &mut World) -> Fate {
        self.loads += 1;
        Fate::Live
    }

    fn receive_shared(&mut self, message: &Load, _: &mut World) -> Fate {
        if message.bad {
            blow("bad");
        }
        self.loads += 1;
        Fate::Live
    }
}

/// By which spawners can be sent to whom they are not for.
#[derive(Clone, Copy, Compact)]
struct CartId(RawId);

impl TraitId for CartId {
    const NAME: &'static str = "panics::CartId";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

impl From<RawId> for CartId {
    fn from(id: RawId) -> Self {
        CartId(id)
    }
}

impl From<CartId> for RawId {
    fn from(id: CartId) -> Self {
        id.0
    }
}

fn setup(registry: &mut Registry) {
    registry.register::<Bell>();
    registry.register::<Cart>();
}

/// A world with a bell and so many carts.
fn carts(settings: Settings, count: usize) -> (ActorSystem, Vec<Id<Cart>>) {
    let mut system = ActorSystem::new(settings, setup).unwrap();
    system.world().spawn(NewBell {});
    let new = || NewCart { fuse: Fuse::new() };
    let ids = (0..count).map(|_| system.world().spawn(new())).collect();
    system.turn().unwrap();
    (system, ids)
}

const POLICIES: [PanicPolicy; 2] = [PanicPolicy::Freeze, PanicPolicy::Kill];

fn policies() -> [Settings; 2] {
    POLICIES.map(|policy| settings(1, 1).panic_policy(policy))
}

fn load(system: &mut ActorSystem, to: Id<Cart>, fuse: Fuse, bad: bool) {
    system.world().send(to, Load { fuse, bad });
}

/// The host's own one panics in its hands, behind the copies that are on their way then.
fn load_all(system: &mut ActorSystem, fuse: Fuse, bad: bool) {
    let all = Id::<Cart>::local_broadcast(system.world());
    let _ = catch_unwind(AssertUnwindSafe(|| load(system, all, fuse, bad)));
}

fn loads(system: &ActorSystem, ids: &[Id<Cart>]) -> Vec<Option<u32>> {
    let all = ids.iter().map(|&id| system.get(id));
    all.map(|cart| Some(cart?.loads)).collect()
}

/// A turn that comes to an end, and blames nobody.
fn calm_turn(system: &mut ActorSystem) {
    let turn = catch_unwind(AssertUnwindSafe(|| system.turn()));
    let Ok(turn) = turn else {
        panic!("a panic has escaped from the turn")
    };
    assert_eq!((turn, system.panics()), (Ok(()), [].as_slice()));
}

#[test]
fn a_broadcast_whose_drop_panics_has_been_heard_by_all() {
    for settings in policies() {
        let (mut system, ids) = carts(settings, 3);
        load_all(&mut system, Fuse::lit(), false);
        load(&mut system, ids[0], Fuse::new(), false);
        calm_turn(&mut system);
        assert_eq!(loads(&system, &ids), [Some(2), Some(1), Some(1)]);
        assert_eq!(counts(&mut system, "Load"), (4, 0));
    }
}

/// Whatever was delivered before it.
#[test]
fn nobody_is_to_blame_if_the_drop_of_a_lost_message_panics() {
    for settings in policies() {
        for before in 0..4 {
            let (mut system, ids) = carts(settings.clone(), 4);
            system.world().send(ids[3], Leave {});
            system.turn().unwrap();
            let mut expected = [Some(1), Some(1), Some(0), None];
            match before {
                0 => (),
                1 => {
                    load(&mut system, ids[2], Fuse::new(), false);
                    expected[2] = Some(1);
                }
                2 => {
                    load_all(&mut system, Fuse::new(), false);
                    expected = [Some(2), Some(2), Some(1), None];
                }
                _ => {
                    let all = Id::<Bell>::local_broadcast(system.world());
                    system.world().send(all, Ring {});
                }
            }
            load(&mut system, ids[0], Fuse::new(), false);
            load(&mut system, ids[3], Fuse::lit(), false);
            load(&mut system, ids[1], Fuse::new(), false);
            calm_turn(&mut system);
            assert_eq!(loads(&system, &ids), expected);
            let delivered = expected.iter().flatten().sum::<u32>();
            assert_eq!(counts(&mut system, "Load"), (delivered.into(), 1));
        }
    }
}

#[test]
fn a_message_to_the_first_of_none_is_lost_though_its_drop_panics() {
    for settings in policies() {
        let (mut system, _) = carts(settings, 0);
        let first = Id::<Cart>::local_first(system.world());
        load(&mut system, first, Fuse::lit(), false);
        load(&mut system, first, Fuse::new(), false);
        // The first time, there might be one elsewhere.
        calm_turn(&mut system);
        calm_turn(&mut system);
        assert_eq!(counts(&mut system, "Load"), (0, 2));
    }
}

/// It is for all, who are there already; or for one that is, and the instance that is made is one too many.
#[test]
fn a_spawner_for_those_that_are_there_harms_none_of_them() {
    for settings in policies() {
        for to_all in [false, true] {
            let (mut system, ids) = carts(settings.clone(), 2);
            let all = Id::<Cart>::local_broadcast(system.world());
            let to = CartId(if to_all { all } else { ids[1] }.into());
            load(&mut system, ids[0], Fuse::new(), false);
            let new = NewCart { fuse: Fuse::lit() };
            let send = || system.world().send_to_trait(to, new);
            let _ = catch_unwind(AssertUnwindSafe(send));
            let one = system.world().spawn(NewCart { fuse: Fuse::new() });
            calm_turn(&mut system);
            assert_eq!(loads(&system, &ids), [Some(1), Some(0)]);
            assert!(system.get(one).is_some());
            let delivered = 3 + u64::from(!to_all);
            assert_eq!(counts(&mut system, "NewCart"), (delivered, 1));
        }
    }
}

/// Fact: two of them ended the process.
#[test]
fn early_messages_whose_instance_never_comes_are_lost_though_their_drops_panic() {
    for settings in policies() {
        let (mut system, ids) = carts(settings.clone(), 1);
        let (_other, others) = carts(settings, 9);
        for _ in 0..3 {
            load(&mut system, others[8], Fuse::lit(), false);
        }
        load(&mut system, ids[0], Fuse::new(), false);
        calm_turn(&mut system);
        assert_eq!(loads(&system, &ids), [Some(1)]);
        assert_eq!(counts(&mut system, "Load"), (1, 3));
    }
}

/// Those who have not had a broadcast whose handler panics get copies of it, as far as there are any.
#[test]
fn whoever_cannot_be_given_a_copy_of_a_broadcast_loses_it() {
    for (fuse, alive) in [(Fuse::brittle as fn() -> Fuse, 2), (Fuse::lit, 0)] {
        for policy in POLICIES {
            for threads in [1, 2] {
                let settings = settings(threads, 1).schedule(1).panic_policy(policy);
                let (mut system, ids) = carts(settings, 3);
                load_all(&mut system, fuse(), true);
                load(&mut system, ids[1], Fuse::new(), false);
                let turn = catch_unwind(AssertUnwindSafe(|| system.turn()));
                let turn = turn.unwrap_or_else(|_| panic!("a panic has escaped from the turn"));
                assert_eq!(turn.is_ok(), policy == PanicPolicy::Kill);
                assert_eq!(system.panics()[0].reason, "bad");
                assert_eq!(system.panics()[0].id, ids[0].into());
                while let Err(error) = system.resume() {
                    assert!(matches!(error, TurnError::Frozen { .. }), "{error}");
                }
                assert_eq!(system.population::<Cart>(), alive);
                let lost = if alive == 0 { (3, 1) } else { (2, 2) };
                assert_eq!(counts(&mut system, "Load"), lost);
                if alive > 0 {
                    assert_eq!(loads(&system, &ids), [None, Some(1), Some(0)]);
                }
            }
        }
    }
}

/// Fact: two of them ended the process.
#[test]
fn messages_that_cannot_be_written_are_refused_though_their_drops_panic() {
    let folder = tempfile::tempdir().unwrap();
    let (mut system, _) = ActorSystem::open(folder.path(), settings(1, 1), setup).unwrap();
    let bell = system.world().spawn(NewBell {});
    for _ in 0..3 {
        let new = NewCart { fuse: Fuse::lit() };
        system.world().spawn(new);
    }
    system.world().send(bell, Ring {});
    let turn = system.turn();
    assert!(
        matches!(turn, Err(TurnError::Misuse { count: 3, .. })),
        "{turn:?}"
    );
    assert_eq!(system.population::<Cart>(), 0);
    assert_eq!(system.get(bell).unwrap().rung, 1);
}

/// Instances and messages that wait, in several shards: all are dropped, and one of the panics comes through.
#[test]
fn a_system_is_dropped_to_its_end_whatever_panics() {
    for frozen in [false, true] {
        let (mut system, ids) = carts(settings(1, 4), 40);
        let dropped = Arc::new(AtomicU64::new(0));
        let fuse = |at: u32| {
            let mut fuse = Fuse::with(at % 3 == 1, 9);
            fuse.dropped = Arc::clone(&dropped);
            fuse
        };
        for at in 0..100 {
            system.world().spawn(NewCart { fuse: fuse(at) });
        }
        system.turn().unwrap();
        if frozen {
            load_all(&mut system, Fuse::new(), true);
            assert!(system.turn().is_err());
        }
        for at in 0..100 {
            load(&mut system, ids[at as usize % 40], fuse(at), false);
        }
        if frozen {
            assert!(system.turn().is_err());
        }
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(system))).is_err());
        assert_eq!(dropped.load(Ordering::Relaxed), 200);
    }
}

/// What the host sends, an instance when the world is copied or hashed, and the copy when it is dropped.
#[test]
fn a_sync_test_that_cannot_be_made_is_told_and_the_world_goes_on() {
    let sends = |system: &mut ActorSystem, ids: &[Id<Cart>], fuse| {
        load(system, ids[0], fuse, false);
    };
    let spawns = |system: &mut ActorSystem, _: &[Id<Cart>], fuse| {
        system.world().spawn(NewCart { fuse });
    };
    type Act = fn(&mut ActorSystem, &[Id<Cart>], Fuse);
    for (act, fuse, told) in [
        (sends as Act, Fuse::with(false, 0), [true, false]),
        (spawns, Fuse::with(false, 0), [true, true]),
        (spawns, Fuse::with(false, 1), [true, true]),
        (spawns, Fuse::lit(), [false, false]),
    ] {
        let (mut system, ids) = carts(settings(1, 2).sync_test(2), 3);
        system.turn().unwrap();
        act(&mut system, &ids, fuse);
        for told in told {
            system.turn().unwrap();
            let turn = catch_unwind(AssertUnwindSafe(|| system.turn()));
            let turn = turn.unwrap_or_else(|_| panic!("a panic has escaped from the turn"));
            let to = system.turns();
            let expected = TurnError::NotRunAgain { from: to - 2, to };
            assert_eq!(turn, if told { Err(expected) } else { Ok(()) });
        }
        load(&mut system, ids[1], Fuse::new(), false);
        system.turn().unwrap();
        assert_eq!(system.get(ids[1]).unwrap().loads, 1);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(system)));
    }
}
