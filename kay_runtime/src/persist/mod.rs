//! What outlives the process: files that are whole after a power cut, or say where they are not.

mod disk;
mod inputs;
mod journal;
mod lock;
mod mapping;
mod real_disk;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_test;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the system does not write snapshots yet"
    )
)]
mod snapshot;
mod sync_policy;

pub use disk::DiskError;
pub use inputs::ReplayError;
pub use journal::{JournalError, Torn};
pub use sync_policy::SyncPolicy;

pub(crate) use disk::Disk;
pub(crate) use inputs::{Batch, End, HostState, Inputs, LETTER, Mismatch, Setup};
pub(crate) use journal::{Header, Journal, Record, read};
pub(crate) use lock::DirectoryLock;
pub(crate) use real_disk::RealDisk;
#[cfg(test)]
pub(crate) use simulated::SimulatedDisk;
pub(crate) use sync_policy::SyncSchedule;
