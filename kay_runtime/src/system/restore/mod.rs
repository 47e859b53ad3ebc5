//! Making a world of what one was copied as.

mod mail;

use std::alloc::Layout as Place;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chunky::raw::{Difference, Layout, Layouts, differences};
use chunky::{Arena, Key, Pool, Region};

use mail::Mail;

use super::ActorSystem;
use super::bounds::{Bounds, page_limit};
use super::replay::LAST_TURN;
use super::save::on_threads;
use crate::Compact;
use crate::kept_store::{KeptStore, Recorded, StoreChunks, checked};
use crate::migration::Migration;
use crate::panic::PanicReport;
use crate::persist::{
    Chunk, ChunkKind, JournalPosition, Key as ChunkKey, Mismatch, PanicImage, SenderImage, Setup,
    ShardImage, Snapshot, SnapshotError, StoreImage, WorldImage,
};
use crate::portable;
use crate::registry::{SHARD, Tag, TypeIndex};
use crate::schema::Schema;
use crate::settings::PanicPolicy;
use crate::shard::{Shard, half};
use crate::stock::{HOST, Source};
use crate::world::World;

/// So many bytes of a snapshot are checked when it is opened, which takes a few milliseconds. Of larger ones,
/// instances that are used where they lie are checked when they are first looked at: to open a world takes no longer
/// the more of them there are.
const CHECKED_AT_OPEN: u64 = if cfg!(any(test, fuzzing)) {
    0
} else {
    32 << 20
};

/// A count that nobody reaches, and that can be added up with others.
const MOST: u64 = 1 << 48;

/// Why a world cannot be made of a snapshot.
pub(super) enum Unfit {
    /// The snapshot is of no use.
    Snapshot(SnapshotError),
    /// The world is set up in another way.
    Setup(Mismatch),
    /// Its actors or messages are others.
    Schema(Vec<Difference>),
}

/// What is known of the messages of a snapshot with one tag.
struct OldTag {
    /// The tag that they have now, if they are still handled.
    now: Option<Tag>,
    /// How they lie there.
    layout: u32,
    /// What has changed of them. That is asked for only if any waits: a file may have a great many
    /// tags for messages that have changed in a great many ways.
    changed: OnceLock<Vec<Difference>>,
}

/// A snapshot that is being read.
struct Restoring<'a> {
    recorded: &'a Arc<Recorded>,
    /// Whether stores that can are checked later.
    is_large: bool,
    /// The migration that each type needs, if any, by type.
    migrations: Vec<Option<&'a Migration>>,
    /// By tag of then.
    tags: Vec<OldTag>,
    /// The size and alignment of messages, by tag of then.
    places: Vec<Option<Place>>,
}

