//! Snapshots: taken between two turns, written while others run.

use std::mem::take;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use super::ActorSystem;
use super::background::Background;
use super::preparation::Preparation;
use super::save::{Copying, Spare, WorldCopy};
use crate::error::TurnError;
use crate::persist::{
    Backups, Disk, End, JournalError, JournalPosition, Protocol, SnapshotError, SnapshotHeader,
    part_name, part_of,
};
use crate::schema::Schema;
use crate::settings::SnapshotPolicy;
use crate::shard_copy::ChunkCopy;

/// A snapshot that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saved {
    /// The turn after which it was taken.
    pub turn: u64,
    /// The length of its file.
    pub bytes: u64,
    /// How long the world stood still, or turns took longer because shards were copied in them.
    pub pause: Duration,
    /// How long it took from then until it was safe on the disk.
    pub time: Duration,
}

type Outcome = Result<Saved, SnapshotError>;

/// What it takes to write snapshots of a world.
pub(super) struct Saver {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) schema: Arc<Schema>,
    /// The run of the world.
    pub(super) run: u128,
    /// The part of the journal that is being written.
    pub(super) part: u64,
    /// The part that the newest snapshot is in, if there is one.
    pub(super) kept: Option<u64>,
    /// Locked while a snapshot is being written.
    backups: Arc<Mutex<Backups>>,
    /// After which turn the next one is taken, if shards have been told to copy themselves for it.
    pub(super) planned: Option<u64>,
    /// A snapshot of which not all shards have been copied.
    pub(super) begun: Option<Begun>,
    /// The thread that writes a snapshot, and the part of the journal that this is in.
    writing: Option<(Background<(Outcome, Spare)>, u64)>,
    /// Memory to copy the next one to.
    pub(super) spare: Spare,
    /// What is still to be got of it.
    preparation: Option<Preparation>,
    /// How the last one that has ended did, until the host has asked.
    outcome: Option<Outcome>,
    /// When the last one was begun, and after which turn.
    last: (Instant, u64),
}

/// A snapshot that shards are being copied for.
pub(super) struct Begun {
    begin: Instant,
    /// How long it took to begin.
    paused: Duration,
    copying: Copying,
    /// The part of the journal that it is in.
    part: u64,
}

impl Saver {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        schema: Arc<Schema>,
        run: u128,
        part: u64,
        kept: Option<u64>,
        backups: Backups,
        turn: u64,
    ) -> Self {
        Saver {
            disk,
            schema,
            run,
            part,
            kept,
            backups: Arc::new(Mutex::new(backups)),
            planned: None,
            begun: None,
            writing: None,
            spare: Spare::new(),
            preparation: None,
            outcome: None,
            last: (Instant::now(), turn),
        }
    }

    /// Looks whether a snapshot has been written to its end; waits for that, if told to.
    fn poll(&mut self, wait: bool) {
        let Some((work, part)) = self.writing.take() else {
            return;
        };
        match work.end(wait) {
            Ok((outcome, spare)) => {
                self.spare = spare;
                if outcome.is_ok() {
                    self.kept = Some(part);
                }
                self.note(outcome);
            }
            Err(work) => self.writing = Some((work, part)),
        }
    }

    /// Keeps how a snapshot has ended. A failure is told, whatever comes after it.
    fn note(&mut self, outcome: Outcome) {
        if !matches!(self.outcome, Some(Err(_))) {
            self.outcome = Some(outcome);
        }
    }

    /// Sets the file of a snapshot aside, since it is damaged.
    pub(super) fn set_aside(&self, name: &str) -> Result<(), SnapshotError> {
        lock(&self.backups).note_damaged(name)
    }

    /// Whether it is time for a snapshot, or an n-th of it has gone by.
    fn is_due(&self, policy: SnapshotPolicy, turn: u64, part: u32) -> bool {
        let (time, before) = self.last;
        match policy {
            SnapshotPolicy::Never => false,
            SnapshotPolicy::EveryTurns(turns) => turn - before >= turns.div_ceil(part.into()),
            SnapshotPolicy::Every(duration) => time.elapsed() >= duration / part,
        }
    }
}

