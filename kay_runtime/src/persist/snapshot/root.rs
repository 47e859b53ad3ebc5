//! The file that names the snapshots that are complete.

use std::io::ErrorKind;

use xxhash_rust::xxh3::xxh3_64;

use super::error::SnapshotError;
use super::layout::take;
use super::names::{LAST, NEW_ROOT, ROOT};
use crate::persist::disk::{Disk, DiskError};

const MAGIC: [u8; 8] = *b"kay root";
const VERSION: u32 = 1;

/// A root of any version is shorter.
const LONGEST: usize = 4096;

/// How many snapshots there are.
pub(super) const MOST: usize = 2;

/// A snapshot that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Complete {
    /// Which file it is.
    pub(super) number: u64,
    /// The turn that it is of.
    pub(super) turn: u64,
    /// That of its tail.
    pub(super) checksum: u64,
    /// The numbers of others, ascending, in whose files some of its chunks are.
    pub(super) files: Vec<u64>,
}

/// In how many other files chunks of a snapshot may be.
pub(super) const MOST_FILES: usize = 32;

fn encode(snapshots: &[Complete]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    for snapshot in snapshots {
        let files = snapshot.files.len() as u64;
        let numbers = [snapshot.number, snapshot.turn, snapshot.checksum, files];
        for number in numbers.iter().chain(&snapshot.files) {
            bytes.extend(number.to_le_bytes());
        }
    }
    let checksum = xxh3_64(&bytes);
    bytes.extend(checksum.to_le_bytes());
    bytes
}

/// What this root names, unless it is damaged. Of another version, only that is told.
fn decode(root: &[u8]) -> Option<Result<Vec<Complete>, u32>> {
    let (bytes, mut checksum) = root.split_at_checked(root.len().checked_sub(size_of::<u64>())?)?;
    if root.len() > LONGEST || u64::from_le_bytes(take(&mut checksum)?) != xxh3_64(bytes) {
        return None;
    }
    let mut from = bytes;
    if take(&mut from)? != MAGIC {
        return None;
    }
    let version = u32::from_le_bytes(take(&mut from)?);
    if version != VERSION {
        return Some(Err(version));
    }
    let mut snapshots: Vec<Complete> = Vec::new();
    while !from.is_empty() {
        let mut snapshot = Complete {
            number: u64::from_le_bytes(take(&mut from)?),
            turn: u64::from_le_bytes(take(&mut from)?),
            checksum: u64::from_le_bytes(take(&mut from)?),
            files: Vec::new(),
        };
        for _ in 0..u64::from_le_bytes(take(&mut from)?) {
            let file = u64::from_le_bytes(take(&mut from)?);
            if file >= snapshot.number || snapshot.files.last() >= Some(&file) {
                return None;
            }
            snapshot.files.push(file);
        }
        let known = snapshots
            .iter()
            .any(|other| other.number == snapshot.number);
        let too_many = snapshots.len() == MOST || snapshot.files.len() > MOST_FILES;
        if known || too_many || snapshot.number > LAST {
            return None;
        }
        snapshots.push(snapshot);
    }
    Some(Ok(snapshots))
}

/// The snapshots that are complete, the newest first.
///
/// # Errors
///
/// If there is no root, it is damaged or of another version, or the disk refuses something.
pub(super) fn read(disk: &dyn Disk) -> Result<Vec<Complete>, SnapshotError> {
    let name = ROOT.to_owned();
    // Mapped, so that a file that is huge takes no memory.
    let root = match disk.map(ROOT) {
        Ok(root) => root,
        Err(error) if error.reason.kind() == ErrorKind::NotFound => {
            return Err(SnapshotError::RootMissing { name });
        }
        Err(error) => return Err(error.into()),
    };
    match decode(&root) {
        Some(Ok(snapshots)) => Ok(snapshots),
        Some(Err(found)) => Err(SnapshotError::Version {
            name,
            found,
            known: VERSION,
        }),
        None => Err(SnapshotError::RootDamaged { name }),
    }
}

/// Names these snapshots, the newest first, in place of those that were named before. They are
/// complete when this returns; when it fails, those or the ones before are.
pub(super) fn replace(disk: &dyn Disk, snapshots: &[Complete]) -> Result<(), DiskError> {
    let mut file = disk.create(NEW_ROOT)?;
    file.append(&encode(snapshots))?;
    file.sync()?;
    disk.rename(NEW_ROOT, ROOT)?;
    disk.sync_directory()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: usize = 12;

    fn one() -> Complete {
        Complete {
            number: 17,
            turn: 0x0102,
            checksum: 0x1122_3344_5566_7788,
            files: vec![13, 15],
        }
    }

    fn other() -> Complete {
        Complete {
            number: 16,
            files: Vec::new(),
            ..one()
        }
    }

    #[test]
    fn the_layout_does_not_change_unnoticed() {
        let bytes = encode(&[one(), other()]);
        assert_eq!(bytes.len(), HEAD + 2 * 32 + 16 + 8);
        assert_eq!(bytes[..HEAD], *b"kay root\x01\0\0\0");
        assert_eq!(
            bytes[HEAD..HEAD + 48],
            *b"\x11\0\0\0\0\0\0\0\x02\x01\0\0\0\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11\
               \x02\0\0\0\0\0\0\0\x0d\0\0\0\0\0\0\0\x0f\0\0\0\0\0\0\0"
        );
        let checksum = bytes.last_chunk().copied().map(u64::from_le_bytes);
        assert_eq!(checksum, Some(0x7E4DBF4C173C7D46));
    }

    #[test]
    fn what_is_written_is_read() {
        for snapshots in [&[][..], &[one()], &[other(), one()]] {
            assert_eq!(decode(&encode(snapshots)), Some(Ok(snapshots.to_vec())));
        }
    }

    #[test]
    fn right_checksums_do_not_make_sense_of_nonsense() {
        let with = |number, files: &[u64]| Complete {
            number,
            files: files.to_vec(),
            ..one()
        };
        for snapshots in [
            &[one(), other(), with(18, &[])][..],
            &[one(), one()],
            &[with(LAST + 1, &[])],
            &[with(3, &[3])],
            &[with(3, &[2, 1])],
            &[with(3, &[1, 1])],
            &[with(100, &(0..=MOST_FILES as u64).collect::<Vec<_>>())],
        ] {
            assert_eq!(decode(&encode(snapshots)), None);
        }
        let with_checksum = |mut bytes: Vec<u8>| {
            bytes.extend(xxh3_64(&bytes).to_le_bytes());
            bytes
        };
        for bytes in [
            &b""[..],
            b"kay root",
            b"kay snap\x01\0\0\0",
            b"kay root\x01\0\0\0half an entry",
            &[b"kay root\x01\0\0\0".as_slice(), &[0; 5000]].concat(),
        ] {
            assert_eq!(decode(&with_checksum(bytes.to_vec())), None);
        }
        let newer = with_checksum(b"kay root\x02\0\0\0whatever".to_vec());
        assert_eq!(decode(&newer), Some(Err(2)));
    }
}
