//! How much of its work everyone does.

/// How large the work is, and on how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Threads that work, the calling one included.
    pub threads: usize,
    /// 1 when measured. Tests do so many times less.
    pub shrink: usize,
}

impl Size {
    /// The most messages of counting and fork-join that are sent in one turn.
    pub const BATCH: usize = 100_000;

    /// Full size, on so many threads.
    pub fn full(threads: usize) -> Size {
        Size { threads, shrink: 1 }
    }

    fn of(self, full: usize, least: usize) -> usize {
        (full / self.shrink).max(least)
    }

    /// Messages in a portion of ping-pong or thread ring.
    pub fn hops(self) -> usize {
        self.of(100_000, 300)
    }

    /// Actors of the thread ring.
    pub fn ring(self) -> usize {
        100
    }

    /// Messages in a portion of counting or fork-join.
    pub fn counted(self) -> usize {
        self.of(1_200_000, 600)
    }

    /// Receivers of fork-join.
    pub fn forks(self) -> usize {
        60
    }

    /// Actors of big.
    pub fn crowd(self) -> usize {
        120
    }

    /// Pings of each actor of big in a portion.
    pub fn pings(self) -> usize {
        self.of(1000, 5)
    }

    /// Creatures of chameneos.
    pub fn creatures(self) -> usize {
        100
    }

    /// Meetings in a portion of chameneos.
    pub fn meetings(self) -> usize {
        self.of(100_000, 100)
    }

    /// Accounts of the bank.
    pub fn accounts(self) -> usize {
        1000
    }

    /// Transfers in a portion of the bank.
    pub fn transfers(self) -> usize {
        self.of(200_000, 100)
    }

    /// Instances where there should be many.
    pub fn many(self) -> usize {
        self.of(1_000_000, 1000)
    }

    /// Drivers of the row in address order.
    pub fn drivers(self) -> usize {
        64
    }

    /// Rounds in a portion of the row in address order.
    pub fn rounds(self) -> usize {
        3
    }

    /// Messages in a portion of broadcast, each to all instances.
    pub fn broadcasts(self) -> usize {
        self.of(2, 2)
    }

    /// Actors of random answer, where `count` is meant.
    pub fn random(self, count: usize) -> usize {
        self.of(count, 100)
    }

    /// Rounds in a portion of random answer, where `count` is meant.
    pub fn random_rounds(self, count: usize) -> usize {
        self.of((2_000_000 / count).clamp(2, 200), 2)
    }

    /// Logical processes of PHOLD.
    pub fn processes(self) -> usize {
        self.of(65_536, 256)
    }

    /// Units of simulated time in a portion of PHOLD.
    pub fn time(self) -> usize {
        10
    }
}

/// As many shards as suit so many actors, for loops written by hand and for kay alike: few for
/// few, since a pair of shards without messages for each other costs as much as one with many, and
/// one with few messages fills a chunk, a page of memory, badly. On one thread, both were fastest
/// with 16 to 32 shards for a million actors.
pub fn shards_for(actors: usize) -> usize {
    (actors / 32_768).next_power_of_two().clamp(4, 64)
}
