//! How much a power cut may take.

use std::time::{Duration, Instant};

/// How often the journal of inputs is made to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncPolicy {
    /// Before each turn: no input is lost whose turn has run. A turn with input waits for the disk.
    EveryTurn,
    /// Before the first turn after this time: what came in meanwhile may be lost.
    Every(Duration),
    /// When the operating system does it: usually within half a minute.
    Never,
}

/// Says before which turns to sync.
#[derive(Debug)]
pub(crate) struct SyncSchedule {
    policy: SyncPolicy,
    last: Instant,
}

impl SyncSchedule {
    /// A schedule that begins `now`, when nothing is to be synced.
    pub(crate) fn new(policy: SyncPolicy, now: Instant) -> Self {
        SyncSchedule { policy, last: now }
    }

    /// Whether to sync before the turn that begins `now`.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let due = match self.policy {
            SyncPolicy::EveryTurn => true,
            SyncPolicy::Every(time) => now.saturating_duration_since(self.last) >= time,
            SyncPolicy::Never => false,
        };
        if due {
            self.last = now;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For turns that begin at these milliseconds, whether to sync before them.
    fn due<const N: usize>(policy: SyncPolicy, turns: [u64; N]) -> [bool; N] {
        let start = Instant::now();
        let mut schedule = SyncSchedule::new(policy, start);
        turns.map(|turn| schedule.is_due(start + Duration::from_millis(turn)))
    }

    #[test]
    fn every_turn_is_every_turn() {
        assert_eq!(due(SyncPolicy::EveryTurn, [0, 0, 1]), [true; 3]);
    }

    #[test]
    fn never_is_never() {
        assert_eq!(due(SyncPolicy::Never, [0, 1, 1_000_000_000]), [false; 3]);
    }

    #[test]
    fn time_is_counted_from_the_last_sync() {
        let policy = SyncPolicy::Every(Duration::from_millis(100));
        assert_eq!(
            due(policy, [0, 99, 100, 199, 205, 300, 305, 1_000, 1_001]),
            [false, false, true, false, true, false, true, true, false]
        );
    }

    #[test]
    fn no_time_at_all_is_every_turn() {
        let policy = SyncPolicy::Every(Duration::ZERO);
        assert_eq!(due(policy, [0, 0, 5]), [true; 3]);
    }

    #[test]
    fn a_clock_that_goes_backwards_is_borne() {
        let policy = SyncPolicy::Every(Duration::from_millis(100));
        assert_eq!(due(policy, [150, 20, 260]), [true, false, true]);
    }
}
