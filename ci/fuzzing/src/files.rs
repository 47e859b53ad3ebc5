//! The files of a world, taken apart and put together under right checksums: those would stop nearly all that
//! is changed in them. How they are laid out is drawn in `kay_runtime/src/persist`.

use std::ops::Range;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const HEADER: usize = 44;
const TAIL: usize = 56;
const ENTRY: usize = 52;
const KEY: usize = 12;
/// Where an entry says where its chunk is, behind the number of another file that it may be in.
const PLACE: usize = KEY + 8;

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

fn run_of(bytes: &[u8]) -> Option<u128> {
    let bytes = bytes.get(12..)?.first_chunk()?;
    Some(u128::from_le_bytes(*bytes))
}

fn put(bytes: &mut [u8], at: usize, number: u64) {
    bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
}

fn header(magic: &[u8], run: u128, turn: u64) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(run.to_le_bytes());
    bytes.extend(turn.to_le_bytes());
    bytes.extend(xxh3_64(&bytes).to_le_bytes());
    bytes
}

/// What is where two numbers say, if it is in the file.
fn extent(file: &[u8], at: usize) -> Option<Range<usize>> {
    let start = usize::try_from(number(file, at)?).ok()?;
    let length = usize::try_from(number(file, at + 8)?).ok()?;
    let end = start.checked_add(length)?;
    (end <= file.len()).then_some(start..end)
}

/// A snapshot.
#[derive(Clone)]
pub struct Snapshot {
    pub run: u128,
    pub turn: u64,
    pub meta: Vec<u8>,
    pub chunks: Vec<Chunk>,
}

/// A chunk: its key, what was written, and how much room it has.
#[derive(Clone)]
pub struct Chunk {
    pub key: [u8; KEY],
    pub bytes: Vec<u8>,
    pub room: usize,
}

impl Snapshot {
    /// Takes a file apart, and what it needs of others, which are asked for by their numbers.
    pub fn parse(file: &[u8], other: impl Fn(u64) -> Option<Vec<u8>>) -> Option<Snapshot> {
        let tail = file.len().checked_sub(TAIL)?;
        let directory = extent(file, tail)?;
        let chunks = directory.step_by(ENTRY).map(|at| {
            let start = usize::try_from(number(file, at + PLACE)?).ok()?;
            let length = usize::try_from(number(file, at + PLACE + 8)?).ok()?;
            let place = start..start.checked_add(length)?;
            let bytes = match number(file, at + KEY)? {
                0 => file.get(place)?.to_vec(),
                number => other(number)?.get(place)?.to_vec(),
            };
            Some(Chunk {
                key: *file[at..].first_chunk()?,
                bytes,
                room: usize::try_from(number(file, at + PLACE + 16)?).ok()?,
            })
        });
        Some(Snapshot {
            run: run_of(file)?,
            turn: number(file, 28)?,
            meta: file[extent(file, tail + 24)?].to_vec(),
            chunks: chunks.collect::<Option<_>>()?,
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let mut file = header(b"kay snap", self.run, self.turn);
        file.resize(file.len().next_multiple_of(64), 0);
        let meta = file.len();
        file.extend(&self.meta);
        let mut directory = Vec::new();
        for chunk in &self.chunks {
            let room = chunk
                .room
                .clamp(chunk.bytes.len(), chunk.bytes.len() + (1 << 16));
            let align = if room < 4096 { 64 } else { 4096 };
            file.resize(file.len().next_multiple_of(align), 0);
            directory.extend(chunk.key);
            for number in [0, file.len(), chunk.bytes.len(), room, 0] {
                directory.extend((number as u64).to_le_bytes());
            }
            let end = file.len() + room;
            file.extend(&chunk.bytes);
            file.resize(end, 0);
        }
        let start = file.len();
        file.extend(&directory);
        for number in [start, directory.len(), 0, meta, self.meta.len(), 0, 0] {
            file.extend((number as u64).to_le_bytes());
        }
        repair_snapshot(&mut file);
        file
    }
}

/// Puts right those checksums of a snapshot that have a place.
pub fn repair_snapshot(file: &mut [u8]) {
    let tail = file.len().saturating_sub(TAIL);
    if tail < HEADER {
        return;
    }
    let seed = xxh3_64(&file[..HEADER - 8]);
    put(file, HEADER - 8, seed);
    if let Some(directory) = extent(file, tail) {
        for at in directory.clone().step_by(ENTRY) {
            if at + ENTRY > directory.end {
                break;
            }
            if let Some(place) = extent(file, at + PLACE) {
                let of = [&file[12..28], &file[at..at + KEY]].concat();
                let checksum = xxh3_64_with_seed(&file[place], xxh3_64(&of));
                put(file, at + ENTRY - 8, checksum);
            }
        }
    }
    for at in [tail, tail + 24] {
        if let Some(place) = extent(file, at) {
            let checksum = xxh3_64_with_seed(&file[place], seed);
            put(file, at + 16, checksum);
        }
    }
    let checksum = xxh3_64_with_seed(&file[tail..tail + TAIL - 8], seed);
    put(file, tail + TAIL - 8, checksum);
}

/// A journal.
#[derive(Clone)]
pub struct Journal {
    pub run: u128,
    pub turn: u64,
    pub items: Vec<Item>,
}

#[derive(Clone)]
pub enum Item {
    Record {
        turn: u64,
        kind: u8,
        payload: Vec<u8>,
    },
    /// Says how often the journal had been resumed.
    Mark { life: u32 },
}

impl Journal {
    /// What is behind the last whole item is left out.
    pub fn parse(file: &[u8]) -> Option<Journal> {
        let mut rest = file.get(HEADER..)?;
        let mut items = Vec::new();
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = u32::from_le_bytes(*length);
            let item = if length == u32::MAX {
                let life = behind.first_chunk().map(|life| u32::from_le_bytes(*life));
                life.map(|life| (Item::Mark { life }, 32))
            } else {
                let length = length as usize;
                let payload = behind.get(9..).and_then(|rest| rest.get(..length));
                payload.and_then(|payload| {
                    let (turn, kind) = (number(behind, 0)?, behind[8]);
                    Some((
                        Item::Record {
                            turn,
                            kind,
                            payload: payload.to_vec(),
                        },
                        21 + length,
                    ))
                })
            };
            let Some((item, size)) = item else { break };
            items.push(item);
            rest = rest.get(size..).unwrap_or_default();
        }
        Some(Journal {
            run: run_of(file)?,
            turn: number(file, 28)?,
            items,
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let mut file = header(b"kay jrnl", self.run, self.turn);
        let first = xxh3_64(&file[..HEADER - 8]);
        let mut last = first;
        for item in &self.items {
            let start = file.len();
            let seed = match item {
                Item::Record {
                    turn,
                    kind,
                    payload,
                } => {
                    file.extend((payload.len() as u32).to_le_bytes());
                    file.extend(turn.to_le_bytes());
                    file.push(*kind);
                    file.extend(payload);
                    last
                }
                Item::Mark { life } => {
                    file.extend(u32::MAX.to_le_bytes());
                    file.extend(life.to_le_bytes());
                    file.extend((start as u64).to_le_bytes());
                    file.extend(last.to_le_bytes());
                    first
                }
            };
            last = xxh3_64_with_seed(&file[start..], seed);
            file.extend(last.to_le_bytes());
        }
        file
    }
}
