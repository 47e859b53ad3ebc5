//! Worlds that take snapshots, on disks that lose power or refuse something at each step.

use std::ops::Range;
use std::sync::Arc;

use super::common::shrunk;
use super::open;
use super::world::{end, say, settings, setup};
use crate::persist::{Backups, Disk, End, SimulatedDisk};
use crate::{
    ActorSystem, OpenError, PanicPolicy, Rng, Saved, Settings, SnapshotError, SnapshotPolicy,
    Statistics, SyncPolicy, TurnError,
};

/// Steps of the host.
const STEPS: usize = 10;

/// All that decides about the future of a world and of its host, and what has happened.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    hash: u64,
    streams: u64,
    statistics: Statistics,
    panics: String,
    frozen: bool,
}

fn seen(system: &mut ActorSystem) -> Seen {
    let statistics = Statistics {
        // How much memory is held depends on where values lie.
        bytes: 0,
        ..system.statistics()
    };
    Seen {
        hash: system.state_hash(),
        streams: system.host.current.streams,
        statistics,
        panics: format!("{:?}", system.panics()),
        frozen: system.is_frozen(),
    }
}

/// A run that nothing interrupts.
struct Reference {
    /// What the world is at each *spot*: before each step, and, behind that, when all has been said for
    /// the step and is part of the world.
    spots: Vec<Seen>,
    /// Whether a step ends with a resume.
    resumes: Vec<bool>,
}

fn is_as_it_should_be(outcome: &Result<(), TurnError>) -> bool {
    matches!(outcome, Ok(()) | Err(TurnError::Frozen { .. }))
}

fn reference(settings: &Settings, seed: u64) -> Reference {
    let mut plain = ActorSystem::new(settings.clone(), setup).unwrap();
    let never = settings.clone().snapshots(SnapshotPolicy::Never);
    let (mut batched, _) = open(&SimulatedDisk::default(), never, setup).unwrap();
    let (mut spots, mut resumes) = (Vec::new(), Vec::new());
    for at in 0..STEPS {
        let now = seen(&mut plain);
        assert_eq!(seen(&mut batched), now, "seed {seed}, step {at}");
        spots.push(now);
        let (_, resume) = say(&mut plain, seed, at);
        say(&mut batched, seed, at);
        batched.record_inputs(End::Snapshot).unwrap();
        spots.push(seen(&mut batched));
        for system in [&mut plain, &mut batched] {
            let outcome = end(system, resume);
            assert!(is_as_it_should_be(&outcome), "seed {seed}: {outcome:?}");
        }
        resumes.push(resume);
    }
    spots.push(seen(&mut plain));
    Reference { spots, resumes }
}

/// What a host knows of its world, by spots.
#[derive(Default)]
struct Known {
    /// Where it must have come.
    safe: usize,
    /// Where it must have come even if it syncs nothing but snapshots.
    saved: usize,
    /// Where the last snapshot was begun.
    begun: usize,
    /// Where it may have come.
    tried: usize,
    /// Snapshots that were complete, and failures that were told.
    complete: usize,
    told: usize,
    /// The turn of the last one that was complete.
    last: Option<u64>,
}

/// A run of a world by its host.
struct Run<'a> {
    settings: Settings,
    seed: u64,
    reference: &'a Reference,
    /// Decides where a snapshot is taken, with the step.
    choice: u64,
    /// Whether each is waited for at once: then all happens in the same order each time.
    waits: bool,
}

