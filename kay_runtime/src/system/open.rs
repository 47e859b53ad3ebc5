//! Worlds that outlive the process.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ActorSystem;
use super::restore::Unfit;
use super::snapshot::Saver;
use crate::persist::{
    Backups, Contents, DirectoryLock, Disk, Inputs, Journal, JournalPosition, LETTER, Mismatch,
    PROTOCOL, Past, Protocol, RealDisk, Record, SnapshotError, SyncSchedule, append_protocol,
    begin_next_part, begin_part, part_name, part_of, read,
};
use crate::schema::Schema;
use crate::{JournalError, OpenError, Registry, ReplayError, Settings, Torn};

/// What it took to bring a world back; see [`ActorSystem::open`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// The turn of the snapshot that it began with; none if all turns were run again.
    pub snapshot: Option<u64>,
    /// Why newer snapshots were not taken, and what else was wrong with those that there are.
    pub refused: Vec<SnapshotError>,
    /// Turns that were run again.
    pub turns: u64,
    /// Messages of the host that were sent again. One to many counts once for each shard.
    pub messages: u64,
    /// The length of the inputs that were read.
    pub bytes: u64,
    /// How long it took.
    pub time: Duration,
    /// What the journal had at its end of inputs that were not written to the end, because the
    /// power was cut or the process was killed. Their turn had not run; they were cut off.
    pub torn: Option<Torn>,
}

impl ActorSystem {
    /// Opens the world in a directory, or begins one there, and keeps it there from now on: what
    /// the host sends, and when it resumes a frozen world, is written to a journal before
    /// anything comes of it.
    ///
    /// So a world that was [closed](ActorSystem::close) comes back as it was, and any other one, however the process
    /// ended, to the last turn for which there was such an input, by running all turns again. It is bit for bit the same, if its actors
    /// depend on nothing but their state and their messages, and are the same as they were: it may
    /// have another number of threads, and actor types registered behind the others. None may be
    /// missing; one whose fields have changed since a [snapshot](ActorSystem::snapshot) needs a
    /// [migration](Registry::migrate), and what the journal has since is then told to the new one. A power
    /// cut takes what [`Settings::sync`] lets it. What the host had sent for a turn that had not
    /// begun is not part of a world that was not closed, and is gone; turns behind the last input have to be run
    /// by the host again then.
    ///
    /// Of a large snapshot, not all is checked before it is looked at: see [`verify`](ActorSystem::verify).
    ///
    /// What an [`External`](crate::External) holds cannot be written: a message of the host with
    /// one that is not empty is not sent, and the turn returns
    /// [`Misuse::NotWritten`](crate::Misuse::NotWritten). Actors may send each other what they
    /// like.
    ///
    /// ```
    /// use kay_runtime::{ActorSystem, Settings};
    ///
    /// # fn setup(_: &mut kay_runtime::Registry) {}
    /// # let directory = tempfile::tempdir()?;
    /// # let directory = directory.path().join("city");
    /// let (mut system, recovery) = ActorSystem::open(&directory, Settings::default(), setup)?;
    /// println!("ran {} turns again in {:?}", recovery.turns, recovery.time);
    /// system.turn()?;
    /// system.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`new`](ActorSystem::new); if another process has the directory open; if its files
    /// are damaged, or belong to a world with other settings or other actors. The journal is not
    /// changed then.
    ///
    /// # Panics
    ///
    /// As [`turn`](ActorSystem::turn) does: what panics in a handler only freezes the world, as it
    /// did the first time.
    pub fn open(
        directory: impl AsRef<Path>,
        settings: Settings,
        setup: impl FnOnce(&mut Registry),
    ) -> Result<(Self, Recovery), OpenError> {
        let directory = directory.as_ref();
        // What is wrong with the set-up shows before anything is made.
        let system = Self::new(settings, setup)?;
        let disk = RealDisk::make(directory)?;
        let Some(lock) = DirectoryLock::take(directory)? else {
            let directory = directory.to_owned();
            return Err(OpenError::Locked { directory });
        };
        system.open_on(Arc::new(disk), directory, Some(lock))
    }

