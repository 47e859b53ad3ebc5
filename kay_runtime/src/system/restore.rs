//! Making a world of what one was copied as.

use std::alloc::Layout as Place;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use chunky::raw::{Difference, Layout, Layouts, RawReader, differences};
use chunky::{Arena, Kept, Key, Lane, Pool, Region, SavedItems};

use super::ActorSystem;
use super::bounds::{Bounds, page_limit};
use super::replay::LAST_TURN;
use super::save::on_threads;
use crate::Compact;
use crate::migration::Migration;
use crate::outbox::Letter;
use crate::panic::PanicReport;
use crate::persist::{
    Chunk, ChunkKind, JournalPosition, Key as ChunkKey, LetterImage, Mismatch, PanicImage,
    SenderImage, Setup, ShardImage, Snapshot, SnapshotError, StoreImage, WorldImage,
};
use crate::portable;
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::schema::Schema;
use crate::settings::PanicPolicy;
use crate::shard::{Shard, half};
use crate::stock::{HOST, Source, owner_of};
use crate::store::StoreKept;
use crate::world::{ALL, FIRST, FIRST_AGAIN, Returned, World, shard_bits};

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
    name: &'a str,
    image: &'a WorldImage,
    schema: &'a Schema,
    registry: &'a Registry,
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
        schema: &Schema,
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
        if let Some(mismatch) = image.setup.mismatch(&given) {
            return Err(Unfit::Setup(mismatch));
        }
        let registry = Arc::clone(&self.registry);
        let restoring = Restoring::new(&name, &image, schema, &registry)?;
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
        for (index, shard) in self.shards.iter().flatten().enumerate() {
            for (actor, _) in registry.actors() {
                let store = shard.stores[usize::from(actor)].as_ref();
                let count = store.map_or(0, |store| store.len());
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
        Ok(image.journal)
    }
}

impl<'a> Restoring<'a> {
    fn new(
        name: &'a str,
        image: &'a WorldImage,
        schema: &'a Schema,
        registry: &'a Registry,
    ) -> Result<Self, Unfit> {
        let mut restoring = Restoring {
            name,
            image,
            schema,
            registry,
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
            let (was, is) = ((&image.layouts[..], was), schema.actor(index).number);
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
        for message in &image.messages {
            restoring.tags.push(OldTag {
                now: restoring.tag_of(message.actor, message.fingerprint),
                layout: message.layout,
                changed: OnceLock::new(),
            });
            let layout = image.layouts.get(message.layout as usize);
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
            name: self.name.to_owned(),
            what: what.into(),
        })
    }

    /// The tag that messages have now, if they are handled.
    fn tag_of(&self, actor: TypeIndex, fingerprint: u64) -> Option<Tag> {
        if actor == SHARD {
            return Some(self.registry.returned_tag());
        }
        if usize::from(actor) >= self.registry.type_count() {
            return None;
        }
        let handler = self.registry.handler_with(actor, fingerprint)?;
        Some(Tag::of(handler))
    }

