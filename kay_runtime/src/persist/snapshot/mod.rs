//! A world as it was between two turns, in a file whose chunks are used where they lie.
//!
//! # Layout
//!
//! All numbers are little-endian.
//!
//! ```text
//! header, 44 bytes   "kay snap" │ version u32 │ run u128 │ turn u64 │ checksum u64
//! meta               what the world says about itself, at a multiple of 64
//! chunks             at multiples of 64; those of 4096 bytes or more, at multiples of 4096
//! directory, n * 52  for each chunk, by key:
//!                    kind u16 │ shard u16 │ actor type u32 │ index u32       the key
//!                    file u64                     0, or which other one it is in
//!                    offset u64 │ length u64 │ room u64 │ checksum u64
//! tail, 56 bytes     offset u64 │ length u64 │ checksum u64                  of the directory
//!                    offset u64 │ length u64 │ checksum u64                  of the meta
//!                    checksum u64
//! ```
//!
//! A chunk has `length` bytes, and zeros behind them as far as there is `room`: a block that is used
//! where it lies must have its full size. What lies between these things means nothing. The
//! directory says where each chunk is: so they may lie in any order, and with gaps.
//!
//! A chunk that has not changed since the snapshot before the last one is not written again: the
//! directory says where it is in the file of that one, or of one before. So the newest snapshot and
//! the one before have no file in common, and what damages one of them leaves the other. When more
//! than half of the files of a snapshot is needed no longer, the next one is written whole.
//!
//! Memory is copied when it is first written to, page by page. Chunks of a page or more begin at a
//! page, so no two of them share one, and to write to one copies nothing of another. That wastes
//! less than a page for each; blocks, which are some pages long, waste nothing. Smaller ones share
//! pages: with one for each, most of the file would be waste. On a system whose pages are larger,
//! more is copied, and that is all.
//!
//! Checksums are XXH3 with 64 bits. The header's is the seed of those of meta, directory and tail;
//! that of a chunk has run and key as its seed. So nothing is right in the snapshot of another
//! world, and no chunk under another key. This guards against accidents. Who may write to the file
//! may write what he likes: so whatever right checksums say, it is looked at whether it makes sense
//! (`directory.rs`).
//!
//! To open a file is to look at all but the chunks. Those are checked one by one, when they are
//! first needed.
//!
//! # Which one to use
//!
//! ```text
//! snapshot-root                  "kay root" │ version u32
//!                                number u64 │ turn u64 │ checksum u64        the newest
//!                                n u64 │ n * number u64       others that its chunks are in
//!                                ..                                          the one before
//!                                checksum u64
//! snapshot-000000000017          the newest
//! snapshot-000000000016          the one before
//! snapshot-000000000013          has chunks of the newest
//! snapshot-000000000018.new      being written
//! snapshot-000000000015.damaged  kept for people to look at
//! ```
//!
//! The checksum of a snapshot is the one that its tail ends with. Numbers count up, whatever
//! becomes of the files.
//!
//! A snapshot is written under another name, synced, and renamed; then the root is written anew, in
//! the same way. Nothing that the root named before is removed until that is safe: so whatever
//! fails, the newest that was committed can be opened, or a newer one that is complete.
//!
//! If the root is missing or damaged, files speak for themselves: one that has its name was
//! finished. If the newest is damaged, the one before is taken. Both are told.

mod backups;
mod base;
mod chunk;
mod directory;
mod error;
mod layout;
mod names;
mod reader;
mod root;
mod writer;

#[cfg(test)]
mod backups_test;
#[cfg(test)]
mod crash_test;
#[cfg(test)]
mod damage_test;
#[cfg(test)]
mod example;
#[cfg(test)]
mod hostile_test;
#[cfg(test)]
mod incremental_test;
#[cfg(test)]
mod snapshot_test;

pub(crate) use self::backups::Backups;
pub(crate) use self::base::Base;
pub(crate) use self::chunk::Chunk;
pub use self::error::{Part, SnapshotError};
pub use self::layout::Key;
pub(crate) use self::layout::{Entry, Header};
pub(crate) use self::names::FileName;
pub use self::reader::Progress;
pub(crate) use self::reader::Snapshot;