impl ActorSystem {
    /// Makes this world, in which nothing has happened, the one of a snapshot. Returns the place
    /// in the journal that it is behind. After an error, the world makes no sense.
    pub(super) fn restore(
        &mut self,
        snapshot: &mut Snapshot,
        schema: &Arc<Schema>,
    ) -> Result<JournalPosition, Unfit> {
        let name = snapshot.name().to_owned();
        let malformed = |what: String| {
            let name = name.clone();
            Unfit::Snapshot(SnapshotError::Malformed { name, what })
        };
        let meta = snapshot.meta();
        let format = u32::read(&mut portable::Reader::new(meta));
        match format.map_err(|error| malformed(error.to_string()))? {
            WorldImage::FORMAT => (),
            found => {
                let known = WorldImage::FORMAT;
                return Err(Unfit::Snapshot(SnapshotError::Version {
                    name,
                    found,
                    known,
                }));
            }
        }
        let image = portable::from_bytes::<WorldImage>(meta);
        let image = image.map_err(|error| malformed(error.to_string()))?;
        let given = Setup::of(&self.settings, &self.registry);
        if let Some(mismatch) = image.protocol.setup.mismatch(&given) {
            return Err(Unfit::Setup(mismatch));
        }
        let registry = Arc::clone(&self.registry);
        let recorded = Arc::new(Recorded {
            name: name.clone(),
            image,
            schema: Arc::clone(schema),
            registry: Arc::clone(&registry),
            damage: OnceLock::new(),
        });
        let image = &recorded.image;
        let bytes: u64 = snapshot.chunks().map(|chunk| chunk.room() as u64).sum();
        let restoring = Restoring::new(&recorded, bytes > CHECKED_AT_OPEN)?;
        if snapshot.header().turn > LAST_TURN || image.journal.part > LAST_TURN {
            return Err(malformed("no world comes to its turn, or part".to_owned()));
        }
        let freezes = self.settings.panic_policy == PanicPolicy::Freeze;
        if image.frozen != (freezes && !image.panics.is_empty()) {
            return Err(malformed(
                "it is frozen by nothing, or should be".to_owned(),
            ));
        }
        let (types, count) = (registry.type_count(), self.host.shards);
        let mut bounds = Bounds::new(types, count);
        self.turn = snapshot.header().turn;
        self.host.set_turn(self.turn);
        self.waiting = image.waiting.min(MOST);
        self.frozen = image.frozen;
        self.panicked = image.panicked.min(MOST);
        self.host.current.streams = image.streams;
        restoring.sender(&image.host, HOST, &mut self.host, &mut bounds)?;
        let panics = image.panics.iter();
        self.panics = panics
            .map(|panic| restoring.panic(panic))
            .collect::<Result<_, _>>()?;
        let next = half(self.turn + 1);
        let mut chunks: Vec<Chunks> = self.shards.iter().map(|_| Chunks::default()).collect();
        for chunk in snapshot.take_all() {
            let Some(chunks) = chunks.get_mut(usize::from(chunk.key().shard)) else {
                return Err(malformed(format!("it has a chunk of {}", chunk.key())));
            };
            chunks.0.insert(chunk.key(), chunk);
        }
        let depot = &self.depot;
        let mut shards: Vec<(&mut Shard, Chunks)> = self
            .shards
            .iter_mut()
            .flatten()
            .map(|shard| &mut **shard)
            .zip(chunks)
            .collect();
        let share = shards.len().div_ceil(self.settings.threads);
        let restore_all = |shards: &mut [(&mut Shard, Chunks)]| {
            let (mut pool, mut bounds) = (Pool::new(depot), Bounds::new(types, count));
            for (shard, chunks) in shards {
                restoring.shard(shard, chunks, next, &mut bounds, &mut pool)?;
            }
            Ok(bounds)
        };
        for restored in on_threads(shards.chunks_mut(share), restore_all) {
            bounds.add(&restored?);
        }
        for (actor, entry) in registry.actors() {
            let shards = self.shards.iter().flatten();
            let counts = shards.map(|shard| shard.stores.count(actor) as u64);
            if counts.fold(0, u64::saturating_add) > u64::from(u32::MAX) {
                let name = entry.name;
                return Err(malformed(format!(
                    "it has more of `{name}` than there can be"
                )));
            }
        }
        for (index, shard) in self.shards.iter().flatten().enumerate() {
            for (actor, _) in registry.actors() {
                let count = shard.stores.count(actor);
                self.census.set(actor, index, count as u32);
            }
            if !shard.letters[next].is_empty() {
                self.active[next].insert(index);
            }
        }
        if !bounds.are_kept() {
            return Err(malformed(
                "slots are further apart than they can be".to_owned(),
            ));
        }
        let journal = image.journal;
        self.origin = Some(recorded);
        Ok(journal)
    }
}

impl<'a> Restoring<'a> {
    fn new(recorded: &'a Arc<Recorded>, is_large: bool) -> Result<Self, Unfit> {
        let Recorded {
            image,
            schema,
            registry,
            ..
        } = &**recorded;
        let mut restoring = Restoring {
            recorded,
            is_large,
            migrations: vec![None],
            tags: Vec::new(),
            places: vec![None],
        };
        let types = registry.type_count() - 1;
        if image.actors.len() > types {
            return Err(restoring.malformed("it has more actor types than its set-up says"));
        }
        let now = schema.layouts();
        let mut all = Vec::new();
        for ((index, actor), &was) in registry.actors().zip(&image.actors) {
            let (was, is) = (
                (&image.protocol.layouts[..], was),
                schema.actor(index).number,
            );
            let changed = differences(was, (now, is), actor.name);
            let migration = actor.migrations.iter().find(|migration| {
                let mut layouts = Layouts::new();
                let old = (migration.layout)(&mut layouts);
                differences(was, (layouts.all(), old), actor.name).is_empty()
            });
            let needed = migration.filter(|_| !changed.is_empty());
            restoring.migrations.push(needed);
            if needed.is_none() {
                all.extend(changed);
            }
        }
        for message in &image.protocol.messages {
            restoring.tags.push(OldTag {
                now: restoring.tag_of(message.actor, message.fingerprint),
                layout: message.layout,
                changed: OnceLock::new(),
            });
            let layout = image.protocol.layouts.get(message.layout as usize);
            let place = layout.and_then(|layout: &Layout| {
                Place::from_size_align(layout.size as usize, layout.align as usize).ok()
            });
            restoring.places.push(place);
        }
        if all.is_empty() {
            Ok(restoring)
        } else {
            Err(Unfit::Schema(all))
        }
    }

