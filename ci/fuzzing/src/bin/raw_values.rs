//! Any layouts and bytes as values that lie in memory, and as a slot map of them.
#![no_main]

use chunky::portable;
use kay_fuzzing::{mutate, values};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    let saved = portable::from_bytes(bytes);
    kay_fuzzing::count(saved.is_ok_and(|saved| values::read(&saved)));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, values::mutate)
});
