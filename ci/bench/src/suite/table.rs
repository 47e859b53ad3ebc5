//! Measuring everyone beside the baseline.

use std::process::Command;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{Contender, Kind, Prepared, Row, Size, hand};
use crate::measure::{median, resident_bytes};

/// The hidden argument of a program that measures the resident bytes of the contender named next.
pub(super) const RESIDENT: &str = "--resident-bytes-of";

/// A sample takes at least about this long, so that reading the clock and waking threads are
/// nothing beside it.
const SAMPLE: Duration = Duration::from_millis(15);

/// After this time, a contender of a row gets no more pairs than [`LEAST`]. kay, which the table
/// is about, gets more of both.
const BUDGET: Duration = Duration::from_millis(700);

/// The fewest and the most pairs.
const LEAST: usize = 3;
const MOST: usize = 9;

/// What was measured of a contender in a row on so many threads.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// The row's name.
    pub row: String,
    /// What `value` is: nanoseconds a message and the like.
    pub unit: &'static str,
    /// The contender's name.
    pub contender: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The threads that it ran on.
    pub threads: usize,
    /// The median of its samples.
    pub value: f64,
    /// The median of its ratios to the baseline in the same pair.
    pub ratio: f64,
    /// How many pairs there were.
    pub pairs: usize,
}

/// By whom the others are divided in a row: the simplest loop where at most a hundred messages are
/// in flight or where there are none, else the one with pooled chunks and prefetch.
pub fn baseline(row: Row) -> &'static Contender {
    match row {
        Row::PingPong
        | Row::ThreadRing
        | Row::Big
        | Row::Chameneos
        | Row::Broadcast
        | Row::Resident => &hand::PLAIN,
        _ => &hand::POOLED,
    }
}

/// Measures a row: each contender on one thread and, if it has threads, on two, against the
/// baseline on as many, if they are of use there.
///
/// # Panics
///
/// If a contender has not done the work that the row consists of.
pub fn measure(row: Row, contenders: &[Contender]) -> Vec<Cell> {
    if row == Row::Resident {
        return measure_resident(contenders);
    }
    let baseline = baseline(row);
    let mut cells = Vec::new();
    for threads in [1, 2] {
        let size = Size::full(threads);
        let useful = Size::full(if row.scales() { threads } else { 1 });
        let mut base = Runner::new(baseline, row, useful).expect("the baseline does every row");
        let mut samples = Vec::new();
        let first = cells.len();
        for contender in contenders {
            if contender.name == baseline.name || threads > 1 && !contender.threaded {
                continue;
            }
            if let Some(other) = Runner::new(contender, row, size) {
                cells.push(pairs(&mut base, other, &mut samples));
            }
        }
        if useful == size {
            let ratios = vec![1.0; samples.len()];
            cells.insert(first, base.cell(&samples, &ratios));
        }
        base.check();
    }
    cells
}

/// Pairs of samples of the baseline and of another contender; neither is always the second one.
fn pairs(base: &mut Runner, mut other: Runner, base_samples: &mut Vec<f64>) -> Cell {
    let more = if other.contender.kind == Kind::Kay {
        3
    } else {
        1
    };
    let (mut samples, mut ratios) = (Vec::new(), Vec::new());
    let start = Instant::now();
    while samples.len() < LEAST
        || samples.len() < MOST * more && start.elapsed() < BUDGET * more as u32
    {
        let (by_base, by_other);
        if samples.len() % 2 == 0 {
            by_base = base.sample();
            by_other = other.sample();
        } else {
            by_other = other.sample();
            by_base = base.sample();
        }
        base_samples.push(by_base);
        samples.push(by_other);
        ratios.push(by_other / by_base);
    }
    other.check();
    other.cell(&samples, &ratios)
}

/// A contender with the work of a row.
struct Runner {
    contender: Contender,
    row: Row,
    size: Size,
    prepared: Prepared,
    /// Portions in a sample.
    repeat: usize,
    /// Portions done.
    portions: usize,
}

impl Runner {
    fn new(contender: &Contender, row: Row, size: Size) -> Option<Runner> {
        let mut runner = Runner {
            contender: *contender,
            row,
            size,
            prepared: (contender.prepare)(row, size)?,
            repeat: 1,
            portions: 0,
        };
        // The first portion gets memory from the system. If it is quick, the second one tells how
        // quick.
        let mut portion = runner.time();
        if portion < SAMPLE {
            portion = runner.time();
        }
        let repeat = SAMPLE.as_secs_f64() / portion.as_secs_f64().max(1e-9);
        runner.repeat = repeat.ceil().clamp(1.0, 1000.0) as usize;
        Some(runner)
    }

    /// The time that a sample takes.
    fn time(&mut self) -> Duration {
        let start = Instant::now();
        for _ in 0..self.repeat {
            self.prepared.portion();
        }
        self.portions += self.repeat;
        start.elapsed()
    }

    /// Nanoseconds for an item.
    fn sample(&mut self) -> f64 {
        let items = self.row.items(self.size) * self.repeat;
        self.time().as_nanos() as f64 / items as f64
    }

    fn check(&mut self) {
        let number = self.prepared.number();
        if let Some(expected) = self.row.number(self.size, self.portions) {
            assert!(
                number == expected,
                "{} has come to {number} in {} portions of {} on {} threads, not to {expected}",
                self.contender.name,
                self.portions,
                self.row.name(),
                self.size.threads,
            );
        }
    }

    fn cell(&self, samples: &[f64], ratios: &[f64]) -> Cell {
        Cell {
            row: self.row.name(),
            unit: self.row.unit(),
            contender: self.contender.name,
            kind: self.contender.kind,
            threads: self.size.threads,
            value: median(samples.iter().copied()),
            ratio: median(ratios.iter().copied()),
            pairs: samples.len(),
        }
    }
}

/// Lets a fresh process of this program measure each, so that nobody finds memory that others have
/// freed.
fn measure_resident(contenders: &[Contender]) -> Vec<Cell> {
    let row = Row::Resident;
    let bytes = |contender: &Contender| -> Option<f64> {
        let program = std::env::current_exe().expect("a program knows where it is");
        let output = Command::new(program)
            .args([RESIDENT, contender.name])
            .output()
            .expect("a program can run itself");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "the resident bytes of {} could not be measured: {}{text}",
            contender.name,
            String::from_utf8_lossy(&output.stderr)
        );
        text.trim().parse().ok()
    };
    let baseline = bytes(baseline(row)).expect("the baseline does every row");
    let cell = |contender: &Contender| {
        let value = bytes(contender)?;
        Some(Cell {
            row: row.name(),
            unit: row.unit(),
            contender: contender.name,
            kind: contender.kind,
            threads: 1,
            value,
            ratio: value / baseline,
            pairs: 1,
        })
    };
    contenders.iter().filter_map(cell).collect()
}

/// What a process does that was started for it: prints the resident bytes for each instance of a
/// contender, or nothing if that does not do this row.
pub(super) fn print_resident(contender: &Contender) {
    let size = Size::full(1);
    let resident = || resident_bytes().expect("/proc tells what is resident") as f64;
    let before = resident();
    let Some(mut prepared) = (contender.prepare)(Row::Resident, size) else {
        return;
    };
    let bytes = resident() - before;
    let number = prepared.number();
    assert_eq!(Row::Resident.number(size, 1), Some(number));
    println!("{}", bytes / number as f64);
}
