//! What persistence does with a directory, and nothing else: so that tests can cut the power at
//! every step of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use chunky::Region;

/// A directory with files.
///
/// What has been done to a file lasts once the file has been synced; that there is a file of this
/// name, once the directory has been. Before that a power cut may leave any part of it.
pub(crate) trait Disk: Send + Sync {
    /// A file that is empty, whether there was one of this name or not.
    fn create(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError>;

    /// A file that exists.
    fn open(&self, name: &str) -> Result<Box<dyn DiskFile>, DiskError>;

    /// Gives a file another name, in place of the file that has it: there is no moment when
    /// neither of them has.
    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError>;

    /// Makes all names last.
    fn sync_directory(&self) -> Result<(), DiskError>;

    /// All that is in a file.
    fn read(&self, name: &str) -> Result<Vec<u8>, DiskError>;

    /// All that is in a file, as memory that begins at a page. It is read when it is looked at, and
    /// writing to it does not change the file. Nobody may write to the file from then on.
    fn map(&self, name: &str) -> Result<Region, DiskError>;

    /// Removes a file. What is mapped of it stays.
    fn remove(&self, name: &str) -> Result<(), DiskError>;

    /// The names of all files, in order.
    fn list(&self) -> Result<Vec<String>, DiskError>;
}

/// A file that is written at its end only.
pub(crate) trait DiskFile: Send {
    /// Writes all bytes, or fails: then any first part of them may be in the file.
    fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError>;

    /// Makes last what the file holds, and its length.
    ///
    /// When this fails, what was not synced before may be lost even if a second attempt succeeds:
    /// the operating system may count pages as written that it could not write.
    fn sync(&mut self) -> Result<(), DiskError>;

    /// How many bytes there are.
    fn length(&self) -> Result<u64, DiskError>;

    /// Cuts off what is behind this many bytes.
    fn truncate(&mut self, length: u64) -> Result<(), DiskError>;
}

/// What could not be done with a file or a directory.
#[derive(Clone, Debug, Error)]
#[error("cannot {operation} `{}`: {reason}", path.display())]
#[non_exhaustive]
pub struct DiskError {
    /// What was tried, a verb.
    pub operation: &'static str,
    /// With which file or directory.
    pub path: PathBuf,
    /// What the operating system said.
    pub reason: Arc<io::Error>,
}

/// Reasons are equal if they are of one kind and read the same.
impl PartialEq for DiskError {
    fn eq(&self, other: &Self) -> bool {
        let what = |error: &Self| (error.operation, error.reason.kind(), error.to_string());
        what(self) == what(other) && self.path == other.path
    }
}

impl Eq for DiskError {}

impl DiskError {
    pub(crate) fn new(operation: &'static str, path: &Path, reason: io::Error) -> Self {
        DiskError {
            operation,
            path: path.to_owned(),
            reason: Arc::new(reason),
        }
    }
}
