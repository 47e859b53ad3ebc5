//! Turns.

use std::mem::take;

use super::ActorSystem;
use crate::crew::Crew;
use crate::error::{Misuse, TurnError};
use crate::fingerprint::mix;
use crate::outbox::Letter;
use crate::persist::End;
use crate::rng::Rng;
use crate::shard::{Shard, half, take_back};
use crate::stock::HOST;
use crate::world::Complaints;

/// A turn stays on one thread as long as there are fewer messages than this to deliver, and fewer have been
/// sent in it: waking others would take longer.
const SMALL: u64 = 2000;

/// How [`ActorSystem::run_until_idle`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the world may still be busy"]
pub enum Idle {
    /// Nothing is waiting any more.
    After {
        /// The turns that it took.
        turns: u64,
    },
    /// Messages are still waiting; the bound was reached.
    Never {
        /// The number of waiting messages.
        waiting: u64,
    },
}

impl ActorSystem {
    /// Runs a turn: delivers every message that is waiting, once. What handlers send is delivered
    /// in the next turn.
    ///
    /// While the world is frozen, only essential messages are delivered, and the turn number
    /// stays.
    ///
    /// # Errors
    ///
    /// - [`TurnError::Frozen`] if a handler has panicked, in this turn or before.
    /// - [`TurnError::Misuse`] if a message was sent that could not even be addressed. All others
    ///   were delivered.
    /// - [`TurnError::Journal`] if the world was [opened](ActorSystem::open), and what the host
    ///   has sent could not be written. The turn has not run.
    /// - [`TurnError::Damaged`] if the snapshot that the world has come back from is damaged where
    ///   nothing had looked before.
    /// - [`TurnError::OutOfSync`] if a [`sync_test`](crate::Settings::sync_test) failed,
    ///   [`TurnError::NotRunAgain`] if it could not be made.
    pub fn turn(&mut self) -> Result<(), TurnError> {
        self.check_worlds()?;
        if self.frozen {
            return self.frozen_turn();
        }
        if self.inputs.is_some() && !take(&mut self.written) {
            return self.kept_turn();
        }
        self.prepare_rerun();
        self.turn += 1;
        self.publish_host(self.turn);
        let waiting = take(&mut self.waiting);
        if self.is_for_one_thread(waiting) {
            self.run_here();
        } else {
            self.run_on_all_threads();
        }
        self.end_turn()?;
        self.check_rerun()
    }

    /// A turn of a world that is to come back. Apart, so that others pay for one branch only.
    #[cold]
    #[inline(never)]
    fn kept_turn(&mut self) -> Result<(), TurnError> {
        self.record_inputs(End::Turn)?;
        self.written = true;
        if self.is_for_one_of_many() {
            // Not one after the other, as they run.
            self.finish_snapshot();
        }
        // If the turn comes to no end, neither does a snapshot.
        let begun = self.take_begun();
        let ended = self.turn();
        // What did not run is copied now.
        self.finish_begun(begun);
        self.snapshot_if_due();
        // Copies may have found what the turn did not come to.
        self.check_worlds()?;
        ended
    }

    /// Whether a turn with so many messages begins on the calling thread.
    #[inline]
    fn is_for_one_thread(&self, waiting: u64) -> bool {
        (waiting < SMALL || self.crew.threads() == 1) && self.settings.schedule.is_none()
    }

    /// Whether the next turn begins on one thread, though there are others.
    pub(super) fn is_for_one_of_many(&self) -> bool {
        self.crew.threads() > 1 && self.is_for_one_thread(self.waiting)
    }

    /// Runs turns until no message is waiting, at most `bound` of them.
    ///
    /// Where a single message goes round, a turn takes a third less time in here than by itself, as long as the world
    /// is not kept in a directory, has no [`sync_test`](crate::Settings::sync_test) and no
    /// [`schedule`](crate::Settings::schedule).
    ///
    /// # Errors
    ///
    /// Those of [`turn`](ActorSystem::turn).
    pub fn run_until_idle(&mut self, bound: u64) -> Result<Idle, TurnError> {
        self.check_worlds()?;
        let mut turns = 0;
        while self.waiting > 0 || !self.host.outbox.lanes.is_empty() {
            if turns == bound {
                return Ok(Idle::Never {
                    waiting: self.waiting,
                });
            }
            self.turn()?;
            turns += 1;
            turns += self.run_lone_letters(bound - turns)?;
        }
        Ok(Idle::After { turns })
    }

    /// Gives the shards what the host has sent since the last turn, to be read in `turn`.
    #[inline]
    pub(super) fn publish_host(&mut self, turn: u64) {
        if !self.host.outbox.lanes.is_empty() {
            self.publish_letters(turn);
        }
    }

    #[inline(never)]
    fn publish_letters(&mut self, turn: u64) {
        self.host.outbox.lanes.end(|_| ());
        while let Some((target, letter)) = self.host.outbox.next_letter() {
            self.record_input(turn, target, &letter);
            self.receive(target, turn, letter);
        }
        self.waiting += take(&mut self.host.broadcast_work) + take(&mut self.host.sent);
    }

    /// Runs shards one after the other on the calling thread. If they turn out to have more to say than
    /// was said to them, the others run on all threads.
    fn run_here(&mut self) {
        let turn = self.turn;
        let by_mail = take(&mut self.by_mail);
        while let Some(index) = self.active[half(turn)].pop_first() {
            let Some(shard) = &mut self.shards[index] else {
                continue;
            };
            if by_mail {
                shard.collect(turn, self.crew.outbox());
            }
            let outbox = self.crew.outbox();
            shard.run(turn, outbox);
            outbox.lanes.end(|_| ());
            self.waiting += take(&mut shard.outcome.sent);
            if shard.has_news() {
                self.telling.push(index);
            }
            if self.waiting >= SMALL && self.crew.threads() > 1 {
                break;
            }
        }
        // These shards have run in ascending order: what they have sent is in the order that it has to
        // be in.
        self.take_letters();
        if !self.active[half(turn)].is_empty() {
            self.run_on_all_threads();
        }
    }

