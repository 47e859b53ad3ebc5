//! Readers and chains that are joined, against plain vectors.

use std::sync::Arc;

use chunky::{Addressed, Chain, Drain, Key, Lane, Reader, Run};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::property;
use crate::items::*;

/// An item: kind and slot. No two have the same slot, and the value follows from it.
type At = (u32, u32);

fn value_at(slot: u32) -> u64 {
    u64::from(slot % 200)
}

/// Items as far as kind and value count.
fn sent_as(items: &[At]) -> Vec<Sent> {
    items.iter().map(|at| (at.0, value_at(at.1))).collect()
}

/// Runs of this kind and length.
type Shape = Vec<(u32, u32)>;

/// Some short runs in a row are the rule here.
fn shape(runs: usize) -> impl Strategy<Value = Shape> {
    let kind = prop_oneof![6 => 0..4_u32, 1 => 4..7_u32, 3 => Just(7_u32)];
    let len = prop_oneof![6 => 1..4_u32, 3 => 1..40_u32, 1 => 1..200_u32];
    let run = (kind, len).prop_map(|(kind, len)| match kind {
        4..7 => (kind, len.min(4)),
        _ => (kind, len),
    });
    prop::collection::vec(run, 0..runs)
}

#[derive(Clone, Debug)]
enum Op {
    /// Take this many items out of the next run, with a look ahead at each.
    Take(usize),
    /// The same, but leak the drain.
    Leak(usize),
    Clear,
    /// Take the next run, and leave it as it is.
    Leave,
    /// Begin with another chain.
    Begin(Shape),
    /// Append another chain to what is left, and go on.
    Append(Shape),
    /// Append what is left to another chain, and go on with that one.
    Prepend(Shape),
    /// Take this many items of each run of a kind out of what is left, and go on.
    Thin {
        kind: u32,
        take: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..60_usize).prop_map(Op::Take),
        6 => Just(Op::Take(usize::MAX)),
        1 => (0..4_usize).prop_map(Op::Leak),
        1 => Just(Op::Clear),
        1 => Just(Op::Leave),
        1 => shape(20).prop_map(Op::Begin),
        2 => shape(20).prop_map(Op::Append),
        1 => shape(20).prop_map(Op::Prepend),
        1 => (0..KINDS, 0..20_usize).prop_map(|(kind, take)| Op::Thin { kind, take }),
    ]
}

struct World {
    queue: Queue,
    reader: Reader,
    slots: u32,
    left: Vec<At>,
    leaked: usize,
}

impl World {
    fn new() -> Self {
        World {
            queue: Queue::new(),
            reader: Reader::default(),
            slots: 0,
            left: Vec::new(),
            leaked: 0,
        }
    }

    fn chain_of(&mut self, shape: &Shape) -> (Chain, Vec<At>) {
        let mut items = Vec::new();
        for &(kind, len) in shape {
            for _ in 0..len {
                let slot = self.slots;
                self.slots += 1;
                let key = Key {
                    slot,
                    generation: 1,
                };
                let Queue {
                    lane, pool, ledger, ..
                } = &mut self.queue;
                with_kind!(kind, T => {
                    lane.push(kind, Addressed::new(key, T::make(value_at(slot), ledger)), pool);
                });
                items.push((kind, slot));
            }
        }
        (self.queue.lane.take().unwrap_or_default(), items)
    }

    /// Writes over the chunks that were given back.
    fn scribble(&mut self) {
        let mut lanes: Vec<Lane> = (0..2).map(|_| Lane::new()).collect();
        for lane in &mut lanes {
            for _ in 0..60 {
                let key = Key {
                    slot: u32::MAX,
                    generation: 1,
                };
                let noise = Addressed::new(key, [u64::MAX; 4]);
                lane.push(99, noise, &mut self.queue.pool);
            }
        }
        for lane in &mut lanes {
            let mut chain = lane.take().unwrap();
            while let Some(mut run) = chain.next_run(&mut self.queue.pool) {
                run.clear();
            }
        }
    }

