//! Reads actors written as plain Rust `impl` blocks and writes their ids, messages and dispatch.
#![forbid(unsafe_code)]

mod diagnostics;
mod emit;
mod generate;
mod model;
mod options;
mod resolve;
mod shell;
mod source;

pub use diagnostics::{Diagnostic, Severity};
pub use emit::GeneratedFile;
pub use generate::{Output, Root, generate};
pub use options::Options;
pub use shell::{Builder, build};
pub use source::Sources;
