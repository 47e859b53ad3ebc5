//! The messages that wait in a snapshot.

use chunky::raw::RawReader;
use chunky::{Key, Lane, Pool, SavedItems};

use super::super::bounds::Bounds;
use super::{Restoring, Unfit};
use crate::outbox::Letter;
use crate::persist::LetterImage;
use crate::registry::{SHARD, Tag, TypeIndex};
use crate::shard::Shard;
use crate::stock::{Source, owner_of};
use crate::world::{ALL, FIRST, FIRST_AGAIN, Returned, shard_bits};

/// The messages that wait for a shard.
pub(super) struct Mail<'a, 'b> {
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
    pub(super) fn new(
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
    pub(super) fn next(
        &mut self,
        image: &LetterImage,
        pool: &mut Pool,
    ) -> Result<Option<Letter>, Unfit> {
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
        let letter = |chain| Letter::from_source(image.to, image.source, chain);
        Ok(lane.take().map(letter))
    }

    fn item(
        &mut self,
        item: chunky::SavedItem<'a>,
        to: TypeIndex,
        lane: &mut Lane,
        pool: &mut Pool,
    ) -> Result<(), Unfit> {
        let registry = &*self.restoring.recorded.registry;
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
                let layouts = &self.restoring.recorded.image.protocol.layouts;
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
        if !self
            .restoring
            .recorded
            .registry
            .handler(tag.handler())
            .spawns
        {
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

    pub(super) fn finish(&self) -> Result<(), Unfit> {
        if self.bytes.is_empty() && self.beside.is_empty() {
            return Ok(());
        }
        Err(self.wrong("there is more than its letters"))
    }
}
