//! What can be asked.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Looks into the snapshots and journals of worlds, without the code of their actors
///
/// Changes no file, and needs no directory for itself: a world may run in it. Ends with 0 if all is well, with 1
/// if something is damaged or two snapshots differ, with 2 if it could not do what it was asked to.
#[derive(Debug, Parser)]
#[command(name = "kay_snapshot", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Says what there is: files, instances, waiting messages
    List {
        /// The directory of a world, or a snapshot's file
        path: PathBuf,
        /// How all types lie in memory, too
        #[arg(long)]
        schema: bool,
        /// As JSON, for other tools
        #[arg(long)]
        json: bool,
    },
    /// Looks whether all is as it was written, and makes sense as far as can be told without the code
    Verify {
        /// The directory of a world, or a snapshot's file
        path: PathBuf,
    },
    /// Prints Rust source of what actors were, for `Registry::migrate`
    Source {
        /// The directory of a world, or a snapshot's file
        path: PathBuf,
        /// An actor type, such as `city::Car`, or the end of its path; all, if none is given
        actors: Vec<String>,
    },
    /// Says what differs between two snapshots
    Compare {
        /// The earlier one: a snapshot's file, or a directory, whose newest one is meant
        before: PathBuf,
        /// The later one
        after: PathBuf,
        /// As JSON, for other tools
        #[arg(long)]
        json: bool,
    },
}
