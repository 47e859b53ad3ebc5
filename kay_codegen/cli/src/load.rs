//! Reads a package.

use crate::arguments::PackageArguments;
use crate::error::Error;
use crate::screen;
use kay_codegen::package::{self, PackageOutput};
use kay_codegen::{FileError, Options, Rendering};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Reads the package of some arguments and shows what is wrong with it; `None` if that has to be mended
/// first.
pub(crate) fn load(
    arguments: &PackageArguments,
    options: &Options,
) -> Result<Option<PackageOutput>, Error> {
    let folder = folder(&arguments.path)?;
    let package =
        package::read(&folder, options).map_err(|error| without_package(&folder, error))?;
    let rendering = if anstream::stderr().current_choice() == anstream::ColorChoice::Never {
        Rendering::plain()
    } else {
        Rendering::coloured()
    };
    let columns =
        terminal_size::terminal_size_of(io::stderr()).filter(|_| io::stderr().is_terminal());
    let rendering = match columns {
        Some((width, _)) => rendering.width(width.0.into()),
        None => rendering,
    };
    for diagnostic in package.diagnostics() {
        let text = diagnostic.render(&package.sources, rendering);
        screen::notice(&format!("{text}\n"));
    }
    if !package.has_errors() {
        return Ok(Some(package));
    }
    let errors = package
        .diagnostics()
        .iter()
        .filter(|diagnostic| diagnostic.severity() == kay_codegen::Severity::Error)
        .count();
    let errors = if errors == 1 {
        "an error".to_owned()
    } else {
        format!("{errors} errors")
    };
    screen::error(&format!(
        "`{}` has {errors}; `kay_codegen explain CODE` says more",
        arguments.path.display()
    ));
    Ok(None)
}

/// The name of a package for people: that of its first crate, or its folder.
pub(crate) fn name(package: &PackageOutput) -> String {
    package.crates.first().map_or_else(
        || package.folder().display().to_string(),
        |first| first.target.crate_name.clone(),
    )
}

/// The folder of a package, from that or its `Cargo.toml`.
fn folder(path: &Path) -> Result<PathBuf, Error> {
    let folder = if path.ends_with("Cargo.toml") && path.is_file() {
        // The parent of a bare `Cargo.toml` is the empty path.
        match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        }
    } else {
        path
    };
    let manifest = folder.join("Cargo.toml");
    if !folder.is_dir() {
        let is_here = Path::new("Cargo.toml").is_file();
        // `car::Car` is no path, but one part of one.
        let hint = if is_here && path.components().count() == 1 && !path.exists() {
            format!(", and what to look at comes second: `. {}`", path.display())
        } else {
            String::new()
        };
        let path = path.to_owned();
        return Err(Error::NoSuchFolder { path, hint });
    }
    if !manifest.is_file() {
        let path = folder.to_owned();
        let hint = packages_in(folder);
        return Err(Error::NoPackage { path, hint });
    }
    Ok(folder.to_owned())
}

/// Why a package cannot be read, if it is because its folder is only that of a workspace.
fn without_package(folder: &Path, error: FileError) -> Error {
    let is_workspace = |text: String| {
        text.lines()
            .any(|line| line.trim_start().starts_with("[workspace"))
    };
    if error.path == folder.join("Cargo.toml")
        && error.source.kind() == io::ErrorKind::InvalidData
        && std::fs::read_to_string(&error.path).is_ok_and(is_workspace)
    {
        let path = folder.to_owned();
        let hint = packages_in(folder);
        return Error::OnlyWorkspace { path, hint };
    }
    error.into()
}

/// A hint at the packages in a folder that have generated code, to be put behind an error.
fn packages_in(folder: &Path) -> String {
    let mut found = Vec::new();
    search(folder, 2, &mut found);
    found.sort();
    if found.is_empty() {
        return String::new();
    }
    format!(", such as {}", found.join(", "))
}

fn search(folder: &Path, depth: usize, found: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        let uses_us = std::fs::read_to_string(path.join("build.rs"))
            .is_ok_and(|script| script.contains("kay_codegen"));
        if uses_us && path.join("Cargo.toml").is_file() {
            let path = path.strip_prefix(".").unwrap_or(&path);
            found.push(format!("`{}`", path.display()));
        } else if depth > 0 && !path.ends_with("target") {
            search(&path, depth - 1, found);
        }
    }
}