    /// Takes what was sent to where it belongs, without the way through the mailboxes.
    #[inline(always)]
    pub(super) fn take_letters(&mut self) {
        let next = self.turn + 1;
        while let Some((target, letter)) = self.crew.outbox().next_letter() {
            self.receive(target, next, letter);
        }
    }

    /// Runs the shards that have not run yet on all threads.
    #[inline(never)]
    fn run_on_all_threads(&mut self) {
        let (threads, shards) = (self.crew.threads(), self.shards.len());
        let told = self.telling.len();
        while let Some(index) = self.active[half(self.turn)].pop_first() {
            self.telling.push(index);
        }
        // Each thread starts with the shards that it had last time, for the sake of its cache.
        let active = (0..).zip(&self.telling[told..]);
        let mut boxes: Vec<(usize, Box<Shard>)> = active
            .filter_map(|(place, &index)| {
                let mut shard = self.shards[index].take()?;
                shard.place = place;
                Some((index * threads / shards, shard))
            })
            .collect();
        if let Some(seed) = self.settings.schedule {
            let mut rng = Rng::new(mix(seed ^ mix(self.turn)));
            for at in (1..boxes.len()).rev() {
                boxes.swap(at, rng.below(at as u64 + 1) as usize);
            }
            for (thread, _) in &mut boxes {
                *thread = rng.below(threads as u64) as usize;
            }
        }
        self.by_mail = true;
        let home = &mut self.shards;
        let steal = self.settings.schedule.is_none();
        Crew::round(&mut self.crew, self.turn, boxes, steal, |shard| {
            let index = shard.index;
            home[index] = Some(shard);
        });
    }

    /// Collects what a shard has to tell, when all have run.
    #[inline(never)]
    fn settle(&mut self, index: usize) {
        let Some(shard) = &mut self.shards[index] else {
            return;
        };
        self.active[half(self.turn + 1)].append(&mut shard.outcome.targets);
        self.waiting += take(&mut shard.outcome.sent);
        self.panicked += shard.outcome.panics.len() as u64;
        self.panics.append(&mut shard.outcome.panics);
        if shard.outcome.swapped {
            self.swapped.get_or_insert(index);
            return;
        }
        for actor in shard.world.changed.drain(..) {
            let count = shard.stores.count(actor);
            self.census.set(actor, index, count as u32);
        }
        let complaints = &mut shard.world.complaints;
        if complaints.count > 0 {
            let Complaints { first, count } = take(complaints);
            let all = &mut self.host.complaints;
            all.count += count;
            all.first = all.first.take().or(first);
        }
    }

    /// What is left to do when all shards have run.
    #[inline]
    pub(super) fn end_turn(&mut self) -> Result<(), TurnError> {
        self.host.set_turn(self.turn);
        let news = !self.telling.is_empty() || !self.for_host.is_empty() || self.by_mail;
        if news || self.host.complaints.count > 0 || !self.panics.is_empty() {
            return self.end_eventful_turn();
        }
        Ok(())
    }

    #[inline(never)]
    fn end_eventful_turn(&mut self) -> Result<(), TurnError> {
        // In ascending order: what is reported first must not depend on threads.
        for at in 0..self.telling.len() {
            self.settle(self.telling[at]);
        }
        self.telling.clear();
        self.forget_panics();
        self.check_worlds()?;
        self.take_back_slots();
        self.note_freeze()?;
        self.report_misuse()
    }

    /// That nobody has swapped a world of this system with that of another one, and that nothing of it turned out
    /// to be damaged.
    #[inline]
    pub(super) fn check_worlds(&mut self) -> Result<(), TurnError> {
        let is_sound = self.swapped.is_none() && self.origin.is_none();
        if is_sound && self.host.belongs_to(&self.registry, HOST) {
            return Ok(());
        }
        self.report_unsound()
    }

    #[cold]
    #[inline(never)]
    fn report_unsound(&mut self) -> Result<(), TurnError> {
        self.report_damage()?;
        let is_swapped = !self.host.belongs_to(&self.registry, HOST);
        let whose = match self.swapped {
            _ if is_swapped => "the host".to_owned(),
            Some(shard) => format!("shard {shard}"),
            None => return Ok(()),
        };
        let (turn, misuse) = (self.turn, Misuse::WorldSwapped { whose });
        Err(TurnError::Misuse {
            turn,
            misuse,
            count: 1,
        })
    }

    /// Takes the slot numbers back that the host owns.
    fn take_back_slots(&mut self) {
        let mut letters = take(&mut self.for_host);
        if self.by_mail {
            let (host, next) = (self.shards.len(), self.turn + 1);
            self.crew.outbox().collect(host, next, &mut letters);
        }
        letters.sort_by_key(Letter::order);
        for mut letter in letters.drain(..) {
            take_back(&mut self.host, &mut letter);
        }
        self.for_host = letters;
    }

    fn report_misuse(&mut self) -> Result<(), TurnError> {
        let Complaints { first, count } = take(&mut self.host.complaints);
        match first {
            Some(misuse) => Err(TurnError::Misuse {
                turn: self.turn,
                misuse,
                count,
            }),
            None => Ok(()),
        }
    }
}
