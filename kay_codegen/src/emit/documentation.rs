//! The documentation that generated items carry on.

use crate::model::{Model, Placed};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Documentation: a line of its own, then what the source says, then where that stands.
pub(super) fn documentation(
    model: &Model,
    first: &str,
    attributes: &[Attribute],
    placed: Placed,
    span: proc_macro2::Span,
) -> TokenStream {
    let mut lines = vec![first.to_owned()];
    let own = lines_of(attributes);
    if !own.is_empty() {
        lines.push(String::new());
        lines.extend(as_text(&own));
    }
    lines.push(String::new());
    lines.push(format!(
        "Generated from `{}:{}`.",
        model.file(placed),
        span.start().line
    ));
    written(&lines)
}

/// Documentation of one line.
pub(super) fn line(text: &str) -> TokenStream {
    written(&[text.to_owned()])
}

fn written(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!(" {line}")
        }
    });
    quote!(#(#[doc = #lines])*)
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
            let text = text.value();
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
    use super::{as_text, lines_of};
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
}
