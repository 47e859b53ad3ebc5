//! Delivery to the values of a slot map, against a map of vectors.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chunky::{Chain, Delivery, Fetch, Given, Key, Lane, Lookup, Receiver, SlotMap, Stop};

use crate::common::{Counted, blows, property};
use crate::items::*;
use crate::script::{Aside, Between, Script, Step, script};

/// A value of the map: whose it is, and what it has been given.
struct Value {
    key: Key,
    given: Vec<Sent>,
    _counted: Counted,
    /// So that values take several blocks.
    _bulk: [u64; 24],
}

/// What should be where.
struct Model {
    script: Script,
    queue: Queue,
    left: VecDeque<Sent>,
    given: BTreeMap<Key, Vec<Sent>>,
    counters: BTreeMap<u32, u16>,
    put_off: Vec<Sent>,
    /// Who has come since it was last looked who is there.
    new: BTreeSet<Key>,
    step: usize,
    aside: usize,
    between: usize,
    leaked: usize,
    /// How far it was last, and for how many turns.
    last: (usize, usize, usize),
    idle: usize,
}

fn next_of<T: Copy>(list: &[T], at: &mut usize) -> T {
    *at += 1;
    list[(*at - 1) % list.len()]
}

impl Model {
    fn value(&self, key: Key) -> Value {
        Value {
            key,
            given: Vec::new(),
            _counted: Counted::new(0, &self.queue.ledger),
            _bulk: [0; 24],
        }
    }

    /// Some receiver, mostly one that is there.
    fn receiver(&mut self) -> Receiver {
        let script = &mut self.script;
        script.salt = script
            .salt
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let random = (script.salt >> 33) as u32;
        let nth = random as usize % script.slots.len();
        let (&slot, &(uses, _)) = script.slots.iter().nth(nth).unwrap();
        let generation = match random >> 24 & 31 {
            0 if !script.calm => 0,
            1 if !script.calm => uses,
            2 if !script.calm => uses + 2,
            _ => uses + 1,
        };
        let rest = random & ((1 << script.shift) - 1);
        Receiver::new(slot << script.shift | rest, generation)
    }

    fn key(&self, to: Receiver) -> Key {
        to.key(self.script.shift)
    }

    fn next(&self) -> (u16, Receiver, Key) {
        let &Sent { tag, to, .. } = self.left.front().expect("an item is next");
        (tag, to, self.key(to))
    }

    /// The next item, of which this is seen.
    fn sent<T: Item>(&self, item: &T) -> Sent {
        let (tag, to, _) = self.next();
        // Nobody sees who has sent what is delivered, but who has sent what is left.
        Sent::of(self.left[0].sender, tag, to, item)
    }

    /// A value gets an item; returns whether it is to go.
    fn receive<T: Item>(
        &mut self,
        value: &mut Value,
        counter: &mut u16,
        item: Given<'_, T>,
    ) -> bool {
        let sent = self.sent(item.look());
        assert_eq!(Some(&sent), self.left.front());
        value.given.push(sent);
        self.given.get_mut(&value.key).unwrap().push(sent);
        *counter += 1;
        *self.counters.entry(value.key.slot).or_default() += 1;
        let step = next_of(&self.script.steps, &mut self.step);
        if !matches!(step, Step::Die(_) | Step::Threaten(false) | Step::Panic) {
            self.left.pop_front();
        }
        if matches!(
            step,
            Step::Take | Step::TakeAndDie | Step::Threaten(true) | Step::TakeAndPanic
        ) {
            assert_eq!(item.take().value(), sent.value);
        }
        if matches!(step, Step::Panic | Step::TakeAndPanic) {
            let mut armed = Counted::new(0, &self.queue.ledger);
            armed.armed = true;
        }
        matches!(step, Step::TakeAndDie | Step::Die(_) | Step::Threaten(_))
    }

    fn last_step(&self) -> Step {
        self.script.steps[(self.step - 1) % self.script.steps.len()]
    }

    /// A value that has got what is before is to go.
    fn end<T: Item>(&mut self, delivery: &mut Delivery<'_, Value>, key: Key) {
        let step = self.last_step();
        if let Step::Threaten(_) = step {
            return;
        }
        self.remove(delivery, key);
        let Step::Die(take) = step else { return };
        assert_eq!(delivery.to_of::<T>(), Some(self.next().1));
        if take {
            self.take::<T>(delivery);
        }
    }

    /// The next item is a `T`.
    fn take<T: Item>(&mut self, delivery: &mut Delivery<'_, Value>) {
        let sent = self.sent(&delivery.take::<T>().unwrap());
        assert_eq!(Some(sent), self.left.pop_front());
    }

    fn put_off(&mut self, delivery: &mut Delivery<'_, Value>, lane: &mut Lane) {
        delivery.put_off(lane, &mut self.queue.pool);
        self.put_off.extend(self.left.pop_front());
    }

