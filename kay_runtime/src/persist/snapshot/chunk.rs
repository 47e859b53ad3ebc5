use std::sync::Arc;

use super::error::{Part, SnapshotError};
use super::layout::{Entry, Header, Key, chunk_checksum};
use chunky::Region;

/// A chunk of a snapshot, in memory that belongs to it alone.
///
/// What it holds may be anybody's until [`check`](Chunk::check) has looked at it. That is not done
/// before it is asked for: to open a large world must not take longer than a small one. But it must
/// be done before the chunk is written to another snapshot, which would vouch for what it holds.
pub(crate) struct Chunk {
    entry: Entry,
    memory: Region,
    origin: Arc<Origin>,
}

/// Where chunks are from.
pub(super) struct Origin {
    pub(super) name: String,
    pub(super) header: Header,
}

impl Chunk {
    /// `memory` must be as long as the room of `entry`.
    pub(super) fn new(entry: Entry, memory: Region, origin: Arc<Origin>) -> Chunk {
        Chunk {
            entry,
            memory,
            origin,
        }
    }

    /// What it is of.
    pub(crate) fn key(&self) -> Key {
        self.entry.key
    }

    /// Where it is in the file.
    #[cfg(test)]
    pub(crate) fn offset(&self) -> u64 {
        self.entry.offset
    }

    /// The bytes that were written.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.parts().0
    }

    /// How long its memory is: the bytes, and zeros behind them.
    pub(crate) fn room(&self) -> usize {
        self.memory.len()
    }

    /// Whether all of it is as it was written. Looks at each byte, every time.
    ///
    /// # Errors
    ///
    /// If something has changed. The whole snapshot should not be used any longer then:
    /// see [`Backups::note_damaged`](super::Backups::note_damaged).
    pub(crate) fn check(&self) -> Result<(), SnapshotError> {
        let (bytes, rest) = self.parts();
        let checksum = chunk_checksum(self.origin.header.run, self.entry.key, bytes);
        let offset = if checksum != self.entry.checksum {
            self.entry.offset
        } else if !is_zero(rest) {
            self.entry.offset + bytes.len() as u64
        } else {
            return Ok(());
        };
        Err(SnapshotError::Damaged {
            name: self.origin.name.clone(),
            offset,
            part: Part::Chunk(self.entry.key),
        })
    }

    /// Its memory with all its room, to be used where it lies. The file never changes by that.
    pub(crate) fn into_memory(self) -> Region {
        self.memory
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        // No length of an entry that was read is larger than its room.
        self.memory.split_at(self.entry.length as usize)
    }
}

/// Several bytes at a time: a loop that may end at each of them looks at one after the other.
fn is_zero(bytes: &[u8]) -> bool {
    let mut lines = bytes.chunks(64);
    lines.all(|line| line.iter().fold(0, |all, byte| all | byte) == 0)
}
