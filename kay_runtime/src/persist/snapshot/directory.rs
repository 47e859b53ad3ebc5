//! What a file says about itself, none of which is believed before it was looked at.

use std::collections::BTreeMap;
use std::ops::Range;

use super::error::{Part, SnapshotError};
use super::layout::{Entry, Header, LINE, Tail, alignment, range};
use super::names::LAST;

/// What is known of a file whose header, tail, directory and meta are right. Chunks have not been
/// looked at.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) header: Header,
    /// That of the tail: it tells this snapshot from others.
    pub(super) checksum: u64,
    /// Where the meta is.
    pub(super) meta: Range<usize>,
    /// What is said about each chunk of this file, and where it is with all its room. In the order in
    /// which they lie in the file; none overlaps another one, or anything else.
    pub(super) chunks: Vec<Placed>,
    /// The chunks that are in the files of other snapshots, by the numbers of these. In the order in which
    /// they should lie there. About these files nothing is known.
    pub(super) elsewhere: BTreeMap<u64, Vec<Placed>>,
}

/// What is said about a chunk, and where it is with all its room.
pub(super) type Placed = (Entry, Range<usize>);

impl Directory {
    /// Takes time and memory in proportion to directory and meta, which are in the file as they
    /// are: not to any number that stands in it.
    pub(super) fn read(name: &str, file: &[u8]) -> Result<Directory, SnapshotError> {
        let damaged = |part, offset| SnapshotError::Damaged {
            name: name.to_owned(),
            offset,
            part,
        };
        let (header, seed) = Header::decode(name, file)?;
        let end = file.len().saturating_sub(Tail::SIZE);
        let (tail, checksum) =
            Tail::decode(file, seed).ok_or_else(|| SnapshotError::Incomplete {
                name: name.to_owned(),
                length: file.len() as u64,
            })?;

        // It ends where the tail begins. So a tail is right in its own place only.
        let directory_damaged = || damaged(Part::Directory, tail.directory.offset);
        let place = range(tail.directory.offset, tail.directory.length)
            .filter(|place| place.end == end && place.start >= Header::SIZE)
            .ok_or_else(directory_damaged)?;
        let directory = tail.directory.find(file, seed);
        let directory = directory.ok_or_else(directory_damaged)?;

        let meta = range(tail.meta.offset, tail.meta.length)
            .filter(|meta| is_between(meta, Header::SIZE, place.start))
            .filter(|meta| meta.start.is_multiple_of(LINE) && tail.meta.find(file, seed).is_some())
            .ok_or_else(|| damaged(Part::Meta, tail.meta.offset))?;

        let mut files = chunks(directory, place.start)
            .map_err(|at| damaged(Part::Directory, (place.start + at) as u64))?;
        for chunks in files.values_mut() {
            chunks.sort_unstable_by_key(|(_, at)| (at.start, at.end));
        }
        let chunks = files.remove(&Entry::OWN).unwrap_or_default();
        let mut free = Header::SIZE;
        for (entry, at) in &chunks {
            let misplaced = at.start < free || at.start < meta.end && meta.start < at.end;
            if misplaced {
                return Err(damaged(Part::Chunk(entry.key), entry.offset));
            }
            free = at.end;
        }
        Ok(Directory {
            header,
            checksum,
            meta,
            chunks,
            elsewhere: files,
        })
    }
}

fn is_between(range: &Range<usize>, start: usize, end: usize) -> bool {
    start <= range.start && range.end <= end
}

/// The chunks in a directory by the file that they are in. Each must be right in itself, and if it is in this
/// file, before `end`. Else gives where in the directory it is not.
fn chunks(directory: &[u8], end: usize) -> Result<BTreeMap<u64, Vec<Placed>>, usize> {
    let mut files = BTreeMap::<u64, Vec<Placed>>::new();
    let mut last = None;
    for (at, bytes) in (0..)
        .step_by(Entry::SIZE)
        .zip(directory.chunks(Entry::SIZE))
    {
        let entry = Entry::decode(bytes).ok_or(at)?;
        let is_own = entry.file == Entry::OWN;
        let end = if is_own { end } else { usize::MAX };
        let place = range(entry.offset, entry.room)
            .filter(|place| is_between(place, Header::SIZE, end))
            .filter(|place| place.start.is_multiple_of(alignment(place.len())))
            .ok_or(at)?;
        if entry.length > entry.room || entry.file > LAST || last >= Some(entry.key) {
            return Err(at);
        }
        last = Some(entry.key);
        files.entry(entry.file).or_default().push((entry, place));
    }
    Ok(files)
}
