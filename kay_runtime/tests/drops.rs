//! States and messages are dropped exactly once, wherever they end.

mod common;

use std::collections::BTreeSet;
use std::fmt;
use std::hash::Hasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::{blow, property};
use kay_runtime::portable::{Problem, ReadError, Reader, Writer};
use kay_runtime::{ActorSystem, CBox, CVec, Compact, Fate, Id, PanicPolicy, Settings};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// Knows which tokens live.
#[derive(Default)]
struct Ledger {
    live: Mutex<BTreeSet<u64>>,
    made: AtomicU64,
    dropped_twice: AtomicU64,
}

impl Ledger {
    fn live(&self) -> usize {
        assert_eq!(
            self.dropped_twice.load(Ordering::Relaxed),
            0,
            "dropped twice"
        );
        self.live.lock().unwrap().len()
    }
}

/// Stands in a ledger while it lives.
struct Token {
    entry: u64,
    ledger: Arc<Ledger>,
}

impl Token {
    fn new(ledger: &Arc<Ledger>) -> Self {
        let entry = ledger.made.fetch_add(1, Ordering::Relaxed);
        ledger.live.lock().unwrap().insert(entry);
        Token {
            entry,
            ledger: Arc::clone(ledger),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if !self.ledger.live.lock().unwrap().remove(&self.entry) {
            self.ledger.dropped_twice.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Compact for Token {
    const NAME_HASH: u64 = 1;

    fn duplicate(&self) -> Self {
        Token::new(&self.ledger)
    }

    fn hash_state<H: Hasher>(&self, _: &mut H) {}

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }

    fn write(&self, to: &mut Writer) {
        to.refuse("a token stays where it is");
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, ReadError> {
        let why = "a token stays where it is";
        Err(from.error(Problem::Invalid { why }))
    }
}

#[derive(Compact)]
struct Holder {
    id: Id<Holder>,
    tokens: CVec<CBox<Token>>,
}

message!(NewHolder {
    token: Token,
    fails: bool
});
message!(Keep {
    token: Token,
    fails: bool
});
message!(Ignore { token: Token });
message!(Pass { token: Token, to: Id<Holder> });
message!(End { token: Token });
message!(Bear { token: Token });

actor!(Holder, messages: [Keep, Ignore, Pass, End, Bear], spawners: [NewHolder]);
spawn!(Holder, NewHolder, |m, id, _world| {
    if m.fails {
        blow("unborn");
    }
    Holder {
        id,
        tokens: CVec::from([CBox::new(m.token)]),
    }
});
on!(Holder, Keep, |this, m, _world| {
    this.tokens.push(CBox::new(m.token));
    if m.fails {
        blow("kept, and broken");
    }
});
on!(Holder, Ignore, |_this, _m, _world| ());
on!(Holder, Pass, |_this, m, world| world.send(
    m.to,
    Keep {
        token: m.token,
        fails: false
    }
));
on!(Holder, End, |_this, _m, _world| Fate::Die);
on!(Holder, Bear, |this, m, world| {
    let child = world.spawn(NewHolder {
        token: m.token.duplicate(),
        fails: false,
    });
    world.send(
        child,
        Pass {
            token: m.token,
            to: this.id,
        },
    );
});

#[derive(Clone, Debug)]
enum Act {
    Spawn { fails: bool },
    Keep { to: usize, fails: bool },
    Ignore { to: usize },
    Pass { through: usize, to: usize },
    End { to: usize },
    Bear { to: usize },
    KeepAll { fails: bool },
    EndAll,
    First,
    Turn,
    Resume,
}

fn act() -> impl Strategy<Value = Act> {
    let rarely = || prop::bool::weighted(0.1);
    let to = || 0..50_usize;
    prop_oneof![
        8 => rarely().prop_map(|fails| Act::Spawn { fails }),
        8 => (to(), rarely()).prop_map(|(to, fails)| Act::Keep { to, fails }),
        4 => to().prop_map(|to| Act::Ignore { to }),
        4 => (to(), to()).prop_map(|(through, to)| Act::Pass { through, to }),
        4 => to().prop_map(|to| Act::End { to }),
        4 => to().prop_map(|to| Act::Bear { to }),
        2 => rarely().prop_map(|fails| Act::KeepAll { fails }),
        1 => Just(Act::EndAll),
        2 => Just(Act::First),
        6 => Just(Act::Turn),
        2 => Just(Act::Resume),
    ]
}

/// Tokens in the states of the living.
fn held(system: &ActorSystem) -> usize {
    system
        .instances::<Holder>()
        .map(|(_, holder)| holder.tokens.len())
        .sum()
}

fn follow(acts: Vec<Act>, settings: Settings) -> TestCaseResult {
    let ledger = Arc::new(Ledger::default());
    let mut system = ActorSystem::new(settings, |r| r.register::<Holder>()).unwrap();
    let mut ids = vec![system.world().spawn(NewHolder {
        token: Token::new(&ledger),
        fails: false,
    })];
    let token = || Token::new(&ledger);
    for act in acts {
        let all = Id::<Holder>::local_broadcast(system.world());
        let first = Id::<Holder>::local_first(system.world());
        let world = system.world();
        let id = |at: usize| ids[at % ids.len()];
        match act {
            Act::Spawn { fails } => ids.push(world.spawn(NewHolder {
                token: token(),
                fails,
            })),
            Act::Keep { to, fails } => world.send(
                id(to),
                Keep {
                    token: token(),
                    fails,
                },
            ),
            Act::Ignore { to } => world.send(id(to), Ignore { token: token() }),
            Act::Pass { through, to } => {
                world.send(
                    id(through),
                    Pass {
                        token: token(),
                        to: id(to),
                    },
                );
            }
            Act::End { to } => world.send(id(to), End { token: token() }),
            Act::Bear { to } => world.send(id(to), Bear { token: token() }),
            Act::KeepAll { fails } => world.send(
                all,
                Keep {
                    token: token(),
                    fails,
                },
            ),
            Act::EndAll => world.send(all, End { token: token() }),
            Act::First => world.send(
                first,
                Keep {
                    token: token(),
                    fails: false,
                },
            ),
            // Either may meet a panic, which is the point.
            Act::Turn => drop(system.turn()),
            Act::Resume => drop(system.resume()),
        }
        prop_assert!(ledger.live() >= held(&system));
    }
    if ledger.made.load(Ordering::Relaxed).is_multiple_of(2) {
        // Let all come to rest: then only states hold tokens.
        while system.resume().is_err() {}
        for _ in 0..5 {
            while system.turn().is_err() {
                while system.resume().is_err() {}
            }
        }
        prop_assert_eq!(
            ledger.live(),
            held(&system),
            "a message was kept or a state lost"
        );
    }
    drop(system);
    prop_assert_eq!(ledger.live(), 0, "something was not dropped");
    Ok(())
}

/// Facts: a broadcast was freed twice; a panic lost the current message.
#[test]
fn whatever_happens_states_and_messages_are_dropped_once() {
    let settings = (1..5_usize, prop::bool::ANY, any::<u64>());
    property(
        250,
        (prop::collection::vec(act(), 1..60), settings),
        |(acts, settings)| {
            let (shards, kill, seed) = settings;
            let mut settings = Settings::default()
                .threads(1 + seed as usize % 2)
                .shards(shards);
            if kill {
                settings = settings.panic_policy(PanicPolicy::Kill);
            }
            if seed.is_multiple_of(3) {
                settings = settings.schedule(seed);
            }
            follow(acts, settings)
        },
    );
}

fn holders(count: usize) -> (ActorSystem, Vec<Id<Holder>>, Arc<Ledger>) {
    let ledger = Arc::new(Ledger::default());
    let settings = Settings::default().threads(1).shards(3);
    let mut system = ActorSystem::new(settings, |r| r.register::<Holder>()).unwrap();
    let new = || NewHolder {
        token: Token::new(&ledger),
        fails: false,
    };
    let ids = (0..count).map(|_| system.world().spawn(new())).collect();
    (system, ids, ledger)
}

#[test]
fn messages_that_are_never_handled_are_dropped_with_the_system() {
    let (mut system, ids, ledger) = holders(5);
    let all = Id::<Holder>::local_broadcast(system.world());
    system.turn().unwrap();
    for &id in &ids {
        // Half of them one turn further than the others.
        system.world().send(
            id,
            Bear {
                token: Token::new(&ledger),
            },
        );
    }
    system.turn().unwrap();
    system.world().send(
        ids[0],
        Keep {
            token: Token::new(&ledger),
            fails: false,
        },
    );
    system.world().send(
        all,
        Ignore {
            token: Token::new(&ledger),
        },
    );
    // Five states, two tokens for each child that is on its way, the last two sent: of which
    // the broadcast has a copy for each shard.
    assert_eq!(ledger.live(), 5 + 10 + 1 + 3);
    drop(system);
    assert_eq!(ledger.live(), 0);
}

#[test]
fn what_a_spawn_of_an_unregistered_message_or_a_lost_message_holds_is_dropped() {
    let (mut system, ids, ledger) = holders(1);
    system.world().send(
        ids[0],
        End {
            token: Token::new(&ledger),
        },
    );
    system.turn().unwrap();
    assert_eq!(ledger.live(), 0);
    system.world().send(
        ids[0],
        Keep {
            token: Token::new(&ledger),
            fails: false,
        },
    );
    assert_eq!(ledger.live(), 1);
    system.turn().unwrap();
    assert_eq!((ledger.live(), system.statistics().lost()), (0, 1));
}

#[test]
fn a_state_moved_into_a_message_outlives_its_holder_and_its_system() {
    let (mut system, ids, ledger) = holders(2);
    system.turn().unwrap();
    let tokens = system.get(ids[0]).unwrap().tokens.duplicate();
    assert_eq!(ledger.live(), 3);
    drop(system);
    assert_eq!((ledger.live(), tokens.len()), (1, 1));
    drop(tokens);
    assert_eq!(ledger.live(), 0);
}
