//! Copying a world, to be written while it goes on.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::thread;

use chunky::portable::WriteError;
use chunky::{Chain, MapCopy};

use super::ActorSystem;
use crate::outbox::Letter;
use crate::panic::PanicReport;
use crate::persist::{
    Base, ChunkKind, Entry, JournalPosition, Key, LetterImage, MessageImage, PanicImage,
    SenderImage, Setup, ShardImage, SnapshotError, StoreImage, WorldImage,
};
use crate::portable;
use crate::registry::{Registry, SHARD, Tag};
use crate::schema::Schema;
use crate::shard::{Shard, half};
use crate::stock::Stock;
use crate::store::AnyStore;
use crate::world::World;
use crate::{CVec, Compact};

/// A world as it was between two turns: what a snapshot is made of.
pub(super) struct WorldCopy {
    pub(super) turn: u64,
    pub(super) meta: Vec<u8>,
    pub(super) chunks: Vec<ChunkCopy>,
    /// Those that have not changed since an earlier snapshot.
    pub(super) kept: Vec<Entry>,
    /// What was changed later is not in it.
    pub(super) epoch: u64,
}

/// What the last copies were in, by shard: memory that is there already takes far less time to write to.
pub(super) type Spare = Vec<Buffers>;

type Buffers = HashMap<Key, Vec<u8>>;

/// A chunk, to be written under this key, with at least so much room.
pub(super) struct ChunkCopy {
    pub(super) key: Key,
    pub(super) bytes: Vec<u8>,
    pub(super) room: usize,
}

/// The copy of some shards that is being made.
#[derive(Default)]
struct Copies {
    chunks: Vec<ChunkCopy>,
    /// Those that have not changed since the base.
    kept: Vec<Entry>,
}

/// The copy of a shard, in memory of the last one.
struct ShardCopy<'a> {
    copies: &'a mut Copies,
    spare: &'a mut Buffers,
    base: Option<&'a Base>,
}

impl ShardCopy<'_> {
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
            let chunk = ChunkCopy { key, bytes, room };
            self.copies.chunks.push(chunk);
        }
    }
}

impl ActorSystem {
    /// Copies the world as it is now, on all threads, but for stores that have not changed since the `base`.
    /// That is behind this place in the journal; `spare` has an entry for each shard.
    pub(super) fn copy(
        &mut self,
        schema: &Schema,
        journal: JournalPosition,
        base: Option<&Base>,
        spare: &mut Spare,
    ) -> Result<WorldCopy, SnapshotError> {
        self.collect();
        let next = half(self.turn + 1);
        let registry = &*self.registry;
        // In turn, since what has changed may be in neighbours.
        let threads = self.settings.threads.min(self.shards.len()).max(1);
        let mut shares: Vec<Vec<_>> = (0..threads).map(|_| Vec::new()).collect();
        let shards = self.shards.iter_mut().flatten();
        for (at, shard) in shards.zip(spare).enumerate() {
            shares[at % threads].push(shard);
        }
        let copy_all = |shards: Vec<(&mut Box<Shard>, &mut Buffers)>| {
            let mut copies = Copies::default();
            for (shard, spare) in shards {
                let copies = &mut copies;
                let to = ShardCopy {
                    copies,
                    spare,
                    base,
                };
                copy_shard(shard, next, schema, registry, to)?;
            }
            Ok::<_, SnapshotError>(copies)
        };
        let copied = on_threads(shares.into_iter(), copy_all);
        let mut all = Copies::default();
        for copied in copied {
            let Copies { chunks, kept } = copied?;
            all.chunks.extend(chunks);
            all.kept.extend(kept);
        }
        let Copies { mut chunks, kept } = all;
        // The same world is the same file.
        chunks.sort_by_key(|chunk| chunk.key.shard);
        let epoch = self.host.epoch;
        let shards = self.shards.iter_mut().flatten();
        for world in shards.map(|shard| &mut shard.world).chain([&mut self.host]) {
            world.epoch = epoch + 1;
        }
        let registry = &self.registry;
        let actors = registry.actors();
        let actors = actors.map(|(index, _)| schema.actor(index).number);
        let handlers = registry.handlers().iter().enumerate();
        let messages = handlers.map(|(at, handler)| MessageImage {
            actor: handler.actor,
            fingerprint: handler.fingerprint,
            layout: schema.message(Tag::of(at)),
        });
        let returned = MessageImage {
            actor: SHARD,
            fingerprint: 0,
            layout: schema.message(registry.returned_tag()),
        };
        let panics = self.panics.iter();
        let world = WorldImage {
            format: WorldImage::FORMAT,
            setup: Setup::of(&self.settings, registry),
            layouts: schema.layouts().into(),
            slots: schema.maps.slots.number(),
            pages: schema.maps.pages.number(),
            actors: actors.collect(),
            messages: messages.chain([returned]).collect(),
            journal,
            waiting: self.waiting,
            frozen: self.frozen,
            panics: panics.map(|report| panic_image(report, registry)).collect(),
            host: sender_image(&self.host),
            streams: self.host.current.streams,
        };
        Ok(WorldCopy {
            turn: self.turn,
            meta: to_bytes(&world)?,
            chunks,
            kept,
            epoch,
        })
    }

