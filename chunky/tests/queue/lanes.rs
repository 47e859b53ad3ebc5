//! Lanes of several groups and targets, against a map of vectors.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chunky::{Depot, Heap, ItemKind, Lanes, Pool, Receiver};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counted, property};
use crate::items::*;

const TARGETS: u32 = 3;

/// Numbers of routes, with tag and group: such as no map finds at the first look, and several that
/// have one number for two types.
const ROUTES: [(u64, u16, u16); 16] = [
    (0, 1, 0),
    (0, 2, 4),
    (7, COUNTED, 1),
    (7, 8, 1),
    (7, WORD, 2),
    (7 + (1 << 20), 4, 2),
    (7 + (1 << 20), 1, 4),
    (7 + (1 << 40), WORD, 0),
    (7 + (1 << 63), 5, 0),
    (u64::MAX, 6, 1),
    (u64::MAX - (1 << 32), 9, 0),
    (8, 10, 2),
    (9, 11, 300),
    (10, COUNTED, 300),
    (11, 2, 1),
    (1 << 14, 1, 1),
];

#[derive(Clone, Debug)]
enum Op {
    /// Send this along some route to some target, so many times.
    Send {
        route: usize,
        target: u32,
        value: u64,
        count: usize,
    },
    /// The next sender's turn.
    Turn(u32),
    /// Take this many chains.
    Collect(usize),
    /// Take a chain, if there is only one.
    CollectOnly,
    /// Go on in another thread.
    Travel,
}

fn op() -> impl Strategy<Value = Op> {
    let send = (
        0..ROUTES.len(),
        0..TARGETS,
        0..256_u64,
        prop_oneof![6 => 1..4_usize, 1 => 1..100_usize],
    );
    prop_oneof![
        12 => send.prop_map(|(route, target, value, count)| Op::Send { route, target, value, count }),
        3 => (0..9_u32).prop_map(Op::Turn),
        1 => (0..6_usize).prop_map(Op::Collect),
        1 => Just(Op::Collect(usize::MAX)),
        4 => Just(Op::CollectOnly),
        1 => Just(Op::Travel),
    ]
}

struct World {
    queue: Queue,
    lanes: Lanes,
    sender: u32,
    /// The routes that were added.
    known: BTreeSet<usize>,
    /// What is in each lane, by group and target.
    held: BTreeMap<(u16, u16), Vec<Sent>>,
    /// Lanes that the present sender was the first to write to, as far as they have not been taken.
    own: BTreeSet<(u16, u16)>,
    /// Other lanes that it has written to.
    shared: BTreeSet<(u16, u16)>,
    sent: u32,
}

impl World {
    fn new() -> Self {
        let queue = Queue::new();
        World {
            lanes: Lanes::new(&queue.depot, TARGETS as usize),
            queue,
            sender: 0,
            known: BTreeSet::new(),
            held: BTreeMap::new(),
            own: BTreeSet::new(),
            shared: BTreeSet::new(),
            sent: 0,
        }
    }

    fn follow(&mut self, op: &Op) -> TestCaseResult {
        match *op {
            Op::Send {
                route,
                target,
                value,
                count,
            } => {
                let count = if (9..=11).contains(&ROUTES[route].1) {
                    count.min(2)
                } else {
                    count
                };
                for at in 0..count as u64 {
                    self.sent += 1;
                    let to = Receiver::new(self.sent, value as u16);
                    let value = (value + at) % 256;
                    with_kind!(ROUTES[route].1, T => self.send::<T>(route, target, to, value)?);
                }
            }
            Op::Turn(sender) => {
                self.end()?;
                self.sender = sender;
                self.lanes.begin(sender);
            }
            Op::Collect(most) => self.collect(most)?,
            Op::CollectOnly => self.collect_only()?,
            Op::Travel => {
                let lanes = std::mem::replace(&mut self.lanes, Lanes::new(&self.queue.depot, 0));
                self.lanes = std::thread::spawn(move || lanes).join().unwrap();
            }
        }
        prop_assert_eq!(self.lanes.is_empty(), self.held.is_empty());
        let held: usize = self.held.values().map(|sent| counted(sent)).sum();
        prop_assert_eq!(self.queue.ledger.live(), held);
        Ok(())
    }

