//! Changing one part of what files hold, so that what lies around it still makes sense.

use chunky::portable;
use kay_runtime::{CVec, Rng};
use libfuzzer_sys::fuzzer_mutate;

use crate::files::{
    Bytes, Chunk, Files, Item, Journal, Named, Place, Root, Snapshot, SnapshotFile, snapshot_name,
};

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

/// What is changed most.
#[derive(Clone, Copy, PartialEq)]
pub enum Mostly {
    Snapshots,
    Journal,
}

/// Changes a part of a world's files. `examples` are those that they may have been made of.
pub fn files(bytes: &[u8], rng: &mut Rng, mostly: Mostly, examples: &[Files]) -> Option<Vec<u8>> {
    let mut files: Files = portable::from_bytes(bytes).ok()?;
    match (rng.below(16), mostly) {
        (0..4, _) => {
            // Else, what once made no sense never would again.
            let right = examples.get(files.of as usize)?;
            files = all_but_one(&files, right.clone(), rng);
        }
        (4, _) => which(&mut files, examples, rng)?,
        (5, _) | (6, Mostly::Snapshots) => root(&mut files, rng)?,
        (7, Mostly::Snapshots) | (7.., Mostly::Journal) => {
            let at = one(rng, files.journal.len());
            let other = one(rng, files.journal.len());
            let other = files.journal.get(other)?.1.items.clone();
            journal(&mut files.journal.get_mut(at)?.1, &other, rng);
        }
        _ => {
            let at = one(rng, files.snapshots.len());
            let written = (rng.below(8) == 0).then(|| files.write());
            let numbers: Vec<u64> = files.snapshots.iter().map(|(number, _)| *number).collect();
            let (number, file) = files.snapshots.get_mut(at)?;
            let name = snapshot_name(*number);
            let written = written.and_then(|mut files| files.remove(&name));
            snapshot_file(file, written, &numbers, rng)?;
        }
    }
    portable::to_bytes(&files).ok()
}

/// Makes one world of the files of two: all but one part are those of the other one.
pub fn crossed(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut rng = Rng::new(seed.into());
    let (first, second) = (portable::from_bytes(one), portable::from_bytes(other));
    let both = first.ok().zip(second.ok());
    let both = both.map(|(first, second)| all_but_one(&first, second, &mut rng));
    let bytes = both.and_then(|both| portable::to_bytes(&both).ok());
    let bytes = bytes.as_deref().unwrap_or(one);
    let fit = bytes.len().min(out.len());
    out[..fit].copy_from_slice(&bytes[..fit]);
    fit
}

fn all_but_one(files: &Files, mut right: Files, rng: &mut Rng) -> Files {
    match rng.below(6) {
        0 => right.root = files.root.clone(),
        1 | 2 => {
            if let Some((part, own)) = files.journal.get(one(rng, files.journal.len()))
                && let Some((_, journal)) =
                    right.journal.iter_mut().find(|(other, _)| other == part)
            {
                *journal = own.clone();
            }
        }
        _ => {
            if let Some((number, own)) = files.snapshots.get(one(rng, files.snapshots.len()))
                && let Some((_, file)) = right
                    .snapshots
                    .iter_mut()
                    .find(|(other, _)| other == number)
            {
                all_but_one_part(own, file, rng);
            }
        }
    }
    right
}

fn all_but_one_part(own: &SnapshotFile, right: &mut SnapshotFile, rng: &mut Rng) {
    let (SnapshotFile::Parts(own), SnapshotFile::Parts(right)) = (own, &mut *right) else {
        *right = own.clone();
        return;
    };
    match one(rng, own.chunks.len() + 1).checked_sub(1) {
        None => right.meta = own.meta.clone(),
        Some(at) => {
            let own = &own.chunks[at];
            let mut chunks = right.chunks.iter_mut();
            if let Some(chunk) = chunks.find(|chunk| chunk.key == own.key) {
                *chunk = own.clone();
            }
        }
    }
}