    /// How many items are in the next run.
    fn next_len(&mut self) -> Option<usize> {
        let run = self.reader.next_run(&mut self.queue.pool)?;
        Some(run.len())
    }

    /// Takes up to `most` items out of the next run, with a look ahead before each.
    fn take(&mut self, most: usize, leak: bool) -> TestCaseResult {
        let Some(mut run) = self.reader.next_run(&mut self.queue.pool) else {
            prop_assert!(self.left.is_empty());
            return Ok(());
        };
        let (kind, len) = (run.tag(), run.len());
        let (mut taken, mut ahead) = (Vec::new(), Vec::new());
        with_kind!(kind, T => {
            let mut drain = run.drain::<T>().unwrap();
            assert!(drain.sees_ahead());
            drain.start_ahead(|slot| ahead.push((0, slot)), |_| ());
            for at in 0..most.min(len) {
                let (far, near) = drain.look_ahead();
                ahead.extend(far.into_iter().chain(near).map(|slot| (at, slot)));
                taken.push(item_of(&mut drain, kind));
            }
            if leak {
                std::mem::forget(drain);
            }
        });
        prop_assert_eq!(&taken[..], &self.left[..taken.len()]);
        for (at, slot) in ahead {
            prop_assert!(
                self.left[at..].iter().any(|left| left.1 == slot),
                "slot {slot} is not ahead of item {at}"
            );
        }
        let gone = if leak { len } else { taken.len() };
        self.leaked += counted(&sent_as(&self.left[taken.len()..gone.max(taken.len())]));
        self.left.drain(..gone);
        Ok(())
    }

    fn follow(&mut self, op: &Op) -> TestCaseResult {
        match op {
            Op::Take(most) => self.take(*most, false)?,
            Op::Leak(most) => self.take(*most, true)?,
            Op::Clear => {
                if let Some(mut run) = self.reader.next_run(&mut self.queue.pool) {
                    let len = run.len();
                    run.clear();
                    self.left.drain(..len);
                }
            }
            Op::Leave => prop_assert_eq!(self.next_len().is_none(), self.left.is_empty()),
            Op::Begin(shape) => {
                let (chain, items) = self.chain_of(shape);
                self.reader.begin(chain);
                self.left = items;
            }
            Op::Append(shape) => {
                let (chain, items) = self.chain_of(shape);
                let mut rest = self.reader.end();
                let written = rest.written() + chain.written();
                rest.append(chain);
                prop_assert_eq!(rest.written(), written);
                self.left.extend(items);
                self.go_on(rest)?;
            }
            Op::Prepend(shape) => {
                let (mut chain, items) = self.chain_of(shape);
                // Twice, since the first may be used up, and then there is something behind it.
                chain.append(self.reader.end());
                let (behind, last) = self.chain_of(shape);
                chain.append(behind);
                self.left = [items, std::mem::take(&mut self.left), last].concat();
                self.go_on(chain)?;
            }
            Op::Thin { kind, take } => {
                let mut rest = self.reader.end();
                let mut kept = Vec::new();
                let mut at = 0;
                rest.for_each_run(|run| {
                    let all = &self.left[at..at + run.len()];
                    at += run.len();
                    let taken = match run.tag() == *kind {
                        true => all.len() - leave(run, *take),
                        false => 0,
                    };
                    kept.extend_from_slice(&all[taken..]);
                });
                self.left = kept;
                self.go_on(rest)?;
            }
        }
        self.scribble();
        let held = counted(&sent_as(&self.left));
        prop_assert_eq!(self.queue.ledger.live(), held + self.leaked);
        Ok(())
    }

    fn go_on(&mut self, chain: Chain) -> TestCaseResult {
        prop_assert_eq!(chain.len(), self.left.len());
        self.reader.begin(chain);
        Ok(())
    }

