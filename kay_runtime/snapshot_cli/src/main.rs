//! Looks into the snapshots and journals of worlds, without the code of their actors.
//!
//! Everything that it says comes from `kay_runtime::inspect`; this only reads arguments, and writes for a
//! terminal, a pipe or other tools.
//!
//! The process ends with 0 if all is well, with 1 if something is damaged or two snapshots differ, and with 2 if
//! it could not do what it was asked to.
#![forbid(unsafe_code)]

mod arguments;
mod compare;
mod declare;
mod error;
mod list;
mod schema;
mod source;
mod table;
mod verify;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use error::Error;

fn main() -> ExitCode {
    let out = &mut io::stdout().lock();
    match run(&Arguments::parse().command, out) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Who reads has seen enough: `| head`.
        Err(Error::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // If nobody reads that, the exit code still says it.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does what is asked, and says whether all is well.
fn run(command: &Command, out: &mut impl Write) -> Result<bool, Error> {
    match command {
        Command::List { path, schema, json } => list::run(path, *schema, *json, out),
        Command::Verify { path } => verify::run(path, out),
        Command::Source { path, actors } => source::run(path, actors, out),
        Command::Compare {
            before,
            after,
            json,
        } => compare::run(before, after, *json, out),
    }
}
