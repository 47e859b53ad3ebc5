//! How a system is set up.

use std::time::Duration;

use crate::error::SetupError;
use crate::persist::SyncPolicy;

/// What happens when a handler panics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PanicPolicy {
    /// The world freezes: the turn of the other shards completes, and from then on only essential
    /// messages are handled, until it is resumed without the culprit.
    #[default]
    Freeze,
    /// The culprit is removed and the turn goes on.
    Kill,
}

/// When a world takes snapshots by itself. None is begun while one is being written. Shards are
/// copied when they have run in a turn, or before they run in the next one, so that both take about
/// as much longer; those that do not run are copied behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SnapshotPolicy {
    /// Only when it is asked to.
    #[default]
    Never,
    /// After a turn, when so many have run since the last one began.
    EveryTurns(u64),
    /// After a turn, when so much time has passed since the last one began; if the next turn has much
    /// to do, after that one.
    Every(Duration),
}

/// How a system is set up. `Settings::default()` suits most.
///
/// ```
/// use kay_runtime::Settings;
/// let settings = Settings::default().threads(2).shards(64).seed(7);
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    pub(crate) threads: usize,
    pub(crate) shards: usize,
    pub(crate) seed: u64,
    pub(crate) panic_policy: PanicPolicy,
    pub(crate) schedule: Option<u64>,
    pub(crate) sync_test: Option<u64>,
    pub(crate) sync: SyncPolicy,
    pub(crate) snapshots: SnapshotPolicy,
}

impl Default for Settings {
    /// As many threads as the machine has cores, 64 shards, seed 0, freeze on panic, and no
    /// input lost in a power cut.
    fn default() -> Self {
        Settings {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            shards: 64,
            seed: 0,
            panic_policy: PanicPolicy::Freeze,
            schedule: None,
            sync_test: None,
            sync: SyncPolicy::EveryTurn,
            snapshots: SnapshotPolicy::Never,
        }
    }
}

impl Settings {
    /// The number of threads, from 1 to 1,024, the calling one included. Changes no result.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// The number of shards that the instances of each type are spread over, from 1 to 4,096.
    ///
    /// The unit of parallel work: some dozen a thread are enough. Few instances want few shards, one for each ten
    /// thousand or so: a shard that has something to do costs as much as some messages, and a message between two
    /// shards that have no other one for each other several times as much as one that follows others. Changes results, since
    /// messages are ordered by sending shard. A power of two makes ids dense.
    pub fn shards(mut self, shards: usize) -> Self {
        self.shards = shards;
        self
    }

    /// The seed of all random numbers.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// What happens when a handler panics.
    pub fn panic_policy(mut self, policy: PanicPolicy) -> Self {
        self.panic_policy = policy;
        self
    }

    /// Runs every turn on all threads, however small, with shards given to threads, and run by
    /// each, in an order drawn from this seed. Changes no result: that is what it is for. Slow.
    pub fn schedule(mut self, seed: u64) -> Self {
        self.schedule = Some(seed);
        self
    }

    /// Every so many turns, runs these turns a second time from a copy of the world, on another
    /// schedule, and compares all instances: an actor that depends on anything but its state and
    /// its messages is found, and named in a [`TurnError`](crate::TurnError). Slow, and twice the
    /// memory.
    ///
    /// What an [`External`](crate::External) holds is not copied, and handlers run twice, so this
    /// is not for actors that act on the outside.
    pub fn sync_test(mut self, every: u64) -> Self {
        self.sync_test = Some(every);
        self
    }

    /// How much a power cut may take from a world that was
    /// [opened](crate::ActorSystem::open); others have nothing to lose.
    pub fn sync(mut self, policy: SyncPolicy) -> Self {
        self.sync = policy;
        self
    }

    /// When a world that was [opened](crate::ActorSystem::open) takes a
    /// [snapshot](crate::ActorSystem::snapshot) by itself.
    pub fn snapshots(mut self, policy: SnapshotPolicy) -> Self {
        self.snapshots = policy;
        self
    }

    pub(crate) fn check(&self) -> Result<(), SetupError> {
        let wrong = |setting, given, allowed| {
            Err(SetupError::Setting {
                setting,
                given,
                allowed,
            })
        };
        if !(1..=1024).contains(&self.threads) {
            return wrong("threads", self.threads, "from 1 to 1,024");
        }
        if !(1..=4096).contains(&self.shards) {
            return wrong("shards", self.shards, "from 1 to 4,096");
        }
        if self.sync_test == Some(0) {
            return wrong("sync_test", 0, "at least 1");
        }
        Ok(())
    }
}
