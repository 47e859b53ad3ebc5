//! What is wrong with a source, where, and what to write instead.

use proc_macro2::Span;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated until it is mended.
    Error,
    /// Something is probably not as it was meant.
    Warning,
}

/// One finding, at one place.
///
/// The order of diagnostics is the order of their places. Lines and columns count from 1, columns
/// in characters, as compilers and editors do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, relative to the package's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            help,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {message}; {help}")
    }
}

/// Everything that was found, from all phases.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn error(
        &mut self,
        file: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Error, file, span, message.into(), help.into());
    }

    pub(crate) fn warning(
        &mut self,
        file: &str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Severity::Warning, file, span, message.into(), help.into());
    }

    fn add(&mut self, severity: Severity, file: &str, span: Span, message: String, help: String) {
        let start = span.start();
        self.found.push(Diagnostic {
            file: file.to_owned(),
            line: start.line,
            column: start.column + 1,
            severity,
            message,
            help,
        });
    }

    /// All findings, each once, by place.
    pub(crate) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort();
        self.found.dedup();
        self.found
    }
}
