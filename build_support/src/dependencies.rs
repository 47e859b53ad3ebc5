//! The packages that a package depends on.

use crate::toml::{Entry, entries};
use std::path::{Path, PathBuf};

/// Which crates of a package a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyKind {
    /// All of them.
    Normal,
    /// Tests, examples and benchmarks.
    Development,
}

/// A dependency, as a manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Which crates it is for.
    pub kind: DependencyKind,
    /// The name of the package.
    pub package: String,
    /// The name that code knows its library by, if the manifest gives it another.
    pub renamed: Option<String>,
    /// The folder of the package, if it is on this disk.
    pub folder: Option<PathBuf>,
    /// The features that are asked for, `default` among them unless they are switched off.
    pub features: Vec<String>,
    /// The manifest of the workspace, if that says what the package is.
    pub workspace: Option<PathBuf>,
}

/// Reads the dependencies of the package in a folder from its manifest.
pub(crate) fn find(manifest: &str, folder: &Path) -> Vec<Dependency> {
    let entries = entries(manifest);
    let mut keys: Vec<(DependencyKind, &[String])> = Vec::new();
    for (path, _) in &entries {
        let start = match path.first().map(String::as_str) {
            Some("target") => 2,
            _ => 0,
        };
        let kind = match path.get(start).map(String::as_str) {
            Some("dependencies") => DependencyKind::Normal,
            Some("dev-dependencies") => DependencyKind::Development,
            _ => continue,
        };
        let Some(key) = path.get(..start + 2) else {
            continue;
        };
        if !keys.contains(&(kind, key)) {
            keys.push((kind, key));
        }
    }
    keys.sort();
    let mut shared: Option<Option<(PathBuf, Vec<Entry>)>> = None;
    let mut found = Vec::new();
    for (kind, path) in keys {
        let key = &path[path.len() - 1];
        let mut package = field(&entries, path, "package").cloned();
        let mut at = field(&entries, path, "path").map(|path| folder.join(path));
        let mut features = features(&entries, path);
        let mut workspace = None;
        if field(&entries, path, "workspace").is_some_and(|value| value == "true")
            && let Some((manifest, entries)) =
                shared.get_or_insert_with(|| workspace_of(&entries, folder))
        {
            let path = ["workspace", "dependencies", key].map(str::to_owned);
            package = field(entries, &path, "package").cloned();
            let root = manifest.parent().unwrap_or(folder);
            at = field(entries, &path, "path").map(|path| root.join(path));
            features.extend(self::features(entries, &path));
            workspace = Some(manifest.clone());
        }
        found.push(Dependency {
            kind,
            renamed: package.as_ref().map(|_| key.replace('-', "_")),
            package: package.unwrap_or_else(|| key.clone()),
            folder: at,
            features,
            workspace,
        });
    }
    found
}

/// The features that an entry for a dependency asks for.
fn features(entries: &[Entry], dependency: &[String]) -> Vec<String> {
    let mut found = values(entries, dependency, "features");
    let is_off = field(entries, dependency, "default-features").is_some_and(|v| v == "false");
    found.extend((!is_off).then(|| "default".to_owned()));
    found
}

/// Features of a package, with those that they bring along.
pub(crate) fn all_features(manifest: &str, wanted: &[String]) -> Vec<String> {
    let entries = entries(manifest);
    let mut found = wanted.to_vec();
    let mut at = 0;
    while at < found.len() {
        let path = ["features", &found[at]].map(str::to_owned);
        for (of, feature) in &entries {
            // `dep:city` and `city/fast` are no features of this package.
            if *of == path && !feature.contains([':', '/']) && !found.contains(feature) {
                found.push(feature.clone());
            }
        }
        at += 1;
    }
    found
}

/// Whether Cargo passes on what the build script tells.
pub(crate) fn has_links(manifest: &str) -> bool {
    let package = ["package".to_owned()];
    field(&entries(manifest), &package, "links").is_some()
}

/// Whether the library, if there is one, is one that Rust code links to.
pub(crate) fn has_usable_library(manifest: &str) -> bool {
    let entries = entries(manifest);
    let values = |key| values(&entries, &["lib".to_owned()], key);
    let types = [values("crate-type"), values("crate_type")].concat();
    let is_for_rust = |name: &String| matches!(name.as_str(), "lib" | "rlib" | "dylib");
    (types.is_empty() || types.iter().any(is_for_rust)) && values("proc-macro") != ["true"]
}