impl ActorSystem {
    /// Takes a snapshot of the world as it is: from then on, the world comes back from there, and only the
    /// inputs since are replayed. Returns when it is copied; it is written while turns run, and
    /// [`saved`](ActorSystem::saved) says how that has ended.
    ///
    /// What the host has sent since the last turn is part of it. Two snapshots are kept, the newest and the one
    /// before; whatever fails, those that are complete stay. If one is still being written, this waits for it.
    ///
    /// ```
    /// # use kay_runtime::{ActorSystem, Settings};
    /// # fn setup(_: &mut kay_runtime::Registry) {}
    /// # let directory = tempfile::tempdir()?;
    /// # let directory = directory.path().join("city");
    /// let (mut system, _) = ActorSystem::open(&directory, Settings::default(), setup)?;
    /// system.turn()?;
    /// system.snapshot()?;
    /// system.turn()?;
    /// let saved = system.wait_for_snapshot()?.expect("one was taken");
    /// assert_eq!(saved.turn, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the world was not [opened](ActorSystem::open); if something in it cannot be kept, or is that of another
    /// system; if the journal cannot be written; or if the snapshot before has failed and nobody has asked for that: it is told once, and
    /// none is taken then.
    pub fn snapshot(&mut self) -> Result<(), SnapshotError> {
        self.wait_for_snapshot()?;
        self.plan_snapshot(0, true);
        let begun = self.begin_snapshot(true)?;
        let written = self.write_begun(begun);
        // It may have found that the world is damaged.
        let _ = self.report_damage();
        written
    }

    /// Tells shards to copy themselves for a snapshot after so many turns. None must be on its way.
    fn plan_snapshot(&mut self, turns: u64, with_host: bool) {
        self.unplan_snapshot();
        let Some(saver) = &mut self.saver else {
            return;
        };
        saver.planned = Some(self.turn + turns);
        saver.preparation = None;
        let (schema, base) = (Arc::clone(&saver.schema), lock(&saver.backups).base());
        let spare = take(&mut saver.spare);
        self.plan_copy(turns, &schema, base.as_ref(), with_host, spare);
    }

    /// Gives up the snapshot that was planned, if one was.
    fn unplan_snapshot(&mut self) {
        let Some(saver) = &mut self.saver else {
            return;
        };
        if saver.planned.take().is_some() {
            let spare = self.unplan_copy();
            if let Some(saver) = &mut self.saver {
                saver.spare = spare;
            }
        }
    }

    /// Begins the snapshot that was planned for now, with what the host has sent for the next turn if shards are
    /// copied before it can send more. If that fails, none is planned any more.
    fn begin_snapshot(&mut self, with_host: bool) -> Result<Begun, SnapshotError> {
        let begun = self.begin_planned(with_host);
        match (&begun, &mut self.saver) {
            (Ok(_), Some(saver)) => saver.planned = None,
            _ => self.unplan_snapshot(),
        }
        begun
    }

    fn begin_planned(&mut self, with_host: bool) -> Result<Begun, SnapshotError> {
        let begin = Instant::now();
        self.check_worlds().map_err(|error| match error {
            TurnError::Misuse { misuse, .. } => SnapshotError::Misuse(misuse),
            TurnError::Damaged { reason, .. } => reason,
            error => unreachable!("worlds are where they belong or not: {error}"),
        })?;
        // Even if the host has sent nothing: else who comes back from an earlier snapshot would not know of
        // turns without inputs, nor of what the host has drawn, and the next part begins behind them.
        let recorded = if with_host {
            self.record_inputs(End::Snapshot)
        } else {
            self.record_snapshot()
        };
        recorded.map_err(|error| match error {
            TurnError::Journal { reason, .. } => SnapshotError::Journal(reason),
            error => unreachable!("inputs are recorded or not: {error}"),
        })?;
        let turn = self.turn;
        let (Some(saver), Some(inputs)) = (&mut self.saver, &mut self.inputs) else {
            return Err(SnapshotError::NoDirectory);
        };
        saver.last = (begin, turn);
        if inputs.is_long() {
            let protocol = Protocol::of(&self.settings, &self.registry, &saver.schema);
            inputs.begin_part(&*saver.disk, saver.part + 1, turn, &protocol)?;
            saver.part += 1;
        }
        let part = saver.part;
        let records = inputs.records();
        let journal = JournalPosition { part, records };
        let schema = Arc::clone(&saver.schema);
        let copying = self.begin_copy(&schema, journal)?;
        Ok(Begun {
            begin,
            paused: begin.elapsed(),
            copying,
            part,
        })
    }

