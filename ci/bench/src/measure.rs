//! Measuring two things side by side.

use std::time::Instant;

/// Nanoseconds for a piece of work, by hand and with kay.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// By hand.
    pub hand: f64,
    /// With kay.
    pub kay: f64,
}

/// The medians of several paired runs, and that of the ratio within each pair.
#[derive(Clone, Copy, Debug)]
pub struct Medians {
    /// Nanoseconds by hand.
    pub hand: f64,
    /// Nanoseconds with kay.
    pub kay: f64,
    /// With kay against by hand.
    pub ratio: f64,
}

/// Runs both in turn, `pairs` times: what disturbs the machine disturbs both.
pub fn paired(
    pairs: usize,
    mut hand: impl FnMut() -> f64,
    mut kay: impl FnMut() -> f64,
) -> Medians {
    let runs: Vec<Pair> = (0..pairs)
        .map(|number| {
            // Neither is always the one that comes second.
            if number % 2 == 0 {
                let hand = hand();
                Pair { hand, kay: kay() }
            } else {
                let kay = kay();
                Pair { hand: hand(), kay }
            }
        })
        .collect();
    Medians {
        hand: median(runs.iter().map(|pair| pair.hand)),
        kay: median(runs.iter().map(|pair| pair.kay)),
        ratio: median(runs.iter().map(|pair| pair.kay / pair.hand)),
    }
}

/// The median of some numbers.
pub fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The nanoseconds that `work` takes, for each of `items`.
pub fn each(items: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / items as f64
}

/// The bytes of this process that lie in memory.
pub fn resident_bytes() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let resident: usize = pages.split(' ').nth(1)?.parse().ok()?;
    Some(resident * 4096)
}
