//! Copying a shard for a snapshot, before it goes on.

use std::collections::HashMap;
use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chunky::portable::WriteError;
use chunky::{Chain, MapCopy};

use crate::outbox::Letter;
use crate::panic::caught;
use crate::persist::{
    Base, ChunkKind, Entry, Key, LetterImage, SenderImage, ShardImage, SnapshotError, StoreImage,
};
use crate::portable;
use crate::registry::SHARD;
use crate::schema::Schema;
use crate::shard::{Shard, half};
use crate::stock::{HOST, Stock};
use crate::store::AnyStore;
use crate::world::World;
use crate::{CVec, Compact};

/// Of so many shards, all but one copy their stores in the turn before, when they have run. The others do so when they
/// come to run again, and then all have letters to copy, too: so both turns take about as much longer.
const SHARE: usize = 3;

/// What the chunks of a shard were copied to the last time: memory that is there already takes far less time
/// to write to.
pub(crate) type Buffers = HashMap<Key, Vec<u8>>;

/// A chunk, to be written under this key, with at least so much room.
pub(crate) struct ChunkCopy {
    pub(crate) key: Key,
    pub(crate) bytes: Vec<u8>,
    pub(crate) room: usize,
}

/// A shard that is to be copied as it is between two turns.
///
/// That can be done until it runs in the second one, and is done best right before, by the thread that runs it:
/// what was read for the copy is in the core's cache then. Its stores, which nothing changes when it has run in the
/// first one, can be copied right after that just as well.
pub(crate) struct ShardCopy {
    schema: Arc<Schema>,
    /// What has not changed since is not copied.
    base: Option<Arc<Base>>,
    /// The turn that comes next.
    next: u64,
    /// Whether what the host has sent for that turn belongs to it. It does not if the host may send more before
    /// the shard is copied.
    with_host: bool,
    /// The [epoch](World::epoch) that begins with it.
    epoch: u64,
    pub(crate) spare: Buffers,
    pub(crate) chunks: Vec<ChunkCopy>,
    /// Those that have not changed since the base.
    pub(crate) kept: Vec<Entry>,
    /// What there is to say of the stores, once they are copied.
    pub(crate) stores: Option<Result<CVec<StoreImage>, SnapshotError>>,
    /// Whether it could be copied; none before it is done.
    pub(crate) outcome: Option<Result<(), SnapshotError>>,
    /// How long it took so far.
    pub(crate) time: Duration,
}

impl ShardCopy {
    /// The copy of a shard as it is before the turn `next`, in the memory of the last one.
    pub(crate) fn new(
        schema: &Arc<Schema>,
        base: Option<&Arc<Base>>,
        next: u64,
        with_host: bool,
        epoch: u64,
        spare: Buffers,
    ) -> Box<Self> {
        Box::new(ShardCopy {
            schema: Arc::clone(schema),
            base: base.cloned(),
            next,
            with_host,
            epoch,
            spare,
            chunks: Vec::new(),
            kept: Vec::new(),
            stores: None,
            outcome: None,
            time: Duration::ZERO,
        })
    }

    /// Copies the shard, or what is left of it, before `turn`, if that is the second one. Nothing for it must be left
    /// in its mailbox.
    pub(crate) fn before(&mut self, turn: u64, shard: &mut Shard) {
        if self.next != turn || self.outcome.is_some() {
            return;
        }
        let begin = Instant::now();
        self.outcome = Some(self.copy(shard));
        shard.world.epoch = self.epoch;
        self.time += begin.elapsed();
    }

    /// Copies the stores of most shards when they have run in `turn`, if that is the first one.
    pub(crate) fn behind(&mut self, turn: u64, shard: &mut Shard) {
        if self.next != turn + 1 || shard.index.is_multiple_of(SHARE) {
            return;
        }
        let begin = Instant::now();
        self.stores = Some(self.copy_stores(shard));
        self.time += begin.elapsed();
    }

    /// The memory that it was to be copied to.
    pub(crate) fn into_spare(mut self) -> Buffers {
        let copied = take(&mut self.chunks).into_iter();
        self.spare
            .extend(copied.map(|chunk| (chunk.key, chunk.bytes)));
        self.spare
    }

    fn copy_stores(&mut self, shard: &mut Shard) -> Result<CVec<StoreImage>, SnapshotError> {
        shard.stores.check_all()?;
        let mut stores = CVec::new();
        for actor in 0..shard.stores.types() {
            if let Some(store) = shard.stores.get_mut(actor) {
                let name = shard.world.registry.actor(actor).name;
                stores.push(self.store(shard.index, actor, name, store)?);
            }
        }
        Ok(stores)
    }