    /// Makes all that has happened last, and ends the system: it comes back as it is now, with what the host has sent
    /// for the next turn. One that is only dropped can be opened again as well; but then that is gone, so are
    /// turns since the last input, and when the power is cut soon after, that takes what [`Settings::sync`] lets it.
    ///
    /// Of a system that was not [opened](ActorSystem::open), nothing is kept.
    ///
    /// # Errors
    ///
    /// If the disk refuses something, now or before.
    pub fn close(mut self) -> Result<(), JournalError> {
        self.end_snapshots();
        let recorded = self.record_end();
        match self.inputs.take() {
            Some(inputs) => recorded.and(inputs.close()),
            None => Ok(()),
        }
    }

    /// Brings this world, in which nothing has happened, to where the files on a disk say.
    pub(super) fn open_on(
        self,
        disk: Arc<dyn Disk>,
        directory: &Path,
        lock: Option<DirectoryLock>,
    ) -> Result<(Self, Recovery), OpenError> {
        let begin = Instant::now();
        let schema = Arc::new(Schema::of(&self.registry));
        let opening = Opening {
            disk: &disk,
            directory,
            protocol: Protocol::of(&self.settings, &self.registry, &schema),
        };
        let mut recovery = Recovery::default();
        let mut system = self;
        let (journal, part, backups, kept) = loop {
            let (restored, mut backups, kept) = opening.restore(system, &schema, &mut recovery)?;
            system = restored;
            let from = system.turn;
            let (kept, run) = kept.unzip();
            if let Some((journal, part)) = opening.recover(&mut system, kept, run, &mut recovery)? {
                recovery.turns = system.turn - from;
                break (journal, part, backups, kept);
            }
            // What is damaged has shown only now that turns have run again.
            if let Some(origin) = &system.origin {
                opening.set_aside(&mut backups, &origin.name)?;
                recovery.refused.extend(origin.damage.get().cloned());
            }
            recovery = Recovery {
                refused: recovery.refused,
                ..Recovery::default()
            };
            system = opening.anew(&system)?;
        };
        recovery.time = begin.elapsed();
        let (run, turn) = (journal.run(), system.turn);
        let schedule = SyncSchedule::new(system.settings.sync, Instant::now());
        let inputs = Inputs::new(journal, schedule, lock, &system.host);
        system.inputs = Some(Box::new(inputs));
        let kept = kept.map(|journal| journal.part);
        let saver = Saver::new(disk, schema, run, part, kept, backups, turn);
        system.saver = Some(Box::new(saver));
        Ok((system, recovery))
    }
}

/// The place in the journal that a snapshot is behind, and the run that both are of.
type Kept = (JournalPosition, u128);

/// A world that is being opened.
struct Opening<'a> {
    disk: &'a Arc<dyn Disk>,
    directory: &'a Path,
    protocol: Protocol,
}