    fn malformed(&self, what: impl Into<String>) -> Unfit {
        Unfit::Snapshot(SnapshotError::Malformed {
            name: self.recorded.name.clone(),
            what: what.into(),
        })
    }

    /// The tag that messages have now, if they are handled.
    fn tag_of(&self, actor: TypeIndex, fingerprint: u64) -> Option<Tag> {
        if actor == SHARD {
            return Some(self.recorded.registry.returned_tag());
        }
        if usize::from(actor) >= self.recorded.registry.type_count() {
            return None;
        }
        let handler = self.recorded.registry.handler_with(actor, fingerprint)?;
        Some(Tag::of(handler))
    }

    /// What has changed of messages with a tag.
    fn changed<'o>(&self, old: &'o OldTag, now: Tag) -> &'o [Difference] {
        old.changed.get_or_init(|| {
            let name = if now == self.recorded.registry.returned_tag() {
                "a slot number"
            } else {
                self.recorded.registry.handler(now.handler()).name
            };
            let was = (&self.recorded.image.protocol.layouts[..], old.layout);
            let is = (
                self.recorded.schema.layouts(),
                self.recorded.schema.message(now),
            );
            differences(was, is, name)
        })
    }

    /// What a tag of then was.
    fn old_tag(&self, tag: u16) -> Option<&OldTag> {
        self.tags.get(usize::from(tag).checked_sub(1)?)
    }

    fn sender(
        &self,
        image: &SenderImage,
        source: Source,
        world: &mut World,
        bounds: &mut Bounds,
    ) -> Result<(), Unfit> {
        for (actor, stock) in &image.stocks {
            let restored = stock.restore(source, world.shards);
            let place = world.stocks.get_mut(usize::from(*actor));
            let place = place.filter(|_| *actor != SHARD);
            let (Some(place), Some(stock)) = (place, restored) else {
                return Err(self.malformed("a stock of slot numbers is not one of its owner"));
            };
            let highest = stock.highest(source).into_iter();
            let mut known = highest.flatten().peekable();
            let is_there = known.peek().is_some() || stock.counts() == (0, 0);
            if !is_there || !known.all(|(shard, slot)| bounds.claim(*actor, shard, slot)) {
                return Err(self.malformed("a stock has given out slot numbers that there are not"));
            }
            *place = Some(Box::new(stock));
        }
        for (at, old) in self.tags.iter().enumerate() {
            let now = old.now.map(Tag::handler);
            let Some(handler) = now.filter(|&handler| handler < world.lost.len()) else {
                continue;
            };
            // Counts are added up: no file makes that overflow.
            let count = |counts: &[u64]| counts.get(at).map_or(0, |&count| count.min(MOST));
            world.lost[handler] = count(&image.lost);
            world.delivered[handler] = count(&image.delivered);
        }
        Ok(())
    }

    fn panic(&self, image: &PanicImage) -> Result<PanicReport, Unfit> {
        let actor = self.recorded.registry.type_with(image.actor);
        let handler =
            actor.and_then(|actor| self.recorded.registry.handler_with(actor, image.message));
        let (Some(actor), Some(handler)) = (actor, handler) else {
            return Err(self.malformed("an actor panicked that there is not"));
        };
        let text = |text: &Option<crate::CString>| text.as_ref().map(|text| text.to_string());
        Ok(PanicReport {
            turn: image.turn,
            actor: self.recorded.registry.actor(actor).name,
            id: image.id,
            message: self.recorded.registry.handler(handler).name,
            arguments: text(&image.arguments),
            state: text(&image.state),
            reason: image.reason.to_string(),
        })
    }

    /// Makes a shard what it was; what collections hold comes from its arena.
    fn shard(
        &self,
        shard: &mut Shard,
        chunks: &mut Chunks,
        next: usize,
        bounds: &mut Bounds,
        pool: &mut Pool,
    ) -> Result<(), Unfit> {
        let storage = Arc::clone(shard.storage());
        let arena = shard.arena.take();
        let mut arena = arena.unwrap_or_else(|| Arena::new(storage));
        let restored = arena.with(|| self.shard_in_arena(shard, chunks, next, bounds, pool));
        shard.arena = Some(arena);
        restored?;
        match chunks.0.keys().min() {
            None => Ok(()),
            Some(key) => Err(self.malformed(format!("nobody knows of its chunk of {key}"))),
        }
    }

    fn shard_in_arena(
        &self,
        shard: &mut Shard,
        chunks: &mut Chunks,
        next: usize,
        bounds: &mut Bounds,
        pool: &mut Pool,
    ) -> Result<(), Unfit> {
        let index = shard.index;
        let bytes = chunks.take(ChunkKind::Shard, index, 0)?;
        let image = portable::from_bytes::<ShardImage>(&bytes);
        let image = image.map_err(|error| self.malformed(format!("shard {index}: {error}")))?;
        for store in image.stores {
            bounds.has(store.actor, index as u32, store.page_numbers.len());
            self.store(shard, store, chunks)?;
        }
        let source = index as Source + 1;
        self.sender(&image.sender, source, &mut shard.world, bounds)?;
        let is_whole = image.pending.is_empty() && image.culprits.is_empty();
        if !is_whole && !self.recorded.image.frozen {
            return Err(self.malformed("a turn was interrupted in a world that is not frozen"));
        }
        let letters = chunks.take(ChunkKind::Letters, index, 0)?;
        let beside = chunks.take(ChunkKind::LettersBeside, index, 0)?;
        let mut mail = Mail::new(self, &letters, &beside, shard, bounds);
        let pending = image.pending.iter();
        let pending = pending.map(|letter| mail.next(letter, pool));
        let pending = pending.collect::<Result<Vec<_>, _>>()?;
        let letters = image.letters.iter();
        let letters = letters.map(|letter| mail.next(letter, pool));
        let letters = letters.collect::<Result<Vec<_>, _>>()?;
        mail.finish()?;
        shard.pending.extend(pending.into_iter().flatten());
        shard.letters[next].extend(letters.into_iter().flatten());
        for &(actor, slot, generation) in &image.culprits {
            if actor == SHARD || actor >= shard.stores.types() {
                return Err(self.malformed("an instance of no type has panicked"));
            }
            if !bounds.claim(actor, index as u32, slot) {
                return Err(self.malformed("an instance has panicked that no id can be of"));
            }
            shard.culprits.push((actor, Key { slot, generation }));
        }
        Ok(())
    }

    fn store(
        &self,
        shard: &mut Shard,
        image: StoreImage,
        chunks: &mut Chunks,
    ) -> Result<(), Unfit> {
        let (index, actor) = (shard.index, image.actor);
        let number = usize::from(actor).checked_sub(1);
        let Some(&layout) = number.and_then(|number| self.recorded.image.actors.get(number)) else {
            return Err(self.malformed(format!("shard {index} has instances of no type")));
        };
        if shard.stores.has(actor) {
            return Err(self.malformed(format!("shard {index} has a type twice")));
        }
        let mut chunk = |kind| chunks.remove(kind, index, actor);
        let kept = KeptStore {
            recorded: Arc::clone(self.recorded),
            shard: index,
            layout,
            page_limit: page_limit(image.page_numbers.len(), shard.world.shards),
            chunks: StoreChunks {
                values: chunk(ChunkKind::Values),
                beside: chunk(ChunkKind::Beside),
                slots: chunk(ChunkKind::Slots),
                pages: chunk(ChunkKind::Pages),
            },
            image,
            storage: Arc::clone(shard.storage()),
        };
        let migration = self.migrations[usize::from(actor)];
        if self.is_large && migration.is_none() && kept.stays() {
            shard.stores.keep(kept);
        } else {
            let store = kept.restore(migration).map_err(Unfit::Snapshot)?;
            shard.stores.put(actor, store);
        }
        Ok(())
    }
}

/// The chunks of a shard.
#[derive(Default)]
struct Chunks(HashMap<ChunkKey, Chunk>);

impl Chunks {
    /// The memory of a chunk that is as it was written; none, if there is no such chunk.
    fn take(&mut self, kind: ChunkKind, shard: usize, actor: TypeIndex) -> Result<Region, Unfit> {
        checked(self.remove(kind, shard, actor)).map_err(Unfit::Snapshot)
    }

    /// A chunk that nobody has checked.
    fn remove(&mut self, kind: ChunkKind, shard: usize, actor: TypeIndex) -> Option<Chunk> {
        self.0.remove(&kind.key(shard, actor))
    }
}
