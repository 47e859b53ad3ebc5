//! Any bytes as the snapshot of a world, whose journal is as it was: to where the snapshot was taken, or beyond.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use kay_fuzzing::files::Snapshot;
use kay_fuzzing::mutate;
use kay_fuzzing::town::{self, Story};
use kay_runtime::inspect::SavedWorld;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(town::directory);
static STORIES: LazyLock<Vec<Story>> = LazyLock::new(|| Story::all(&DIRECTORY));

/// How the world was at one of these moments. Its file stays as long as it is mapped.
static OTHER: LazyLock<SavedWorld> = LazyLock::new(|| {
    let directory = DIRECTORY.with_extension("other");
    fs::create_dir_all(&directory).expect("a directory for temporary files");
    let (snapshot, _) = &STORIES[0].moments[9];
    town::put(&directory, &[(town::SNAPSHOT, &snapshot.write())]);
    SavedWorld::open(&directory).expect("a snapshot that is right")
});

/// Where a snapshot is from: its run says which story, and its turn, which moment.
fn origin(snapshot: &Snapshot) -> (&'static Story, Option<&'static (Snapshot, Vec<u8>)>) {
    let story = &STORIES[(snapshot.run % STORIES.len() as u128) as usize];
    let mut moments = story.moments.iter();
    let moment = moments.find(|(other, _)| other.turn == snapshot.turn);
    (story, moment)
}

fuzz_target!(|file: &[u8]| {
    let snapshot = Snapshot::parse(file, |_| None);
    let (story, moment) = snapshot.as_ref().map_or((&STORIES[0], None), origin);
    let journal = match moment {
        Some((_, journal)) if file.iter().fold(0, |all, byte| all ^ byte) % 4 > 0 => journal,
        _ => &story.journal,
    };
    town::put(
        &DIRECTORY,
        &[(town::JOURNAL, journal), (town::SNAPSHOT, file)],
    );
    kay_fuzzing::count(town::is_borne(&DIRECTORY, Some(&OTHER)));
});

fuzz_mutator!(|data: &mut [u8], size: usize, room: usize, seed: u32| {
    mutate::with(data, (size, room), seed, |file, rng| {
        let right = |snapshot: &Snapshot| origin(snapshot).1.map(|(right, _)| right);
        mutate::snapshot(file, rng, right)
    })
});
