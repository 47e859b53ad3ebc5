//! Chains, against plain vectors.

use std::sync::Arc;

use chunky::{Chain, Lane, Pool, Receiver};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{Counted, Counting, blows, property, shrunk};
use crate::items::*;

#[derive(Clone, Debug)]
enum Op {
    /// Take this many items out.
    Pop(usize),
    /// Try to take out an item of this type, whatever is next.
    PopIf(u16),
    /// Have used-up chunks given back, and look at the next item.
    Settle,
    /// Append another chain.
    Append(Shape),
    /// Append what is left to another chain, and more behind it.
    Prepend(Shape),
    /// Divide among so many lanes, which have something in them, and join what is in them again.
    Divide(u32, Shape),
    /// Send the chain to another thread and back.
    Travel,
    /// Begin with another chain.
    Replace(Shape),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..100_usize).prop_map(Op::Pop),
        1 => Just(Op::Pop(usize::MAX)),
        3 => (1..=TAGS).prop_map(Op::PopIf),
        3 => Just(Op::Settle),
        2 => shape(12).prop_map(Op::Append),
        1 => shape(6).prop_map(Op::Prepend),
        2 => (1..5_u32, shape(3)).prop_map(|(lanes, held)| Op::Divide(lanes, held)),
        1 => Just(Op::Travel),
        1 => shape(20).prop_map(Op::Replace),
    ]
}

struct World {
    queue: Queue,
    chain: Chain,
    left: Vec<Sent>,
}

impl World {
    fn chain_of(&mut self, shape: &Shape) -> (Chain, Vec<Sent>) {
        let sent = self.queue.numbered(shape);
        (self.queue.chain_of(&sent), sent)
    }

    fn pop(&mut self, tag: u16) -> Option<Sent> {
        pop(&mut self.chain, &mut self.queue.pool, tag)
    }

    fn next_tag(&self) -> Option<u16> {
        self.left.first().map(|sent| sent.tag)
    }

    fn follow(&mut self, op: &Op) -> TestCaseResult {
        match op {
            Op::Pop(most) => {
                for _ in 0..*most {
                    let Some(tag) = self.next_tag() else {
                        prop_assert_eq!(self.pop(WORD), None);
                        break;
                    };
                    prop_assert_eq!(self.pop(tag), Some(self.left.remove(0)));
                }
            }
            Op::PopIf(tag) => {
                // Two tags are those of one type.
                let kind = |tag: u16| if tag == 4 { 3 } else { tag };
                let next = self.next_tag();
                let popped = self.pop(
                    next.filter(|&next| kind(next) == kind(*tag))
                        .unwrap_or(*tag),
                );
                let expected = next.is_some_and(|next| kind(next) == kind(*tag));
                prop_assert_eq!(popped, expected.then(|| self.left.remove(0)));
            }
            Op::Settle => {
                // If no item is left, a sender may still have begun to send none.
                let any = self.chain.settle(&mut self.queue.pool);
                prop_assert!(any || self.left.is_empty());
                prop_assert_eq!(any, self.chain.settle(&mut self.queue.pool));
            }
            Op::Append(shape) => {
                let (chain, sent) = self.chain_of(shape);
                self.chain.append(chain);
                self.left.extend(sent);
            }
            Op::Prepend(shape) => {
                let (mut chain, sent) = self.chain_of(shape);
                chain.append(std::mem::take(&mut self.chain));
                // Twice, since what was appended may have been used up.
                let (behind, last) = self.chain_of(shape);
                chain.append(behind);
                self.chain = chain;
                self.left = [sent, std::mem::take(&mut self.left), last].concat();
            }
            Op::Divide(lanes, held) => self.divide(*lanes, held)?,
            Op::Travel => {
                let chain = std::mem::take(&mut self.chain);
                let thread = std::thread::spawn(move || (all_of(&chain), chain));
                let (seen, back) = thread.join().unwrap();
                self.chain = back;
                prop_assert_eq!(&seen, &self.left);
            }
            Op::Replace(shape) => (self.chain, self.left) = self.chain_of(shape),
        }
        self.queue.scribble();
        prop_assert_eq!(&all_of(&self.chain), &self.left);
        prop_assert_eq!(self.queue.ledger.live(), counted(&self.left));
        Ok(())
    }

