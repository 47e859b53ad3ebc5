//! What a build script tells Cargo.

use std::fmt;

/// The lines that a build script prints for Cargo, in the order in which they were added.
///
/// A script that prints `cargo::error=` lines and ends normally fails the build with just those
/// lines; one that panics shows a backtrace that helps nobody.
///
/// ```
/// let mut report = build_support::Report::default();
/// report.rerun_if_changed("src/lib.rs");
/// report.error("src/lib.rs:3:5: no `id`\nadd one");
/// assert_eq!(
///     report.to_string(),
///     "cargo::rerun-if-changed=src/lib.rs\ncargo::error=src/lib.rs:3:5: no `id`\ncargo::error=add one\n"
/// );
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    lines: Vec<String>,
}

impl Report {
    /// Runs the script again when this file, or anything in this folder, changes.
    ///
    /// The path must exist: Cargo runs the script every time for one that does not.
    pub fn rerun_if_changed(&mut self, path: &str) {
        self.add("rerun-if-changed", path);
    }

    /// Passes a value on to the build scripts of the packages that depend on this one. Those find
    /// it in `DEP_NAME_KEY`, where the manifest of this one says `links = "name"`; without that,
    /// nobody does.
    pub fn metadata(&mut self, key: &str, value: &str) {
        self.add("metadata", &format!("{key}={value}"));
    }

    /// Shows a warning with the build.
    pub fn warning(&mut self, message: &str) {
        self.add("warning", message);
    }

    /// Shows an error and fails the build once the script has ended.
    pub fn error(&mut self, message: &str) {
        self.add("error", message);
    }

    // A directive ends with its line: what follows a line break would be lost, or be taken for
    // another directive. So each line is a directive of its own; Cargo shows them one below the
    // other.
    fn add(&mut self, key: &str, value: &str) {
        let lines = value.lines().map(str::trim_end);
        let lines = lines.filter(|line| !line.is_empty());
        self.lines
            .extend(lines.map(|line| format!("cargo::{key}={line}")));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
