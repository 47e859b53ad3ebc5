//! A shard of the model: how it delivers what it gets.

use std::collections::VecDeque;
use std::mem::take;

use crate::letter::{Counts, Kind, Letter, TYPES};
use crate::logic::{Outcome, begin, receive};
use crate::sender::{Item, Receiver, Returned, Rules, Sender};
use crate::stock::{Key, Source};
use crate::store::{Look, Store};
use crate::world::Panic;

/// What came before its receiver was there, and is delivered behind all else for the type.
const EARLY: Source = Source::MAX;

pub(crate) struct Shard {
    index: u32,
    pub(crate) stores: Vec<Store>,
    pub(crate) inbox: Vec<Item>,
    /// What a panic has left of a turn.
    pub(crate) pending: Vec<Item>,
    /// Slot numbers that are coming back.
    pub(crate) returned: Vec<Returned>,
    /// Those who panicked, if they are still there.
    culprits: Vec<(usize, Key)>,
    pub(crate) sender: Sender,
    pub(crate) delivered: Counts,
    /// Those of the turn.
    pub(crate) panics: Vec<Panic>,
}

/// What comes of an item.
enum Step {
    Done,
    /// Its receiver is not there yet.
    Early(Item),
    /// A panic has frozen the world.
    Stop,
}

impl Shard {
    pub(crate) fn new(index: u32, shards: u32) -> Self {
        Shard {
            index,
            stores: (0..TYPES).map(|_| Store::default()).collect(),
            inbox: Vec::new(),
            pending: Vec::new(),
            returned: Vec::new(),
            culprits: Vec::new(),
            sender: Sender::new(index + 1, shards),
            delivered: Counts::default(),
            panics: Vec::new(),
        }
    }

    pub(crate) fn waiting(&self, of: usize) -> usize {
        let items = self.inbox.iter().chain(&self.pending);
        items.filter(|item| item.of == of).count()
    }

    pub(crate) fn turn(&mut self, rules: &Rules) {
        self.sender.take_back(take(&mut self.returned));
        let items = take(&mut self.inbox);
        self.pending = self.deliver(items, rules);
    }

    /// Goes on without those who panicked.
    pub(crate) fn resume(&mut self, rules: &Rules) {
        self.remove_culprits(rules);
        let items = take(&mut self.pending);
        self.pending = self.deliver(items, rules);
    }

    /// Delivers what is essential, also of `inbox`, which has come before what others send meanwhile.
    pub(crate) fn frozen_turn(&mut self, inbox: Vec<Item>, rules: &Rules) {
        let mut early = Vec::new();
        let pending = take(&mut self.pending);
        self.pending = self.deliver_essential(pending, &mut early, rules);
        let mut waiting = self.deliver_essential(inbox, &mut early, rules);
        waiting.append(&mut self.inbox);
        waiting.append(&mut early);
        self.inbox = waiting;
    }

    /// Delivers items in their order. Returns what is left if the world is frozen.
    fn deliver(&mut self, mut items: Vec<Item>, rules: &Rules) -> Vec<Item> {
        items.sort_by_key(Item::order);
        let mut queue = VecDeque::from(items);
        let mut early_again: Vec<Item> = Vec::new();
        while let Some(item) = queue.pop_front() {
            let of = item.of;
            match self.deliver_item(item, &mut queue, rules) {
                Step::Done => {}
                Step::Early(item) if item.source == EARLY => early_again.push(item),
                Step::Early(item) => put_early(&mut queue, item),
                Step::Stop => {
                    for item in early_again {
                        if item.of == of {
                            put_early(&mut queue, item);
                        } else {
                            // Of this type, nobody comes any more.
                            self.sender.lose(item.of, &item.letter);
                        }
                    }
                    return queue.into();
                }
            }
        }
        for item in early_again {
            self.sender.lose(item.of, &item.letter);
        }
        Vec::new()
    }

    /// Delivers what is essential, and returns what is left.
    fn deliver_essential(
        &mut self,
        items: Vec<Item>,
        early: &mut Vec<Item>,
        rules: &Rules,
    ) -> Vec<Item> {
        let mut items = items;
        items.sort_by_key(Item::order);
        let mut queue = VecDeque::from(items);
        let mut left = Vec::new();
        while let Some(item) = queue.pop_front() {
            if item.letter.kind != Kind::Call {
                left.push(item);
                continue;
            }
            match self.deliver_item(item, &mut queue, rules) {
                Step::Done => {}
                // It comes before all that is sent later.
                Step::Early(item) => early.push(Item { source: 0, ..item }),
                Step::Stop => break,
            }
        }
        left.extend(queue);
        left
    }

