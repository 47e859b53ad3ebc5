//! The documentation that generated items carry on.

use super::writer::Writer;
use proc_macro2::Span;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Where something was written.
pub(super) struct Origin {
    /// The file.
    pub(super) file: String,
    /// The page of that file, as the page of the generated item reaches it, if both have pages.
    pub(super) page: Option<String>,
}

/// Documentation: a line of its own, then what the source says, then where that stands. What the
/// source calls `Self` is `owner`.
pub(super) fn documentation(
    out: &mut Writer,
    first: &[&str],
    attributes: &[Attribute],
    owner: &str,
    origin: &Origin,
    span: Span,
) {
    out.doc(first);
    let own = lines_of(attributes);
    if !own.is_empty() {
        out.doc(&[]);
        for line in without_self(as_text(&own), owner) {
            out.doc(&[&line]);
        }
    }
    let (file, line) = (&origin.file, span.start().line.to_string());
    out.doc(&[]);
    match &origin.page {
        Some(page) => out.doc(&[
            "Generated from [`",
            file,
            ":",
            &line,
            "`](",
            page,
            "#",
            &line,
            ").",
        ]),
        None => out.doc(&["Generated from `", file, ":", &line, "`."]),
    }
}

/// The first sentence of the documentation, without links: it is shown somewhere else.
pub(super) fn summary(attributes: &[Attribute]) -> String {
    let lines = lines_of(attributes);
    let paragraph: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .take_while(|line| !line.is_empty() && !line.starts_with(['#', '`', '~', '-', '|', '>']))
        .collect();
    let text = unlinked(&paragraph.join(" "));
    match text.find(". ") {
        Some(end) => text[..=end].to_owned(),
        None => text,
    }
}

/// Text with the words of its links, but not where they lead.
fn unlinked(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        let Some(end) = rest[start..].find(']').map(|end| start + end) else {
            break;
        };
        result.push_str(&rest[..start]);
        result.push_str(&rest[start + 1..end]);
        rest = &rest[end + 1..];
        for (open, close) in [('(', ')'), ('[', ']')] {
            if rest.starts_with(open)
                && let Some(end) = rest.find(close)
            {
                rest = &rest[end + 1..];
                break;
            }
        }
    }
    result.push_str(rest);
    result
}

/// The same where links that begin with `Self` name what it was in the source.
fn without_self(mut lines: Vec<String>, owner: &str) -> Vec<String> {
    for line in &mut lines {
        if line.contains("Self") {
            for (before, after) in [
                ("[`", "::"),
                ("[`", "`]"),
                ("[", "::"),
                ("[", "]"),
                ("(", "::"),
                ("(", ")"),
                ("]: ", "::"),
                ("@", "::"),
            ] {
                let from = [before, "Self", after].concat();
                *line = line.replace(&from, &[before, owner, after].concat());
            }
        }
    }
    lines
}

/// The lines of doc comments, without the space that all of them begin with.
fn lines_of(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            // A carriage return ends a line here, but may not stand in one of a comment.
            let text = text.value().replace('\r', "");
            let is_block = text.contains('\n');
            lines.extend(text.split('\n').map(|line| {
                // The lines of `/** .. */` often begin with a star that is decoration.
                let line = line.trim_end();
                let bare = line.trim_start().strip_prefix('*').filter(|_| is_block);
                bare.unwrap_or(line).to_owned()
            }));
        }
    }
    let filled = || lines.iter().filter(|line| !line.is_empty());
    let margin = filled()
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    for line in &mut lines {
        line.drain(..margin.min(line.len()));
    }
    let end = lines
        .iter()
        .rposition(|line| !line.is_empty())
        .map_or(0, |last| last + 1);
    lines.truncate(end);
    let start = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    lines.drain(..start);
    lines
}

