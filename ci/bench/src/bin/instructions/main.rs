//! Counts the instructions of the key paths, and compares them with figures that were committed.
//!
//! Counts, unlike times, are the same however busy a machine is. `ci/instructions` builds this program in
//! several profiles and gives the programs to one of them, which lets callgrind run each on each
//! path.

mod figures;

use std::path::Path as File;
use std::process::{Command, ExitCode};

use figures::Figures;
use kay_bench::paths::PATHS;

const USAGE: &str = "usage: instructions (--check | --renew) FILE PROGRAM.. | --path NUMBER";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &arguments[..] {
        ["--path", number] => take(number),
        ["--check", file, programs @ ..] => check(File::new(file), programs),
        ["--renew", file, programs @ ..] => renew(File::new(file), programs),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What is counted, by its name: callgrind counts while this runs, and not before or after.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

/// Takes a path: what runs under callgrind.
fn take(number: &str) -> Result<(), String> {
    let path = number.parse().ok().and_then(|at: usize| PATHS.get(at));
    let path = path.ok_or_else(|| format!("there is no path {number}"))?;
    counted(&mut *path.prepare());
    Ok(())
}

fn check(file: &File, programs: &[&str]) -> Result<(), String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let before = Figures::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let now = count(programs)?;
    let report = before.compare(&now);
    println!("{}", report.table);
    match &report.complaints[..] {
        [] => Ok(()),
        complaints => Err(format!(
            "{}\n       If that is as it should be, `ci/instructions --renew` writes {} anew.",
            complaints.join("\n       "),
            file.display()
        )),
    }
}

fn renew(file: &File, programs: &[&str]) -> Result<(), String> {
    let text = count(programs)?.to_string();
    print!("{text}");
    std::fs::write(file, text)
        .map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

fn count(programs: &[&str]) -> Result<Figures, String> {
    let profile = |program: &&str| {
        let folder = File::new(program).parent().and_then(File::file_name);
        folder.unwrap_or_default().to_string_lossy().into_owned()
    };
    let mut paths = Vec::new();
    for (number, path) in PATHS.iter().enumerate() {
        let each = programs.iter().map(|program| {
            let count = instructions(program, number)?;
            Ok(count as f64 / path.items as f64)
        });
        paths.push((path.name.to_owned(), each.collect::<Result<_, String>>()?));
    }
    Ok(Figures {
        toolchain: output(Command::new("rustc").arg("-V"))?.0.trim().to_owned(),
        profiles: programs.iter().map(profile).collect(),
        paths,
    })
}

/// The instructions of one portion of a path.
fn instructions(program: &str, path: usize) -> Result<u64, String> {
    let (_, told) = output(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg("--toggle-collect=instructions::counted*")
            .args([program, "--path", &path.to_string()]),
    )?;
    let count = told
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, count)| count.trim().parse().ok());
    match count {
        Some(0) | None => Err(format!("callgrind has counted nothing; it says\n{told}")),
        Some(count) => Ok(count),
    }
}

/// What a command prints, and what it prints to the error stream.
fn output(command: &mut Command) -> Result<(String, String), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?} cannot be run: {error}"))?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let told = text(&output.stderr);
    if !output.status.success() {
        return Err(format!("{command:?} has failed:\n{told}"));
    }
    Ok((text(&output.stdout), told))
}
