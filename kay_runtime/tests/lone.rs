//! Worlds in which a single letter goes round: `run_until_idle` has a short way for them, which must end like
//! turns that the host runs one by one.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::{blow, property};
use kay_runtime::{
    ActorSystem, CVec, Compact, Fate, Id, Idle, MessageStatistics, PanicPolicy, Registry, Rng,
    Settings, SnapshotPolicy, TurnError,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Who gets a token, and does with it what its random numbers say.
#[derive(Compact)]
struct Wanderer {
    id: Id<Wanderer>,
    friends: CVec<Id<Wanderer>>,
    office: Option<Id<Office>>,
    seen: u64,
}

/// Somebody of another type, who gives tokens back.
#[derive(Compact)]
struct Office {
    stamps: CVec<u64>,
}

message!(NewWanderer { friends: CVec<Id<Wanderer>>, office: Option<Id<Office>> });
message!(NewOffice {});
message!(Know {
    friend: Id<Wanderer>,
    office: Id<Office>
});
message!(Token { left: u32 });
message!(
    /// Needs a drop.
    Parcel { left: u32, path: CVec<u64> }
);
message!(Stamp {
    from: Id<Wanderer>,
    left: u32
});
message!(Nothing {});
message!(Leave {});
message!(
    /// Has somebody leave.
    Dismiss { who: Id<Wanderer> }
);
message!(
    /// Says nothing to somebody, so many times.
    Cry { to: Id<Wanderer>, times: u32 }
);
message!(
    /// What an actor must not do: it counts outside of the world.
    Dream {}
);
message!(
    /// Sends a token to somebody, and makes somebody.
    Dare { to: Id<Wanderer> }
);

actor!(Wanderer, messages: [Know, Token, Parcel, Nothing, Leave, Dismiss, Cry, Dream, Dare], spawners: [NewWanderer]);
actor!(Office, messages: [Stamp], spawners: [NewOffice]);
spawn!(Wanderer, NewWanderer, |m, id, _world| Wanderer {
    id,
    friends: m.friends,
    office: m.office,
    seen: 0
});
spawn!(Office, NewOffice, |_m, _id, _world| Office {
    stamps: CVec::new()
});
on!(Wanderer, Know, |this, m, _world| {
    this.friends.push(m.friend);
    this.office = Some(m.office);
});
on!(Wanderer, Nothing, |this, _m, _world| this.seen += 1_000_000);
on!(Wanderer, Leave, |_this, _m, _world| Fate::Die);
on!(Wanderer, Dismiss, |_this, m, world| world
    .send(m.who, Leave {}));
on!(Wanderer, Cry, |_this, m, world| {
    for _ in 0..m.times {
        world.send(m.to, Nothing {});
    }
});
on!(Wanderer, Dream, |this, _m, world| {
    static DREAMS: AtomicU64 = AtomicU64::new(0);
    this.seen = DREAMS.fetch_add(1, Ordering::Relaxed);
    world.send(this.id, Dream {});
});
on!(Wanderer, Dare, |this, m, world| {
    world.send(m.to, Token { left: 0 });
    let (friends, office) = (CVec::new(), None);
    this.friends = [world.spawn(NewWanderer { friends, office })].into();
});
on!(Office, Stamp, |this, m, world| {
    this.stamps.push(world.turn());
    world.send(m.from, Token { left: m.left });
});
on!(Wanderer, Token, |this, m, world| this.go_on(m.left, world));
on!(Wanderer, Parcel, |this, m, world| {
    this.seen += m.path.iter().sum::<u64>();
    this.go_on(m.left, world)
});

impl Wanderer {
    /// Hands a token on, one way or the other.
    fn go_on(&mut self, left: u32, world: &mut kay_runtime::World) -> Fate {
        self.seen += 1;
        if left == 0 {
            return Fate::Live;
        }
        let (mut rng, left) = (world.rng(), left - 1);
        let friend = self.friends[rng.below(self.friends.len() as u64) as usize];
        match rng.below(100) {
            0..50 => world.send(friend, Token { left }),
            50..65 => {
                let path = [self.seen, world.turn()].into();
                world.send(friend, Parcel { left, path });
            }
            65..75 => {
                if let Some(office) = self.office {
                    #[rustfmt::skip]
                    world.send(office, Stamp { from: self.id, left });
                }
            }
            // To itself, perhaps with company.
            75..80 => world.send(self.id, Token { left }),
            80..83 => {
                world.send(self.id, Nothing {});
                world.send(friend, Token { left });
            }
            83..86 => world.send(Id::<Wanderer>::local_first(world), Token { left }),
            // The message may come before the one that it is for.
            86..90 => {
                let (friends, office) = (self.friends.duplicate(), self.office);
                let new = world.spawn(NewWanderer { friends, office });
                world.send(new, Token { left });
                self.friends.push(new);
            }
            90..94 => {
                world.send(friend, Token { left });
                return Fate::Die;
            }
            94..96 => world.send(Id::<Wanderer>::local_broadcast(world), Nothing {}),
            96..98 => {
                world.send(friend, Token { left });
                blow("it stumbles");
            }
            // Takes the token along.
            98 => return Fate::Die,
            _ => blow("it falls, and the token is gone"),
        }
        Fate::Live
    }
}

fn setup(registry: &mut Registry) {
    registry.register::<Wanderer>();
    registry.register::<Office>();
}

/// A world with a token.
fn world(settings: Settings, wanderers: usize) -> ActorSystem {
    let mut system = ActorSystem::new(settings, setup).unwrap();
    let ids = populate(&mut system, wanderers);
    system.world().send(ids[0], Token { left: 60 });
    system
}

/// Makes so many wanderers, who know each other.
fn populate(system: &mut ActorSystem, wanderers: usize) -> Vec<Id<Wanderer>> {
    let host = system.world();
    let office = host.spawn(NewOffice {});
    let ids: Vec<_> = (0..wanderers)
        .map(|_| {
            let (friends, office) = (CVec::new(), None);
            host.spawn(NewWanderer { friends, office })
        })
        .collect();
    for (at, &id) in ids.iter().enumerate() {
        for step in 1..=3 {
            let friend = ids[(at + step * step) % ids.len()];
            host.send(id, Know { friend, office });
        }
    }
    ids
}

/// All that can be seen of a world between two turns.
fn look(system: &mut ActorSystem) -> (u64, u64, Vec<MessageStatistics>, Result<Idle, TurnError>) {
    (
        system.turns(),
        system.state_hash(),
        system.statistics().messages,
        system.run_until_idle(0),
    )
}

/// A token more, now and then, so that a world goes on when one is lost.
fn feed(system: &mut ActorSystem) {
    if system.turns().is_multiple_of(40) {
        let first = Id::<Wanderer>::local_first(system.world());
        system.world().send(first, Token { left: 50 });
    }
}

/// Resumes until that ends well; returns how often that took.
fn resume(system: &mut ActorSystem) -> usize {
    (1..).find(|_| system.resume().is_ok()).unwrap()
}

fn ends_alike(settings: &Settings, wanderers: usize, bounds: u64) -> TestCaseResult {
    const TURNS: u64 = 300;
    let mut expected = vec![None];
    let mut one_by_one = world(settings.clone(), wanderers);
    while one_by_one.turns() < TURNS {
        feed(&mut one_by_one);
        let result = one_by_one.turn().map_err(|error| {
            let resumed = resume(&mut one_by_one);
            (error.to_string(), resumed)
        });
        expected.push(Some((result, look(&mut one_by_one))));
    }
    let mut at_once = world(settings.clone(), wanderers);
    let mut rng = Rng::new(bounds);
    while at_once.turns() < TURNS {
        feed(&mut at_once);
        // Not past the next feeding, which would come later than in the other world.
        let feeding = (at_once.turns() + 1).next_multiple_of(40).min(TURNS) - at_once.turns();
        let bound = 1 + rng.below(feeding);
        let before = at_once.turns();
        let result = match at_once.run_until_idle(bound) {
            Ok(Idle::After { turns }) => {
                prop_assert_eq!(at_once.turns() - before, turns);
                // The other one runs empty turns meanwhile.
                for _ in turns..bound {
                    at_once.turn().unwrap();
                }
                Ok(())
            }
            Ok(Idle::Never { .. }) => {
                prop_assert_eq!(at_once.turns() - before, bound);
                Ok(())
            }
            Err(error) => {
                let resumed = resume(&mut at_once);
                Err((error.to_string(), resumed))
            }
        };
        let seen = Some((result, look(&mut at_once)));
        prop_assert_eq!(&seen, &expected[at_once.turns() as usize]);
    }
    Ok(())
}

#[test]
fn a_world_ends_alike_whether_its_turns_run_one_by_one_or_at_once() {
    let worlds = (any::<u64>(), 1_usize..6, 1_usize..12, any::<bool>());
    property(200, worlds, |(seed, shards, wanderers, kills)| {
        let policy = if kills {
            PanicPolicy::Kill
        } else {
            PanicPolicy::Freeze
        };
        let settings = Settings::default().seed(seed).threads(1 + shards / 3);
        let settings = settings.shards(shards).panic_policy(policy);
        ends_alike(&settings, wanderers, seed)
    });
}

/// Ids that are known before their time, from a world that has had the same to do.
#[test]
fn a_message_that_comes_early_waits_for_its_receiver_or_is_lost() {
    let dares = |to: Option<Id<Wanderer>>, times: usize, at_once: bool| {
        let settings = Settings::default().threads(1).shards(1);
        let mut system = ActorSystem::new(settings, setup).unwrap();
        let ids = populate(&mut system, 3);
        let _ = system.run_until_idle(9).unwrap();
        let before = system.turns();
        for _ in 0..times {
            let to = to.unwrap_or(ids[0]);
            system.world().send(ids[1], Dare { to });
        }
        if at_once {
            let idle = system.run_until_idle(9).unwrap();
            assert_eq!(idle, Idle::After { turns: 2 });
        } else {
            (0..2).for_each(|_| system.turn().unwrap());
        }
        assert_eq!(system.turns(), before + 2);
        let made = system.get(ids[1]).unwrap().friends[0];
        let seen = to.and_then(|to| Some(system.get(to)?.seen));
        let messages = system.statistics().messages;
        let mut tokens = messages
            .iter()
            .filter(|message| message.name.ends_with("Token"));
        (made, seen, tokens.next().unwrap().lost, system.state_hash())
    };
    let [first, second] = [1, 2].map(|times| dares(None, times, false).0);
    for (to, expected) in [(first, (Some(1), 0)), (second, (None, 1))] {
        let one_by_one = dares(Some(to), 1, false);
        assert_eq!((one_by_one.1, one_by_one.2), expected);
        assert_eq!(dares(Some(to), 1, true), one_by_one);
    }
}

/// Slot numbers go back to the shard of who has spawned: no world is busy with that.
#[test]
fn a_death_in_the_last_turn_makes_no_other_turn() {
    let ends = |settings: Settings, others: bool, at_once: bool| {
        let mut system = ActorSystem::new(settings.shards(4), setup).unwrap();
        let ids = populate(&mut system, 3);
        system.world().send(ids[1], Dare { to: ids[0] });
        let _ = system.run_until_idle(9).unwrap();
        let child = system.get(ids[1]).unwrap().friends[0];
        if others {
            let all = Id::<Wanderer>::local_broadcast(system.world());
            system.world().send(all, Nothing {});
        }
        if at_once {
            system.world().send(child, Leave {});
        } else {
            system.world().send(ids[1], Dismiss { who: child });
        }
        let first = system.run_until_idle(9).unwrap();
        system.world().send(ids[0], Nothing {});
        let second = system.run_until_idle(9).unwrap();
        (first, second, system.turns(), system.state_hash())
    };
    let one = Settings::default().threads(1);
    for (others, at_once) in [(false, false), (false, true), (true, false), (true, true)] {
        let expected = ends(one.clone(), others, at_once);
        let turns = if at_once { 1 } else { 2 };
        let (first, second) = (Idle::After { turns }, Idle::After { turns: 1 });
        assert_eq!((expected.0, expected.1), (first, second));
        for other in [
            one.clone().schedule(1),
            one.clone().threads(3).schedule(2),
            one.clone().sync_test(1),
        ] {
            assert_eq!(ends(other, others, at_once), expected);
        }
    }
}

/// Two shards run on all threads, the first one having had much to say: some of it comes by mail.
#[test]
fn a_letter_is_not_alone_if_others_come_by_mail() {
    let settings = Settings::default().threads(2).shards(4);
    let mut system = ActorSystem::new(settings, setup).unwrap();
    let ids = populate(&mut system, 16);
    let _ = system.run_until_idle(100).unwrap();
    let heard = |system: &mut ActorSystem| {
        let messages = system.statistics().messages;
        let mut nothing = messages
            .iter()
            .filter(|message| message.name.ends_with("Nothing"));
        nothing.next().unwrap().delivered
    };
    let (turns, before) = (system.turns(), heard(&mut system));
    for at in 0..4 {
        // One is in each shard.
        let (to, times) = (ids[15], 3000);
        system.world().send(ids[at], Cry { to, times });
    }
    let idle = system.run_until_idle(100).unwrap();
    assert_eq!(idle, Idle::After { turns: 2 });
    assert_eq!(system.turns(), turns + 2);
    assert_eq!(heard(&mut system) - before, 4 * 3000);
}

#[test]
fn a_world_that_is_kept_comes_back_at_the_turn_that_it_was_at() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::default().threads(1).shards(3);
    let settings = settings.snapshots(SnapshotPolicy::EveryTurns(5));
    let settings = settings.panic_policy(PanicPolicy::Kill);
    let open = || ActorSystem::open(directory.path(), settings.clone(), setup).unwrap();
    let (mut system, mut recovery) = open();
    let ids = populate(&mut system, 5);
    system.world().send(ids[0], Token { left: 60 });
    for bound in [1, 2, 6] {
        let _ = system.run_until_idle(bound).unwrap();
        // A world comes back at the last turn in which the host has said something.
        let to = ids[3];
        system.world().send(to, Cry { to, times: 0 });
        system.turn().unwrap();
        let before = (system.turns(), system.state_hash());
        system.wait_for_snapshot().unwrap();
        drop(system);
        (system, recovery) = open();
        assert_eq!((system.turns(), system.state_hash()), before);
    }
    // It was taken while no turn ran by itself.
    assert_eq!((system.turns(), recovery.snapshot), (12, Some(10)));
}

#[test]
fn who_looks_outside_of_the_world_is_found() {
    for every in [1, 3] {
        let settings = Settings::default().threads(1).sync_test(every);
        let mut system = ActorSystem::new(settings, setup).unwrap();
        let ids = populate(&mut system, 2);
        system.world().send(ids[1], Dream {});
        let error = system.run_until_idle(100).unwrap_err();
        assert!(matches!(error, TurnError::OutOfSync(_)), "{error}");
        assert!(system.turns() <= 1 + every);
    }
}
