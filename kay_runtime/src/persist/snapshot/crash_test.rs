//! The power is cut, or the process killed, at each step.

use super::example::{Example, arc};
use super::{Backups, SnapshotError};
use crate::persist::simulated::SimulatedDisk;
use crate::rng::Rng;

/// What is known of a directory by who writes snapshots to it. The snapshot of a turn is that of
/// [`Example::small`].
#[derive(Default)]
struct Known {
    /// The turn of the last snapshot that was acknowledged, or found.
    committed: Option<u64>,
    /// Whether one was acknowledged, so that there must be a root.
    has_root: bool,
    /// The turn of the last one that was begun.
    begun: u64,
}

impl Known {
    /// Opens the directory and writes snapshots, until the disk fails.
    fn live(&mut self, disk: &SimulatedDisk, snapshots: u64) -> Result<(), SnapshotError> {
        let (mut backups, _) = Backups::open(arc(disk))?;
        for _ in 0..snapshots {
            self.begun += 1;
            Example::small(self.begun).commit(&mut backups)?;
            self.committed = Some(self.begun);
            self.has_root = true;
        }
        Ok(())
    }

    /// Compares what is known with what the disk holds.
    fn check(&mut self, disk: &SimulatedDisk, story: &str) {
        let opened = Backups::open(arc(disk)).map(|(_, opened)| opened);
        let opened = opened.unwrap_or_else(|error| panic!("{story}: {error}"));
        assert!(opened.refused.is_empty(), "{story}: {:?}", opened.refused);
        if let Some(error) = opened.root {
            assert!(!self.has_root, "{story}: {error}");
        }
        let found = opened
            .snapshot
            .as_ref()
            .map(|snapshot| snapshot.header().turn);
        if let Some(snapshot) = &opened.snapshot {
            Example::small(snapshot.header().turn).compare(snapshot, story);
        }
        assert!(found >= self.committed, "{story}: {found:?} is too old");
        assert!(found.is_none_or(|turn| turn <= self.begun), "{story}");
        self.committed = found;
    }
}

/// Snapshots that are written in several lives. The first ends at the operation `crash_at`;
/// `variant` decides about what is left of it, and about the later ones.
fn tell(crash_at: usize, variant: u64) {
    let mut fate = Rng::new((crash_at as u64) << 16 | variant);
    let mut disk = SimulatedDisk::default();
    let mut known = Known::default();
    disk.crash_at(crash_at);
    for life in 0..4 {
        let cut = fate.chance(0.7);
        let story =
            format!("crash at {crash_at}, variant {variant}, life {life}, power cut: {cut}");
        if let Err(error) = known.live(&disk, 5) {
            let error = error.to_string();
            assert!(error.contains("the power is cut"), "{story}: {error}");
        }
        disk = if cut {
            disk.after_crash(fate.bits())
        } else {
            disk.after_kill(fate.bits())
        };
        known.check(&disk, &story);
        disk.crash_at(fate.below(30) as usize);
    }
    disk = disk.after_kill(0);
    known.live(&disk, 3).unwrap();
    known.check(&disk, "at the end");
    assert_eq!(known.committed, Some(known.begun));
}

#[test]
fn what_was_committed_outlasts_any_crash_and_is_as_it_was_written() {
    let disk = SimulatedDisk::default();
    Known::default().live(&disk, 5).unwrap();
    // The last one is behind the end.
    for crash_at in 0..=disk.operations() {
        for variant in 0..15 {
            tell(crash_at, variant);
        }
    }
}

/// Notes damage while the power is cut: then the older one is opened, or still the newer one.
#[test]
fn to_note_damage_outlasts_a_crash_or_has_not_begun() {
    for crash_at in 0..8 {
        for seed in 0..200 {
            let story = format!("crash at {crash_at}, seed {seed}");
            let disk = SimulatedDisk::default();
            Known::default().live(&disk, 2).unwrap();
            let (mut backups, _) = Backups::open(arc(&disk)).unwrap();
            disk.crash_at(disk.operations() + crash_at);
            let outcome = backups.note_damaged("snapshot-000000000002");
            let (_, opened) = Backups::open(arc(&disk.after_crash(seed))).unwrap();
            let snapshot = opened.snapshot.unwrap();
            let turn = snapshot.header().turn;
            Example::small(turn).compare(&snapshot, &story);
            assert!(turn == 1 || outcome.is_err(), "{story}");
            assert!(opened.root.is_none(), "{story}");
            let is_told = |reason: &_| matches!(reason, SnapshotError::SetAside { .. });
            assert!(opened.refused.iter().all(is_told), "{story}");
        }
    }
}
