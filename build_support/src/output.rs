//! Folders that hold what was generated last, and nothing else.

use crate::{FileError, Writer};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// A folder that belongs to the generator: it holds what was written last, and nothing else.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let modified = std::time::SystemTime::now();
/// # let writer = build_support::Writer::open(temporary.path().join("unfinished"), modified)?;
/// let folder = build_support::OutputFolder::new(temporary.path().join("generated"));
/// folder.write(&writer, "old/a.rs", "fn a() {}")?;
/// folder.write(&writer, "b.rs", "fn b() {}")?;
/// folder.keep_only(&writer, ["b.rs"])?;
/// assert!(folder.contains("b.rs") && !folder.path().join("old").exists());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OutputFolder {
    path: PathBuf,
}

impl OutputFolder {
    /// The folder at a path; it need not be there.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
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
    pub fn write(&self, writer: &Writer, name: &str, text: &str) -> Result<bool, FileError> {
        writer.write(&self.path.join(name), text)
    }

    /// Removes every file but these, and the folders that become empty, this one too.
    ///
    /// # Errors
    /// If a folder cannot be listed or a file cannot be removed.
    pub fn keep_only<'a>(
        &self,
        writer: &Writer,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), FileError> {
        let kept: BTreeSet<PathBuf> = names.into_iter().map(|name| self.path.join(name)).collect();
        if !self.path.is_dir() {
            return Ok(());
        }
        for entry in WalkDir::new(&self.path).contents_first(true) {
            let entry = entry.map_err(|error| {
                let path = error.path().unwrap_or(&self.path).to_path_buf();
                FileError::new("list", path, error.into())
            })?;
            if entry.file_type().is_dir() {
                // One that is not empty is still needed.
                let _ = fs::remove_dir(entry.path());
            } else if !kept.contains(entry.path()) {
                writer.remove(entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::OutputFolder;
    use crate::Writer;
    use std::fs;
    use std::time::SystemTime;

    #[test]
    fn what_is_no_longer_generated_goes_away_with_its_folders() {
        let temporary = tempfile::tempdir().unwrap();
        let writer = Writer::open(temporary.path().join("new"), SystemTime::now()).unwrap();
        let folder = OutputFolder::new(temporary.path().join("generated"));
        folder.keep_only(&writer, []).unwrap();
        for name in ["a.rs", "b.rs", "deep/er/c.rs", "deep/d.rs"] {
            folder.write(&writer, name, name).unwrap();
        }
        folder.keep_only(&writer, ["b.rs", "deep/d.rs"]).unwrap();
        assert!(folder.contains("b.rs") && folder.contains("deep/d.rs"));
        assert!(!folder.contains("a.rs") && !folder.path().join("deep/er").exists());
        folder.keep_only(&writer, []).unwrap();
        assert!(!folder.path().exists());
        assert_eq!(
            fs::read_dir(temporary.path()).unwrap().count(),
            1,
            "but for `new`"
        );
    }
}