    /// How much room the chunks of stores and letters would have now, by shard.
    pub(super) fn rooms(&self) -> Vec<Vec<(Key, usize)>> {
        let next = half(self.turn + 1);
        let store = |shard, actor, store: &dyn AnyStore| {
            let rooms = store.rooms(store.page_numbers().len());
            [
                (ChunkKind::Values, rooms.values),
                (ChunkKind::Slots, rooms.slots),
                (ChunkKind::Pages, rooms.pages),
            ]
            .map(|(kind, room)| (kind.key(shard, actor), room))
        };
        let shard = |shard: &Shard| {
            let stores = (0..).zip(&shard.stores);
            let stores = stores.filter_map(|(actor, store)| Some((actor, store.as_deref()?)));
            let rooms = stores.flat_map(|(actor, of)| store(shard.index, actor, of));
            let letters = shard.letters[next].iter();
            let letters = letters.map(|letter| letter.chain.copied_bytes()).sum();
            let key = ChunkKind::Letters.key(shard.index, 0);
            rooms.chain([(key, letters)]).collect()
        };
        self.shards.iter().flatten().map(|of| shard(of)).collect()
    }
}

/// Lets each share be worked on by a thread of its own, the first one by this thread.
pub(super) fn on_threads<S: Send, R: Send>(
    mut shares: impl Iterator<Item = S>,
    work: impl Fn(S) -> R + Copy + Send,
) -> Vec<R> {
    thread::scope(|scope| {
        let first = shares.next();
        let others: Vec<_> = shares
            .map(|share| scope.spawn(move || work(share)))
            .collect();
        let first = first.map(work);
        let others = others.into_iter().map(|other| match other.join() {
            Ok(done) => done,
            Err(panic) => resume_unwind(panic),
        });
        first.into_iter().chain(others).collect()
    })
}

fn to_bytes<T: Compact>(image: &T) -> Result<Vec<u8>, SnapshotError> {
    portable::to_bytes(image).map_err(|reason| SnapshotError::NotWritten {
        what: "what is known of the world".to_owned(),
        reason,
    })
}

fn sender_image(world: &World) -> SenderImage {
    let stock =
        |(actor, stock): (u16, &Option<Box<Stock>>)| Some((actor, stock.as_deref()?.image()));
    SenderImage {
        stocks: (0..).zip(&world.stocks).filter_map(stock).collect(),
        lost: world.lost[..].into(),
        delivered: world.delivered[..].into(),
    }
}

