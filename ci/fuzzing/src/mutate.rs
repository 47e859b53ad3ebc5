//! Changing one part of what a file holds, so that what lies around it still makes sense.

use kay_runtime::Rng;
use libfuzzer_sys::fuzzer_mutate;

use crate::files::{Item, Journal, Snapshot, repair_snapshot};

/// How much longer a part may become at once.
const MORE: usize = 64;

/// Has libFuzzer change some bytes.
pub fn bytes(bytes: &mut Vec<u8>) {
    let length = bytes.len();
    bytes.resize(length + MORE, 0);
    let length = fuzzer_mutate(bytes, length, length + MORE);
    bytes.truncate(length);
}

/// One of so many.
pub fn one(rng: &mut Rng, count: usize) -> usize {
    rng.below(count as u64) as usize
}

/// Puts what was made of the first `size` bytes of libFuzzer's buffer there, if there is room; else, and now and
/// then, changes them as if they were nothing but bytes.
pub fn with(
    data: &mut [u8],
    (size, room): (usize, usize),
    seed: u32,
    change: impl FnOnce(&[u8], &mut Rng) -> Option<Vec<u8>>,
) -> usize {
    let mut rng = Rng::new(seed.into());
    let changed = if rng.below(16) == 0 {
        None
    } else {
        change(&data[..size], &mut rng)
    };
    match changed {
        Some(bytes) if bytes.len() <= room => {
            data[..bytes.len()].copy_from_slice(&bytes);
            bytes.len()
        }
        _ => fuzzer_mutate(data, size, room),
    }
}

/// `right` finds the snapshot that one was made of.
pub fn snapshot<'a>(
    file: &[u8],
    rng: &mut Rng,
    right: impl Fn(&Snapshot) -> Option<&'a Snapshot>,
) -> Option<Vec<u8>> {
    let Some(mut snapshot) = Snapshot::parse(file, |_| None).filter(|_| rng.below(8) > 0) else {
        let mut file = file.to_vec();
        bytes(&mut file);
        repair_snapshot(&mut file);
        return Some(file);
    };
    let count = snapshot.chunks.len();
    let right = right(&snapshot).filter(|_| rng.below(4) == 0);
    if let Some(mut right) = right.cloned() {
        // All but one part are right again: else, what once made no sense never would.
        match one(rng, count + 1).checked_sub(1) {
            None => right.meta = snapshot.meta,
            Some(at) => {
                let own = snapshot.chunks.swap_remove(at);
                let mut chunks = right.chunks.iter_mut();
                if let Some(chunk) = chunks.find(|chunk| chunk.key == own.key) {
                    *chunk = own;
                }
            }
        }
        return Some(right.write());
    }
    if count == 0 || rng.below(4) == 0 {
        bytes(&mut snapshot.meta);
        return Some(snapshot.write());
    }
    let at = one(rng, count);
    match rng.below(16) {
        0 => snapshot.turn = rng.bits() >> rng.below(64),
        1 => drop(snapshot.chunks.remove(at)),
        2 => snapshot.chunks[at].room ^= 1 << rng.below(15),
        3 => snapshot.chunks[at].bytes = snapshot.chunks[one(rng, count)].bytes.clone(),
        _ => bytes(&mut snapshot.chunks[at].bytes),
    }
    Some(snapshot.write())
}

pub fn journal(file: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut journal = Journal::parse(file)?;
    let count = journal.items.len();
    if count == 0 {
        return None;
    }
    let (at, other) = (one(rng, count), one(rng, count));
    match (rng.below(12), &mut journal.items[at]) {
        (0, _) => drop(journal.items.remove(at)),
        (1, item) => {
            let item = item.clone();
            journal.items.insert(other, item);
        }
        (2, _) => journal.items.swap(at, other),
        (3, _) => journal.items.insert(
            at,
            Item::Mark {
                life: rng.below(4) as u32,
            },
        ),
        (4, _) => journal.turn = rng.bits() >> rng.below(64),
        (5, Item::Record { kind, .. }) => *kind = rng.below(8) as u8,
        (6, Item::Record { turn, .. }) => *turn = turn.wrapping_add(rng.below(5)).wrapping_sub(2),
        (7, Item::Record { turn, .. }) => *turn = rng.bits() >> rng.below(64),
        (_, Item::Record { payload, .. }) => bytes(payload),
        (_, Item::Mark { life }) => *life = life.wrapping_add(rng.below(3) as u32),
    }
    Some(journal.write())
}
