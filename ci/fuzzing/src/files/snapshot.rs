//! Snapshots, whose chunks may be in the files of earlier ones.

use std::collections::BTreeMap;

use kay_runtime::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{Bytes, HEADER, extent, header, number, place, put, run_of};

const TAIL: usize = 56;
const ENTRY: usize = 52;
const KEY: usize = 12;

/// How much room all chunks of a file may have that nothing is in.
const ROOM: u64 = 1 << 18;

#[derive(Clone, Compact)]
pub enum SnapshotFile {
    Parts(Snapshot),
    /// As it lies, though checksums that have a place are put right.
    Bytes(Bytes),
}

#[derive(Clone, Compact)]
pub struct Snapshot {
    pub run: u128,
    pub turn: u64,
    pub meta: Bytes,
    pub chunks: CVec<Chunk>,
}

#[derive(Clone, Compact)]
pub struct Chunk {
    pub key: [u8; KEY],
    pub place: Place,
}

/// Where a chunk is.
#[derive(Clone, Compact)]
pub enum Place {
    /// In this file: what was written, and how much room it has.
    Own { bytes: Bytes, room: u64 },
    /// Where the file of the snapshot with this number has its own one under the same key.
    Linked { file: u64 },
    /// In the file of the snapshot with this number.
    Elsewhere {
        file: u64,
        offset: u64,
        length: u64,
        room: u64,
    },
}

/// What a directory says of a chunk, but for its checksum.
#[derive(Clone, Copy)]
struct Entry {
    key: [u8; KEY],
    file: u64,
    offset: u64,
    length: u64,
    room: u64,
}

impl Entry {
    fn parse(bytes: &[u8]) -> Option<Entry> {
        Some(Entry {
            key: *bytes.first_chunk()?,
            file: number(bytes, KEY)?,
            offset: number(bytes, KEY + 8)?,
            length: number(bytes, KEY + 16)?,
            room: number(bytes, KEY + 24)?,
        })
    }
}

/// Where the entries of a file are.
fn directory(file: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let tail = file.len().checked_sub(TAIL)?;
    Some(file[extent(file, tail)?].chunks_exact(ENTRY))
}

fn entries(file: &[u8]) -> Option<Vec<Entry>> {
    directory(file)?.map(Entry::parse).collect()
}

/// What a root should say of a file: its turn, its checksum, and which others it needs.
pub(super) fn truth(file: &[u8]) -> Option<(u64, u64, Vec<u64>)> {
    let mut others: Vec<u64> = entries(file)?.iter().map(|entry| entry.file).collect();
    others.retain(|&other| other != 0);
    others.sort_unstable();
    others.dedup();
    let checksum = number(file, file.len().checked_sub(8)?)?;
    Some((number(file, 28)?, checksum, others))
}

impl Snapshot {
    /// Takes a file apart.
    pub fn parse(file: &[u8]) -> Option<Snapshot> {
        let tail = file.len().checked_sub(TAIL)?;
        let chunks = entries(file)?.into_iter().map(|entry| {
            let Entry {
                key,
                file: other,
                offset,
                length,
                room,
            } = entry;
            let place = if other == 0 {
                let bytes = file[place(file, offset, length)?].into();
                Place::Own { bytes, room }
            } else {
                Place::Elsewhere {
                    file: other,
                    offset,
                    length,
                    room,
                }
            };
            Some(Chunk { key, place })
        });
        Some(Snapshot {
            run: run_of(file)?,
            turn: number(file, 28)?,
            meta: file[extent(file, tail + 24)?].into(),
            chunks: chunks.collect::<Option<_>>()?,
        })
    }

