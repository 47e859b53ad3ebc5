//! Writing a snapshot, chunk by chunk.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::thread;

use super::error::SnapshotError;
use super::layout::{Entry, Extent, Header, Key, LINE, PAGE, Tail, alignment, chunk_checksum};
use super::names;
use super::root::Complete;
use crate::persist::disk::{Disk, DiskError, DiskFile};

/// How much is written at once. In tests so little that short files take several writes.
const BUFFER: usize = if cfg!(test) { 256 } else { 1 << 16 };

/// How much is made last at once, in bytes: the more it is, the longer some operating systems keep a core from
/// others meanwhile, whatever the thread's priority.
const SYNCED_AT_ONCE: usize = if cfg!(test) { 2048 } else { 8 << 20 };

/// A snapshot that is being written. It is none before it is finished.
///
/// All that it keeps is the directory, and what waits to be written.
pub(crate) struct SnapshotWriter {
    file: Box<dyn DiskFile>,
    number: u64,
    header: Header,
    /// That of all checksums but those of chunks.
    seed: u64,
    meta: Extent,
    entries: Vec<Entry>,
    epoch: Option<u64>,
    /// What the next write will append.
    buffer: Vec<u8>,
    /// The length of the file once that is written.
    length: u64,
    /// How much of that outlasts a power cut.
    synced: u64,
    /// What went wrong. What the file holds is unknown since.
    failed: Option<DiskError>,
}

/// A snapshot that has been written to its end, and outlasts a power cut, but for its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Which file of the directory it is.
    pub(super) number: u64,
    /// The turn that it is of.
    pub(crate) turn: u64,
    /// What tells it from others.
    pub(super) checksum: u64,
    /// How long the file is.
    pub(crate) bytes: u64,
    /// Its chunks, by key.
    pub(super) entries: Vec<Entry>,
    /// See [`SnapshotWriter::ends`].
    pub(super) epoch: Option<u64>,
}

impl Written {
    /// How the root names it.
    pub(super) fn complete(&self) -> Complete {
        let others = self.entries.iter().map(|chunk| chunk.file);
        let others: BTreeSet<u64> = others.filter(|&file| file != Entry::OWN).collect();
        Complete {
            number: self.number,
            turn: self.turn,
            checksum: self.checksum,
            files: others.into_iter().collect(),
        }
    }
}

impl SnapshotWriter {
    /// Begins the snapshot with this number. `meta` is what the world says about itself: it is
    /// checked whenever the snapshot is opened, so it should be short.
    ///
    /// # Errors
    ///
    /// If the disk refuses something.
    pub(crate) fn begin(
        disk: &dyn Disk,
        number: u64,
        header: Header,
        meta: &[u8],
    ) -> Result<SnapshotWriter, SnapshotError> {
        let (bytes, seed) = header.encode();
        let meta_offset = bytes.len().next_multiple_of(LINE) as u64;
        let mut writer = SnapshotWriter {
            file: disk.create(&names::unfinished(number))?,
            number,
            header,
            seed,
            meta: Extent::of(meta, meta_offset, seed),
            entries: Vec::new(),
            epoch: None,
            buffer: Vec::with_capacity(BUFFER),
            length: 0,
            synced: 0,
            failed: None,
        };
        writer.attempt(|writer| {
            writer.put(&bytes)?;
            writer.pad_to(meta_offset)?;
            writer.put(meta)
        })?;
        Ok(writer)
    }

    /// Writes a chunk, which will have as many bytes as there is `room`, and never fewer than
    /// these: the rest are zeros. Chunks may come in any order.
    ///
    /// # Errors
    ///
    /// If the disk refuses something. The snapshot has failed then, and each later call gives the
    /// same error.
    #[cfg(test)]
    pub(crate) fn chunk(
        &mut self,
        key: Key,
        bytes: &[u8],
        room: usize,
    ) -> Result<(), SnapshotError> {
        let checksum = chunk_checksum(self.header.run, key, bytes);
        self.append(key, bytes, room, checksum)
    }

