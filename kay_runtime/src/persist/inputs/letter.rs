//! What the host sends to one actor type in one shard.
//!
//! ```text
//! letter   target shard u32 │ actor type u64 │ items
//! item     there bool │ message u64 │ index u32 │ generation u16 │ payload, if it is there
//! ```
//!
//! An item that is not *there* is a spawner that could not be written: no instance came of it, but
//! it has taken a slot number. A payload has no length: what reads it knows where it ends. What is
//! long is cut into several letters.

use std::mem::take;
use std::sync::Arc;

use chunky::{ItemRef, Lane, Receiver};

use crate::Compact;
use crate::error::Misuse;
use crate::outbox::Letter;
use crate::panic::caught;
use crate::portable::{Problem, ReadError, Reader, WriteError};
use crate::registry::{HandlerEntry, Tag, TypeIndex};
use crate::stock::{HOST, Stock};
use crate::tools::Tools;
use crate::world::{ALL, FIRST, World};

use super::super::{JournalError, Past};
use super::ReplayError;

/// A letter that is longer than this is cut.
const LONG: usize = 1 << 20;

/// A message may have so many bytes, so that a letter is never too long for a record.
const LONGEST: usize = 1 << 31;

/// Writes letters.
#[derive(Default)]
pub(super) struct LetterWriter {
    letter: Vec<u8>,
    /// A message; kept for its memory.
    message: Vec<u8>,
}

/// What has become of a letter.
pub(super) struct Written {
    /// The messages that were written.
    pub(super) kept: Option<Letter>,
    /// Whether it has taken slot numbers.
    pub(super) takes: bool,
}

impl LetterWriter {
    /// Has the bytes of a letter appended. Of messages that have none, the host complains.
    pub(super) fn write(
        &mut self,
        target: usize,
        letter: Letter,
        host: &mut World,
        mut append: impl FnMut(&[u8]) -> Result<(), JournalError>,
    ) -> Result<Written, JournalError> {
        let registry = Arc::clone(&host.registry);
        let actor = registry.actor(letter.to());
        self.begin(target, actor.fingerprint);
        let (mut takes, mut at, mut refused) = (false, 0_usize, Vec::new());
        let mut outcome = Ok(());
        letter.chain.visit(|item| {
            let handler = registry.handler(Tag(item.tag()).handler());
            let spawns = handler.spawns && item.to().generation() > 0;
            takes |= spawns;
            match self.message(&handler.tools, item) {
                Ok(()) => {
                    self.item(true, handler, item.to());
                    self.letter.extend(&self.message);
                }
                Err(why) => {
                    refused.push(at);
                    host.complain(Misuse::NotWritten {
                        actor: actor.name,
                        message: handler.name,
                        why,
                    });
                    if spawns {
                        self.item(false, handler, item.to());
                    }
                }
            }
            at += 1;
            if self.letter.len() > LONG && outcome.is_ok() {
                outcome = append(&self.letter);
                self.begin(target, actor.fingerprint);
            }
        });
        outcome?;
        append(&self.letter)?;
        let kept = if refused.is_empty() {
            Some(letter)
        } else {
            without(letter, &refused, host)
        };
        Ok(Written { kept, takes })
    }

    fn begin(&mut self, target: usize, actor: u64) {
        self.letter.clear();
        self.letter.extend((target as u32).to_le_bytes());
        self.letter.extend(actor.to_le_bytes());
    }

    fn item(&mut self, there: bool, handler: &HandlerEntry, to: Receiver) {
        self.letter.push(there.into());
        self.letter.extend(handler.fingerprint.to_le_bytes());
        self.letter.extend(to.index().to_le_bytes());
        self.letter.extend(to.generation().to_le_bytes());
    }

    /// Leaves the bytes of a message in `message`.
    fn message(&mut self, tools: &Tools, item: ItemRef<'_>) -> Result<(), WriteError> {
        let mut bytes = take(&mut self.message);
        bytes.clear();
        // Users may write `Compact` by hand. If that panics here, the letters that the host has
        // sent would be gone without a word.
        let written = caught(|| (tools.write)(item, bytes));
        let panicked = WriteError::Invalid {
            why: "its `Compact::write` panics",
        };
        self.message = written.unwrap_or(Err(panicked))?;
        if self.message.len() > LONGEST {
            let why = "it is longer than 2 GiB";
            return Err(WriteError::Invalid { why });
        }
        Ok(())
    }
}

