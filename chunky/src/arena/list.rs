//! A list of chunks, linked through their headers.

use super::chunk::Chunk;
use std::cell::Cell;

/// A doubly linked list. A chunk is in at most one.
#[derive(Default)]
pub(super) struct List {
    first: Cell<Option<Chunk>>,
    last: Cell<Option<Chunk>>,
}

impl List {
    pub(super) fn first(&self) -> Option<Chunk> {
        self.first.get()
    }

    pub(super) fn last(&self) -> Option<Chunk> {
        self.last.get()
    }

    pub(super) fn push_front(&self, chunk: Chunk) {
        let next = self.first.replace(Some(chunk));
        chunk.previous.set(None);
        chunk.next.set(next);
        match next {
            Some(next) => next.previous.set(Some(chunk)),
            None => self.last.set(Some(chunk)),
        }
    }

    pub(super) fn push_back(&self, chunk: Chunk) {
        let previous = self.last.replace(Some(chunk));
        chunk.previous.set(previous);
        chunk.next.set(None);
        match previous {
            Some(previous) => previous.next.set(Some(chunk)),
            None => self.first.set(Some(chunk)),
        }
    }

    /// Takes a chunk out of this list, in which it is.
    pub(super) fn remove(&self, chunk: Chunk) {
        let (previous, next) = (chunk.previous.get(), chunk.next.get());
        match previous {
            Some(previous) => previous.next.set(next),
            None => self.first.set(next),
        }
        match next {
            Some(next) => next.previous.set(previous),
            None => self.last.set(previous),
        }
    }

    pub(super) fn pop_front(&self) -> Option<Chunk> {
        let first = self.first.get()?;
        self.remove(first);
        Some(first)
    }

    /// The chunks; the one that was yielded last may leave the list, but no other.
    pub(super) fn iter(&self) -> impl Iterator<Item = Chunk> {
        let mut next = self.first.get();
        std::iter::from_fn(move || {
            let chunk = next?;
            next = chunk.next.get();
            Some(chunk)
        })
    }
}
