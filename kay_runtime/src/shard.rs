//! A shard: its share of all instances, and how it spends a turn.

use std::mem::{swap, take};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chunky::{Arena, Chain, Key, Lane, Reader, Storage};

use crate::RawId;
use crate::deliver::is_broadcast;
use crate::id::Address;
use crate::outbox::{Letter, Outbox};
use crate::panic::{PanicReport, reason};
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::settings::PanicPolicy;
use crate::shard_set::ShardSet;
use crate::stock::{HOST, Source};
use crate::store::AnyStore;
use crate::world::{Returned, World};

/// The source of messages that came before the instance that they are for, and are delivered when
/// all others of the turn for the type have been. Higher than any other.
const EARLY: Source = Source::MAX;

/// A share of the instances of all types. Runs on one thread at a time.
pub(crate) struct Shard {
    pub(crate) index: usize,
    registry: Arc<Registry>,
    pub(crate) world: World,
    /// By type; made with the first message.
    pub(crate) stores: Vec<Option<Box<dyn AnyStore>>>,
    /// Where the dynamic parts of state and messages lie; taken out while the shard works.
    pub(crate) arena: Option<Arena>,
    storage: Arc<dyn Storage>,
    policy: PanicPolicy,
    /// Letters for odd and for even turns that did not need to take the way through the mailbox.
    pub(crate) letters: [Vec<Letter>; 2],
    /// The letters of the turn that runs, or that a panic interrupted.
    pub(crate) pending: Vec<Letter>,
    /// How many of them are done.
    done: usize,
    /// Reads the first of them that is not.
    reader: Reader,
    /// What is being delivered, and where: in which pending letter, in which of its runs.
    running: Option<(Tag, usize, usize)>,
    /// What happened, for the system to collect between turns.
    pub(crate) outcome: Outcome,
    /// Instances that panicked, to be removed when the world is resumed.
    pub(crate) culprits: Vec<(TypeIndex, Key)>,
    /// Handler calls by handler since the beginning.
    pub(crate) delivered: Vec<u64>,
}

/// What a shard has to tell after its turn.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Shards that letters were published to.
    pub(crate) targets: ShardSet,
    /// Messages sent to the mailboxes, and receivers of broadcasts.
    pub(crate) sent: u64,
    pub(crate) panics: Vec<PanicReport>,
    /// Whether a handler has swapped the shard's world with another one.
    pub(crate) swapped: bool,
}

impl Shard {
    pub(crate) fn new(
        index: usize,
        world: World,
        storage: &Arc<dyn Storage>,
        policy: PanicPolicy,
    ) -> Self {
        Shard {
            index,
            registry: Arc::clone(&world.registry),
            stores: (0..world.registry.type_count()).map(|_| None).collect(),
            arena: Some(Arena::new(Arc::clone(storage))),
            storage: Arc::clone(storage),
            policy,
            letters: [Vec::new(), Vec::new()],
            pending: Vec::new(),
            done: 0,
            reader: Reader::default(),
            running: None,
            outcome: Outcome {
                targets: ShardSet::new(world.shards as usize),
                ..Outcome::default()
            },
            culprits: Vec::new(),
            delivered: vec![0; world.registry.handlers().len()],
            world,
        }
    }

    /// Delivers all that waits for `turn`, and bundles what was sent, to be published.
    pub(crate) fn run_published(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        self.collect(turn, outbox);
        self.run(turn, outbox);
        let source = self.index as Source + 1;
        while let Some((target, letter)) = outbox.next_letter(source) {
            self.outcome.sent += letter.messages();
            // Behind the shards comes the host.
            if target < self.world.shards as usize {
                self.outcome.targets.insert(target);
            }
            outbox.bundle(target, letter);
        }
    }

    /// Delivers all that waits for `turn`. What is sent is in `outbox` then.
    pub(crate) fn run(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        swap(&mut self.pending, &mut self.letters[half(turn)]);
        self.finish(turn, outbox);
    }

    /// Takes what came by the mailbox to the letters for `turn`.
    pub(crate) fn collect(&mut self, turn: u64, outbox: &mut Outbox) {
        outbox.collect(self.index, turn, &mut self.letters[half(turn)]);
    }

    /// Delivers what is pending: a whole turn, or what a panic left of one.
    pub(crate) fn finish(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        self.pending[self.done..].sort_by_key(Letter::order);
        self.work(turn, outbox, Shard::deliver_pending);
        if let Some(interrupted) = self.pending.get(self.done) {
            let to = interrupted.to;
            if let Some(chain) = self.take_early(to) {
                put_early(&mut self.pending, self.done, to, chain);
            }
        } else {
            self.pending.clear();
            self.done = 0;
            if !self.world.early.is_empty() {
                self.lose_early();
            }
        }
    }

    /// Goes on after a panic, without those who panicked.
    pub(crate) fn resume(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        swap(&mut self.world.outbox, outbox);
        self.remove_culprits();
        swap(&mut self.world.outbox, outbox);
        if !self.pending.is_empty() {
            self.finish(turn, outbox);
        }
    }

