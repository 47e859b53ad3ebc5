//! Memory that a file is mapped to.
//!
//! The mapping is copy-on-write: what is written to it stays in this process, and the file on the
//! disk does not change. Only pages that are written to take memory of their own.
//!
//! What this cannot guard against: another process that writes to the file. The directory of a
//! world belongs to the process that has it open, and nobody in it writes to a file again that has
//! been mapped; who does so from outside may change bytes that were checked already. If he cuts the
//! file short, or the disk cannot read a page of it, looking there ends the process with a signal
//! (`SIGBUS`). Nothing in Rust can turn that into an error.

#![expect(
    unsafe_code,
    reason = "to map a file is an agreement with all who can write to it"
)]

use std::fs::File;
use std::io;
use std::ptr::NonNull;
use std::sync::Arc;

use chunky::Region;
use memmap2::{MmapOptions, MmapRaw};

/// The first `length` bytes of a file, which has as many. They begin at a page of memory.
pub(crate) fn map(file: &File, length: usize) -> io::Result<Region> {
    let mut options = MmapOptions::new();
    // Else the system may refuse a world that is larger than its memory, though little of it will ever
    // be written to.
    options.len(length).no_reserve_swap();
    // SAFETY: nobody in this process writes to the file, and no other process may, as said above. What is
    // in it is not relied on: they are bytes.
    let mapping = unsafe { options.map_copy(file) }?;
    whole(mapping.into())
}

/// A copy of bytes, as if they had been in a file.
#[cfg(test)]
pub(crate) fn map_copy_of(bytes: &[u8]) -> io::Result<Region> {
    let mut mapping = MmapOptions::new().len(bytes.len()).map_anon()?;
    mapping.copy_from_slice(bytes);
    whole(mapping.into())
}

fn whole(mapping: MmapRaw) -> io::Result<Region> {
    let start = NonNull::new(mapping.as_mut_ptr());
    let start = start.ok_or_else(|| io::Error::other("it is mapped to nowhere"))?;
    let bytes = NonNull::slice_from_raw_parts(start, mapping.len());
    // SAFETY: so many bytes are mapped there, for as long as the mapping exists, and only this knows where.
    Ok(unsafe { Region::new(bytes, Arc::new(mapping)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_they_were_in_the_whole() {
        let mut first = map_copy_of(b"one two").unwrap();
        let mut second = first.split_off(4).unwrap();
        let end = second.split_off(3).unwrap();
        assert_eq!(
            (&first[..], &second[..], &end[..]),
            (&b"one "[..], &b"two"[..], &b""[..])
        );
        second.copy_from_slice(b"TWO");
        drop(end);
        assert_eq!((&first[..], &second[..]), (&b"one "[..], &b"TWO"[..]));
    }

    #[test]
    fn nothing_is_cut_off_behind_the_end() {
        let mut region = map_copy_of(b"abc").unwrap();
        assert!(region.split_off(4).is_none());
        assert!(region.split_off(usize::MAX).is_none());
        assert_eq!(&region[..], b"abc");
        assert_eq!(&*region.split_off(0).unwrap(), b"abc");
        assert!(region.is_empty() && region.split_off(1).is_none());
    }

    #[test]
    fn what_is_left_of_a_mapping_keeps_it() {
        let mut region = map_copy_of(&[7; 10_000]).unwrap();
        let end = region.split_off(9_000).unwrap();
        drop(region);
        assert_eq!(&end[..], [7; 1_000]);
        let (bytes, mapping) = end.into_raw();
        assert_eq!(bytes.len(), 1_000);
        let start = bytes.cast::<u8>();
        // SAFETY: the mapping is kept, and the memory is ours.
        unsafe { start.write(8) };
        // SAFETY: as above.
        assert_eq!(unsafe { start.read() }, 8);
        drop(mapping);
    }

    #[test]
    fn a_mapping_begins_at_a_page() {
        for length in [1, 4096, 100_000] {
            let region = map_copy_of(&vec![0; length]).unwrap();
            assert_eq!(region.as_ptr().addr() % 4096, 0);
        }
    }

    #[test]
    fn nothing_can_be_mapped_too() {
        assert!(map_copy_of(&[]).unwrap().is_empty());
        let file = tempfile::tempfile().unwrap();
        assert!(map(&file, 0).unwrap().is_empty());
    }
}