    fn send<T: Item>(
        &mut self,
        route: usize,
        target: u32,
        to: Receiver,
        value: u64,
    ) -> TestCaseResult {
        let (number, tag, group) = ROUTES[route];
        let place = (group, target as u16);
        let item = T::make(value, &self.queue.ledger);
        let sent = Sent::of(self.sender, tag, to, &item);
        let known = self.known.contains(&route);
        let pool = &mut self.queue.pool;
        match self.lanes.push(number, target, to, item, pool) {
            Ok(()) => prop_assert!(known, "it cannot be there"),
            Err(item) => {
                let pushed = self.lanes.push_slowly(number, target, to, item, pool);
                prop_assert_eq!(pushed.is_ok(), known);
                if let Err(item) = pushed {
                    self.lanes
                        .add_route::<T>(number, tag, group, TARGETS as usize);
                    let pushed = self.lanes.push_slowly(number, target, to, item, pool);
                    prop_assert!(pushed.is_ok());
                    self.known.insert(route);
                }
            }
        }
        let held = self.held.entry(place).or_default();
        if held.is_empty() {
            self.own.insert(place);
        } else if !self.own.contains(&place) {
            self.shared.insert(place);
        }
        held.push(sent);
        Ok(())
    }

    fn end(&mut self) -> TestCaseResult {
        let mut told = BTreeSet::new();
        self.lanes.end(|target| {
            told.insert(target);
        });
        let reached = self.own.iter().chain(&self.shared);
        prop_assert_eq!(
            told,
            reached
                .map(|&(_, target)| target.into())
                .collect::<BTreeSet<_>>()
        );
        self.lanes
            .end(|target| panic!("target {target} was told again"));
        self.own.clear();
        self.shared.clear();
        Ok(())
    }

    fn collect(&mut self, most: usize) -> TestCaseResult {
        for _ in 0..most {
            let Some((group, target, chain)) = self.lanes.next_chain() else {
                prop_assert!(self.held.is_empty());
                break;
            };
            self.own.remove(&(group, target));
            let expected = self.held.remove(&(group, target));
            prop_assert_eq!(Some(all_of(&chain)), expected);
        }
        self.queue.scribble();
        Ok(())
    }

    fn collect_only(&mut self) -> TestCaseResult {
        let Some((group, target, chain)) = self.lanes.only_chain() else {
            prop_assert_ne!(self.held.len(), 1);
            return Ok(());
        };
        // The sender has ended.
        self.own.clear();
        self.shared.clear();
        let expected = self.held.remove(&(group, target));
        prop_assert_eq!(Some(all_of(&chain)), expected);
        prop_assert!(self.held.is_empty());
        Ok(())
    }
}

#[test]
fn lanes_behave_like_a_vector_for_each_group_and_target() {
    property(200, prop::collection::vec(op(), 0..120), |ops| {
        let mut world = World::new();
        ops.iter().try_for_each(|op| world.follow(op))?;
        if world.sent.is_multiple_of(2) {
            world.end()?;
            world.collect(usize::MAX)?;
        }
        drop(world.lanes);
        world.queue.ends_with(0);
        Ok(())
    });
}

#[test]
fn what_is_sent_again_takes_the_short_way() {
    let mut queue = Queue::new();
    let mut lanes = Lanes::new(&queue.depot, 2);
    lanes.add_route::<Word>(5, WORD, 0, 2);
    lanes.add_route::<Byte>(6, 1, 0, 2);
    for turn in 0..20 {
        lanes.begin(turn);
        for at in 0..50 {
            let to = Receiver::new(at, 1);
            let (word, byte) = (Word::make(7, &queue.ledger), Byte::make(7, &queue.ledger));
            assert!(lanes.push(5, at % 2, to, word, &mut queue.pool).is_ok());
            assert!(lanes.push(6, at % 2, to, byte, &mut queue.pool).is_ok());
        }
        lanes.end(|_| ());
    }
}