impl Run<'_> {
    /// Opens the world, looks where it has come to, and goes on until the disk fails. Returns whether it has
    /// come to the end.
    fn live(&self, disk: &SimulatedDisk, known: &mut Known, story: &str) -> bool {
        let (mut system, recovery) = match open(disk, self.settings.clone(), setup) {
            Ok(opened) => opened,
            Err(
                error @ (OpenError::Journal { .. }
                | OpenError::Disk(_)
                | OpenError::Snapshot { .. }),
            ) => {
                let text = format!("{error} {error:?}");
                let reasons = ["the power is cut", "it is refused", "no storage space"];
                let is_disk = reasons.iter().any(|reason| text.contains(reason));
                assert!(is_disk, "{story}: {text}");
                return false;
            }
            Err(error) => panic!("{story}: {error}"),
        };
        let now = seen(&mut system);
        let mut spots = known.safe..=known.tried;
        let Some(mut spot) = spots.rfind(|&spot| self.reference.spots[spot] == now) else {
            let all = &self.reference.spots;
            let found = all.iter().position(|spot| spot.hash == now.hash);
            let Known { safe, tried, .. } = known;
            panic!("{story}: is as at {found:?}, not {safe} to {tried}: {recovery:?}, {now:?}");
        };
        let mut refused = recovery.refused.iter();
        let is_first = |error: &_| matches!(error, SnapshotError::RootMissing { .. });
        let is_right = refused.all(|error| known.complete == 0 && is_first(error));
        assert!(is_right, "{story}: {:?}", recovery.refused);
        (known.safe, known.tried) = (spot, spot);
        while spot < 2 * STEPS {
            let at = spot / 2;
            if spot.is_multiple_of(2) {
                say(&mut system, self.seed, at);
            }
            known.tried = 2 * at + 1;
            let mut rng = Rng::new(self.choice << 32 | at as u64);
            if rng.chance(if self.waits { 0.7 } else { 0.4 }) {
                self.save(&mut system, known, 2 * at + 1, story);
            }
            known.tried = 2 * at + 2;
            let leaves = self.leaves(&system, 2 * at);
            let outcome = end(&mut system, self.reference.resumes[at]);
            if let Err(TurnError::Journal { .. }) = outcome {
                assert_eq!(system.turn(), outcome, "{story}: it says the same again");
                return false;
            }
            assert!(is_as_it_should_be(&outcome), "{story}: {outcome:?}");
            spot = 2 * at + 2;
            let expected = &self.reference.spots[spot];
            assert_eq!(seen(&mut system), *expected, "{story}, step {at}");
            known.safe = known.safe.max(leaves);
            let saved = system.saved().transpose();
            known.note(saved);
        }
        let saved = system.wait_for_snapshot();
        known.note(saved);
        true
    }

    /// Where the world comes back to at least, once the step that began at this spot has ended. A turn for
    /// which the host has sent nothing leaves no trace; nor does one whose messages a snapshot has taken.
    fn leaves(&self, system: &ActorSystem, begin: usize) -> usize {
        let says = !system.host.outbox.lanes.is_empty();
        match self.settings.snapshots {
            _ if system.frozen => begin + 2,
            SnapshotPolicy::Never if says => begin + 2,
            _ if says => begin + 1,
            _ => 0,
        }
    }

    fn save(&self, system: &mut ActorSystem, known: &mut Known, spot: usize, story: &str) {
        let Err(error) = system.snapshot() else {
            // All before is written down; it outlasts a power cut when the snapshot is complete, or before.
            (known.safe, known.begun) = (spot, spot);
            if self.waits {
                let saved = system.wait_for_snapshot();
                if let Ok(saved) = &saved {
                    assert_eq!(saved.unwrap().turn, system.turns(), "{story}");
                }
                known.note(saved);
            }
            return;
        };
        let is_disk = matches!(error, SnapshotError::Disk(_) | SnapshotError::Journal(_));
        assert!(is_disk, "{story}: {error}");
        known.told += 1;
    }
}

impl Known {
    fn note(&mut self, saved: Result<Option<Saved>, SnapshotError>) {
        match saved {
            Ok(None) => (),
            Ok(Some(saved)) => {
                self.complete += 1;
                self.last = Some(saved.turn);
                self.saved = self.begun;
            }
            Err(_) => self.told += 1,
        }
    }

    /// After a power cut, what was not synced may be gone.
    fn forget(&mut self, settings: &Settings) {
        if settings.sync != SyncPolicy::EveryTurn {
            self.safe = self.saved;
        }
    }
}

