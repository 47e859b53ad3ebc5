//! What can be done with a message whose type is not known.

use std::hash::Hasher;
use std::mem::needs_drop;

use chunky::portable::{ReadError, Reader, WriteError, Writer};
use chunky::raw::{Layouts, RawReader};
use chunky::{Chain, Compact, ItemForm, ItemKind, ItemRef, Lane, Pool, Receiver, SavedItem};

use crate::Message;
use crate::hasher::StateHasher;
use crate::panic::caught;
use crate::world::{ALL, FIRST, FIRST_AGAIN};

/// What reading a message comes to.
pub(crate) type Read = Result<(), ReadError>;

/// What can be done with a message whose type is not known.
pub(crate) struct Tools {
    /// What it is to the queue.
    pub(crate) kind: ItemKind,
    /// Feeds it to a hasher, its receiver included, whose slot begins at this bit, with this fingerprint.
    pub(crate) hash: fn(ItemRef<'_>, u32, u64, &mut StateHasher),
    /// Copies it to a lane.
    pub(crate) duplicate: fn(ItemRef<'_>, &mut Lane, &mut Pool),
    /// Appends its portable form to bytes that are lost if it has none.
    pub(crate) write: fn(ItemRef<'_>, Vec<u8>) -> Result<Vec<u8>, WriteError>,
    /// Takes it from its portable form, to a lane, with this tag, for this receiver.
    pub(crate) read: fn(&mut Reader<'_>, u16, Receiver, &mut Lane, &mut Pool) -> Read,
    /// How it lies in memory.
    pub(crate) form: fn(&mut Layouts) -> ItemForm,
    /// Takes it from where it lay, as `read` does from its portable form.
    pub(crate) restore:
        for<'a> fn(&mut RawReader<'a>, SavedItem<'a>, u16, &mut Lane, &mut Pool) -> Read,
    /// It, for people.
    pub(crate) describe: fn(ItemRef<'_>) -> Option<String>,
    /// Takes it out of a chain, in which it comes first, after its handler panicked. If it went to
    /// all instances, those that are left get it as a message of their own, by the lane. Returns how many do not,
    /// since to copy it panics, too.
    pub(crate) skip: fn(&mut Chain, u16, &[Receiver], &mut Lane, &mut Pool) -> u64,
    /// Whether it is gone from its chain when its handler begins, because dropping it does
    /// something. Others are copied, so that they can still be shown.
    pub(crate) moved: bool,
}

impl Tools {
    pub(crate) fn new<M: Message>() -> Self {
        Tools {
            kind: ItemKind::of_compact::<M>(),
            hash: hash::<M>,
            duplicate: duplicate::<M>,
            write: write::<M>,
            read: read::<M>,
            form: ItemForm::new::<M>,
            restore: restore::<M>,
            describe: |item| Some(format!("{:?}", item.get::<M>()?.described())),
            skip: skip::<M>,
            moved: needs_drop::<M>(),
        }
    }
}

fn hash<M: Compact>(item: ItemRef<'_>, shift: u32, fingerprint: u64, hasher: &mut StateHasher) {
    let Some(message) = item.get::<M>() else {
        return;
    };
    fingerprint.hash_state(hasher);
    hash_receiver(item.to(), shift, hasher);
    message.hash_state(hasher);
}

/// Apart from the message, so that it is compiled once.
fn hash_receiver(to: Receiver, shift: u32, hasher: &mut impl Hasher) {
    if to == ALL {
        1_u8.hash_state(hasher);
    } else if to == FIRST || to == FIRST_AGAIN {
        (to.index(), to.generation()).hash_state(hasher);
    } else {
        let key = to.key(shift);
        (key.slot, key.generation).hash_state(hasher);
    }
}

pub(crate) fn duplicate<M: Compact>(item: ItemRef<'_>, lane: &mut Lane, pool: &mut Pool) {
    if let Some(message) = item.get::<M>() {
        lane.push(item.tag(), item.to(), message.duplicate(), pool);
    }
}

fn write<M: Compact>(item: ItemRef<'_>, bytes: Vec<u8>) -> Result<Vec<u8>, WriteError> {
    let mut writer = Writer::appending(bytes);
    if let Some(message) = item.get::<M>() {
        message.write(&mut writer);
    }
    writer.finish()
}

fn read<M: Compact>(
    from: &mut Reader<'_>,
    tag: u16,
    to: Receiver,
    lane: &mut Lane,
    pool: &mut Pool,
) -> Read {
    let message = M::read(from)?;
    lane.push(tag, to, message, pool);
    Ok(())
}

pub(crate) fn restore<'a, M: Compact>(
    from: &mut RawReader<'a>,
    item: SavedItem<'a>,
    tag: u16,
    lane: &mut Lane,
    pool: &mut Pool,
) -> Read {
    let message: M = from.read(item.bytes)?;
    lane.push(tag, item.to, message, pool);
    Ok(())
}

fn skip<M: Compact>(
    chain: &mut Chain,
    tag: u16,
    left: &[Receiver],
    lane: &mut Lane,
    pool: &mut Pool,
) -> u64 {
    let Some((_, message)) = chain.pop::<M>(pool) else {
        return 0;
    };
    let mut without = 0;
    for &to in left {
        match caught(|| message.duplicate()) {
            Some(copy) => lane.push(tag, to, copy, pool),
            None => without += 1,
        }
    }
    caught(|| drop(message));
    without
}
