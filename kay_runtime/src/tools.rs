//! What can be done with a run of messages whose type is not known.

use std::hash::Hasher;
use std::mem::needs_drop;

use chunky::{Addressed, Compact, Key, Lane, Pool, Run};

use crate::Message;
use crate::deliver::Deliver;
use crate::hasher::StateHasher;
use crate::world::ALL;

/// What can be done with a run whose message type is not known.
pub(crate) struct Tools {
    pub(crate) deliver: Deliver,
    /// Feeds all messages to a hasher, receivers included, each with this fingerprint.
    pub(crate) hash: fn(&Run<'_>, u64, &mut StateHasher),
    /// Copies all messages to a lane, in runs with the same tag.
    pub(crate) duplicate: fn(&Run<'_>, &mut Lane, &mut Pool),
    /// The first message, for people, if it is still there.
    pub(crate) describe: fn(&Run<'_>) -> Option<String>,
    /// Takes the first message out after its handler panicked. If it went to all instances, those
    /// that are left get it as a message of their own, by the lane.
    pub(crate) skip: fn(&mut Run<'_>, &[Key], &mut Lane, &mut Pool),
    /// Whether a message is gone from its run when its handler begins, because dropping it does
    /// something. Others are copied, so that they can still be shown.
    pub(crate) moved: bool,
}

impl Tools {
    pub(crate) fn new<M: Message>(deliver: Deliver) -> Self {
        Tools {
            deliver,
            hash: hash::<M>,
            duplicate: duplicate::<M>,
            describe: |run| {
                let first = run.as_slice::<M>()?.first()?;
                Some(format!("{:?}", first.item.described()))
            },
            skip: skip::<M>,
            moved: needs_drop::<M>(),
        }
    }
}

fn hash<M: Compact>(run: &Run<'_>, fingerprint: u64, hasher: &mut StateHasher) {
    for message in run.as_slice::<M>().unwrap_or(&[]) {
        fingerprint.hash_state(hasher);
        hash_key(message.key(), hasher);
        message.item.hash_state(hasher);
    }
}

/// Apart from the message, so that it is compiled once.
fn hash_key(key: Key, hasher: &mut impl Hasher) {
    if key == ALL {
        1_u8.hash_state(hasher);
    } else {
        (key.slot, key.generation).hash_state(hasher);
    }
}

pub(crate) fn duplicate<M: Compact>(run: &Run<'_>, lane: &mut Lane, pool: &mut Pool) {
    for message in run.as_slice::<M>().unwrap_or(&[]) {
        let copy = Addressed::new(message.key(), message.item.duplicate());
        lane.push(run.tag(), copy, pool);
    }
}

fn skip<M: Compact>(run: &mut Run<'_>, left: &[Key], lane: &mut Lane, pool: &mut Pool) {
    let tag = run.tag();
    let Some(message) = run.drain::<M>().and_then(|mut run| run.next()) else {
        return;
    };
    for &key in left {
        lane.push(tag, Addressed::new(key, message.item.duplicate()), pool);
    }
}
