//! The files in a world's directory.

use std::path::Path;
use std::sync::Arc;

use crate::persist::{Backups, Disk, End, FileName, LETTER, RealDisk, Snapshot, part_of, read};
use crate::{JournalError, SnapshotError, Torn};

/// What files a world has: see [`WorldFiles::read`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorldFiles {
    /// The snapshots, the oldest first.
    pub snapshots: Vec<SnapshotFile>,
    /// The snapshot that the world would come back from, if there is one that is right, chunks apart.
    pub newest: Option<String>,
    /// Why newer ones would not be taken, and what else is wrong with which are complete.
    pub refused: Vec<SnapshotError>,
    /// The parts of the journal, in order.
    pub journal: Vec<JournalFile>,
}

/// A snapshot's file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotFile {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub state: FileState,
    /// How many turns had run, if the file is right, chunks apart.
    pub turn: Result<u64, SnapshotError>,
}

/// What a snapshot's file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It was written to its end.
    Complete,
    /// It has chunks of newer ones, but may not have all of its own any longer.
    Needed,
    /// It is being written, or was given up.
    Unfinished,
    /// It was found to be damaged, and is kept for people to look at.
    Damaged,
}

/// A part of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalFile {
    /// The name of its file.
    pub name: String,
    /// Its number.
    pub part: u64,
    /// What is in it.
    pub contents: Result<JournalContents, JournalError>,
}

/// What a part of the journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JournalContents {
    /// The run that it is of.
    pub run: u128,
    /// The first turn that it can have inputs for.
    pub turn: u64,
    /// The turn of the last input, if there is any.
    pub last_turn: Option<u64>,
    /// Letters of the host: what it has sent to a type in a shard before a turn.
    pub letters: u64,
    /// What came of them: turns with inputs, and each time that a frozen world was resumed.
    pub ends: u64,
    /// The length of the file.
    pub bytes: u64,
    /// The end that was not written whole: in a world that runs, or whose process was killed.
    pub torn: Option<Torn>,
}

impl WorldFiles {
    /// Looks at all files of the world in a directory, but at no chunk of a snapshot. What is wrong with a file
    /// is told where it is listed.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub fn read(directory: impl AsRef<Path>) -> Result<WorldFiles, SnapshotError> {
        let disk = RealDisk::new(directory.as_ref());
        let names = disk.list()?;
        let snapshots = names.iter().filter_map(|name| snapshot(&disk, name));
        let journal = names.iter().filter_map(|name| {
            Some(JournalFile {
                name: name.clone(),
                part: part_of(name)?,
                contents: journal(&disk, name),
            })
        });
        let (mut snapshots, journal): (Vec<_>, _) = (snapshots.collect(), journal.collect());
        let (newest, refused) = match Backups::look(Arc::new(disk)) {
            Ok(opened) => {
                for file in &mut snapshots {
                    let number = FileName::parse(&file.name).map(FileName::number);
                    if number.is_some_and(|number| opened.needed.contains(&number)) {
                        file.state = FileState::Needed;
                    }
                }
                (
                    opened.snapshot.map(|snapshot| snapshot.name().to_owned()),
                    opened.refused.into_iter().chain(opened.root).collect(),
                )
            }
            Err(error) => (None, vec![error]),
        };
        Ok(WorldFiles {
            snapshots,
            newest,
            refused,
            journal,
        })
    }
}

fn snapshot(disk: &RealDisk, name: &str) -> Option<SnapshotFile> {
    let state = match FileName::parse(name)? {
        FileName::Complete(_) => FileState::Complete,
        FileName::Unfinished(_) => FileState::Unfinished,
        FileName::Damaged(_) => FileState::Damaged,
    };
    // What is being written must not be mapped: it may be given up, and cut short.
    let turn = match state {
        FileState::Unfinished => Err(SnapshotError::Incomplete {
            name: name.to_owned(),
            length: 0,
        }),
        _ => Snapshot::header_of(disk, name).map(|header| header.turn),
    };
    Some(SnapshotFile {
        name: name.to_owned(),
        state,
        turn,
    })
}

fn journal(disk: &RealDisk, name: &str) -> Result<JournalContents, JournalError> {
    let contents = read(disk, name)?.cut_open(name, |kind| kind != LETTER)?;
    let header = contents.header();
    let mut counted = JournalContents {
        run: header.run,
        turn: header.turn,
        last_turn: None,
        letters: 0,
        ends: 0,
        bytes: contents.length(),
        torn: contents.torn(),
    };
    for record in contents.records() {
        let is_end = End::of(record.kind).is_some();
        counted.letters += u64::from(record.kind == LETTER);
        counted.ends += u64::from(is_end);
        if is_end {
            counted.last_turn = Some(record.turn);
        }
    }
    Ok(counted)
}
