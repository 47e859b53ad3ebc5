//! A world that a panic has frozen.

use std::mem::take;

use super::ActorSystem;
use crate::error::TurnError;
use crate::outbox::Letter;
use crate::panic::PanicReport;
use crate::persist::End;
use crate::settings::PanicPolicy;
use crate::shard::half;

/// So many reports are kept where culprits are killed.
const PANICS: usize = 1000;

impl ActorSystem {
    /// Whether the world is frozen after a panic. It can be looked at like any other world.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// The handlers that have panicked since the last [`resume`](ActorSystem::resume), in the
    /// order of turns and shards. Under [`PanicPolicy::Kill`] the last 1000 since the beginning:
    /// [`Statistics::panics`](crate::Statistics::panics) says how many there were.
    pub fn panics(&self) -> &[PanicReport] {
        &self.panics
    }

    /// Lets a frozen world go on without the instances that panicked: completes the turn that was
    /// interrupted, so that all other messages are delivered exactly once. Does nothing if the
    /// world is not frozen.
    ///
    /// # Errors
    ///
    /// [`TurnError::Frozen`] if another handler panics in the rest of the turn, and the other
    /// errors of [`turn`](ActorSystem::turn).
    pub fn resume(&mut self) -> Result<(), TurnError> {
        if !self.frozen {
            return Ok(());
        }
        self.check_worlds()?;
        if self.inputs.is_some() {
            self.record_inputs(End::Resume)?;
        }
        // Now, since the host may get slot numbers back, and has chosen those of its spawners
        // before that: so they are in the journal before that, too.
        self.publish_host(self.turn + 1);
        self.frozen = false;
        self.panics.clear();
        // What the interrupted turn has sent already comes before what its rest will send.
        self.collect();
        let turn = self.turn;
        for index in 0..self.shards.len() {
            let Some(shard) = &mut self.shards[index] else {
                continue;
            };
            let outbox = self.crew.outbox();
            shard.resume(turn, outbox);
            outbox.lanes.end(|_| ());
            self.take_letters();
            self.telling.push(index);
        }
        self.end_turn()
    }

    /// Delivers the essential messages that wait in a frozen world. On one thread, since there
    /// are few.
    #[cold]
    #[inline(never)]
    pub(super) fn frozen_turn(&mut self) -> Result<(), TurnError> {
        if self.inputs.is_some() {
            self.record_inputs(End::Frozen)?;
        }
        let turn = self.turn;
        self.publish_host(turn + 1);
        self.collect();
        let counts: Vec<usize> = self
            .all_shards()
            .map(|shard| shard.letters[half(turn + 1)].len())
            .collect();
        for (index, count) in counts.into_iter().enumerate() {
            let Some(shard) = &mut self.shards[index] else {
                continue;
            };
            let outbox = self.crew.outbox();
            shard.run_essential(turn, count, outbox);
            outbox.lanes.end(|_| ());
            self.take_letters();
            self.telling.push(index);
        }
        let ended = self.end_turn();
        self.recount();
        ended
    }

    /// Counts what waits for the next turn: of that, some has been handled, and some was put off.
    fn recount(&mut self) {
        let next = half(self.turn + 1);
        let letters = self.shards.iter().flatten().flat_map(|shard| {
            let letters = shard.letters[next].iter();
            letters.map(|letter| self.work_of(letter, shard.index))
        });
        self.waiting = letters.sum();
    }

    /// Gives each sender letters of its own: what it sends when the world is resumed is to come right
    /// behind what it has sent in this turn already.
    fn split_letters(&mut self) {
        self.collect();
        let next = half(self.turn + 1);
        let pool = &mut self.crew.outbox().pool;
        for shard in self.shards.iter_mut().flatten() {
            let letters = take(&mut shard.letters[next]);
            shard.letters[next] = letters
                .into_iter()
                .flat_map(|letter| letter.split(pool))
                .collect();
            shard.letters[next].sort_by_key(Letter::order);
        }
    }

    /// A world that goes on after panics may have any number of them, and all are in each snapshot.
    pub(super) fn forget_panics(&mut self) {
        if self.settings.panic_policy == PanicPolicy::Kill {
            let old = self.panics.len().saturating_sub(PANICS);
            self.panics.drain(..old);
        }
    }

    pub(super) fn note_freeze(&mut self) -> Result<(), TurnError> {
        if self.panics.is_empty() || self.settings.panic_policy == PanicPolicy::Kill {
            return Ok(());
        }
        self.frozen = true;
        self.split_letters();
        self.give_up_rerun();
        let culprit = &self.panics[0];
        Err(TurnError::Frozen {
            turn: culprit.turn,
            culprit: culprit.to_string(),
        })
    }
}
