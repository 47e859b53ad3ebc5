//! Build-script plumbing: find sources, write only what changed, talk to Cargo.
//!
//! A build script that generates code has the same three chores whatever it generates: find the
//! crates of its package and their sources, write outputs without waking Cargo for nothing, and
//! tell Cargo what it depends on and what went wrong. They live here, one module each:
//!
//! - [`Package`]: the crate roots of a package, and the text of its source files.
//! - [`Writer`]: files that are written only if their bytes differ, whole or not at all.
//! - [`OutputFolder`]: a folder that holds what was generated last, and nothing else.
//! - [`SharedFolder`]: a folder in Cargo's target folder that several packages share.
//! - [`Report`]: the `cargo::` lines that a build script prints.
//!
//! Nothing here knows what is generated.
#![forbid(unsafe_code)]

mod dependencies;
mod manifest;
mod output;
mod package;
mod report;
mod shared;
mod targets;
mod toml;
mod writer;

pub use dependencies::{Dependency, DependencyKind};
pub use output::OutputFolder;
pub use package::Package;
pub use report::Report;
pub use shared::SharedFolder;
pub use targets::{Target, TargetKind};
pub use writer::Writer;

use std::io;
use std::path::PathBuf;

/// A file or folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FileError {
    /// What was tried: `read`, `write`, `remove` or `list`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

impl FileError {
    fn new(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self {
            action,
            path: path.into(),
            source,
        }
    }
}
