//! `graph`: who sends what to whom.

mod arrange;
mod layers;
mod picture;
mod svg;
mod text;

use crate::arguments::{Format, PackageArguments};
use crate::error::Error;
use crate::load::load;
use crate::screen::{self, Screen, counted};
use picture::Picture;
use std::path::Path;

/// Prints the graph of a package, or writes it to a file.
pub(crate) fn run(
    arguments: &PackageArguments,
    format: Option<Format>,
    output: Option<&Path>,
    screen: &mut Screen,
) -> Result<bool, Error> {
    let format = match (format, output) {
        (Some(format), _) => format,
        (None, Some(path)) => by_ending(path).ok_or_else(|| Error::NoFormat {
            path: path.to_owned(),
        })?,
        (None, None) => Format::Dot,
    };
    let options = arguments.options();
    let Some(package) = load(arguments, &options)? else {
        return Ok(false);
    };
    let crates = package.crates.iter();
    let graphs: Vec<_> = crates.map(|of_crate| of_crate.calls(&package)).collect();
    let picture = Picture::new(&graphs);
    let text = match format {
        Format::Dot => text::dot(&picture),
        Format::Mermaid => text::mermaid(&picture),
        Format::Svg => svg::svg(&picture),
    };
    for unknown in &picture.unknown {
        screen::notice(&format!("not known: {unknown}"));
    }
    let Some(path) = output else {
        screen.text(&text)?;
        return Ok(true);
    };
    std::fs::write(path, text).map_err(|source| Error::WriteFile {
        path: path.to_owned(),
        source,
    })?;
    screen.text(&format!(
        "{}: {} and traits, {} on {}",
        path.display(),
        counted(picture.nodes.len(), "actor"),
        counted(picture.messages(), "message"),
        counted(picture.edges.len(), "arrow"),
    ))?;
    Ok(true)
}

/// The format that the name of a file asks for.
fn by_ending(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "dot" | "gv" => Some(Format::Dot),
        "mmd" | "mermaid" => Some(Format::Mermaid),
        "svg" => Some(Format::Svg),
        _ => None,
    }
}
