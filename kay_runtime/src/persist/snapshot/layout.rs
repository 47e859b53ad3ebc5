//! From values to bytes and back. The layout is drawn in the module above.

use std::fmt;
use std::ops::Range;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::error::{Part, SnapshotError};

const MAGIC: [u8; 8] = *b"kay snap";
const VERSION: u32 = 1;

/// What a chunk of at least this size begins at a multiple of.
pub(super) const PAGE: usize = 4096;

/// What anything else begins at a multiple of.
pub(super) const LINE: usize = 64;

/// What something with so much room begins at a multiple of.
pub(super) fn alignment(room: usize) -> usize {
    if room < PAGE { LINE } else { PAGE }
}

/// What a snapshot belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The run of a world that this is a state of.
    pub(crate) run: u128,
    /// The turn that comes next.
    pub(crate) turn: u64,
}

impl Header {
    pub(super) const SIZE: usize = 44;

    /// The bytes, and the checksum that they end with, which is the seed of others.
    pub(super) fn encode(self) -> (Vec<u8>, u64) {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.run.to_le_bytes());
        bytes.extend(self.turn.to_le_bytes());
        let checksum = xxh3_64(&bytes);
        bytes.extend(checksum.to_le_bytes());
        (bytes, checksum)
    }

    /// The header that a file begins with, and its checksum.
    pub(super) fn decode(name: &str, file: &[u8]) -> Result<(Header, u64), SnapshotError> {
        let name = || name.to_owned();
        if !file.starts_with(&MAGIC) {
            return Err(SnapshotError::NotASnapshot { name: name() });
        }
        let Some(mut from) = file.get(..Self::SIZE) else {
            return Err(SnapshotError::Incomplete {
                name: name(),
                length: file.len() as u64,
            });
        };
        let damaged = || SnapshotError::Damaged {
            name: name(),
            offset: 0,
            part: Part::Header,
        };
        let checksum = xxh3_64(&from[..Self::SIZE - size_of::<u64>()]);
        let mut header = || {
            let _magic: [u8; 8] = take(&mut from)?;
            let version = u32::from_le_bytes(take(&mut from)?);
            let run = u128::from_le_bytes(take(&mut from)?);
            let turn = u64::from_le_bytes(take(&mut from)?);
            let right = u64::from_le_bytes(take(&mut from)?) == checksum;
            right.then_some((version, Header { run, turn }))
        };
        // Every version has its checksum here, so a version that is read is one that was written.
        let (version, header) = header().ok_or_else(damaged)?;
        if version != VERSION {
            return Err(SnapshotError::Version {
                name: name(),
                found: version,
                known: VERSION,
            });
        }
        Ok((header, checksum))
    }
}

/// What a chunk is of: for those who write and read it to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What kind of thing the chunk holds.
    pub kind: u16,
    /// The shard that it belongs to.
    pub shard: u16,
    /// The actor type that it belongs to.
    pub actor: u32,
    /// Which of several it is.
    pub index: u32,
}

impl Key {
    const SIZE: usize = 12;

    fn encode(self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..2].copy_from_slice(&self.kind.to_le_bytes());
        bytes[2..4].copy_from_slice(&self.shard.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.actor.to_le_bytes());
        bytes[8..].copy_from_slice(&self.index.to_le_bytes());
        bytes
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Key {
            kind,
            shard,
            actor,
            index,
        } = self;
        write!(
            f,
            "kind {kind}, shard {shard}, actor type {actor}, index {index}"
        )
    }
}

/// That of the bytes of a chunk, which is right for this key in this run only.
///
/// Not for this turn only: a chunk that has not changed is not written again.
pub(super) fn chunk_checksum(run: u128, key: Key, bytes: &[u8]) -> u64 {
    let mut seed = [0; 16 + Key::SIZE];
    seed[..16].copy_from_slice(&run.to_le_bytes());
    seed[16..].copy_from_slice(&key.encode());
    xxh3_64_with_seed(bytes, xxh3_64(&seed))
}

