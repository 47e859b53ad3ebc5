//! Worlds that outlive the process, for `--save` and `--resume`.
//!
//! The runtime keeps a world in a directory, and gives it back as it was; see
//! [`ActorSystem::open`]. What it does not know is what the host wants of that world: here, the
//! options of the run. They are in a file beside, written before the world begins.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kay_runtime::{ActorSystem, Recovery, SnapshotError, SnapshotPolicy};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::options::{KeepOptions, RunOptions};

/// Looks after a world while it runs, and keeps it if that was asked for.
#[derive(Debug)]
pub struct Keeper<'a> {
    run: &'a RunOptions,
    /// The turns that it takes to build the world. People do not count them.
    building: u64,
    stop: &'a AtomicBool,
    /// Whether the user knows that it cannot be saved.
    warned: bool,
}

impl<'a> Keeper<'a> {
    /// Opens the world of a run: one in memory, a new one in a directory, with the `options` in a
    /// file beside it, or one that is there.
    ///
    /// # Errors
    ///
    /// If a setting makes no sense, or the directory cannot be used.
    pub fn open(
        run: &'a RunOptions,
        file: &str,
        options: &impl Serialize,
        building: u64,
        stop: &'a AtomicBool,
    ) -> Result<(Self, ActorSystem), Error> {
        let keeper = Keeper {
            run,
            building,
            stop,
            warned: false,
        };
        let settings = run.settings();
        let Some(directory) = run.keep.directory() else {
            return Ok((keeper, ActorSystem::new(settings, crate::setup)?));
        };
        if run.keep.save.is_some() {
            save_options(directory, file, options)?;
        }
        let every = SnapshotPolicy::Every(Duration::from_secs(run.keep.save_every));
        let opened = ActorSystem::open(directory, settings.snapshots(every), crate::setup);
        let (mut system, recovery) = opened?;
        // A city is small. What takes long to read would wait until somebody looks at it.
        system.verify()?;
        if run.keep.resume.is_some() {
            keeper.tell(&system, &recovery);
        }
        Ok((keeper, system))
    }

    /// What is left to run of a world that has come to turn `come`.
    ///
    /// # Errors
    ///
    /// If that is nothing.
    pub fn turns_to_run(&self, come: u64) -> Result<Range<u64>, Error> {
        if come < self.run.turns {
            return Ok(come..self.run.turns);
        }
        Err(format!("the world has come to turn {come} already: let --turns be more").into())
    }

    /// Warns if the world could not be saved; and saves it and ends the run, if that is to stop.
    ///
    /// # Errors
    ///
    /// [`Stopped`], or why the world could not be saved then.
    pub fn after_turn(&mut self, system: &mut ActorSystem) -> Result<(), Error> {
        if let Some(Err(error)) = system.saved() {
            self.warn(&error);
        }
        if !self.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.save(system)?;
        Err(Box::new(Stopped {
            turn: self.turn_of(system.turns()),
            directory: self.run.keep.directory().map(Path::to_owned),
        }))
    }

    /// Saves the world, and ends it.
    ///
    /// # Errors
    ///
    /// If it cannot be saved.
    pub fn close(mut self, mut system: ActorSystem) -> Result<(), Error> {
        self.save(&mut system)?;
        Ok(system.close()?)
    }

    fn save(&mut self, system: &mut ActorSystem) -> Result<(), Error> {
        if self.run.keep.directory().is_none() {
            return Ok(());
        }
        // That the one before has failed need not mean that this one will.
        if let Err(error) = system.wait_for_snapshot() {
            self.warn(&error);
        }
        system.snapshot()?;
        system.wait_for_snapshot()?;
        Ok(())
    }

    /// Once: as long as it is so, it is so every few seconds.
    fn warn(&mut self, error: &SnapshotError) {
        if !self.warned {
            eprintln!("\nwarning: the world is not saved for now: {error}");
        }
        self.warned = true;
    }

    /// Says what has become of a world that is resumed.
    fn tell(&self, system: &ActorSystem, recovery: &Recovery) {
        let from = match recovery.snapshot {
            Some(turn) => format!("the snapshot of turn {}", self.turn_of(turn)),
            None => "the beginning".to_owned(),
        };
        let turn = self.turn_of(system.turns());
        let Recovery { turns, time, .. } = recovery;
        eprintln!("resumed at turn {turn} in {time:.1?}: {turns} run again from {from}");
        if recovery.messages > 0 {
            let Recovery { messages, .. } = recovery;
            eprintln!("in these, {messages} messages of the host were sent again");
        }
        for reason in &recovery.refused {
            eprintln!("warning: {reason}");
        }
        if let Some(torn) = recovery.torn {
            let bytes = torn.bytes;
            eprintln!("{bytes} bytes of inputs were cut off: their turn had not run");
        }
    }

    fn turn_of(&self, turn: u64) -> u64 {
        turn.saturating_sub(self.building)
    }
}

/// That somebody has stopped a run. If it was kept, its world is saved.
#[derive(Debug)]
pub struct Stopped {
    turn: u64,
    directory: Option<PathBuf>,
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stopped at turn {}", self.turn)?;
        match &self.directory {
            Some(directory) => write!(f, ": go on with --resume {}", directory.display()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Stopped {}

/// The options in a file beside a world, if one is to be resumed.
///
/// # Errors
///
/// If there are none.
pub fn saved_options<O: DeserializeOwned>(
    keep: &KeepOptions,
    file: &str,
) -> Result<Option<O>, Error> {
    let Some(directory) = &keep.resume else {
        return Ok(None);
    };
    let path = directory.join(file);
    let none = |reason: &dyn fmt::Display| {
        let (directory, path) = (directory.display(), path.display());
        format!("there is nothing to resume in `{directory}`: cannot read `{path}`: {reason}")
    };
    let text = fs::read_to_string(&path).map_err(|reason| none(&reason))?;
    let options = serde_json::from_str(&text).map_err(|reason| none(&reason))?;
    Ok(Some(options))
}

/// Writes options into a directory in which there is nothing yet.
fn save_options(directory: &Path, file: &str, options: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string(options)?;
    let write = || {
        fs::create_dir_all(directory)?;
        if fs::read_dir(directory)?.next().is_some() {
            return Err(io::Error::other(
                "it is not empty; go on with what is there by --resume, or save elsewhere",
            ));
        }
        // Under its own name the file is complete. The runtime makes the name last, with its own.
        let unfinished = directory.join(file).with_extension("new");
        let mut to = File::create(&unfinished)?;
        to.write_all(text.as_bytes())?;
        to.sync_all()?;
        fs::rename(&unfinished, directory.join(file))
    };
    write().map_err(|reason| {
        let directory = directory.display();
        format!("the world cannot be kept in `{directory}`: {reason}").into()
    })
}
