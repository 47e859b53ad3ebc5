//! The kinds of work that everyone is measured with.

use super::Size;

/// A row of the speed table: a kind of work, the same for all contenders.
///
/// What a portion of it consists of, and what number everyone must end up with, stands with each.
/// Sizes come from the methods of [`Size`], so that tests can shrink them. Random numbers come
/// from one generator, so that everyone has the same ones. A portion is over when
/// nothing is in flight any more, except where a row says otherwise.
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
    /// at most [`Size::BATCH`] a turn where the system has turns. The number is the sum.
    Counting,
    /// Savina's fork-join throughput: an actor sends [`Size::counted`] messages to
    /// [`Size::forks`] others, to each in turn, in batches as in counting. For each, the receiver
    /// does [`fork_join_work`](super::fork_join_work). The number is that of all messages handled.
    ForkJoin,
    /// Savina's big: each of [`Size::crowd`] actors sends a ping to one of the others, waits for
    /// the pong, and pings the next one, [`Size::pings`] times in a portion. Whom it pings is
    /// `(own + 1 + next(seed) % (crowd - 1)) % crowd`, by [`next`](super::next), from a seed that
    /// begins as its own number plus 1. The number is that of all pings and pongs handled.
    Big,
    /// Savina's chameneos: [`Size::creatures`] creatures with a colour of three meet in pairs at
    /// a mall, an actor, which tells both the colour of the other; both change to the third colour
    /// if these differ, and go to the mall again, until the mall has seen [`Size::meetings`] in
    /// this portion: then it answers no more, and with the next portion all creatures go there
    /// again. The number is that of all meetings; an item is a meeting.
    Chameneos,
    /// Savina's bank transaction: a teller lets [`Size::transfers`] transfers between random
    /// ones of [`Size::accounts`] accounts begin at once; the source debits itself, tells the
    /// target to credit, which answers the source, which answers the teller. The source is
    /// `next(seed) % accounts`, the target `(source + 1 + next(seed) % (accounts - 1)) %
    /// accounts`, from the teller's seed, which begins as 1. The number is that of all transfers
    /// that the teller has got answers for; an item is a transfer, which is four messages.
    Bank,
    /// [`Size::drivers`] drivers, spread over all shards, each send a message to each of their
    /// share of [`Size::many`] actors of 16 bytes, in the order of addresses. A portion is
    /// [`Size::rounds`] rounds: a driver begins the next one by a message to itself. The number
    /// is the sum of all amounts (1 each) that were added.
    AddressOrder,
    /// One message to all of [`Size::many`] instances of 32 bytes:
    /// `position += speed * time; steps += 1`. A portion is [`Size::broadcasts`] of them. The
    /// number is the steps of all instances.
    Broadcast,
    /// As many messages of 8 bytes in flight as there are actors of 24 bytes, this many (before
    /// shrinking, see [`Size::random`]): each is answered with one to an actor that is as good as random: the
    /// actor has one other in mind, gets a message about a third one, tells the other about
    /// itself, and has the third one in mind from then on. Actor `n` begins with
    /// [`partner(n, count)`](super::partner) in mind, and gets a first message about `partner(n
    /// / 2, count)`. A portion is [`Size::random_rounds`] rounds. Where the system has no turns,
    /// each message says how many rounds are left, and the next portion begins with a message to
    /// each actor as the first did. Where it has, the messages of the last round stay in flight
    /// until the next portion. The number is that of all messages handled.
    RandomAnswer(usize),
    /// PHOLD as in ROSS by default: [`Size::processes`] logical processes, each begins with the
    /// event [`Event::first`](super::Event::first); each event, handled, leads to another one,
    /// [`Event::lead`](super::Event::lead), by a message even if it is for the same process. A
    /// process handles its events in the order of their time. A portion is [`Size::time`] units of time: all events before its end. The number is
    /// that of all events handled.
    Phold,
    /// [`Size::many`] instances of 32 bytes are made by messages and ended by messages, in memory
    /// that is kept from one portion to the next. The number is that of all that have ended. An
    /// item is an instance, made and ended.
    SpawnAndDrop,
    /// Resident bytes of this process for each of [`Size::many`] idle instances of 32 bytes. The
    /// portion does nothing; what [`prepare`](super::Contender::prepare) has made counts. The number
    /// is that of the instances.
    Resident,
}

