//! Whether a snapshot is right, as far as can be said without the code.

use std::collections::HashSet;

use chunky::raw::Program;

use super::SavedWorld;
use super::store::SavedStore;
use crate::SnapshotError;
use crate::persist::{ChunkKind, Key, Progress};
use crate::registry::SHARD;

impl SavedWorld {
    /// Looks at each byte of all chunks, tells after each chunk how far it has come, and gives what is wrong. If
    /// all are as they were written, it looks whether they make a world: whether slots lead to instances and
    /// messages to their types, and whether all lies as the layouts say. Whether a value makes sense, only its
    /// type knows.
    pub fn verify(&self, progress: impl FnMut(Progress)) -> Vec<SnapshotError> {
        let damaged = self.snapshot.verify(progress);
        if !damaged.is_empty() {
            return damaged;
        }
        let mut wrong = Vec::new();
        wrong.extend(self.check_types().err());
        let mut known = HashSet::new();
        for shard in 0..self.shards() {
            wrong.extend(self.check_shard(shard, &mut known).err());
        }
        if wrong.is_empty() {
            let mut keys = self.snapshot.chunks().map(|chunk| chunk.key());
            let stray = keys.find(|key| !known.contains(key));
            wrong.extend(stray.map(|key| self.malformed(format!("nothing has a chunk of {key}"))));
        }
        wrong
    }

    fn check_types(&self) -> Result<(), SnapshotError> {
        let messages = self
            .image
            .protocol
            .messages
            .iter()
            .map(|message| message.layout);
        let numbers: HashSet<u32> = self.image.actors.iter().copied().chain(messages).collect();
        for number in numbers {
            let program = Program::recorded(self.layouts(), number);
            program.map_err(|error| self.malformed(format!("how types lie: {error}")))?;
        }
        let mut receivers = self
            .image
            .protocol
            .messages
            .iter()
            .map(|message| message.actor);
        if receivers.any(|actor| actor != SHARD && self.actor_layout(actor).is_none()) {
            return Err(self.malformed("there are messages to no type"));
        }
        Ok(())
    }

    /// Sees that a shard is right, and notes which chunks belong to it.
    fn check_shard(&self, shard: usize, known: &mut HashSet<Key>) -> Result<(), SnapshotError> {
        let image = self.shard(shard)?;
        for kind in [
            ChunkKind::Shard,
            ChunkKind::Letters,
            ChunkKind::LettersBeside,
        ] {
            known.insert(kind.key(shard, 0));
        }
        for store in &image.stores {
            if !known.insert(ChunkKind::Values.key(shard, store.actor)) {
                let what = format!("shard {shard} has the instances of a type twice");
                return Err(self.malformed(what));
            }
            for kind in [ChunkKind::Beside, ChunkKind::Slots, ChunkKind::Pages] {
                known.insert(kind.key(shard, store.actor));
            }
            SavedStore::read(self, shard, store)?;
        }
        let mut culprits = image.culprits.iter();
        if culprits.any(|&(actor, ..)| self.actor_layout(actor).is_none()) {
            return Err(self.malformed("an instance of no type has panicked"));
        }
        self.check_mail(shard, &image)
    }
}
