//! The thin layer between the generator and Cargo.

mod output;
mod passing;
mod watch;

use crate::package;
use crate::{Options, Rendering, Severity};
use build_support::{FileError, Report};
use std::io::Write;
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
/// What is generated goes to `OUT_DIR/kay_auto`, where `kay_auto!()` takes it in, and for people
/// to look at into `target/kay_auto`: for a module `city::car` to `target/kay_auto/city/car.rs`.
///
/// Ends the process with a message if it is not called from a build script.
pub fn build() {
    Options::new().build();
}

impl Options {
    /// As [`build()`], with options.
    ///
    /// ```no_run
    /// kay_codegen::Options::new().id_suffix("ID").build();
    /// ```
    pub fn build(&self) {
        let variable = |name: &str| {
            std::env::var_os(name).map(PathBuf::from).unwrap_or_else(|| {
                fail(&format!(
                    "{name} is not set: `kay_codegen::build()` is to be called from a build script"
                ))
            })
        };
        let folder = variable("CARGO_MANIFEST_DIR");
        let options = passing::received(self.clone(), std::env::vars_os());
        let report = run(&folder, &variable("OUT_DIR"), &options).to_string();
        if let Err(error) = std::io::stdout().write_all(report.as_bytes()) {
            fail(&format!("cannot tell Cargo what was generated: {error}"));
        }
    }
}

/// Ends the process without a panic: its backtrace would say nothing about what is wrong.
fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(1)
}

/// Generates for the package in a folder, and says what there is to tell Cargo.
fn run(folder: &Path, out_dir: &Path, options: &Options) -> Report {
    let mut report = Report::default();
    if let Err(error) = try_run(folder, out_dir, options, &mut report) {
        report.error(&error.to_string());
    }
    report
}

fn try_run(
    folder: &Path,
    out_dir: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<(), FileError> {
    let package = package::read(folder, options)?;
    for diagnostic in package.diagnostics() {
        let text = diagnostic.render(&package.sources, Rendering::plain());
        match diagnostic.severity() {
            Severity::Error => report.error(&text),
            Severity::Warning => report.warning(&text),
        }
    }
    watch::sources(&package, report);
    if package.has_errors() {
        if let Some(first) = package.diagnostics().first() {
            report.error(&format!(
                "for more about a code, for example: kay_codegen explain {}",
                first.code
            ));
        }
        return Ok(());
    }
    output::write(&package, out_dir, report)
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
