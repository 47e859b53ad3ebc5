//! The process that is killed.

use std::io::Write;
use std::path::PathBuf;

use demo_sim::Error;
use kay_runtime::{ActorSystem, Recovery, SnapshotError, SnapshotPolicy, SyncPolicy};

use crate::town::Town;

/// The word that makes this program a child.
const CHILD: &str = "child";
/// What begins the line that says how the city has come back.
pub const BACK: &str = "back";
/// What begins the line that says that a turn has run.
pub const TURN: &str = "turn";

/// How a child lives.
pub struct Life {
    /// Where the city is.
    pub directory: PathBuf,
    /// Cars in the beginning.
    pub cars: u32,
    /// The seed of everything.
    pub seed: u64,
    /// The number of threads.
    pub threads: usize,
    /// The number of turns from one snapshot to the next.
    pub every: u64,
    /// Whether each turn waits for the disk. Only a power cut can tell.
    pub sync: bool,
}

impl Life {
    /// As arguments of this program.
    pub fn arguments(&self) -> [String; 7] {
        [
            CHILD.to_owned(),
            self.directory.display().to_string(),
            self.cars.to_string(),
            self.seed.to_string(),
            self.threads.to_string(),
            self.every.to_string(),
            self.sync.to_string(),
        ]
    }

    /// What the arguments say, if they are those of a child.
    pub fn parse(arguments: &[String]) -> Option<Result<Self, Error>> {
        let [child, directory, cars, seed, threads, every, sync] = arguments else {
            return None;
        };
        let life = || {
            Ok(Life {
                directory: directory.into(),
                cars: cars.parse()?,
                seed: seed.parse()?,
                threads: threads.parse()?,
                every: every.parse()?,
                sync: sync.parse()?,
            })
        };
        (child == CHILD).then(life)
    }
}

/// The number of snapshots that were refused. That the first one was complete, but not yet named by a
/// root, is as it may be.
pub fn refused(recovery: &Recovery) -> usize {
    let refused = recovery.refused.iter();
    let is_wrong = |reason: &&_| !matches!(reason, SnapshotError::RootMissing { .. });
    refused.filter(is_wrong).count()
}

/// Runs turns until somebody kills it, and says which are done.
pub fn run(life: &Life) -> Result<(), Error> {
    let sync = if life.sync {
        SyncPolicy::EveryTurn
    } else {
        SyncPolicy::Never
    };
    let settings = Town::settings(life.seed)
        .threads(life.threads)
        .snapshots(SnapshotPolicy::EveryTurns(life.every))
        .sync(sync);
    let (system, recovery) = ActorSystem::open(&life.directory, settings, demo_sim::setup)?;
    let mut town = Town::within(system, life.cars, life.seed)?;
    let mut out = std::io::stdout().lock();
    let (turn, hash) = (town.turns(), town.city.system.state_hash());
    let (refused, torn) = (refused(&recovery), recovery.torn.is_some());
    let (turns, time) = (recovery.turns, recovery.time.as_micros());
    // Each line is written at once, so it is there or not.
    let line = format!("{BACK} {turn} {hash} {turns} {time} {refused} {torn}\n");
    out.write_all(line.as_bytes())?;
    loop {
        town.turn()?;
        if let Some(saved) = town.city.system.saved() {
            saved?;
        }
        out.write_all(format!("{TURN} {}\n", town.turns()).as_bytes())?;
    }
}
