//! One process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::disk::DiskError;

const NAME: &str = "lock";

/// A directory that this process alone writes to, among those that ask. Ends with the process,
/// however that ends.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    /// The operating system holds the lock as long as the file is open.
    _file: File,
}

impl DirectoryLock {
    /// Locks a directory that exists; `None` if somebody else has, in this process or another.
    pub(crate) fn take(directory: &Path) -> Result<Option<Self>, DiskError> {
        let path = directory.join(NAME);
        let error = |operation, reason| DiskError::new(operation, &path, reason);
        // Never removed: who waits for a file that is gone and who makes a new one would both
        // have a lock.
        // One that can only be appended to cannot be locked on Windows.
        let mut options = File::options();
        let file = options.read(true).append(true).create(true).open(&path);
        let file = file.map_err(|reason| error("open", reason))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DirectoryLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(reason)) => Err(error("lock", reason)),
        }
    }
}
