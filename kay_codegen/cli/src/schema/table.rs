//! The schema as a table for people.

use super::format::{Message, SchemaFile};
use crate::screen::{FAINT, HEADING, counted, styled};
use std::fmt::Write;

/// What a row has to say about a message.
struct Row {
    /// The numbers of its handlers.
    ids: String,
    /// Its name and parameters, in pieces between which the line may break.
    pieces: Vec<String>,
    fingerprint: String,
    /// Its line, and before it the file, if that is another one than the receiver's.
    place: String,
}

/// A receiver and its messages.
struct Section {
    name: String,
    /// What it is, and where it stands.
    notes: Vec<String>,
    rows: Vec<Row>,
}

/// The narrowest that names and parameters are squeezed to.
const NARROWEST: usize = 24;
/// The spaces between columns.
const GAP: &str = "  ";

/// All messages by their receivers, in lines of so many columns; `None` for lines as long as they are.
pub(super) fn table(schema: &SchemaFile, width: Option<usize>) -> String {
    let sections = sections(schema);
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let ids = rows()
        .map(|row| row.ids.chars().count())
        .chain([2])
        .max()
        .unwrap_or(0);
    let natural = rows()
        .map(|row| whole(&row.pieces).chars().count())
        .max()
        .unwrap_or(0);
    let places = rows()
        .map(|row| row.place.chars().count())
        .max()
        .unwrap_or(0);
    // Numbers, fingerprint and place need their room; names and parameters get the rest of it.
    let fixed = ids + 16 + places + 4 * GAP.len();
    let message = width.map_or(natural, |width| {
        width.saturating_sub(fixed).max(NARROWEST).min(natural)
    });
    let mut text = String::new();
    for section in &sections {
        text.push_str(&heading(section, width));
        for row in &section.rows {
            for (at, line) in broken(&row.pieces, message).into_iter().enumerate() {
                let _ = if at > 0 {
                    writeln!(text, "{GAP}{:ids$}{GAP}{line}", "")
                } else {
                    let room = message.saturating_sub(line.chars().count());
                    let rest = format!("{}{GAP}{}", row.fingerprint, row.place);
                    let rest = styled(FAINT, &rest);
                    writeln!(
                        text,
                        "{GAP}{:>ids$}{GAP}{line}{:room$}{GAP}{rest}",
                        row.ids, ""
                    )
                };
            }
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "{} of {} and {} in `{}`",
        counted(schema.messages.len(), "message"),
        counted(schema.actors.len(), "actor"),
        counted(schema.traits.len(), "actor trait"),
        schema.crate_name
    );
    if schema
        .messages
        .iter()
        .any(|m| m.handlers.iter().any(|h| h.id.is_none()))
    {
        text.push_str(
            "A number is `?` where conditions, type arguments or other crates decide about it.\n",
        );
    }
    text
}

/// The receivers with their messages.
fn sections(schema: &SchemaFile) -> Vec<Section> {
    let rows = |path: &str, file: &str| -> Vec<Row> {
        let own = schema.messages.iter().filter(|message| {
            message
                .path
                .rsplit_once("::")
                .is_some_and(|(of, _)| of == path)
        });
        own.map(|message| row(message, file)).collect()
    };
    let is_a = |traits: &[String]| -> Vec<String> {
        traits.iter().map(|of| format!("is a {of}")).collect()
    };
    let mut sections = Vec::new();
    for actor in &schema.actors {
        let number = actor.id.map(|id| format!(" {id}")).unwrap_or_default();
        let place = format!("{}:{}", actor.file, actor.line);
        sections.push(Section {
            name: format!("{}{}", actor.receiver, generics(&actor.generics)),
            notes: [
                vec![format!("actor{number}")],
                is_a(&actor.implements),
                actor.conditions.clone(),
                vec![place],
            ]
            .concat(),
            rows: rows(&actor.path, &actor.file),
        });
    }
    for of_trait in &schema.traits {
        let place = format!("{}:{}", of_trait.file, of_trait.line);
        sections.push(Section {
            name: format!("{}{}", of_trait.receiver, generics(&of_trait.generics)),
            notes: [
                vec!["trait".to_owned()],
                is_a(&of_trait.supertraits),
                of_trait.conditions.clone(),
                vec![place],
            ]
            .concat(),
            rows: rows(&of_trait.path, &of_trait.file),
        });
    }
    sections
}

/// The line above the messages of a receiver, or the lines that it takes.
fn heading(section: &Section, width: Option<usize>) -> String {
    let mut text = styled(HEADING, &section.name);
    let mut used = section.name.chars().count();
    for note in &section.notes {
        let length = note.chars().count();
        if width.is_some_and(|width| used + GAP.len() + length > width) {
            text.push_str("\n    ");
            used = 4 + length;
        } else {
            text.push_str(GAP);
            used += GAP.len() + length;
        }
        text.push_str(&styled(FAINT, note));
    }
    text.push('\n');
    text
}

fn generics(parameters: &[String]) -> String {
    if parameters.is_empty() {
        String::new()
    } else {
        format!("<{}>", parameters.join(", "))
    }
}

fn row(message: &Message, file: &str) -> Row {
    let ids = message.handlers.iter().map(|handler| match handler.id {
        Some(id) => id.to_string(),
        None => "?".to_owned(),
    });
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    let mut pieces = vec![format!("{}(", message.name)];
    let parameters = message.shown_parameters();
    let last = parameters.len().saturating_sub(1);
    for (at, parameter) in parameters.iter().enumerate() {
        let comma = if at < last { ", " } else { "" };
        pieces.push(format!("{parameter}{comma}"));
    }
    let end = match (&*message.kind, message.returns_fate) {
        ("spawner", _) => ") -> Self",
        (_, true) => ") -> Fate",
        _ => ")",
    };
    if let Some(last) = pieces.last_mut() {
        last.push_str(end);
    }
    if message.essential {
        pieces.push(" #[essential]".to_owned());
    }
    pieces.extend(
        message
            .conditions
            .iter()
            .map(|condition| format!(" {condition}")),
    );
    Row {
        ids: ids.join(","),
        pieces,
        fingerprint: message.fingerprint.trim_start_matches("0x").to_owned(),
        place: if message.file == file {
            format!(":{}", message.line)
        } else {
            format!("{}:{}", message.file, message.line)
        },
    }
}

fn whole(pieces: &[String]) -> String {
    pieces.concat()
}

/// Pieces in lines of at most so many columns, where that can be.
fn broken(pieces: &[String], width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces {
        let last = lines.last().map_or(0, |line| line.chars().count());
        let own = piece.trim_end().chars().count();
        if last > 0 && last + own > width {
            lines.push(format!("    {}", piece.trim_start()));
        } else if let Some(line) = lines.last_mut() {
            line.push_str(piece);
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn lines_break_between_parameters() {
        let pieces = ["drive(", "ahead: u16, ", "follower: Option<CarId>)"].map(str::to_owned);
        assert_eq!(
            broken(&pieces, 99),
            ["drive(ahead: u16, follower: Option<CarId>)"]
        );
        assert_eq!(
            broken(&pieces, 20),
            ["drive(ahead: u16,", "    follower: Option<CarId>)"]
        );
    }
}