/// The disk with one snapshot damaged, for each of them.
fn damaged(disk: &SimulatedDisk) -> Vec<SimulatedDisk> {
    let names = disk.after_kill(0).list().unwrap();
    let is_complete = |name: &&String| {
        let number = name.strip_prefix("snapshot-");
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let damage = |name: &String| {
        let disk = disk.after_kill(0);
        let mut bytes = disk.read(name).unwrap();
        let tail = bytes.len() - 20;
        bytes[tail] ^= 1;
        disk.put(name, &bytes);
        disk
    };
    names.iter().filter(is_complete).map(damage).collect()
}

impl Run<'_> {
    /// A world in several lives. The first ends at the operation `crash_at`; `variant` decides about what is
    /// left of it, and about the later ones. Returns how many snapshots were complete.
    fn tell(&mut self, crash_at: usize, variant: u64) -> usize {
        let (settings, seed) = (&self.settings, self.seed);
        let story = format!("{settings:?}, seed {seed}, crash at {crash_at}, variant {variant}");
        let mut fate = Rng::new(seed << 40 | (crash_at as u64) << 16 | variant);
        let mut disk = SimulatedDisk::default();
        let mut known = Known::default();
        disk.crash_at(crash_at);
        for life in 0..3 {
            self.live(&disk, &mut known, &format!("{story}, life {life}"));
            disk = if fate.chance(0.6) {
                known.forget(&self.settings);
                disk.after_crash(fate.bits())
            } else {
                disk.after_kill(fate.bits())
            };
            disk.crash_at(fate.below(60) as usize);
            self.choice = fate.bits() >> 32;
        }
        disk = disk.after_kill(0);
        assert!(self.live(&disk, &mut known, &format!("{story}, last life")));
        self.end_where_it_ended(&disk, &known, &story);
        known.complete
    }

    /// The world comes back to where it has ended, even where a snapshot is damaged. Returns in how many ways
    /// it has come back from the one before the newest.
    fn end_where_it_ended(&self, disk: &SimulatedDisk, known: &Known, story: &str) -> usize {
        let check = |mut system: ActorSystem| {
            let now = seen(&mut system);
            let spots = &self.reference.spots[known.safe..];
            assert!(spots.contains(&now), "{story}: {now:?}");
        };
        let open = |disk: &SimulatedDisk| open(disk, self.settings.clone(), setup);
        let (system, recovery) =
            open(&disk.after_kill(0)).unwrap_or_else(|error| panic!("{story}: {error}"));
        check(system);
        let is_known = self.waits && self.settings.snapshots == SnapshotPolicy::Never;
        if is_known && known.told == 0 && known.last.is_some() {
            assert_eq!(recovery.snapshot, known.last, "{story}");
        }
        let mut from_the_one_before = 0;
        for disk in damaged(disk) {
            match open(&disk) {
                Ok((system, again)) => {
                    check(system);
                    from_the_one_before += usize::from(!again.refused.is_empty());
                }
                Err(OpenError::Snapshot {
                    reason: SnapshotError::NoneLeft { refused, .. },
                    ..
                }) => assert!(!refused.is_empty(), "{story}"),
                Err(error) => panic!("{story}, damaged: {error}"),
            }
        }
        from_the_one_before
    }
}

/// How many operations there are in a run that nothing interrupts.
fn operations(run: &Run<'_>, story: &str) -> usize {
    let disk = SimulatedDisk::default();
    let mut known = Known::default();
    assert!(run.live(&disk, &mut known, story));
    assert_eq!(known.told, 0, "{story}");
    assert!(known.complete > 1 || !run.waits, "{story}");
    assert_eq!(run.end_where_it_ended(&disk, &known, story), 1, "{story}");
    // In the last one there is something that has not changed for a while.
    let opened = Backups::look(Arc::new(disk.after_kill(0))).unwrap();
    assert!(!opened.needed.is_empty() || !run.waits, "{story}");
    disk.operations()
}

