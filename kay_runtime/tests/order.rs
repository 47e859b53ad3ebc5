//! In which order messages arrive, and that each does so once.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::property;
use kay_runtime::{ActorSystem, CVec, Compact, External, Fate, Id, Idle, Registry, Settings};
use proptest::prelude::*;

/// Talks to others at random, has children, and dies.
#[derive(Compact)]
struct Node {
    id: Id<Node>,
    /// Sender, and number of the message by this sender.
    heard: CVec<(Id<Node>, u32)>,
    peers: CVec<Id<Node>>,
    said: u32,
    tally: External<Arc<Tally>>,
}

/// What all nodes have done, dead ones included.
#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    heard: AtomicU64,
    spawned: AtomicU64,
}

message!(NewNode { peers: CVec<Id<Node>>, tally: External<Arc<Tally>> });
message!(Meet { peers: CVec<Id<Node>> });
message!(
    /// Talk for so many turns, so much each turn.
    Chatter { turns: u32, words: u32 }
);
message!(
    /// Needs no drop, unlike a letter.
    Word { from: Id<Node>, number: u32, turn: u64 }
);
message!(Letter { from: Id<Node>, number: u32, turn: u64, text: CVec<u32> });

actor!(Node, messages: [Meet, Chatter, Word, Letter], spawners: [NewNode]);
spawn!(Node, NewNode, |m, id, _world| {
    m.tally
        .get()
        .unwrap()
        .spawned
        .fetch_add(1, Ordering::Relaxed);
    Node {
        id,
        heard: CVec::new(),
        peers: m.peers,
        said: 0,
        tally: m.tally,
    }
});
on!(Node, Meet, |this, m, _world| this.peers = m.peers);
on!(Node, Word, |this, m, world| this.hear(
    m.from,
    m.number,
    m.turn,
    world.turn()
));
on!(Node, Letter, |this, m, world| {
    assert_eq!(m.text, [m.number; 3]);
    this.hear(m.from, m.number, m.turn, world.turn());
});
on!(Node, Chatter, |this, m, world| {
    let mut rng = world.rng();
    for _ in 0..m.words {
        let to = this.peers[rng.below(this.peers.len() as u64) as usize];
        this.say(to, rng.chance(0.5), world);
    }
    if rng.chance(0.2) {
        let peers = this.peers.duplicate();
        let tally = External::new(Arc::clone(this.tally.get().unwrap()));
        let child = world.spawn(NewNode { peers, tally });
        this.say(child, rng.chance(0.5), world);
        this.say(child, rng.chance(0.5), world);
        if rng.chance(0.5) {
            world.send(
                child,
                Chatter {
                    turns: m.turns / 2,
                    words: m.words,
                },
            );
        }
        this.peers.push(child);
    }
    if m.turns == 0 {
        Fate::Live
    } else if rng.chance(0.04) {
        Fate::Die
    } else {
        world.send(
            this.id,
            Chatter {
                turns: m.turns - 1,
                words: m.words,
            },
        );
        Fate::Live
    }
});

impl Node {
    fn hear(&mut self, from: Id<Node>, number: u32, sent: u64, now: u64) {
        assert_eq!(
            now,
            sent + 1,
            "a message is handled in the turn after it was sent"
        );
        self.heard.push((from, number));
        self.tally
            .get()
            .unwrap()
            .heard
            .fetch_add(1, Ordering::Relaxed);
    }

