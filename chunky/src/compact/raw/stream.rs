//! Copying what will not be looked at soon.

use std::mem::MaybeUninit;

/// From how many bytes on they are copied past the caches.
pub(super) const MANY: usize = 1024;

/// Copies bytes past the caches, if there are many: they are to be written to a file later, and what is in the caches
/// now is of more use. Such a store also need not read first what it overwrites.
///
/// # Panics
///
/// If the lengths differ.
pub(crate) fn copy(from: &[u8], to: &mut [MaybeUninit<u8>]) {
    assert_eq!(from.len(), to.len(), "there is room for just these bytes");
    #[cfg(target_arch = "x86_64")]
    if from.len() >= MANY {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_sfence, _mm_stream_si128};
        // SAFETY: any bytes make such numbers.
        let (head, words, tail) = unsafe { to.align_to_mut::<MaybeUninit<__m128i>>() };
        let (first, rest) = from.split_at(head.len());
        let (middle, last) = rest.split_at(size_of_val(words));
        head.write_copy_of_slice(first);
        let store = |word: &mut MaybeUninit<__m128i>, bytes: &[u8; 16]| {
            // SAFETY: 16 bytes are there.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            // SAFETY: the word is one of 16 bytes, aligned to as many, and ours.
            unsafe { _mm_stream_si128(word.as_mut_ptr(), bytes) };
        };
        let (lines, words) = words.as_chunks_mut::<4>();
        let (middle, _) = middle.as_chunks::<16>();
        let (from_lines, from_words) = middle.as_chunks::<4>();
        for (line, from) in lines.iter_mut().zip(from_lines) {
            for (word, from) in line.iter_mut().zip(from) {
                store(word, from);
            }
        }
        for (word, from) in words.iter_mut().zip(from_words) {
            store(word, from);
        }
        tail.write_copy_of_slice(last);
        // So that no later store is seen before these.
        // SAFETY: a fence only waits.
        unsafe { _mm_sfence() };
        return;
    }
    to.write_copy_of_slice(from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_bytes_are_copied_wherever_they_begin() {
        let from: Vec<u8> = (0..20_000_u32).map(|at| (at * 7 % 251) as u8).collect();
        for (start, length) in [
            (0, 0),
            (1, 15),
            (3, 4096),
            (5, 4097),
            (0, 20_000),
            (7, 19_000),
        ] {
            for shift in [0, 1, 8, 15] {
                let mut to = vec![MaybeUninit::new(0xee); length + shift];
                copy(&from[start..start + length], &mut to[shift..]);
                // SAFETY: they were all written at the beginning.
                let bytes = to.iter().map(|byte| unsafe { byte.assume_init() });
                let bytes: Vec<u8> = bytes.collect();
                assert!(bytes[..shift].iter().all(|&byte| byte == 0xee));
                assert_eq!(bytes[shift..], from[start..start + length]);
            }
        }
    }
}
