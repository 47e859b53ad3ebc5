//! What comes into a world from outside, as records of a [`Journal`].
//!
//! | kind | record | payload |
//! |---|---|---|
//! | 1 | protocol | a [`Protocol`]: what decides about results beside inputs. The first record, and no other. |
//! | 2 | letter | what the host sends to one actor type in one shard: see [`letter`] |
//! | 3 | turn | a [`HostState`]; then a turn runs |
//! | 4 | frozen turn | the same; then a turn runs in a frozen world |
//! | 5 | resume | the same; then a frozen world goes on |
//! | 6 | snapshot | the same; then a snapshot is taken, or the world is closed, and nothing else happens |
//!
//! The turn of a record is the first that had not run when the input came. Records of kinds 3 to
//! 6 *end* a batch: its letters count only with its end, since any first part of what was
//! committed at once may be what is left of it. Turns without inputs have no records.
//!
//! Types and messages are named by their fingerprints, since numbers change between builds.

mod end;
mod error;
mod letter;
mod setup;

use std::time::Instant;

use super::{
    DirectoryLock, Disk, DiskError, Header, Journal, JournalError, Protocol, SyncSchedule,
};
use crate::outbox::Letter;
use crate::world::World;

pub(crate) use end::{End, HostState};
pub use error::ReplayError;
pub(crate) use letter::Batch;
pub(crate) use setup::{Mismatch, Setup};

use letter::LetterWriter;

/// The kind of a record that says what those behind it go by.
pub(crate) const PROTOCOL: u8 = 1;
/// A letter, in the journal.
pub(crate) const LETTER: u8 = 2;

/// The journal of a world's inputs, as it is written.
pub(crate) struct Inputs {
    journal: Journal,
    schedule: SyncSchedule,
    letters: LetterWriter,
    stocks: Vec<StockNote>,
    /// As long as this lives, nobody else writes to the directory. Dropped last.
    _lock: Option<DirectoryLock>,
}

/// A part of the journal that is longer than this is followed by another one at the next snapshot. That takes some
/// syncs, while the world waits. In tests and for `ci/fuzz` parts are short.
const LONG: u64 = if cfg!(any(test, fuzzing)) {
    2000
} else {
    16 << 20
};

/// The name of a part of the journal.
pub(crate) fn part_name(part: u64) -> String {
    format!("inputs-{part:012}")
}

/// The part of the journal that a file is, if it is one.
pub(crate) fn part_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix("inputs-")?;
    let number = number.parse().ok()?;
    (part_name(number) == name).then_some(number)
}

/// Begins a part of a run's journal, for inputs from this turn on. It says what they go by.
pub(crate) fn begin_part(
    disk: &dyn Disk,
    part: u64,
    run: u128,
    turn: u64,
    protocol: &Protocol,
) -> Result<Journal, JournalError> {
    let mut journal = Journal::create(disk, &part_name(part), Header { run, turn })?;
    append_protocol(protocol, turn, &mut journal)?;
    Ok(journal)
}

/// Writes down what the inputs of a journal go by, at its beginning, as safe as can be.
pub(crate) fn append_protocol(
    protocol: &Protocol,
    turn: u64,
    journal: &mut Journal,
) -> Result<(), JournalError> {
    journal.append(turn, PROTOCOL, &protocol.to_bytes())?;
    journal.commit(true)
}

/// Begins another part behind the one so far, for inputs from this turn on. All that was before is safe then. If that
/// fails, it can go on in the part so far, unless what there is of the other one cannot be removed.
pub(crate) fn begin_next_part(
    journal: &mut Journal,
    disk: &dyn Disk,
    part: u64,
    turn: u64,
    protocol: &Protocol,
) -> Result<Journal, JournalError> {
    journal.seal()?;
    begin_part(disk, part, journal.run(), turn, protocol).inspect_err(|_| {
        // Behind a part there is another one only if nothing comes to the first any more.
        if let Err(left) = remove_part(disk, part) {
            journal.fail(left);
        }
    })
}

/// Removes what there is of a part of a journal, for good.
fn remove_part(disk: &dyn Disk, part: u64) -> Result<(), DiskError> {
    let name = part_name(part);
    if disk.list()?.contains(&name) {
        disk.remove(&name)?;
        disk.sync_directory()?;
    }
    Ok(())
}

/// What the journal knows of the host's stock of slot numbers of one type.
#[derive(Clone, Copy, Default)]
struct StockNote {
    next_target: u32,
    /// Whether numbers were taken since the last end.
    taken: bool,
}

impl Inputs {
    /// Goes on with a journal that says all about the world up to now.
    pub(crate) fn new(
        journal: Journal,
        schedule: SyncSchedule,
        lock: Option<DirectoryLock>,
        host: &World,
    ) -> Self {
        let note = |stock: &Option<Box<_>>| StockNote {
            next_target: stock
                .as_deref()
                .map_or(0, crate::stock::Stock::coming_target),
            taken: false,
        };
        Inputs {
            journal,
            schedule,
            letters: LetterWriter::default(),
            stocks: host.stocks.iter().map(note).collect(),
            _lock: lock,
        }
    }

    /// Whether the journal can still be written.
    pub(crate) fn check(&self) -> Result<(), JournalError> {
        self.journal.check()
    }

    /// Adds a letter. Gives back what of it could be written; of the rest, the host complains.
    pub(crate) fn append_letter(
        &mut self,
        turn: u64,
        target: usize,
        letter: Letter,
        host: &mut World,
    ) -> Result<Option<Letter>, JournalError> {
        let to = usize::from(letter.to());
        let append = |payload: &[u8]| self.journal.append(turn, LETTER, payload);
        let written = self.letters.write(target, letter, host, append)?;
        self.stocks[to].taken |= written.takes;
        Ok(written.kept)
    }

    /// Ends a batch; `lightly`, if no input would be lost with it.
    pub(crate) fn append_end(
        &mut self,
        turn: u64,
        end: End,
        lightly: bool,
        host: &World,
    ) -> Result<(), JournalError> {
        let state = HostState::of(host, |actor, stock| {
            let note = &mut self.stocks[usize::from(actor)];
            let before = std::mem::replace(
                note,
                StockNote {
                    next_target: stock.coming_target(),
                    taken: false,
                },
            );
            before.taken || before.next_target != note.next_target
        });
        let state = state.to_bytes();
        if lightly {
            self.journal.append_lightly(turn, end as u8, &state)
        } else {
            self.journal.append(turn, end as u8, &state)
        }
    }

    /// How many records this part of the journal has.
    pub(crate) fn records(&self) -> u64 {
        self.journal.records()
    }

    /// Whether it is time to begin another part.
    pub(crate) fn is_long(&self) -> bool {
        self.journal.length() > LONG
    }

    /// Goes on in another part of the journal: see [`begin_next_part`].
    pub(crate) fn begin_part(
        &mut self,
        disk: &dyn Disk,
        part: u64,
        turn: u64,
        protocol: &Protocol,
    ) -> Result<(), JournalError> {
        self.journal = begin_next_part(&mut self.journal, disk, part, turn, protocol)?;
        Ok(())
    }

    /// Writes what was added, and makes it last if it is time to.
    pub(crate) fn commit(&mut self) -> Result<(), JournalError> {
        let sync = self.schedule.is_due(Instant::now());
        self.journal.commit(sync)
    }

    /// Makes all last.
    pub(crate) fn close(self) -> Result<(), JournalError> {
        self.journal.close()
    }
}
