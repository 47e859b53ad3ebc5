//! Shows what `kay_codegen` generates, and what it knows about the actors of a package, without a
//! build.
//!
//! Everything that it says comes from `kay_codegen` as a library; this only reads arguments, and
//! writes for a terminal, a pipe or a file.
//!
//! The process ends with 0 if all is well, with 1 if the sources have errors, or a check or
//! comparison found what it looks for, and with 2 if it could not do what it was asked to.
#![forbid(unsafe_code)]

mod arguments;
mod check;
mod error;
mod expand;
mod graph;
mod load;
mod names;
mod schema;
mod screen;

use arguments::{Arguments, Command};
use clap::Parser;
use error::Error;
use screen::Screen;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    arguments.colour.apply();
    let mut screen = Screen::new();
    match run(&arguments.command, &mut screen) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Who reads has seen enough: `| head`.
        Err(Error::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            screen::error(&error.to_string());
            ExitCode::from(2)
        }
    }
}

/// Does what is asked, and says whether all is well.
fn run(command: &Command, screen: &mut Screen) -> Result<bool, Error> {
    match command {
        Command::Expand { package, item } => expand::run(package, item.as_deref(), screen),
        Command::Check {
            package,
            in_source_tree,
        } => check::run(package, *in_source_tree, screen),
        Command::Schema {
            package,
            json,
            diff,
        } => schema::run(package, *json, diff.as_deref(), screen),
        Command::Graph {
            package,
            format,
            output,
        } => graph::run(package, *format, output.as_deref(), screen),
        Command::Explain { code } => explain(code, screen),
    }
}

/// Prints the page of a code in the error index.
fn explain(code: &str, screen: &mut Screen) -> Result<bool, Error> {
    let page = kay_codegen::explain(code).ok_or_else(|| {
        let all: Vec<&str> = kay_codegen::Code::ALL
            .iter()
            .map(|code| code.as_str())
            .collect();
        Error::NoSuchCode {
            code: code.to_owned(),
            hint: names::hint(code, &all),
        }
    })?;
    screen.text(page)?;
    Ok(true)
}
