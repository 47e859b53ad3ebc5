//! Generic parameters as text.

use super::writer::Writer;
use crate::model::{Generics, Predicates, normalised};

/// The parameters of what is generated, in all the ways in which they are written.
#[derive(Default)]
pub(super) struct Parameters {
    /// `<T, const N: usize>`, as an `impl` declares them.
    pub(super) declared: String,
    /// `<T = u8, const N: usize = 1>`, as a struct declares them.
    pub(super) with_defaults: String,
    /// `<T, N>`.
    pub(super) arguments: String,
    /// Those that are types.
    pub(super) types: Vec<String>,
    /// What each adds to a fingerprint.
    pub(super) hashes: Vec<String>,
    /// What is asked of them: `T: A + B`.
    pub(super) clause: Vec<String>,
}

impl Parameters {
    pub(super) fn new(generics: &Generics) -> Self {
        if generics.is_empty() {
            return Self::default();
        }
        Self {
            declared: normalised(generics.declared()),
            with_defaults: normalised(generics.declared_with_defaults()),
            arguments: normalised(generics.arguments()),
            types: generics.types().map(ToString::to_string).collect(),
            hashes: generics.hashes().into_iter().map(normalised).collect(),
            clause: generics.predicates.written(),
        }
    }

    /// The same under other predicates.
    pub(super) fn with(self, predicates: &Predicates) -> Self {
        Self {
            clause: predicates.written(),
            ..self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }
}

/// The conditions and parameters that several `impl`s have in common.
#[derive(Clone, Copy)]
pub(super) struct Common<'c> {
    pub(super) conditions: &'c [String],
    pub(super) parameters: &'c Parameters,
}

impl Common<'_> {
    /// Begins `impl<T> Trait for Target<T> where .. {`, or `impl<T> Target<T> where .. {`.
    pub(super) fn start(&self, out: &mut Writer, what: &str, target: Option<&str>) {
        out.gap();
        out.attributes(self.conditions);
        let head = ["impl", &self.parameters.declared, " ", what].concat();
        out.head(&head, target, &self.parameters.clause);
    }

    /// A whole `impl`, with lines as [`Writer::lines`] takes them.
    pub(super) fn implement(
        &self,
        out: &mut Writer,
        what: &str,
        target: &str,
        lines: &str,
        values: &[(&str, &str)],
    ) {
        self.start(out, what, Some(target));
        out.lines(lines, values);
        out.close();
    }

    /// An `impl` of a trait without items.
    pub(super) fn mark(&self, out: &mut Writer, what: &str, target: &str) {
        out.gap();
        out.attributes(self.conditions);
        let head = ["impl", &self.parameters.declared, " ", what].concat();
        out.marker(&head, target, &self.parameters.clause);
    }
}

/// A tuple of these types.
pub(super) fn tuple(types: &[String]) -> String {
    match types {
        [one] => format!("({one},)"),
        all => format!("({})", all.join(", ")),
    }
}