fn panic_image(report: &PanicReport, registry: &Registry) -> PanicImage {
    let mut actors = registry.actors();
    let actor = actors.find(|(_, actor)| actor.name == report.actor);
    let of_actor = |name: &str| actor.is_some_and(|(_, actor)| actor.name == name);
    let mut handlers = registry.handlers().iter();
    let handler = handlers.find(|handler| {
        handler.name == report.message && of_actor(registry.actor(handler.actor).name)
    });
    PanicImage {
        turn: report.turn,
        actor: actor.map_or(0, |(_, actor)| actor.fingerprint),
        id: report.id,
        message: handler.map_or(0, |handler| handler.fingerprint),
        arguments: report.arguments.as_deref().map(Into::into),
        state: report.state.as_deref().map(Into::into),
        reason: report.reason.as_str().into(),
    }
}

fn copy_shard(
    shard: &mut Shard,
    next: usize,
    schema: &Schema,
    registry: &Registry,
    mut to: ShardCopy<'_>,
) -> Result<(), SnapshotError> {
    let index = shard.index;
    let mut stores = CVec::new();
    for (actor, store) in (0..).zip(&mut shard.stores) {
        let Some(store) = store else { continue };
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
        if let Some(base) = to.base.filter(|base| store.touched() <= base.epoch) {
            stores.push(image(&**store, &store.page_numbers()));
            let chunks = kinds.map(|kind| base.chunk(kind.key(index, actor)));
            to.copies.kept.extend(chunks.into_iter().flatten());
            continue;
        }
        let mut buffer = |kind: ChunkKind| to.buffer(kind.key(index, actor));
        let mut copy = MapCopy {
            values: buffer(ChunkKind::Values),
            beside: buffer(ChunkKind::Beside),
            slots: buffer(ChunkKind::Slots),
            pages: buffer(ChunkKind::Pages),
            page_numbers: Vec::new(),
        };
        let form = schema.actor(actor);
        let copied = store.copy(form, &schema.maps, &mut copy);
        copied.map_err(|reason| not_written(registry.actor(actor).name, reason))?;
        let rooms = store.rooms(copy.page_numbers.len());
        stores.push(image(&**store, &copy.page_numbers));
        let chunks = [
            (copy.values, rooms.values),
            (copy.beside, 0),
            (copy.slots, rooms.slots),
            (copy.pages, rooms.pages),
        ];
        for (kind, (bytes, room)) in kinds.into_iter().zip(chunks) {
            to.push(kind.key(index, actor), bytes, room);
        }
    }
    let [letters_key, beside_key] =
        [ChunkKind::Letters, ChunkKind::LettersBeside].map(|kind| kind.key(index, 0));
    let (mut bytes, mut beside) = (to.buffer(letters_key), to.buffer(beside_key));
    let mut copy_letter = |letter: &mut Letter| {
        let Letter { to, source, chain } = letter;
        let chunks = copy_chain(chain, schema, &mut bytes, &mut beside);
        let name = |to: u16| {
            if to == SHARD {
                "slot numbers"
            } else {
                registry.actor(to).name
            }
        };
        let chunks = chunks.map_err(|reason| not_written(name(*to), reason))?;
        Ok::<_, SnapshotError>(LetterImage {
            to: *to,
            source: *source,
            chunks,
        })
    };
    let pending = shard.pending[shard.done..].iter_mut();
    let pending = pending.map(&mut copy_letter).collect::<Result<_, _>>()?;
    let letters = shard.letters[next].iter_mut();
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
    to.push(letters_key, bytes, 0);
    to.push(beside_key, beside, 0);
    to.push(ChunkKind::Shard.key(index, 0), to_bytes(&image)?, 0);
    Ok(())
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

fn not_written(actor: &str, reason: WriteError) -> SnapshotError {
    SnapshotError::NotWritten {
        what: format!("an actor of type `{actor}`, or a message to one"),
        reason,
    }
}
