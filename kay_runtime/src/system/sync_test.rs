//! Running turns twice, to find actors that depend on more than they should.

use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use chunky::{Arena, Lane, Pool};

use super::ActorSystem;
use super::inspect::waiting_letters;
use crate::RawId;
use crate::error::TurnError;
use crate::hasher::StateHasher;
use crate::id::Address;
use crate::outbox::Letter;
use crate::panic::caught;
use crate::registry::{Registry, SHARD, Tag};
use crate::shard::{Shard, half};
use crate::tools;
use crate::world::Returned;

/// Two runs of the same turns from the same world ended differently.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutOfSync {
    /// The last turn that is known to be the same in both runs.
    pub from: u64,
    /// The turn after which the two differ.
    pub to: u64,
    /// The first instance that differs; `None` if only waiting messages do.
    pub instance: Option<Difference>,
}

/// An instance that differs between two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The path of its type.
    pub actor: &'static str,
    /// Its id in the first run.
    pub id: RawId,
    /// Its state in the first run; `None` if it is not there.
    pub first: Option<String>,
    /// Its state in the second run; `None` if it is not there.
    pub second: Option<String>,
}

impl std::error::Error for OutOfSync {}

impl fmt::Display for OutOfSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfSync { from, to, instance } = self;
        write!(
            f,
            "turns {} to {to}, run twice, had two results: ",
            from + 1
        )?;
        let Some(Difference {
            actor,
            id,
            first,
            second,
        }) = instance
        else {
            return write!(f, "messages that wait for the next turn differ");
        };
        let first = first.as_deref().unwrap_or("not there");
        let second = second.as_deref().unwrap_or("not there");
        write!(
            f,
            "the first instance that differs is `{actor}` {id}: {first} against {second}; "
        )?;
        write!(
            f,
            "its handlers depend on something else than its state and its messages"
        )
    }
}

/// What is needed to run the last turns again.
#[derive(Debug)]
pub(super) struct Rerun {
    /// The last turn that is not run again.
    from: u64,
    /// The world as it was; `None` if that, or what the host has sent since, could not be copied.
    copy: Option<Box<ActorSystem>>,
    /// What the host has sent since, with the turn that it was for.
    inputs: Vec<(u64, usize, Letter)>,
}

impl ActorSystem {
    /// Before a turn: keeps a copy of the world, if the turns from now on are to run twice.
    #[inline]
    pub(super) fn prepare_rerun(&mut self) {
        if self.settings.sync_test.is_some() && self.rerun.is_none() {
            self.begin_rerun();
        }
    }

    #[inline(never)]
    fn begin_rerun(&mut self) {
        self.rerun = Some(Rerun {
            from: self.turn,
            copy: caught(|| Box::new(self.duplicate())),
            inputs: Vec::new(),
        });
    }

    /// Keeps a copy of what the host has sent.
    #[inline]
    pub(super) fn record_input(&mut self, turn: u64, target: usize, letter: &Letter) {
        if self.rerun.is_some() {
            self.copy_input(turn, target, letter);
        }
    }

    #[inline(never)]
    fn copy_input(&mut self, turn: u64, target: usize, letter: &Letter) {
        let Some(rerun) = &mut self.rerun else { return };
        let pool = &mut self.crew.outbox().pool;
        match caught(|| duplicate(letter, &self.registry, pool)) {
            Some(copy) => rerun.inputs.extend(copy.map(|copy| (turn, target, copy))),
            None => drop_copy(rerun.copy.take()),
        }
    }

    /// After a turn: runs the last turns again, if it is time.
    #[inline]
    pub(super) fn check_rerun(&mut self) -> Result<(), TurnError> {
        let (Some(every), Some(rerun)) = (self.settings.sync_test, &self.rerun) else {
            return Ok(());
        };
        if self.turn < rerun.from + every {
            return Ok(());
        }
        self.end_rerun()
    }

    #[inline(never)]
    fn end_rerun(&mut self) -> Result<(), TurnError> {
        let Some(Rerun { from, copy, inputs }) = self.rerun.take() else {
            return Ok(());
        };
        let to = self.turn;
        let Some(mut copy) = copy else {
            caught(|| drop(inputs));
            return Err(TurnError::NotRunAgain { from, to });
        };
        let compared = caught(|| self.run_again(from, &mut copy, inputs));
        drop_copy(Some(copy));
        match compared {
            Some(None) => Ok(()),
            Some(Some(instance)) => Err(OutOfSync { from, to, instance }.into()),
            None => Err(TurnError::NotRunAgain { from, to }),
        }
    }

