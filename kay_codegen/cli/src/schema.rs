//! `schema`: what actors can be told, and what has changed about it.

mod diff;
mod format;
mod table;

use crate::arguments::PackageArguments;
use crate::error::Error;
use crate::load::load;
use crate::screen::{self, Screen};
use format::SchemaFile;
use serde::Serialize;
use std::path::Path;

/// Prints the messages of a package, or what has changed since a schema was kept.
pub(crate) fn run(
    arguments: &PackageArguments,
    is_json: bool,
    old: Option<&Path>,
    screen: &mut Screen,
) -> Result<bool, Error> {
    // What is wrong with the old one is said before anything is read.
    let old = old.map(SchemaFile::read).transpose()?;
    let Some(package) = load(arguments, &arguments.options())? else {
        return Ok(false);
    };
    let schemas = package
        .crates
        .iter()
        .map(|of_crate| &of_crate.output.schema);
    let new = SchemaFile::new(schemas);
    let Some(old) = old else {
        if is_json {
            screen.text(&json(&new))?;
        } else {
            screen.text(&table::table(&new, screen::width()))?;
        }
        return Ok(true);
    };
    let changes = diff::diff(&old, &new);
    if is_json {
        screen.text(&json(&changes))?;
    } else {
        screen.text(&changes.to_string())?;
    }
    Ok(!changes.break_something())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts, numbers and lists can be written as JSON")
}
