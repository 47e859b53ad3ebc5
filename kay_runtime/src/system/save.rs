//! Copying a world, to be written while it goes on.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::ActorSystem;
use crate::panic::PanicReport;
use crate::persist::{
    Base, ChunkKind, Entry, JournalPosition, Key, PanicImage, Protocol, SnapshotError, WorldImage,
};
use crate::registry::Registry;
use crate::schema::Schema;
use crate::shard::{Shard, half};
use crate::shard_copy::{Buffers, ChunkCopy, ShardCopy, sender_image, to_bytes};
use crate::store::Rooms;

/// A world between two turns that is being copied, shard by shard.
pub(super) struct Copying {
    pub(super) turn: u64,
    meta: Vec<u8>,
    /// What is changed later is not in it.
    epoch: u64,
}

/// A world as it was between two turns: what a snapshot is made of.
pub(super) struct WorldCopy {
    pub(super) turn: u64,
    pub(super) meta: Vec<u8>,
    pub(super) chunks: Vec<ChunkCopy>,
    /// Those that have not changed since an earlier snapshot.
    pub(super) kept: Vec<Entry>,
    pub(super) epoch: u64,
}

/// What shards were copied to the last time, by shard.
pub(super) type Spare = Vec<Buffers>;

impl ActorSystem {
    /// Tells shards to copy themselves as they are after so many more turns: before they run in the one behind these,
    /// but for the stores of most, which are copied when they have run in the last of these. Stores that have not
    /// changed since the `base` are left out. `with_host` says whether what the host has sent for the turn behind
    /// these is part of it.
    pub(super) fn plan_copy(
        &mut self,
        turns: u64,
        schema: &Arc<Schema>,
        base: Option<&Arc<Base>>,
        with_host: bool,
        mut spare: Spare,
    ) {
        let (epoch, next) = (self.host.epoch + 1, self.turn + turns + 1);
        spare.resize_with(self.shards.len(), Default::default);
        for (shard, spare) in self.shards.iter_mut().flatten().zip(spare) {
            let copy = ShardCopy::new(schema, base, next, with_host, epoch, spare);
            shard.copy = Some(copy);
        }
    }

    /// Gives that up. Returns the memory that was to be copied to.
    pub(super) fn unplan_copy(&mut self) -> Spare {
        let copies = self.shards.iter_mut().flatten();
        let copies = copies.map(|shard| shard.copy.take());
        let spare = copies.map(|copy| copy.map_or_else(Buffers::new, |copy| copy.into_spare()));
        spare.collect()
    }

    /// Begins to copy the world as it is now, which is behind this place in the journal, by shards that were told to.
    pub(super) fn begin_copy(
        &mut self,
        schema: &Schema,
        journal: JournalPosition,
    ) -> Result<Copying, SnapshotError> {
        let meta = to_bytes(&self.image(schema, journal))?;
        let epoch = self.host.epoch;
        self.host.epoch += 1;
        Ok(Copying {
            turn: self.turn,
            meta,
            epoch,
        })
    }

    /// Copies the shards that have not run since it began, on all threads. Returns how long turns have
    /// taken longer because of others, too. `spare` gets an entry for each shard.
    pub(super) fn finish_copy(
        &mut self,
        copying: Copying,
        spare: &mut Spare,
    ) -> Result<(WorldCopy, Duration), SnapshotError> {
        let Copying { turn, meta, epoch } = copying;
        let threads = self.settings.threads.min(self.shards.len()).max(1);
        let copies = self.shards.iter().flatten();
        let times = copies.filter_map(|shard| Some(shard.copy.as_ref()?.time));
        let in_turns = times.sum::<Duration>() / threads as u32;
        if turn == self.turn {
            self.collect();
        }
        let left = self.shards.iter_mut().flatten();
        let left = left.filter(|shard| {
            shard
                .copy
                .as_ref()
                .is_some_and(|copy| copy.outcome.is_none())
        });
        // In turn, since what has changed may be in neighbours.
        let mut shares: Vec<Vec<_>> = Vec::new();
        for (at, shard) in left.enumerate() {
            if at < threads {
                shares.push(Vec::new());
            }
            shares[at % threads].push(shard);
        }
        on_threads(shares.into_iter(), |shards| {
            shards
                .into_iter()
                .for_each(|shard| shard.copy_before(turn + 1));
        });
        let (mut chunks, mut kept, mut failed) = (Vec::new(), Vec::new(), None);
        for shard in self.shards.iter_mut().flatten() {
            let Some(mut copy) = shard.copy.take() else {
                unreachable!("a shard has its copy until it is asked for")
            };
            chunks.append(&mut copy.chunks);
            kept.append(&mut copy.kept);
            let Some(copied) = copy.outcome.take() else {
                unreachable!("all shards have copied themselves")
            };
            failed = failed.or(copied.err());
            spare.push(copy.into_spare());
        }
        let copy = WorldCopy {
            turn,
            meta,
            chunks,
            kept,
            epoch,
        };
        if let Some(error) = failed {
            return Err(error);
        }
        // All of it has been looked at.
        self.origin = None;
        Ok((copy, in_turns))
    }

    /// What there is to say of the world but for its shards.
    fn image(&self, schema: &Schema, journal: JournalPosition) -> WorldImage {
        let registry = &self.registry;
        let actors = registry.actors();
        let actors = actors.map(|(index, _)| schema.actor(index).number);
        let panics = self.panics.iter();
        WorldImage {
            format: WorldImage::FORMAT,
            protocol: Protocol::of(&self.settings, registry, schema),
            slots: schema.maps.slots.number(),
            pages: schema.maps.pages.number(),
            actors: actors.collect(),
            journal,
            waiting: self.waiting,
            frozen: self.frozen,
            panics: panics.map(|report| panic_image(report, registry)).collect(),
            panicked: self.panicked,
            host: sender_image(&self.host),
            streams: self.host.current.streams,
        }
    }

    /// How much memory a copy would take now for each chunk of stores and letters, about, by shard.
    pub(super) fn rooms(&mut self, schema: &Schema) -> Vec<Vec<(Key, usize)>> {
        self.collect();
        let next = half(self.turn + 1);
        let store = |shard, actor, rooms: Rooms, beside| {
            [
                (ChunkKind::Values, rooms.values),
                (ChunkKind::Beside, beside),
                (ChunkKind::Slots, rooms.slots),
                (ChunkKind::Pages, rooms.pages),
            ]
            .map(|(kind, room)| (kind.key(shard, actor), room))
        };
        let shard = |shard: &mut Shard| {
            let (index, rooms) = (shard.index, shard.stores.rooms(schema).into_iter());
            let rooms = rooms.flat_map(|(actor, rooms, beside)| store(index, actor, rooms, beside));
            let letters = shard.letters[next].iter();
            let letters = letters.map(|letter| letter.chain.copied_bytes()).sum();
            let key = ChunkKind::Letters.key(index, 0);
            rooms.chain([(key, letters)]).collect()
        };
        let shards = self.shards.iter_mut().flatten();
        shards.map(|of| shard(of)).collect()
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
