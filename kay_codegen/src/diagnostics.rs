//! What is wrong with a source, where, and what to write instead.

mod code;
mod render;

pub use code::{Code, Severity, explain};
pub use render::Rendering;

use proc_macro2::Span;
use std::fmt;

/// A place in a text: line and column count from 1, columns in characters, as compilers and
/// editors do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// One finding, at one place.
///
/// The order of diagnostics is the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, relative to the package's folder.
    pub file: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the place after its last character.
    pub end: Position,
    /// What kind of finding it is.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What is to be seen at the place itself; may be empty.
    pub label: String,
    /// Why it is wrong.
    pub notes: Vec<String>,
    /// What to write instead.
    pub help: Vec<String>,
    /// Another place that has to do with it.
    pub secondary: Option<Secondary>,
}

/// A second place of a [`Diagnostic`], such as the one where a name was used first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secondary {
    /// The file, relative to the package's folder.
    pub file: String,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the place after its last character.
    pub end: Position,
    /// What is to be seen there.
    pub label: String,
}

impl Diagnostic {
    pub(crate) fn new(code: Code, file: &str, span: Span, message: impl Into<String>) -> Self {
        let (start, end) = positions(span);
        Self {
            file: file.to_owned(),
            start,
            end,
            code,
            message: message.into(),
            label: String::new(),
            notes: Vec::new(),
            help: Vec::new(),
            secondary: None,
        }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(crate) fn secondary(mut self, file: &str, span: Span, label: impl Into<String>) -> Self {
        let (start, end) = positions(span);
        self.secondary = Some(Secondary {
            file: file.to_owned(),
            start,
            end,
            label: label.into(),
        });
        self
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// One line: `src/car.rs:5:12: [K0005] what is wrong; what to write instead`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, message, .. } = self;
        let Position { line, column } = self.start;
        write!(f, "{file}:{line}:{column}: [{}] {message}", self.code)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

fn positions(span: Span) -> (Position, Position) {
    let [start, end] = [span.start(), span.end()].map(|at| Position {
        // A span of no text, as for a file as a whole, is its beginning.
        line: at.line.max(1),
        column: at.column + 1,
    });
    (start, end.max(start))
}

/// Everything that was found, from all phases.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// All findings, each once, by place.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
