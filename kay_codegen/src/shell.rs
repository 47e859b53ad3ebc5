//! The thin layer between the generator and Cargo.

use crate::diagnostics::Severity;
use crate::{Options, Output, Rendering, Root, Sources, generate};
use build_support::{FileError, OutputFolder, Package, Report, Target, TargetKind};
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
    Builder::new().build();
}

/// As [`build`], with options.
///
/// ```no_run
/// kay_codegen::Builder::new().id_suffix("ID").build();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    options: Options,
}

impl Builder {
    /// A builder with the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// See [`Options::id_suffix`].
    #[must_use]
    pub fn id_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.options = self.options.id_suffix(suffix);
        self
    }

    /// Generates.
    ///
    /// # Panics
    /// As [`build`].
    pub fn build(self) {
        let variable = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: this is to be called from a build script")
            })
        };
        let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
        let output = PathBuf::from(variable("OUT_DIR")).join("kay_auto");
        print!(
            "{}",
            run(&folder, &variable("CARGO_PKG_NAME"), &output, &self.options)
        );
    }
}

/// Generates for the package in a folder, and says what there is to tell Cargo.
fn run(folder: &Path, package_name: &str, output: &Path, options: &Options) -> Report {
    let mut report = Report::default();
    let package = Package::new(folder);
    if let Err(error) = try_run(&package, package_name, output, options, &mut report) {
        report.error(&error.to_string());
    }
    report
}

fn try_run(
    package: &Package,
    package_name: &str,
    output: &Path,
    options: &Options,
    report: &mut Report,
) -> Result<(), FileError> {
    let folder = OutputFolder::open(output)?;
    let mut sources = Sources::from_iter(package.rust_files("src")?);
    let mut scanned = BTreeSet::from(["Cargo.toml".to_owned()]);
    let mut files: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut has_errors = false;
    let mut is_incomplete = false;
    for target in package.targets(package_name)? {
        if !is_read(package, &target, &mut sources)? {
            continue;
        }
        let made = generate_all(package, &target, &mut sources, options)?;
        for diagnostic in &made.diagnostics {
            match diagnostic.severity() {
                Severity::Error => report.error(&diagnostic.render(&sources, Rendering::plain())),
                Severity::Warning => {
                    report.warning(&diagnostic.render(&sources, Rendering::plain()))
                }
            }
        }
        has_errors |= made.has_errors();
        is_incomplete |= made.is_incomplete;
        scanned.extend(made.scanned);
        // A module whose file is missing may get one: then it is to be read. Only folders that are
        // there can be watched.
        let folders = made
            .missing
            .iter()
            .filter_map(|path| Some(path.rsplit_once('/')?.0));
        scanned.extend(
            folders
                .filter(|folder| package.exists(folder))
                .map(str::to_owned),
        );
        for file in made.files {
            let root = target.root.clone();
            if let Some((other, text)) = files.get(&file.name)
                && *text != file.text
            {
                has_errors = true;
                report.error(&format!(
                    "{root}:1:1: the crates of `{other}` and `{root}` have one name and both take in \
                     `{}`; keep the actors in one of them, or give the program another name in Cargo.toml",
                    file.name
                ));
            }
            files.insert(file.name, (root, file.text));
        }
    }
    for path in &scanned {
        report.rerun_if_changed(path);
    }
    if has_errors {
        return Ok(());
    }
    for (name, (_, text)) in &files {
        // What cannot be parsed is left to the compiler, with the output of before.
        if !is_incomplete || !folder.contains(name) {
            folder.write(name, text)?;
        }
    }
    if !is_incomplete {
        folder.keep_only(files.keys().map(String::as_str))?;
    }
    Ok(())
}

/// Whether a target can have actors; if so, its root is among the sources afterwards.
fn is_read(package: &Package, target: &Target, sources: &mut Sources) -> Result<bool, FileError> {
    if sources.get(&target.root).is_none() {
        let Some(text) = package.read(&target.root)? else {
            return Ok(false);
        };
        let is_main = matches!(target.kind, TargetKind::Library | TargetKind::Binary);
        if !is_main && !text.contains("kay_auto") {
            return Ok(false);
        }
        sources.insert(&target.root, text);
    }
    Ok(true)
}

/// Generates for one crate, reading the files that its `mod` declarations lead to.
fn generate_all(
    package: &Package,
    target: &Target,
    sources: &mut Sources,
    options: &Options,
) -> Result<Output, FileError> {
    let root = Root {
        crate_name: target.crate_name.clone(),
        file: target.root.clone(),
    };
    loop {
        let output = generate(&root, sources, options);
        let mut is_complete = true;
        for path in &output.missing {
            if let Some(text) = package.read(path)? {
                sources.insert(path, text);
                is_complete = false;
            }
        }
        if is_complete {
            return Ok(output);
        }
    }
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
