//! Runs a world's turns for people: with a progress bar, and a clock that no actor can see.

use std::io::{IsTerminal, stderr};
use std::ops::Range;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::Error;

/// Calls `turn` for each of these turns and says how long it took.
///
/// # Errors
///
/// The first one of `turn`.
pub fn run(
    turns: Range<u64>,
    mut turn: impl FnMut(u64) -> Result<(), Error>,
) -> Result<Duration, Error> {
    let bar = bar(&turns);
    let start = Instant::now();
    for number in turns {
        turn(number)?;
        bar.inc(1);
    }
    let time = start.elapsed();
    bar.finish_and_clear();
    Ok(time)
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
