//! `demo_sim`: see `demo_sim --help`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use demo_sim::options::{Command, Options};
use demo_sim::{Error, city, ring};
use serde::Serialize;

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match &options.command {
        None => city::report::run(&options.city)
            .and_then(|report| print(&report, options.city.run.json)),
        Some(Command::Ring(ring)) => {
            ring::report::run(ring).and_then(|report| print(&report, ring.run.json))
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(report: &(impl Serialize + std::fmt::Display), json: bool) -> Result<(), Error> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        println!("{report}");
    }
    Ok(())
}
