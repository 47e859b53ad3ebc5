//! What a run of the ring has shown.

use std::fmt;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::driver::Road;
use super::{BUILDING_TURNS, Ring};
use crate::keep::{self, Keeper};
use crate::options::RingOptions;
use crate::{Error, stopwatch};

/// Where options are kept with a ring.
const FILE: &str = "ring.json";

/// What is printed after a run. Of a run that was resumed, it is what has come since that is measured.
#[derive(Clone, Debug, Serialize)]
pub struct RingReport {
    /// Cells around the ring.
    pub cells: u32,
    /// Cars on it.
    pub cars: u32,
    /// Cars per cell: not quite what was asked for, since cars are whole.
    pub density: f64,
    /// The highest speed, in cells per turn.
    pub vmax: u8,
    /// The probability to dawdle, per turn.
    pub p: f64,
    /// Turns of traffic, up to the end.
    pub turns: u64,
    /// Threads that ran them.
    pub threads: u32,
    /// Shards.
    pub shards: u32,
    /// The seed.
    pub seed: u64,
    /// The flow in cars per cell and turn, over the second half of the run.
    pub flow: f64,
    /// The flow that theory predicts, `null` where it has no closed form.
    pub exact_flow: Option<f64>,
    /// The hash of the world's state at the end: 16 hexadecimal digits.
    pub state_hash: String,
    /// Messages handled per turn.
    pub messages_per_turn: f64,
    /// Messages whose receiver was gone.
    pub lost_messages: u64,
    /// Turns per second of wall time.
    pub turns_per_second: f64,
}

/// Builds a ring, or resumes one, and runs it until `stop` is set.
///
/// # Errors
///
/// If a setting makes no sense, an actor panics, the ring cannot be kept where it should, or the
/// run is [stopped](keep::Stopped).
pub fn run(options: &RingOptions, stop: &AtomicBool) -> Result<RingReport, Error> {
    let options = &options.resuming()?;
    let run = &options.run;
    let road = Road {
        cells: options.cells,
        vmax: options.vmax,
        p: options.p,
    };
    let (mut keeper, system) = Keeper::open(run, FILE, options, BUILDING_TURNS, stop)?;
    let mut ring = Ring::within(system, road, options.density, run.seed)?;
    let turns = keeper.turns_to_run(ring.turns())?;
    let messages_before = ring.system.statistics().delivered();
    let middle = turns.start.midpoint(turns.end);
    let mut moved_before = 0;
    let times = stopwatch::run(turns.clone(), |number| {
        if number == middle {
            moved_before = ring.moved();
        }
        ring.turn()?;
        keeper.after_turn(&mut ring.system)
    })?;

    let measured = f64::from(options.cells) * (turns.end - middle) as f64;
    let turns = (turns.end - turns.start) as f64;
    let statistics = ring.system.statistics();
    let report = RingReport {
        cells: options.cells,
        cars: ring.cars(),
        density: ring.density(),
        vmax: options.vmax,
        p: options.p,
        turns: run.turns,
        threads: run.thread_count(),
        shards: run.shards,
        seed: run.seed,
        flow: (ring.moved() - moved_before) as f64 / measured,
        exact_flow: ring.exact_flow(),
        state_hash: format!("{:016x}", ring.system.state_hash()),
        messages_per_turn: (statistics.delivered() - messages_before) as f64 / turns,
        lost_messages: statistics.lost(),
        turns_per_second: times.per_second(turns),
    };
    keeper.close(ring.system)?;
    Ok(report)
}

impl RingOptions {
    /// These; but of a run to be resumed, with what decides about results as it was then.
    fn resuming(&self) -> Result<Self, Error> {
        let saved = keep::saved_options::<Self>(&self.run.keep, FILE)?;
        Ok(match saved {
            Some(saved) => RingOptions {
                run: self.run.resuming(saved.run),
                ..saved
            },
            None => self.clone(),
        })
    }
}

impl fmt::Display for RingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} cars on {} cells, {:.4} per cell",
            self.cars, self.cells, self.density
        )?;
        writeln!(f, "flow        {:.6} cars per cell and turn", self.flow)?;
        match self.exact_flow {
            Some(exact) => {
                let error = self.flow - exact;
                writeln!(f, "in theory   {exact:.6}, which is {error:+.6} off")?;
            }
            None => writeln!(f, "in theory   not known for vmax above 1 with p above 0")?,
        }
        writeln!(
            f,
            "speed       {:.1} turns per second",
            self.turns_per_second
        )?;
        writeln!(f, "messages    {:.0} per turn", self.messages_per_turn)?;
        writeln!(f, "            {} lost", self.lost_messages)?;
        write!(f, "state hash  {} with seed {}", self.state_hash, self.seed)
    }
}