    /// Delivers only what is essential, of all that is pending and of the first `count` letters
    /// for the turn after `turn`.
    pub(crate) fn run_essential(&mut self, turn: u64, count: usize, outbox: &mut Box<Outbox>) {
        self.work(turn, outbox, Shard::deliver_essential);
        let next = half(turn + 1);
        let later = self.letters[next].split_off(count);
        let pending = std::mem::replace(
            &mut self.pending,
            std::mem::replace(&mut self.letters[next], later),
        );
        let done = std::mem::take(&mut self.done);
        self.work(turn, outbox, Shard::deliver_essential);
        self.done = done;
        let mut waiting = std::mem::replace(&mut self.pending, pending);
        waiting.append(&mut self.letters[next]);
        self.letters[next] = waiting;
        self.keep_early(turn);
    }

    /// Lets `deliver` run until it is through, or until a panic freezes the world.
    #[inline]
    fn work(&mut self, turn: u64, outbox: &mut Box<Outbox>, deliver: impl Fn(&mut Shard)) {
        self.world.set_turn(turn);
        swap(&mut self.world.outbox, outbox);
        let mut arena = self
            .arena
            .take()
            .unwrap_or_else(|| Arena::new(Arc::clone(&self.storage)));
        arena.with(|| {
            while let Err(payload) = catch_unwind(AssertUnwindSafe(|| deliver(self))) {
                if !self.has_its_world() {
                    break;
                }
                let Some((tag, letter, run)) = self.running.take() else {
                    // Not a handler, but this runtime itself.
                    std::panic::resume_unwind(payload);
                };
                self.note_panic(tag, letter, run, reason(&*payload));
                if self.policy == PanicPolicy::Freeze {
                    break;
                }
            }
        });
        self.arena = Some(arena);
        if self.has_its_world() {
            swap(&mut self.world.outbox, outbox);
        } else {
            // What the world that is here instead has in its outbox is for another system.
            self.outcome.swapped = true;
        }
        self.outcome.sent += take(&mut self.world.broadcast_work);
    }

    fn has_its_world(&self) -> bool {
        self.world
            .belongs_to(&self.registry, self.index as Source + 1)
    }

    fn deliver_pending(&mut self) {
        let registry = &*self.registry;
        while let Some(letter) = self.pending.get_mut(self.done) {
            let to = letter.to;
            if to == SHARD {
                take_back(&mut self.world, letter);
                self.done += 1;
                continue;
            }
            let storage = &self.storage;
            let store = self.stores[to as usize]
                .get_or_insert_with(|| (registry.actor(to).new_store)(Arc::clone(storage)));
            let source = letter.source;
            let (chain, behind) = join(&mut self.pending, self.done);
            self.reader.begin(chain);
            while let Some(mut run) = self.reader.next_run(&mut self.world.outbox.pool) {
                let tag = Tag(run.tag());
                self.running = Some((tag, self.done, 0));
                self.world.current.actor = to;
                (registry.tools(tag).deliver)(&mut **store, &mut self.world, &mut run);
                self.delivered[tag.handler()] += take(&mut self.world.calls);
            }
            self.running = None;
            self.done = behind;
            if !self.world.early.is_empty()
                && source != EARLY
                && let Some(chain) = store.take_early()
            {
                put_early(&mut self.pending, behind, to, chain);
            }
        }
    }

    fn deliver_essential(&mut self) {
        let registry = Arc::clone(&self.registry);
        for at in self.done..self.pending.len() {
            let letter = &mut self.pending[at];
            let to = letter.to;
            if to == SHARD {
                continue;
            }
            let storage = &self.storage;
            let store = self.stores[to as usize]
                .get_or_insert_with(|| (registry.actor(to).new_store)(Arc::clone(storage)));
            let (world, running) = (&mut self.world, &mut self.running);
            let delivered = &mut self.delivered;
            let mut place = 0;
            letter.chain.for_each_run(|run| {
                let tag = Tag(run.tag());
                if registry.handler(tag.handler()).essential {
                    *running = Some((tag, at, place));
                    world.current.actor = to;
                    (registry.tools(tag).deliver)(&mut **store, world, run);
                    delivered[tag.handler()] += take(&mut world.calls);
                    *running = None;
                }
                place += 1;
            });
        }
    }

    fn take_early(&mut self, to: TypeIndex) -> Option<Chain> {
        self.stores[to as usize].as_mut()?.take_early()
    }

    /// Essential messages whose instance has not come, since the world is frozen, wait for the
    /// next turn, and come before all that is sent later.
    fn keep_early(&mut self, turn: u64) {
        for to in take(&mut self.world.early) {
            if let Some(chain) = self.take_early(to) {
                self.outcome.sent += chain.written() as u64;
                self.outcome.targets.insert(self.index);
                self.letters[half(turn + 1)].push(Letter {
                    to,
                    source: HOST,
                    chain,
                });
            }
        }
    }

    /// Messages whose instance has still not come when the turn is over are lost: an id is known
    /// from the turn on in which its spawner is sent, so that no message can come a turn earlier.
    /// The id is that of another system, or of an instance that could not be made.
    #[cold]
    fn lose_early(&mut self) {
        for to in take(&mut self.world.early) {
            if let Some(mut chain) = self.take_early(to) {
                chain.for_each_run(|run| {
                    self.world.lost[Tag(run.tag()).handler()] += run.len() as u64;
                });
            }
        }
    }

