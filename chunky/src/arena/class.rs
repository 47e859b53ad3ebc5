//! Size classes: which sizes of blocks and of chunks there are.

use std::alloc::Layout;

/// The size and the alignment of most chunks. A power of two, so that a block finds the header of
/// its chunk by masking its own address.
pub(super) const CHUNK_BYTES: usize = 16 * 1024;

/// The largest alignment that a block can have.
pub(crate) const MAX_ALIGN: usize = 4096;

/// All blocks have at least this alignment and are a multiple of it in size.
const GRAIN: usize = 16;

/// Larger blocks get a chunk of their own; of these, two fit into one.
pub(super) const SMALL_BYTES: usize = 7 * 1024;

/// The number of classes up to `SMALL_BYTES`: eight in steps of `GRAIN`, then four for each
/// doubling.
pub(super) const CLASSES: usize = class_of(SMALL_BYTES) + 1;

/// The class of the smallest blocks that hold `bytes`.
#[inline]
pub(super) const fn class_of(bytes: usize) -> usize {
    let last = bytes.saturating_sub(1);
    if last < 8 * GRAIN {
        return last / GRAIN;
    }
    let log = last.ilog2() as usize;
    8 + (log - 7) * 4 + (last >> (log - 2)) % 4
}

/// The size of the blocks of a class.
pub(super) const fn bytes_of(class: usize) -> usize {
    if class < 8 {
        return (class + 1) * GRAIN;
    }
    let (log, quarter) = (7 + (class - 8) / 4, (class - 8) % 4);
    (1 << log) + ((quarter + 1) << (log - 2))
}

/// The bytes to look for a class with. Blocks are aligned to the largest power of two that divides
/// their size: an alignment above `GRAIN` asks for a power of two.
#[inline]
pub(super) const fn padded(layout: Layout) -> usize {
    match layout.align() {
        ..=GRAIN => layout.size(),
        align if layout.size() <= align => align,
        _ if layout.size() > SMALL_BYTES => layout.size(),
        _ => layout.size().next_power_of_two(),
    }
}

/// The size of a chunk for one block that ends `bytes` after the start of the chunk: a multiple of
/// `CHUNK_BYTES`, with four steps for each doubling.
pub(super) const fn large_chunk_bytes(bytes: usize) -> usize {
    let chunks = bytes.div_ceil(CHUNK_BYTES);
    if chunks <= 4 {
        return chunks * CHUNK_BYTES;
    }
    let step = 1 << ((chunks - 1).ilog2() - 2);
    chunks.div_ceil(step) * step * CHUNK_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_the_smallest_class_that_holds_it() {
        for bytes in 1..=SMALL_BYTES {
            let class = class_of(bytes);
            assert!(bytes <= bytes_of(class), "{bytes}");
            assert!(class == 0 || bytes_of(class - 1) < bytes, "{bytes}");
        }
        assert_eq!(bytes_of(CLASSES - 1), SMALL_BYTES);
        assert_eq!(class_of(0), 0);
    }

    #[test]
    fn little_is_wasted() {
        for class in 8..CLASSES {
            assert!(bytes_of(class) * 4 <= bytes_of(class - 1) * 5, "{class}");
        }
        for bytes in (1..100 * CHUNK_BYTES).step_by(1000) {
            let chunk = large_chunk_bytes(bytes);
            assert!(
                bytes <= chunk && chunk.is_multiple_of(CHUNK_BYTES),
                "{bytes}"
            );
            assert!(chunk < bytes + bytes / 4 + CHUNK_BYTES, "{bytes}");
        }
    }

    #[test]
    fn alignment_divides_the_size_of_the_class() {
        for align in (0..=12).map(|log| 1 << log) {
            for size in (0..SMALL_BYTES).step_by(8) {
                let bytes = padded(Layout::from_size_align(size, align).unwrap());
                assert!(bytes >= size);
                if bytes <= SMALL_BYTES {
                    assert_eq!(bytes_of(class_of(bytes)) % align, 0, "{size} {align}");
                }
            }
        }
    }
}