impl Opening<'_> {
    /// Makes the system, in which nothing has happened, the world of the newest snapshot that is right. Returns
    /// also the place in the journal that it is behind, and the run; none if there is no snapshot.
    fn restore(
        &self,
        mut system: ActorSystem,
        schema: &Arc<Schema>,
        recovery: &mut Recovery,
    ) -> Result<(ActorSystem, Backups, Option<Kept>), OpenError> {
        loop {
            let opened = Backups::open(Arc::clone(self.disk));
            let (mut backups, opened) = opened.map_err(|reason| match reason {
                // Those that were found to be of no use before have another name now.
                SnapshotError::NoneLeft { mut refused, .. } => {
                    refused.retain(|reason| is_news(reason, recovery));
                    refused.splice(0..0, std::mem::take(&mut recovery.refused));
                    let replays = self.has_whole_journal();
                    self.snapshot_error(SnapshotError::NoneLeft { refused, replays })
                }
                reason => self.snapshot_error(reason),
            })?;
            let refused = opened.refused.into_iter().chain(opened.root);
            let news: Vec<_> = refused.filter(|reason| is_news(reason, recovery)).collect();
            recovery.refused.extend(news);
            let Some(mut snapshot) = opened.snapshot else {
                return Ok((system, backups, None));
            };
            let reason = match system.restore(&mut snapshot, schema) {
                Ok(journal) => {
                    recovery.snapshot = Some(system.turn);
                    let run = snapshot.header().run;
                    return Ok((system, backups, Some((journal, run))));
                }
                Err(Unfit::Snapshot(reason)) => reason,
                Err(unfit) => return Err(self.unfit(unfit)),
            };
            if !reason.is_final() {
                return Err(self.snapshot_error(reason));
            }
            self.set_aside(&mut backups, snapshot.name())?;
            recovery.refused.push(reason);
            system = self.anew(&system)?;
        }
    }

    /// Whether the journal begins where the world did: parts are removed from the front only.
    fn has_whole_journal(&self) -> bool {
        let names = self.disk.list().unwrap_or_default();
        names.iter().any(|name| part_of(name) == Some(0))
    }

    /// Has a snapshot never be used again.
    fn set_aside(&self, backups: &mut Backups, name: &str) -> Result<(), OpenError> {
        let noted = backups.note_damaged(name);
        noted.map_err(|reason| self.snapshot_error(reason))
    }

    /// A system like this one, in which nothing has happened.
    fn anew(&self, system: &ActorSystem) -> Result<ActorSystem, OpenError> {
        let (settings, registry) = (system.settings.clone(), Arc::clone(&system.registry));
        Ok(ActorSystem::with_registry(settings, registry)?)
    }

    fn snapshot_error(&self, reason: SnapshotError) -> OpenError {
        let directory = self.directory.to_owned();
        match reason {
            SnapshotError::Disk(error) => OpenError::Disk(error),
            reason => OpenError::Snapshot { directory, reason },
        }
    }

    fn journal_error(&self, reason: JournalError) -> OpenError {
        OpenError::Journal {
            directory: self.directory.to_owned(),
            reason,
        }
    }

    fn unfit(&self, unfit: Unfit) -> OpenError {
        let directory = self.directory.to_owned();
        match unfit {
            Unfit::Snapshot(reason) => OpenError::Snapshot { directory, reason },
            Unfit::Schema(differences) => OpenError::Schema {
                directory,
                differences,
            },
            Unfit::Setup(mismatch) => differs(mismatch, directory),
        }
    }

    /// Replays the journal from a place on, from the beginning if there is none, and goes on with its last part.
    /// None if the snapshot turns out to be damaged.
    fn recover(
        &self,
        system: &mut ActorSystem,
        from: Option<JournalPosition>,
        mut run: Option<u128>,
        recovery: &mut Recovery,
    ) -> Result<Option<(Journal, u64)>, OpenError> {
        let names = self.disk.list()?;
        let mut parts: Vec<u64> = names.iter().filter_map(|name| part_of(name)).collect();
        parts.sort_unstable();
        let begin = from.map_or(0, |from| from.part);
        let skip = |part| {
            from.filter(|from| from.part == part)
                .map_or(0, |from| from.records)
        };
        parts.retain(|&part| part >= begin);
        if parts.is_empty() && from.is_none() {
            // Another one for each world, so that no record is taken for that of another one.
            let random = || RandomState::new().hash_one(0);
            let run = u128::from(random()) << 64 | u128::from(random());
            let journal = begin_part(&**self.disk, 0, run, 0, &self.protocol);
            return Ok(Some((
                journal.map_err(|reason| self.journal_error(reason))?,
                0,
            )));
        }
        let last = parts.last().copied().unwrap_or(begin);
        for part in begin..last {
            if !parts.contains(&part) {
                return Err(self.missing(part));
            }
            let replayed = self.replay(system, part, skip(part), &mut run, recovery);
            if system.is_damaged() {
                return Ok(None);
            }
            let contents = replayed?;
            if let Some(torn) = contents.torn() {
                // The next part was begun when all of this one was safe.
                return Err(self.journal_error(JournalError::Damaged {
                    name: part_name(part),
                    offset: torn.offset,
                }));
            }
        }
        if !parts.contains(&last) {
            return Err(self.missing(last));
        }
        let replayed = self.replay(system, last, skip(last), &mut run, recovery);
        if system.is_damaged() {
            return Ok(None);
        }
        let contents = replayed?;
        recovery.torn = contents.torn();
        // Only now that it is known to be good is anything changed.
        let name = part_name(last);
        let resume = || {
            let mut journal = Journal::resume(&**self.disk, &name, &contents)?;
            if contents.records().next().is_none() {
                // The process ended when there was nothing but a header.
                append_protocol(&self.protocol, contents.header().turn, &mut journal)?;
            }
            Ok(journal)
        };
        let mut journal = resume().map_err(|reason| self.journal_error(reason))?;
        let first = contents.records().next();
        if first.is_none_or(|first| first.payload == self.protocol.to_bytes()) {
            return Ok(Some((journal, last)));
        }
        // Other code has written that part: what comes now goes by another protocol.
        let next = last + 1;
        let disk = &**self.disk;
        let journal = begin_next_part(&mut journal, disk, next, system.turn, &self.protocol);
        Ok(Some((
            journal.map_err(|reason| self.journal_error(reason))?,
            next,
        )))
    }

    fn missing(&self, part: u64) -> OpenError {
        let name = part_name(part);
        self.journal_error(JournalError::Missing { name })
    }

    /// Replays a part of the journal, without so many records, which are in the snapshot.
    fn replay(
        &self,
        system: &mut ActorSystem,
        part: u64,
        skip: u64,
        run: &mut Option<u128>,
        recovery: &mut Recovery,
    ) -> Result<Contents, OpenError> {
        let name = part_name(part);
        let closes = |kind| kind != LETTER;
        let contents =
            read(&**self.disk, &name).and_then(|contents| contents.cut_open(&name, closes));
        let contents = contents.map_err(|reason| self.journal_error(reason))?;
        let replayed = |(turn, reason)| OpenError::Replay {
            directory: self.directory.to_owned(),
            turn,
            reason,
        };
        let found = contents.header().run;
        if *run.get_or_insert(found) != found {
            return Err(self.journal_error(JournalError::Stranger { name }));
        }
        {
            let mut records = contents.records();
            let first = records.next();
            // The one that says how the world is set up is counted, too.
            let others = skip.saturating_sub(1) as usize;
            let (mut there, mut last) = (u64::from(first.is_some()), None);
            for record in records.by_ref().take(others) {
                there += 1;
                last = Some(record);
            }
            if there < skip {
                // They were safe before the snapshot was complete.
                let offset = contents.length();
                return Err(self.journal_error(JournalError::Damaged { name, offset }));
            }
            // A part begins where the one before has ended. What a snapshot has of it ends with a record for
            // the turn that comes next.
            let next = system.turn + 1;
            let (turn, expected) = match last {
                Some(record) => (record.turn, next),
                None => (contents.header().turn, system.turn),
            };
            if turn != expected {
                return Err(replayed((turn, ReplayError::Order { turn, next })));
            }
            if let Some(first) = first {
                // No record is for an earlier turn than the one before, so nothing could be written behind it.
                let (turn, next) = (first.turn, contents.header().turn);
                if turn != next {
                    return Err(replayed((turn, ReplayError::Order { turn, next })));
                }
                let past = self.past(first)?;
                recovery.messages += system.replay(&past, records).map_err(replayed)?;
            }
        }
        recovery.bytes += contents.length();
        Ok(contents)
    }

    /// What the records behind this one, the first of a part, go by, if this world can go on with them.
    fn past(&self, first: Record<'_>) -> Result<Past, OpenError> {
        let directory = || self.directory.to_owned();
        if first.kind != PROTOCOL {
            return Err(OpenError::Replay {
                directory: directory(),
                turn: first.turn,
                reason: ReplayError::Kind { kind: first.kind },
            });
        }
        let read = Protocol::read(first.payload).map_err(|reason| OpenError::Foreign {
            directory: directory(),
            reason,
        })?;
        let kept = read.map_err(|found| OpenError::Format {
            directory: directory(),
            found,
            known: Protocol::FORMAT,
        })?;
        let past = kept.read_by(&self.protocol);
        past.map_err(|mismatch| differs(mismatch, directory()))
    }
}

/// Whether this is not known yet. What was set aside just now was told already, with the reason.
fn is_news(reason: &SnapshotError, recovery: &Recovery) -> bool {
    match reason {
        SnapshotError::SetAside { .. } => recovery.refused.is_empty(),
        reason => !recovery.refused.contains(reason),
    }
}

fn differs(mismatch: Mismatch, directory: PathBuf) -> OpenError {
    let Mismatch {
        what,
        journal,
        given,
    } = mismatch;
    OpenError::Differs {
        directory,
        what,
        journal,
        given,
    }
}
