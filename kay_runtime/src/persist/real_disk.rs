//! A directory of the operating system.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::disk::{Disk, DiskError, DiskFile};
use chunky::Region;

use super::mapping;

/// A directory that exists.
pub(crate) struct RealDisk {
    directory: PathBuf,
}

struct RealFile {
    path: PathBuf,
    file: File,
}

impl RealDisk {
    pub(crate) fn new(directory: &Path) -> Self {
        RealDisk {
            directory: directory.to_owned(),
        }
    }

    /// The directory of this name, which is made if there is none, so that it outlasts a power cut.
    pub(crate) fn make(directory: &Path) -> Result<Self, DiskError> {
        make_directory(directory)
            .map_err(|reason| DiskError::new("make directory", directory, reason))?;
        Ok(RealDisk::new(directory))
    }

    fn file(
        &self,
        operation: &'static str,
        name: &str,
        open: impl FnOnce(&Path) -> io::Result<File>,
    ) -> Result<Box<dyn DiskFile>, DiskError> {
        let path = self.directory.join(name);
        match open(&path) {
            Ok(file) => Ok(Box::new(RealFile { path, file })),
            Err(reason) => Err(DiskError::new(operation, &path, reason)),
        }
    }
}

fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    // That of a relative path with a single name is empty.
    let parent = match directory.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    make_directory(parent)?;
    fs::create_dir(directory).or_else(|error| match directory.is_dir() {
        // Somebody else has made it meanwhile.
        true => Ok(()),
        false => Err(error),
    })?;
    sync_directory(parent)
}

/// Makes the names of all files in a directory last.
fn sync_directory(directory: &Path) -> io::Result<()> {
    // Elsewhere a directory cannot be opened as a file.
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// The names of what is in a directory, but for directories in it. One that is no text is not among them: it is not
/// ours. Links are, wherever they lead: who passes over one takes a world for a new one.
fn names(directory: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    Ok(names)
}

/// That this is a file, or leads to one: others never end, or wait for somebody.
fn check_file(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.is_file() {
        true => Ok(()),
        false => Err(io::Error::other("it is not a regular file")),
    }
}

fn map(path: &Path) -> io::Result<Region> {
    check_file(path)?;
    let file = File::open(path)?;
    let length = usize::try_from(file.metadata()?.len());
    mapping::map(&file, length.map_err(io::Error::other)?)
}

impl Disk for RealDisk {
    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError> {
        self.file("create", name, |path| {
            // Not `truncate(true)`: std refuses it for a file that is written at its end.
            let file = File::options().append(true).create(true).open(path)?;
            file.set_len(0)?;
            Ok(file)
        })
    }

    fn open(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError> {
        self.file("open", name, |path| {
            check_file(path)?;
            File::options().append(true).open(path)
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let from = self.directory.join(from);
        fs::rename(&from, self.directory.join(to))
            .map_err(|reason| DiskError::new("rename", &from, reason))
    }

    fn sync_directory(&self) -> Result<(), DiskError> {
        sync_directory(&self.directory)
            .map_err(|reason| DiskError::new("sync", &self.directory, reason))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, DiskError> {
        let path = self.directory.join(name);
        check_file(&path)
            .and_then(|()| fs::read(&path))
            .map_err(|reason| DiskError::new("read", &path, reason))
    }

    fn map(&self, name: &str) -> Result<Region, DiskError> {
        let path = self.directory.join(name);
        map(&path).map_err(|reason| DiskError::new("map", &path, reason))
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        let path = self.directory.join(name);
        fs::remove_file(&path).map_err(|reason| DiskError::new("remove", &path, reason))
    }

    fn list(&self) -> Result<Vec<String>, DiskError> {
        names(&self.directory).map_err(|reason| DiskError::new("list", &self.directory, reason))
    }
}

impl RealFile {
    fn error(&self, operation: &'static str) -> impl FnOnce(io::Error) -> DiskError {
        move |reason| DiskError::new(operation, &self.path, reason)
    }
}

impl DiskFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        let written = self.file.write_all(bytes);
        written.map_err(self.error("write to"))
    }

    fn sync(&mut self) -> Result<(), DiskError> {
        // Not `sync_data`: the length has nearly always changed, so nothing is saved by it.
        self.file.sync_all().map_err(self.error("sync"))
    }

    fn length(&self) -> Result<u64, DiskError> {
        let metadata = self.file.metadata();
        Ok(metadata.map_err(self.error("measure"))?.len())
    }

    fn truncate(&mut self, length: u64) -> Result<(), DiskError> {
        self.file.set_len(length).map_err(self.error("truncate"))
    }
}
