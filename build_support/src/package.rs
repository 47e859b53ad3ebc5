//! The sources of one package.

use crate::{FileError, Target, targets};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use walkdir::WalkDir;

/// A package on disk: its folder, its crate roots, its source texts.
///
/// Paths that go in and out are relative to the package's folder and use `/` everywhere, so that
/// what is generated from them is the same on every system.
#[derive(Debug, Clone)]
pub struct Package {
    folder: PathBuf,
}

impl Package {
    /// The package whose `Cargo.toml` is in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The crates that this package builds, in a fixed order: library, binaries, examples, tests,
    /// benchmarks, each kind by name.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read.
    pub fn targets(&self, package_name: &str) -> Result<Vec<Target>, FileError> {
        let path = self.folder.join("Cargo.toml");
        let manifest =
            fs::read_to_string(&path).map_err(|error| FileError::new("read", path, error))?;
        Ok(targets::find(&manifest, package_name, &self.folder))
    }

    /// Every Rust file under a folder of the package, with its text; nothing if there is no such
    /// folder. A file that is not UTF-8 is left out: it is no Rust.
    ///
    /// # Errors
    /// If a folder cannot be listed or a file cannot be read.
    pub fn rust_files(&self, folder: &str) -> Result<BTreeMap<String, String>, FileError> {
        let start = self.folder.join(folder);
        let mut files = BTreeMap::new();
        if !start.is_dir() {
            return Ok(files);
        }
        for entry in WalkDir::new(&start).follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                // A link that leads back to its own parent would be followed for ever.
                Err(error) if error.loop_ancestor().is_some() => continue,
                Err(error) => {
                    let path = error.path().unwrap_or(&start).to_path_buf();
                    return Err(FileError::new("list", path, error.into()));
                }
            };
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
                && entry.file_type().is_file()
                && let Some(path) = self.relative(entry.path())
                && let Some(text) = self.read(&path)?
            {
                files.insert(path, text);
            }
        }
        Ok(files)
    }

    /// The text of one file, or `None` if there is no such file or it is not UTF-8.
    ///
    /// # Errors
    /// If the file is there but cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<String>, FileError> {
        let path = self.folder.join(path);
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(&path).map_err(|error| FileError::new("read", path, error))?;
        Ok(String::from_utf8(bytes).ok())
    }

    /// Whether a file or folder is there.
    pub fn exists(&self, path: &str) -> bool {
        self.folder.join(path).exists()
    }

    fn relative(&self, path: &Path) -> Option<String> {
        slashed(path.strip_prefix(&self.folder).ok()?)
    }
}

/// A relative path with `/` between its parts, or `None` if a part is not UTF-8.
pub(crate) fn slashed(path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            other => parts.push(other.as_os_str().to_str()?),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::Package;
    use std::fs;

    #[test]
    fn rust_files_are_found_at_any_depth() {
        let temporary = tempfile::tempdir().unwrap();
        let src = temporary.path().join("src");
        fs::create_dir_all(src.join("a/b")).unwrap();
        fs::write(src.join("lib.rs"), "mod a;").unwrap();
        fs::write(src.join("a/b/c.rs"), "// c").unwrap();
        fs::write(src.join("a/notes.txt"), "no Rust").unwrap();
        fs::write(src.join("a/latin.rs"), [0xe9]).unwrap();
        let files = Package::new(temporary.path()).rust_files("src").unwrap();
        let names: Vec<_> = files.keys().map(String::as_str).collect();
        assert_eq!(names, ["src/a/b/c.rs", "src/lib.rs"]);
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(
            Package::new(temporary.path())
                .rust_files("src")
                .unwrap()
                .is_empty()
        );
    }
}
