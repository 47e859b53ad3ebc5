//! Panics: what is reported, what freezes, what is still handled, and how it goes on.

#[path = "../common/mod.rs"]
mod common;

mod actors;
mod drops;
mod exact;
mod freeze;
mod swapped;
