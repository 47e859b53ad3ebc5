//! Reading, and telling a torn tail from damage.

use super::JournalError;
use super::layout::{Chain, Framed, Header, Item, Mark, Record};
use crate::persist::disk::Disk;

/// What is in a journal.
#[derive(Debug)]
pub(crate) struct Contents {
    header: Header,
    bytes: Vec<u8>,
    torn: Option<Torn>,
    /// The length of what is right.
    pub(super) end: usize,
    pub(super) chain: Chain,
    pub(super) life: u32,
    pub(super) turn: u64,
}

/// The end of a journal that is not whole, because the power was cut or the host was killed while
/// it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Torn {
    /// Where it begins: what comes before is right.
    pub(crate) offset: u64,
    /// How long it is.
    pub(crate) bytes: u64,
}

/// Reads a journal. This changes nothing in it: a torn tail stays, and what is missing may still
/// turn up, until the journal is resumed.
///
/// # Errors
///
/// If there is no such journal, it is of another version, or something is wrong that cannot come
/// from a power cut.
pub(crate) fn read(disk: &dyn Disk, name: &str) -> Result<Contents, JournalError> {
    Contents::of(name, disk.read(name)?)
}

impl Contents {
    /// Takes time in proportion to the length of the file, and no memory beyond it, whatever
    /// is in it.
    pub(super) fn of(name: &str, bytes: Vec<u8>) -> Result<Self, JournalError> {
        let damaged = |offset: usize| JournalError::Damaged {
            name: name.to_owned(),
            offset: offset as u64,
        };
        let (header, mut chain) = Header::decode(name, &bytes)?;
        let (mut end, mut life, mut turn) = (Header::SIZE, 0, header.turn);
        while let Some(framed) = Framed::first_of(&bytes[end..]) {
            if !chain.accept(&framed) {
                break;
            }
            // Its checksum is right, so this was written as it is: sense is all that can be
            // missing from it.
            match framed.item {
                Item::Record(record) if record.turn >= turn => turn = record.turn,
                Item::Mark { mark, .. } if follows(mark, end as u64, life) => life = mark.life,
                Item::Record(_) | Item::Mark { .. } => return Err(damaged(end)),
            }
            end += framed.size();
        }
        if chain.has_mark_behind(&bytes, end) {
            return Err(damaged(end));
        }
        let torn = (end < bytes.len()).then(|| Torn {
            offset: end as u64,
            bytes: (bytes.len() - end) as u64,
        });
        Ok(Contents {
            header,
            bytes,
            torn,
            end,
            chain,
            life,
            turn,
        })
    }

    /// What the journal belongs to.
    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// What was cut off, if anything was.
    pub(crate) fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// All records that are right, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = &self.bytes[Header::SIZE..self.end];
        let items = std::iter::from_fn(move || {
            let framed = Framed::first_of(rest)?;
            rest = &rest[framed.size()..];
            Some(framed.item)
        });
        items.filter_map(|item| match item {
            Item::Record(record) => Some(record),
            Item::Mark { .. } => None,
        })
    }
}

/// Whether a mark can stand at `position`, behind others of this `life`.
fn follows(mark: Mark, position: u64, life: u32) -> bool {
    mark.position == position && (mark.life == life || Some(mark.life) == life.checked_add(1))
}
