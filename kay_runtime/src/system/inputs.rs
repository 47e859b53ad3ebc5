//! Writing down what comes from outside, before anything comes of it.

use super::ActorSystem;
use crate::JournalError;
use crate::error::TurnError;
use crate::outbox::Letter;
use crate::persist::{End, Inputs};
use crate::registry::SHARD;
use crate::world::{ALL, World};

impl ActorSystem {
    /// Writes down what the host has sent, and what is to come of it, and gives it to the shards.
    /// If that cannot be written, nothing is to come of it.
    #[cold]
    #[inline(never)]
    pub(super) fn record_inputs(&mut self, end: End) -> Result<(), TurnError> {
        self.record(end, false)
    }

    /// The same for a snapshot that nobody has asked for, when the host has sent nothing. That is made last only
    /// with what comes behind it, or by the thread that writes the snapshot: a turn should not wait for it, nor wake
    /// on a core that another thread of the turn is on.
    pub(super) fn record_snapshot(&mut self) -> Result<(), TurnError> {
        self.record(End::Snapshot, true)
    }

    /// Writes down how far the world has come, and what the host has sent since.
    pub(super) fn record_end(&mut self) -> Result<(), JournalError> {
        // Of a world that is not sound, nobody knows what it has come to.
        if self.check_worlds().is_err() {
            return Ok(());
        }
        self.record_inputs(End::Snapshot)
            .map_err(|error| match error {
                TurnError::Journal { reason, .. } => reason,
                error => unreachable!("inputs are recorded or not: {error}"),
            })
    }

    fn record(&mut self, end: End, is_light: bool) -> Result<(), TurnError> {
        let turn = self.turn + 1;
        let Some(inputs) = &mut self.inputs else {
            return Ok(());
        };
        let letters = record(inputs, &mut self.host, turn, end, is_light);
        let letters = letters.map_err(|reason| TurnError::Journal { turn, reason })?;
        self.take_in(letters);
        Ok(())
    }

    /// Gives letters of the host to the shards that they are for, to be read in the next turn.
    pub(super) fn take_in(&mut self, letters: Vec<(usize, Letter)>) {
        let turn = self.turn + 1;
        for (target, letter) in letters {
            self.waiting += self.work_of(&letter, target);
            self.record_input(turn, target, &letter);
            self.receive(target, turn, letter);
        }
    }

    /// How many messages are in a letter to this shard, and receivers of broadcasts: as many as are counted when they
    /// are sent.
    pub(super) fn work_of(&self, letter: &Letter, target: usize) -> u64 {
        if letter.to() == SHARD {
            return 0;
        }
        let everyone = 1 + u64::from(self.census.count(letter.to(), target));
        let mut work = 0;
        letter.chain.visit(|item| {
            work += if item.to() == ALL { everyone } else { 1 };
        });
        work
    }
}

fn record(
    inputs: &mut Inputs,
    host: &mut World,
    turn: u64,
    end: End,
    is_light: bool,
) -> Result<Vec<(usize, Letter)>, JournalError> {
    // What waits to be sent waits as long as nothing can be written.
    inputs.check()?;
    let mut letters = Vec::new();
    let is_input = end != End::Turn || !host.outbox.lanes.is_empty();
    if is_input {
        let lightly = is_light && host.outbox.lanes.is_empty();
        host.outbox.lanes.end(|_| ());
        (host.broadcast_work, host.sent) = (0, 0);
        while let Some((target, letter)) = host.outbox.next_letter() {
            let kept = inputs.append_letter(turn, target, letter, host)?;
            letters.extend(kept.map(|letter| (target, letter)));
        }
        inputs.append_end(turn, end, lightly, host)?;
    }
    inputs.commit()?;
    Ok(letters)
}
