//! A folder in which several packages have their output.

use crate::{FileError, Writer};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The names that are taken, and by the package in which folder.
const OWNERS: &str = ".owners";

/// A folder in Cargo's target folder in which the packages of a workspace have their output under
/// names that they choose, one package each name.
///
/// Build scripts of several packages, of one for several targets, and of several copies of a
/// package may run at once and share it. While one of them has it open, the others wait.
#[derive(Debug)]
pub struct SharedFolder {
    path: PathBuf,
    package: String,
    owners: BTreeMap<String, String>,
    /// Holds the lock as long as it is open.
    _lock: Option<File>,
}

impl SharedFolder {
    /// Opens a folder of this name in the target folder that an `OUT_DIR` is in, for the package in
    /// a folder. `None` if there is no target folder: other build systems than Cargo have none.
    ///
    /// # Errors
    /// If the folder cannot be made or read.
    pub fn open(out_dir: &Path, name: &str, package: &Path) -> Result<Option<Self>, FileError> {
        let Some(target) = target_folder(out_dir) else {
            return Ok(None);
        };
        let path = target.join(name);
        fs::create_dir_all(&path).map_err(|error| FileError::new("write", &path, error))?;
        let lock = path.join(".lock");
        let lock = File::create(&lock).map_err(|error| FileError::new("write", lock, error))?;
        // Not every file system has locks; then two that run at once may both write.
        let is_locked = lock.lock().is_ok();
        let package = fs::canonicalize(package).unwrap_or_else(|_| package.to_owned());
        let owners = fs::read_to_string(path.join(OWNERS)).unwrap_or_default();
        let owners = owners.lines().filter_map(|line| {
            let (name, owner) = line.split_once('\t')?;
            Some((name.to_owned(), owner.to_owned()))
        });
        Ok(Some(Self {
            package: package.to_string_lossy().replace(['\n', '\t'], " "),
            owners: owners.collect(),
            path,
            _lock: is_locked.then_some(lock),
        }))
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes a name: the first one if no other package has it, else the second one, else that with
    /// a number. A package gets the same one each time.
    pub fn take(&mut self, first: &str, second: &str) -> String {
        let names = [first.to_owned(), second.to_owned()].into_iter();
        let mut names = names.chain((2..).map(|number| format!("{second}.{number}")));
        let name = names
            .find(|name| {
                let owner = self
                    .owners
                    .get(name)
                    .filter(|owner| **owner != self.package);
                owner.is_none_or(|owner| is_gone(owner))
            })
            .unwrap_or_default();
        self.owners.insert(name.clone(), self.package.clone());
        name
    }

    /// Gives back all names of this package but these, and those of packages that are gone, and says
    /// which.
    pub fn keep_only(&mut self, names: &[String]) -> Vec<String> {
        let package = &self.package;
        let is_given_back = |name: &String, owner: &mut String| {
            owner == package && !names.contains(name) || is_gone(owner)
        };
        let given_back = self.owners.extract_if(.., is_given_back);
        given_back.map(|(name, _)| name).collect()
    }

    /// Remembers whose the names are.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn close(self, writer: &Writer) -> Result<(), FileError> {
        let owners = self.owners.iter();
        let owners: String = owners
            .map(|(name, owner)| format!("{name}\t{owner}\n"))
            .collect();
        writer.write(&self.path.join(OWNERS), &owners).map(|_| ())
    }
}

/// Whether there is no package in a folder any more.
fn is_gone(package: &str) -> bool {
    !Path::new(package).join("Cargo.toml").is_file()
}

/// Cargo's target folder around an `OUT_DIR`: marked as its own, or around the folder that it locks
/// for a profile. It does not mark one that was there before, such as a volume of a container.
fn target_folder(out_dir: &Path) -> Option<&Path> {
    let is_marked = |folder: &&Path| {
        let tag = fs::read_to_string(folder.join("CACHEDIR.TAG"));
        tag.is_ok_and(|tag| tag.contains("created by cargo"))
    };
    let is_locked = |folder: &&Path| folder.join(".cargo-lock").is_file();
    let mut folders = out_dir.ancestors();
    let marked = out_dir.ancestors().find(is_marked);
    marked.or_else(|| folders.find(is_locked)?.parent())
}