    fn remove(&mut self, delivery: &mut Delivery<'_, Value>, key: Key) {
        let removed = delivery.remove(key).unwrap();
        assert_eq!(
            (removed.key, Some(removed.given)),
            (key, self.given.remove(&key))
        );
        self.new.clear();
        assert!(delivery.remove(key).is_none());
        assert_eq!(delivery.map().lookup(key), Lookup::Dead);
    }

    fn insert(&mut self, delivery: &mut Delivery<'_, Value>, key: Key) -> bool {
        let expected = delivery.map().lookup(key) == Lookup::Expected;
        let inserted = delivery.insert(key, self.value(key)).is_ok();
        assert_eq!(inserted, expected);
        if inserted {
            self.given.insert(key, Vec::new());
            self.new.insert(key);
        }
        inserted
    }

    /// The next item is a `T`, and not to be put off.
    fn deliver<T: Item>(&mut self, delivery: &mut Delivery<'_, Value>, lane: &mut Lane) {
        let (tag, to, _) = self.next();
        assert_eq!((delivery.to(), delivery.to_of::<T>()), (Some(to), Some(to)));
        assert_eq!(
            Some(&self.sent(delivery.look::<T>().unwrap())),
            self.left.front()
        );
        assert!(delivery.look::<u64>().is_none() && delivery.take::<u64>().is_none());
        assert_eq!(
            delivery.each::<u64>(|_, _, _, _| panic!("of another type")),
            Stop::Other
        );
        let mut stop = None;
        let blown = blows(|| {
            stop = Some(delivery.each::<T>(|value, counter, to, item| {
                assert_eq!((self.next().0, self.next().1), (tag, to));
                assert_eq!(value.key, self.key(to), "an item reached a stranger");
                self.receive(value, counter, item)
            }));
        });
        assert_eq!(stop.is_none(), blown);
        match stop {
            None => {}
            Some(Stop::Other) => {
                let same = delivery.to_of::<T>().is_some() && self.next().0 == tag;
                assert!(!same, "there is more");
            }
            Some(Stop::Remove(to)) => self.end::<T>(delivery, self.key(to)),
            Some(Stop::Elsewhere) => self.elsewhere::<T>(delivery, lane),
        }
    }

    fn elsewhere<T: Item>(&mut self, delivery: &mut Delivery<'_, Value>, lane: &mut Lane) {
        let key = self.next().2;
        let there = self.given.contains_key(&key);
        let lookup = delivery.map().lookup(key);
        assert_eq!(matches!(lookup, Lookup::Live(_)), there);
        if there {
            assert!(self.new.contains(&key), "it is there");
            assert_ne!(self.script.fetch, Fetch::Nothing, "it is found in its turn");
            delivery.forget();
            return self.new.clear();
        }
        match next_of(&self.script.asides, &mut self.aside) {
            Aside::Insert if self.insert(delivery, key) => return,
            Aside::PutOff => return self.put_off(delivery, lane),
            Aside::Give(nth) => {
                assert!(!delivery.give_next::<T>(key, |_, _, _| panic!("nobody is there")));
                let nth = nth % self.given.len().max(1);
                if let Some(&key) = self.given.keys().nth(nth) {
                    return self.give::<T>(delivery, key);
                }
            }
            _ => {}
        }
        self.take::<T>(delivery);
        // Perhaps another sender's is next.
        if delivery.to_of::<T>().is_some() {
            self.take::<T>(delivery);
        }
    }

    fn give<T: Item>(&mut self, delivery: &mut Delivery<'_, Value>, key: Key) {
        assert!(!delivery.give_next::<u64>(key, |_, _, _| panic!("of another type")));
        let mut ends = false;
        blows(|| {
            ends = delivery.give_next::<T>(key, |value, counter, item| {
                assert_eq!(value.key, key);
                self.receive(value, counter, item)
            });
        });
        if ends {
            self.end::<T>(delivery, key);
        }
    }

    /// What is between two items. Returns what becomes of the delivery, if it does not go on.
    fn between(&mut self, delivery: &mut Delivery<'_, Value>) -> Option<Between> {
        let between = next_of(&self.script.betweens, &mut self.between);
        let ahead = |model: &Self, skip: usize, there: &dyn Fn(Key) -> bool| {
            let keys = model.left.iter().skip(skip).map(|sent| model.key(sent.to));
            keys.take(60).find(|&key| there(key))
        };
        match between {
            Between::Nothing => {}
            Between::Restart | Between::Leak => return Some(between),
            Between::Forget => {
                delivery.forget();
                self.new.clear();
            }
            Between::Insert => {
                let map = delivery.map();
                let expected = |key| map.lookup(key) == Lookup::Expected;
                if let Some(key) = ahead(self, 0, &expected) {
                    assert!(self.insert(delivery, key));
                }
            }
            Between::Remove(skip) => {
                if let Some(key) = ahead(self, skip, &|key| self.given.contains_key(&key)) {
                    self.remove(delivery, key);
                }
            }
            Between::Walk => {
                let mut seen = 0;
                while seen < self.given.len() {
                    let (values, slots, next) = delivery.slices_and_next::<Word>(seen);
                    let next = next.map(Word::value);
                    assert!(!values.is_empty() && values.len() == slots.len());
                    for (value, &slot) in values.iter().zip(slots) {
                        assert_eq!(value.key.slot, slot);
                        assert_eq!(Some(&value.given), self.given.get(&value.key));
                    }
                    seen += values.len();
                    assert_eq!(next, delivery.look::<Word>().map(Word::value));
                }
                let (values, slots, _) = delivery.slices_and_next::<Word>(seen);
                assert!(values.is_empty() && slots.is_empty());
            }
        }
        None
    }