    fn say(&mut self, to: Id<Node>, word: bool, world: &mut kay_runtime::World) {
        let (from, number, turn) = (self.id, self.said, world.turn());
        self.said += 1;
        self.tally
            .get()
            .unwrap()
            .sent
            .fetch_add(1, Ordering::Relaxed);
        if word {
            world.send(to, Word { from, number, turn });
        } else {
            let text = [number; 3].into();
            world.send(
                to,
                Letter {
                    from,
                    number,
                    turn,
                    text,
                },
            );
        }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let sizes = (1..20_usize, 1..4_usize, any::<u64>(), any::<bool>());
    sizes.prop_map(|(shards, threads, seed, shuffle)| {
        let settings = Settings::default()
            .shards(shards)
            .threads(threads)
            .seed(seed);
        if shuffle {
            settings.schedule(seed)
        } else {
            settings
        }
    })
}

/// Facts: messages were lost when a peer was not there, and half of what a turn sent.
#[test]
fn every_message_arrives_once_in_the_order_of_sending_or_is_counted_as_lost() {
    property(
        60,
        (settings(), 2..40_usize, 1..12_u32),
        |(settings, nodes, words)| {
            let mut system = ActorSystem::new(settings, |r| r.register::<Node>()).unwrap();
            let tally = Arc::new(Tally::default());
            let new = || NewNode {
                peers: CVec::new(),
                tally: External::new(Arc::clone(&tally)),
            };
            let ids: Vec<_> = (0..nodes).map(|_| system.world().spawn(new())).collect();
            for &id in &ids {
                system.world().send(
                    id,
                    Meet {
                        peers: ids.iter().copied().collect(),
                    },
                );
                system.world().send(id, Chatter { turns: 12, words });
            }
            let idle = system.run_until_idle(20).unwrap();
            prop_assert!(matches!(idle, Idle::After { .. }), "{idle:?}");

            for (id, node) in system.instances::<Node>() {
                prop_assert_eq!(id, node.id);
                let mut heard: Vec<_> = node.heard.iter().copied().collect();
                // Stable: what one sender has said stays in the order of arrival.
                heard.sort_by_key(|&(from, _)| from);
                for pair in heard.windows(2) {
                    prop_assert!(pair[0].0 != pair[1].0 || pair[0].1 < pair[1].1, "{pair:?}");
                }
            }
            let statistics = system.statistics();
            let of = |name: &str| {
                let found = statistics
                    .messages
                    .iter()
                    .find(|m| m.name.ends_with(name))
                    .unwrap();
                (found.delivered, found.lost)
            };
            let (words, letters) = (of("::Word"), of("::Letter"));
            let sent = tally.sent.load(Ordering::Relaxed);
            let heard = tally.heard.load(Ordering::Relaxed);
            prop_assert_eq!(words.0 + letters.0, heard);
            prop_assert_eq!(heard + words.1 + letters.1, sent);
            prop_assert_eq!(of("::NewNode"), (tally.spawned.load(Ordering::Relaxed), 0));
            prop_assert!(statistics.actors.iter().all(|actor| actor.waiting == 0));
            Ok(())
        },
    );
}

/// Writes down what it is told in a list that it shares with others.
#[derive(Compact)]
struct Scribe<const NUMBER: usize> {
    log: External<Log>,
}

type Log = Arc<Mutex<Vec<(usize, u32)>>>;

#[derive(Compact)]
struct NewScribe<const NUMBER: usize> {
    log: External<Log>,
}

message!(Note { note: u32 });
message!(Forward { note: u32, to: Id<Scribe<0>> });

impl<const NUMBER: usize> kay_runtime::Actor for Scribe<NUMBER> {
    const NAME: &'static str = "order::Scribe";
    const FINGERPRINT: u64 =
        kay_runtime::combine(kay_runtime::fingerprint(Self::NAME), &[NUMBER as u64]);
    fn register(handlers: &mut kay_runtime::Handlers<'_, Self>) {
        handlers.message::<Note>();
        handlers.message::<Forward>();
        handlers.spawner::<NewScribe<NUMBER>>();
    }
}

impl<const NUMBER: usize> kay_runtime::Message for NewScribe<NUMBER> {
    const NAME: &'static str = "order::NewScribe";
    const FINGERPRINT: u64 = kay_runtime::fingerprint(Self::NAME);
}

impl<const NUMBER: usize> kay_runtime::Spawner for NewScribe<NUMBER> {
    type Actor = Scribe<NUMBER>;
    fn spawn(self, _: Id<Scribe<NUMBER>>, _: &mut kay_runtime::World) -> Scribe<NUMBER> {
        Scribe { log: self.log }
    }
}

impl<const NUMBER: usize> kay_runtime::Recipient<Note> for Scribe<NUMBER> {
    fn receive(&mut self, m: Note, _: &mut kay_runtime::World) -> Fate {
        self.log
            .get()
            .unwrap()
            .lock()
            .unwrap()
            .push((NUMBER, m.note));
        Fate::Live
    }
}

impl<const NUMBER: usize> kay_runtime::Recipient<Forward> for Scribe<NUMBER> {
    fn receive(&mut self, m: Forward, world: &mut kay_runtime::World) -> Fate {
        world.send(m.to, Note { note: m.note });
        Fate::Live
    }
}

struct Scribes {
    system: ActorSystem,
    log: Log,
}

impl Scribes {
    fn new(settings: Settings, setup: impl FnOnce(&mut Registry)) -> Self {
        Scribes {
            system: ActorSystem::new(settings, setup).unwrap(),
            log: Log::default(),
        }
    }

    fn spawn<const NUMBER: usize>(&mut self) -> Id<Scribe<NUMBER>> {
        let log = External::new(Arc::clone(&self.log));
        self.system.world().spawn(NewScribe::<NUMBER> { log })
    }

    fn turn_log(&mut self) -> Vec<(usize, u32)> {
        self.system.turn().unwrap();
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

#[test]
fn within_a_shard_types_come_in_the_order_of_registration() {
    let setups: [fn(&mut Registry); 2] = [
        |r| {
            r.register::<Scribe<0>>();
            r.register::<Scribe<1>>();
        },
        |r| {
            r.register::<Scribe<1>>();
            r.register::<Scribe<0>>();
        },
    ];
    for (first, setup) in setups.into_iter().enumerate() {
        let mut scribes = Scribes::new(Settings::default().shards(1).threads(1), setup);
        let (zero, one) = (scribes.spawn::<0>(), scribes.spawn::<1>());
        let world = scribes.system.world();
        for note in 0..3 {
            world.send(one, Note { note });
            world.send(zero, Note { note });
        }
        let second = 1 - first;
        let all = [first, first, first, second, second, second].into_iter();
        let expected: Vec<_> = all.zip([0, 1, 2, 0, 1, 2]).collect();
        assert_eq!(scribes.turn_log(), expected);
    }
}

#[test]
fn what_comes_from_the_host_comes_first_then_by_sending_shard() {
    let settings = Settings::default().shards(8).threads(1);
    let mut scribes = Scribes::new(settings, |r| r.register::<Scribe<0>>());
    // The host's instances go to the shards in turn: so `senders[n]` lives in shard `n`.
    let senders: Vec<_> = (0..8).map(|_| scribes.spawn::<0>()).collect();
    assert!((0..8).all(|shard| senders[shard].index() % 8 == shard as u32));
    let to = senders[3];
    // Told in no order at all: some once, some twice, with the shard as the tens.
    for note in [70, 20, 50, 71, 0, 30, 31, 10, 21] {
        let sender = senders[note as usize / 10];
        scribes.system.world().send(sender, Forward { note, to });
    }
    assert_eq!(scribes.turn_log(), []);
    scribes.system.world().send(to, Note { note: 99 });
    let expected = [99, 0, 10, 20, 21, 30, 31, 50, 70, 71].map(|note| (0, note));
    assert_eq!(scribes.turn_log(), expected);
    assert_eq!(scribes.turn_log(), []);
}
