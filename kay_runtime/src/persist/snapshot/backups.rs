//! Which snapshots of a directory are complete, and which of them to use.

use std::sync::Arc;
use std::time::Instant;

use super::base::Base;
use super::error::SnapshotError;
use super::layout::Header;
use super::names::{self, FileName};
use super::reader::Snapshot;
use super::root::{self, Complete, MOST, MOST_FILES};
use super::writer::{SnapshotWriter, Written};
use crate::persist::disk::{Disk, DiskError};

/// The newest complete snapshot of a directory, and the one before.
///
/// The directory belongs to who has this: two of them would remove each other's files.
pub(crate) struct Backups {
    disk: Arc<dyn Disk>,
    /// The newest first, [`MOST`] at most.
    complete: Vec<Complete>,
    /// What is known of them, if this process has written them.
    bases: Vec<Arc<Base>>,
    /// Those that were found to be of no use. Their files are kept under another name.
    damaged: Vec<u64>,
    /// The next snapshot's number, which no file has had.
    next: u64,
}

/// What was found in a directory.
pub(crate) struct Opened {
    /// The newest snapshot that is right, its chunks apart; none if there never was one.
    pub(crate) snapshot: Option<Snapshot>,
    /// Why newer ones were not taken.
    pub(crate) refused: Vec<SnapshotError>,
    /// Why the root could not say which snapshots are complete, if that is so: they were looked
    /// for, and each has spoken for itself.
    pub(crate) root: Option<SnapshotError>,
    /// The numbers of snapshots that are no longer complete, but have chunks of those that are.
    pub(crate) needed: Vec<u64>,
}

