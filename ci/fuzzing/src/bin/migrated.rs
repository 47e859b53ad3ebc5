//! The files of a world that an earlier version of the program has saved, whose instances have other fields now.
#![no_main]

use kay_fuzzing::mutate::{self, Mostly};
use kay_fuzzing::world::{self, MIGRATING, OLD_EXAMPLES};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    kay_fuzzing::count(world::come_back(&MIGRATING, bytes, None));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, |bytes, rng| {
        mutate::files(bytes, rng, Mostly::Snapshots, &OLD_EXAMPLES)
    })
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    mutate::crossed(one, other, out, seed)
});
