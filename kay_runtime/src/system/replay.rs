//! Letting inputs happen again.

use super::ActorSystem;
use crate::persist::{Batch, End, HostState, LETTER, Past, Record};
use crate::{ReplayError, TurnError};

/// No world comes to this turn.
pub(super) const LAST_TURN: u64 = 1 << 62;

/// A replay: a world, and how far it has come.
pub(super) struct Replay<'s> {
    system: &'s mut ActorSystem,
    past: &'s Past,
    /// Letters whose end has not been read, and the turn that they are for.
    batch: Batch,
    open: Option<u64>,
    /// Messages that have been sent again.
    messages: u64,
}

impl ActorSystem {
    /// Lets all inputs in `records` happen again, in a world that has come as far as where they
    /// begin, at whatever turn. Returns the number of messages, or what is wrong with the input
    /// for which turn.
    ///
    /// What comes of them was reported the first time, and is not again.
    pub(super) fn replay<'a>(
        &mut self,
        past: &Past,
        records: impl Iterator<Item = Record<'a>>,
    ) -> Result<u64, (u64, ReplayError)> {
        // It has found what it could.
        let sync_test = self.settings.sync_test.take();
        let mut replay = Replay {
            system: self,
            past,
            batch: Batch::default(),
            open: None,
            messages: 0,
        };
        let mut outcome = Ok(());
        for record in records {
            outcome = replay
                .repeat(record)
                .map_err(|reason| (record.turn, reason));
            if outcome.is_err() {
                break;
            }
        }
        let messages = replay.messages;
        self.settings.sync_test = sync_test;
        outcome.map(|()| messages)
    }
}

impl Replay<'_> {
    fn repeat(&mut self, record: Record<'_>) -> Result<(), ReplayError> {
        self.catch_up(record.turn)?;
        if record.kind == LETTER {
            self.open = Some(record.turn);
            let host = &mut self.system.host;
            return self.batch.read(record.payload, host, self.past);
        }
        let kind = record.kind;
        let end = End::of(kind).ok_or(ReplayError::Kind { kind })?;
        self.open = None;
        let host = &mut self.system.host;
        HostState::read(record.payload)?.restore(host, self.past)?;
        let Batch { letters, messages } = std::mem::take(&mut self.batch);
        self.messages += messages;
        self.system.take_in(letters);
        match end {
            End::Turn => self.turn(),
            End::Snapshot => Ok(()),
            _ if !self.system.frozen => Err(ReplayError::NotFrozen),
            End::Frozen => self.allow(ActorSystem::turn),
            End::Resume => self.allow(ActorSystem::resume),
        }
    }

    /// Runs the turns that had no inputs, until `next` comes next.
    fn catch_up(&mut self, next: u64) -> Result<(), ReplayError> {
        let come = self.system.turn + 1;
        if next < come || next > LAST_TURN || self.open.is_some_and(|open| open != next) {
            return Err(ReplayError::Order {
                turn: next,
                next: self.open.unwrap_or(come),
            });
        }
        while self.system.turn + 1 < next {
            if self.system.is_idle() {
                // Nothing happens in a turn then, but that it is another one.
                self.system.turn = next - 1;
                self.system.host.set_turn(next - 1);
            } else {
                self.turn()?;
            }
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<(), ReplayError> {
        if self.system.frozen {
            return Err(ReplayError::Frozen);
        }
        self.allow(ActorSystem::turn)
    }

    fn allow(
        &mut self,
        step: impl FnOnce(&mut ActorSystem) -> Result<(), TurnError>,
    ) -> Result<(), ReplayError> {
        if self.system.check_worlds().is_err() {
            return Err(ReplayError::Swapped);
        }
        // A panic has frozen the world then as now; misuse was reported then.
        let _ = step(self.system);
        Ok(())
    }
}
