//! What a world says about itself, and how much there is of what.

use std::collections::BTreeMap;

use chunky::raw::Program;

use super::SavedWorld;
use crate::persist::{ChunkKind, PanicImage, WorldImage};
use crate::registry::{SHARD, TypeIndex};
use crate::{CString, RawId, SnapshotError};

/// What there is in a world: see [`SavedWorld::summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Which run of a world it is of: the same for all files of a directory.
    pub run: u128,
    /// How many turns have run.
    pub turn: u64,
    /// The version of what is said here.
    pub format: u32,
    /// As [`Settings::shards`](crate::Settings::shards).
    pub shards: u64,
    /// As [`Settings::seed`](crate::Settings::seed).
    pub seed: u64,
    /// The name of a [`PanicPolicy`](crate::PanicPolicy).
    pub panic_policy: String,
    /// The first part of the journal that is not in the snapshot.
    pub part: u64,
    /// Whether the world is frozen.
    pub frozen: bool,
    /// What has panicked and was not forgotten: in a frozen world, who has frozen it.
    pub panics: Vec<SavedPanic>,
    /// The actor types, in the order of registration.
    pub actors: Vec<SavedActor>,
    /// Messages that wait, if there are any of a kind.
    pub waiting: Vec<WaitingMessages>,
    /// How large shards are.
    pub sizes: ShardSizes,
    /// The length of the file.
    pub bytes: u64,
}

/// An actor type, and its instances.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedActor {
    /// Its name.
    pub name: String,
    /// The number of its layout among [`SavedWorld::layouts`].
    pub layout: u32,
    /// Whether its instances are plain, so that they are used where they lie.
    pub is_plain: bool,
    /// How many instances there are.
    pub instances: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is beside them: the contents of their collections, and what is kept in portable form.
    pub beside: u64,
}

/// Messages of a kind that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingMessages {
    /// The actor type that they are for.
    pub actor: String,
    /// Their name.
    pub name: String,
    /// How many. One to all instances counts once for each shard.
    pub count: u64,
}

/// How many bytes of the file belong to a shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardSizes {
    /// Those of the smallest.
    pub least: u64,
    /// Those of the largest.
    pub most: u64,
}

/// A handler that panicked, as a [`PanicReport`](crate::PanicReport) has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SavedPanic {
    /// The turn in which it happened.
    pub turn: u64,
    /// The actor type of the culprit.
    pub actor: String,
    /// The culprit.
    pub id: RawId,
    /// The name of the message.
    pub message: String,
    /// The arguments of the message, if they were known.
    pub arguments: Option<String>,
    /// The state of the culprit, if it came to be.
    pub state: Option<String>,
    /// The panic's own message.
    pub reason: String,
}

impl SavedWorld {
    /// What the world says about itself, and how much there is of what. Looks at messages, but at no instance.
    ///
    /// # Errors
    ///
    /// If what it looks at is damaged, or makes no sense.
    pub fn summary(&self) -> Result<Summary, SnapshotError> {
        let setup = &self.image.protocol.setup;
        let mut actors = Vec::new();
        for (name, layout) in self.actors() {
            let program = Program::recorded(self.layouts(), layout);
            let program = program.map_err(|error| self.malformed(format!("`{name}`: {error}")))?;
            actors.push(SavedActor {
                name: name.to_owned(),
                layout,
                is_plain: program.is_plain(),
                instances: 0,
                bytes: 0,
                beside: 0,
            });
        }
        let mut waiting = BTreeMap::new();
        for shard in 0..self.shards() {
            let image = self.shard(shard)?;
            for store in &image.stores {
                let at = usize::from(store.actor).checked_sub(1);
                let Some(actor) = at.and_then(|at| actors.get_mut(at)) else {
                    return Err(self.malformed(format!("shard {shard} has instances of no type")));
                };
                // Counts may be anything. They are not added up beyond what there is.
                actor.instances = actor.instances.saturating_add(store.len);
                let length = |kind| self.length(kind, shard, store.actor);
                actor.bytes = actor.bytes.saturating_add(length(ChunkKind::Values));
                actor.beside = actor.beside.saturating_add(length(ChunkKind::Beside));
            }
            self.mail(shard, &image, |_, item| {
                *waiting.entry(item.tag).or_insert(0) += 1;
                Ok(())
            })?;
        }
        let panics = self.image.panics.iter();
        let header = self.snapshot.header();
        Ok(Summary {
            run: header.run,
            turn: header.turn,
            format: WorldImage::FORMAT,
            shards: setup.shards(),
            seed: setup.seed(),
            panic_policy: setup.panic_policy().to_owned(),
            part: self.image.journal.part,
            frozen: self.image.frozen,
            panics: panics.map(|panic| self.panic(panic)).collect(),
            actors,
            waiting: waiting
                .into_iter()
                .filter_map(|(tag, count)| self.waiting(tag, count))
                .collect(),
            sizes: self.sizes(),
            bytes: self.snapshot.length(),
        })
    }

    /// Slot numbers on their way back are no messages.
    fn waiting(&self, tag: u16, count: u64) -> Option<WaitingMessages> {
        let message = self
            .image
            .protocol
            .messages
            .get(usize::from(tag).checked_sub(1)?)?;
        (message.actor != SHARD).then(|| WaitingMessages {
            actor: self.actor_name(message.actor).unwrap_or("?").to_owned(),
            name: self.message_name(message.actor, message.fingerprint),
            count,
        })
    }

    fn panic(&self, image: &PanicImage) -> SavedPanic {
        let mut actors = (1..=TypeIndex::MAX).zip(self.image.protocol.setup.actors());
        let actor = actors.find(|(_, (fingerprint, _))| *fingerprint == image.actor);
        let text = |text: &Option<CString>| text.as_ref().map(|text| text.to_string());
        SavedPanic {
            turn: image.turn,
            actor: actor.map_or_else(
                || format!("{:016x}", image.actor),
                |(_, (_, name))| name.to_owned(),
            ),
            id: image.id,
            message: self.message_name(actor.map_or(SHARD, |(at, _)| at), image.message),
            arguments: text(&image.arguments),
            state: text(&image.state),
            reason: image.reason.to_string(),
        }
    }

    fn sizes(&self) -> ShardSizes {
        let mut bytes = vec![0; self.shards()];
        for chunk in self.snapshot.chunks() {
            if let Some(bytes) = bytes.get_mut(usize::from(chunk.key().shard)) {
                *bytes += chunk.room() as u64;
            }
        }
        ShardSizes {
            least: bytes.iter().copied().min().unwrap_or(0),
            most: bytes.iter().copied().max().unwrap_or(0),
        }
    }
}
