//! Chunks without a block in use, kept for reuse.

use super::chunk::Chunk;
use super::list::List;
use std::cell::Cell;

/// Empty chunks, those used last first.
#[derive(Default)]
pub(super) struct Empty {
    list: List,
    bytes: Cell<usize>,
}

impl Empty {
    pub(super) fn put(&self, chunk: Chunk) {
        self.list.push_front(chunk);
        self.bytes.set(self.bytes.get() + chunk.bytes());
    }

    /// Takes the chunk of so many bytes that was used last.
    pub(super) fn take(&self, bytes: usize) -> Option<Chunk> {
        let chunk = self.list.iter().find(|chunk| chunk.bytes() == bytes)?;
        self.remove(chunk);
        Some(chunk)
    }

    /// Takes the chunk that was not used for longest, if all have more than `kept` bytes.
    pub(super) fn take_beyond(&self, kept: usize) -> Option<Chunk> {
        let chunk = self.list.last().filter(|_| self.bytes.get() > kept)?;
        self.remove(chunk);
        Some(chunk)
    }

    fn remove(&self, chunk: Chunk) {
        self.list.remove(chunk);
        self.bytes.set(self.bytes.get() - chunk.bytes());
    }
}
