//! Diagnostics as people read them: the source line, underlined.

use super::{Diagnostic, Position, Severity};
use crate::source::Sources;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// How diagnostics are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    is_coloured: bool,
    width: usize,
}

impl Rendering {
    /// Without colours.
    pub fn plain() -> Self {
        Self {
            is_coloured: false,
            width: 140,
        }
    }

    /// With the escape sequences that terminals understand as colours.
    pub fn coloured() -> Self {
        Self {
            is_coloured: true,
            ..Self::plain()
        }
    }

    /// How many columns there are: longer source lines are cut around what is underlined. 140 by
    /// default.
    #[must_use]
    pub fn width(mut self, columns: usize) -> Self {
        self.width = columns;
        self
    }
}

impl Diagnostic {
    /// The diagnostic with the source that it is about, in the way of `rustc`. No line break at
    /// the end.
    ///
    /// ```
    /// use kay_codegen::{Options, Rendering, Root, Sources, generate};
    ///
    /// let sources = Sources::from_iter([("src/lib.rs", "
    /// use kay_runtime::{Compact, World};
    /// kay_runtime::kay_auto!();
    /// #[derive(Compact)]
    /// pub struct Car { speed: f32 }
    /// impl Car { pub fn honk(&self, _: &mut World) {} }
    /// ")]);
    /// let root = Root { crate_name: "city".to_owned(), file: "src/lib.rs".to_owned() };
    /// let output = generate(&root, &sources, &Options::default());
    /// assert_eq!(output.diagnostics[0].render(&sources, Rendering::plain()), "
    /// error[K0005]: `honk` is a handler, but `Car` has no `id` field
    ///  --> src/lib.rs:6:19
    ///   |
    /// 5 | pub struct Car { speed: f32 }
    ///   |            --- this has no `id`
    /// 6 | impl Car { pub fn honk(&self, _: &mut World) {} }
    ///   |                   ^^^^ a public function that ends with `&mut World` handles messages
    ///   |
    ///   = help: add `id: CarId` to the struct
    ///   = help: if it is to be no actor, make the function `pub(crate)`
    /// ".trim());
    /// ```
    pub fn render(&self, sources: &Sources, rendering: Rendering) -> String {
        let level = match self.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str());
        let mut group = self.places(Group::with_title(title.id(self.code.as_str())), sources);
        for note in &self.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        for help in &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = if rendering.is_coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        renderer.term_width(rendering.width).render(&[group])
    }

    /// Adds the places to the title: one piece of source for each file.
    fn places<'a>(&'a self, mut group: Group<'a>, sources: &'a Sources) -> Group<'a> {
        let mut places = vec![Place {
            file: &self.file,
            start: self.start,
            end: self.end,
            annotated: AnnotationKind::Primary,
            label: &self.label,
        }];
        places.extend(self.secondary.as_ref().map(|secondary| Place {
            file: &secondary.file,
            start: secondary.start,
            end: secondary.end,
            annotated: AnnotationKind::Context,
            label: &secondary.label,
        }));
        let in_one_file = places.iter().all(|place| place.file == self.file);
        let pieces = if in_one_file {
            vec![&places[..]]
        } else {
            places.chunks(1).collect()
        };
        for places in pieces {
            let file = places[0].file;
            group = match sources.get(file) {
                Some(text) => group.element(piece(file, text, places)),
                None => group.element(
                    Origin::path(file)
                        .line(places[0].start.line)
                        .char_column(places[0].start.column),
                ),
            };
        }
        group
    }
}

/// Something to be underlined.
struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    annotated: AnnotationKind,
    label: &'a str,
}

/// The lines of a file from the first to the last of some places, which are underlined in it.
fn piece<'a>(file: &'a str, text: &'a str, places: &[Place<'a>]) -> Snippet<'a, Annotation<'a>> {
    // As the parser, which does not count it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = places.iter().map(|place| place.start.line).min();
    let last = places.iter().map(|place| place.end.line).max();
    let (first, last) = (first.unwrap_or(1), last.unwrap_or(1));
    // Only these lines are taken, so that the costs of many findings in one file do not multiply.
    let mut at = 0;
    let mut lines: Vec<(usize, &str)> = Vec::new();
    for (number, line) in (1..=last).zip(text.split_inclusive('\n')) {
        if number >= first {
            lines.push((at, line));
        }
        at += line.len();
    }
    let (begin, end) = (lines.first().map_or(at, |(at, _)| *at), at);
    let byte = |at: Position| match lines.get(at.line - first) {
        Some((start, line)) => start - begin + column(line, at.column),
        None => end - begin,
    };
    let annotation = |place: &Place<'a>| {
        let span: Range<usize> = byte(place.start)..byte(place.end);
        let annotation = place.annotated.span(span);
        if place.label.is_empty() {
            annotation
        } else {
            annotation.label(place.label)
        }
    };
    Snippet::source(&text[begin..end])
        .line_start(first)
        .path(file)
        .annotations(places.iter().map(annotation))
}

/// Where a column begins in a line; at most where the line ends.
fn column(line: &str, column: usize) -> usize {
    let line = line.trim_end_matches(['\r', '\n']);
    let mut starts = line.char_indices().map(|(at, _)| at);
    starts.nth(column - 1).unwrap_or(line.len())
}
