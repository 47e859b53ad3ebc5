//! A file to which all outside inputs are appended before the turns that they are for.
//!
//! # Layout
//!
//! All numbers are little-endian, nothing is aligned. Behind the header are records and marks, in
//! any order.
//!
//! ```text
//! header, 44 bytes      "kay jrnl" │ version u32 │ run u128 │ first turn u64 │ checksum u64
//! record, 21 + n bytes  n u32 │ turn u64 │ kind u8 │ payload, n bytes │ checksum u64
//! mark, 32 bytes        2^32 - 1 │ life u32 │ position u64 │ previous u64 │ checksum u64
//! ```
//!
//! A *mark* says that all before it was safe on the disk when it was written. `position` is its
//! own offset; `life` counts how often the journal was resumed. After each sync a mark is written
//! at the head of whatever is written next, and by [`Journal::close`]. Resuming begins with one,
//! which is synced before anything can follow it.
//!
//! Checksums are XXH3 with 64 bits, of all bytes of the item before the checksum. That of a record
//! has the checksum of the item before as its seed. That of a mark has the header's as its seed,
//! and `previous` is the checksum of the item before. So no item is right in another journal, in
//! another place, or behind others than it was written behind. This guards against accidents; who
//! may write to the file may write what he likes.
//!
//! # A torn tail, or damage?
//!
//! A power cut may do anything to bytes that were not synced: they are missing, or zeros, or what
//! a file held that is gone; or a later page is there, and an earlier one is not. It does nothing
//! to those that were. So a bad byte alone says nothing, nor do good records behind it. What does:
//!
//! > Let `end` be where the first item begins that is incomplete or whose checksum is wrong. If
//! > there is a mark behind `end`, the journal is damaged. If there is none, all from `end` on is
//! > a torn tail.
//!
//! Marks are looked for byte by byte. One counts if it stands where it says it does, and its
//! checksum is right.
//!
//! - *No power cut is taken for damage.* A mark behind `end` was written when the bytes at `end`
//!   were safe. One of an earlier life that turns up again, in blocks that the file had given up,
//!   stood behind what was safe even then, so not behind `end`.
//! - *No damage to what is before a mark is taken for a torn tail*, unless all marks behind it are
//!   destroyed, too. That happens if the file is cut short, which nothing in it can show.
//! - *What is behind the last mark* may be dropped as torn when it is damaged. Of what was synced,
//!   that is only what was written since the sync before the last, and only until the next
//!   [`Journal::commit`], with inputs or without, or `close`. It is never silent: the reader is
//!   told where [`Torn`] begins.
//! - *Nothing old is read as new.* A resumed journal goes on behind a mark of another `life`,
//!   which nothing that was cut off continues. Until that mark is safe, what was missing may turn
//!   up again: nobody has gone on without it.

mod contents;
mod error;
mod layout;

#[cfg(test)]
mod crash_test;
#[cfg(test)]
mod damage_test;
#[cfg(test)]
mod journal_test;

use self::contents::Position;
use self::layout::{Chain, Mark};
use super::disk::{Disk, DiskError, DiskFile};

pub use self::contents::Torn;
pub(crate) use self::contents::{Contents, read};
pub use self::error::JournalError;
pub(crate) use self::layout::{Header, LONGEST, Record};

/// A journal that is being written.
///
/// Dropping it loses what was appended since the last commit.
pub(crate) struct Journal {
    file: Box<dyn DiskFile>,
    /// What the next write will append.
    buffer: Vec<u8>,
    /// The length of the file.
    written: u64,
    /// Where the last record will end when it is written, and where the last one that is worth a sync.
    ended: u64,
    recorded: u64,
    /// How much of the file is safe.
    synced: u64,
    chain: Chain,
    life: u32,
    /// That of the last record.
    turn: u64,
    header: Header,
    /// How many records there are, those included that have not been written.
    records: u64,
    /// What went wrong. What the file holds is unknown since.
    failed: Option<DiskError>,
}

impl Journal {
    /// A new journal, which outlasts a power cut from now on.
    ///
    /// # Errors
    ///
    /// If there is one of this name, or the disk refuses something.
    pub(crate) fn create(
        disk: &dyn Disk,
        name: &str,
        header: Header,
    ) -> Result<Journal, JournalError> {
        if disk.list()?.iter().any(|other| other == name) {
            return Err(JournalError::Exists {
                name: name.to_owned(),
            });
        }
        let (bytes, chain) = header.encode();
        // Under its own name it is never seen with less than a header.
        let temporary = format!("{name}.new");
        let mut file = disk.create(&temporary)?;
        file.append(&bytes)?;
        file.sync()?;
        disk.rename(&temporary, name)?;
        disk.sync_directory()?;
        let length = bytes.len() as u64;
        Ok(Journal {
            // Opened anew, so that errors name it as it is called now.
            file: disk.open(name)?,
            buffer: Vec::new(),
            written: length,
            ended: length,
            recorded: length,
            synced: length,
            chain,
            life: 0,
            turn: header.turn,
            header,
            records: 0,
            failed: None,
        })
    }