    /// Delivers until all are gone, or the delivery is to begin anew.
    fn run(&mut self, map: &mut SlotMap<Value>, chain: &mut Chain, lane: &mut Lane) -> bool {
        let (shift, fetch) = (self.script.shift, self.script.fetch);
        let pool = &mut self.queue.pool;
        let Some(mut delivery) = Delivery::new(map, shift, fetch, chain, pool) else {
            assert!(self.left.is_empty(), "items are left");
            return false;
        };
        self.new.clear();
        loop {
            loop {
                let now = (self.left.len(), self.step, self.aside);
                self.idle = if now == self.last { self.idle + 1 } else { 0 };
                self.last = now;
                assert!(self.idle < 5, "nothing happens any more");
                let Some(tag) = delivery.tag() else { break };
                assert_eq!(tag, self.next().0);
                if self.script.put_off.contains(&tag) {
                    // As many as follow each other in the chunk, whoever has sent them.
                    while delivery.to().is_some() && self.script.put_off.contains(&self.next().0) {
                        self.put_off(&mut delivery, lane);
                    }
                } else {
                    with_kind!(tag, T => self.deliver::<T>(&mut delivery, lane));
                }
                assert!(delivery.to().is_none_or(|to| to == self.next().1));
                match self.between(&mut delivery) {
                    None => {}
                    Some(Between::Leak) => {
                        std::mem::forget(delivery);
                        self.lose(chain);
                        return true;
                    }
                    Some(_) => {
                        drop(delivery);
                        assert_eq!(self.left, all_of(chain));
                        return true;
                    }
                }
            }
            assert!(delivery.to().is_none());
            if !delivery.next_chunk(&mut self.queue.pool) {
                break;
            }
            self.queue.scribble();
        }
        assert!(self.left.is_empty(), "items are left");
        true
    }

    /// What has not been taken from the chunk that was being delivered is lost.
    fn lose(&mut self, chain: &Chain) {
        let rest = all_of(chain);
        let lost: Vec<Sent> = self.left.drain(..self.left.len() - rest.len()).collect();
        assert_eq!(self.left, rest);
        self.leaked += counted(&lost);
    }

    /// The map as the script wants it.
    fn map(&mut self) -> SlotMap<Value> {
        let mut map = SlotMap::new(self.queue.storage.clone());
        for (slot, (uses, lives)) in self.script.slots.clone() {
            for generation in 1..=uses {
                let key = Key { slot, generation };
                assert!(map.skip(key));
            }
            let key = Key {
                slot,
                generation: uses + 1,
            };
            if lives || self.script.calm {
                assert!(map.insert(key, self.value(key)).is_ok());
                self.given.insert(key, Vec::new());
            }
        }
        map
    }

    fn chain(&mut self) -> Chain {
        let mut all = Chain::default();
        for (shape, taken) in self.script.shapes.clone() {
            let mut sent = sent_in(&shape, || self.receiver());
            let mut chain = self.queue.chain_of(&sent);
            for sent in sent.drain(..taken.min(sent.len())) {
                assert_eq!(pop(&mut chain, &mut self.queue.pool, sent.tag), Some(sent));
            }
            all.append(chain);
            self.left.extend(sent);
        }
        all
    }
}

fn follow(script: Script) {
    let mut model = Model {
        script,
        queue: Queue::new(),
        left: VecDeque::new(),
        given: BTreeMap::new(),
        counters: BTreeMap::new(),
        put_off: Vec::new(),
        new: BTreeSet::new(),
        step: 0,
        aside: 0,
        between: 0,
        leaked: 0,
        last: (0, 0, 0),
        idle: 0,
    };
    let (mut map, mut chain, mut lane) = (model.map(), model.chain(), Lane::new());
    while model.run(&mut map, &mut chain, &mut lane) {}

    assert_eq!(map.len(), model.given.len());
    for (&key, given) in &model.given {
        let (value, counter) = map.get_with_counter(key).unwrap();
        let expected = model.counters.get(&key.slot).copied().unwrap_or(0);
        assert_eq!((&value.given, *counter), (given, expected));
    }
    let held = map.len() + counted(&model.put_off) + model.leaked;
    assert_eq!(model.queue.ledger.live(), held);
    assert_eq!(all_of(&lane.take().unwrap_or_default()), model.put_off);
    drop((map, chain));
    let leaked = model.leaked;
    model.queue.ends_with(leaked);
}

#[test]
fn each_item_reaches_the_value_it_is_for_or_is_reported_in_order() {
    property(150, script(), |script| {
        follow(script);
        Ok(())
    });
}
