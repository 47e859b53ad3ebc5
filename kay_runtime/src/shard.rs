//! A shard: its share of all instances, and how it spends a turn.

use std::any::Any;
use std::mem::{forget, swap, take};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use chunky::{Arena, Chain, Key, Lane, Storage};

use crate::RawId;
use crate::deliver::is_broadcast;
use crate::id::Address;
use crate::outbox::{Letter, Outbox};
use crate::panic::{PanicReport, caught, discard, reason};
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::settings::PanicPolicy;
use crate::shard_copy::ShardCopy;
use crate::shard_set::ShardSet;
use crate::stock::{HOST, Source};
use crate::stores::Stores;
use crate::world::{Returned, World};

/// The source of messages that came before the instance that they are for, and are delivered when
/// all others of the turn for the type have been. Higher than any other.
pub(crate) const EARLY: Source = Source::MAX;

/// A share of the instances of all types. Runs on one thread at a time.
pub(crate) struct Shard {
    pub(crate) index: usize,
    registry: Arc<Registry>,
    pub(crate) world: World,
    pub(crate) stores: Stores,
    /// Where the dynamic parts of state and messages lie; taken out while the shard works.
    pub(crate) arena: Option<Arena>,
    storage: Arc<dyn Storage>,
    policy: PanicPolicy,
    /// Letters for odd and for even turns that did not need to take the way through the mailbox.
    pub(crate) letters: [Vec<Letter>; 2],
    /// The letters of the turn that runs, or that a panic interrupted.
    pub(crate) pending: Vec<Letter>,
    /// How many of them are done.
    pub(crate) done: usize,
    /// Which of them is being delivered.
    running: Option<usize>,
    /// What comes before the rest of that: messages that are put off while the world is frozen.
    put_off: Lane,
    /// The place of this shard among those of a turn on many threads.
    pub(crate) place: usize,
    /// What happened, for the system to collect between turns.
    pub(crate) outcome: Outcome,
    /// Instances that panicked, to be removed when the world is resumed.
    pub(crate) culprits: Vec<(TypeIndex, Key)>,
    /// The copy that a snapshot wants of it, from before its next turn or the one after that.
    pub(crate) copy: Option<Box<ShardCopy>>,
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
            stores: Stores::new(world.registry.type_count()),
            arena: Some(Arena::new(Arc::clone(storage))),
            storage: Arc::clone(storage),
            policy,
            letters: [Vec::new(), Vec::new()],
            pending: Vec::new(),
            done: 0,
            running: None,
            put_off: Lane::new(),
            place: 0,
            outcome: Outcome {
                targets: ShardSet::new(world.shards as usize),
                ..Outcome::default()
            },
            culprits: Vec::new(),
            copy: None,
            world,
        }
    }

    /// Delivers all that waits for `turn`. What is sent is in the outbox of the thread then, to be
    /// published.
    pub(crate) fn run_published(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        outbox.begin(self.place);
        self.collect(turn, outbox);
        self.run(turn, outbox);
        let (shards, targets) = (self.world.shards as usize, &mut self.outcome.targets);
        outbox.lanes.end(|target| {
            // Behind the shards comes the host.
            if target < shards {
                targets.insert(target);
            }
        });
    }

    /// Where its memory comes from.
    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The shard as a sender.
    fn source(&self) -> Source {
        self.index as Source + 1
    }

    /// Delivers all that waits for `turn`. What is sent is in `outbox` then.
    pub(crate) fn run(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        if self.copy.is_some() {
            self.copy_before(turn);
        }
        swap(&mut self.pending, &mut self.letters[half(turn)]);
        self.finish(turn, outbox);
        if self.copy.is_some() {
            self.copy_behind(turn);
        }
    }

    /// Delivers a letter, all that waits for `turn`, while no snapshot wants a copy.
    #[inline]
    pub(crate) fn run_letter(&mut self, turn: u64, letter: Letter, outbox: &mut Box<Outbox>) {
        let mut letter = Some(letter);
        self.work(turn, outbox, |shard| match letter.take() {
            Some(letter) => shard.deliver_lone(letter),
            None => shard.deliver_pending(),
        });
        self.end_turn();
    }

    /// Copies itself as it is before a turn, if a snapshot wants that.
    #[cold]
    pub(crate) fn copy_before(&mut self, turn: u64) {
        if let Some(mut copy) = self.copy.take() {
            copy.before(turn, self);
            self.copy = Some(copy);
        }
    }

    /// Copies what stays as it is until the next turn, if a snapshot wants that. In the world of another system,
    /// nothing stays.
    #[cold]
    fn copy_behind(&mut self, turn: u64) {
        if !self.has_its_world() {
            return;
        }
        if let Some(mut copy) = self.copy.take() {
            copy.behind(turn, self);
            self.copy = Some(copy);
        }
    }

    /// Takes what came by the mailbox to the letters for `turn`.
    pub(crate) fn collect(&mut self, turn: u64, outbox: &mut Outbox) {
        outbox.collect(self.index, turn, &mut self.letters[half(turn)]);
    }

    /// Delivers what is pending: a whole turn, or what a panic left of one.
    pub(crate) fn finish(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        self.pending[self.done..].sort_by_key(Letter::order);
        self.work(turn, outbox, Shard::deliver_pending);
        self.end_turn();
    }

    /// Does what is left to do when nothing is pending any more, or a panic has frozen the world.
    #[inline(always)]
    fn end_turn(&mut self) {
        if let Some(interrupted) = self.pending.get(self.done) {
            let to = interrupted.to();
            if let Some(chain) = self.take_early(to) {
                put_early(&mut self.pending, self.done, to, chain);
            }
            // For types that are through already, nobody comes any more.
        } else {
            self.pending.clear();
            self.done = 0;
        }
        if !self.world.early.is_empty() {
            self.lose_early();
        }
    }

    /// Goes on after a panic, without those who panicked.
    pub(crate) fn resume(&mut self, turn: u64, outbox: &mut Box<Outbox>) {
        outbox.lanes.begin(self.source().into());
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
    fn work(&mut self, turn: u64, outbox: &mut Box<Outbox>, mut deliver: impl FnMut(&mut Shard)) {
        self.world.set_turn(turn);
        outbox.lanes.begin(self.source().into());
        swap(&mut self.world.outbox, outbox);
        let mut arena = self
            .arena
            .take()
            .unwrap_or_else(|| Arena::new(Arc::clone(&self.storage)));
        arena.with(|| {
            while let Err(payload) = catch_unwind(AssertUnwindSafe(|| deliver(self))) {
                if !self.goes_on_after(payload) {
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
        self.outcome.sent += take(&mut self.world.broadcast_work) + take(&mut self.world.sent);
    }

    /// Deals with a panic. Returns whether to go on delivering.
    #[cold]
    #[inline(never)]
    fn goes_on_after(&mut self, payload: Box<dyn Any + Send>) -> bool {
        if !self.has_its_world() {
            discard(payload);
            return false;
        }
        let Some(letter) = self.running.take() else {
            // Not a handler, but this runtime itself.
            resume_unwind(payload);
        };
        self.note_panic(letter, reason(&*payload));
        discard(payload);
        self.policy == PanicPolicy::Kill
    }

    fn has_its_world(&self) -> bool {
        self.world.belongs_to(&self.registry, self.source())
    }

    fn deliver_pending(&mut self) {
        let registry = &*self.registry;
        while let Some(letter) = self.pending.get_mut(self.done) {
            let to = letter.to();
            if to == SHARD {
                take_back(&mut self.world, letter);
                self.done += 1;
                continue;
            }
            let storage = &self.storage;
            let make = || registry.actor(to).make_store(to, registry, storage);
            let Some(store) = self.stores.get_or_make(to, make) else {
                // It is damaged: nothing goes on.
                return;
            };
            let source = letter.source();
            self.world.current.actor = to;
            self.running = Some(self.done);
            store.deliver(&mut letter.chain, &mut self.world);
            self.running = None;
            self.done += 1;
            if !self.world.early.is_empty()
                && source != EARLY
                && let Some(chain) = store.take_early()
            {
                put_early(&mut self.pending, self.done, to, chain);
            }
        }
    }

    /// Delivers a letter that is not pending, but will be if a handler panics, or if there is more to do about
    /// it than to deliver it.
    #[inline]
    fn deliver_lone(&mut self, letter: Letter) {
        let to = letter.to();
        let Some(store) = self.stores.get_mut(to) else {
            self.pending.push(letter);
            return self.deliver_pending();
        };
        self.world.current.actor = to;
        self.running = Some(0);
        let mut lone = Lone {
            letter,
            pending: &mut self.pending,
        };
        store.deliver(&mut lone.letter.chain, &mut self.world);
        forget(lone);
        self.running = None;
        if !self.world.early.is_empty()
            && let Some(chain) = store.take_early()
        {
            put_early(&mut self.pending, 0, to, chain);
            self.deliver_pending();
        }
    }

    fn deliver_essential(&mut self) {
        let registry = Arc::clone(&self.registry);
        for at in self.done..self.pending.len() {
            let letter = &mut self.pending[at];
            let to = letter.to();
            if to == SHARD {
                continue;
            }
            let storage = &self.storage;
            let make = || registry.actor(to).make_store(to, &registry, storage);
            let Some(store) = self.stores.get_or_make(to, make) else {
                return;
            };
            self.world.current.actor = to;
            self.running = Some(at);
            store.deliver_essential(&mut letter.chain, &mut self.put_off, &mut self.world);
            self.running = None;
            letter.chain.append(self.put_off.take().unwrap_or_default());
        }
    }

    fn take_early(&mut self, to: TypeIndex) -> Option<Chain> {
        self.stores.get_mut(to)?.take_early()
    }

    /// Essential messages whose instance has not come, since the world is frozen, wait for the
    /// next turn, and come before all that is sent later.
    fn keep_early(&mut self, turn: u64) {
        for to in take(&mut self.world.early) {
            if let Some(chain) = self.take_early(to) {
                self.outcome.sent += chain.len() as u64;
                self.outcome.targets.insert(self.index);
                self.letters[half(turn + 1)].push(Letter::from_source(to, HOST, chain));
            }
        }
    }

    /// Messages whose instance has still not come when the turn is over are lost: an id is known
    /// from the turn on in which its spawner is sent, so that no message can come a turn earlier.
    /// The id is that of another system, or of an instance that could not be made.
    #[cold]
    fn lose_early(&mut self) {
        for to in take(&mut self.world.early) {
            if let Some(chain) = self.take_early(to) {
                chain.visit(|message| self.world.lost[Tag(message.tag()).handler()] += 1);
                // Nobody is to blame if that panics.
                caught(|| drop(chain));
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

    /// Takes down who panicked on a message of this letter, and sees to it that all others get
    /// theirs.
    fn note_panic(&mut self, letter: usize, reason: String) {
        let registry = Arc::clone(&self.registry);
        let current = self.world.current;
        let tag = Tag::of(current.handler);
        let to_all = is_broadcast(&current);
        let handler = registry.handler(current.handler);
        let Some(store) = self.stores.get_mut(current.actor) else {
            return;
        };
        let mut key = current.to.key(self.world.shard_bits);
        let mut left = Vec::new();
        if to_all {
            let next = if let Some(position) = store.position_of(key.slot) {
                key = store.key_at(position).unwrap_or(key);
                position + 1
            } else {
                // It is gone already: it was its drop that panicked.
                current.position as usize
            };
            let keys = (next..store.len()).filter_map(|at| store.key_at(at));
            left.extend(keys.map(|key| self.world.receiver(key)));
        }
        // Showing runs code of the user's, which may panic too.
        let state = caught(|| store.describe(key));
        let mut arguments = None;
        let mut lane = Lane::new();
        let pool = &mut self.world.outbox.pool;
        let tools = registry.tools(tag);
        let culprit = &mut self.pending[letter];
        if to_all || !tools.moved {
            if let Some(message) = culprit.chain.first() {
                arguments = caught(|| (tools.describe)(message)).flatten();
            }
            lane.begin(culprit.chain.sender().unwrap_or_default(), pool);
            let without = (tools.skip)(&mut culprit.chain, tag.0, &left, &mut lane, pool);
            self.world.lost[current.handler] += without;
        }
        // Fewer were called than that only if a handler has had another world here for a while.
        self.world.calls = self.world.calls.saturating_sub(left.len() as u64);
        self.world.note_calls(tag);
        // Before the rest of the letter that both were part of, in the order of sending.
        let (to, source) = (culprit.to(), culprit.source());
        let before = [self.put_off.take(), lane.take()];
        let before = before.into_iter().flatten();
        let before = before.map(|chain| Letter::from_source(to, source, chain));
        self.pending.splice(letter..letter, before);
        let index = self.world.index_of(self.index as u32, key.slot);
        let address = Address::new(0, index, key.generation);
        let actor = registry.actor(current.actor);
        self.outcome.panics.push(PanicReport {
            turn: self.world.turn(),
            actor: actor.name,
            id: RawId::new(actor.fingerprint as u32, address),
            message: handler.name,
            arguments,
            state: state.unwrap_or_else(|| Some("its state cannot be shown".to_owned())),
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
            let Some(store) = self.stores.get_mut(actor) else {
                continue;
            };
            // What is broken may well panic while it is dropped; it is gone all the same.
            let epoch = self.world.epoch;
            let removed = caught(|| store.remove(key, epoch));
            if removed.unwrap_or(true) {
                self.world.return_slot(actor, key);
            }
            self.world.note_change(actor);
        }
    }
}

/// A letter while it is delivered. Should that panic, it is the first of those that are pending.
struct Lone<'a> {
    letter: Letter,
    pending: &'a mut Vec<Letter>,
}

impl Drop for Lone<'_> {
    #[cold]
    fn drop(&mut self) {
        let chain = take(&mut self.letter.chain);
        let letter = Letter::from_source(self.letter.to(), self.letter.source(), chain);
        self.pending.push(letter);
    }
}

/// Puts messages that came too early behind all others for their type.
fn put_early(pending: &mut Vec<Letter>, done: usize, to: TypeIndex, chain: Chain) {
    let others = pending[done..].iter();
    let end = done + others.take_while(|letter| letter.to() == to).count();
    pending.insert(end, Letter::from_source(to, EARLY, chain));
}

/// The half of the letters that belongs to a turn.
pub(crate) fn half(turn: u64) -> usize {
    (turn & 1) as usize
}

/// Takes the slot numbers in a letter back into the stocks of `world`.
pub(crate) fn take_back(world: &mut World, letter: &mut Letter) {
    while let Some((next, returned)) = letter.chain.pop::<Returned>(&mut world.outbox.pool) {
        world.put_back(next.key(0), &returned);
    }
}
