//! Diagnostics as comments in the source that they are about.
//!
//! ```text
//!     pub fn tick(&mut self, _: &mut World) {}
//!     //     ^^^^ K0005 what is wrong
//!     //          = here: what the underline says
//!     //          = help: what to write instead
//! ```
//!
//! The second place of a diagnostic is underlined with `----`. What begins in the first columns of a
//! line, where the comment itself would be, is marked with `//<^^^`.

use kay_codegen::{Diagnostic, Position};
use std::collections::BTreeMap;

/// A source without its marks.
pub fn without_marks(text: &str) -> String {
    let is_mark = |line: &str| {
        let line = line.trim_start();
        let Some(rest) = line.strip_prefix("//") else {
            return false;
        };
        let marks = rest.trim_start_matches('<').trim_start();
        let goes_on = rest.starts_with(' ') && marks.starts_with("= ");
        marks.starts_with('^') || marks.starts_with("--") || goes_on
    };
    text.split_inclusive('\n')
        .filter(|line| !is_mark(line))
        .collect()
}

/// A source with marks for the diagnostics of its file; the `details` are labels and help.
pub fn with_marks(file: &str, text: &str, all: &[Diagnostic], details: bool) -> String {
    let mut marks: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for found in all {
        if found.file == file {
            let line = lines.get(found.start.line - 1).unwrap_or(&"");
            let (head, indent) = underline(line, '^', found.start, found.end);
            let mut mark = vec![format!("{head} {} {}", found.code, found.message)];
            let label = Some(&found.label).filter(|label| !label.is_empty());
            let texts = label.map(|label| ("here", label)).into_iter();
            let texts = texts.chain(found.notes.iter().map(|note| ("note", note)));
            let texts = texts.chain(found.help.iter().map(|help| ("help", help)));
            if details {
                mark.extend(texts.map(|(kind, text)| format!("{indent} = {kind}: {text}")));
            }
            marks.entry(found.start.line).or_default().extend(mark);
        }
        if let Some(second) = &found.secondary
            && second.file == file
            && details
        {
            let line = lines.get(second.start.line - 1).unwrap_or(&"");
            let (head, _) = underline(line, '-', second.start, second.end);
            let mark = format!("{head} {} {}", found.code, second.label);
            marks.entry(second.start.line).or_default().push(mark);
        }
    }
    let mut result = String::new();
    for (line, number) in lines.iter().zip(1..) {
        result.push_str(line);
        for mark in marks.remove(&number).unwrap_or_default() {
            if !result.ends_with('\n') {
                result.push('\n');
            }
            result.push_str(&mark);
            result.push('\n');
        }
    }
    assert!(marks.is_empty(), "there are no such lines: {marks:?}");
    result
}

/// A comment that underlines part of the line above, and one that goes on below the end of it.
fn underline(line: &str, with: char, start: Position, end: Position) -> (String, String) {
    let length = line.trim_end().chars().count();
    let end = if end.line == start.line {
        end.column
    } else {
        length + 1
    };
    let width = end.saturating_sub(start.column).max(1);
    let marks: String = std::iter::repeat_n(with, width).collect();
    let indent = line.len() - line.trim_start().len();
    let head = if start.column > indent + 3 {
        let between = " ".repeat(start.column - indent - 3);
        format!("{}//{between}", " ".repeat(indent))
    } else if start.column > 2 {
        format!("//{}", " ".repeat(start.column - 3))
    } else {
        "//<".to_owned()
    };
    let slashes = head.find("//").map_or(0, |at| at + 2);
    let rest = " ".repeat(head.len() + width - slashes);
    (
        format!("{head}{marks}"),
        format!("{}{rest}", &head[..slashes]),
    )
}
