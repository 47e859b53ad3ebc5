//! The files of a world, in whose snapshots, which share chunks, and in whose root anything may stand. It is compared
//! with another one, too.
#![no_main]

use kay_fuzzing::mutate::{self, Mostly};
use kay_fuzzing::world::{self, EXAMPLES, OTHER, TODAY};
use libfuzzer_sys::{fuzz_crossover, fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| {
    kay_fuzzing::count(world::come_back(&TODAY, bytes, Some(&OTHER)));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, |bytes, rng| {
        mutate::files(bytes, rng, Mostly::Snapshots, &EXAMPLES)
    })
});

fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    mutate::crossed(one, other, out, seed)
});