/// Where something is in the file, and its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) checksum: u64,
}

impl Extent {
    /// Describes `bytes` that will be at `offset`, in the file with this seed.
    pub(super) fn of(bytes: &[u8], offset: u64, seed: u64) -> Extent {
        Extent {
            offset,
            length: bytes.len() as u64,
            checksum: xxh3_64_with_seed(bytes, seed),
        }
    }

    /// The bytes in this file, if it has them all and their checksum is right.
    pub(super) fn find<'a>(&self, file: &'a [u8], seed: u64) -> Option<&'a [u8]> {
        let bytes = file.get(range(self.offset, self.length)?)?;
        (xxh3_64_with_seed(bytes, seed) == self.checksum).then_some(bytes)
    }
}

/// A range of a file, if it is one of memory, too.
pub(super) fn range(offset: u64, length: u64) -> Option<Range<usize>> {
    let end = usize::try_from(offset.checked_add(length)?).ok()?;
    Some(usize::try_from(offset).ok()?..end)
}

/// What the directory says about a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(super) key: Key,
    /// The number of the snapshot in whose file it is; [`Entry::OWN`] if that is the one that says this.
    pub(super) file: u64,
    pub(super) offset: u64,
    /// How many bytes of it were written. The others are zeros.
    pub(super) length: u64,
    /// How many bytes it has.
    pub(super) room: u64,
    pub(super) checksum: u64,
}

impl Entry {
    pub(super) const SIZE: usize = 52;

    /// No snapshot has this number.
    pub(super) const OWN: u64 = 0;

    pub(super) fn encode(&self, into: &mut Vec<u8>) {
        into.extend(self.key.encode());
        let Entry {
            file,
            offset,
            length,
            room,
            checksum,
            ..
        } = *self;
        for number in [file, offset, length, room, checksum] {
            into.extend(number.to_le_bytes());
        }
    }

    pub(super) fn decode(mut bytes: &[u8]) -> Option<Entry> {
        let from = &mut bytes;
        Some(Entry {
            key: Key {
                kind: u16::from_le_bytes(take(from)?),
                shard: u16::from_le_bytes(take(from)?),
                actor: u32::from_le_bytes(take(from)?),
                index: u32::from_le_bytes(take(from)?),
            },
            file: u64::from_le_bytes(take(from)?),
            offset: u64::from_le_bytes(take(from)?),
            length: u64::from_le_bytes(take(from)?),
            room: u64::from_le_bytes(take(from)?),
            checksum: u64::from_le_bytes(take(from)?),
        })
    }
}

/// What a file ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) directory: Extent,
    pub(super) meta: Extent,
}

impl Tail {
    pub(super) const SIZE: usize = 56;

    /// The bytes, and the checksum that they end with. It is that of the whole snapshot, chunks
    /// apart from what the directory says about them.
    pub(super) fn encode(&self, seed: u64) -> (Vec<u8>, u64) {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        for extent in [self.directory, self.meta] {
            for number in [extent.offset, extent.length, extent.checksum] {
                bytes.extend(number.to_le_bytes());
            }
        }
        let checksum = xxh3_64_with_seed(&bytes, seed);
        bytes.extend(checksum.to_le_bytes());
        (bytes, checksum)
    }

    /// The end of this file, and its checksum, if it is right.
    pub(super) fn decode(file: &[u8], seed: u64) -> Option<(Tail, u64)> {
        let (_, tail) = file.split_at_checked(file.len().checked_sub(Self::SIZE)?)?;
        let mut from = tail;
        let mut extent = || {
            Some(Extent {
                offset: u64::from_le_bytes(take(&mut from)?),
                length: u64::from_le_bytes(take(&mut from)?),
                checksum: u64::from_le_bytes(take(&mut from)?),
            })
        };
        let decoded = Tail {
            directory: extent()?,
            meta: extent()?,
        };
        let (bytes, checksum) = decoded.encode(seed);
        (bytes == tail).then_some((decoded, checksum))
    }
}

/// Takes the first bytes away, if there are as many.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}
