//! A snapshot that is open.

use std::alloc::Layout as Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chunky::raw::{Layout, TypeNumber};

use crate::persist::{
    Backups, ChunkKind, DiskError, RealDisk, ShardImage, Snapshot, SnapshotError, WorldImage,
};
use crate::registry::TypeIndex;
use crate::{Compact, portable};

/// As many as [`Settings::shards`](crate::Settings::shards) allows.
const MOST_SHARDS: u64 = 4096;

/// A world as a snapshot holds it, of which the code is not known.
pub struct SavedWorld {
    pub(super) path: PathBuf,
    pub(super) snapshot: Snapshot,
    pub(super) image: WorldImage,
    /// The size and alignment of messages, by tag.
    pub(super) places: Vec<Option<Place>>,
}

impl SavedWorld {
    /// Opens a snapshot: that of a file, or the one that a world in a directory would come back from. Looks at
    /// what the world says about itself; chunks are looked at when they are needed.
    ///
    /// # Errors
    ///
    /// If there is none, or it is damaged, or can only be read by another version of kay.
    pub fn open(path: impl AsRef<Path>) -> Result<SavedWorld, SnapshotError> {
        let path = path.as_ref();
        let metadata = fs::metadata(path);
        let metadata = metadata.map_err(|reason| DiskError::new("open", path, reason))?;
        if metadata.is_dir() {
            let opened = Backups::look(Arc::new(RealDisk::new(path)))?;
            let directory = || path.to_owned();
            let snapshot = opened.snapshot.ok_or_else(|| SnapshotError::NeverTaken {
                directory: directory(),
            })?;
            return SavedWorld::of(path.join(snapshot.name()), snapshot);
        }
        let name = path.file_name().and_then(|name| name.to_str());
        // A pipe would be waited for.
        let Some(name) = name.filter(|_| metadata.is_file()) else {
            let name = path.display().to_string();
            return Err(SnapshotError::NotASnapshot { name });
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        let snapshot = Snapshot::open(&RealDisk::new(directory), name)?;
        SavedWorld::of(path.to_owned(), snapshot)
    }

    fn of(path: PathBuf, snapshot: Snapshot) -> Result<SavedWorld, SnapshotError> {
        let name = || snapshot.name().to_owned();
        let malformed = |what: String| SnapshotError::Malformed { name: name(), what };
        let meta = snapshot.meta();
        let format = u32::read(&mut portable::Reader::new(meta));
        let found = format.map_err(|error| malformed(error.to_string()))?;
        if found != WorldImage::FORMAT {
            return Err(SnapshotError::Version {
                name: name(),
                found,
                known: WorldImage::FORMAT,
            });
        }
        let image = portable::from_bytes::<WorldImage>(meta);
        let image = image.map_err(|error| malformed(error.to_string()))?;
        let shards = image.protocol.setup.shards();
        if !(1..=MOST_SHARDS).contains(&shards) {
            return Err(malformed(format!("no world has {shards} shards")));
        }
        let (types, known) = (image.actors.len(), image.protocol.setup.actors().len());
        if types != known || types > usize::from(u16::MAX) {
            return Err(malformed(format!(
                "it has {types} actor types, and names {known}"
            )));
        }
        let place = |number: TypeNumber| {
            let layout = image.protocol.layouts.get(number as usize)?;
            Place::from_size_align(layout.size as usize, layout.align as usize).ok()
        };
        let messages = image.protocol.messages.iter();
        let places = messages.map(|message| place(message.layout));
        let places = [None].into_iter().chain(places).collect();
        Ok(SavedWorld {
            path,
            snapshot,
            image,
            places,
        })
    }

    /// The file that it is in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How all types lie in memory, by the numbers that they call each other by.
    #[must_use]
    pub fn layouts(&self) -> &[Layout] {
        &self.image.protocol.layouts
    }

    /// The name of each actor type, in the order of registration, and the number of its layout.
    pub fn actors(&self) -> impl Iterator<Item = (&str, TypeNumber)> {
        let names = self.image.protocol.setup.actors().map(|(_, name)| name);
        names.zip(self.image.actors.iter().copied())
    }

    pub(super) fn malformed(&self, what: impl Into<String>) -> SnapshotError {
        SnapshotError::Malformed {
            name: self.snapshot.name().to_owned(),
            what: what.into(),
        }
    }

    pub(super) fn shards(&self) -> usize {
        // It is at most `MOST_SHARDS`.
        self.image.protocol.setup.shards() as usize
    }

    /// The name of an actor type, if it is one.
    pub(super) fn actor_name(&self, actor: TypeIndex) -> Option<&str> {
        let at = usize::from(actor).checked_sub(1)?;
        self.image
            .protocol
            .setup
            .actors()
            .nth(at)
            .map(|(_, name)| name)
    }

    /// The layout of an actor type.
    pub(super) fn actor_layout(&self, actor: TypeIndex) -> Option<TypeNumber> {
        let at = usize::from(actor).checked_sub(1)?;
        self.image.actors.get(at).copied()
    }

    pub(super) fn message_name(&self, actor: TypeIndex, fingerprint: u64) -> String {
        let name = self.image.protocol.setup.message(actor, fingerprint);
        name.map_or_else(|| format!("{fingerprint:016x}"), str::to_owned)
    }

    /// The bytes of a chunk that is as it was written; none, if there is no such chunk.
    pub(super) fn chunk(
        &self,
        kind: ChunkKind,
        shard: usize,
        actor: TypeIndex,
    ) -> Result<&[u8], SnapshotError> {
        let Some(chunk) = self.snapshot.chunk(kind.key(shard, actor)) else {
            return Ok(&[]);
        };
        chunk.check()?;
        Ok(chunk.bytes())
    }

    /// The bytes of a chunk, to be counted only.
    pub(super) fn length(&self, kind: ChunkKind, shard: usize, actor: TypeIndex) -> u64 {
        let chunk = self.snapshot.chunk(kind.key(shard, actor));
        chunk.map_or(0, |chunk| chunk.bytes().len() as u64)
    }

    pub(super) fn shard(&self, index: usize) -> Result<ShardImage, SnapshotError> {
        let image = portable::from_bytes(self.chunk(ChunkKind::Shard, index, 0)?);
        image.map_err(|error| self.malformed(format!("shard {index}: {error}")))
    }
}