/// The same with examples marked as text: they were tests of the source, and would run again.
fn as_text(lines: &[String]) -> Vec<String> {
    let mut result = Vec::new();
    let mut fence: Option<String> = None;
    let mut in_block = false;
    let mut in_list = false;
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let mark: String = trimmed
            .chars()
            .take_while(|c| matches!(c, '`' | '~'))
            .collect();
        if let Some(open) = &fence {
            if mark.starts_with(open.as_str()) && trimmed.trim_end() == mark {
                fence = None;
            }
            result.push(line.clone());
            continue;
        }
        let is_indented = line.starts_with("    ") && !in_list;
        let after_gap = at == 0 || lines[at - 1].is_empty() || in_block;
        if is_indented && after_gap {
            if !in_block {
                result.push("```text".to_owned());
                in_block = true;
            }
            result.push(line[4..].to_owned());
            continue;
        }
        if in_block && !line.is_empty() {
            result.push("```".to_owned());
            in_block = false;
        }
        if mark.len() >= 3 {
            let indent = &line[..line.len() - trimmed.len()];
            let is_rust = is_rust(trimmed[mark.len()..].trim());
            result.push(if is_rust {
                format!("{indent}{mark}text")
            } else {
                line.clone()
            });
            fence = Some(mark);
            continue;
        }
        let is_item = trimmed.starts_with(['-', '*', '+'])
            || trimmed.starts_with(|c: char| c.is_ascii_digit());
        if !line.is_empty() {
            in_list = is_item || in_list && line.starts_with(' ');
        }
        result.push(line.clone());
    }
    if in_block || fence.is_some() {
        result.push(fence.unwrap_or_else(|| "```".to_owned()));
    }
    result
}

/// Whether rustdoc would take a fence with these words for a test.
fn is_rust(words: &str) -> bool {
    words
        .split([',', ' '])
        .filter(|word| !word.is_empty())
        .all(|word| {
            matches!(
                word,
                "rust"
                    | "should_panic"
                    | "no_run"
                    | "ignore"
                    | "compile_fail"
                    | "test_harness"
                    | "standalone_crate"
            ) || word.starts_with("edition")
                || word.starts_with("ignore-")
                || word.starts_with('E') && word[1..].chars().all(|c| c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::{as_text, lines_of, summary, without_self};
    use syn::{ItemStruct, parse_str};

    #[track_caller]
    fn check(source: &str, expected: &[&str]) {
        let item: ItemStruct = parse_str(&format!("{source}\nstruct A;")).unwrap();
        assert_eq!(as_text(&lines_of(&item.attrs)), expected);
    }

    #[test]
    fn doc_comments_of_all_kinds() {
        check("/// One.\n///\n/// Two.", &["One.", "", "Two."]);
        check("/** One.\n * Two.\n */", &["One.", "Two."]);
        check("#[doc = \"One.\"]\n#[doc(hidden)]", &["One."]);
        check("#[derive(Clone)]", &[]);
    }

    #[test]
    fn examples_are_no_tests_of_generated_code() {
        check("/// ```\n/// a();\n/// ```", &["```text", "a();", "```"]);
        check(
            "/// ~~~rust,no_run\n/// a();\n/// ~~~",
            &["~~~text", "a();", "~~~"],
        );
        check(
            "/// ```toml\n/// a = 1\n/// ```\n/// ```",
            &["```toml", "a = 1", "```", "```text", "```"],
        );
        check(
            "/// See:\n///\n///     a();\n///     b();\n///\n/// Done.",
            &["See:", "", "```text", "a();", "b();", "", "```", "Done."],
        );
        check("/// - one\n///\n///     more", &["- one", "", "    more"]);
    }

    #[test]
    fn links_to_the_actor_itself_name_it() {
        let lines = |text: &str| without_self(vec![text.to_owned()], "Car");
        assert_eq!(
            lines("See [`Self::tick`], [Self]."),
            ["See [`Car::tick`], [Car]."]
        );
        assert_eq!(
            lines("[tick](fn@Self::tick) of `Self`"),
            ["[tick](fn@Car::tick) of `Self`"]
        );
        assert_eq!(lines("[tick]: Self::tick"), ["[tick]: Car::tick"]);
    }

    #[track_caller]
    fn check_summary(source: &str, expected: &str) {
        let item: ItemStruct = parse_str(&format!("{source}\nstruct A;")).unwrap();
        assert_eq!(summary(&item.attrs), expected);
    }

    #[test]
    fn a_summary_is_one_sentence_without_links() {
        check_summary("/// A car. It drives.", "A car.");
        check_summary(
            "/// A car\n/// of [`Town`](super::Town)\n///\n/// More.",
            "A car of `Town`",
        );
        check_summary("/// A [car][`Car`] or [`Bus`].", "A car or `Bus`.");
        check_summary("/// # Heading", "");
        check_summary("", "");
    }
}
