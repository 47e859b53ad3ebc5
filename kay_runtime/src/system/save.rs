//! Copying a world, to be written while it goes on.

use chunky::portable::WriteError;
use chunky::{Chain, MapCopy};

use super::ActorSystem;
use crate::outbox::Letter;
use crate::panic::PanicReport;
use crate::persist::{
    ChunkKind, Key, LetterImage, MessageImage, PanicImage, SenderImage, Setup, ShardImage,
    SnapshotError, StoreImage, WorldImage,
};
use crate::portable;
use crate::registry::{Registry, SHARD, Tag};
use crate::schema::Schema;
use crate::shard::{Shard, half};
use crate::stock::Stock;
use crate::world::World;
use crate::{CVec, Compact};

/// A world as it was between two turns: what a snapshot is made of.
pub(super) struct WorldCopy {
    pub(super) turn: u64,
    pub(super) meta: Vec<u8>,
    pub(super) chunks: Vec<ChunkCopy>,
}

/// A chunk, to be written under this key, with at least so much room.
pub(super) struct ChunkCopy {
    pub(super) key: Key,
    pub(super) bytes: Vec<u8>,
    pub(super) room: usize,
}

impl ActorSystem {
    /// Copies the world as it is now. `part` is the first part of the journal that is not in it.
    pub(super) fn copy(&mut self, schema: &Schema, part: u64) -> Result<WorldCopy, SnapshotError> {
        self.collect();
        let mut chunks = Vec::new();
        let next = half(self.turn + 1);
        for shard in self.shards.iter_mut().flatten() {
            copy_shard(shard, next, schema, &self.registry, &mut chunks)?;
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
            part,
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
        })
    }
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
    to: &mut Vec<ChunkCopy>,
) -> Result<(), SnapshotError> {
    let index = shard.index;
    let mut stores = CVec::new();
    for (actor, store) in (0..).zip(&mut shard.stores) {
        let Some(store) = store else { continue };
        let mut copy = MapCopy::default();
        let form = schema.actor(actor);
        let copied = store.copy(form, &schema.maps, &mut copy);
        copied.map_err(|reason| not_written(registry.actor(actor).name, reason))?;
        let rooms = store.rooms(copy.page_numbers.len());
        stores.push(StoreImage {
            actor,
            len: store.len() as u64,
            broadcasts: store.broadcasts(),
            page_numbers: copy.page_numbers[..].into(),
        });
        for (kind, bytes, room) in [
            (ChunkKind::Values, copy.values, rooms.values),
            (ChunkKind::Beside, copy.beside, 0),
            (ChunkKind::Slots, copy.slots, rooms.slots),
            (ChunkKind::Pages, copy.pages, rooms.pages),
        ] {
            push(to, kind.key(index, actor), bytes, room);
        }
    }
    let (mut bytes, mut beside) = (Vec::new(), Vec::new());
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
    push(to, ChunkKind::Letters.key(index, 0), bytes, 0);
    push(to, ChunkKind::LettersBeside.key(index, 0), beside, 0);
    push(to, ChunkKind::Shard.key(index, 0), to_bytes(&image)?, 0);
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

/// Chunks without bytes are left out.
fn push(to: &mut Vec<ChunkCopy>, key: Key, bytes: Vec<u8>, room: usize) {
    if !bytes.is_empty() {
        to.push(ChunkCopy { key, bytes, room });
    }
}
