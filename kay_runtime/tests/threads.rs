//! Turns that are worth several threads, small ones that stay on one, and both in turn.

mod common;

use common::shrunk;
use kay_runtime::{ActorSystem, CVec, Compact, Fate, Id, Idle, Settings, Statistics};

/// Passes on what it gets, and remembers it.
#[derive(Compact)]
struct Relay {
    next: CVec<Id<Relay>>,
    heard: CVec<(u32, u32)>,
}

message!(NewRelay {});
message!(Link { next: CVec<Id<Relay>> });
message!(
    /// Goes on to all the next ones, as many as there are.
    Spread { from: u32, hops: u32 }
);
message!(
    /// Goes on to one of the next ones.
    Go { from: u32, hops: u32 }
);
message!(End {});

actor!(Relay, messages: [Link, Spread, Go, End], spawners: [NewRelay]);
spawn!(Relay, NewRelay, |_m, _id, _world| Relay {
    next: CVec::new(),
    heard: CVec::new()
});
on!(Relay, Link, |this, m, _world| this.next = m.next);
on!(Relay, Spread, |this, m, world| {
    this.heard.push((m.from, m.hops));
    for &next in this.next.iter().filter(|_| m.hops > 0) {
        world.send(
            next,
            Spread {
                from: m.from,
                hops: m.hops - 1,
            },
        );
    }
    if m.hops == 0 && m.from == 0 {
        world.send(
            this.next[0],
            Go {
                from: m.from,
                hops: 3,
            },
        );
    }
});
on!(Relay, Go, |this, m, world| {
    this.heard.push((m.from, m.hops));
    if m.hops > 0 {
        let at = world.rng().below(this.next.len() as u64) as usize;
        world.send(
            this.next[at],
            Go {
                from: m.from,
                hops: m.hops - 1,
            },
        );
    }
});
on!(Relay, End, |_this, _m, _world| Fate::Die);

/// One message becomes thousands, of which a few are left; twice. Hashes after each wave, and after
/// each turn if `look`: which must not help.
fn waves(settings: Settings, relays: u32, look: bool) -> (Vec<u64>, Vec<u64>, Statistics) {
    let mut system = ActorSystem::new(settings, |r| r.register::<Relay>()).unwrap();
    let ids: Vec<_> = (0..relays)
        .map(|_| system.world().spawn(NewRelay {}))
        .collect();
    for (at, &id) in ids.iter().enumerate() {
        let next = (1..6)
            .map(|step| ids[(at * 5 + step * 7) % ids.len()])
            .collect();
        system.world().send(id, Link { next });
    }
    let (mut hashes, mut turns) = (Vec::new(), Vec::new());
    for wave in 0..2 {
        system.world().send(
            ids[3],
            Spread {
                from: wave,
                hops: 6,
            },
        );
        for turn in 0..14 {
            system.turn().unwrap();
            if look {
                turns.push(system.state_hash());
            }
            if turn == 5 {
                // In the midst of the flood: many die, and their slots go back.
                ids.iter().skip(wave as usize).step_by(9).for_each(|&id| {
                    system.world().send(id, End {});
                });
            }
        }
        assert_eq!(system.run_until_idle(1), Ok(Idle::After { turns: 0 }));
        hashes.push(system.state_hash());
        // The host gets its numbers back in an order that does not depend on threads.
        let again: Vec<_> = (0..20).map(|_| system.world().spawn(NewRelay {})).collect();
        assert!(again.iter().any(|id| id.generation() > 1));
        hashes.extend(again.iter().map(|id| u64::from(id.index())));
    }
    (hashes, turns, system.statistics())
}

/// A turn begins on one thread, since there is little to deliver, and is large before all shards have run.
#[test]
fn a_turn_that_grows_is_the_same_on_any_number_of_threads() {
    let relays = shrunk(2200).max(1000);
    let run = |threads: usize, told: usize| {
        let settings = Settings::default().threads(threads).shards(16);
        let mut system = ActorSystem::new(settings, |r| r.register::<Relay>()).unwrap();
        let ids: Vec<_> = (0..relays)
            .map(|_| system.world().spawn(NewRelay {}))
            .collect();
        let speakers = &ids[..told];
        for &id in speakers {
            let next = ids.iter().copied().collect();
            system.world().send(id, Link { next });
        }
        system.turn().unwrap();
        let mut hashes = Vec::new();
        for round in 0..3 {
            for (from, &id) in (round + 1..).zip(speakers) {
                system.world().send(id, Spread { from, hops: 1 });
            }
            // Some have news that the others have not.
            for &id in &ids[told + round as usize * 5..][..5] {
                system.world().send(id, End {});
            }
            for _ in 0..3 {
                system.turn().unwrap();
                hashes.push(system.state_hash());
            }
        }
        assert_eq!(system.population::<Relay>(), relays as usize - 15);
        (hashes, system.statistics())
    };
    for told in [1, 3, 20] {
        let first = run(1, told);
        let delivered = first.1.delivered();
        assert!(delivered > 3 * told as u64 * u64::from(relays - 20));
        for threads in [2, 3, 8] {
            assert_eq!(run(threads, told), first, "{threads} threads, {told} told");
        }
    }
}

#[test]
fn large_and_small_turns_in_turn_are_the_same_on_any_number_of_threads() {
    let relays = shrunk(4000).max(1000);
    for shards in [5, 64] {
        let settings = || Settings::default().shards(shards);
        let (hashes, turns, statistics) = waves(settings().threads(1), relays, true);
        assert!(statistics.delivered() > 2 * 15_000 && statistics.lost() > 0);
        for threads in [1, 2, 3, 8] {
            for look in [false, true] {
                let found = waves(settings().threads(threads), relays, look);
                assert_eq!(
                    (&found.0, &found.2),
                    (&hashes, &statistics),
                    "{threads} threads"
                );
                assert!(!look || found.1 == turns, "{threads} threads");
            }
        }
    }
}
