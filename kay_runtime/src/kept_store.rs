//! The instances of an actor type in a shard, as a snapshot has them.

use std::sync::{Arc, OnceLock};

use chunky::{Kept, Region, Storage};

use crate::migration::Migration;
use crate::persist::{Chunk, SnapshotError, StoreImage, WorldImage};
use crate::registry::{Registry, TypeEntry};
use crate::schema::Schema;
use crate::store::{AnyStore, Rooms, StoreKept};

/// What is known of a snapshot of which stores are made, some of them when it has long been opened.
pub(crate) struct Recorded {
    /// The name of its file.
    pub(crate) name: String,
    pub(crate) image: WorldImage,
    pub(crate) schema: Arc<Schema>,
    pub(crate) registry: Arc<Registry>,
    /// What has turned out to be wrong with it.
    pub(crate) damage: OnceLock<SnapshotError>,
}

/// A store as it is in a snapshot. What its chunks hold may be anybody's.
///
/// Nobody can look into it: that takes a [`Store`](crate::store::Store), which is made of it when all of it has been
/// checked. So it can wait for that until somebody wants to look.
pub(crate) struct KeptStore {
    pub(crate) recorded: Arc<Recorded>,
    pub(crate) shard: usize,
    /// What the snapshot says of it.
    pub(crate) image: StoreImage,
    /// The number of the layout of its instances.
    pub(crate) layout: u32,
    /// What all numbers of pages are below.
    pub(crate) page_limit: u32,
    pub(crate) chunks: StoreChunks,
    pub(crate) storage: Arc<dyn Storage>,
}

/// The chunks of a store, as far as there are any.
pub(crate) struct StoreChunks {
    pub(crate) values: Option<Chunk>,
    pub(crate) beside: Option<Chunk>,
    pub(crate) slots: Option<Chunk>,
    pub(crate) pages: Option<Chunk>,
}

impl KeptStore {
    /// How many instances it says that there are.
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.image.len).unwrap_or(usize::MAX)
    }

    /// Whether its instances, if they are right, are used where they lie. Then there are as many bytes as
    /// they need.
    pub(crate) fn stays(&self) -> bool {
        let (form, layouts) = (
            self.recorded.schema.actor(self.image.actor),
            &self.recorded.image.protocol.layouts[..],
        );
        let bytes = self.chunks.values.as_ref().map_or(0, Chunk::room);
        let stays = self.entry().stays;
        self.chunks.beside.is_none() && stays(form, layouts, self.layout, self.len(), bytes)
    }

    /// How much room its chunks have.
    pub(crate) fn rooms(&self) -> Rooms {
        let room = |chunk: &Option<Chunk>| chunk.as_ref().map_or(0, Chunk::room);
        Rooms {
            values: room(&self.chunks.values),
            slots: room(&self.chunks.slots),
            pages: room(&self.chunks.pages),
        }
    }

    fn entry(&self) -> &TypeEntry {
        self.recorded.registry.actor(self.image.actor)
    }

    /// Checks all of it, and makes the store. What its collections hold comes from the current arena.
    pub(crate) fn restore(
        self,
        migration: Option<&Migration>,
    ) -> Result<Box<dyn AnyStore>, SnapshotError> {
        let recorded = Arc::clone(&self.recorded);
        let Recorded {
            image,
            schema,
            registry,
            ..
        } = &*recorded;
        let (actor, len, shard) = (self.image.actor, self.len(), self.shard);
        let beside = checked(self.chunks.beside)?;
        let list = |len, values: Option<Chunk>, beside, number| {
            let values = checked(values)?;
            Ok::<_, SnapshotError>(Kept {
                len,
                values,
                beside,
                layouts: &image.protocol.layouts,
                number,
            })
        };
        let numbers = &self.image.page_numbers;
        let kept = StoreKept {
            broadcasts: self.image.broadcasts,
            values: list(len, self.chunks.values, &beside[..], self.layout)?,
            slots: list(len, self.chunks.slots, &[], image.slots)?,
            pages: list(numbers.len(), self.chunks.pages, &[], image.pages)?,
            page_numbers: numbers,
            page_limit: self.page_limit,
            forms: &schema.maps,
            storage: &self.storage,
        };
        let entry = registry.actor(actor);
        let restored = match migration {
            Some(migration) => (migration.restore)(actor, registry, kept),
            None => entry.restore_store(actor, registry, schema.actor(actor), kept),
        };
        restored.map_err(|error| SnapshotError::Malformed {
            name: recorded.name.clone(),
            what: format!("`{}` in shard {shard}: {error}", entry.name),
        })
    }
}

/// The memory of a chunk that is as it was written; none, if there is no such chunk.
pub(crate) fn checked(chunk: Option<Chunk>) -> Result<Region, SnapshotError> {
    let Some(chunk) = chunk else {
        return Ok(Region::default());
    };
    chunk.check()?;
    Ok(chunk.into_memory())
}