    fn copy(&mut self, shard: &mut Shard) -> Result<(), SnapshotError> {
        let stores = match self.stores.take() {
            Some(stores) => stores?,
            None => self.copy_stores(shard)?,
        };
        let [letters_key, beside_key] =
            [ChunkKind::Letters, ChunkKind::LettersBeside].map(|kind| kind.key(shard.index, 0));
        let (mut bytes, mut beside) = (self.buffer(letters_key), self.buffer(beside_key));
        let (schema, registry) = (&*self.schema, &*shard.world.registry);
        let mut copy_letter = |letter: &mut Letter| {
            let (to, source) = (letter.to(), letter.source());
            let chain = &mut letter.chain;
            let chunks = tried(|| copy_chain(chain, schema, &mut bytes, &mut beside));
            let name = |to: u16| {
                if to == SHARD {
                    "slot numbers"
                } else {
                    registry.actor(to).name
                }
            };
            let chunks = chunks.map_err(|reason| not_written(name(to), reason))?;
            Ok::<_, SnapshotError>(LetterImage { to, source, chunks })
        };
        let pending = shard.pending[shard.done..].iter_mut();
        let pending = pending.map(&mut copy_letter).collect::<Result<_, _>>()?;
        let letters = &mut shard.letters[half(self.next)];
        letters.sort_by_key(Letter::order);
        let letters = letters.iter_mut();
        let letters = letters.filter(|letter| self.with_host || letter.source() != HOST);
        let letters = letters.map(&mut copy_letter).collect::<Result<_, _>>()?;
        let culprits = shard.culprits.iter();
        let image = ShardImage {
            stores,
            sender: sender_image(&shard.world),
            pending,
            letters,
            culprits: culprits
                .map(|(actor, key)| (*actor, key.slot, key.generation))
                .collect(),
        };
        self.push(letters_key, bytes, 0);
        self.push(beside_key, beside, 0);
        let key = ChunkKind::Shard.key(shard.index, 0);
        self.push(key, to_bytes(&image)?, 0);
        Ok(())
    }

    fn store(
        &mut self,
        shard: usize,
        actor: u16,
        name: &str,
        store: &mut dyn AnyStore,
    ) -> Result<StoreImage, SnapshotError> {
        let kinds = [
            ChunkKind::Values,
            ChunkKind::Beside,
            ChunkKind::Slots,
            ChunkKind::Pages,
        ];
        let image = |store: &dyn AnyStore, page_numbers: &[u32]| StoreImage {
            actor,
            len: store.len() as u64,
            broadcasts: store.broadcasts(),
            page_numbers: page_numbers.into(),
        };
        let base = self.base.as_deref();
        if let Some(base) = base.filter(|base| store.touched() <= base.epoch) {
            let chunks = kinds.map(|kind| base.chunk(kind.key(shard, actor)));
            self.kept.extend(chunks.into_iter().flatten());
            return Ok(image(store, &store.page_numbers()));
        }
        let mut buffer = |kind: ChunkKind| self.buffer(kind.key(shard, actor));
        let mut copy = MapCopy {
            values: buffer(ChunkKind::Values),
            beside: buffer(ChunkKind::Beside),
            slots: buffer(ChunkKind::Slots),
            pages: buffer(ChunkKind::Pages),
            page_numbers: Vec::new(),
        };
        let form = self.schema.actor(actor);
        let copied = tried(|| store.copy(form, &self.schema.maps, &mut copy));
        copied.map_err(|reason| not_written(name, reason))?;
        let rooms = store.rooms(copy.page_numbers.len());
        let chunks = [
            (copy.values, rooms.values),
            (copy.beside, 0),
            (copy.slots, rooms.slots),
            (copy.pages, rooms.pages),
        ];
        for (kind, (bytes, room)) in kinds.into_iter().zip(chunks) {
            self.push(kind.key(shard, actor), bytes, room);
        }
        Ok(image(store, &copy.page_numbers))
    }

    /// An empty buffer for a chunk.
    fn buffer(&mut self, key: Key) -> Vec<u8> {
        let mut buffer = self.spare.remove(&key).unwrap_or_default();
        buffer.clear();
        buffer
    }

    /// Adds a chunk, unless it has no bytes.
    fn push(&mut self, key: Key, bytes: Vec<u8>, room: usize) {
        if bytes.is_empty() {
            self.spare.insert(key, bytes);
        } else {
            self.chunks.push(ChunkCopy { key, bytes, room });
        }
    }
}

pub(crate) fn to_bytes<T: Compact>(image: &T) -> Result<Vec<u8>, SnapshotError> {
    portable::to_bytes(image).map_err(|reason| SnapshotError::NotWritten {
        what: "what is known of the world".to_owned(),
        reason,
    })
}

pub(crate) fn sender_image(world: &World) -> SenderImage {
    let stock =
        |(actor, stock): (u16, &Option<Box<Stock>>)| Some((actor, stock.as_deref()?.image()));
    SenderImage {
        stocks: (0..).zip(&world.stocks).filter_map(stock).collect(),
        lost: world.lost[..].into(),
        delivered: world.delivered[..].into(),
    }
}

fn copy_chain(
    chain: &mut Chain,
    schema: &Schema,
    bytes: &mut Vec<u8>,
    beside: &mut Vec<u8>,
) -> Result<CVec<(u32, u32, u64)>, WriteError> {
    let mut chunks = CVec::new();
    chain.copy(schema.messages(), bytes, beside, |chunk| {
        chunks.push((chunk.sender, chunk.offset, chunk.bytes as u64));
    })?;
    Ok(chunks)
}

/// Users may write `Compact` by hand. If that panics, the turn that comes next must not suffer from it.
fn tried<T>(copy: impl FnOnce() -> Result<T, WriteError>) -> Result<T, WriteError> {
    let why = "its `Compact::write` panics";
    caught(copy).unwrap_or(Err(WriteError::Invalid { why }))
}

fn not_written(actor: &str, reason: WriteError) -> SnapshotError {
    SnapshotError::NotWritten {
        what: format!("an actor of type `{actor}`, or a message to one"),
        reason,
    }
}
