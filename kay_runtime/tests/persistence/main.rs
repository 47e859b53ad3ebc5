//! Worlds in directories: they come back as they were, however their process ended.

#[path = "../common/mod.rs"]
mod common;

mod actors;
mod changed;
mod files;
mod inputs;
mod kept;
mod kill;
mod migrate;
mod snapshots;
