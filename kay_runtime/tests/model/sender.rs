//! Somebody who sends in the model: a shard, or the host.

use kay_runtime::RawId;

use crate::actors::{raw_id, type_of};
use crate::letter::{Counts, Letter, TYPES, To};
use crate::logic::Surroundings;
use crate::stock::{Key, Source, Stock, owner};

/// What holds for a whole world during a turn.
pub(crate) struct Rules {
    pub(crate) shards: u32,
    /// Whether those who panic are removed at once.
    pub(crate) kills: bool,
    pub(crate) turn: u64,
    /// How many there were of each type in each shard when the turn began.
    pub(crate) census: Vec<Vec<usize>>,
}

impl Rules {
    fn bits(&self) -> u32 {
        self.shards.next_power_of_two().trailing_zeros()
    }

    pub(crate) fn id(&self, of: usize, shard: u32, (slot, generation): Key) -> RawId {
        raw_id(of, slot << self.bits() | shard, generation)
    }

    fn shard_of(&self, id: RawId) -> u32 {
        id.index() & ((1 << self.bits()) - 1)
    }

    fn key_of(&self, id: RawId) -> Key {
        (id.index() >> self.bits(), id.generation())
    }

    /// Where the first instance of a type is, as far as that is known.
    pub(crate) fn first_shard(&self, of: usize) -> u32 {
        let first = self.census[of].iter().position(|&count| count > 0);
        first.unwrap_or(0) as u32
    }
}

/// Who gets an item, in a shard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiver {
    One(Key),
    All,
    First,
    /// The first one that was not where it was looked for.
    FirstAgain,
}

/// A letter on its way to the instances of a type in a shard.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) of: usize,
    pub(crate) source: Source,
    pub(crate) to: Receiver,
    pub(crate) letter: Letter,
}

impl Item {
    /// Items are delivered in this order.
    pub(crate) fn order(&self) -> (usize, Source) {
        (self.of, self.source)
    }
}

/// A slot number on its way back to its owner.
pub(crate) struct Returned {
    pub(crate) source: Source,
    pub(crate) of: usize,
    pub(crate) shard: u32,
    pub(crate) key: Key,
}

pub(crate) struct Sender {
    pub(crate) source: Source,
    stocks: Vec<Stock>,
    /// By target.
    pub(crate) sent: Vec<(u32, Item)>,
    /// By owner.
    pub(crate) returned: Vec<(Source, Returned)>,
    pub(crate) lost: Counts,
}

impl Sender {
    pub(crate) fn new(source: Source, shards: u32) -> Self {
        Sender {
            source,
            stocks: (0..TYPES).map(|_| Stock::new(source, shards)).collect(),
            sent: Vec::new(),
            returned: Vec::new(),
            lost: Counts::default(),
        }
    }

    pub(crate) fn sending<'a>(&'a mut self, rules: &'a Rules) -> Sending<'a> {
        Sending {
            sender: self,
            rules,
        }
    }

    pub(crate) fn put(&mut self, shard: u32, of: usize, to: Receiver, letter: Letter) {
        let source = self.source;
        #[rustfmt::skip]
        self.sent.push((shard, Item { of, source, to, letter }));
    }

    pub(crate) fn lose(&mut self, of: usize, letter: &Letter) {
        self.lost[of][letter.kind as usize] += 1;
    }

    /// Gives the slot of an instance of this shard back.
    pub(crate) fn give_back(&mut self, of: usize, key: Key, rules: &Rules) {
        let (source, shard) = (self.source, self.source - 1);
        let owner = owner(key, rules.shards);
        let key = (key.0, key.1 + 1);
        #[rustfmt::skip]
        self.returned.push((owner, Returned { source, of, shard, key }));
    }

    /// Takes back what has come, in the order of the shards that it comes from.
    pub(crate) fn take_back(&mut self, mut returned: Vec<Returned>) {
        returned.sort_by_key(|returned| returned.source);
        for Returned { of, shard, key, .. } in returned {
            self.stocks[of].put_back(shard, key);
        }
    }
}

/// The surroundings of whoever sends.
pub(crate) struct Sending<'a> {
    sender: &'a mut Sender,
    rules: &'a Rules,
}

impl Surroundings for Sending<'_> {
    fn turn(&self) -> u64 {
        self.rules.turn
    }

    fn send(&mut self, to: To, letter: Letter) {
        match to {
            To::One(id) => {
                let (shard, key) = (self.rules.shard_of(id), self.rules.key_of(id));
                self.sender
                    .put(shard, type_of(id), Receiver::One(key), letter);
            }
            To::All(of) => {
                for shard in 0..self.rules.shards {
                    self.sender.put(shard, of, Receiver::All, letter.clone());
                }
            }
            To::Everyone => {
                for of in 0..TYPES {
                    self.send(To::All(of), letter.clone());
                }
            }
            To::First(of) => {
                let shard = self.rules.first_shard(of);
                self.sender.put(shard, of, Receiver::First, letter);
            }
        }
    }

    fn spawn(&mut self, of: usize, near: Option<RawId>, letter: Letter) -> RawId {
        let stock = &mut self.sender.stocks[of];
        let near = near.map(|id| self.rules.shard_of(id));
        let shard = near.unwrap_or_else(|| stock.next_target());
        let key = stock.take(shard);
        self.sender.put(shard, of, Receiver::One(key), letter);
        self.rules.id(of, shard, key)
    }
}
