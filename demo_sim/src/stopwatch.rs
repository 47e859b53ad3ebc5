//! Runs a world's turns for people: with a progress bar, and a clock that no actor can see.

use std::io::{IsTerminal, stderr};
use std::ops::Range;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::Error;

/// How long turns took, what the host did between them included.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// All of them.
    pub total: Duration,
    /// The median.
    pub median: Duration,
    /// The slowest one.
    pub slowest: Duration,
}

impl Times {
    /// How many of so many turns there were in a second.
    #[must_use]
    pub fn per_second(&self, turns: f64) -> f64 {
        turns / self.total.as_secs_f64()
    }
}

/// A time for the report, in milliseconds.
#[must_use]
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Calls `turn` for each of these turns and says how long it took.
///
/// # Errors
///
/// The first one of `turn`.
pub fn run(
    turns: Range<u64>,
    mut turn: impl FnMut(u64) -> Result<(), Error>,
) -> Result<Times, Error> {
    let bar = bar(&turns);
    let mut times = Vec::new();
    let begin = Instant::now();
    let mut before = begin;
    for number in turns {
        turn(number)?;
        bar.inc(1);
        let now = Instant::now();
        times.push(now - before);
        before = now;
    }
    bar.finish_and_clear();
    times.sort_unstable();
    Ok(Times {
        total: before - begin,
        median: times.get(times.len() / 2).copied().unwrap_or_default(),
        slowest: times.last().copied().unwrap_or_default(),
    })
}

/// A bar that is shown only if there is a terminal to show it on.
fn bar(turns: &Range<u64>) -> ProgressBar {
    if !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{wide_bar} {pos} of {len} turns, {per_sec}, {eta} left";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(turns.end).with_position(turns.start);
    // What has run before was not run at this speed.
    bar.reset_eta();
    bar.with_style(style)
}