/// What is in an array.
fn values(entries: &[Entry], of: &[String], name: &str) -> Vec<String> {
    let path = [of, &[name.to_owned()]].concat();
    let of_path = entries.iter().filter(|(at, _)| *at == path);
    of_path.map(|(_, value)| value.clone()).collect()
}

fn field<'e>(entries: &'e [Entry], of: &[String], name: &str) -> Option<&'e String> {
    let is_it = |path: &[String]| {
        path.split_last()
            .is_some_and(|(l, of_it)| l == name && of_it == of)
    };
    let (_, value) = entries.iter().find(|(path, _)| is_it(path))?;
    Some(value)
}

/// The manifest of the workspace of a package, and what is in it.
fn workspace_of(entries: &[Entry], folder: &Path) -> Option<(PathBuf, Vec<Entry>)> {
    let package = ["package".to_owned()];
    let read = |folder: &Path| {
        let path = folder.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).ok()?;
        let entries = crate::toml::entries(&text);
        let is_root = entries.iter().any(|(path, _)| path[0] == "workspace");
        is_root.then_some((path, entries))
    };
    match field(entries, &package, "workspace") {
        Some(path) => read(&folder.join(path)),
        None => folder.ancestors().find_map(read),
    }
}

#[cfg(test)]
mod tests {
    use super::{all_features, find, has_links, has_usable_library};
    use std::fs;

    #[test]
    fn names_that_the_manifest_changes() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("crates/app");
        fs::create_dir_all(&folder).unwrap();
        let root = "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\n\
            shared = { path = \"s\", package = \"shared-things\" }\nplain.path = \"p\"";
        fs::write(temporary.path().join("Cargo.toml"), root).unwrap();
        let manifest = "
            [package]
            name = \"app\"
            [dependencies]
            my-city = { path = \"../town\", package = \"town\" }
            kay_runtime = \"1\"
            shared.workspace = true
            plain = { workspace = true, features = [\"a\"] }
            [dependencies.other]
            package = \"an-other\"
            default-features = false
            features = [\"fast\"]
            [dev-dependencies]
            tempfile = \"3\"
            [build-dependencies]
            kay_codegen = \"1\"
            [target.'cfg(unix)'.dependencies]
            nix = \"1\"
        ";
        let found: Vec<String> = find(manifest, &folder)
            .iter()
            .map(|d| {
                let name = d.renamed.as_deref().unwrap_or("-");
                let is_shared = d.workspace.is_some();
                let at = d
                    .folder
                    .as_ref()
                    .map_or("-".into(), |at| at.to_string_lossy());
                let at = at.rsplit('/').next().unwrap();
                let features = d.features.join("+");
                format!(
                    "{:?} {} {name} {is_shared} {at} {features}",
                    d.kind, d.package
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                "Normal kay_runtime - false - default",
                "Normal town my_city false town default",
                "Normal an-other other false - fast",
                "Normal plain - true p a+default+default",
                "Normal shared-things shared true s default+default",
                "Normal nix - false - default",
                "Development tempfile - false - default",
            ]
        );
    }

    #[test]
    fn a_package_that_passes_on_what_its_script_tells() {
        assert!(has_links("[package]\nname = \"a\"\nlinks = \"b\""));
        assert!(!has_links(
            "[package]\nname = \"links\"\n[features]\nlinks = []"
        ));
    }

    #[test]
    fn libraries_that_are_not_for_rust() {
        for (manifest, expected) in [
            ("", true),
            ("[lib]\nname = \"a\"", true),
            ("[lib]\ncrate-type = [\"cdylib\", \"rlib\"]", true),
            ("[lib]\ncrate-type = [\"cdylib\"]", false),
            ("lib.proc-macro = true", false),
        ] {
            assert_eq!(has_usable_library(manifest), expected, "{manifest}");
        }
    }

    #[test]
    fn features_that_features_bring_along() {
        let manifest = "[features]\ndefault = [\"fast\", \"dep:x\"]\nfast = [\"wide\", \"y/z\"]\n\
            wide = []\nslow = []";
        assert_eq!(
            all_features(manifest, &["default".to_owned()]),
            ["default", "fast", "wide"]
        );
    }
}
