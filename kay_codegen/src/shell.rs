//! The thin layer between the generator and Cargo.

use crate::package::{self, PackageOutput};
use crate::{Options, Rendering, Severity};
use build_support::{FileError, OutputFolder, Report};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Generates what the actors of this package need. The one line in the `main` of a
/// `build.rs`:
///
/// ```no_run
/// kay_codegen::build();
/// ```
///
/// Reads the library and the programs of the package, and those of its tests, examples and
/// benchmarks whose root has a `kay_auto!()`. What is wrong with the actors is shown by Cargo, and
/// fails the build.
///
/// # Panics
/// Outside a build script, where Cargo does not say which package it is about.
pub fn build() {
    Options::new().build();
}

impl Options {
    /// As [`build`], with options.
    ///
    /// ```no_run
    /// kay_codegen::Options::new().id_suffix("ID").build();
    /// ```
    ///
    /// # Panics
    /// As [`build`].
    pub fn build(&self) {
        let variable = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: this is to be called from a build script")
            })
        };
        let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
        let output = PathBuf::from(variable("OUT_DIR")).join("kay_auto");
        print!("{}", run(&folder, &output, self));
    }
}

/// Generates for the package in a folder, and says what there is to tell Cargo.
fn run(folder: &Path, output: &Path, options: &Options) -> Report {
    let mut report = Report::default();
    if let Err(error) = try_run(folder, output, options, &mut report) {
        report.error(&error.to_string());
    }
    report
}

fn try_run(
    folder: &Path,
    output: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<(), FileError> {
    let folder_of_output = OutputFolder::open(output)?;
    let package = package::read(folder, options)?;
    for diagnostic in package.diagnostics() {
        let text = diagnostic.render(&package.sources, Rendering::plain());
        match diagnostic.severity() {
            Severity::Error => report.error(&text),
            Severity::Warning => report.warning(&text),
        }
    }
    watch(&package, report);
    if package.has_errors() {
        return Ok(());
    }
    let files: BTreeMap<&str, &str> = package
        .files()
        .map(|file| (file.name.as_str(), file.text.as_str()))
        .collect();
    for (name, text) in &files {
        // What cannot be parsed is left to the compiler, with the output of before.
        if !package.is_incomplete() || !folder_of_output.contains(name) {
            folder_of_output.write(name, text)?;
        }
    }
    if !package.is_incomplete() {
        folder_of_output.keep_only(files.keys().copied())?;
    }
    Ok(())
}

/// Tells Cargo what the package was read from.
fn watch(package: &PackageOutput, report: &mut Report) {
    let mut scanned = BTreeSet::from(["Cargo.toml"]);
    for made in &package.crates {
        scanned.extend(made.output.scanned.iter().map(String::as_str));
        // A module whose file is missing may get one: then it is to be read. Only folders that are
        // there can be watched.
        let missing = made.output.missing.iter();
        let folders = missing.filter_map(|path| Some(path.rsplit_once('/')?.0));
        scanned.extend(folders.filter(|folder| package.package().exists(folder)));
    }
    for path in scanned {
        report.rerun_if_changed(path);
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