    fn divide(&mut self, lanes: u32, held: &Shape) -> TestCaseResult {
        let part = |sent: Sent| (sent.to.index() / 3 % lanes) as usize;
        let mut parts: Vec<Vec<Sent>> = Vec::new();
        for _ in 0..lanes {
            parts.push(self.queue.numbered(held));
        }
        let lane_of = |sent: &Vec<Sent>| self.queue.lane_of(sent);
        let mut lanes: Vec<Lane> = parts.iter().map(lane_of).collect();
        let mut asked = Vec::new();
        std::mem::take(&mut self.chain).divide(&mut lanes, &mut self.queue.pool, |item| {
            asked.push(seen(item));
            part(seen(item))
        });
        prop_assert_eq!(&asked, &self.left);
        self.left
            .iter()
            .for_each(|&sent| parts[part(sent)].push(sent));
        for (lane, sent) in lanes.iter_mut().zip(&parts) {
            let chain = lane.take().unwrap_or_default();
            prop_assert_eq!(&all_of(&chain), sent);
            self.chain.append(chain);
        }
        self.left = parts.concat();
        Ok(())
    }
}

#[test]
fn a_chain_behaves_like_a_vector_of_what_was_sent() {
    let ops = (shape(25), prop::collection::vec(op(), 0..30));
    property(120, ops, |(first, ops)| {
        let mut world = World {
            queue: Queue::new(),
            chain: Chain::default(),
            left: Vec::new(),
        };
        world.follow(&Op::Replace(first))?;
        ops.iter().try_for_each(|op| world.follow(op))?;
        drop(world.chain);
        world.queue.ends_with(0);
        Ok(())
    });
}

/// Who asks for what is not there learns so, and nothing else happens.
#[test]
fn an_item_of_another_type_stays() {
    let mut queue = Queue::new();
    let item = Sent::item(WORD, Receiver::new(1, 2), 3).by(2);
    let mut chain = begun_by(&mut queue, &[1, 2], &[item]);
    for _ in 0..2 {
        assert_eq!(all_of(&chain), [item]);
        assert!(chain.pop::<u64>(&mut queue.pool).is_none());
        assert!(
            chain.pop::<()>(&mut queue.pool).is_none(),
            "marks are no items"
        );
    }
    assert_eq!(pop(&mut chain, &mut queue.pool, WORD), Some(item));
    assert_eq!(format!("{chain:?}"), "Chain");
}

/// What is from the last of several senders, the others of whom have sent nothing.
fn begun_by(queue: &mut Queue, senders: &[u32], sent: &[Sent]) -> Chain {
    let mut lane = Lane::new();
    for &sender in senders {
        lane.begin(sender, &mut queue.pool);
    }
    queue.write(&mut lane, sent);
    lane.take().unwrap()
}

#[test]
fn senders_that_have_sent_nothing_are_no_items() {
    let mut queue = Queue::new();
    for senders in [&[5][..], &[5, 0], &[0, 5, 5, 6]] {
        let mut chain = begun_by(&mut queue, senders, &[]);
        assert!(all_of(&chain).is_empty());
        let mut lanes = [Lane::new()];
        let other = begun_by(&mut queue, senders, &[]);
        other.divide(&mut lanes, &mut queue.pool, |_| panic!("there is none"));
        assert!(lanes[0].is_empty());
        // What comes behind them is reached.
        let item = Sent::item(WORD, Receiver::new(1, 2), 4).by(3);
        chain.append(queue.chain_of(&[item]));
        assert_eq!(all_of(&chain), [item]);
        assert_eq!(pop(&mut chain, &mut queue.pool, WORD), Some(item));
        assert_eq!(pop(&mut chain, &mut queue.pool, WORD), None);
        assert!(!chain.settle(&mut queue.pool));
    }
    queue.ends_with(0);
}

/// The used-up chain still knows a chunk that is in other hands by now.
#[test]
fn a_used_up_chain_adds_nothing_when_it_is_appended() {
    let mut queue = Queue::new();
    let items = |from: u32, count: u32| -> Vec<Sent> {
        (from..from + count)
            .map(|at| Sent::item(COUNTED, Receiver::new(at, 1), 9))
            .collect()
    };
    let mut all = queue.chain_of(&items(0, 2));
    let mut used = queue.chain_of(&items(10, 3));
    while pop(&mut used, &mut queue.pool, COUNTED).is_some() {}
    all.append(used);
    all.append(queue.chain_of(&items(2, 5)));
    assert_eq!(all_of(&all), items(0, 7));
    drop(all);
    queue.ends_with(0);
}

