//! Misuse: an error that names what is wrong, never a panic of the runtime, never worse.

mod common;

use common::{blow, shrunk};
use kay_runtime::{
    Actor, ActorSystem, Compact, External, Fate, Handlers, Id, Message, Misuse, PanicPolicy, RawId,
    Recipient, Registry, Settings, SetupError, Spawner, TraitId, TurnError, World, fingerprint,
};

#[derive(Compact)]
struct Known {
    id: Id<Known>,
    heard: u32,
}

#[derive(Compact)]
struct Unknown {
    heard: u32,
}

message!(NewKnown {});
message!(NewUnknown {});
message!(Tell { number: u32 });
message!(Unheard {});
message!(Reach { raw: RawId });

actor!(Known, messages: [Tell, Reach], spawners: [NewKnown], traits: [AnyoneId]);
actor!(Unknown, messages: [Tell], spawners: [NewUnknown]);
spawn!(Known, NewKnown, |_m, id, _world| Known { id, heard: 0 });
spawn!(Unknown, NewUnknown, |_m, _id, _world| Unknown { heard: 0 });
on!(Known, Tell, |this, m, _world| this.heard += m.number);
on!(Unknown, Tell, |this, m, _world| this.heard += m.number);
on!(Known, Unheard, |_this, _m, _world| ());
on!(Known, Reach, |_this, m, world| world
    .send_to_trait(AnyoneId(m.raw), Tell { number: 1 }));

#[derive(Clone, Copy, Compact)]
struct AnyoneId(RawId);

impl From<RawId> for AnyoneId {
    fn from(id: RawId) -> Self {
        AnyoneId(id)
    }
}

impl From<AnyoneId> for RawId {
    fn from(id: AnyoneId) -> Self {
        id.0
    }
}