    /// Runs the last turns in a copy from before them. What differs first then: an instance, or else only messages.
    fn run_again(
        &mut self,
        from: u64,
        copy: &mut ActorSystem,
        inputs: Vec<(u64, usize, Letter)>,
    ) -> Option<Option<Difference>> {
        let mut inputs = inputs.into_iter().peekable();
        for turn in from + 1..=self.turn {
            while let Some((_, target, letter)) = inputs.next_if(|input| input.0 == turn) {
                copy.receive(target, turn, letter);
            }
            // What is reported here was reported by the first run, or shows as a difference.
            let _ = copy.turn();
        }
        self.compare(copy)
    }

    /// A second run would not know when to resume.
    pub(super) fn give_up_rerun(&mut self) {
        if let Some(rerun) = self.rerun.take() {
            caught(|| drop(rerun));
        }
    }

    /// A second world in the same state, that runs on another schedule.
    fn duplicate(&mut self) -> ActorSystem {
        self.collect();
        let mut settings = self.settings.clone().schedule(self.turn);
        settings.sync_test = None;
        settings.threads = settings.threads.max(2);
        let copy = ActorSystem::with_registry(settings, Arc::clone(&self.registry));
        // The settings have been checked; only a thread can fail to start.
        let mut copy = match copy {
            Ok(copy) => copy,
            Err(error) => panic!("the second world of a sync test cannot be set up: {error}"),
        };
        copy.turn = self.turn;
        let mut pool = Pool::new(&copy.depot);
        for index in 0..self.shards.len() {
            let shard = self.shard(index);
            let twin = copy.shard_mut(index);
            let mut arena = twin
                .arena
                .take()
                .unwrap_or_else(|| Arena::new(self.storage.clone()));
            arena.with(|| copy_shard(shard, twin, &self.registry, self.turn, &mut pool));
            twin.arena = Some(arena);
            for (actor, _) in self.registry.actors() {
                let count = shard.stores.count(actor);
                copy.census.set(actor, index, count as u32);
            }
            if waiting_letters(copy.shard(index)).next().is_some() {
                copy.active[half(copy.turn + 1)].insert(index);
            }
        }
        copy
    }

    /// What differs first between two worlds: an instance, or else only messages.
    fn compare(&mut self, other: &mut ActorSystem) -> Option<Option<Difference>> {
        for (actor, entry) in self.registry.actors() {
            for (one, two) in self.all_shards().zip(other.all_shards()) {
                let stores = [one, two].map(|shard| shard.stores.get(actor));
                let len = stores.map(|store| store.map_or(0, |store| store.len()));
                for position in 0..len[0].max(len[1]) {
                    let hash = stores.map(|store| {
                        let mut hasher = StateHasher::default();
                        store.inspect(|store| store.hash_at(position, &mut hasher));
                        hasher.finish()
                    });
                    if hash[0] == hash[1] {
                        continue;
                    }
                    let keys = stores.map(|store| store.and_then(|store| store.key_at(position)));
                    let key = keys[0].or(keys[1])?;
                    let state = stores.map(|store| store.and_then(|store| store.describe(key)));
                    let [first, second] = state;
                    let index = one.world.index_of(one.index as u32, key.slot);
                    let address = Address::new(0, index, key.generation);
                    let id = RawId::new(entry.fingerprint as u32, address);
                    return Some(Some(Difference {
                        actor: entry.name,
                        id,
                        first,
                        second,
                    }));
                }
            }
        }
        (self.state_hash() != other.state_hash()).then_some(None)
    }
}

/// Drops a copy of the world: if that panics, it says nothing about the world.
fn drop_copy(copy: Option<Box<ActorSystem>>) {
    caught(|| drop(copy));
}

fn copy_shard(shard: &Shard, twin: &mut Shard, registry: &Registry, turn: u64, pool: &mut Pool) {
    for (actor, store) in shard.stores.all() {
        twin.stores.put(actor, store.duplicate());
    }
    twin.world.stocks = shard.world.stocks.clone();
    let next = half(turn + 1);
    let letters = shard.letters[next].iter();
    twin.letters[next] = letters
        .filter_map(|letter| duplicate(letter, registry, pool))
        .collect();
}

/// A copy of a letter, unless there is nothing in it.
fn duplicate(letter: &Letter, registry: &Registry, pool: &mut Pool) -> Option<Letter> {
    let mut lane = Lane::new();
    letter.chain.visit(|item| {
        lane.begin(item.sender(), pool);
        if letter.to() == SHARD {
            tools::duplicate::<Returned>(item, &mut lane, pool);
        } else {
            (registry.tools(Tag(item.tag())).duplicate)(item, &mut lane, pool);
        }
    });
    Some(Letter::from_source(
        letter.to(),
        letter.source(),
        lane.take()?,
    ))
}