    /// A snapshot that has begun and is not written yet; from then on it is up to the caller.
    pub(super) fn take_begun(&mut self) -> Option<Begun> {
        self.saver.as_mut()?.begun.take()
    }

    /// Sees to it that a snapshot that has begun is written.
    pub(super) fn finish_snapshot(&mut self) {
        let begun = self.take_begun();
        self.finish_begun(begun);
    }

    /// Sees to it that this snapshot is written. That it fails is told when the host asks.
    pub(super) fn finish_begun(&mut self, begun: Option<Begun>) {
        let Some(begun) = begun else { return };
        let finished = self.write_begun(begun);
        if let (Some(saver), Err(error)) = (&mut self.saver, finished) {
            saver.note(Err(error));
        }
    }

    /// Copies the shards that have not been copied yet, and has all of them written.
    fn write_begun(&mut self, begun: Begun) -> Result<(), SnapshotError> {
        let finish = Instant::now();
        let Begun {
            begin,
            paused,
            copying,
            part,
        } = begun;
        let turn = copying.turn;
        let mut spare = Spare::new();
        let (copy, in_turns) = self.finish_copy(copying, &mut spare)?;
        let Some(saver) = &mut self.saver else {
            return Err(SnapshotError::NoDirectory);
        };
        let backups = Arc::clone(&saver.backups);
        let (disk, run, kept) = (Arc::clone(&saver.disk), saver.run, saver.kept);
        let pause = paused + in_turns + finish.elapsed();
        let begun = Background::begin(move || {
            let mut backups = lock(&backups);
            // The journal must not be behind the snapshot after a power cut.
            let synced = disk.open(&part_name(part)).and_then(|mut file| file.sync());
            let written = match synced {
                Ok(()) => write(&mut backups, run, copy, &mut spare),
                Err(error) => Err(error.into()),
            };
            let outcome = written.map(|(bytes, at)| Saved {
                turn,
                bytes,
                pause,
                time: at - begin,
            });
            if outcome.is_ok() {
                // What stays takes room only, and is tried again.
                let _ = remove_parts(&*disk, kept.unwrap_or(0));
            }
            (outcome, spare)
        });
        let work = begun.map_err(|error| SnapshotError::Thread {
            reason: error.to_string(),
        })?;
        saver.writing = Some((work, part));
        Ok(())
    }

    /// How the last snapshot that has ended did, once: it is complete, or it has failed and the ones before still
    /// are. None while the first one is being written. One that is taken by itself ends only after the next turn,
    /// unless nothing waits for that.
    pub fn saved(&mut self) -> Option<Result<Saved, SnapshotError>> {
        let saver = self.saver.as_mut()?;
        saver.poll(false);
        saver.outcome.take()
    }

    /// Waits until no snapshot is being written; then as [`saved`](ActorSystem::saved).
    ///
    /// # Errors
    ///
    /// If the snapshot has failed.
    pub fn wait_for_snapshot(&mut self) -> Result<Option<Saved>, SnapshotError> {
        self.finish_snapshot();
        let Some(saver) = &mut self.saver else {
            return Ok(None);
        };
        saver.poll(true);
        saver.outcome.take().transpose()
    }

    /// Gets some of the memory for the first snapshot.
    fn prepare(&mut self) {
        let Some(saver) = &self.saver else { return };
        if saver.preparation.is_none() {
            let schema = Arc::clone(&saver.schema);
            let preparation = Preparation::new(self.rooms(&schema));
            if let Some(saver) = &mut self.saver {
                saver.preparation = Some(preparation);
            }
        }
        if let Some(saver) = &mut self.saver
            && let Some(preparation) = &mut saver.preparation
        {
            preparation.go_on(&mut saver.spare);
        }
    }