#[test]
fn there_are_no_more_targets_than_there_should_be() {
    let mut queue = Queue::new();
    // A route may lead to fewer than there are.
    for (targets, all) in [(0, 0), (0, 7), (1, 1), (5, 5), (5, 6)] {
        let mut lanes = Lanes::new(&queue.depot, all);
        let add = AssertUnwindSafe(|| lanes.add_route::<Counted>(5, COUNTED, 9, all + 1));
        assert!(catch_unwind(add).is_err());
        lanes.add_route::<Counted>(5, COUNTED, 9, targets as usize);
        for target in [targets, targets + 1, u32::MAX] {
            let to = Receiver::new(1, 1);
            let item = Counted::new(1, &queue.ledger);
            let item = lanes.push(5, target, to, item, &mut queue.pool);
            let item = item.err().unwrap();
            let push = || lanes.push_slowly(5, target, to, item, &mut queue.pool);
            assert!(catch_unwind(AssertUnwindSafe(push)).is_err());
        }
        assert!(lanes.is_empty() && lanes.next_chain().is_none());
    }
    let new = || Lanes::new(&queue.depot, (1 << 16) + 1);
    assert!(catch_unwind(AssertUnwindSafe(new)).is_err());
    queue.ends_with(0);
}

#[test]
fn a_route_with_a_wrong_tag_is_refused() {
    let mut queue = Queue::new();
    let mut lanes = Lanes::new(&queue.depot, 1);
    for tag in [0, 1, WORD, TAGS + 1, u16::MAX] {
        let add = AssertUnwindSafe(|| lanes.add_route::<Counted>(5, tag, 0, 1));
        assert!(catch_unwind(add).is_err(), "tag {tag}");
        let to = Receiver::new(1, 1);
        let item = Counted::new(1, &queue.ledger);
        let pushed = lanes.push_slowly(5, 0, to, item, &mut queue.pool);
        assert!(pushed.is_err(), "there is no such route");
    }
    drop(lanes);
    queue.ends_with(0);
}

#[test]
fn the_steady_state_takes_nothing_new_from_the_storage() {
    let mut queue = Queue::new();
    let mut lanes = Lanes::new(&queue.depot, TARGETS as usize);
    for (number, tag, group) in ROUTES {
        with_kind!(tag, T => lanes.add_route::<T>(number, tag, group, TARGETS as usize));
    }
    let mut round = |queue: &mut Queue| {
        for sender in 0..9 {
            lanes.begin(sender);
            for at in 0..500 {
                // Huge chunks are not kept.
                let (number, tag, _) = ROUTES[at % 10];
                let (target, to) = (at as u32 / 10 % TARGETS, Receiver::new(at as u32, 1));
                with_kind!(tag, T => {
                    let item = T::make(1, &queue.ledger);
                    let pushed = lanes.push(number, target, to, item, &mut queue.pool);
                    if let Err(item) = pushed {
                        let pushed = lanes.push_slowly(number, target, to, item, &mut queue.pool);
                        assert!(pushed.is_ok());
                    }
                });
            }
            lanes.end(|_| ());
        }
        while let Some((_, _, mut chain)) = lanes.next_chain() {
            while chain.settle(&mut queue.pool) {
                let tag = chain.first().map_or(WORD, |item| item.tag());
                pop(&mut chain, &mut queue.pool, tag);
            }
        }
    };
    round(&mut queue);
    let first = queue.storage.acquired();
    for _ in 0..5 {
        round(&mut queue);
    }
    assert_eq!(queue.storage.acquired(), first);
    drop(lanes);
    queue.ends_with(0);
}

