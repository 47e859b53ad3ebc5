//! Looking into the files of a world without the code of its actors.
//!
//! Nothing here changes a file, or needs the directory to itself: a world may run in it meanwhile. Whatever
//! is in a file, there is an error at worst; but it must not be cut short while it is looked at.
//!
//! ```
//! use kay_runtime::inspect::{SavedWorld, WorldFiles};
//!
//! # use kay_runtime::{ActorSystem, Settings};
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path();
//! # let (mut system, _) = ActorSystem::open(directory, Settings::default(), |_| ())?;
//! # system.snapshot()?;
//! # system.close()?;
//! let files = WorldFiles::read(directory)?;
//! assert_eq!((files.snapshots.len(), files.journal.len()), (1, 1));
//!
//! let world = SavedWorld::open(directory)?;
//! assert!(world.verify(|_| ()).is_empty());
//! let summary = world.summary()?;
//! assert_eq!((summary.turn, summary.shards), (0, 64));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compare;
mod fields;
mod files;
#[cfg(test)]
mod hostile_test;
mod mail;
mod same;
mod store;
mod summary;
mod verify;
mod world;

pub use chunky::raw::{Field, Form, Layout, Tag, Variant};

pub use self::compare::{ActorComparison, ChangedInstance, Changes, Comparison, SettingDifference};
pub use self::files::{FileState, JournalContents, JournalFile, SnapshotFile, WorldFiles};
pub use self::summary::{SavedActor, SavedPanic, ShardSizes, Summary, WaitingMessages};
pub use self::world::SavedWorld;
pub use crate::persist::Progress;