/// Changes which files there are.
fn which(files: &mut Files, examples: &[Files], rng: &mut Rng) -> Option<()> {
    let snapshot = one(rng, files.snapshots.len());
    let part = one(rng, files.journal.len());
    match rng.below(9) {
        0 => files.root = None,
        1 => {
            let mut numbers: Vec<u64> = files.snapshots.iter().map(|(number, _)| *number).collect();
            numbers.sort_unstable_by(|a, b| b.cmp(a));
            numbers.truncate(1 + one(rng, 2));
            files.root = Some(Root::Names(numbers.into_iter().map(Named::truly).collect()));
        }
        2 if snapshot < files.snapshots.len() => drop(files.snapshots.remove(snapshot)),
        3 if part < files.journal.len() => drop(files.journal.remove(part)),
        4 => near(&mut files.snapshots.get_mut(snapshot)?.0, rng),
        5 => near(&mut files.journal.get_mut(part)?.0, rng),
        6 if snapshot < files.snapshots.len() => {
            let other = one(rng, files.snapshots.len());
            let (first, second) = (files.snapshots[snapshot].0, files.snapshots[other].0);
            files.snapshots[snapshot].0 = second;
            files.snapshots[other].0 = first;
        }
        7 => {
            let (mut number, file) = files.snapshots.get(snapshot)?.clone();
            near(&mut number, rng);
            files.snapshots.push((number, file));
        }
        _ => {
            let other = examples.get(one(rng, examples.len()))?;
            if rng.below(2) == 0 {
                let other = other.journal.get(one(rng, other.journal.len()))?;
                files.journal.retain(|(part, _)| *part != other.0);
                files.journal.push(other.clone());
            } else {
                let other = other.snapshots.get(one(rng, other.snapshots.len()))?;
                files.snapshots.retain(|(number, _)| *number != other.0);
                files.snapshots.push(other.clone());
            }
        }
    }
    Some(())
}

/// Makes a number another one, which mostly is not far.
fn near(number: &mut u64, rng: &mut Rng) {
    *number = match rng.below(8) {
        0 => rng.bits() >> rng.below(64),
        _ => number.wrapping_add(rng.below(5)).wrapping_sub(2),
    };
}

fn root(files: &mut Files, rng: &mut Rng) -> Option<()> {
    if rng.below(8) == 0 {
        // Without its checksum.
        let mut written = files.write().remove("snapshot-root")?;
        written.truncate(written.len() - 8);
        bytes(&mut written);
        files.root = Some(Root::Bytes(written.into()));
        return Some(());
    }
    let names = match files.root.as_mut()? {
        Root::Names(names) => names,
        Root::Bytes(bytes) => {
            change(bytes);
            return Some(());
        }
    };
    let other = files.snapshots.get(one(rng, files.snapshots.len()))?.0;
    let at = one(rng, names.len());
    match (rng.below(8), names.get_mut(at)) {
        (0, _) | (_, None) => names.insert(at, Named::truly(other)),
        (1, Some(_)) => drop(names.remove(at)),
        (2, Some(_)) => names.swap(at, 0),
        (3, Some(named)) => named.number = other,
        (4, Some(named)) => near(&mut named.number, rng),
        (5, Some(named)) => named.turn = Some(rng.below(64)),
        (6, Some(named)) => named.checksum = Some(rng.bits()),
        (_, Some(named)) => {
            let files = named.files.get_or_insert_with(CVec::new);
            let at = one(rng, files.len() + 1);
            match files.get_mut(at) {
                Some(file) => near(file, rng),
                None => files.push(other),
            }
        }
    }
    Some(())
}

