//! Worlds that outlive the process.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};

use super::ActorSystem;
use crate::persist::{
    DirectoryLock, Disk, Header, Inputs, Journal, LETTER, Mismatch, RealDisk, Record, Setup,
    SyncSchedule, read,
};
use crate::{JournalError, OpenError, Registry, ReplayError, Settings, Torn};

/// The name of the journal in its directory.
const JOURNAL: &str = "inputs";

/// What it took to bring a world back; see [`ActorSystem::open`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Turns that were run again.
    pub turns: u64,
    /// Messages of the host that were sent again. One to many counts once for each shard.
    pub messages: u64,
    /// The length of what was read.
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
    /// So a world comes back, however the process ended, to the last turn for which there was
    /// such an input, by running all turns again. It is bit for bit the same, if its actors
    /// depend on nothing but their state and their messages, and are the same as they were: it may
    /// have another number of threads, and actor types registered behind the others. A power
    /// cut takes what [`Settings::sync`] lets it. What the host had sent for a turn that had not
    /// begun is not part of the world yet, and is gone; turns that had no inputs have to be run
    /// by the host again.
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
        system.open_on(&disk, directory, Some(lock))
    }

    /// Makes all that has happened last, and ends the system. One that is only dropped can be
    /// opened again as well; but when the power is cut soon after, that takes what
    /// [`Settings::sync`] lets it.
    ///
    /// What the host has sent since the last turn is not part of the world, and is gone. Of a
    /// system that was not [opened](ActorSystem::open), nothing is kept.
    ///
    /// # Errors
    ///
    /// If the disk refuses something, now or before.
    pub fn close(mut self) -> Result<(), JournalError> {
        match self.inputs.take() {
            Some(inputs) => inputs.close(),
            None => Ok(()),
        }
    }

    /// Brings this world, in which nothing has happened, to where the journal on a disk says.
    pub(super) fn open_on(
        mut self,
        disk: &dyn Disk,
        directory: &Path,
        lock: Option<DirectoryLock>,
    ) -> Result<(Self, Recovery), OpenError> {
        let setup = Setup::of(&self.settings, &self.registry);
        let failed = |reason| OpenError::Journal {
            directory: directory.to_owned(),
            reason,
        };
        let (journal, recovery) = if disk.list()?.iter().any(|name| name == JOURNAL) {
            self.recover(disk, directory, &setup)?
        } else {
            let journal = begin(disk, &setup).map_err(failed)?;
            (journal, Recovery::default())
        };
        let schedule = SyncSchedule::new(self.settings.sync, Instant::now());
        let inputs = Inputs::new(journal, schedule, lock, &self.host);
        self.inputs = Some(Box::new(inputs));
        Ok((self, recovery))
    }

    /// Replays a journal that exists, and goes on with it.
    fn recover(
        &mut self,
        disk: &dyn Disk,
        directory: &Path,
        setup: &Setup,
    ) -> Result<(Journal, Recovery), OpenError> {
        let begin = Instant::now();
        let failed = |reason| OpenError::Journal {
            directory: directory.to_owned(),
            reason,
        };
        let closes = |kind| kind != LETTER;
        let contents = read(disk, JOURNAL).and_then(|contents| contents.cut_open(JOURNAL, closes));
        let contents = contents.map_err(failed)?;
        let replayed = |(turn, reason)| OpenError::Replay {
            directory: directory.to_owned(),
            turn,
            reason,
        };
        let (turn, next) = (contents.header().turn, self.turn + 1);
        if turn >= next {
            return Err(replayed((turn, ReplayError::Order { turn, next })));
        }
        let mut records = contents.records();
        let first = records.next();
        let mut messages = 0;
        if let Some(first) = first {
            let kept = check_setup(first, setup, directory)?;
            messages = self.replay(&kept, records).map_err(replayed)?;
        }
        // Only now that it is known to be good is anything changed.
        let mut journal = Journal::resume(disk, JOURNAL, &contents).map_err(failed)?;
        if first.is_none() {
            // The process ended when there was nothing but a header.
            setup.append(&mut journal).map_err(failed)?;
        }
        let recovery = Recovery {
            turns: self.turn,
            messages,
            bytes: contents.length(),
            time: begin.elapsed(),
            torn: contents.torn(),
        };
        Ok((journal, recovery))
    }
}

/// A journal that says how the world is set up, and nothing else.
fn begin(disk: &dyn Disk, setup: &Setup) -> Result<Journal, JournalError> {
    // Another one for each world, so that no record is taken for that of another one.
    let random = || RandomState::new().hash_one(0);
    let run = u128::from(random()) << 64 | u128::from(random());
    let mut journal = Journal::create(disk, JOURNAL, Header { run, turn: 0 })?;
    setup.append(&mut journal)?;
    Ok(journal)
}

/// The setup that a journal begins with, if a world that is set up like `given` can go on with it.
fn check_setup(first: Record<'_>, given: &Setup, directory: &Path) -> Result<Setup, OpenError> {
    let directory = || directory.to_owned();
    if first.kind != Setup::KIND {
        return Err(OpenError::Replay {
            directory: directory(),
            turn: first.turn,
            reason: ReplayError::Kind { kind: first.kind },
        });
    }
    let read = Setup::read(first.payload).map_err(|reason| OpenError::Foreign {
        directory: directory(),
        reason,
    })?;
    let kept = read.map_err(|found| OpenError::Format {
        directory: directory(),
        found,
        known: Setup::FORMAT,
    })?;
    match kept.mismatch(given) {
        None => Ok(kept),
        Some(Mismatch {
            what,
            journal,
            given,
        }) => Err(OpenError::Differs {
            directory: directory(),
            what,
            journal,
            given,
        }),
    }
}
