//! The instances of a type in a shard, as they lie.

use std::sync::Arc;

use chunky::raw::RawReader;
use chunky::{ChunkedVec, Heap, Key, Lookup, MapParts, SlotMap, SlotPage};

use super::SavedWorld;
use crate::persist::{ChunkKind, StoreImage};
use crate::{Compact, SnapshotError};

/// Instances of which nothing is known but how they lie.
pub(super) struct SavedStore<'a> {
    /// Which slot leads to which position. What is in it means nothing.
    map: SlotMap<u8>,
    size: usize,
    values: &'a [u8],
    beside: &'a [u8],
    /// Where what is beside each instance ends; nothing, if nothing is.
    ends: Vec<usize>,
}

/// An instance: its bytes, and what is beside them.
pub(super) type Instance<'a> = (&'a [u8], &'a [u8]);

impl<'a> SavedStore<'a> {
    /// Those that the image of a shard is about. Looks at all of them.
    pub(super) fn read(
        world: &'a SavedWorld,
        shard: usize,
        image: &StoreImage,
    ) -> Result<Self, SnapshotError> {
        let actor = image.actor;
        let (Some(name), Some(number)) = (world.actor_name(actor), world.actor_layout(actor))
        else {
            return Err(world.malformed(format!("shard {shard} has instances of no type")));
        };
        let wrong = |what: String| world.malformed(format!("`{name}` in shard {shard}: {what}"));
        let beside = world.chunk(ChunkKind::Beside, shard, actor)?;
        let values = world.chunk(ChunkKind::Values, shard, actor)?;
        let reader = RawReader::new(world.layouts(), number, beside);
        let mut reader = reader.map_err(|error| wrong(error.to_string()))?;
        let size = reader.size();
        let len = usize::try_from(image.len).unwrap_or(usize::MAX);
        if values.len().checked_div(size).is_none_or(|most| most < len) {
            return Err(wrong(format!("there are no {len} values")));
        }
        let mut ends = Vec::new();
        for (position, value) in values.chunks_exact(size).take(len).enumerate() {
            let passed = reader.skip(value);
            passed.map_err(|error| wrong(format!("at position {position}: {error}")))?;
            if !beside.is_empty() {
                ends.push(beside.len() - reader.beside().len());
            }
        }
        if reader.finish().is_err() {
            return Err(wrong(
                "something is beside the values that is of none".into(),
            ));
        }
        let map = slots(world, shard, image, len).map_err(wrong)?;
        Ok(SavedStore {
            map,
            size,
            values,
            beside,
            ends,
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.map.iter().map(|(key, _)| key)
    }

    /// The instance with a key, if there is one.
    pub(super) fn get(&self, key: Key) -> Option<Instance<'a>> {
        let Lookup::Live(position) = self.map.lookup(key) else {
            return None;
        };
        let start = position * self.size;
        let value = self.values.get(start..start + self.size)?;
        let Some(&end) = self.ends.get(position) else {
            return Some((value, &[]));
        };
        let start = match position.checked_sub(1) {
            Some(before) => self.ends[before],
            None => 0,
        };
        Some((value, &self.beside[start..end]))
    }
}

/// The map of slots of a store with so many instances.
fn slots(
    world: &SavedWorld,
    shard: usize,
    image: &StoreImage,
    len: usize,
) -> Result<SlotMap<u8>, String> {
    let numbers = &image.page_numbers;
    let (kinds, of) = ((ChunkKind::Slots, ChunkKind::Pages), &world.image);
    let slots: ChunkedVec<u32> = list(world, shard, image, kinds.0, of.slots, len)?;
    let pages: ChunkedVec<SlotPage> = list(world, shard, image, kinds.1, of.pages, numbers.len())?;
    let mut values = ChunkedVec::new(Arc::new(Heap));
    (0..len).for_each(|_| values.push(0));
    // As far apart as pages can be: each spawner has its own, and uses one after the other.
    let spread = 2 * (world.shards() as u64 + 1) * (numbers.len() as u64 + 64);
    let parts = MapParts {
        values,
        slots,
        pages,
        page_numbers: numbers,
        page_limit: u32::try_from(spread).unwrap_or(u32::MAX),
    };
    SlotMap::adopt(parts).map_err(|error| error.to_string())
}

/// So many values of a type that is known.
fn list<T: Compact>(
    world: &SavedWorld,
    shard: usize,
    image: &StoreImage,
    kind: ChunkKind,
    number: u32,
    len: usize,
) -> Result<ChunkedVec<T>, String> {
    let chunk = world.chunk(kind, shard, image.actor);
    let bytes = chunk.map_err(|error| error.to_string())?;
    let reader = RawReader::new(world.layouts(), number, &[]);
    let mut reader = reader.map_err(|error| error.to_string())?;
    let size = reader.size();
    if bytes.len().checked_div(size).is_none_or(|most| most < len) {
        return Err(format!("there are no {len} slots"));
    }
    let mut values = ChunkedVec::new(Arc::new(Heap));
    for value in bytes.chunks_exact(size).take(len) {
        values.push(reader.read(value).map_err(|error| error.to_string())?);
    }
    Ok(values)
}
