//! Slot maps that are made of copies of others.
#![cfg(not(loom))]

#[path = "../common/mod.rs"]
mod common;

mod follow;
mod hostile;
mod kept;
mod saved;
mod values;