    fn deliver_item(&mut self, item: Item, queue: &mut VecDeque<Item>, rules: &Rules) -> Step {
        let Item { of, to, .. } = item;
        let letter = &item.letter;
        let key = match to {
            Receiver::One(key) => key,
            Receiver::All => return self.tell_all(item, queue, rules),
            Receiver::First | Receiver::FirstAgain => {
                let Some((key, _)) = self.stores[of].instances.first() else {
                    self.look_elsewhere(item, rules);
                    return Step::Done;
                };
                *key
            }
        };
        if letter.kind.makes_somebody() {
            return self.make(of, key, letter, rules);
        }
        match self.stores[of].look(key) {
            Look::Live(place) => match self.tell(of, place, letter, rules) {
                Outcome::Panic => self.blame(of, key, letter, rules),
                _ => Step::Done,
            },
            Look::Expected => Step::Early(item),
            Look::Dead => {
                self.sender.lose(of, letter);
                Step::Done
            }
        }
    }

    /// Lets an instance handle a letter, and end if that is what comes of it.
    fn tell(&mut self, of: usize, place: usize, letter: &Letter, rules: &Rules) -> Outcome {
        self.delivered[of][letter.kind as usize] += 1;
        let (key, core) = &mut self.stores[of].instances[place];
        let key = *key;
        let outcome = receive(core, letter, &mut self.sender.sending(rules));
        if outcome == Outcome::Die {
            self.remove(of, key, rules);
        }
        outcome
    }

    fn tell_all(&mut self, item: Item, queue: &mut VecDeque<Item>, rules: &Rules) -> Step {
        let of = item.of;
        let mut place = 0;
        while let Some(&(key, _)) = self.stores[of].instances.get(place) {
            match self.tell(of, place, &item.letter, rules) {
                Outcome::Live => place += 1,
                // The last one has taken its place.
                Outcome::Die => {}
                Outcome::Panic => {
                    // The others get it one by one.
                    for (key, _) in self.stores[of].instances[place + 1..].iter().rev() {
                        let to = Receiver::One(*key);
                        queue.push_front(Item { to, ..item.clone() });
                    }
                    return self.blame(of, key, &item.letter, rules);
                }
            }
        }
        Step::Done
    }

    /// Deals with a letter for the first one of a type of which nobody is here.
    fn look_elsewhere(&mut self, item: Item, rules: &Rules) {
        let Item { of, to, letter, .. } = item;
        let somebody = rules.census[of].iter().any(|&count| count > 0);
        if to == Receiver::First || somebody {
            let shard = rules.first_shard(of);
            self.sender.put(shard, of, Receiver::FirstAgain, letter);
        } else {
            self.sender.lose(of, &letter);
        }
    }

    fn make(&mut self, of: usize, key: Key, letter: &Letter, rules: &Rules) -> Step {
        self.delivered[of][letter.kind as usize] += 1;
        let id = rules.id(of, self.index, key);
        let (core, outcome) = begin(id, letter, &mut self.sender.sending(rules));
        if outcome == Outcome::Panic {
            return self.blame(of, key, letter, rules);
        }
        if self.stores[of].look(key) == Look::Expected {
            self.stores[of].insert(key, core);
        } else {
            self.sender.lose(of, letter);
        }
        Step::Done
    }

    /// Deals with a panic.
    fn blame(&mut self, of: usize, key: Key, letter: &Letter, rules: &Rules) -> Step {
        let id = rules.id(of, self.index, key);
        self.panics.push((rules.turn, id, letter.kind));
        self.culprits.push((of, key));
        if rules.kills {
            self.remove_culprits(rules);
            return Step::Done;
        }
        Step::Stop
    }

    fn remove_culprits(&mut self, rules: &Rules) {
        for (of, key) in take(&mut self.culprits) {
            self.remove(of, key, rules);
        }
    }

    fn remove(&mut self, of: usize, key: Key, rules: &Rules) {
        if self.stores[of].remove(key) {
            self.sender.give_back(of, key, rules);
        }
    }
}

/// Puts what came too early behind all others for its type.
fn put_early(queue: &mut VecDeque<Item>, item: Item) {
    let end = queue.partition_point(|other| other.of <= item.of);
    queue.insert(
        end,
        Item {
            source: EARLY,
            ..item
        },
    );
}
