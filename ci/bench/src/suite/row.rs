//! The kinds of work that everyone is measured with.

/// A row of the speed table: a kind of work, the same for all contenders.
///
/// What a portion of it consists of, and what number everyone must end up with, stands with each.
/// Sizes come from the methods of [`Size`], so that tests can shrink them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Savina's ping-pong: two actors send one message to and fro. A portion is
    /// [`Size::hops`] messages; the number is that of all messages handled.
    PingPong,
    /// Savina's thread ring: one message goes round a ring of 100 actors. Portion and number as
    /// in ping-pong.
    ThreadRing,
    /// Savina's counting: one actor sends [`Size::counted`] messages, each with a number to add,
    /// to another, which adds them up. The numbers of a portion are `0..counted`, in batches of
    /// at most 100,000 where the system has turns. The number is the sum.
    Counting,
    /// Savina's fork-join throughput: [`Size::forks`] actors get `counted / forks` messages
    /// each, in turn, and compute the same few additions for each: `sum += sin(37.2)^2` of a
    /// value that the compiler cannot know (`black_box`). The number is that of all messages
    /// handled.
    ForkJoin,
    /// Savina's big: each of [`Size::crowd`] actors sends a ping to one of the others, waits for
    /// the pong, and pings the next one, [`Size::pings`] times in a portion. The next one is
    /// number `next(seed)` of the crowd, by [`next`], from a seed that begins as the actor's
    /// number plus 1. The number is that of all pings and pongs handled.
    Big,
    /// Savina's chameneos: [`Size::creatures`] creatures with a colour of three meet in pairs at
    /// a mall, an actor, which tells both the colour of the other; both change to the third colour
    /// if these differ, and go to the mall again, until the mall has seen [`Size::meetings`] in
    /// this portion. The number is that of all meetings.
    Chameneos,
    /// Savina's bank transaction: a teller lets [`Size::transfers`] transfers between random
    /// ones of [`Size::accounts`] accounts begin at once; the source debits itself, tells the
    /// target to credit, which answers the source, which answers the teller. The number is that of
    /// all transfers that the teller has got answers for. An item is a transfer.
    Bank,
    /// [`Size::drivers`] drivers, spread over all shards, each send one message to each of their
    /// share of [`Size::many`] actors of 16 bytes, in the order of addresses. The number is the
    /// sum of all amounts (1 each) that were added.
    AddressOrder,
    /// One message to all of [`Size::many`] instances of 32 bytes:
    /// `position += speed * time; steps += 1`. A portion is 20 of them. The number is the steps of
    /// all instances.
    Broadcast,
    /// As many messages in flight as there are actors, this many (before shrinking): each is
    /// answered with one to an actor that is as good as random: the one about whom the last
    /// message was. Actor `n` begins with `(n * 7919 + 104729 * (n % 31)) % count` as the other
    /// one, and gets a first message about the other of `n / 2`. A portion is
    /// [`Size::random_rounds`] rounds. The number is that of all messages handled.
    RandomAnswer(usize),
    /// PHOLD as in ROSS by default: [`Size::processes`] logical processes, each begins with one
    /// event; an event leads to one other, for a random process with a probability of 25 %, else
    /// for the same one, after a delay of 1 (lookahead) plus an exponential one of mean 1. A portion
    /// is 10 units of time. The number is that of all events handled, which random numbers may
    /// change by up to 1 %: it is compared with that tolerance.
    Phold,
    /// [`Size::many`] instances of 32 bytes are made by messages and ended by messages, in memory
    /// that is kept from one portion to the next. The number is that of all that have ended. An
    /// item is an instance, made and ended.
    SpawnAndDrop,
    /// Resident bytes of this process for each of [`Size::many`] idle instances of 32 bytes. The
    /// portion does nothing; what [`prepare`](super::Contender::prepare) has made counts.
    Resident,
}

/// A number to go on with after `seed`: the high bits of it are as good as random. (A linear
/// congruential generator, Knuth's MMIX.)
pub fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// How large the work is, and on how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Threads that work, the calling one included.
    pub threads: usize,
    /// 1 when measured. Tests do so many times less.
    pub shrink: usize,
}

impl Size {
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

    /// Messages in a portion of counting or fork-join.
    pub fn counted(self) -> usize {
        self.of(1_200_000, 600)
    }

    /// Actors of fork-join.
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
        self.of(50_000, 100)
    }

    /// Instances where there should be many.
    pub fn many(self) -> usize {
        self.of(1_000_000, 1000)
    }

    /// Drivers of the row in address order.
    pub fn drivers(self) -> usize {
        64
    }

    /// Actors of random answer, where `count` is meant.
    pub fn random(self, count: usize) -> usize {
        self.of(count, 100)
    }

    /// Rounds in a portion of random answer, where `count` is meant.
    pub fn random_rounds(self, count: usize) -> usize {
        self.of((2_000_000 / count).clamp(1, 50), 2)
    }

    /// Logical processes of PHOLD.
    pub fn processes(self) -> usize {
        self.of(65_536, 256)
    }
}
