//! The file that names the snapshots that are complete.

use std::collections::BTreeMap;

use kay_runtime::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{Bytes, number, snapshot};

#[derive(Clone, Compact)]
pub enum Root {
    /// It names these, the newest first.
    Names(CVec<Named>),
    /// It is anything, under a right checksum.
    Bytes(Bytes),
}

/// What a root says of a snapshot: what is true, where nothing else is given.
#[derive(Clone, Compact, Default)]
pub struct Named {
    pub number: u64,
    pub turn: Option<u64>,
    pub checksum: Option<u64>,
    /// Where chunks of it are.
    pub files: Option<CVec<u64>>,
}

impl Named {
    pub fn truly(number: u64) -> Named {
        Named {
            number,
            ..Named::default()
        }
    }
}

impl Root {
    /// Which snapshots a file names; what it says of them is taken for true.
    pub fn parse(file: &[u8]) -> Option<Root> {
        let end = file.len().checked_sub(8)?;
        let mut names = CVec::new();
        let mut at = 12;
        while at < end {
            names.push(Named::truly(number(file, at)?));
            let files = usize::try_from(number(file, at + 24)?).ok()?;
            at = files.checked_mul(8)?.checked_add(at + 32)?;
        }
        Some(Root::Names(names))
    }

    /// The file, beside these snapshots.
    pub fn write(&self, snapshots: &BTreeMap<u64, Vec<u8>>) -> Vec<u8> {
        let mut file = match self {
            Root::Names(names) => {
                names
                    .iter()
                    .fold(b"kay root\x01\0\0\0".to_vec(), |mut file, named| {
                        let truth = snapshots.get(&named.number);
                        let truth = truth.and_then(|file| snapshot::truth(file));
                        let (turn, checksum, others) = truth.unwrap_or_default();
                        let others = named.files.as_deref().unwrap_or(&others);
                        let (turn, checksum) = (
                            named.turn.unwrap_or(turn),
                            named.checksum.unwrap_or(checksum),
                        );
                        let numbers = [named.number, turn, checksum, others.len() as u64];
                        file.extend(numbers.iter().chain(others).flat_map(|n| n.to_le_bytes()));
                        file
                    })
            }
            Root::Bytes(bytes) => bytes.to_vec(),
        };
        file.extend(xxh3_64(&file).to_le_bytes());
        file
    }
}
