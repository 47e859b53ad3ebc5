//! One process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::disk::DiskError;

const NAME: &str = "lock";

/// A directory that this process alone writes to, among those that ask. Ends with the process,
/// however that ends.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    file: File,
}

impl DirectoryLock {
    /// Locks a directory that exists; `None` if somebody else has, in this process or another.
    pub(crate) fn take(directory: &Path) -> Result<Option<Self>, DiskError> {
        let path = directory.join(NAME);
        let error = |operation, reason| DiskError::new(operation, &path, reason);
        // Never removed: who waits for a file that is gone and who makes a new one would both
        // have a lock.
        let mut options = File::options();
        // One that can only be appended to cannot be locked on Windows.
        let file = options.read(true).append(true).create(true).open(&path);
        let file = file.map_err(|reason| error("open", reason))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(DirectoryLock { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(reason)) => Err(error("lock", reason)),
        }
    }
}

impl Drop for DirectoryLock {
    /// To close the file is not enough: a process that another thread is just starting has it, too,
    /// for a moment.
    fn drop(&mut self) {
        // If that fails, the lock ends with the process.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_ends_even_if_the_file_is_open_elsewhere() {
        let directory = tempfile::tempdir().unwrap();
        let take = || DirectoryLock::take(directory.path()).unwrap();
        let lock = take().expect("nobody has it");
        assert!(take().is_none());
        let inherited = lock.file.try_clone().unwrap();
        drop(lock);
        assert!(take().is_some());
        drop(inherited);
    }
}
