//! `check`: whether what was committed is up to date.

use crate::arguments::PackageArguments;
use crate::error::Error;
use crate::load::{load, name};
use crate::screen::{self, Screen, counted};
use kay_codegen::package::{Change, ChangeKind, PackageOutput};
use std::fmt::Write;

/// Compares the files in the source tree with what would be generated.
pub(crate) fn run(
    arguments: &PackageArguments,
    in_source_tree: bool,
    screen: &mut Screen,
) -> Result<bool, Error> {
    let options = arguments.options();
    let Some(package) = load(arguments, &options.clone().in_source_tree())? else {
        return Ok(false);
    };
    if package.is_incomplete() {
        screen::error("nothing can be compared before the sources can be parsed");
        return Ok(false);
    }
    let changes = package.changes()?;
    let wanted = package
        .files()
        .filter(|file| package.place(file).is_some())
        .count();
    let is_committed =
        changes.len() < wanted || changes.iter().any(|c| c.kind != ChangeKind::Missing);
    let name = name(&package);
    if !in_source_tree && !is_committed {
        screen.text(&format!(
            "{name}: the sources are fine: {}",
            summary(&package)
        ))?;
        screen
            .text("No generated file is kept in the source tree: there is nothing to compare.")?;
        return Ok(true);
    }
    if changes.is_empty() {
        let files = counted(wanted, "generated file");
        screen.text(&format!(
            "{name}: {files} up to date: {}",
            summary(&package)
        ))?;
        return Ok(true);
    }
    screen.text(&format!(
        "{name}: {} of the source tree not up to date:",
        counted(changes.len(), "generated file")
    ))?;
    for change in &changes {
        screen.text(&shown(&package, change)?)?;
    }
    let manifest = package.folder().join("Cargo.toml");
    screen.text(&format!(
        "`cargo check --manifest-path {}` brings them up to date.",
        manifest.display()
    ))?;
    Ok(false)
}

fn summary(package: &PackageOutput) -> String {
    let schemas = || {
        package
            .crates
            .iter()
            .map(|of_crate| &of_crate.output.schema)
    };
    let actors = schemas().map(|schema| schema.actors.len()).sum();
    let traits = schemas().map(|schema| schema.traits.len()).sum();
    let messages = schemas().map(|schema| schema.messages.len()).sum();
    format!(
        "{}, {}, {}",
        counted(actors, "actor"),
        counted(traits, "actor trait"),
        counted(messages, "message")
    )
}

/// What is to be done with a file, and the first line that differs.
fn shown(package: &PackageOutput, change: &Change) -> Result<String, Error> {
    let file = &change.file;
    let (word, style) = match change.kind {
        ChangeKind::Missing => ("missing", screen::ERROR),
        ChangeKind::Differs => ("differs", screen::CHANGED),
        ChangeKind::Stale => ("stale", screen::CHANGED),
    };
    let mut text = format!("  {} {file}", screen::styled(style, &format!("{word:<7}")));
    if change.kind == ChangeKind::Stale {
        text.push_str(": nothing is generated for it any more");
    }
    let new = package
        .files()
        .find(|new| package.place(new).as_deref() == Some(file));
    if let (ChangeKind::Differs, Some(new)) = (change.kind, new) {
        let path = package.folder().join(file);
        let old = std::fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
        let (line, old, new) = first_difference(&old, &new.text);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            ":{line}\n          is        {old}\n          should be {new}"
        );
    }
    Ok(text)
}

/// The first line that differs, with its number; `(end)` where one text has ended.
fn first_difference<'t>(old: &'t str, new: &'t str) -> (usize, &'t str, &'t str) {
    let (mut old, mut new) = (old.lines(), new.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => {}
            (old, new) => {
                let shown = |text: Option<&'t str>| text.map_or("(end)", str::trim);
                return (line, shown(old), shown(new));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_line_that_differs() {
        assert_eq!(first_difference("a\n b\n", "a\nc\nd"), (2, "b", "c"));
        assert_eq!(first_difference("a\n", "a\nb\n"), (2, "(end)", "b"));
        assert_eq!(first_difference("a\nb", ""), (1, "a", "(end)"));
    }
}
