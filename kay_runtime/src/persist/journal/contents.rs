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
    /// The end of what is right.
    pub(super) at: Position,
}

/// The end of a journal that is not whole, because the power was cut or the host was killed while
/// it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: what comes before is right.
    pub offset: u64,
    /// How long it is.
    pub bytes: u64,
}

/// How far a journal has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// The offset of the next item.
    pub(super) end: usize,
    pub(super) chain: Chain,
    pub(super) life: u32,
    /// That of the last record.
    pub(super) turn: u64,
}

/// Whether an item is what comes next.
enum Next {
    Right,
    /// Its checksum is wrong.
    Wrong,
    /// Its checksum is right, so this was written as it is: sense is all that is missing from it.
    Senseless,
}

impl Position {
    fn first(header: Header, chain: Chain) -> Self {
        Position {
            end: Header::SIZE,
            chain,
            life: 0,
            turn: header.turn,
        }
    }

    /// Passes an item, if it is the one that comes next.
    fn pass(&mut self, framed: &Framed<'_>) -> Next {
        if !self.chain.accept(framed) {
            return Next::Wrong;
        }
        match framed.item {
            Item::Record(record) if record.turn >= self.turn => self.turn = record.turn,
            Item::Mark { mark, .. } if follows(mark, self.end as u64, self.life) => {
                self.life = mark.life;
            }
            Item::Record(_) | Item::Mark { .. } => return Next::Senseless,
        }
        self.end += framed.size();
        Next::Right
    }
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
        let (header, chain) = Header::decode(name, &bytes)?;
        let mut at = Position::first(header, chain);
        while let Some(framed) = Framed::first_of(&bytes[at.end..]) {
            match at.pass(&framed) {
                Next::Right => {}
                Next::Wrong => break,
                Next::Senseless => return Err(damaged(name, at.end)),
            }
        }
        if at.chain.has_mark_behind(&bytes, at.end) {
            return Err(damaged(name, at.end));
        }
        let mut contents = Contents {
            header,
            bytes,
            torn: None,
            at,
        };
        contents.cut(at);
        Ok(contents)
    }

    /// Counts all from a position on as torn.
    fn cut(&mut self, at: Position) {
        self.at = at;
        self.torn = (at.end < self.bytes.len()).then(|| Torn {
            offset: at.end as u64,
            bytes: (self.bytes.len() - at.end) as u64,
        });
    }

    /// Counts the last records as torn if none of these kinds `closes` them: only a first part
    /// of what was committed at once was written.
    ///
    /// # Errors
    ///
    /// If there is a mark among them. Marks are written between commits, so kay has not
    /// written this.
    pub(crate) fn cut_open(
        mut self,
        name: &str,
        closes: impl Fn(u8) -> bool,
    ) -> Result<Self, JournalError> {
        let (header, chain) = Header::decode(name, &self.bytes)?;
        let mut at = Position::first(header, chain);
        let (mut closed, mut is_open) = (at, false);
        while at.end < self.at.end
            && let Some(framed) = Framed::first_of(&self.bytes[at.end..])
        {
            match framed.item {
                Item::Record(record) => is_open = !closes(record.kind),
                Item::Mark { .. } if is_open => return Err(damaged(name, at.end)),
                Item::Mark { .. } => {}
            }
            // It has been found right before.
            at.pass(&framed);
            if !is_open {
                closed = at;
            }
        }
        self.cut(closed);
        Ok(self)
    }

    /// What the journal belongs to.
    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// What was cut off, if anything was.
    pub(crate) fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// The length of the file.
    pub(crate) fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// All records that are right, in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let mut rest = &self.bytes[Header::SIZE..self.at.end];
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

fn damaged(name: &str, offset: usize) -> JournalError {
    JournalError::Damaged {
        name: name.to_owned(),
        offset: offset as u64,
    }
}

/// Whether a mark can stand at `position`, behind others of this `life`.
fn follows(mark: Mark, position: u64, life: u32) -> bool {
    mark.position == position && (mark.life == life || Some(mark.life) == life.checked_add(1))
}
