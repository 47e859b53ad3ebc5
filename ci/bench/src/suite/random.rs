//! What all contenders compute in the same way, random numbers among it.

use kay_runtime::Compact;

/// A number to go on with after `seed`: the high bits of it are as good as random. (A linear
/// congruential generator, Knuth's MMIX.)
#[inline]
pub fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// Whom actor `number` of `count` has in mind when random answer begins.
pub fn partner(number: usize, count: usize) -> usize {
    (number * 7919 + 104_729 * (number % 31)) % count
}

/// What a receiver of fork-join does for a message, as Savina has it: adds to `sum`.
#[inline]
pub fn fork_join_work(sum: &mut f64) {
    let sine = std::hint::black_box(37.2_f64).sin();
    *sum += sine * sine;
}

/// An event of PHOLD. It brings its own random numbers: so all have the same events, whatever the
/// order in which processes handle theirs.
#[derive(Clone, Copy, Debug, PartialEq, Compact)]
pub struct Event {
    /// When it happens.
    pub time: f64,
    /// What random numbers follow from.
    pub seed: u64,
}

impl Event {
    /// The event that a process begins with, at a time after 1.
    pub fn first(process: usize) -> Event {
        let mut seed = process as u64 + 1;
        // Seeds that follow each other have much in common at first.
        for _ in 0..4 {
            next(&mut seed);
        }
        Event {
            time: delay(&mut seed),
            seed,
        }
    }

    /// The event that this one, handled by `process` of `processes`, leads to, and for whom: at
    /// least one unit of time (the lookahead) later, 2 on average, and with a probability of 25 % for a
    /// random process, else for the same one.
    #[inline]
    pub fn lead(self, process: usize, processes: usize) -> (usize, Event) {
        let mut seed = self.seed;
        let process = match next(&mut seed) % 4 {
            0 => next(&mut seed) as usize % processes,
            _ => process,
        };
        let time = self.time + delay(&mut seed);
        (process, Event { time, seed })
    }
}

/// 1 and what is exponentially distributed, of mean 1.
#[inline]
fn delay(seed: &mut u64) -> f64 {
    // Above 0, at most 1.
    let uniform = (next(seed) + 1) as f64 / (1_u64 << 31) as f64;
    1.0 - uniform.ln()
}
