//! From values to bytes and back. The layout is drawn in the module above.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::JournalError;

const MAGIC: [u8; 8] = *b"kay jrnl";
const VERSION: u32 = 1;

/// What stands in place of a length where a mark begins.
const MARK: u32 = u32::MAX;

/// The longest payload.
pub(crate) const LONGEST: usize = MARK as usize - 1;

const MARK_BODY: usize = 24;
const RECORD_HEAD: usize = 13;

/// What a journal belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// The run of a world that the inputs are of.
    pub(crate) run: u128,
    /// The first turn that there can be inputs for.
    pub(crate) turn: u64,
}

impl Header {
    pub(super) const SIZE: usize = 44;

    /// The bytes, and the chain that begins with them.
    pub(super) fn encode(self) -> (Vec<u8>, Chain) {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.run.to_le_bytes());
        bytes.extend(self.turn.to_le_bytes());
        let checksum = xxh3_64(&bytes);
        bytes.extend(checksum.to_le_bytes());
        (bytes, Chain::new(checksum))
    }

    pub(super) fn decode(name: &str, file: &[u8]) -> Result<(Header, Chain), JournalError> {
        let name = || name.to_owned();
        let damaged = |offset: usize| JournalError::Damaged {
            name: name(),
            offset: offset as u64,
        };
        let mut from = file;
        if take(&mut from) != Some(MAGIC) {
            return Err(JournalError::NotAJournal { name: name() });
        }
        let mut header = || {
            let version = u32::from_le_bytes(take(&mut from)?);
            let run = u128::from_le_bytes(take(&mut from)?);
            let turn = u64::from_le_bytes(take(&mut from)?);
            let checksum = u64::from_le_bytes(take(&mut from)?);
            Some((version, Header { run, turn }, checksum))
        };
        let (version, header, checksum) = header().ok_or_else(|| damaged(file.len()))?;
        if version != VERSION {
            return Err(JournalError::Version {
                name: name(),
                found: version,
                known: VERSION,
            });
        }
        let (bytes, chain) = header.encode();
        if !bytes.ends_with(&checksum.to_le_bytes()) {
            return Err(damaged(MAGIC.len()));
        }
        Ok((header, chain))
    }
}

/// An outside input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// The turn before which it came.
    pub(crate) turn: u64,
    /// What it is: for those who write and read it to say.
    pub(crate) kind: u8,
    /// What came.
    pub(crate) payload: &'a [u8],
}

/// Says that all before it was safe on the disk when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// How often the journal had been resumed.
    pub(super) life: u32,
    /// Where in the file the mark stands.
    pub(super) position: u64,
}

/// A record or a mark.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'a> {
    Record(Record<'a>),
    Mark {
        mark: Mark,
        /// The checksum that the mark continues.
        previous: u64,
    },
}

/// An item as it stands in a file; whether its checksum is right is for a [`Chain`] to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Framed<'a> {
    pub(super) item: Item<'a>,
    /// What the checksum is of.
    body: &'a [u8],
    checksum: u64,
}

/// Takes the first bytes away, if there are as many.
fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

impl<'a> Framed<'a> {
    /// What stands first in `bytes`, unless they end before it does.
    pub(super) fn first_of(bytes: &'a [u8]) -> Option<Framed<'a>> {
        let mut rest = bytes;
        let length = u32::from_le_bytes(take(&mut rest)?);
        let (item, size) = if length == MARK {
            let mark = Mark {
                life: u32::from_le_bytes(take(&mut rest)?),
                position: u64::from_le_bytes(take(&mut rest)?),
            };
            let previous = u64::from_le_bytes(take(&mut rest)?);
            (Item::Mark { mark, previous }, MARK_BODY)
        } else {
            let length = length as usize;
            let turn = u64::from_le_bytes(take(&mut rest)?);
            let [kind] = take(&mut rest)?;
            let payload;
            (payload, rest) = rest.split_at_checked(length)?;
            let record = Record {
                turn,
                kind,
                payload,
            };
            (Item::Record(record), RECORD_HEAD + length)
        };
        Some(Framed {
            item,
            body: &bytes[..size],
            checksum: u64::from_le_bytes(take(&mut rest)?),
        })
    }

    pub(super) fn size(&self) -> usize {
        self.body.len() + size_of::<u64>()
    }
}

/// The checksums of a journal, each of which continues that of the item before.
///
/// So a record is right in one place of one journal only. A mark names its predecessor's
/// checksum and has one that continues the header's: it can be told to be right when nothing is
/// known of what comes before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    header: u64,
    last: u64,
}

impl Chain {
    fn new(header: u64) -> Self {
        Chain {
            header,
            last: header,
        }
    }

    /// Writes a record behind `buffer`. Its payload must not be longer than [`LONGEST`].
    pub(super) fn push_record(&mut self, buffer: &mut Vec<u8>, record: Record<'_>) {
        let start = buffer.len();
        buffer.extend((record.payload.len() as u32).to_le_bytes());
        buffer.extend(record.turn.to_le_bytes());
        buffer.push(record.kind);
        buffer.extend(record.payload);
        self.seal(buffer, start, self.last);
    }

    /// Writes a mark behind `buffer`.
    pub(super) fn push_mark(&mut self, buffer: &mut Vec<u8>, mark: Mark) {
        let start = buffer.len();
        buffer.extend(MARK.to_le_bytes());
        buffer.extend(mark.life.to_le_bytes());
        buffer.extend(mark.position.to_le_bytes());
        buffer.extend(self.last.to_le_bytes());
        self.seal(buffer, start, self.header);
    }

    fn seal(&mut self, buffer: &mut Vec<u8>, start: usize, seed: u64) {
        self.last = xxh3_64_with_seed(&buffer[start..], seed);
        buffer.extend(self.last.to_le_bytes());
    }

    /// Goes on to this item, if it is the next one.
    pub(super) fn accept(&mut self, framed: &Framed<'_>) -> bool {
        let right = match framed.item {
            Item::Record(_) => xxh3_64_with_seed(framed.body, self.last) == framed.checksum,
            Item::Mark { previous, .. } => previous == self.last && self.is_own(framed),
        };
        if right {
            self.last = framed.checksum;
        }
        right
    }

    /// Whether this mark was written for this journal, whatever comes before it.
    fn is_own(&self, mark: &Framed<'_>) -> bool {
        xxh3_64_with_seed(mark.body, self.header) == mark.checksum
    }

    /// Whether any mark behind `offset` stands where it was written for this journal. Looks at each
    /// byte, since nothing is known of where items begin.
    pub(super) fn has_mark_behind(&self, file: &[u8], offset: usize) -> bool {
        (offset + 1..file.len()).any(|start| {
            file[start..].starts_with(&MARK.to_le_bytes())
                && Framed::first_of(&file[start..]).is_some_and(|framed| match framed.item {
                    Item::Mark { mark, .. } => {
                        mark.position == start as u64 && self.is_own(&framed)
                    }
                    Item::Record(_) => false,
                })
        })
    }
}
