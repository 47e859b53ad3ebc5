//! Writes what the targets begin with to the directory that is given, in one for each target.

use std::env::args_os;
use std::path::PathBuf;
use std::{fs, io};

use chunky::portable;
use kay_fuzzing::values;
use kay_fuzzing::world::{self, EXAMPLES, MIGRATING, OLD_EXAMPLES, OTHER, TODAY};

fn main() -> io::Result<()> {
    let to = PathBuf::from(args_os().nth(1).expect("the directory"));
    let write = |target: &str, at: usize, bytes: &[u8]| {
        fs::create_dir_all(to.join(target))?;
        fs::write(to.join(target).join(at.to_string()), bytes)
    };
    let today = (&TODAY, &EXAMPLES, &["snapshot", "journal"][..]);
    let older = (&MIGRATING, &OLD_EXAMPLES, &["migrated"][..]);
    for (version, examples, targets) in [today, older] {
        for (at, files) in examples.iter().enumerate() {
            let bytes = portable::to_bytes(files).expect("an example can be written");
            let is_world = world::come_back(version, &bytes, Some(&OTHER));
            assert!(is_world, "a world comes back: {at} for {targets:?}");
            for target in targets {
                write(target, at, &bytes)?;
            }
        }
    }
    for (at, saved) in values::examples().iter().enumerate() {
        let bytes = portable::to_bytes(saved).expect("an example can be written");
        write("raw_values", at, &bytes)?;
        assert!(values::read(saved), "an example can be read");
    }
    Ok(())
}
