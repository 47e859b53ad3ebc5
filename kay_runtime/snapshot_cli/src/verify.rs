//! `verify`: whether all is as it was written.

use std::io::{IsTerminal, Write, stderr};
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use kay_runtime::SnapshotError;
use kay_runtime::inspect::{FileState, SavedWorld, WorldFiles};

use crate::error::Error;
use crate::table::counted;

pub(crate) fn run(path: &Path, out: &mut impl Write) -> Result<bool, Error> {
    if !path.is_dir() {
        return snapshot(path, out);
    }
    let files = WorldFiles::read(path)?;
    let complete = files.snapshots.iter();
    let complete = complete.filter(|file| file.state == FileState::Complete);
    let snapshots: Vec<PathBuf> = complete.map(|file| path.join(&file.name)).collect();
    if snapshots.is_empty() && files.journal.is_empty() {
        let directory = path.to_owned();
        return Err(SnapshotError::NeverTaken { directory }.into());
    }
    let mut is_well = true;
    for path in snapshots {
        is_well &= snapshot(&path, out)?;
    }
    for error in &files.refused {
        // What is wrong with a file was said above.
        let of_root = matches!(
            error,
            SnapshotError::RootDamaged { .. }
                | SnapshotError::RootMissing { .. }
                | SnapshotError::Replaced { .. }
        );
        if of_root {
            writeln!(out, "{error}")?;
        }
        is_well = false;
    }
    for part in &files.journal {
        match &part.contents {
            Ok(contents) => match contents.torn {
                Some(torn) => {
                    let bytes = counted(torn.bytes, "byte");
                    writeln!(
                        out,
                        "{}: right, but for {bytes} that were not written whole",
                        part.name
                    )?;
                }
                None => writeln!(out, "{}: right", part.name)?,
            },
            Err(error) => {
                writeln!(out, "{}: {error}", part.name)?;
                is_well = false;
            }
        }
    }
    Ok(is_well)
}

fn snapshot(path: &Path, out: &mut impl Write) -> Result<bool, Error> {
    let name = path.file_name().unwrap_or_default().display().to_string();
    let wrong = match SavedWorld::open(path) {
        Ok(world) => look(&world),
        // What cannot even be read is no verdict.
        Err(SnapshotError::Disk(error)) => return Err(SnapshotError::Disk(error).into()),
        Err(error) => vec![error],
    };
    for error in &wrong {
        writeln!(out, "{name}: {error}")?;
    }
    if wrong.is_empty() {
        writeln!(out, "{name}: right")?;
    }
    Ok(wrong.is_empty())
}

/// Verifies a world, with a bar that is shown only if there is a terminal to show it on.
fn look(world: &SavedWorld) -> Vec<SnapshotError> {
    let bar = match stderr().is_terminal() {
        true => ProgressBar::new(0),
        false => ProgressBar::hidden(),
    };
    let template = "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let wrong = world.verify(|progress| {
        bar.set_length(progress.all_bytes);
        bar.set_position(progress.bytes);
    });
    bar.finish_and_clear();
    wrong
}
