//! The error index: every code has a page, and every page keeps its word.
//!
//! `UPDATE_EXPECT=1` writes the marks and the table of contents anew.

mod support;

use expect_test::expect_file;
use kay_codegen::{Code, Severity, explain};
use std::path::{Path, PathBuf};
use support::fixture::marked;
use support::marks::without_marks;

/// What is wrong with a package, not with a source.
const WITHOUT_EXAMPLE: [Code; 4] = [
    Code::NoDependency,
    Code::NotPassedOn,
    Code::OutputClash,
    Code::NotGenerated,
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("errors")
}

/// The blocks of code in a page, with all that is before, between and after them.
fn parts(page: &str) -> Vec<&str> {
    page.split("```rust\n")
        .flat_map(|part| part.split("\n```\n"))
        .collect()
}

#[test]
fn every_example_of_a_mistake_is_refused_with_its_code_and_mended_by_the_other() {
    for &code in Code::ALL {
        let page = code.page();
        let parts = parts(page);
        let [before, mistake, between, mended, ""] = parts[..] else {
            assert!(
                WITHOUT_EXAMPLE.contains(&code),
                "{code} has no two examples"
            );
            continue;
        };
        let (marked_mistake, codes) = marked(&without_marks(&format!("{mistake}\n")), false);
        assert!(!codes.is_empty(), "the example of {code} is refused");
        assert!(
            codes.iter().all(|found| *found == code),
            "{code}: {codes:?}"
        );
        let (_, codes) = marked(&format!("{mended}\n"), false);
        assert_eq!(codes, [], "{code} is mended");
        let page =
            format!("{before}```rust\n{marked_mistake}```\n{between}```rust\n{mended}\n```\n");
        expect_file![folder().join(format!("{code}.md"))].assert_eq(&page);
    }
}

#[test]
fn every_page_has_the_title_of_its_code() {
    for code in Code::ALL {
        let first = format!("# {code}: {}\n\n", code.title());
        assert!(code.page().starts_with(&first), "{code}");
        assert_eq!(explain(code.as_str()), Some(code.page()));
    }
}

#[test]
fn the_index_is_complete() {
    let mut index = "# Error index

What `kay_codegen` finds has a code, and each code has a page: what it means, why it is so, an example
and how to mend it. Examples stand in a module that begins with

```rust
use kay_runtime::prelude::*;
kay_auto!();
```

unless they consist of several files, `//- src/lib.rs`, which have it where it is needed. A line such as
`//= app town` begins a crate `app` that depends on `town`.

| code | | what is found |
|---|---|---|
"
    .to_owned();
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        index.push_str(&format!(
            "| [{code}]({code}.md) | {severity} | {} |\n",
            code.title()
        ));
    }
    expect_file![folder().join("README.md")].assert_eq(&index);
    let pages = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(pages, Code::ALL.len() + 1, "a page belongs to no code");
}