    fn finish(mut self) -> TestCaseResult {
        let mut slots = Vec::new();
        self.reader.end().visit(|run| {
            with_kind!(run.tag(), T => {
                slots.extend(run.as_slice::<T>().unwrap().iter().map(|item| item.key().slot));
            });
        });
        let left: Vec<u32> = self.left.iter().map(|left| left.1).collect();
        prop_assert_eq!(slots, left);
        prop_assert_eq!(self.queue.ledger.live(), self.leaked);
        self.queue.ledger.forget(self.leaked);
        let storage = Arc::clone(&self.queue.storage);
        drop(self);
        prop_assert_eq!(storage.bytes(), 0, "memory was kept");
        Ok(())
    }
}

/// Takes out the next item, which must have the right value.
fn item_of<T: Item>(drain: &mut Drain<'_, T>, kind: u32) -> At {
    let item = drain.next().unwrap();
    let slot = item.key().slot;
    assert_eq!(item.item.value(), value_at(slot));
    (kind, slot)
}

/// Takes up to `most` items out of a run; returns how many are left.
fn leave(run: &mut Run<'_>, most: usize) -> usize {
    with_kind!(run.tag(), T => {
        let mut drain = run.drain::<T>().unwrap();
        drain.by_ref().take(most).for_each(drop);
        drain.len()
    })
}

#[test]
fn a_reader_behaves_like_a_vector_whatever_becomes_of_its_runs_and_chains() {
    let ops = (shape(40), prop::collection::vec(op(), 0..60));
    property(200, ops, |(first, ops)| {
        let mut world = World::new();
        world.follow(&Op::Begin(first))?;
        ops.iter().try_for_each(|op| world.follow(op))?;
        world.finish()
    });
}

/// All items are named once, in order, as many before they are taken as is promised.
fn sees_all(first: &Shape, second: &Shape, thin: (u32, usize)) -> TestCaseResult {
    let mut world = World::new();
    world.follow(&Op::Begin(first.clone()))?;
    world.follow(&Op::Append(second.clone()))?;
    let (kind, take) = thin;
    world.follow(&Op::Thin { kind, take })?;
    let slots: Vec<u32> = world.left.iter().map(|left| left.1).collect();
    let (mut far, mut near) = (Vec::new(), Vec::new());
    let mut done = 0;
    while let Some(mut run) = world.reader.next_run(&mut world.queue.pool) {
        let kind = run.tag();
        with_kind!(kind, T => {
            let mut drain = run.drain::<T>().unwrap();
            drain.start_ahead(|slot| far.push(slot), |slot| near.push(slot));
            while drain.len() > 0 {
                let ahead = drain.look_ahead();
                far.extend(ahead.0);
                near.extend(ahead.1);
                prop_assert_eq!(&far[..], &slots[..slots.len().min(done + 25)]);
                prop_assert_eq!(&near[..], &slots[..slots.len().min(done + 13)]);
                prop_assert_eq!(item_of(&mut drain, kind), world.left[done]);
                done += 1;
            }
        });
    }
    prop_assert_eq!(done, slots.len());
    world.left.clear();
    world.finish()
}

#[test]
fn a_reader_names_each_slot_24_and_12_items_before_it_comes() {
    let shapes = (shape(60), shape(20), 0..KINDS, 0..20_usize);
    property(300, shapes, |(first, second, kind, take)| {
        sees_all(&first, &second, (kind, take))
    });
}

/// The used-up chain still knows a chunk that is in other hands by now.
#[test]
fn a_used_up_chain_adds_nothing_when_it_is_appended() {
    let mut world = World::new();
    let (mut all, first) = world.chain_of(&vec![(7, 2)]);
    let (mut used, _) = world.chain_of(&vec![(7, 3)]);
    while let Some(mut run) = used.next_run(&mut world.queue.pool) {
        run.clear();
    }
    all.append(used);
    let (more, second) = world.chain_of(&vec![(2, 5)]);
    all.append(more);
    world.left = [first, second].concat();
    world.go_on(all).unwrap();
    world.take(usize::MAX, false).unwrap();
    world.take(usize::MAX, false).unwrap();
    world.finish().unwrap();
}
