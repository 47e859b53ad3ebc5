//! Hundreds of actor types and messages.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kay_runtime::{
    Actor, ActorSystem, Compact, External, Handlers, Id, Message, Registry, Settings, Spawner,
    World, combine, fingerprint,
};

const BASE: u64 = fingerprint("limits");

/// An actor type for each number.
#[derive(Compact)]
struct Kind<const N: u64> {
    number: u64,
}

/// A message for each number: there are no more than this needs to be, since each costs time to
/// compile.
#[derive(Compact)]
struct New<const N: u64> {
    sum: External<Arc<AtomicU64>>,
}

impl<const N: u64> Actor for Kind<N> {
    const NAME: &'static str = "limits::Kind";
    const FINGERPRINT: u64 = combine(BASE, &[N]);
    fn register(handlers: &mut Handlers<'_, Self>) {
        handlers.spawner::<New<N>>();
    }
}

impl<const N: u64> Message for New<N> {
    const NAME: &'static str = "limits::New";
    const FINGERPRINT: u64 = combine(BASE, &[N]);
}

impl<const N: u64> Spawner for New<N> {
    type Actor = Kind<N>;
    fn spawn(self, _: Id<Kind<N>>, _: &mut World) -> Kind<N> {
        self.sum.get().unwrap().fetch_add(N, Ordering::Relaxed);
        Kind { number: N }
    }
}

/// Comes after all others.
#[derive(Compact)]
struct Last {
    heard: u32,
}

message!(NewLast {});
message!(Tell { number: u32 });
actor!(Last, messages: [Tell], spawners: [NewLast]);
spawn!(Last, NewLast, |_m, _id, _world| Last { heard: 0 });
on!(Last, Tell, |this, m, _world| this.heard = m.number);

/// Calls `$do!(N)` for the numbers from 0 to 299.
macro_rules! for_all {
    ($do:ident) => {
        for_all!(@hundreds $do, 0 100 200);
    };
    (@hundreds $do:ident, $($n:literal)*) => {
        $(for_all!(@tens $do, $n, 0 10 20 30 40 50 60 70 80 90);)*
    };
    (@tens $do:ident, $n:expr, $($m:literal)*) => {
        $(for_all!(@ones $do, $n + $m, 0 1 2 3 4 5 6 7 8 9);)*
    };
    (@ones $do:ident, $n:expr, $($m:literal)*) => {
        $($do!({ $n + $m });)*
    };
}

fn setup(registry: &mut Registry) {
    macro_rules! register {
        ($n:block) => {
            registry.register::<Kind<$n>>();
        };
    }
    for_all!(register);
    registry.register::<Last>();
}

/// Fact: 64 actor types and 256 messages were the limit.
#[test]
fn more_than_64_actor_types_and_256_messages_work() {
    let mut system = ActorSystem::new(Settings::default().threads(2).shards(3), setup).unwrap();
    let sum = Arc::new(AtomicU64::new(0));
    macro_rules! spawn {
        ($n:block) => {
            system.world().spawn(New::<$n> {
                sum: External::new(Arc::clone(&sum)),
            });
        };
    }
    for_all!(spawn);
    let last = system.world().spawn(NewLast {});
    let all = Id::<Last>::local_broadcast(system.world());
    system.world().send(all, Tell { number: 300 });
    let _ = system.run_until_idle(5).unwrap();
    assert_eq!(
        sum.load(Ordering::Relaxed),
        299 * 150,
        "each spawner ran, and its own"
    );
    assert_eq!(system.get(last).unwrap().heard, 300);
    let numbers = system.instances::<Kind<299>>().map(|(_, kind)| kind.number);
    assert_eq!(numbers.collect::<Vec<_>>(), [299]);
    let statistics = system.statistics();
    assert_eq!(
        (statistics.actors.len(), statistics.messages.len()),
        (301, 302)
    );
    assert!(statistics.actors.iter().all(|actor| actor.instances == 1));
    assert!(
        statistics
            .messages
            .iter()
            .all(|message| message.delivered == 1)
    );
    assert_eq!(statistics.lost(), 0);
}