impl TraitId for AnyoneId {
    const NAME: &'static str = "misuse::Anyone";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

fn setup(registry: &mut Registry) {
    registry.register::<Known>();
}

fn system(settings: Settings) -> ActorSystem {
    ActorSystem::new(settings, setup).unwrap()
}

fn small() -> Settings {
    Settings::default().threads(1).shards(2)
}

fn refused(setup: impl FnOnce(&mut Registry)) -> SetupError {
    ActorSystem::new(small(), setup).unwrap_err()
}

fn misuse(result: Result<(), TurnError>) -> (Misuse, u64) {
    match result {
        Err(TurnError::Misuse { misuse, count, .. }) => (misuse, count),
        other => panic!("misuse was expected, not {other:?}"),
    }
}

#[test]
fn a_type_registered_twice_is_named() {
    let error = refused(|registry| {
        setup(registry);
        registry.register::<Unknown>();
        setup(registry);
    });
    assert_eq!(
        error,
        SetupError::TypeTwice {
            actor: "misuse::Known"
        }
    );
    assert!(error.to_string().contains("misuse::Known"));
}

#[test]
fn a_message_registered_for_a_type_that_is_not_is_named() {
    let error = refused(|registry| registry.handle::<Unknown, Tell>());
    assert_eq!(
        error,
        SetupError::TypeNever {
            actor: "misuse::Unknown"
        }
    );
}

#[test]
fn a_message_registered_twice_is_named() {
    let error = refused(|registry| {
        setup(registry);
        registry.handle::<Known, Tell>();
    });
    let expected = SetupError::MessageTwice {
        actor: "misuse::Known",
        message: "misuse::Tell",
    };
    assert_eq!(error, expected);
}

/// Fact: type ids followed registration order, with no check that they agree. Here tags come
/// from names, and two that are equal by chance are refused.
#[test]
fn two_types_or_traits_with_one_tag_are_named() {
    #[derive(Compact)]
    struct Double {
        state: u8,
    }
    impl Actor for Double {
        const NAME: &'static str = "misuse::Double";
        const FINGERPRINT: u64 = Known::FINGERPRINT ^ 1 << 40;
        fn register(_: &mut Handlers<'_, Self>) {}
    }
    #[derive(Compact)]
    struct Trait {
        state: u8,
    }
    impl Actor for Trait {
        const NAME: &'static str = "misuse::Trait";
        const FINGERPRINT: u64 = AnyoneId::FINGERPRINT ^ 1 << 50;
        fn register(_: &mut Handlers<'_, Self>) {}
    }
    let error = refused(|registry| {
        setup(registry);
        registry.register::<Double>();
    });
    let text = error.to_string();
    assert_eq!(
        error,
        SetupError::SameTag {
            actor: "misuse::Double",
            other: "misuse::Known"
        }
    );
    assert!(
        text.contains("misuse::Double") && text.contains("misuse::Known"),
        "{text}"
    );
    let error = refused(|registry| {
        setup(registry);
        registry.register::<Trait>();
    });
    assert_eq!(
        error,
        SetupError::SameTag {
            actor: "misuse::Trait",
            other: "misuse::Anyone"
        }
    );
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let settings = Settings::default;
    let cases = [
        ("threads", 0, settings().threads(0)),
        ("threads", 1025, settings().threads(1025)),
        ("shards", 0, settings().shards(0)),
        ("shards", 4097, settings().shards(4097)),
        ("shards", usize::MAX, settings().shards(usize::MAX)),
        ("sync_test", 0, settings().sync_test(0)),
    ];
    for (name, value, settings) in cases {
        let error = ActorSystem::new(settings, setup).unwrap_err();
        let SetupError::Setting { setting, given, .. } = error else {
            panic!("{error}")
        };
        assert_eq!((setting, given), (name, value));
        assert!(error.to_string().contains(name) && error.to_string().contains(&value.to_string()));
    }
}

#[test]
fn a_type_that_was_never_registered_is_named_by_send_and_by_spawn() {
    let mut system = system(small());
    let known = system.world().spawn(NewKnown {});
    let unknown = system.world().spawn(NewUnknown {});
    let expected = Misuse::NotRegistered {
        actor: "misuse::Unknown",
        message: "misuse::NewUnknown",
    };
    assert_eq!(misuse(system.turn()), (expected, 1));
    // The id leads nowhere, however it is used.
    let all = Id::<Unknown>::local_broadcast(system.world());
    let first = Id::<Unknown>::local_first(system.world());
    for id in [unknown, all, first] {
        system.world().send(id, Tell { number: 1 });
    }
    system
        .world()
        .send_to_trait(AnyoneId(unknown.into()), Tell { number: 1 });
    system.world().send(known, Tell { number: 2 });
    let near = system.world().spawn_near(unknown, NewKnown {});
    let (first, count) = misuse(system.turn());
    let expected = Misuse::NotRegistered {
        actor: "misuse::Unknown",
        message: "misuse::Tell",
    };
    assert_eq!((first, count), (expected, 4));
    assert_eq!(
        system.get(known).unwrap().heard,
        2,
        "everything else was done"
    );
    assert!(system.get(near).is_some());
    assert_eq!(
        (
            system.get(unknown).map(|u| u.heard),
            system.population::<Unknown>()
        ),
        (None, 0)
    );
    assert!(system.describe(unknown).is_none());
    assert_eq!(system.turn(), Ok(()), "an error is reported once");
}

#[test]
fn a_message_that_a_type_does_not_handle_is_named() {
    let mut system = system(small());
    let known = system.world().spawn(NewKnown {});
    let all = Id::<Known>::local_broadcast(system.world());
    system.world().send(known, Unheard {});
    system.world().send(all, Unheard {});
    let expected = Misuse::NotHandled {
        actor: "misuse::Known",
        message: "misuse::Unheard",
    };
    assert_eq!(misuse(system.turn()), (expected, 2));
    assert_eq!(system.statistics().lost(), 0);
}

#[test]
fn misuse_by_a_handler_is_reported_by_the_turn_in_which_it_happens() {
    let mut system = system(small());
    let known = system.world().spawn(NewKnown {});
    let raw = RawId::from(Id::<Unknown>::local_broadcast(system.world()));
    system.world().send(known, Reach { raw });
    system.world().send(known, Tell { number: 3 });
    let (misuse, _) = misuse(system.turn());
    assert_eq!(
        misuse,
        Misuse::NotImplemented {
            name: "misuse::Anyone",
            message: "misuse::Tell"
        }
    );
    assert_eq!(system.get(known).unwrap().heard, 3);
}

/// A message by hand with the fingerprint of another: the handler must never read it.
#[test]
fn a_message_with_a_stolen_fingerprint_is_not_handled() {
    #[derive(Compact)]
    struct Thief {
        text: kay_runtime::CString,
    }
    impl Message for Thief {
        const NAME: &'static str = "misuse::Thief";
        const FINGERPRINT: u64 = Tell::FINGERPRINT;
    }
    impl Recipient<Thief> for Known {
        fn receive(&mut self, m: Thief, _: &mut World) -> Fate {
            self.heard += m.text.len() as u32;
            Fate::Live
        }
    }
    for policy in [PanicPolicy::Freeze, PanicPolicy::Kill] {
        let mut system = system(small().panic_policy(policy));
        let known = system.world().spawn(NewKnown {});
        let all = Id::<Known>::local_broadcast(system.world());
        system.world().send(known, Tell { number: 1 });
        system.world().send(
            known,
            Thief {
                text: "much".into(),
            },
        );
        system.world().send(
            all,
            Thief {
                text: "more".into(),
            },
        );
        system.world().send(known, Tell { number: 2 });
        let expected = Misuse::NotHandled {
            actor: "misuse::Known",
            message: "misuse::Thief",
        };
        assert_eq!(misuse(system.turn()), (expected, 2));
        assert_eq!(system.get(known).unwrap().heard, 3);
    }
}

#[test]
fn spawning_more_than_there_are_numbers_for_is_named() {
    // Each of 4,096 shards can give another one 128 numbers of a type.
    let mut system = system(Settings::default().threads(1).shards(4096));
    let first = system.world().spawn(NewKnown {});
    system.turn().unwrap();
    let (mut spawned, room) = (1, (1 << 20) / 2);
    while spawned < room.min(u64::from(shrunk(room as u32))) {
        system.world().spawn_near(first, NewKnown {});
        spawned += 1;
    }
    if spawned == room {
        let over = system.world().spawn_near(first, NewKnown {});
        system.world().send(over, Tell { number: 1 });
        let (misuse, count) = misuse(system.turn());
        let spawner = "host".to_owned();
        let expected = Misuse::NoSlot {
            actor: "misuse::Known",
            spawner,
            target: 0,
        };
        assert_eq!((misuse, count), (expected, 1));
        assert_eq!(system.statistics().lost(), 1);
    } else {
        system.turn().unwrap();
    }
    assert_eq!(system.population::<Known>() as u64, spawned);
}

/// Holds a whole system, and swaps its host's world with the one that it is given.
#[derive(Compact)]
struct Swapper {
    inner: External<Box<Inner>>,
}

/// A system may be used by one thread at a time, and may move to another.
struct Inner(ActorSystem);

#[derive(Compact)]
struct NewSwapper {
    inner: External<Box<Inner>>,
}

message!(Swap {
    back: bool,
    panic: bool
});

impl Message for NewSwapper {
    const NAME: &'static str = "misuse::NewSwapper";
    const FINGERPRINT: u64 = fingerprint(Self::NAME);
}

impl Spawner for NewSwapper {
    type Actor = Swapper;
    fn spawn(self, _: Id<Swapper>, _: &mut World) -> Swapper {
        Swapper { inner: self.inner }
    }
}

actor!(Swapper, messages: [Swap], spawners: [NewSwapper]);
on!(Swapper, Swap, |this, m, world| {
    let inner = &mut this.inner.get_mut().unwrap().0;
    std::mem::swap(world, inner.world());
    // Whatever is sent now goes to the other system.
    let known = world.spawn(NewKnown {});
    world.send(known, Tell { number: 1 });
    if m.back {
        std::mem::swap(world, inner.world());
    }
    if m.panic {
        blow("after the swap");
    }
    Fate::Die
});

fn with_swapper(registry: &mut Registry) {
    registry.register::<Unknown>();
    registry.register::<Swapper>();
    registry.register::<Known>();
}

#[test]
fn a_handler_that_swaps_its_world_is_the_end_of_its_system_and_named() {
    for (panic, policy) in [
        (false, PanicPolicy::Freeze),
        (true, PanicPolicy::Freeze),
        (true, PanicPolicy::Kill),
    ] {
        let settings = Settings::default()
            .threads(1)
            .shards(5)
            .panic_policy(policy);
        let mut outer = ActorSystem::new(settings, with_swapper).unwrap();
        let inner = External::new(Box::new(Inner(system(small()))));
        let known: Vec<_> = (0..20).map(|_| outer.world().spawn(NewKnown {})).collect();
        let swapper = outer.world().spawn(NewSwapper { inner });
        outer.world().send(
            swapper,
            Swap {
                back: true,
                panic: false,
            },
        );
        let swapped_back = outer.turn();
        assert_eq!(
            swapped_back,
            Ok(()),
            "what is swapped back has never been swapped"
        );

        let inner = External::new(Box::new(Inner(system(small()))));
        let swapper = outer.world().spawn(NewSwapper { inner });
        outer.world().send(swapper, Swap { back: false, panic });
        outer.world().send(swapper, Swap { back: false, panic });
        known
            .iter()
            .for_each(|&id| outer.world().send(id, Tell { number: 1 }));
        let whose = format!("shard {}", swapper.index() % 8);
        for _ in 0..3 {
            let expected = Misuse::WorldSwapped {
                whose: whose.clone(),
            };
            assert_eq!(misuse(outer.turn()), (expected.clone(), 1));
            assert_eq!(misuse(outer.resume().and(outer.turn())).0, expected);
        }
        // It can still be looked at, and dropped.
        let _ = (
            outer.state_hash(),
            outer.statistics(),
            outer.instances::<Known>().count(),
        );
    }
}

#[test]
fn swapping_the_worlds_of_two_hosts_stops_both_until_they_are_swapped_back() {
    let mut one = system(small());
    let mut two = ActorSystem::new(Settings::default().threads(1).shards(9), with_swapper).unwrap();
    let known = one.world().spawn(NewKnown {});
    std::mem::swap(one.world(), two.world());
    two.world().send(known, Tell { number: 5 });
    let expected = Misuse::WorldSwapped {
        whose: "the host".to_owned(),
    };
    assert_eq!(misuse(one.turn()).0, expected);
    assert_eq!(misuse(two.turn()).0, expected);
    let _ = (
        one.statistics(),
        one.state_hash(),
        two.statistics(),
        two.state_hash(),
    );
    assert!(one.run_until_idle(5).is_err() && one.turns() == 0);
    std::mem::swap(one.world(), two.world());
    assert_eq!((one.turn(), two.turn()), (Ok(()), Ok(())));
    assert_eq!(one.get(known).unwrap().heard, 5);
    assert_eq!(two.population::<Known>(), 0);
}
