//! The files of a world, taken apart and put together under right checksums: those would stop nearly all that
//! is changed in them. How they are laid out is drawn in `kay_runtime/src/persist`.

mod bytes;
mod journal;
mod root;
mod snapshot;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use kay_runtime::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

pub use bytes::Bytes;
pub use journal::{Item, Journal};
pub use root::{Named, Root};
pub use snapshot::{Chunk, Place, Snapshot, SnapshotFile};

const HEADER: usize = 44;

/// What the targets that open worlds are given, in portable form.
#[derive(Clone, Compact, Default)]
pub struct Files {
    /// The number of the example that this was made of.
    pub of: u32,
    pub root: Option<Root>,
    /// With the numbers in their names.
    pub snapshots: CVec<(u64, SnapshotFile)>,
    /// The parts of the journal.
    pub journal: CVec<(u64, Journal)>,
}

impl Files {
    /// Takes the files in a directory apart. A real world draws its run; here it is this one.
    pub fn read(directory: &Path, run: u128) -> Files {
        let mut files = Files::default();
        let mut snapshots = BTreeMap::new();
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("a file of the world");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let number = |prefix| name.strip_prefix(prefix)?.parse().ok();
            if let Some(number) = number("snapshot-") {
                snapshots.insert(number, bytes);
            } else if let Some(part) = number("inputs-") {
                let mut journal = Journal::parse(&bytes).expect("a part of the journal");
                journal.run = run;
                files.journal.push((part, journal));
            } else if name == "snapshot-root" {
                files.root = Some(Root::parse(&bytes).expect("a root"));
            }
        }
        for (number, file) in &snapshots {
            let mut snapshot = Snapshot::parse(file).expect("a snapshot");
            snapshot.link(|number| snapshots.get(&number).map(Vec::as_slice));
            snapshot.run = run;
            let file = SnapshotFile::Parts(snapshot);
            files.snapshots.push((*number, file));
        }
        files.journal.sort_by_key(|(part, _)| *part);
        files
    }

    /// The files, by name.
    pub fn write(&self) -> BTreeMap<String, Vec<u8>> {
        let snapshots = snapshot::write(&self.snapshots);
        let mut files = BTreeMap::new();
        if let Some(root) = &self.root {
            files.insert("snapshot-root".to_owned(), root.write(&snapshots));
        }
        for (part, journal) in &self.journal {
            files.insert(format!("inputs-{part:012}"), journal.write());
        }
        for (number, file) in snapshots {
            files.insert(snapshot_name(number), file);
        }
        files
    }
}

/// What the file of a snapshot is called.
pub fn snapshot_name(number: u64) -> String {
    format!("snapshot-{number:012}")
}

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
    place(file, number(file, at)?, number(file, at + 8)?)
}

fn place(file: &[u8], offset: u64, length: u64) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    (end <= file.len()).then_some(start..end)
}
