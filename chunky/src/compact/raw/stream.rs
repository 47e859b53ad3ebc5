//! Copying what will not be looked at soon.

use std::mem::MaybeUninit;

/// Copies bytes past the caches, if there are many: they are to be written to a file later, and what is in the caches
/// now is of more use. Such a store also need not read first what it overwrites.
///
/// # Panics
///
/// If the lengths differ.
pub(crate) fn copy(from: &[u8], to: &mut [MaybeUninit<u8>]) {
    assert_eq!(from.len(), to.len(), "there is room for just these bytes");
    #[cfg(target_arch = "x86_64")]
    if from.len() >= 1024 {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_sfence, _mm_stream_si128};
        // SAFETY: any bytes make such numbers.
        let (head, lines, tail) = unsafe { to.align_to_mut::<MaybeUninit<__m128i>>() };
        let (first, rest) = from.split_at(head.len());
        let (middle, last) = rest.split_at(size_of_val(lines));
        head.write_copy_of_slice(first);
        for (line, bytes) in lines.iter_mut().zip(middle.chunks_exact(16)) {
            // SAFETY: 16 bytes are there.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            // SAFETY: the line is one of 16 bytes, aligned to as many, and ours.
            unsafe { _mm_stream_si128(line.as_mut_ptr(), bytes) };
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