/// `written` is the file as it lies, if it is to be changed as that; `numbers` are those of all snapshots.
fn snapshot_file(
    file: &mut SnapshotFile,
    written: Option<Vec<u8>>,
    numbers: &[u64],
    rng: &mut Rng,
) -> Option<()> {
    let Some(mut written) = written else {
        if let SnapshotFile::Bytes(lies) = file {
            *file = SnapshotFile::Parts(Snapshot::parse(&lies.to_vec())?);
        }
        if let SnapshotFile::Parts(parts) = file {
            snapshot(parts, numbers, rng);
        }
        return Some(());
    };
    // Chunks in other files are where they are now, and where they should not be then.
    let mut parsed = Snapshot::parse(&written).filter(|_| rng.below(2) == 0);
    let chunks = parsed.iter_mut().flat_map(|parsed| &mut parsed.chunks);
    let mut elsewhere: Vec<&mut Chunk> = chunks
        .filter(|chunk| matches!(chunk.place, Place::Elsewhere { .. }))
        .collect();
    let at = one(rng, elsewhere.len());
    if let Some(changed) = elsewhere.get_mut(at) {
        chunk(changed, numbers, rng);
        *file = SnapshotFile::Parts(parsed?);
    } else {
        bytes(&mut written);
        *file = SnapshotFile::Bytes(written.into());
    }
    Some(())
}

fn snapshot(snapshot: &mut Snapshot, numbers: &[u64], rng: &mut Rng) {
    let count = snapshot.chunks.len();
    if count == 0 || rng.below(4) == 0 {
        change(&mut snapshot.meta);
        return;
    }
    let (at, other) = (one(rng, count), one(rng, count));
    match rng.below(16) {
        0 => near(&mut snapshot.turn, rng),
        1 => drop(snapshot.chunks.remove(at)),
        2 => snapshot.chunks[at].place = snapshot.chunks[other].place.clone(),
        3 => {
            let bits = one(rng, 128);
            snapshot.run ^= 1 << bits;
        }
        _ => chunk(&mut snapshot.chunks[at], numbers, rng),
    }
}

fn chunk(chunk: &mut Chunk, numbers: &[u64], rng: &mut Rng) {
    let other = numbers.get(one(rng, numbers.len())).copied();
    let other = other.unwrap_or_default();
    match (&mut chunk.place, rng.below(16)) {
        (Place::Own { room, .. }, 0) => *room ^= 1 << rng.below(15),
        (place @ Place::Own { .. }, 1) => *place = Place::Linked { file: other },
        (Place::Own { bytes, .. }, _) => change(bytes),
        (Place::Linked { file }, 0..8) => near(file, rng),
        (Place::Linked { file }, _) => *file = other,
        (Place::Elsewhere { file, .. }, 0..4) => near(file, rng),
        (Place::Elsewhere { offset, .. }, 4..8) => *offset ^= 64 << rng.below(10),
        (Place::Elsewhere { length, .. }, 8..12) => near(length, rng),
        (Place::Elsewhere { room, .. }, _) => *room ^= 1 << rng.below(15),
    }
}

/// As [`bytes`].
fn change(of: &mut Bytes) {
    let mut all = of.to_vec();
    bytes(&mut all);
    *of = all.into();
}

/// `others` are the items of any part of the same journal.
fn journal(journal: &mut Journal, others: &[Item], rng: &mut Rng) {
    let count = journal.items.len();
    let Some(any) = others.get(one(rng, others.len())) else {
        return change(&mut journal.torn);
    };
    if count == 0 {
        journal.items.push(any.clone());
        return;
    }
    let (at, other) = (one(rng, count), one(rng, count));
    match (rng.below(16), &mut journal.items[at]) {
        (0, _) => drop(journal.items.remove(at)),
        (1, _) => journal.items.insert(at, any.clone()),
        (2, _) => journal.items.swap(at, other),
        (3, _) => journal.items.insert(
            at,
            Item::Mark {
                life: rng.below(4) as u32,
            },
        ),
        (4, _) => near(&mut journal.turn, rng),
        (5, _) => {
            let bits = one(rng, 128);
            journal.run ^= 1 << bits;
        }
        (6, _) => journal.items.truncate(at),
        (7, _) => change(&mut journal.torn),
        (8, Item::Record { kind, .. }) => *kind = rng.below(8) as u8,
        (9, Item::Record { turn, .. }) => near(turn, rng),
        (_, Item::Record { payload, .. }) => change(payload),
        (_, Item::Mark { life }) => *life = life.wrapping_add(rng.below(3) as u32),
    }
}