/// The first chunk of a lane is a small one, of 512 bytes.
#[test]
fn what_does_not_fit_in_a_small_chunk_gets_another_one() {
    fn sent<const BYTES: usize>() {
        let depot = Depot::new(Arc::new(Heap), [ItemKind::of::<[u8; BYTES]>()]);
        let (mut lanes, mut pool) = (Lanes::new(&depot, 1), Pool::new(&depot));
        lanes.add_route::<[u8; BYTES]>(5, 1, 0, 1);
        let to = Receiver::new(1, 1);
        for round in 0..3_u8 {
            for at in 0..3 {
                let sent = lanes.push(5, 0, to, [round + at; BYTES], &mut pool);
                assert!(sent.is_ok());
            }
            let (_, _, mut chain) = lanes.next_chain().unwrap();
            for at in 0..3 {
                assert_eq!(chain.pop(&mut pool), Some((to, [round + at; BYTES])));
            }
            assert!(!chain.settle(&mut pool));
        }
    }
    sent::<400>();
    sent::<456>();
    sent::<464>();
    sent::<465>();
    sent::<472>();
    sent::<480>();
    sent::<496>();
    sent::<504>();
    sent::<512>();
}

/// A sender's mark and its first item are written together, wherever in a chunk the one before has stopped.
#[test]
fn each_sender_is_known_wherever_a_chunk_ends() {
    let to = Receiver::new(1, 1);
    for (first, second) in (0..40).flat_map(|first| (0..40).map(move |second| (first, second))) {
        let mut queue = Queue::new();
        let mut lanes = Lanes::new(&queue.depot, 1);
        lanes.add_route::<Word>(5, WORD, 0, 1);
        let mut sent = Vec::new();
        for (sender, count) in (1..).zip([first, second, 2]) {
            lanes.begin(sender);
            for at in 0..count {
                let word = Word::make(at, &queue.ledger);
                assert!(lanes.push(5, 0, to, word, &mut queue.pool).is_ok());
                sent.push(Sent::item(WORD, to, at).by(sender));
            }
            lanes.end(|target| assert_eq!(target, 0));
        }
        let (_, _, chain) = lanes.next_chain().unwrap();
        assert_eq!(
            all_of(&chain),
            sent,
            "{first} from the first, {second} from the second"
        );
    }
}

#[test]
fn only_senders_that_change_take_room() {
    let chunks = |senders: u32, ends: bool| {
        let mut queue = Queue::new();
        let mut lanes = Lanes::new(&queue.depot, 1);
        lanes.add_route::<Word>(5, WORD, 0, 1);
        for at in 0..10_000 {
            lanes.begin(9 + at % senders);
            let word = Word::make(7, &queue.ledger);
            let to = Receiver::new(1, 1);
            assert!(lanes.push_slowly(5, 0, to, word, &mut queue.pool).is_ok());
            if ends {
                lanes.end(|_| ());
            }
        }
        queue.storage.acquired()
    };
    let plain = chunks(1, false);
    assert_eq!(chunks(1, true), plain);
    // A mark takes half as much as such an item.
    assert!((plain * 3 / 2 - 1..=plain * 3 / 2 + 1).contains(&chunks(2, true)));
}

#[test]
fn each_lane_is_known_by_its_number_however_high() {
    let mut queue = Queue::new();
    let mut lanes = Lanes::new(&queue.depot, 1 << 16);
    let groups = [(5, 0), (6, 300), (7, u16::MAX)];
    let targets = [0, 1, 255, 256, 4096, u32::from(u16::MAX)];
    for (route, group) in groups {
        lanes.add_route::<Word>(route, WORD, group, 1 << 16);
        for target in targets {
            let word = Word::make(7, &queue.ledger);
            let to = Receiver::new(target, 1);
            let sent = lanes.push_slowly(route, target, to, word, &mut queue.pool);
            assert!(sent.is_ok());
        }
    }
    let mut told = BTreeSet::new();
    lanes.end(|target| _ = told.insert(target as u32));
    assert_eq!(told, BTreeSet::from(targets));
    for (_, group) in groups.into_iter().rev() {
        for expected in targets.into_iter().rev() {
            let (found, target, mut chain) = lanes.next_chain().unwrap();
            assert_eq!((found, u32::from(target)), (group, expected));
            let (to, _) = chain.pop::<Word>(&mut queue.pool).unwrap();
            assert_eq!(to.index(), expected);
        }
    }
    assert!(lanes.is_empty());
}
