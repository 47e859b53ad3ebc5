//! Why something could not be done.

use std::io;
use std::path::PathBuf;

/// What is told to the user, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("`{}` is no folder: the first argument is the folder of a package{hint}", path.display())]
    NoSuchFolder { path: PathBuf, hint: String },
    #[error("there is no Cargo.toml in `{}`: give the folder of a package{hint}", path.display())]
    NoPackage { path: PathBuf, hint: String },
    #[error("`{}` is a workspace without a package of its own: give the folder of a package{hint}", path.display())]
    OnlyWorkspace { path: PathBuf, hint: String },
    #[error(transparent)]
    File(#[from] kay_codegen::FileError),
    #[error(
        "`{item}` is no module with generated code, no actor and no actor trait of `{package}`{hint}"
    )]
    NoSuchItem {
        item: String,
        package: String,
        hint: String,
    },
    #[error("there is no diagnostic `{code}`{hint}")]
    NoSuchCode { code: String, hint: String },
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is not a schema: {reason}; write one with `kay_codegen schema --json`", path.display())]
    NoSchema { path: PathBuf, reason: String },
    #[error("the name of {} does not tell in which format to write it: let it end with .dot, .mmd or .svg, or say `--format`", path.display())]
    NoFormat { path: PathBuf },
    #[error("cannot write {}: {source}", path.display())]
    WriteFile { path: PathBuf, source: io::Error },
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}
