//! Turns that have a single letter to deliver.

use std::mem::take;

use super::ActorSystem;
use crate::error::TurnError;
use crate::outbox::Letter;
use crate::shard::half;

impl ActorSystem {
    /// Runs turns as long as a single letter waits for each, at most `bound` of them; returns how many. Where one
    /// message is answered by another one, a turn takes a third less if nobody has to find out who has something to do.
    #[inline]
    pub(super) fn run_lone_letters(&mut self, bound: u64) -> Result<u64, TurnError> {
        // A slot number on its way back is a letter, too, but keeps no world busy.
        if bound > 0
            && self.waiting > 0
            && let Some((shard, letter)) = self.take_lone_letter()
        {
            return self.run_from(shard, letter, bound);
        }
        Ok(0)
    }

    /// The letter that waits for the next turn, and its shard, if there is no other one, and nothing else to
    /// be done before, in or behind a turn.
    #[inline]
    fn take_lone_letter(&mut self) -> Option<(usize, Letter)> {
        let next = half(self.turn + 1);
        let index = self.active[next].only()?;
        // Who may come upon damage in a snapshot has inputs, too.
        let plain = self.inputs.is_none() && !self.by_mail;
        if !plain || self.rerun.is_some() || self.settings.schedule.is_some() {
            return None;
        }
        let letters = &mut self.shards[index].as_mut()?.letters[next];
        if letters.len() != 1 {
            return None;
        }
        self.active[next].pop_first();
        Some((index, letters.pop()?))
    }

    /// Runs turns that begin with this letter for this shard.
    #[inline(never)]
    fn run_from(
        &mut self,
        mut index: usize,
        mut letter: Letter,
        bound: u64,
    ) -> Result<u64, TurnError> {
        let mut turns = 0;
        while let Some(Some(shard)) = self.shards.get_mut(index) {
            turns += 1;
            self.turn += 1;
            let outbox = self.crew.outbox();
            shard.run_letter(self.turn, letter, outbox);
            self.waiting = take(&mut shard.outcome.sent);
            let has_news = shard.has_news();
            if has_news {
                self.telling.push(index);
            }
            let Some((target, next)) = outbox.only_letter() else {
                outbox.lanes.end(|_| ());
                self.take_letters();
                break;
            };
            if has_news || turns == bound || target >= self.settings.shards {
                self.receive(target, self.turn + 1, next);
                break;
            }
            (index, letter) = (target, next);
        }
        self.end_turn()?;
        Ok(turns)
    }
}
