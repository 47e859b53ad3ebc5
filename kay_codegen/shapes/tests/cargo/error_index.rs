//! The examples of the error index, all in one package: the mistakes are told by the generator, and
//! by nobody else; what is mended is compiled.

use crate::package::{Package, text};
use std::fs;
use std::path::Path;

const HEAD: &str = "use kay_runtime::prelude::*; kay_auto!();\n";

/// A page with examples of one crate.
struct Page {
    /// `k0005`, as a module is named.
    module: String,
    mistake: String,
    mended: String,
}

fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../errors");
    let mut pages: Vec<Page> = fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let examples: Vec<&str> = text
                .split("```rust\n")
                .skip(1)
                .map(|rest| rest.split_once("\n```\n").unwrap().0)
                .collect();
            // The index has one block of code, other pages none; `//= ` begins one of two crates.
            let [mistake, mended] = examples[..] else {
                return None;
            };
            (!mistake.starts_with("//= ")).then(|| Page {
                module: path.file_stem().unwrap().to_str().unwrap().to_lowercase(),
                mistake: format!("{mistake}\n"),
                mended: format!("{mended}\n"),
            })
        })
        .collect();
    pages.sort_by(|a, b| a.module.cmp(&b.module));
    assert!(pages.len() > 30);
    pages
}

/// Writes an example as a module, and returns its files.
fn write(package: &Package, module: &str, example: &str) -> Vec<(String, String)> {
    let files: Vec<(String, String)> = if example.starts_with("//- ") {
        let files = example.split("//- ").skip(1);
        files
            .map(|file| {
                let (path, text) = file.split_once('\n').unwrap();
                let name = path
                    .strip_prefix("src/")
                    .unwrap()
                    .replace("lib.rs", "mod.rs");
                // Inside a module, the paths of modules are longer.
                let text = text
                    .replace("kay_auto!(", &format!("kay_auto!({module}::"))
                    .replace(&format!("{module}::)"), ")");
                (format!("src/{module}/{name}"), text)
            })
            .collect()
    } else {
        vec![(format!("src/{module}.rs"), format!("{HEAD}{example}"))]
    };
    for (path, text) in &files {
        package.write(path, text);
    }
    files
}

/// What the marks in a file promise: a code and a place.
fn promised(path: &str, text: &str) -> Vec<String> {
    let mut line_number = 0;
    let mut result = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(rest) = line.trim_start().strip_prefix("//") else {
            line_number = number;
            continue;
        };
        let mark = rest.trim_start_matches('<').trim_start();
        if mark.starts_with('^') {
            let column = if rest.starts_with('<') {
                1
            } else {
                line.find('^').unwrap() + 1
            };
            let code = mark.trim_start_matches('^').trim_start();
            let code = code.split(' ').next().unwrap();
            result.push(format!("{code} {path}:{line_number}:{column}"));
        } else {
            line_number = number;
        }
    }
    result
}

/// The codes and places in what Cargo shows.
fn told(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.lines().collect();
    let pairs = lines.windows(2).filter_map(|lines| {
        let [title, place] = lines else { return None };
        let code = title.split_once("[K")?.1.split_once("]: ")?.0;
        let place = place.split_once("--> ")?.1;
        Some(format!("K{code} {place}"))
    });
    pairs.collect()
}

/// Two actors whose names collide in this crate only, and no `kay_auto!()`.
const ROOT: &str = "\
use kay_runtime::prelude::*;
//<^ K0003
#[derive(Compact)]
pub struct CityPoliceStore { id: CityPoliceStoreId }
//         ^^^^^^^^^^^^^^^ K0002
impl CityPoliceStore { pub fn open(&mut self, _: &mut World) {} }
#[derive(Compact)]
pub struct RingForestInspector { id: RingForestInspectorId }
//         ^^^^^^^^^^^^^^^^^^^ K0029
impl RingForestInspector { pub fn inspect(&mut self, _: &mut World) {} }
fn main() {}
";

#[test]
fn all_mistakes_at_once_are_told_by_the_generator_alone() {
    let package = Package::new("city", "");
    let mut expected = Vec::new();
    let mut root = ROOT.to_owned();
    for page in pages() {
        let module = &page.module;
        // What these two need is in the root.
        if module != "k0003" && module != "k0029" {
            for (path, text) in write(&package, module, &page.mistake) {
                expected.extend(promised(&path, &text));
            }
            root.push_str(&format!("mod {module};\n"));
        }
    }
    package.write("src/main.rs", &root);
    expected.extend(promised("src/main.rs", &root));
    let output = package.cargo(&["check"]);
    let output_text = text(&output.stderr);
    assert!(!output.status.success());
    let mut found = told(&output_text);
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "{output_text}");
    let is_of_another = |line: &&str| {
        let ours = "city@0.1.0: ";
        // Cargo says so if it still builds what the package depends on.
        if line.starts_with("warning: build failed, waiting for other jobs") {
            return false;
        }
        (line.starts_with("error: ") || line.starts_with("warning: ")) && !line.contains(ours)
    };
    let others: Vec<&str> = output_text.lines().filter(is_of_another).collect();
    assert_eq!(others, ["error: build script logged errors"]);
    for unwanted in ["error[E", "panicked", "backtrace"] {
        assert!(!output_text.contains(unwanted), "{output_text}");
    }
}

#[test]
fn what_is_mended_is_compiled() {
    let package = Package::new("mended", "");
    let mut root =
        "#![allow(dead_code, unused)]\nkay_runtime::kay_auto!();\nfn main() {}\n".to_owned();
    for page in pages() {
        write(&package, &page.module, &page.mended);
        root.push_str(&format!("mod {};\n", page.module));
    }
    package.write("src/main.rs", &root);
    let output = package.cargo(&["check"]);
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("warning"), "{told}");
}
