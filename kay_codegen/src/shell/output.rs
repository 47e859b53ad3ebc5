//! Writing what is generated to its places.

use super::passing;
use crate::emit::GeneratedFile;
use crate::package::{ChangeKind, PackageOutput};
use build_support::{FileError, OutputFolder, Report, SharedFolder, Writer};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

/// The name of the folder that output goes to, in `OUT_DIR` and in the target folder.
const FOLDER: &str = "kay_auto";

/// Writes everything, and tells Cargo of it: what is deleted or changed by hand is generated again.
pub(super) fn write(
    package: &PackageOutput,
    out_dir: &Path,
    report: &mut Report,
) -> Result<(), FileError> {
    let writer = Writer::open(out_dir.join("kay_auto.new"), newest(package))?;
    in_source_tree(package, &writer, report)?;
    included(package, &out_dir.join(FOLDER), &writer, report)?;
    passing::pass_on(package, out_dir, &writer, report)?;
    if let Err(error) = copies(package, out_dir, &writer, report) {
        // They are for people: nothing that is built needs them.
        report.warning(&format!(
            "{error}; what is generated can be seen in {} only",
            out_dir.join(FOLDER).display()
        ));
    }
    Ok(())
}

/// The time of the newest file that the outputs are made from.
fn newest(package: &PackageOutput) -> SystemTime {
    let scanned = package.crates.iter().flat_map(|c| &c.output.scanned);
    scanned
        .filter_map(|file| {
            let data = package.folder().join(file).metadata();
            data.and_then(|data| data.modified()).ok()
        })
        .max()
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The files beside the sources.
fn in_source_tree(
    package: &PackageOutput,
    writer: &Writer,
    report: &mut Report,
) -> Result<(), FileError> {
    let places = package.places();
    for change in package.changes()? {
        let path = package.folder().join(&change.file);
        match (change.kind, places.get(&change.file)) {
            // What cannot be parsed is left to the compiler, with the output of before.
            (ChangeKind::Differs | ChangeKind::Stale, _) if package.is_incomplete() => {}
            (_, Some(file)) => _ = writer.write(&path, &file.text)?,
            (_, None) => writer.remove(&path)?,
        }
    }
    places
        .keys()
        .for_each(|place| report.rerun_if_changed(place));
    Ok(())
}

/// The files that `kay_auto!()` takes in.
fn included(
    package: &PackageOutput,
    folder: &Path,
    writer: &Writer,
    report: &mut Report,
) -> Result<(), FileError> {
    let files = package.files().map(|file| {
        let text = match package.place(file) {
            Some(place) => format!(
                "// What is generated for this module stands beside its source.\n\
                 include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?}));\n",
                format!("/{place}")
            ),
            None => file.text.clone(),
        };
        (file.name.clone(), text)
    });
    fill(package, folder, &files.collect(), writer, report)
}

/// The copies that people find in the target folder: `city/car.rs` for `city::car`.
fn copies(
    package: &PackageOutput,
    out_dir: &Path,
    writer: &Writer,
    report: &mut Report,
) -> Result<(), FileError> {
    let shared = SharedFolder::open(out_dir, FOLDER, package.folder())?;
    let Some(mut shared) = shared else {
        return Ok(());
    };
    // A library and a program of one name have one folder.
    let mut crates: BTreeMap<&str, Vec<&GeneratedFile>> = BTreeMap::new();
    for made in &package.crates {
        if !made.output.files.is_empty() {
            let files = crates.entry(&made.target.crate_name).or_default();
            files.extend(&made.output.files);
        }
    }
    let package_name = package.package().name()?;
    let mut names = Vec::new();
    for (krate, files) in crates {
        let name = shared.take(krate, &format!("{package_name}.{krate}"));
        let mut inner = BTreeMap::new();
        for file in files {
            let path = file.module().replace("r#", "").replace("::", "/");
            match path.split_once('/') {
                Some((_, inside)) => _ = inner.insert(format!("{inside}.rs"), file.text.clone()),
                None => {
                    let root = shared.path().join(format!("{name}.rs"));
                    if !package.is_incomplete() || !root.is_file() {
                        writer.write(&root, &file.text)?;
                    }
                    watch(&root, report);
                }
            }
        }
        fill(package, &shared.path().join(&name), &inner, writer, report)?;
        names.push(name);
    }
    if !package.is_incomplete() {
        for name in shared.keep_only(&names) {
            writer.remove(&shared.path().join(format!("{name}.rs")))?;
            OutputFolder::new(shared.path().join(name)).keep_only(writer, [])?;
        }
    }
    shared.close(writer)
}

/// Lets a folder hold these files, by name, and nothing else.
fn fill(
    package: &PackageOutput,
    folder: &Path,
    files: &BTreeMap<String, String>,
    writer: &Writer,
    report: &mut Report,
) -> Result<(), FileError> {
    let folder = OutputFolder::new(folder);
    for (name, text) in files {
        // What cannot be parsed is left to the compiler, with the output of before.
        if !package.is_incomplete() || !folder.contains(name) {
            folder.write(writer, name, text)?;
        }
        watch(&folder.path().join(name), report);
    }
    if !package.is_incomplete() {
        folder.keep_only(writer, files.keys().map(String::as_str))?;
    }
    Ok(())
}

/// Lets Cargo watch an output. It can be told only of paths that are text.
fn watch(path: &Path, report: &mut Report) {
    if let Some(path) = path.to_str() {
        report.rerun_if_changed(path);
    }
}