    /// Goes on with a journal that has been [read](read). A torn tail is cut off; all that remains
    /// is safe on the disk before this returns. Nobody may have written to it since.
    ///
    /// If an earlier sync has failed since the computer was started, the disk may hold less than
    /// what is read here, and nobody can tell; should it be missing later, that is damage.
    ///
    /// # Errors
    ///
    /// If the disk refuses something.
    pub(crate) fn resume(
        disk: &dyn Disk,
        name: &str,
        contents: &Contents,
    ) -> Result<Journal, JournalError> {
        let Position {
            end,
            chain,
            life,
            turn,
        } = contents.at;
        let length = end as u64;
        let mut file = disk.open(name)?;
        if file.length()? > length {
            file.truncate(length)?;
        }
        // Who wrote it may have been killed before it had synced, even the name.
        file.sync()?;
        disk.sync_directory()?;
        let mut journal = Journal {
            file,
            buffer: Vec::new(),
            written: length,
            ended: length,
            recorded: length,
            synced: length,
            chain,
            life: life.saturating_add(1),
            turn,
            header: contents.header(),
            records: contents.records().count() as u64,
            failed: None,
        };
        journal.mark();
        journal.write()?;
        journal.file.sync()?;
        Ok(journal)
    }

    /// The run of a world that this belongs to.
    pub(crate) fn run(&self) -> u128 {
        self.header.run
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    /// How long the file is.
    pub(crate) fn length(&self) -> u64 {
        self.written
    }

    /// Adds an input that came before `turn`, to be written by the next commit.
    ///
    /// # Errors
    ///
    /// If it is longer than 4 GiB, the last input was for a later turn, or the journal has failed.
    pub(crate) fn append(
        &mut self,
        turn: u64,
        kind: u8,
        payload: &[u8],
    ) -> Result<(), JournalError> {
        self.append_lightly(turn, kind, payload)?;
        self.recorded = self.ended;
        Ok(())
    }

    /// As [`append`](Journal::append), but what is appended is not worth a sync: it is made last with what comes
    /// behind it, or by somebody else.
    pub(crate) fn append_lightly(
        &mut self,
        turn: u64,
        kind: u8,
        payload: &[u8],
    ) -> Result<(), JournalError> {
        self.check()?;
        if payload.len() > LONGEST {
            return Err(JournalError::TooLong {
                length: payload.len(),
                allowed: LONGEST,
            });
        }
        if turn < self.turn {
            return Err(JournalError::TooLate {
                turn,
                last: self.turn,
            });
        }
        let record = Record {
            turn,
            kind,
            payload,
        };
        self.turn = turn;
        self.records += 1;
        self.chain.push_record(&mut self.buffer, record);
        self.ended = self.written + self.buffer.len() as u64;
        Ok(())
    }

    /// Writes all that was appended, at once, and makes it last if `sync` is set.
    ///
    /// After a power cut any first part of what was not synced may be there.
    ///
    /// # Errors
    ///
    /// If the disk refuses. The journal has failed then, and each later call gives the same error:
    /// what could not be written or synced may be lost even if a second attempt succeeds.
    pub(crate) fn commit(&mut self, sync: bool) -> Result<(), JournalError> {
        self.attempt(|journal| {
            journal.write()?;
            if sync { journal.sync() } else { Ok(()) }
        })
    }

    /// Writes all that was appended, makes it last, and says so in the file: no damage to a record
    /// is taken for a torn tail from then on.
    ///
    /// # Errors
    ///
    /// As for [`commit`](Journal::commit).
    pub(crate) fn close(mut self) -> Result<(), JournalError> {
        self.seal()
    }

    /// As [`close`](Journal::close), but more can be appended.
    ///
    /// # Errors
    ///
    /// As for [`commit`](Journal::commit).
    pub(crate) fn seal(&mut self) -> Result<(), JournalError> {
        self.recorded = self.ended;
        self.commit(true)?;
        self.attempt(|journal| {
            journal.write()?;
            journal.file.sync()
        })
    }

    /// # Errors
    ///
    /// If it has failed before.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        match &self.failed {
            Some(error) => Err(error.clone().into()),
            None => Ok(()),
        }
    }

    /// Lets the journal have failed, if it has not yet.
    pub(crate) fn fail(&mut self, error: DiskError) {
        self.failed.get_or_insert(error);
    }

    fn attempt(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), DiskError>,
    ) -> Result<(), JournalError> {
        self.check()?;
        self.failed = step(self).err();
        self.check()
    }

    fn write(&mut self) -> Result<(), DiskError> {
        if !self.buffer.is_empty() {
            self.file.append(&self.buffer)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }

    /// A mark alone is not worth a sync, and a sync for it would call for another one.
    fn sync(&mut self) -> Result<(), DiskError> {
        if self.recorded > self.synced {
            self.file.sync()?;
            self.synced = self.written;
            self.mark();
        }
        Ok(())
    }

    /// Has the next write begin with a mark. All that is in the file must be safe.
    fn mark(&mut self) {
        let mark = Mark {
            life: self.life,
            position: self.written,
        };
        self.chain.push_mark(&mut self.buffer, mark);
    }
}

/// Reads a journal and goes on with it.
#[cfg(test)]
fn resume(disk: &dyn Disk, name: &str) -> Result<(Journal, Contents), JournalError> {
    let contents = read(disk, name)?;
    Ok((Journal::resume(disk, name, &contents)?, contents))
}