    /// Whether anything has happened that the system should know of.
    #[inline]
    pub(crate) fn has_news(&self) -> bool {
        let (world, outcome) = (&self.world, &self.outcome);
        !world.changed.is_empty()
            || world.complaints.count > 0
            || !outcome.panics.is_empty()
            || outcome.swapped
    }

    /// Takes down who panicked on a message of this run, and sees to it that all others get
    /// theirs.
    fn note_panic(&mut self, tag: Tag, letter: usize, run: usize, reason: String) {
        let registry = Arc::clone(&self.registry);
        let current = self.world.current;
        let to_all = is_broadcast(&current);
        // What is left goes back to where it was.
        self.pending[letter].chain.append(self.reader.end());
        let handler = registry.handler(tag.handler());
        let Some(store) = self.stores[current.actor as usize].as_mut() else {
            return;
        };
        let mut key = current.key;
        let mut left = Vec::new();
        if to_all {
            let position = current.position as usize;
            let here = store.key_at(position).filter(|here| here.slot == key.slot);
            key = here.unwrap_or(key);
            // Unless it is gone already, and it was its drop that panicked.
            let next = position + usize::from(here.is_some());
            left.extend((next..store.len()).filter_map(|at| store.key_at(at)));
        }
        // Showing runs code of the user's, which may panic too.
        let state = catch_unwind(AssertUnwindSafe(|| store.describe(key)));
        let mut arguments = None;
        let mut lane = Lane::new();
        let mut place = 0;
        let pool = &mut self.world.outbox.pool;
        self.pending[letter].chain.for_each_run(|found| {
            if place == run {
                let tools = registry.tools(tag);
                if to_all || !tools.moved {
                    let shown = catch_unwind(AssertUnwindSafe(|| (tools.describe)(found)));
                    arguments = shown.ok().flatten();
                    (tools.skip)(found, &left, &mut lane, pool);
                }
                let not_called = left.len() + found.len();
                self.delivered[tag.handler()] += take(&mut self.world.calls) - not_called as u64;
            }
            place += 1;
        });
        if let Some(chain) = lane.take() {
            // Before the rest of the letter that it was part of.
            let (to, source) = (self.pending[letter].to, self.pending[letter].source);
            self.pending.insert(letter, Letter { to, source, chain });
        }
        let index = self.world.index_of(self.index as u32, key.slot);
        let address = Address::new(0, index, key.generation);
        let actor = registry.actor(current.actor);
        self.outcome.panics.push(PanicReport {
            turn: self.world.turn(),
            actor: actor.name,
            id: RawId::new(actor.fingerprint as u32, address),
            message: handler.name,
            arguments,
            state: state.unwrap_or_else(|_| Some("its state cannot be shown".to_owned())),
            reason,
        });
        self.culprits.push((current.actor, key));
        if self.policy == PanicPolicy::Kill {
            self.remove_culprits();
        }
    }

    /// Removes the instances that panicked.
    pub(crate) fn remove_culprits(&mut self) {
        for (actor, key) in std::mem::take(&mut self.culprits) {
            let Some(store) = self.stores[actor as usize].as_mut() else {
                continue;
            };
            // What is broken may well panic while it is dropped; it is gone all the same.
            let removed = catch_unwind(AssertUnwindSafe(|| store.remove(key)));
            if removed.unwrap_or(true) {
                self.world.return_slot(actor, key);
            }
            self.world.note_change(actor);
        }
    }
}

/// Takes the messages out of letter `first`, and out of those that follow and are for the same type,
/// to be read as one chain; returns the place behind them too.
#[inline]
fn join(pending: &mut [Letter], first: usize) -> (Chain, usize) {
    let mut chain = take(&mut pending[first].chain);
    let (to, mut behind) = (pending[first].to, first + 1);
    while let Some(letter) = pending.get_mut(behind)
        && letter.to == to
        && letter.source != EARLY
    {
        chain.append(take(&mut letter.chain));
        behind += 1;
    }
    (chain, behind)
}

/// Puts messages that came too early behind all others for their type.
fn put_early(pending: &mut Vec<Letter>, done: usize, to: TypeIndex, chain: Chain) {
    let others = pending[done..].iter();
    let end = done + others.take_while(|letter| letter.to == to).count();
    let source = EARLY;
    pending.insert(end, Letter { to, source, chain });
}

/// The half of the letters that belongs to a turn.
pub(crate) fn half(turn: u64) -> usize {
    (turn & 1) as usize
}

/// Takes the slot numbers in a letter back into the stocks of `world`.
pub(crate) fn take_back(world: &mut World, letter: &mut Letter) {
    while let Some(mut run) = letter.chain.next_run(&mut world.outbox.pool) {
        let Some(drain) = run.drain::<Returned>() else {
            unreachable!("the shard itself gets slot numbers only")
        };
        for returned in drain {
            world.put_back(returned.key(), &returned.item);
        }
    }
}
