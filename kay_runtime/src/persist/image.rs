//! What a snapshot says of a world, beside the chunks of its stores and letters.

use chunky::raw::TypeNumber;

use super::protocol::Protocol;
use super::snapshot::Key;
use crate::stock::StockImage;
use crate::{CString, CVec, Compact, RawId};

/// What there is to say of the whole world: the meta of a snapshot.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct WorldImage {
    pub(crate) format: u32,
    pub(crate) protocol: Protocol,
    /// The layouts of slots and of pages of slots.
    pub(crate) slots: TypeNumber,
    pub(crate) pages: TypeNumber,
    /// That of each actor type, in the order of registration.
    pub(crate) actors: CVec<TypeNumber>,
    /// How much of the journal is in this.
    pub(crate) journal: JournalPosition,
    /// Messages that wait, receivers of broadcasts included.
    pub(crate) waiting: u64,
    pub(crate) frozen: bool,
    pub(crate) panics: CVec<PanicImage>,
    /// How many there were since the beginning.
    pub(crate) panicked: u64,
    pub(crate) host: SenderImage,
    /// Random streams that the host has had.
    pub(crate) streams: u64,
}

impl WorldImage {
    /// What is in it. Changes when that does.
    pub(crate) const FORMAT: u32 = 2;
}

/// A place in the journal: behind so many records of a part.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
#[compact(crate = crate)]
pub(crate) struct JournalPosition {
    pub(crate) part: u64,
    pub(crate) records: u64,
}

/// What shards and the host have in common.
#[derive(Compact, Default)]
#[compact(crate = crate)]
pub(crate) struct SenderImage {
    /// By actor type, as far as there are any.
    pub(crate) stocks: CVec<(u16, StockImage)>,
    /// Messages lost and handler calls, by the messages' tags from 1 on.
    pub(crate) lost: CVec<u64>,
    pub(crate) delivered: CVec<u64>,
}

/// What there is to say of a shard.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct ShardImage {
    pub(crate) stores: CVec<StoreImage>,
    pub(crate) sender: SenderImage,
    /// Letters of a turn that a panic interrupted, and then those for the next turn.
    pub(crate) pending: CVec<LetterImage>,
    pub(crate) letters: CVec<LetterImage>,
    /// Instances that panicked: type, slot, generation.
    pub(crate) culprits: CVec<(u16, u32, u16)>,
}

/// The instances of a type in a shard.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct StoreImage {
    pub(crate) actor: u16,
    pub(crate) len: u64,
    pub(crate) broadcasts: u32,
    pub(crate) page_numbers: CVec<u32>,
}

/// Messages to a type, in the order of sending. Their bytes follow each other in a chunk of the shard.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct LetterImage {
    pub(crate) to: u16,
    pub(crate) source: u16,
    /// Who has sent the first item, where the bytes began, and how many there are.
    pub(crate) chunks: CVec<(u32, u32, u64)>,
}

/// A handler that panicked.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct PanicImage {
    pub(crate) turn: u64,
    pub(crate) actor: u64,
    pub(crate) id: RawId,
    pub(crate) message: u64,
    pub(crate) arguments: Option<CString>,
    pub(crate) state: Option<CString>,
    pub(crate) reason: CString,
}

/// What a chunk of a snapshot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChunkKind {
    /// A [`ShardImage`].
    Shard = 1,
    /// Instances of a type, what is beside them, their slots, and the pages of slots.
    Values = 2,
    Beside = 3,
    Slots = 4,
    Pages = 5,
    /// The messages of all letters, and what is beside them.
    Letters = 6,
    LettersBeside = 7,
}

impl ChunkKind {
    /// The key of the chunk of this kind for a type in a shard; the type is 0 where there is none.
    pub(crate) fn key(self, shard: usize, actor: u16) -> Key {
        Key {
            kind: self as u16,
            shard: shard as u16,
            actor: u32::from(actor),
            index: 0,
        }
    }
}