    /// Writes a snapshot that has begun to its end, and sets one aside that turned out to be damaged.
    pub(super) fn end_snapshots(&mut self) {
        if !thread::panicking() {
            self.finish_snapshot();
        }
        let _ = self.report_damage();
        // This waits for the thread that writes.
        drop(self.saver.take());
    }

    /// Begins a snapshot if it is time to; shards are copied before they run in the next turn, and most stores when
    /// they have run in this one, if it was planned. Plans one if it will be time to after the next turn. That it fails
    /// is told when the host asks.
    ///
    /// After a turn, when the host has sent nothing for the next one yet: if that came back with the
    /// world, the host could not know, and would send it again.
    pub(super) fn snapshot_if_due(&mut self) {
        let (policy, turn) = (self.settings.snapshots, self.turn);
        // Else the next turn may be long in coming, or leaves no work to all threads.
        let is_busy = !self.is_idle() && !self.is_for_one_of_many();
        let Some(saver) = &mut self.saver else {
            return;
        };
        saver.poll(false);
        if self.frozen {
            self.unplan_snapshot();
            return;
        }
        if saver.writing.is_some() {
            return;
        }
        if saver.planned != Some(turn) {
            // Which turn will be the first one after a time nobody knows: it comes one later.
            let waits = is_busy && matches!(policy, SnapshotPolicy::Every(_));
            if !saver.is_due(policy, turn, 1) || waits {
                let is_first = saver.spare.is_empty() || saver.preparation.is_some();
                if is_busy && saver.is_due(policy, turn + 1, 1) {
                    self.plan_snapshot(1, false);
                } else if is_first && saver.is_due(policy, turn, 3) {
                    self.prepare();
                }
                return;
            }
            self.plan_snapshot(0, false);
        }
        let begun = self.begin_snapshot(false);
        if let Some(saver) = &mut self.saver {
            match begun {
                Ok(begun) => saver.begun = Some(begun),
                Err(error) => saver.note(Err(error)),
            }
        }
        if self.is_idle() {
            // The next turn may be long in coming.
            self.finish_snapshot();
        }
    }
}

fn lock(backups: &Mutex<Backups>) -> MutexGuard<'_, Backups> {
    backups.lock().expect("nobody panics with it")
}

/// Writes a copy of the world, and makes it the newest snapshot. Returns the length of the file, and when it
/// was safe. The memory of the copy is spare then.
fn write(
    backups: &mut Backups,
    run: u128,
    copy: WorldCopy,
    spare: &mut Spare,
) -> Result<(u64, Instant), SnapshotError> {
    let WorldCopy {
        turn,
        meta,
        chunks,
        kept,
        epoch,
    } = copy;
    let written = backups
        .begin(SnapshotHeader { run, turn }, &meta)
        .and_then(|mut writer| {
            let parts = chunks
                .iter()
                .map(|chunk| (chunk.key, &chunk.bytes[..], chunk.room));
            writer.chunks(parts)?;
            kept.into_iter().for_each(|chunk| writer.keep(chunk));
            writer.ends(epoch);
            writer.finish()
        });
    for ChunkCopy { key, bytes, .. } in chunks {
        spare[usize::from(key.shard)].insert(key, bytes);
    }
    let written = written?;
    let bytes = written.bytes;
    let safe = backups.commit(written)?;
    Ok((bytes, safe))
}

/// Removes the parts of the journal before this one.
fn remove_parts(disk: &dyn Disk, before: u64) -> Result<(), JournalError> {
    for name in disk.list()? {
        if part_of(&name).is_some_and(|part| part < before) {
            disk.remove(&name)?;
        }
    }
    Ok(())
}

impl Drop for Saver {
    /// What was begun is written to its end.
    fn drop(&mut self) {
        self.poll(true);
    }
}