impl Backups {
    /// Opens the newest snapshot of a directory. Changes nothing there, but makes it last: who has
    /// gone on from a snapshot must not find an older one later.
    ///
    /// # Errors
    ///
    /// If there are snapshots, but none can be used; or one that should be used can only be read
    /// by another version, or the disk refuses it: an older one is not taken then, since it may
    /// not be needed.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<(Backups, Opened), SnapshotError> {
        // Who wrote it may have been killed before the names were safe. What is in the files was.
        disk.sync_directory()?;
        Backups::find(disk)
    }

    /// As [`open`](Backups::open), but without making anything last: for those who only look.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Backups::open).
    pub(crate) fn look(disk: Arc<dyn Disk>) -> Result<Opened, SnapshotError> {
        let (_, opened) = Backups::find(disk)?;
        Ok(opened)
    }

    fn find(disk: Arc<dyn Disk>) -> Result<(Backups, Opened), SnapshotError> {
        let files = files(&*disk)?;
        let (candidates, root) = match root::read(&*disk) {
            Ok(named) => (named.into_iter().map(Candidate::Named).collect(), None),
            Err(error) if error.is_final() => (found(&files), Some(error)),
            Err(error) => return Err(error),
        };
        // What the root names counts, too, even if there is no such file.
        let used = files.iter().map(|file| file.number());
        let used = used.chain(candidates.iter().map(|candidate| candidate.number()));
        let mut backups = Backups {
            disk,
            complete: Vec::new(),
            bases: Vec::new(),
            damaged: Vec::new(),
            next: used.max().map_or(1, |number| number + 1),
        };
        let is_new =
            candidates.is_empty() && matches!(root, Some(SnapshotError::RootMissing { .. }));
        if is_new {
            let opened = Opened {
                snapshot: None,
                refused: Vec::new(),
                root: None,
                needed: Vec::new(),
            };
            return Ok((backups, opened));
        }
        let aside = files.iter().filter_map(|file| match file {
            FileName::Damaged(number) => Some(*number),
            _ => None,
        });
        let mut aside: Vec<u64> = aside.collect();
        aside.sort_unstable();
        let error = |number: u64| {
            let name = names::damaged(number);
            SnapshotError::SetAside { name }
        };
        let (snapshot, mut refused) =
            backups.choose(candidates).map_err(|reason| match reason {
                SnapshotError::NoneLeft {
                    mut refused,
                    replays,
                } => {
                    refused.extend(aside.iter().copied().map(error));
                    SnapshotError::NoneLeft { refused, replays }
                }
                reason => reason,
            })?;
        // Those that were newer than what is left.
        let newest = backups.complete.first().map_or(0, |newest| newest.number);
        let newer = aside.iter().copied().filter(|&number| number > newest);
        refused.extend(newer.map(error));
        let opened = Opened {
            snapshot: Some(snapshot),
            refused,
            root,
            needed: backups.needed().collect(),
        };
        Ok((backups, opened))
    }

    /// Opens the first of the candidates that is right, and keeps it and the next.
    fn choose(
        &mut self,
        candidates: Vec<Candidate>,
    ) -> Result<(Snapshot, Vec<SnapshotError>), SnapshotError> {
        let (mut chosen, mut refused) = (None, Vec::new());
        for candidate in candidates {
            if self.complete.len() == MOST {
                break;
            }
            if let (Candidate::Named(complete), Some(_)) = (&candidate, &chosen) {
                self.complete.push(complete.clone());
                continue;
            }
            match candidate.open(&*self.disk) {
                Ok((complete, snapshot)) => {
                    self.complete.push(complete);
                    chosen.get_or_insert(snapshot);
                }
                Err(error) if chosen.is_some() || error.is_final() => {
                    self.damaged.push(candidate.number());
                    refused.push(error);
                }
                Err(error) => return Err(error),
            }
        }
        match chosen {
            Some(snapshot) => Ok((snapshot, refused)),
            None => Err(SnapshotError::NoneLeft {
                refused,
                replays: false,
            }),
        }
    }

    /// Begins a snapshot, and gives up the one that was begun before, if that was not committed.
    /// What interrupted attempts have left is removed first, to have room.
    ///
    /// # Errors
    ///
    /// If the disk refuses something.
    pub(crate) fn begin(
        &mut self,
        header: Header,
        meta: &[u8],
    ) -> Result<SnapshotWriter, SnapshotError> {
        // What stays takes room only. If that is what is missing, writing will tell.
        let _ = self.tidy();
        let number = self.next;
        if number > names::LAST {
            return Err(SnapshotError::NoNumber {
                name: names::complete(names::LAST),
            });
        }
        self.next += 1;
        SnapshotWriter::begin(&*self.disk, number, header, meta)
    }

    /// The snapshot that the next one takes the place of, if chunks of it are worth to be kept.
    pub(crate) fn base(&self) -> Option<Arc<Base>> {
        let oldest = self.complete.get(MOST - 1)?.number;
        let mut bases = self.bases.iter();
        let base = bases.find(|base| base.number == oldest)?;
        base.is_worth_it().then(|| Arc::clone(base))
    }

    /// Makes a snapshot the newest, from now on and after a power cut, and the newest so far the
    /// one before; returns when that was. Then removes what is needed no longer.
    ///
    /// # Errors
    ///
    /// If the disk refuses something. The snapshots so far stay; this one may be the newest when
    /// they are opened again, or may not.
    pub(crate) fn commit(&mut self, written: Written) -> Result<Instant, SnapshotError> {
        let name = names::complete(written.number);
        self.disk
            .rename(&names::unfinished(written.number), &name)?;
        // The root must not name what could be gone after a power cut.
        self.disk.sync_directory()?;
        let mut complete = self.complete.clone();
        complete.insert(0, written.complete());
        complete.truncate(MOST);
        root::replace(&*self.disk, &complete)?;
        self.complete = complete;
        let safe = Instant::now();
        let length = |file| self.bases.iter().find_map(|base| base.length(file));
        let base = Base::of(&written, length).map(Arc::new);
        self.bases.extend(base);
        self.bases
            .retain(|base| self.complete.iter().any(|one| one.number == base.number));
        // What stays takes room only, and is tried again. To remove a large file takes long.
        let _ = self.tidy();
        Ok(safe)
    }

    /// Has a snapshot never be used again, because a chunk of it has turned out to be damaged. Its
    /// file is kept, with `.damaged` behind its name. Other names are not minded.
    ///
    /// # Errors
    ///
    /// If the disk refuses something. The next snapshot that is committed brings it about, too.
    pub(crate) fn note_damaged(&mut self, name: &str) -> Result<(), SnapshotError> {
        let Some(FileName::Complete(number)) = FileName::parse(name) else {
            return Ok(());
        };
        if self.has(number) {
            self.complete.retain(|complete| complete.number != number);
            self.damaged.push(number);
        }
        // Again, if it was refused the last time.
        let is_there = || Ok::<_, DiskError>(self.disk.list()?.iter().any(|other| other == name));
        if !self.damaged.contains(&number) || !is_there()? {
            return Ok(());
        }
        root::replace(&*self.disk, &self.complete)?;
        self.disk.rename(name, &names::damaged(number))?;
        self.disk.sync_directory()?;
        Ok(())
    }

    /// Removes all files that are for snapshots and needed no longer. Goes on when one cannot be
    /// removed, and gives the first error.
    fn tidy(&self) -> Result<(), DiskError> {
        let mut outcome = Ok(());
        for name in self.disk.list()? {
            let done = match FileName::parse(&name) {
                Some(FileName::Complete(number)) if self.damaged.contains(&number) => {
                    self.disk.rename(&name, &names::damaged(number))
                }
                Some(FileName::Complete(number)) if !self.has(number) => self.disk.remove(&name),
                Some(FileName::Unfinished(_)) => self.disk.remove(&name),
                _ => Ok(()),
            };
            outcome = outcome.and(done);
        }
        outcome
    }

    fn has(&self, number: u64) -> bool {
        let mut complete = self.complete.iter();
        complete.any(|one| one.number == number) || self.needed().any(|file| file == number)
    }

    /// Those that have chunks of complete ones.
    fn needed(&self) -> impl Iterator<Item = u64> {
        let files = self.complete.iter().flat_map(|complete| &complete.files);
        files.copied()
    }
}

