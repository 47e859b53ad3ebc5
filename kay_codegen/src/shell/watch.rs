//! What Cargo is told to watch.

use crate::package::PackageOutput;
use build_support::Report;
use std::collections::BTreeSet;

/// Tells Cargo what the package was read from.
///
/// Never a folder that has other things too, such as `src`: Cargo looks at the times of everything
/// in it, and an editor that opens a file leaves one of its own beside it.
pub(super) fn sources(package: &PackageOutput, report: &mut Report) {
    let mut watched = BTreeSet::from(["Cargo.toml"]);
    for made in &package.crates {
        watched.extend(made.output.scanned.iter().map(String::as_str));
        // A module whose file is missing may get one: then it is to be read.
        let missing = made.output.missing.iter();
        watched.extend(missing.filter_map(|path| nearest_folder(package, path)));
    }
    for path in watched {
        report.rerun_if_changed(path);
    }
    for path in package.read_elsewhere() {
        report.rerun_if_changed(&path.to_string_lossy());
    }
    for folder in package.folders_of_crates() {
        report.rerun_if_changed(folder);
    }
}

/// The innermost folder around a path that is there: what is not there cannot be watched. Never
/// that of the package, which may have the target folder in it.
fn nearest_folder<'a>(package: &PackageOutput, path: &'a str) -> Option<&'a str> {
    let mut path = path;
    loop {
        (path, _) = path.rsplit_once('/')?;
        if path == ".." || path.ends_with("/..") {
            return None;
        }
        if package.package().exists(path) {
            return Some(path);
        }
    }
}
