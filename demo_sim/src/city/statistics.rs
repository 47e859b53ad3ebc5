//! The city's statistics.

use kay_runtime::prelude::*;

kay_auto!(city::statistics);

/// Collects what cars report. There is one, which they find by `StatisticsId::local_first`.
#[derive(Compact, Debug)]
pub struct Statistics {
    id: StatisticsId,
    /// How often each speed was reported.
    speeds: CMap<u8, u64>,
}

impl Statistics {
    /// Nothing is known yet.
    pub fn start(id: StatisticsId, _: &mut World) -> Self {
        Statistics {
            id,
            speeds: CMap::new(),
        }
    }

    /// A car drives at `speed`, in cells per turn.
    pub fn observe(&mut self, speed: u8, _: &mut World) {
        *self.speeds.get_or_insert_with(speed, || 0) += 1;
    }

    /// The number of reports and the sum of the speeds in them.
    pub fn totals(&self) -> (u64, u64) {
        self.speeds
            .iter()
            .fold((0, 0), |(reports, sum), (&speed, &count)| {
                (reports + count, sum + u64::from(speed) * count)
            })
    }
}