    /// Has chunks that are in other files follow what becomes of those.
    pub fn link<'a>(&mut self, other: impl Fn(u64) -> Option<&'a [u8]>) {
        for chunk in &mut self.chunks {
            let Place::Elsewhere { file, offset, .. } = chunk.place else {
                continue;
            };
            let entries = other(file).and_then(entries).unwrap_or_default();
            let is_it =
                |entry: &Entry| (entry.key, entry.file, entry.offset) == (chunk.key, 0, offset);
            if entries.iter().any(is_it) {
                chunk.place = Place::Linked { file };
            }
        }
    }

    /// The file up to its directory, and where the meta is. Chunks get entries; those that are linked have no
    /// place yet.
    fn begin(&self) -> Begun {
        let mut file = header(b"kay snap", self.run, self.turn);
        file.resize(file.len().next_multiple_of(64), 0);
        let meta = file.len();
        file.extend(self.meta.to_vec());
        let meta = (meta, file.len() - meta);
        let mut free = ROOM;
        let entries = self.chunks.iter().map(|chunk| match &chunk.place {
            Place::Own { bytes, room } => {
                let bytes = bytes.to_vec();
                let length = bytes.len() as u64;
                let room = (*room).clamp(length, length + free);
                free -= room - length;
                let align = if room < 4096 { 64 } else { 4096 };
                file.resize(file.len().next_multiple_of(align), 0);
                let offset = file.len() as u64;
                file.extend(bytes);
                file.resize((offset + room) as usize, 0);
                Entry {
                    key: chunk.key,
                    file: 0,
                    offset,
                    length,
                    room,
                }
            }
            &Place::Linked { file } => Entry {
                key: chunk.key,
                file,
                offset: 0,
                length: 0,
                room: 0,
            },
            &Place::Elsewhere {
                file,
                offset,
                length,
                room,
            } => Entry {
                key: chunk.key,
                file,
                offset,
                length,
                room,
            },
        });
        let entries = entries.collect();
        Begun {
            meta,
            entries,
            file,
        }
    }
}

struct Begun {
    file: Vec<u8>,
    meta: (usize, usize),
    entries: Vec<Entry>,
}

impl Begun {
    fn end(mut self) -> Vec<u8> {
        let start = self.file.len();
        for entry in &self.entries {
            self.file.extend(entry.key);
            for number in [entry.file, entry.offset, entry.length, entry.room, 0] {
                self.file.extend(number.to_le_bytes());
            }
        }
        let directory = (start, self.file.len() - start);
        for (start, length) in [directory, self.meta] {
            for number in [start, length, 0] {
                self.file.extend((number as u64).to_le_bytes());
            }
        }
        self.file.extend([0; 8]);
        self.file
    }
}

/// All files of snapshots, by number.
pub(super) fn write(snapshots: &[(u64, SnapshotFile)]) -> BTreeMap<u64, Vec<u8>> {
    let (mut begun, mut files) = (BTreeMap::new(), BTreeMap::new());
    for (number, file) in snapshots {
        match file {
            SnapshotFile::Parts(snapshot) => drop(begun.insert(*number, snapshot.begin())),
            SnapshotFile::Bytes(bytes) => drop(files.insert(*number, bytes.to_vec())),
        }
    }
    let own = begun.iter().flat_map(|(number, begun)| {
        let own = begun.entries.iter().filter(|entry| entry.file == 0);
        own.map(|entry| ((*number, entry.key), *entry))
    });
    let own: BTreeMap<_, _> = own.collect();
    for (number, mut begun) in begun {
        for entry in &mut begun.entries {
            let linked = own.get(&(entry.file, entry.key));
            if let (0, Some(linked)) = (entry.offset, linked) {
                let file = entry.file;
                *entry = Entry { file, ..*linked };
            }
        }
        files.insert(number, begun.end());
    }
    let numbers: Vec<u64> = files.keys().copied().collect();
    for number in numbers {
        if let Some(mut file) = files.remove(&number) {
            repair(&mut file, &files);
            files.insert(number, file);
        }
    }
    files
}

/// Puts right those checksums of a file that have a place.
fn repair(file: &mut [u8], others: &BTreeMap<u64, Vec<u8>>) {
    let tail = file.len().saturating_sub(TAIL);
    if tail < HEADER {
        return;
    }
    let seed = xxh3_64(&file[..HEADER - 8]);
    put(file, HEADER - 8, seed);
    if let Some(directory) = extent(file, tail) {
        for at in directory.clone().step_by(ENTRY) {
            let entry = Entry::parse(&file[at..directory.end]);
            let Some(entry) = entry.filter(|_| at + ENTRY <= directory.end) else {
                break;
            };
            let of = [&file[12..28], &entry.key].concat();
            let chunk = match entry.file {
                0 => Some(&*file),
                other => others.get(&other).map(Vec::as_slice),
            };
            let chunk = chunk.and_then(|file| file.get(place(file, entry.offset, entry.length)?));
            if let Some(chunk) = chunk {
                let checksum = xxh3_64_with_seed(chunk, xxh3_64(&of));
                put(file, at + ENTRY - 8, checksum);
            }
        }
    }
    for at in [tail, tail + 24] {
        if let Some(place) = extent(file, at) {
            let checksum = xxh3_64_with_seed(&file[place], seed);
            put(file, at + 16, checksum);
        }
    }
    let checksum = xxh3_64_with_seed(&file[tail..tail + TAIL - 8], seed);
    put(file, tail + TAIL - 8, checksum);
}