fn crash_everywhere(settings: Settings, seeds: Range<u64>, waits: bool, variants: u32) {
    for seed in seeds {
        let reference = reference(&settings, seed);
        let mut run = Run {
            settings: settings.clone(),
            seed,
            reference: &reference,
            choice: seed,
            waits,
        };
        let mut complete = 0;
        let operations = operations(&run, &format!("{settings:?}, seed {seed}"));
        for crash_at in 0..=operations {
            for variant in 0..u64::from(shrunk(variants)) {
                run.choice = seed;
                complete += run.tell(crash_at, variant);
            }
        }
        assert!(complete > operations || !waits, "seed {seed}: {complete}");
    }
}

#[test]
fn a_power_cut_at_any_step_of_a_snapshot_changes_nothing() {
    crash_everywhere(settings(), 101..102, true, 2);
}

#[test]
fn nor_where_culprits_are_killed() {
    let settings = settings().panic_policy(PanicPolicy::Kill);
    crash_everywhere(settings, 110..111, true, 1);
}

#[test]
fn without_syncs_a_world_is_not_behind_its_last_snapshot() {
    crash_everywhere(settings().sync(SyncPolicy::Never), 125..126, true, 1);
}

/// The thread that writes and the one that runs turns share the disk, so where the power is cut is never the
/// same: what has to be so is, wherever that is.
#[test]
fn nor_does_it_where_turns_run_meanwhile() {
    crash_everywhere(settings(), 130..131, false, 1);
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(2));
    crash_everywhere(settings, 140..141, false, 1);
}

/// A run in which the disk does something else than it should, and what comes of it.
fn fail(run: &Run<'_>, disk: &SimulatedDisk, story: &str) -> Known {
    let mut known = Known::default();
    let ended = run.live(disk, &mut known, story);
    // A journal that has failed says so whenever it is asked.
    let told = known.told;
    assert!(told <= 1 || !ended, "{story}: told {told} times");
    for (variant, disk) in (0..3).map(|variant| (variant, disk.after_crash(variant))) {
        let mut later = Known {
            safe: known.safe,
            tried: known.tried,
            ..Known::default()
        };
        let story = format!("{story}, then a power cut, variant {variant}");
        assert!(run.live(&disk, &mut later, &story));
        run.end_where_it_ended(&disk, &later, &story);
    }
    if ended && run.waits && run.settings.snapshots == SnapshotPolicy::Never {
        // Later ones are taken as if nothing had happened. One whose commit has failed may be there, too.
        let newest = open(&disk.after_kill(0), run.settings.clone(), setup);
        assert!(newest.unwrap().1.snapshot >= known.last, "{story}");
    }
    known
}

fn refuse_everywhere(settings: Settings, seed: u64, waits: bool) {
    let reference = reference(&settings, seed);
    let run = Run {
        settings: settings.clone(),
        seed,
        reference: &reference,
        choice: seed,
        waits,
    };
    let story = format!("{settings:?}, seed {seed}");
    let mut told = 0;
    for operation in 0..operations(&run, &story) {
        let disk = SimulatedDisk::default();
        disk.fail_at(operation);
        let known = fail(&run, &disk, &format!("{story}, {operation} is refused"));
        told += known.told;
    }
    assert!(told > 10, "{story}: {told}");
}

#[test]
fn a_snapshot_that_fails_is_told_once_and_leaves_the_ones_before() {
    for seed in 150..151 {
        refuse_everywhere(settings(), seed, true);
    }
    refuse_everywhere(settings(), 153, false);
    let settings = settings().snapshots(SnapshotPolicy::EveryTurns(2));
    refuse_everywhere(settings, 154, false);
}

#[test]
fn a_disk_that_is_full_takes_nothing_that_was_there() {
    let seed = 160;
    let reference = reference(&settings(), seed);
    let run = Run {
        settings: settings(),
        seed,
        reference: &reference,
        choice: seed,
        waits: true,
    };
    for room in (0..40_000).step_by(197).take(shrunk(400) as usize) {
        let disk = SimulatedDisk::default();
        disk.leave_room(room);
        fail(&run, &disk, &format!("seed {seed}, room for {room} bytes"));
    }
}
