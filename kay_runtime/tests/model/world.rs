//! The model of a world: what is to happen in it, as simply as it can be said, one thing after the
//! other.

use std::mem::take;

use kay_runtime::RawId;

use crate::letter::{Counts, KINDS, Kind, TYPES};
use crate::logic::{Core, Surroundings};
use crate::sender::{Item, Returned, Rules, Sender};
use crate::shard::Shard;

/// So many panics are kept where those who panic are removed.
const KEPT_PANICS: usize = 1000;

/// In which turn, who, and of what.
pub(crate) type Panic = (u64, RawId, Kind);

pub(crate) struct World {
    rules: Rules,
    shards: Vec<Shard>,
    host: Sender,
    returned_to_host: Vec<Returned>,
    pub(crate) frozen: bool,
    /// Those that are kept.
    pub(crate) panics: Vec<Panic>,
    pub(crate) panic_count: u64,
}

impl World {
    pub(crate) fn new(shards: u32, kills: bool) -> Self {
        World {
            rules: Rules {
                shards,
                kills,
                turn: 0,
                census: vec![vec![0; shards as usize]; TYPES],
            },
            shards: (0..shards).map(|index| Shard::new(index, shards)).collect(),
            host: Sender::new(0, shards),
            returned_to_host: Vec::new(),
            frozen: false,
            panics: Vec::new(),
            panic_count: 0,
        }
    }

    pub(crate) fn turns(&self) -> u64 {
        self.rules.turn
    }

    /// The host, to send and spawn.
    pub(crate) fn host(&mut self) -> impl Surroundings {
        self.host.sending(&self.rules)
    }

    /// Whether the host has sent anything since the last turn.
    pub(crate) fn host_has_sent(&self) -> bool {
        !self.host.sent.is_empty()
    }

    pub(crate) fn instances(&self, of: usize) -> Vec<(RawId, Core)> {
        let shards = (0..).zip(&self.shards);
        let all = shards.flat_map(|(index, shard)| {
            let instances = shard.stores[of].instances.iter();
            instances.map(move |(key, core)| (self.rules.id(of, index, *key), core.clone()))
        });
        all.collect()
    }

    pub(crate) fn population(&self) -> usize {
        let stores = self.shards.iter().flat_map(|shard| &shard.stores);
        stores.map(|store| store.instances.len()).sum()
    }

    /// What waits for a type; what the host has sent since the last turn does not wait yet.
    pub(crate) fn waiting(&self, of: usize) -> usize {
        self.shards.iter().map(|shard| shard.waiting(of)).sum()
    }

    pub(crate) fn all_waiting(&self) -> usize {
        (0..TYPES).map(|of| self.waiting(of)).sum()
    }

    /// How often handlers were called, and how many messages nobody got.
    pub(crate) fn counts(&self) -> (Counts, Counts) {
        let (mut delivered, mut lost) = (Counts::default(), self.host.lost);
        for shard in &self.shards {
            for of in 0..TYPES {
                for kind in 0..KINDS {
                    delivered[of][kind] += shard.delivered[of][kind];
                    lost[of][kind] += shard.sender.lost[of][kind];
                }
            }
        }
        (delivered, lost)
    }

    pub(crate) fn turn(&mut self) {
        self.publish_host();
        if self.frozen {
            return self.frozen_turn();
        }
        self.rules.turn += 1;
        self.run(Shard::turn);
    }

    /// Runs turns until nothing is to be delivered, at most `bound` of them; returns how many, and
    /// whether that was so.
    pub(crate) fn run_until_idle(&mut self, bound: u64) -> (u64, bool) {
        let mut turns = 0;
        while self.host_has_sent() || self.all_waiting() > 0 {
            if turns == bound || self.frozen {
                return (turns, false);
            }
            self.turn();
            turns += 1;
        }
        (turns, true)
    }

    pub(crate) fn resume(&mut self) {
        if !self.frozen {
            return;
        }
        self.publish_host();
        self.frozen = false;
        self.panics.clear();
        self.run(Shard::resume);
    }

    /// Lets all shards do something. What they send comes when all have done it.
    fn run(&mut self, what: impl Fn(&mut Shard, &Rules)) {
        for shard in &mut self.shards {
            what(shard, &self.rules);
        }
        for index in 0..self.shards.len() {
            self.take_sent(index);
        }
        self.end_turn();
    }

    fn frozen_turn(&mut self) {
        let inboxes: Vec<Vec<Item>> = self
            .shards
            .iter_mut()
            .map(|shard| take(&mut shard.inbox))
            .collect();
        for (index, inbox) in inboxes.into_iter().enumerate() {
            self.shards[index].frozen_turn(inbox, &self.rules);
            self.take_sent(index);
        }
        self.end_turn();
    }

    fn publish_host(&mut self) {
        for (target, item) in take(&mut self.host.sent) {
            self.shards[target as usize].inbox.push(item);
        }
    }

    fn take_sent(&mut self, index: usize) {
        let sender = &mut self.shards[index].sender;
        let (sent, returned) = (take(&mut sender.sent), take(&mut sender.returned));
        for (target, item) in sent {
            self.shards[target as usize].inbox.push(item);
        }
        for (owner, returned) in returned {
            match owner {
                0 => self.returned_to_host.push(returned),
                owner => self.shards[owner as usize - 1].returned.push(returned),
            }
        }
    }

    fn end_turn(&mut self) {
        for (index, shard) in self.shards.iter_mut().enumerate() {
            for of in 0..TYPES {
                self.rules.census[of][index] = shard.stores[of].instances.len();
            }
            self.panic_count += shard.panics.len() as u64;
            self.panics.append(&mut shard.panics);
        }
        self.host.take_back(take(&mut self.returned_to_host));
        if self.rules.kills {
            let old = self.panics.len().saturating_sub(KEPT_PANICS);
            self.panics.drain(..old);
        } else {
            self.frozen = !self.panics.is_empty();
        }
    }
}