/// A snapshot that might be used.
enum Candidate {
    /// By the root.
    Named(Complete),
    /// A file that is there.
    Found(u64),
}

impl Candidate {
    fn number(&self) -> u64 {
        match self {
            Candidate::Named(complete) => complete.number,
            Candidate::Found(number) => *number,
        }
    }

    fn open(&self, disk: &dyn Disk) -> Result<(Complete, Snapshot), SnapshotError> {
        let name = names::complete(self.number());
        let snapshot = Snapshot::open(disk, &name)?;
        let files = snapshot.files();
        let are_earlier = files.last().is_none_or(|&file| file < self.number());
        if !are_earlier || files.len() > MOST_FILES {
            // The root could not name it.
            let what = "it has chunks where only later ones have any, or in too many files";
            let what = what.to_owned();
            return Err(SnapshotError::Malformed { name, what });
        }
        let complete = Complete {
            number: self.number(),
            turn: snapshot.header().turn,
            checksum: snapshot.checksum(),
            files: snapshot.files().to_vec(),
        };
        match self {
            Candidate::Named(named) if *named != complete => Err(SnapshotError::Replaced { name }),
            _ => Ok((complete, snapshot)),
        }
    }
}

fn files(disk: &dyn Disk) -> Result<Vec<FileName>, DiskError> {
    let names = disk.list()?;
    Ok(names
        .iter()
        .filter_map(|name| FileName::parse(name))
        .collect())
}

/// All that are called complete, the newest first.
fn found(files: &[FileName]) -> Vec<Candidate> {
    let mut numbers: Vec<u64> = files
        .iter()
        .filter_map(|file| match file {
            FileName::Complete(number) => Some(*number),
            _ => None,
        })
        .collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers.into_iter().map(Candidate::Found).collect()
}
