//! Any bytes as the snapshot of a world, whose journal is as it was: to where the snapshot was taken, or beyond.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use kay_fuzzing::files::Snapshot;
use kay_fuzzing::mutate;
use kay_fuzzing::town::{self, Story};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(town::directory);
static STORIES: LazyLock<Vec<Story>> = LazyLock::new(|| Story::all(&DIRECTORY));

fuzz_target!(|file: &[u8]| {
    // Its run says which story it is from, and its turn, which moment.
    let snapshot = Snapshot::parse(file);
    let (run, turn) = snapshot.map_or((0, 0), |snapshot| (snapshot.run, snapshot.turn));
    let story = &STORIES[(run % STORIES.len() as u128) as usize];
    let mut moments = story.moments.iter();
    let moment = moments.find(|(snapshot, _)| snapshot.turn == turn);
    let journal = match moment {
        Some((_, journal)) if file.iter().fold(0, |all, byte| all ^ byte) % 4 > 0 => journal,
        _ => &story.journal,
    };
    town::put(
        &DIRECTORY,
        &[(town::JOURNAL, journal), (town::SNAPSHOT, file)],
    );
    kay_fuzzing::count(town::is_borne(&DIRECTORY));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, mutate::snapshot)
});
