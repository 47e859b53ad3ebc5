//! The files of a world, in whose journal, which may have several parts, anything may stand.
#![no_main]

use kay_fuzzing::mutate::{self, Mostly};
use kay_fuzzing::world::{self, EXAMPLES, TODAY};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    kay_fuzzing::count(world::come_back(&TODAY, bytes, None));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, |bytes, rng| {
        mutate::files(bytes, rng, Mostly::Journal, &EXAMPLES)
    })
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    mutate::crossed(one, other, out, seed)
});
