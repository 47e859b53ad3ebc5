//! Worlds on disks that lose power, and journals that were not written by a world.

#[path = "../../../tests/common/mod.rs"]
mod common;

mod crash;
mod forged;
mod hostile;
mod kinds;
mod later;
mod planned;
mod refused;
mod saved;
mod unfit;
mod world;

use std::path::Path;
use std::sync::Arc;

use super::{ActorSystem, Recovery};
use crate::persist::SimulatedDisk;
use crate::{OpenError, Registry, Settings};

/// Opens a world on a disk in memory.
fn open(
    disk: &SimulatedDisk,
    settings: Settings,
    setup: impl FnOnce(&mut Registry),
) -> Result<(ActorSystem, Recovery), OpenError> {
    let system = ActorSystem::new(settings, setup)?;
    system.open_on(Arc::new(disk.clone()), Path::new("memory"), None)
}
