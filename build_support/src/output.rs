//! Files that are written only if they change.

use crate::FileError;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that belongs to the generator: it holds what was written last, and nothing else.
///
/// A file whose bytes would not change is not touched, so that nothing that depends on it is
/// rebuilt. A file that changes is written beside its place and then moved there: a reader, or a
/// build that is interrupted, never sees half of it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// let folder = build_support::OutputFolder::open(temporary.path().join("generated"))?;
/// assert!(folder.write("a.rs", "fn a() {}")?);
/// assert!(!folder.write("a.rs", "fn a() {}")?, "the same bytes are not written again");
/// folder.keep_only(["b.rs"])?;
/// assert!(!folder.contains("a.rs"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// Opens a folder, and makes it if there is none.
    ///
    /// # Errors
    /// If the folder cannot be made; the error names it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(|error| FileError::new("write", &path, error))?;
        Ok(Self { path })
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a file of this name is there.
    pub fn contains(&self, name: &str) -> bool {
        self.path.join(name).is_file()
    }

    /// Makes a file hold exactly this text, and says whether it had to be written.
    ///
    /// # Errors
    /// If the file cannot be written; what was there before is still there then.
    pub fn write(&self, name: &str, text: &str) -> Result<bool, FileError> {
        let path = self.path.join(name);
        if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(false);
        }
        let temporary = self.path.join(format!("{name}.{}.new", std::process::id()));
        let written = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, &path));
        written.map_err(|error| {
            // The first error is the one to report; a leftover goes with the next `keep_only`.
            let _ = fs::remove_file(&temporary);
            FileError::new("write", path, error)
        })?;
        Ok(true)
    }

    /// Removes every file but these.
    ///
    /// # Errors
    /// If the folder cannot be listed or a file cannot be removed.
    pub fn keep_only<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<(), FileError> {
        let names: BTreeSet<&str> = names.into_iter().collect();
        let entries =
            fs::read_dir(&self.path).map_err(|error| FileError::new("list", &self.path, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| FileError::new("list", &self.path, error))?;
            let is_kept = entry
                .file_name()
                .to_str()
                .is_some_and(|name| names.contains(name));
            if !is_kept && entry.path().is_file() {
                fs::remove_file(entry.path())
                    .map_err(|error| FileError::new("remove", entry.path(), error))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::OutputFolder;
    use std::fs;

    #[test]
    fn a_file_with_the_same_bytes_is_not_touched() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(temporary.path()).unwrap();
        folder.write("a.rs", "one").unwrap();
        let path = temporary.path().join("a.rs");
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert!(!folder.write("a.rs", "one").unwrap());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
        assert!(folder.write("a.rs", "two").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
    }

    #[test]
    fn an_older_file_with_other_bytes_is_written() {
        // Modification times say nothing: only the bytes count.
        let temporary = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(temporary.path()).unwrap();
        folder.write("a.rs", "one").unwrap();
        let file = fs::File::options()
            .write(true)
            .open(temporary.path().join("a.rs"))
            .unwrap();
        let future = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
        file.set_modified(future).unwrap();
        assert!(folder.write("a.rs", "two").unwrap());
    }

    #[test]
    fn no_partial_file_is_left_behind() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(temporary.path()).unwrap();
        fs::create_dir(temporary.path().join("a.rs")).unwrap();
        let error = folder.write("a.rs", "text").unwrap_err();
        assert!(error.to_string().contains("a.rs"), "{error}");
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_longer_generated_goes_away() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(temporary.path()).unwrap();
        folder.write("a.rs", "a").unwrap();
        folder.write("b.rs", "b").unwrap();
        folder.keep_only(["b.rs"]).unwrap();
        assert!(!folder.contains("a.rs") && folder.contains("b.rs"));
    }
}
