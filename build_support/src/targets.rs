//! The crates that a package builds.

use crate::manifest::{declared, is_discovered};
use crate::package::slashed;
use std::collections::BTreeMap;
use std::path::Path;

/// What a crate root is built as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetKind {
    /// The library.
    Library,
    /// A program.
    Binary,
    /// An example.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Benchmark,
}

/// One crate of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// What it is built as.
    pub kind: TargetKind,
    /// The name by which code knows the crate: with `_`, never with `-`.
    pub crate_name: String,
    /// The root file, relative to the package's folder.
    pub root: String,
}

impl TargetKind {
    /// The kind whose crates a section of the manifest names.
    pub(crate) fn of_section(section: &str) -> Option<Self> {
        Some(match section {
            "lib" => Self::Library,
            "bin" => Self::Binary,
            "example" => Self::Example,
            "test" => Self::Test,
            "bench" => Self::Benchmark,
            _ => return None,
        })
    }

    fn folder(self) -> Option<&'static str> {
        match self {
            Self::Library => None,
            Self::Binary => Some("src/bin"),
            Self::Example => Some("examples"),
            Self::Test => Some("tests"),
            Self::Benchmark => Some("benches"),
        }
    }
}

/// Finds the targets as Cargo does: those of the manifest, and those of the conventional places.
pub(crate) fn find(manifest: &str, package_name: &str, folder: &Path) -> Vec<Target> {
    let mut targets = Vec::new();
    let declared = declared(manifest);
    let mut add = |kind, name: &str, root: String| {
        if folder.join(&root).is_file() {
            targets.push(Target {
                kind,
                crate_name: name.replace('-', "_"),
                root,
            });
        }
    };

    for kind in [TargetKind::Library, TargetKind::Binary] {
        let default = if kind == TargetKind::Library {
            "src/lib.rs"
        } else {
            "src/main.rs"
        };
        let mut is_declared = false;
        for (_, name, path) in declared.iter().filter(|(of, ..)| *of == kind) {
            let name = name.as_deref().unwrap_or(package_name);
            let path = path.clone().unwrap_or_else(|| {
                if kind == TargetKind::Library || name == package_name {
                    default.to_owned()
                } else {
                    conventional(folder, "src/bin", name)
                }
            });
            is_declared |= path == default;
            add(kind, name, path);
        }
        if is_discovered(manifest, kind)
            && !is_declared
            && (kind != TargetKind::Library || declared.iter().all(|d| d.0 != kind))
        {
            add(kind, package_name, default.to_owned());
        }
    }
    for kind in [
        TargetKind::Binary,
        TargetKind::Example,
        TargetKind::Test,
        TargetKind::Benchmark,
    ] {
        let place = kind.folder().expect("all but the library have a folder");
        let mut found = BTreeMap::new();
        if is_discovered(manifest, kind) {
            found = discovered(folder, place);
        }
        for (_, name, path) in declared.iter().filter(|(of, ..)| *of == kind) {
            let Some(name) = name else { continue };
            let path = path
                .clone()
                .unwrap_or_else(|| conventional(folder, place, name));
            found.retain(|_, root| *root != path);
            found.insert(name.clone(), path);
        }
        for (name, root) in found {
            add(kind, &name, root);
        }
    }
    targets.sort();
    targets.dedup_by(|a, b| (a.kind, &a.root) == (b.kind, &b.root));
    targets
}

/// `folder/name.rs`, or `folder/name/main.rs` if only that is there.
fn conventional(package: &Path, folder: &str, name: &str) -> String {
    let nested = format!("{folder}/{name}/main.rs");
    if package.join(&nested).is_file() {
        nested
    } else {
        format!("{folder}/{name}.rs")
    }
}

/// The targets that Cargo finds by itself in one of its folders, by name.
fn discovered(package: &Path, folder: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(package.join(folder)) else {
        return found;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_crate = path.extension().is_some_and(|extension| extension == "rs")
            || path.join("main.rs").is_file();
        if let (true, Some(name), Some(file)) = (
            is_crate,
            path.file_stem().and_then(|s| s.to_str()),
            path.file_name(),
        ) {
            let mut root = Path::new(folder).join(file);
            if path.is_dir() {
                root.push("main.rs");
            }
            if let Some(root) = slashed(&root) {
                found.insert(name.to_owned(), root);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Target, find};
    use std::fs;

    fn targets(manifest: &str, files: &[&str]) -> Vec<String> {
        let temporary = tempfile::tempdir().unwrap();
        for file in files {
            let path = temporary.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let show = |Target {
                        kind,
                        crate_name,
                        root,
                    }| format!("{kind:?} {crate_name} {root}");
        find(manifest, "my-city", temporary.path())
            .into_iter()
            .map(show)
            .collect()
    }

    #[test]
    fn a_library_and_a_program() {
        assert_eq!(
            targets(
                "[package]\nname = \"my-city\"",
                &["src/lib.rs", "src/main.rs"]
            ),
            ["Library my_city src/lib.rs", "Binary my_city src/main.rs"]
        );
    }

    #[test]
    fn other_programs_tests_and_examples() {
        assert_eq!(
            targets(
                "",
                &[
                    "src/bin/a.rs",
                    "src/bin/b/main.rs",
                    "tests/t.rs",
                    "examples/e-f.rs"
                ]
            ),
            [
                "Binary a src/bin/a.rs",
                "Binary b src/bin/b/main.rs",
                "Example e_f examples/e-f.rs",
                "Test t tests/t.rs"
            ]
        );
    }

    #[test]
    fn names_and_paths_of_the_manifest() {
        let manifest = "
            [lib] # the library
            name = \"city\"
            path = 'source/city.rs'
            [[bin]]
            name = \"run\" # its name
            path = \"src/main.rs\"
            [dependencies]
            name = \"1\"
        ";
        assert_eq!(
            targets(manifest, &["source/city.rs", "src/main.rs"]),
            ["Library city source/city.rs", "Binary run src/main.rs"]
        );
    }

    #[test]
    fn crates_that_cargo_is_not_to_look_for() {
        let manifest =
            "package.autobins = false\n[package]\nautotests = false\n[[test]]\nname = \"b\"";
        assert_eq!(
            targets(
                manifest,
                &[
                    "src/main.rs",
                    "src/bin/a.rs",
                    "tests/a.rs",
                    "tests/b.rs",
                    "benches/a.rs"
                ]
            ),
            ["Test b tests/b.rs", "Benchmark a benches/a.rs"]
        );
    }

    #[test]
    fn a_declared_program_in_the_conventional_place() {
        assert_eq!(
            targets(
                "[[bin]]\nname = \"a\"\n[[bin]]\nname = \"my-city\"",
                &["src/bin/a.rs", "src/main.rs"]
            ),
            ["Binary a src/bin/a.rs", "Binary my_city src/main.rs"]
        );
    }
}