impl Row {
    /// All of them, in the order of the table.
    pub const ALL: [Row; 16] = [
        Row::PingPong,
        Row::ThreadRing,
        Row::Counting,
        Row::ForkJoin,
        Row::Big,
        Row::Chameneos,
        Row::Bank,
        Row::AddressOrder,
        Row::Broadcast,
        Row::RandomAnswer(10_000),
        Row::RandomAnswer(100_000),
        Row::RandomAnswer(1_000_000),
        Row::RandomAnswer(10_000_000),
        Row::Phold,
        Row::SpawnAndDrop,
        Row::Resident,
    ];

    /// Its name, as in the arguments of the programs that print the table.
    pub fn name(self) -> String {
        let name = match self {
            Row::PingPong => "ping-pong",
            Row::ThreadRing => "thread-ring",
            Row::Counting => "counting",
            Row::ForkJoin => "fork-join",
            Row::Big => "big",
            Row::Chameneos => "chameneos",
            Row::Bank => "bank",
            Row::AddressOrder => "address-order",
            Row::Broadcast => "broadcast",
            Row::RandomAnswer(count) if count >= 1_000_000 => {
                return format!("random-{}M", count / 1_000_000);
            }
            Row::RandomAnswer(count) => return format!("random-{}k", count / 1000),
            Row::Phold => "phold",
            Row::SpawnAndDrop => "spawn-and-drop",
            Row::Resident => "resident",
        };
        name.to_owned()
    }

    /// What its time is divided by.
    pub fn unit(self) -> &'static str {
        match self {
            Row::Chameneos => "ns a meeting",
            Row::Bank => "ns a transfer",
            Row::Broadcast | Row::SpawnAndDrop => "ns an instance",
            Row::Phold => "ns an event",
            Row::Resident => "bytes an instance",
            _ => "ns a message",
        }
    }

    /// Whether there is enough to do at once for two threads.
    pub fn scales(self) -> bool {
        !matches!(
            self,
            Row::PingPong
                | Row::ThreadRing
                | Row::Counting
                | Row::Big
                | Row::Chameneos
                | Row::Resident
        )
    }

    /// How many times the baseline kay may take, by the project's design; `None` where that says
    /// nothing.
    pub fn aim(self) -> Option<f64> {
        match self {
            Row::PingPong | Row::ThreadRing | Row::Counting | Row::SpawnAndDrop => Some(2.0),
            Row::AddressOrder | Row::RandomAnswer(_) => Some(1.5),
            Row::Broadcast => Some(1.1),
            // 48 bytes, where state and slots in two `Vec`s have 40.
            Row::Resident => Some(1.2),
            Row::ForkJoin | Row::Big | Row::Chameneos | Row::Bank | Row::Phold => None,
        }
    }

    /// Messages or instances in a portion.
    pub fn items(self, size: Size) -> usize {
        match self {
            Row::PingPong | Row::ThreadRing => size.hops(),
            Row::Counting | Row::ForkJoin => size.counted(),
            Row::Big => size.crowd() * size.pings() * 2,
            Row::Chameneos => size.meetings(),
            Row::Bank => size.transfers(),
            Row::AddressOrder => size.many() * size.rounds(),
            Row::Broadcast => size.many() * size.broadcasts(),
            Row::RandomAnswer(count) => size.random(count) * size.random_rounds(count),
            // An event leads to the next one after 2 units of time on average.
            Row::Phold => size.processes() * size.time() / 2,
            Row::SpawnAndDrop | Row::Resident => size.many(),
        }
    }

    /// The number that everyone must have after so many portions; `None` for PHOLD, where it is
    /// what everyone else has.
    pub fn number(self, size: Size, portions: usize) -> Option<u64> {
        let counted = size.counted();
        match self {
            Row::Counting => Some((counted * (counted - 1) / 2 * portions) as u64),
            Row::Phold => None,
            Row::Resident => Some(size.many() as u64),
            _ => Some((self.items(size) * portions) as u64),
        }
    }
}
