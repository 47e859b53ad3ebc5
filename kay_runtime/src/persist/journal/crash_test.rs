//! The power is cut, or the process killed, at each step.

use super::{Header, Journal, JournalError, read, resume};
use crate::persist::disk::Disk;
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

const NAME: &str = "inputs";
const HEADER: Header = Header { run: 77, turn: 5 };

/// What is known of a journal by who wrote it.
#[derive(Default)]
struct Known {
    /// Whether it is safe that there is one.
    exists: bool,
    /// All that was appended. What is missing when the journal is resumed is gone for good only
    /// once that has succeeded.
    records: Vec<(u64, u8, Vec<u8>)>,
    /// How many of them are written.
    written: usize,
    /// How many of them are safe.
    safe: usize,
}

impl Known {
    fn append(&mut self, journal: &mut Journal, rng: &mut Rng) -> Result<(), JournalError> {
        let last = self.records.last().map_or(HEADER.turn, |last| last.0);
        let turn = last + rng.below(3);
        let length = if rng.chance(0.1) { 300 } else { 40 };
        // Nothing but zeros or ones is the worst to be told from what a torn page holds.
        let fill = [None, Some(0), Some(0xFF)][rng.below(3) as usize];
        let payload: Vec<u8> = (0..rng.below(length))
            .map(|_| fill.unwrap_or(rng.bits() as u8))
            .collect();
        journal.append(turn, fill.unwrap_or(3), &payload)?;
        self.records.push((turn, fill.unwrap_or(3), payload));
        Ok(())
    }

    fn commit(&mut self, journal: &mut Journal, sync: bool) -> Result<(), JournalError> {
        journal.commit(sync)?;
        self.written = self.records.len();
        if sync {
            self.safe = self.written;
        }
        Ok(())
    }

    /// Opens the journal and does this and that, until the disk fails.
    fn live(
        &mut self,
        disk: &SimulatedDisk,
        rng: &mut Rng,
        story: &str,
    ) -> Result<(), JournalError> {
        let mut journal = if disk.list()?.iter().any(|name| name == NAME) {
            let (journal, contents) = resume(disk, NAME)?;
            // What `check` has found, since it is the same disk.
            assert_eq!(contents.records().count(), self.written, "{story}");
            self.records.truncate(self.written);
            self.safe = self.written;
            journal
        } else {
            Journal::create(disk, NAME, HEADER)?
        };
        self.exists = true;
        for _ in 0..rng.range(2..16) {
            match rng.below(8) {
                0..4 => self.append(&mut journal, rng)?,
                4..6 => self.commit(&mut journal, false)?,
                _ => self.commit(&mut journal, true)?,
            }
        }
        if rng.chance(0.3) {
            journal.close()?;
            self.written = self.records.len();
            self.safe = self.written;
        }
        Ok(())
    }

    /// Compares what is known with what the disk holds after a power cut, or after the process was
    /// killed.
    fn check(&mut self, disk: &SimulatedDisk, cut: bool, story: &str) {
        let contents = match read(disk, NAME) {
            Ok(contents) => contents,
            Err(JournalError::Disk(error)) if !self.exists => {
                assert_eq!(error.reason.kind(), std::io::ErrorKind::NotFound, "{story}");
                assert_eq!(self.written, 0, "{story}");
                return;
            }
            Err(error) => panic!("{story}: {error}"),
        };
        assert_eq!(contents.header(), HEADER, "{story}");
        let found: Vec<(u64, u8, Vec<u8>)> = contents
            .records()
            .map(|record| (record.turn, record.kind, record.payload.to_vec()))
            .collect();
        let known = self.records.get(..found.len());
        assert_eq!(
            Some(&found[..]),
            known,
            "{story}: not a first part of what was appended"
        );
        let acknowledged = if cut { self.safe } else { self.written };
        assert!(
            found.len() >= acknowledged,
            "{story}: acknowledged records are lost"
        );
        self.written = found.len();
        if cut {
            self.safe = found.len();
            self.exists = true;
        }
    }
}

/// A journal that is written in several lives. The first ends at the operation `crash_at`;
/// `variant` decides about what is left of it, and about the later ones.
fn tell(seed: u64, crash_at: usize, variant: u64) {
    let story = format!("seed {seed}, crash at {crash_at}, variant {variant}");
    let mut rng = Rng::new(seed);
    let mut fate = Rng::new(seed << 32 | (crash_at as u64) << 16 | variant);
    let mut disk = SimulatedDisk::default();
    let mut known = Known::default();
    disk.crash_at(crash_at);
    for life in 0..4 {
        let cut = fate.chance(0.6);
        let story = format!("{story}, life {life}, power cut: {cut}");
        if let Err(error) = known.live(&disk, &mut rng, &story) {
            let error = error.to_string();
            assert!(error.contains("the power is cut"), "{story}: {error}");
        }
        disk = if cut {
            disk.after_crash(fate.bits())
        } else {
            disk.after_kill(fate.bits())
        };
        known.check(&disk, cut, &story);
        // To resume takes five operations, if not to create.
        let last = if fate.chance(0.5) { 6 } else { 20 };
        disk.crash_at(fate.below(last) as usize);
    }
    disk = disk.after_kill(0);
    known.check(&disk, false, &story);
    let outcome = known.live(&disk, &mut rng, &story);
    outcome.unwrap_or_else(|error| panic!("{story}: {error}"));
    known.check(&disk, false, &story);
    assert_eq!(read(&disk, NAME).unwrap().torn(), None, "{story}");
}

#[test]
fn what_was_acknowledged_outlasts_any_crash_and_nothing_else_turns_up() {
    for seed in 0..100 {
        let disk = SimulatedDisk::default();
        let story = format!("seed {seed}");
        let outcome = Known::default().live(&disk, &mut Rng::new(seed), &story);
        outcome.unwrap_or_else(|error| panic!("{story}: {error}"));
        // The last one is behind the end.
        for crash_at in 0..=disk.operations() {
            for variant in 0..15 {
                tell(seed, crash_at, variant);
            }
        }
    }
}