/// The letter without the messages in these places; `None` if there are no others.
#[cold]
fn without(letter: Letter, places: &[usize], host: &mut World) -> Option<Letter> {
    let (to, mut lanes) = (letter.to(), [Lane::new(), Lane::new()]);
    let (mut at, mut places) = (0_usize, places.iter().peekable());
    letter.chain.divide(&mut lanes, &mut host.outbox.pool, |_| {
        at += 1;
        usize::from(places.next_if(|&&place| place == at - 1).is_some())
    });
    let [mut kept, refused] = lanes;
    // Should it panic when it is dropped, that is no reason to lose the others.
    caught(|| drop(refused));
    Some(Letter::new(to, kept.take()?))
}

/// Letters that are read, until their end is.
#[derive(Default)]
pub(crate) struct Batch {
    /// With the shards that they are for.
    pub(crate) letters: Vec<(usize, Letter)>,
    /// The messages in them.
    pub(crate) messages: u64,
}

impl Batch {
    /// Reads a letter. The host takes the slot numbers that it has taken for it.
    pub(crate) fn read(
        &mut self,
        payload: &[u8],
        host: &mut World,
        past: &Past,
    ) -> Result<(), ReplayError> {
        let malformed = |reason| ReplayError::Malformed {
            what: "a letter",
            reason,
        };
        let mut from = Reader::new(payload);
        let (shard, actor) = <(u32, u64)>::read(&mut from).map_err(malformed)?;
        if shard >= host.shards {
            let shards = host.shards;
            return Err(ReplayError::Shard { shard, shards });
        }
        let registry = Arc::clone(&host.registry);
        let to_type = past.setup.actor(&registry, actor)?;
        let mut lane = Lane::new();
        let mut rest = &payload[from.offset()..];
        while !rest.is_empty() {
            let mut from = Reader::new(rest);
            let head = <(bool, u64, u32, u16)>::read(&mut from).map_err(malformed)?;
            let (there, message, index, generation) = head;
            rest = &rest[from.offset()..];
            let index_of_handler = past.handler(&registry, to_type, message)?;
            let handler = registry.handler(index_of_handler);
            let to = Receiver::new(index, generation);
            check_receiver(to, shard, handler, host)?;
            if handler.spawns && generation > 0 {
                take_slot(to, shard, to_type, handler, host)?;
            }
            if !there {
                continue;
            }
            // One reader for each, since there was one writer for each.
            let mut from = Reader::new(rest);
            let tag = Tag::of(index_of_handler);
            let pool = &mut host.outbox.pool;
            // As for writing.
            let read = caught(|| (handler.tools.read)(&mut from, tag.0, to, &mut lane, pool));
            let why = "its `Compact::read` panics";
            let panicked = ReadError::new(0, Problem::Invalid { why });
            read.unwrap_or(Err(panicked))
                .map_err(|reason| ReplayError::Message {
                    actor: registry.actor(to_type).name,
                    message: handler.name,
                    reason,
                })?;
            rest = &rest[from.offset()..];
            self.messages += 1;
        }
        let chain = lane.take();
        let letter = chain.map(|chain| Letter::new(to_type, chain));
        self.letters
            .extend(letter.map(|letter| (shard as usize, letter)));
        Ok(())
    }
}

/// That a message in a letter to this shard can be for this receiver.
fn check_receiver(
    to: Receiver,
    shard: u32,
    handler: &HandlerEntry,
    host: &World,
) -> Result<(), ReplayError> {
    let right = match to.generation() {
        0 => to == ALL || to == FIRST,
        _ => to.index() & ((1 << host.shard_bits) - 1) == shard,
    };
    if right {
        return Ok(());
    }
    Err(ReplayError::Receiver {
        message: handler.name,
        index: to.index(),
        generation: to.generation(),
        shard,
    })
}

/// Has the host take the slot number that it has taken for a spawner.
fn take_slot(
    to: Receiver,
    shard: u32,
    actor: TypeIndex,
    handler: &HandlerEntry,
    host: &mut World,
) -> Result<(), ReplayError> {
    let (shards, key) = (host.shards, to.key(host.shard_bits));
    let end = 1 << (32 - host.shard_bits);
    let new = || Box::new(Stock::new(HOST, shards));
    let stock = host.stocks[usize::from(actor)].get_or_insert_with(new);
    if stock.peek(shard, HOST, end) == Some(key) {
        let _ = stock.take(shard, HOST, end);
        return Ok(());
    }
    // A spawner may have been sent to an instance as if it were a message; no number is taken
    // then. If one was, the numbers at the end will tell.
    if stock.host_gave(shard, key.slot) {
        return Ok(());
    }
    Err(ReplayError::Slot {
        message: handler.name,
        index: to.index(),
        generation: to.generation(),
    })
}
