//! Writes what the targets begin with to the directory that is given, in one for each target.

use std::env::args_os;
use std::path::PathBuf;
use std::{fs, io};

use chunky::portable;
use kay_fuzzing::town::{self, Story};
use kay_fuzzing::values;

fn main() -> io::Result<()> {
    let to = PathBuf::from(args_os().nth(1).expect("the directory"));
    let write = |target: &str, name: String, bytes: &[u8]| {
        fs::create_dir_all(to.join(target))?;
        fs::write(to.join(target).join(name), bytes)
    };
    let directory = town::directory();
    for (number, story) in Story::all(&directory).iter().enumerate() {
        for (at, (snapshot, journal)) in story.moments.iter().enumerate() {
            let snapshot = snapshot.write();
            write("snapshot", format!("{number}-{at}"), &snapshot)?;
            write("journal", format!("{number}-{at}"), journal)?;
            for journal in [journal, &story.journal] {
                let files = [(town::JOURNAL, &journal[..]), (town::SNAPSHOT, &snapshot)];
                town::put(&directory, &files);
                assert!(town::is_borne(&directory, None), "a world comes back");
            }
        }
    }
    for (at, saved) in values::examples().iter().enumerate() {
        let bytes = portable::to_bytes(saved).expect("an example can be written");
        write("raw_values", at.to_string(), &bytes)?;
        assert!(values::read(saved), "an example can be read");
    }
    Ok(())
}