#[cfg(test)]
mod tests {
    use super::SharedFolder;
    use crate::Writer;
    use std::fs;
    use std::path::Path;
    use std::time::SystemTime;

    const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# created by cargo.\n";

    /// A target folder, an `OUT_DIR` in it, and packages.
    fn folders(packages: &[&str]) -> tempfile::TempDir {
        let temporary = tempfile::tempdir().unwrap();
        fs::create_dir_all(temporary.path().join("target/debug/build/a-1/out")).unwrap();
        fs::write(temporary.path().join("target/CACHEDIR.TAG"), TAG).unwrap();
        for package in packages {
            fs::create_dir(temporary.path().join(package)).unwrap();
            fs::write(temporary.path().join(package).join("Cargo.toml"), "").unwrap();
        }
        temporary
    }

    fn with<T>(at: &Path, package: &str, work: impl FnOnce(&mut SharedFolder) -> T) -> T {
        let out_dir = at.join("target/debug/build/a-1/out");
        let writer = Writer::open(out_dir.join("new"), SystemTime::now()).unwrap();
        let folder = SharedFolder::open(&out_dir, "kay_auto", &at.join(package));
        let mut folder = folder.unwrap().unwrap();
        assert_eq!(folder.path(), at.join("target/kay_auto"));
        let result = work(&mut folder);
        folder.close(&writer).unwrap();
        result
    }

    #[test]
    fn a_name_belongs_to_one_package() {
        let folders = folders(&["a", "b", "c"]);
        let at = folders.path();
        for _ in 0..2 {
            assert_eq!(with(at, "a", |folder| folder.take("run", "a.run")), "run");
            assert_eq!(with(at, "b", |folder| folder.take("run", "b.run")), "b.run");
            assert_eq!(
                with(at, "c", |folder| folder.take("run", "b.run")),
                "b.run.2"
            );
        }
        assert_eq!(with(at, "a", |folder| folder.keep_only(&[])), ["run"]);
        assert_eq!(with(at, "c", |folder| folder.take("run", "c.run")), "run");
    }

    #[test]
    fn the_name_of_a_package_that_is_gone_is_free() {
        let folders = folders(&["a", "b"]);
        let at = folders.path();
        assert_eq!(with(at, "a", |folder| folder.take("run", "a.run")), "run");
        assert_eq!(
            with(at, "a", |folder| folder.take("walk", "a.walk")),
            "walk"
        );
        fs::remove_dir_all(at.join("a")).unwrap();
        assert_eq!(with(at, "b", |folder| folder.take("run", "b.run")), "run");
        let names = ["run".to_owned()];
        assert_eq!(with(at, "b", |folder| folder.keep_only(&names)), ["walk"]);
    }

    #[test]
    fn one_waits_for_the_other() {
        let folders = folders(&["a"]);
        let at = folders.path();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || {
                    let out_dir = at.join(format!("target/debug/build/{thread}"));
                    fs::create_dir(&out_dir).unwrap();
                    let modified = SystemTime::now();
                    let writer = Writer::open(out_dir.join("new"), modified).unwrap();
                    let package = at.join(format!("package{thread}"));
                    fs::create_dir(&package).unwrap();
                    fs::write(package.join("Cargo.toml"), "").unwrap();
                    let folder = SharedFolder::open(&out_dir, "kay_auto", &package);
                    let mut folder = folder.unwrap().unwrap();
                    folder.take("run", "run");
                    folder.close(&writer).unwrap();
                });
            }
        });
        let owners = fs::read_to_string(at.join("target/kay_auto/.owners")).unwrap();
        assert_eq!(owners.lines().count(), 8, "{owners}");
    }

    #[test]
    fn a_target_folder_that_cargo_has_not_made() {
        let folders = folders(&["a"]);
        let target = folders.path().join("target");
        fs::remove_file(target.join("CACHEDIR.TAG")).unwrap();
        fs::write(target.join("debug/.cargo-lock"), "").unwrap();
        with(folders.path(), "a", |_| ());
    }

    #[test]
    fn without_cargo_there_is_none() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = SharedFolder::open(temporary.path(), "kay_auto", temporary.path());
        assert!(folder.unwrap().is_none());
    }
}
