//! Any bytes as the journal of a world.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use kay_fuzzing::{mutate, town};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(town::directory);

fuzz_target!(|file: &[u8]| {
    town::put(&DIRECTORY, &[(town::JOURNAL, file)]);
    kay_fuzzing::count(town::is_borne(&DIRECTORY, None));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, mutate::journal)
});