    /// What has changed of messages with a tag.
    fn changed<'o>(&self, old: &'o OldTag, now: Tag) -> &'o [Difference] {
        old.changed.get_or_init(|| {
            let name = if now == self.registry.returned_tag() {
                "a slot number"
            } else {
                self.registry.handler(now.handler()).name
            };
            let was = (&self.image.layouts[..], old.layout);
            let is = (self.schema.layouts(), self.schema.message(now));
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
        let actor = self.registry.type_with(image.actor);
        let handler = actor.and_then(|actor| self.registry.handler_with(actor, image.message));
        let (Some(actor), Some(handler)) = (actor, handler) else {
            return Err(self.malformed("an actor panicked that there is not"));
        };
        let text = |text: &Option<crate::CString>| text.as_ref().map(|text| text.to_string());
        Ok(PanicReport {
            turn: image.turn,
            actor: self.registry.actor(actor).name,
            id: image.id,
            message: self.registry.handler(handler).name,
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
        for store in &image.stores {
            self.store(shard, store, chunks)?;
            bounds.has(store.actor, index as u32, store.page_numbers.len());
        }
        let source = index as Source + 1;
        self.sender(&image.sender, source, &mut shard.world, bounds)?;
        let is_whole = image.pending.is_empty() && image.culprits.is_empty();
        if !is_whole && !self.image.frozen {
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
            if actor == SHARD || usize::from(actor) >= shard.stores.len() {
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
        image: &StoreImage,
        chunks: &mut Chunks,
    ) -> Result<(), Unfit> {
        let (index, actor) = (shard.index, image.actor);
        let number = usize::from(actor).checked_sub(1);
        let Some(&layout) = number.and_then(|number| self.image.actors.get(number)) else {
            return Err(self.malformed(format!("shard {index} has instances of no type")));
        };
        if shard.stores[usize::from(actor)].is_some() {
            return Err(self.malformed(format!("shard {index} has a type twice")));
        }
        let len = usize::try_from(image.len).unwrap_or(usize::MAX);
        let beside = chunks.take(ChunkKind::Beside, index, actor)?;
        let mut list = |kind, len, beside, number| {
            Ok(Kept {
                len,
                values: chunks.take(kind, index, actor)?,
                beside,
                layouts: &self.image.layouts,
                number,
            })
        };
        let pages = &image.page_numbers;
        let kept = StoreKept {
            broadcasts: image.broadcasts,
            values: list(ChunkKind::Values, len, &beside[..], layout)?,
            slots: list(ChunkKind::Slots, len, &[], self.image.slots)?,
            pages: list(ChunkKind::Pages, pages.len(), &[], self.image.pages)?,
            page_numbers: pages,
            page_limit: page_limit(pages.len(), shard.world.shards),
            forms: &self.schema.maps,
            storage: shard.storage(),
        };
        let entry = self.registry.actor(actor);
        let restored = match self.migrations[usize::from(actor)] {
            Some(migration) => (migration.restore)(actor, self.registry, kept),
            None => {
                let form = self.schema.actor(actor);
                entry.restore_store(actor, self.registry, form, kept)
            }
        };
        let restored = restored.map_err(|error| {
            self.malformed(format!("`{}` in shard {index}: {error}", entry.name))
        })?;
        shard.stores[usize::from(actor)] = Some(restored);
        Ok(())
    }
}

/// The chunks of a shard.
#[derive(Default)]
struct Chunks(HashMap<ChunkKey, Chunk>);

impl Chunks {
    /// The memory of a chunk that is as it was written; none, if there is no such chunk.
    fn take(&mut self, kind: ChunkKind, shard: usize, actor: TypeIndex) -> Result<Region, Unfit> {
        let Some(chunk) = self.0.remove(&kind.key(shard, actor)) else {
            return Ok(Region::default());
        };
        chunk.check().map_err(Unfit::Snapshot)?;
        Ok(chunk.into_memory())
    }
}

/// The messages that wait for a shard.
struct Mail<'a, 'b> {
    restoring: &'a Restoring<'a>,
    /// Whose they are.
    shard: u32,
    source: Source,
    shards: u32,
    bounds: &'b mut Bounds,
    bytes: &'a [u8],
    beside: &'a [u8],
    /// By tag of then; made when first needed.
    readers: Vec<Option<RawReader<'a>>>,
}

impl<'a, 'b> Mail<'a, 'b> {
    fn new(
        restoring: &'a Restoring<'a>,
        bytes: &'a [u8],
        beside: &'a [u8],
        shard: &Shard,
        bounds: &'b mut Bounds,
    ) -> Self {
        let readers = restoring.places.iter().map(|_| None).collect();
        Mail {
            restoring,
            shard: shard.index as u32,
            source: shard.index as Source + 1,
            shards: shard.world.shards,
            bounds,
            bytes,
            beside,
            readers,
        }
    }

    /// The next letter; none, if there is nothing in it.
    fn next(&mut self, image: &LetterImage, pool: &mut Pool) -> Result<Option<Letter>, Unfit> {
        let mut lane = Lane::new();
        for &(sender, offset, bytes) in &image.chunks {
            let bytes = usize::try_from(bytes).ok();
            let split = bytes.and_then(|bytes| self.bytes.split_at_checked(bytes));
            let Some((own, rest)) = split else {
                return Err(self.wrong("it ends within a letter"));
            };
            self.bytes = rest;
            let places = &self.restoring.places;
            for item in SavedItems::new(own, offset, sender, places) {
                let item = item.map_err(|error| self.wrong(error.to_string()))?;
                if item.sender > self.shards && item.sender != u32::from(Source::MAX) {
                    return Err(self.wrong(format!("sender {} is none", item.sender)));
                }
                lane.begin(item.sender, pool);
                self.item(item, image.to, &mut lane, pool)?;
            }
        }
        let letter = |chain| Letter {
            to: image.to,
            source: image.source,
            chain,
        };
        Ok(lane.take().map(letter))
    }

    fn item(
        &mut self,
        item: chunky::SavedItem<'a>,
        to: TypeIndex,
        lane: &mut Lane,
        pool: &mut Pool,
    ) -> Result<(), Unfit> {
        let registry = self.restoring.registry;
        let Some(old) = self.restoring.old_tag(item.tag) else {
            return Err(self.wrong("a message has a tag that none has"));
        };
        let returned = registry.returned_tag();
        let Some(tag) = old.now else {
            return Err(self.wrong("a message waits that is handled no longer"));
        };
        let changed = self.restoring.changed(old, tag);
        if !changed.is_empty() {
            return Err(Unfit::Schema(changed.to_vec()));
        }
        let receiver = if tag == returned {
            SHARD
        } else {
            registry.handler(tag.handler()).actor
        };
        if receiver != to {
            return Err(self.wrong("a message is not for the type of its letter"));
        }
        if tag != returned && !self.is_for(&item, tag, to) {
            return Err(self.wrong("a message is for nobody in its shard"));
        }
        let place = &mut self.readers[usize::from(item.tag)];
        let reader = match place {
            Some(reader) => reader,
            None => {
                let layouts = &self.restoring.image.layouts;
                let reader = RawReader::new(layouts, old.layout, &[]);
                let reader = reader.map_err(|error| self.restoring.malformed(error.to_string()))?;
                place.insert(reader)
            }
        };
        reader.set_beside(self.beside);
        let read = if tag == returned {
            reader.read(item.bytes).map(|returned: Returned| {
                let Returned { actor, shard } = returned;
                let (slot, shard) = (item.to.index(), u32::from(shard));
                let is_right = (1..registry.type_count()).contains(&usize::from(actor))
                    && shard < self.shards
                    && item.to.generation() > 0
                    && owner_of(slot, self.shards) == self.source
                    && self.bounds.claim(actor, shard, slot);
                if is_right {
                    lane.push(tag.0, item.to, returned, pool);
                }
                is_right
            })
        } else {
            (registry.tools(tag).restore)(reader, item, tag.0, lane, pool).map(|()| true)
        };
        self.beside = reader.beside();
        match read {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.wrong("a slot number comes back to nobody")),
            Err(error) => Err(self.wrong(error.to_string())),
        }
    }

    /// Whether a message can be for its receiver.
    fn is_for(&mut self, item: &chunky::SavedItem<'_>, tag: Tag, actor: TypeIndex) -> bool {
        if item.to.generation() == 0 {
            return [ALL, FIRST, FIRST_AGAIN].contains(&item.to);
        }
        let bits = shard_bits(self.shards);
        if item.to.index() & ((1 << bits) - 1) != self.shard {
            return false;
        }
        let Key { slot, generation } = item.to.key(bits);
        if !self.restoring.registry.handler(tag.handler()).spawns {
            return true;
        }
        if generation == 1 {
            let page = slot / chunky::SlotMap::<()>::PAGE;
            self.bounds.will_have(actor, self.shard, page);
        }
        self.bounds.claim(actor, self.shard, slot)
    }

    fn wrong(&self, what: impl Into<String>) -> Unfit {
        let what = what.into();
        self.restoring
            .malformed(format!("the messages of a shard: {what}"))
    }

    fn finish(&self) -> Result<(), Unfit> {
        if self.bytes.is_empty() && self.beside.is_empty() {
            return Ok(());
        }
        Err(self.wrong("there is more than its letters"))
    }
}
