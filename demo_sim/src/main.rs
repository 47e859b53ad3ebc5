//! `demo_sim`: see `demo_sim --help`.

#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Write};
use std::process::{ExitCode, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use demo_sim::keep::Stopped;
use demo_sim::options::{Command, Options, RunOptions};
use demo_sim::{Error, city, ring};
use serde::Serialize;

/// What a shell says of a program that Ctrl-C has ended.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<Stopped>() => {
            eprintln!("{error}");
            ExitCode::from(STOPPED)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    match &options.command {
        None => {
            let stop = stop_when_told(&options.city.run)?;
            let report = city::report::run(&options.city, &stop)?;
            print(&report, options.city.run.json)
        }
        Some(Command::Ring(ring)) => {
            let stop = stop_when_told(&ring.run)?;
            print(&ring::report::run(ring, &stop)?, ring.run.json)
        }
    }
}

/// Becomes true on Ctrl-C and its like, if there is something to save then. The second time it
/// ends the program at once.
fn stop_when_told(run: &RunOptions) -> Result<Arc<AtomicBool>, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    if run.keep.directory().is_some() {
        let stop = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            if stop.swap(true, Ordering::Relaxed) {
                exit(STOPPED.into());
            }
        })?;
    }
    Ok(stop)
}

fn print(report: &(impl Serialize + std::fmt::Display), json: bool) -> Result<(), Error> {
    let text = if json {
        serde_json::to_string(report)?
    } else {
        report.to_string()
    };
    match writeln!(io::stdout(), "{text}") {
        // Who reads it wants no more.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(format!("the report cannot be written: {error}").into()),
        Ok(()) => Ok(()),
    }
}
