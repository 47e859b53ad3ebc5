//! The options on the command line.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, value_parser};
use kay_runtime::Settings;
use serde::{Deserialize, Serialize};

/// A city of a million cars, each an actor; or, as `ring`, a traffic model that theory can check.
#[derive(Clone, Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Options {
    /// What to run; the city if nothing else is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the city.
    #[command(flatten)]
    pub city: CityOptions,
}

/// What there is beside the city.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// The model of Nagel and Schreckenberg on a ring road, beside the flow that theory predicts
    Ring(RingOptions),
}

/// Options of the city.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct CityOptions {
    /// Cars in the city
    #[arg(long, default_value_t = 1_000_000, value_parser = value_parser!(u32).range(1..))]
    #[arg(conflicts_with = "resume")]
    pub cars: u32,
    /// How to run it.
    #[command(flatten)]
    pub run: RunOptions,
}

/// Options of the ring.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct RingOptions {
    /// Cells around the ring
    #[arg(long, default_value_t = 100_000, value_parser = value_parser!(u32).range(1..=1 << 30))]
    #[arg(conflicts_with = "resume")]
    pub cells: u32,
    /// Cars per cell, above 0 and up to 1
    #[arg(long, default_value_t = 0.2, value_parser = density, conflicts_with = "resume")]
    pub density: f64,
    /// Highest speed, in cells per turn
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u8).range(1..))]
    #[arg(conflicts_with = "resume")]
    pub vmax: u8,
    /// Probability to dawdle, per turn
    #[arg(long, default_value_t = 0.25, value_parser = probability, conflicts_with = "resume")]
    pub p: f64,
    /// How to run it.
    #[command(flatten)]
    pub run: RunOptions,
}

/// How to run a world. What is skipped changes no result: a run that is resumed may have others.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub struct RunOptions {
    /// Turns to run; the first half lets traffic settle, the second half is what is reported. With
    /// `--resume`, the turn to reach
    #[arg(long, default_value_t = 1000, value_parser = value_parser!(u64).range(1..))]
    #[serde(skip)]
    pub turns: u64,
    /// Threads; as many as there are cores if not given. Changes no result but the speed
    #[arg(long, value_parser = value_parser!(u32).range(1..=1024))]
    #[serde(skip)]
    pub threads: Option<u32>,
    /// Shards that actors are spread over
    #[arg(long, default_value_t = 64, value_parser = value_parser!(u32).range(1..=4096))]
    #[arg(conflicts_with = "resume")]
    pub shards: u32,
    /// Seed of all chance
    #[arg(long, default_value_t = 0, conflicts_with = "resume")]
    pub seed: u64,
    /// Print one JSON object instead of text
    #[arg(long)]
    #[serde(skip)]
    pub json: bool,
    /// Where to keep the world.
    #[command(flatten)]
    #[serde(skip)]
    pub keep: KeepOptions,
}

/// Where to keep a world, if anywhere.
#[derive(Clone, Debug, Default, Args)]
pub struct KeepOptions {
    /// Keep the world in this directory, which must be empty or new; Ctrl-C saves it and ends
    #[arg(long, value_name = "DIR", group = "kept")]
    pub save: Option<PathBuf>,
    /// Go on with the world in this directory, as if it had never been interrupted
    #[arg(long, value_name = "DIR", group = "kept")]
    pub resume: Option<PathBuf>,
    /// Seconds from one snapshot to the next
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "kept")]
    #[arg(value_parser = value_parser!(u64).range(1..))]
    pub save_every: u64,
}

impl KeepOptions {
    /// The directory where the world is, or will be.
    pub fn directory(&self) -> Option<&Path> {
        self.save.as_deref().or(self.resume.as_deref())
    }
}

impl RunOptions {
    /// The same, as the runtime's settings.
    pub fn settings(&self) -> Settings {
        Settings::default()
            .threads(self.thread_count() as usize)
            .shards(self.shards as usize)
            .seed(self.seed)
    }

    /// These, but with what decides about results from a run that was `saved`.
    pub fn resuming(&self, saved: RunOptions) -> RunOptions {
        RunOptions {
            shards: saved.shards,
            seed: saved.seed,
            ..self.clone()
        }
    }

    /// The number of threads.
    pub fn thread_count(&self) -> u32 {
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32);
        self.threads.unwrap_or_else(cores)
    }
}

fn density(text: &str) -> Result<f64, String> {
    number(
        text,
        |density| density > 0.0 && density <= 1.0,
        "above 0 and at most 1",
    )
}

fn probability(text: &str) -> Result<f64, String> {
    number(text, |p| (0.0..=1.0).contains(&p), "from 0 to 1")
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, range: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if allowed(value) => Ok(value),
        _ => Err(format!("it must be a number {range}")),
    }
}
