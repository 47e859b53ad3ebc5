//! What a run of the city has shown.

use std::fmt;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::{BUILDING_TURNS, City};
use crate::Error;
use crate::keep::{self, Keeper};
use crate::options::CityOptions;
use crate::stopwatch::{self, milliseconds};

/// Where options are kept with a city.
const FILE: &str = "city.json";

/// What is printed after a run. Turns that build the city count nowhere. Of a run that was resumed, it
/// is what has come since that is measured.
#[derive(Clone, Debug, Serialize)]
pub struct CityReport {
    /// Cars at the beginning.
    pub cars: u32,
    /// Turns of traffic, up to the end.
    pub turns: u64,
    /// Threads that ran them.
    pub threads: u32,
    /// Shards.
    pub shards: u32,
    /// The seed.
    pub seed: u64,
    /// Turns per second of wall time.
    pub turns_per_second: f64,
    /// The wall time of the median turn, in milliseconds.
    pub median_turn: f64,
    /// That of the slowest one.
    pub slowest_turn: f64,
    /// Messages handled per second of wall time.
    pub messages_per_second: f64,
    /// Messages handled per turn; a broadcast counts for each receiver.
    pub messages_per_turn: f64,
    /// Messages whose receiver was gone.
    pub lost_messages: u64,
    /// The hash of the world's state at the end: 16 hexadecimal digits.
    pub state_hash: String,
    /// The mean speed of all cars, those included that wait in a garage, in cells per turn, over
    /// the second half of the run. `null` if no car has reported its speed yet.
    pub mean_speed: Option<f64>,
    /// Cars that pass a point of a lane per turn, counted at all lights over the second half of
    /// the run.
    pub flow: f64,
    /// Lanes.
    pub lanes: u64,
    /// Trips that have begun, those of the cars on the road at the beginning included.
    pub trips_begun: u64,
    /// Trips that have ended.
    pub trips_ended: u64,
    /// Cars that wait in a garage to get out, at the end.
    pub cars_waiting: u64,
    /// Instances by actor type, at the end.
    pub instances: Vec<(&'static str, usize)>,
    /// What the runtime holds for the state of the whole city, divided by the number of cars.
    pub bytes_per_car: f64,
}

/// Builds a city, or resumes one, and runs it until `stop` is set.
///
/// # Errors
///
/// If a setting makes no sense, an actor panics, the city cannot be kept where it should, or the
/// run is [stopped](keep::Stopped).
pub fn run(options: &CityOptions, stop: &AtomicBool) -> Result<CityReport, Error> {
    let options = &options.resuming()?;
    let run = &options.run;
    let (mut keeper, system) = Keeper::open(run, FILE, options, BUILDING_TURNS, stop)?;
    let mut city = City::within(system, options.cars)?;
    let turns = keeper.turns_to_run(city.turns())?;
    let messages_before = city.system.statistics().delivered();
    let mut middle = city.totals();
    let times = stopwatch::run(turns.clone(), |number| {
        if number == turns.start.midpoint(turns.end) {
            middle = city.totals();
        }
        city.turn()?;
        keeper.after_turn(&mut city.system)
    })?;

    let turns = (turns.end - turns.start) as f64;
    let end = city.totals();
    let statistics = city.system.statistics();
    let messages = (statistics.delivered() - messages_before) as f64;
    let reports = end.reports - middle.reports;
    let passed = (end.passed - middle.passed) as f64;
    let instances = statistics
        .actors
        .iter()
        .map(|actor| (actor.name, actor.instances));
    let report = CityReport {
        cars: options.cars,
        turns: run.turns,
        threads: run.thread_count(),
        shards: run.shards,
        seed: run.seed,
        turns_per_second: times.per_second(turns),
        median_turn: milliseconds(times.median),
        slowest_turn: milliseconds(times.slowest),
        messages_per_second: times.per_second(messages),
        messages_per_turn: messages / turns,
        lost_messages: statistics.lost(),
        state_hash: format!("{:016x}", city.system.state_hash()),
        mean_speed: (reports > 0).then(|| (end.speeds - middle.speeds) as f64 / reports as f64),
        flow: passed / (city.lanes() * (end.turns - middle.turns)) as f64,
        lanes: city.lanes(),
        trips_begun: end.begun,
        trips_ended: end.ended,
        cars_waiting: end.waiting,
        instances: instances.filter(|&(_, count)| count > 0).collect(),
        bytes_per_car: statistics.bytes as f64 / f64::from(options.cars),
    };
    keeper.close(city.system)?;
    Ok(report)
}

impl CityOptions {
    /// These; but of a run to be resumed, with what decides about results as it was then.
    fn resuming(&self) -> Result<Self, Error> {
        let saved = keep::saved_options::<Self>(&self.run.keep, FILE)?;
        Ok(match saved {
            Some(saved) => CityOptions {
                run: self.run.resuming(saved.run),
                ..saved
            },
            None => self.clone(),
        })
    }
}

impl fmt::Display for CityReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} turns on {} threads, {} shards",
            self.turns, self.threads, self.shards
        )?;
        writeln!(
            f,
            "speed       {:.1} turns per second",
            self.turns_per_second
        )?;
        writeln!(
            f,
            "            {:.1} ms the median turn, {:.1} ms the slowest",
            self.median_turn, self.slowest_turn
        )?;
        writeln!(
            f,
            "            {:.0} messages per second",
            self.messages_per_second
        )?;
        writeln!(f, "messages    {:.0} per turn", self.messages_per_turn)?;
        writeln!(f, "            {} lost", self.lost_messages)?;
        match self.mean_speed {
            Some(speed) => writeln!(f, "traffic     mean speed {speed:.3} cells per turn")?,
            None => writeln!(f, "traffic     too short a run for a mean speed")?,
        }
        writeln!(
            f,
            "            flow {:.4} cars per lane and turn",
            self.flow
        )?;
        writeln!(
            f,
            "trips       {} begun, {} ended",
            self.trips_begun, self.trips_ended
        )?;
        writeln!(f, "            {} cars wait in garages", self.cars_waiting)?;
        for (index, (name, count)) in self.instances.iter().enumerate() {
            let title = if index == 0 { "instances" } else { "" };
            writeln!(f, "{title:<12}{count} {name}")?;
        }
        writeln!(
            f,
            "memory      {:.0} bytes of state per car",
            self.bytes_per_car
        )?;
        write!(f, "state hash  {} with seed {}", self.state_hash, self.seed)
    }
}
