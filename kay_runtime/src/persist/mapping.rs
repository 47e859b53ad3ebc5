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
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use memmap2::{MmapOptions, MmapRaw};

/// A whole mapping. It ends when nobody has any region of it.
pub(crate) struct Mapping(MmapRaw);

/// A part of a mapping, which belongs to its owner alone, as a boxed slice does.
///
/// The whole begins at a page of memory. Parts come about by cutting.
pub(crate) struct Region {
    start: NonNull<u8>,
    length: usize,
    mapping: Arc<Mapping>,
}

// SAFETY: a region is the only way to its bytes, which belong to no thread.
unsafe impl Send for Region {}

// SAFETY: who shares a region can read its bytes, and nobody can write to them meanwhile.
unsafe impl Sync for Region {}

impl Region {
    /// The first `length` bytes of a file, which has as many.
    pub(crate) fn of_file(file: &File, length: usize) -> io::Result<Region> {
        let mut options = MmapOptions::new();
        // Else the system may refuse a world that is larger than its memory, though little of it
        // will ever be written to.
        options.len(length).no_reserve_swap();
        // SAFETY: nobody in this process writes to the file, and no other process may, as said
        // above. What is in it is not relied on: they are bytes.
        let mapping = unsafe { options.map_copy(file) }?;
        Region::whole(mapping.into())
    }

    /// A copy of bytes, as if they had been in a file.
    #[cfg(test)]
    pub(crate) fn of_bytes(bytes: &[u8]) -> io::Result<Region> {
        let mut mapping = MmapOptions::new().len(bytes.len()).map_anon()?;
        mapping.copy_from_slice(bytes);
        Region::whole(mapping.into())
    }

    fn whole(mapping: MmapRaw) -> io::Result<Region> {
        let mapping = Arc::new(Mapping(mapping));
        let start = NonNull::new(mapping.0.as_mut_ptr());
        Ok(Region {
            start: start.ok_or_else(|| io::Error::other("it is mapped to nowhere"))?,
            length: mapping.0.len(),
            mapping,
        })
    }

    /// Cuts off what is behind the first `at` bytes, if there are as many.
    pub(crate) fn split_off(&mut self, at: usize) -> Option<Region> {
        let length = self.length.checked_sub(at)?;
        // SAFETY: `at` is no more than the length, so this is within the mapping or its end.
        let start = unsafe { self.start.add(at) };
        self.length = at;
        Some(Region {
            start,
            length,
            mapping: self.mapping.clone(),
        })
    }

    /// Where the memory begins, how long it is, and what must be kept for as long as it is used.
    ///
    /// It belongs to the caller alone, who may read and write it.
    pub(crate) fn into_raw(self) -> (NonNull<u8>, usize, Arc<Mapping>) {
        (self.start, self.length, self.mapping)
    }
}

impl Deref for Region {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: so many bytes are mapped there, for as long as `mapping` is kept; they are in no
        // other region, and are not written to while this one is borrowed.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Region {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and this one is borrowed by nobody else.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_they_were_in_the_whole() {
        let mut first = Region::of_bytes(b"one two").unwrap();
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
        let mut region = Region::of_bytes(b"abc").unwrap();
        assert!(region.split_off(4).is_none());
        assert!(region.split_off(usize::MAX).is_none());
        assert_eq!(&region[..], b"abc");
        assert_eq!(&*region.split_off(0).unwrap(), b"abc");
        assert!(region.is_empty() && region.split_off(1).is_none());
    }

    #[test]
    fn what_is_left_of_a_mapping_keeps_it() {
        let mut region = Region::of_bytes(&[7; 10_000]).unwrap();
        let end = region.split_off(9_000).unwrap();
        drop(region);
        assert_eq!(&end[..], [7; 1_000]);
        let (start, length, mapping) = end.into_raw();
        assert_eq!(length, 1_000);
        // SAFETY: the mapping is kept, and the memory is ours.
        unsafe { start.write(8) };
        // SAFETY: as above.
        assert_eq!(unsafe { start.read() }, 8);
        drop(mapping);
    }

    #[test]
    fn a_mapping_begins_at_a_page() {
        for length in [1, 4096, 100_000] {
            let region = Region::of_bytes(&vec![0; length]).unwrap();
            assert_eq!(region.as_ptr().addr() % 4096, 0);
        }
    }

    #[test]
    fn nothing_can_be_mapped_too() {
        assert!(Region::of_bytes(&[]).unwrap().is_empty());
        let file = tempfile::tempfile().unwrap();
        assert!(Region::of_file(&file, 0).unwrap().is_empty());
    }
}
