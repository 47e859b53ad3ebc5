//! A part of a journal.

use kay_runtime::prelude::*;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::{Bytes, HEADER, header, number, run_of};

#[derive(Clone, Compact)]
pub struct Journal {
    pub run: u128,
    pub turn: u64,
    pub items: CVec<Item>,
    /// What is behind the last whole item, without a right checksum.
    pub torn: Bytes,
}

#[derive(Clone, Compact)]
pub enum Item {
    Record {
        turn: u64,
        kind: u8,
        payload: Bytes,
    },
    /// Says how often the journal had been resumed.
    Mark {
        life: u32,
    },
}

impl Journal {
    pub fn parse(file: &[u8]) -> Option<Journal> {
        let mut rest = file.get(HEADER..)?;
        let mut items = CVec::new();
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
                    let payload = payload.into();
                    let record = Item::Record {
                        turn,
                        kind,
                        payload,
                    };
                    Some((record, 21 + length))
                })
            };
            let Some((item, size)) = item.filter(|(_, size)| *size <= rest.len()) else {
                break;
            };
            items.push(item);
            rest = &rest[size..];
        }
        Some(Journal {
            run: run_of(file)?,
            turn: number(file, 28)?,
            items,
            torn: rest.into(),
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
                    let payload = payload.to_vec();
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
        file.extend(self.torn.to_vec());
        file
    }
}
