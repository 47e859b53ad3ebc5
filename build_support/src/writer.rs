//! Writing files whole or not at all, without waking Cargo.

use crate::FileError;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Writes files whole or not at all, and without waking Cargo.
///
/// - A file whose bytes would not change is not touched, so that nothing is rebuilt because of it.
/// - A file that changes is written in a folder of its own and then moved to its place: a reader
///   never sees half of it, and a build that is killed leaves nothing behind where people look.
/// - What is written is as old as what it is made from. Cargo runs a build script again if one of
///   the files that it was told of is newer than the start of its last run. So a script can tell
///   it of its outputs too: they are older, until somebody changes or deletes one. The folders that
///   they are in keep their times likewise.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let source = temporary.path().join("a.txt");
/// # std::fs::write(&source, "a")?;
/// let modified = std::fs::metadata(&source)?.modified()?;
/// let writer = build_support::Writer::open(temporary.path().join("unfinished"), modified)?;
/// let output = temporary.path().join("a.rs");
/// assert!(writer.write(&output, "fn a() {}")?);
/// assert!(!writer.write(&output, "fn a() {}")?, "the same bytes are not written again");
/// assert_eq!(std::fs::metadata(&output)?.modified()?, modified);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Writer {
    unfinished: PathBuf,
    modified: SystemTime,
    now: SystemTime,
}

impl Writer {
    /// A writer that works in a folder which nobody else uses at the same time; what a killed run
    /// has left there goes away. Outputs will be as old as `modified`: the time of the newest file
    /// that they are made from.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(unfinished: impl Into<PathBuf>, modified: SystemTime) -> Result<Self, FileError> {
        let unfinished = unfinished.into();
        let made = match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => fs::create_dir_all(&unfinished),
        };
        made.map_err(|error| FileError::new("write", &unfinished, error))?;
        // A source from the future would make outputs that stay newer than any run.
        let now = SystemTime::now();
        let modified = modified.min(now);
        Ok(Self {
            unfinished,
            modified,
            now,
        })
    }

    /// Makes a file hold exactly this text, and says whether it had to be written. Folders that it
    /// needs are made.
    ///
    /// # Errors
    /// If the file cannot be written; what was there before is still there then.
    pub fn write(&self, path: &Path, text: &str) -> Result<bool, FileError> {
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            self.age(path);
            return Ok(false);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default();
        let failed = |error| FileError::new("write", path, error);
        fs::create_dir_all(folder).map_err(failed)?;
        let unfinished = self.unfinished.join(name);
        self.write_new(&unfinished, text)
            .map_err(|error| FileError::new("write", &unfinished, error))?;
        let moved = keeping_time(folder, || match fs::rename(&unfinished, path) {
            Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                self.write_beside(folder, name, text)
            }
            result => result,
        });
        forget(&unfinished);
        moved.map_err(failed)?;
        Ok(true)
    }

    /// Writes a file of a folder that nothing can be moved into from elsewhere, as it is on another
    /// file system.
    fn write_beside(&self, folder: &Path, name: &OsStr, text: &str) -> io::Result<()> {
        let prefix = [b".", name.as_encoded_bytes(), b"."].concat();
        for left in fs::read_dir(folder)?.flatten() {
            let left_name = left.file_name();
            let bytes = left_name.as_encoded_bytes();
            // Who is still at work on one holds its lock.
            if bytes.starts_with(&prefix)
                && bytes.ends_with(b".new")
                && File::open(left.path()).is_ok_and(|file| file.try_lock().is_ok())
            {
                forget(&left.path());
            }
        }
        let mut beside = OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.new", std::process::id()));
        let beside = folder.join(beside);
        let _locked = self.write_new(&beside, text)?;
        fs::rename(&beside, folder.join(name)).inspect_err(|_| forget(&beside))
    }

    /// Removes a file, if there is one.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self, path: &Path) -> Result<(), FileError> {
        let folder = path.parent().unwrap_or(Path::new(""));
        match keeping_time(folder, || fs::remove_file(path)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(FileError::new("remove", path, error))
            }
            _ => Ok(()),
        }
    }

    /// Writes a new file, and returns it; if that fails, there is none.
    fn write_new(&self, path: &Path, text: &str) -> io::Result<File> {
        let written = File::create(path).and_then(|mut file| {
            // Neither is there on every file system. Without times, Cargo runs the script once
            // more; without locks, two scripts that write one file at once may disturb each other.
            let _ = file.lock();
            file.write_all(text.as_bytes())?;
            let _ = file.set_modified(self.modified);
            Ok(file)
        });
        written.inspect_err(|_| forget(path))
    }

    /// Takes a file that is right, but from the future, back to the present: it would be newer than
    /// any run.
    fn age(&self, path: &Path) {
        let modified = fs::metadata(path).and_then(|data| data.modified());
        if modified.is_ok_and(|modified| modified > self.now)
            && let Ok(file) = File::options().write(true).open(path)
        {
            let _ = file.set_modified(self.modified);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.unfinished);
    }
}

/// Removes what is not wanted. If it cannot be, an error about the same file is under way already.
fn forget(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Does something in a folder that then seems not to have changed: Cargo may watch it.
fn keeping_time<T>(folder: &Path, work: impl FnOnce() -> T) -> T {
    let modified = fs::metadata(folder).and_then(|data| data.modified());
    let result = work();
    if let Ok(modified) = modified
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.set_modified(modified);
    }
    result
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
