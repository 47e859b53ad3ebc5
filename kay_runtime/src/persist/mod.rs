//! What outlives the process: files that are whole after a power cut, or say where they are not.

mod disk;
mod image;
mod inputs;
mod journal;
mod lock;
mod mapping;
mod protocol;
mod real_disk;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod simulated_test;
mod snapshot;
mod sync_policy;

pub use disk::DiskError;
pub use inputs::ReplayError;
pub use journal::{JournalError, Torn};
pub use snapshot::{Part, Progress, SnapshotError};
pub use sync_policy::SyncPolicy;

pub(crate) use disk::Disk;
pub(crate) use image::{
    ChunkKind, JournalPosition, LetterImage, PanicImage, SenderImage, ShardImage, StoreImage,
    WorldImage,
};
pub(crate) use inputs::{
    Batch, End, HostState, Inputs, LETTER, Mismatch, PROTOCOL, Setup, append_protocol,
    begin_next_part, begin_part, part_name, part_of,
};
pub(crate) use journal::{Contents, Header, Journal, Record, read};
pub(crate) use lock::DirectoryLock;
#[cfg(test)]
pub(crate) use protocol::MessageImage;
pub(crate) use protocol::{Past, Protocol};
pub(crate) use real_disk::RealDisk;
#[cfg(test)]
pub(crate) use simulated::SimulatedDisk;
pub(crate) use snapshot::{
    Backups, Base, Chunk, Entry, FileName, Header as SnapshotHeader, Key, Snapshot,
};
pub(crate) use sync_policy::SyncSchedule;
