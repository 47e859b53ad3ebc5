//! The sources of one package.

use crate::{Dependency, FileError, Target, dependencies, manifest, targets};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};
use walkdir::{DirEntry, WalkDir};

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

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read, or is not that of a package.
    pub fn name(&self) -> Result<String, FileError> {
        let name = manifest::package_name(&self.manifest()?).ok_or_else(|| {
            let what = "it has no `[package]` with a `name`; take the folder of a package";
            io::Error::new(io::ErrorKind::InvalidData, what)
        });
        name.map_err(|error| FileError::new("read", self.folder.join("Cargo.toml"), error))
    }

    /// The crates that this package builds, in a fixed order: library, binaries, examples, tests,
    /// benchmarks, each kind by name.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn targets(&self) -> Result<Vec<Target>, FileError> {
        Ok(targets::find(
            &self.manifest()?,
            &self.name()?,
            &self.folder,
        ))
    }

    /// The packages that this one depends on, those for its build script excepted.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read.
    pub fn dependencies(&self) -> Result<Vec<Dependency>, FileError> {
        let manifest = self.manifest()?;
        Ok(dependencies::find(&manifest, &self.folder))
    }

    /// These features of this package, and those that they bring along.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read.
    pub fn all_features(&self, wanted: &[String]) -> Result<Vec<String>, FileError> {
        Ok(dependencies::all_features(&self.manifest()?, wanted))
    }

    /// Whether Cargo passes on what the build script of this package tells: its manifest has
    /// `links` then.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read.
    pub fn has_links(&self) -> Result<bool, FileError> {
        Ok(dependencies::has_links(&self.manifest()?))
    }

    /// Whether code can use the library of this package: one for C, or one with macros, is no such
    /// library.
    ///
    /// # Errors
    /// If `Cargo.toml` cannot be read.
    pub fn has_usable_library(&self) -> Result<bool, FileError> {
        Ok(dependencies::has_usable_library(&self.manifest()?))
    }

    fn manifest(&self) -> Result<String, FileError> {
        let path = self.folder.join("Cargo.toml");
        fs::read_to_string(&path).map_err(|error| FileError::new("read", path, error))
    }

    /// The Rust files under a folder of the package; none if there is no such folder.
    ///
    /// What cannot be listed is left out, such as a link to nowhere, of which editors make some.
    pub fn rust_files(&self, folder: &str) -> BTreeSet<String> {
        WalkDir::new(self.folder.join(folder))
            .follow_links(true)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"))
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| self.relative(entry.path()))
            .collect()
    }

    /// The folders under a folder of the package, and that folder itself; without those of packages
    /// inside it, and of what tools keep in hidden folders.
    pub fn folders(&self, folder: &str) -> BTreeSet<String> {
        let is_own = |entry: &DirEntry| {
            let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            let is_package = entry.path().join("Cargo.toml").is_file();
            entry.depth() == 0 || entry.file_type().is_dir() && !is_hidden && !is_package
        };
        WalkDir::new(self.folder.join(folder))
            .into_iter()
            .filter_entry(is_own)
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_dir())
            .filter_map(|entry| self.relative(entry.path()))
            .collect()
    }

    /// The files in a folder of the package, without those in folders inside it; none if there is no
    /// such folder.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn files_in(&self, folder: &str) -> Result<BTreeSet<String>, FileError> {
        let path = self.folder.join(folder);
        let mut files = BTreeSet::new();
        if !path.is_dir() {
            return Ok(files);
        }
        let failed = |error| FileError::new("list", &path, error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.path().is_file() {
                files.extend(self.relative(&entry.path()));
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
        let files = Package::new(temporary.path()).rust_files("src");
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        assert_eq!(files, ["src/a/b/c.rs", "src/a/latin.rs", "src/lib.rs"]);
        let package = Package::new(temporary.path());
        assert_eq!(package.read("src/a/latin.rs").unwrap(), None);
        assert_eq!(package.read("src/lib.rs").unwrap().unwrap(), "mod a;");
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(Package::new(temporary.path()).rust_files("src").is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_nowhere_or_in_a_circle_are_left_out() {
        let temporary = tempfile::tempdir().unwrap();
        let src = temporary.path().join("src");
        fs::create_dir_all(&src).unwrap();
        fs::write(src.join("lib.rs"), "").unwrap();
        // As an editor does to say who is at work on the file.
        std::os::unix::fs::symlink("somebody@somewhere.1", src.join(".#lib.rs")).unwrap();
        std::os::unix::fs::symlink(&src, src.join("again")).unwrap();
        let files = Package::new(temporary.path()).rust_files("src");
        assert_eq!(files.into_iter().collect::<Vec<_>>(), ["src/lib.rs"]);
    }

    #[test]
    fn a_workspace_without_a_package_is_refused() {
        let temporary = tempfile::tempdir().unwrap();
        fs::write(temporary.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        let error = Package::new(temporary.path())
            .targets()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("Cargo.toml: it has no `[package]`"),
            "{error}"
        );
    }
}
