//! The reference project of kay: a [`city`] of a million cars, and a [`ring`] road that theory
//! can check.
//!
//! Copy from here. What a project of one's own needs is
//!
//! - `kay_runtime` as a dependency and `kay_codegen` as a build dependency, see `Cargo.toml`;
//! - a build script of one line, see `build.rs`;
//! - actors: plain structs with plain `impl` blocks, see [`city::car`];
//! - `kay_runtime::kay_auto!();` in each module with actors, and in the crate root, where it brings
//!   `setup`, which registers them all;
//! - a host that makes the world and runs its turns, see [`city`];
//! - if the world shall outlive the process, a directory for it, see [`keep`].

#![forbid(unsafe_code)]

pub mod city;
pub mod keep;
pub mod options;
pub mod ring;
pub mod rule;
pub mod stopwatch;

kay_runtime::kay_auto!();

/// What can go wrong in a run: a setting that makes no sense, an actor that panics.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
