//! Opening a snapshot, and what can be done with it then.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;

use super::chunk::{Chunk, Origin};
use super::directory::{Directory, Placed};
use super::error::{Part, SnapshotError};
use super::layout::{Header, Key};
use super::names;
use crate::persist::disk::Disk;
use chunky::Region;

/// A snapshot whose file is mapped to memory.
///
/// Chunks can be looked at, and each be taken once. The mapping lasts as long as anything of it.
pub(crate) struct Snapshot {
    name: String,
    header: Header,
    checksum: u64,
    /// The length of the file.
    length: u64,
    files: Vec<u64>,
    meta: Box<[u8]>,
    chunks: BTreeMap<Key, Chunk>,
}

/// How far a look at all chunks of a snapshot has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many chunks have been checked.
    pub chunks: usize,
    /// How many there are.
    pub all_chunks: usize,
    /// How many bytes, with all room.
    pub bytes: u64,
    /// How many there are.
    pub all_bytes: u64,
}

impl Snapshot {
    /// Maps a file and looks at everything in it but its chunks. Those that have not changed since an earlier
    /// snapshot are in the file of that one, which is mapped, too.
    ///
    /// # Errors
    ///
    /// If the disk refuses something, the file is not right in itself, or another one that it needs is gone.
    pub(crate) fn open(disk: &dyn Disk, name: &str) -> Result<Snapshot, SnapshotError> {
        let file = disk.map(name)?;
        let length = file.len() as u64;
        let directory = Directory::read(name, &file)?;
        let meta = file[directory.meta].into();
        let header = directory.header;
        let mut chunks = BTreeMap::new();
        cut(file, name, header, directory.chunks, &mut chunks)?;
        let mut files = Vec::with_capacity(directory.elsewhere.len());
        for (number, placed) in directory.elsewhere {
            let other = names::complete(number);
            let file = disk.map(&other).map_err(|error| {
                if error.reason.kind() != ErrorKind::NotFound {
                    return error.into();
                }
                let (name, file) = (name.to_owned(), other.clone());
                SnapshotError::FileMissing { name, file }
            })?;
            cut(file, &other, header, placed, &mut chunks)?;
            files.push(number);
        }
        Ok(Snapshot {
            name: name.to_owned(),
            header,
            checksum: directory.checksum,
            length,
            files,
            meta,
            chunks,
        })
    }

    /// What a file says that it belongs to. It is right in itself, but what it needs of others may be gone.
    ///
    /// # Errors
    ///
    /// If the disk refuses something, or the file is not right in itself.
    pub(crate) fn header_of(disk: &dyn Disk, name: &str) -> Result<Header, SnapshotError> {
        let directory = Directory::read(name, &disk.map(name)?)?;
        Ok(directory.header)
    }

    /// The name of its file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What it belongs to.
    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// The numbers of earlier snapshots in whose files some of its chunks are.
    pub(super) fn files(&self) -> &[u64] {
        &self.files
    }

    /// What tells it from others.
    pub(super) fn checksum(&self) -> u64 {
        self.checksum
    }

    /// The length of its file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What the world says about itself. It is as it was written.
    pub(crate) fn meta(&self) -> &[u8] {
        &self.meta
    }

    /// A chunk that has not been taken.
    pub(crate) fn chunk(&self, key: Key) -> Option<&Chunk> {
        self.chunks.get(&key)
    }

    /// All chunks that have not been taken, by key.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.chunks.values()
    }

    /// Takes all chunks that have not been taken.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = Chunk> {
        std::mem::take(&mut self.chunks).into_values()
    }

    /// Takes a chunk away, for its memory to be used where it lies. It can be checked first, or
    /// later by who has it.
    #[cfg(test)]
    pub(crate) fn take(&mut self, key: Key) -> Option<Chunk> {
        self.chunks.remove(&key)
    }

    /// Checks all chunks that have not been taken, tells after each of them how far it has come,
    /// and gives what is wrong.
    pub(crate) fn verify(&self, mut progress: impl FnMut(Progress)) -> Vec<SnapshotError> {
        let mut now = Progress {
            chunks: 0,
            all_chunks: self.chunks.len(),
            bytes: 0,
            all_bytes: self.chunks().map(|chunk| chunk.room() as u64).sum(),
        };
        let mut wrong = Vec::new();
        for chunk in self.chunks() {
            wrong.extend(chunk.check().err());
            now.chunks += 1;
            now.bytes += chunk.room() as u64;
            progress(now);
        }
        wrong
    }
}

/// Gives each chunk its own part of a file, from the end on. What is between them is given up.
fn cut(
    mut file: Region,
    name: &str,
    header: Header,
    placed: Vec<Placed>,
    chunks: &mut BTreeMap<Key, Chunk>,
) -> Result<(), SnapshotError> {
    let origin = Arc::new(Origin {
        name: name.to_owned(),
        header,
    });
    for (entry, place) in placed.into_iter().rev() {
        let cut = file.split_off(place.start).and_then(|mut memory| {
            memory.split_off(place.len())?;
            Some(memory)
        });
        let memory = cut.ok_or_else(|| SnapshotError::Damaged {
            name: name.to_owned(),
            offset: entry.offset,
            part: Part::Chunk(entry.key),
        })?;
        chunks.insert(entry.key, Chunk::new(entry, memory, origin.clone()));
    }
    Ok(())
}