    fn append(
        &mut self,
        key: Key,
        bytes: &[u8],
        room: usize,
        checksum: u64,
    ) -> Result<(), SnapshotError> {
        let room = room.max(bytes.len());
        let offset = self.length.next_multiple_of(alignment(room) as u64);
        self.entries.push(Entry {
            key,
            file: Entry::OWN,
            offset,
            length: bytes.len() as u64,
            room: room as u64,
            checksum,
        });
        self.attempt(|writer| {
            writer.pad_to(offset)?;
            writer.put(bytes)?;
            writer.pad_to(offset + room as u64)
        })
    }

    /// As [`chunk`](SnapshotWriter::chunk) for each of these, of which another thread takes the checksums
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// As for one chunk.
    pub(crate) fn chunks<'a>(
        &mut self,
        chunks: impl Iterator<Item = (Key, &'a [u8], usize)> + Clone + Send,
    ) -> Result<(), SnapshotError> {
        let (run, first) = (self.header.run, self.entries.len());
        let sums = chunks.clone();
        let sums = sums.map(move |(key, bytes, _)| chunk_checksum(run, key, bytes));
        thread::scope(|scope| {
            let sums = scope.spawn(|| sums.collect::<Vec<u64>>());
            let mut outcome = Ok(());
            for (key, bytes, room) in chunks {
                outcome = outcome.and_then(|()| self.append(key, bytes, room, 0));
            }
            let sums = match sums.join() {
                Ok(sums) => sums,
                Err(panic) => resume_unwind(panic),
            };
            for (entry, sum) in self.entries[first..].iter_mut().zip(sums) {
                entry.checksum = sum;
            }
            outcome
        })
    }

    /// What has changed since this epoch is not in it.
    pub(crate) fn ends(&mut self, epoch: u64) {
        self.epoch = Some(epoch);
    }

    /// Has a chunk of the snapshot before the last one, whose file is kept as long as this one is.
    pub(crate) fn keep(&mut self, chunk: Entry) {
        self.entries.push(chunk);
    }

    /// Writes the directory and makes the file last, so that it can be committed.
    ///
    /// # Errors
    ///
    /// If two chunks had one key, or the disk refuses something. The file is of no use then.
    pub(crate) fn finish(mut self) -> Result<Written, SnapshotError> {
        self.entries.sort_unstable_by_key(|entry| entry.key);
        let mut neighbours = self.entries.windows(2);
        if let Some(pair) = neighbours.find(|pair| pair[0].key == pair[1].key) {
            return Err(SnapshotError::Duplicate {
                name: names::unfinished(self.number),
                key: pair[0].key,
            });
        }
        let mut directory = Vec::with_capacity(self.entries.len() * Entry::SIZE);
        for entry in &self.entries {
            entry.encode(&mut directory);
        }
        let tail = Tail {
            directory: Extent::of(&directory, self.length, self.seed),
            meta: self.meta,
        };
        let (tail, checksum) = tail.encode(self.seed);
        self.attempt(|writer| {
            writer.put(&directory)?;
            writer.put(&tail)?;
            writer.write()?;
            writer.file.sync()
        })?;
        Ok(Written {
            number: self.number,
            turn: self.header.turn,
            checksum,
            bytes: self.length,
            entries: self.entries,
            epoch: self.epoch,
        })
    }

    fn attempt(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), DiskError>,
    ) -> Result<(), SnapshotError> {
        if self.failed.is_none() {
            self.failed = step(self).err();
        }
        match &self.failed {
            Some(error) => Err(error.clone().into()),
            None => Ok(()),
        }
    }

    /// Appends bytes. What is too long for the buffer is not copied.
    fn put(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        for bytes in bytes.chunks(SYNCED_AT_ONCE) {
            if self.buffer.len() + bytes.len() > BUFFER {
                self.write()?;
            }
            if bytes.len() > BUFFER {
                self.file.append(bytes)?;
            } else {
                self.buffer.extend(bytes);
            }
            self.length += bytes.len() as u64;
            if self.length - self.synced >= SYNCED_AT_ONCE as u64 {
                self.write()?;
                self.file.sync()?;
                self.synced = self.length;
            }
        }
        Ok(())
    }

    /// Appends zeros up to this offset.
    fn pad_to(&mut self, offset: u64) -> Result<(), DiskError> {
        while self.length < offset {
            let missing = (offset - self.length).min(PAGE as u64);
            self.put(&[0; PAGE][..missing as usize])?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), DiskError> {
        if !self.buffer.is_empty() {
            self.file.append(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}
