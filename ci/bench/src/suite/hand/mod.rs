//! What an engineer would write by hand for each row, in two ways: two plain buffers, and the
//! pooled chunks, shards and prefetches of [`by_hand`](crate::by_hand).

mod few;
mod instances;
mod looping;
mod many;
mod savina;

use super::{Contender, Kind, Prepared, Row, Size};
use looping::{Plain, Pooled};

/// All state in one `Vec`, messages in two others: one is read while the other is written. On one
/// thread, except where nobody sends anything.
pub const PLAIN: Contender = Contender {
    name: "plain loop",
    kind: Kind::Hand,
    threaded: true,
    prepare: plain,
};

/// State in a `Vec` for each shard, messages in pooled chunks, receivers prefetched.
pub const POOLED: Contender = Contender {
    name: "pooled loop",
    kind: Kind::Hand,
    threaded: true,
    prepare: pooled,
};

fn plain(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::Broadcast => instances::broadcast_in_one(size),
        Row::Resident => instances::resident(size),
        _ if size.threads > 1 => None,
        Row::PingPong => few::ring::<Plain<_>>(2, size),
        Row::ThreadRing => few::ring::<Plain<_>>(size.ring(), size),
        Row::Counting => few::counting::<Plain<_>>(size),
        Row::ForkJoin => few::fork_join::<Plain<_>>(size),
        Row::Big => savina::big::<Plain<_>>(size),
        Row::Chameneos => savina::chameneos::<Plain<_>>(size),
        Row::Bank => savina::bank::<Plain<_>>(size),
        Row::AddressOrder => many::address_order::<Plain<_>>(size),
        Row::RandomAnswer(count) => many::random_answer::<Plain<_>>(count, size),
        Row::Phold => many::phold::<Plain<_>>(size),
        Row::SpawnAndDrop => instances::spawn_and_drop::<Plain<_>>(size),
    }
}

fn pooled(row: Row, size: Size) -> Option<Prepared> {
    match row {
        Row::Resident => None,
        _ if size.threads > 1 && !row.scales() => None,
        Row::PingPong => few::ring::<Pooled<_>>(2, size),
        Row::ThreadRing => few::ring::<Pooled<_>>(size.ring(), size),
        Row::Counting => few::counting::<Pooled<_>>(size),
        Row::ForkJoin => few::fork_join::<Pooled<_>>(size),
        Row::Big => savina::big::<Pooled<_>>(size),
        Row::Chameneos => savina::chameneos::<Pooled<_>>(size),
        Row::Bank => savina::bank::<Pooled<_>>(size),
        Row::AddressOrder => many::address_order::<Pooled<_>>(size),
        Row::Broadcast => instances::broadcast_in_shards(size),
        Row::RandomAnswer(count) => many::random_answer::<Pooled<_>>(count, size),
        Row::Phold => many::phold::<Pooled<_>>(size),
        Row::SpawnAndDrop => instances::spawn_and_drop::<Pooled<_>>(size),
    }
}