#[test]
fn an_item_whose_drop_panics_is_dropped_once_and_the_others_too() {
    for armed in 0..5 {
        let mut queue = Queue::new();
        let mut lane = Lane::new();
        for value in 0..5 {
            let mut item = Counted::new(value, &queue.ledger);
            item.armed = value == armed;
            lane.push(COUNTED, Receiver::new(1, 1), item, &mut queue.pool);
        }
        let chain = lane.take().unwrap();
        assert!(blows(|| drop(chain)));
        queue.ends_with(0);
    }
}

/// While another panic is on its way, none of them is added to it.
#[test]
fn several_items_whose_drops_panic_are_dropped_with_the_others() {
    for unwinds in [false, true] {
        let mut queue = Queue::new();
        let mut lane = Lane::new();
        for value in 0..300 {
            let mut item = Counted::new(value, &queue.ledger);
            item.armed = value % 3 == 1;
            lane.push(COUNTED, Receiver::new(1, 1), item, &mut queue.pool);
        }
        let chain = lane.take().unwrap();
        let mut armed = Counted::new(300, &queue.ledger);
        armed.armed = unwinds;
        assert!(blows(|| {
            let _chain = chain;
            drop(armed);
        }));
        queue.ends_with(0);
    }
}

#[test]
fn when_choosing_a_lane_panics_each_item_is_somewhere_or_dropped() {
    for last in 0..8 {
        let mut queue = Queue::new();
        let sent = queue.numbered(&vec![(8, 0, 3), (0, 1, 1), (COUNTED, 5, 5)]);
        let mut lanes = [Lane::new()];
        let mut asked = 0;
        let chain = queue.chain_of(&sent);
        assert!(blows(|| {
            chain.divide(&mut lanes, &mut queue.pool, |_| {
                asked += 1;
                if asked > last {
                    let mut armed = Counted::new(0, &queue.ledger);
                    armed.armed = true;
                }
                0
            });
        }));
        assert_eq!(queue.ledger.live(), counted(&sent[..last]));
        let [mut lane] = lanes;
        let chain = lane.take().unwrap_or_default();
        assert_eq!(all_of(&chain), sent[..last]);
        drop(chain);
        queue.ends_with(0);
    }
}

#[test]
fn chains_travel_between_threads_and_chunks_come_back() {
    let storage = Counting::new();
    let depot = depot(&storage);
    let (to, from) = std::sync::mpsc::sync_channel::<Chain>(4);
    let rounds = u64::from(shrunk(100));
    let writer = std::thread::spawn({
        let mut pool = Pool::new(&depot);
        move || {
            for round in 0..rounds {
                let sent = (0..3000).map(|at| round * 3000 + at);
                let mut lane = Lane::new();
                lane.begin(round as u32, &mut pool);
                for number in sent {
                    let word = Word::make(number, &Arc::default());
                    lane.push(WORD, Receiver::new(number as u32, 1), word, &mut pool);
                }
                to.send(lane.take().unwrap()).unwrap();
            }
        }
    });
    let mut pool = Pool::new(&depot);
    let mut next = 0;
    for mut chain in from {
        while let Some(sender) = chain.sender() {
            assert_eq!(u64::from(sender), next / 3000);
            let (to, word) = chain.pop::<Word>(&mut pool).unwrap();
            assert_eq!((to.index(), word.value()), (next as u32, next));
            next += 1;
        }
        assert!(!chain.settle(&mut pool));
    }
    writer.join().unwrap();
    assert_eq!(next, rounds * 3000);
    let most = 6 * 13 + 4 * 64;
    assert!(
        storage.acquired() <= most,
        "{} chunks, not reused",
        storage.acquired()
    );
    drop((pool, depot));
    assert_eq!(storage.bytes(), 0);
}

#[test]
fn the_steady_state_takes_nothing_new_from_the_storage() {
    let mut queue = Queue::new();
    let shape = (0..500).map(|at| (at % 9, 7, 5)).collect();
    let sent = queue.numbered(&shape);
    let round = |queue: &mut Queue| {
        let mut lanes = [Lane::new(), Lane::new(), Lane::new()];
        let chain = queue.chain_of(&sent);
        chain.divide(&mut lanes, &mut queue.pool, |item| {
            usize::from(item.tag()) % 3
        });
        for lane in &mut lanes {
            let mut chain = lane.take().unwrap();
            while chain.settle(&mut queue.pool) {
                let tag = chain.first().map_or(WORD, |item| item.tag());
                pop(&mut chain, &mut queue.pool, tag);
            }
        }
    };
    round(&mut queue);
    let first = queue.storage.acquired();
    for _ in 0..10 {
        round(&mut queue);
    }
    assert_eq!(queue.storage.acquired(), first);
    queue.ends_with(0);
}
