//! What a `Cargo.toml` says about the package and its crates.

use crate::TargetKind;
use crate::toml::entries;
use std::collections::BTreeMap;

/// The name of the package.
pub(crate) fn package_name(manifest: &str) -> Option<String> {
    let mut entries = entries(manifest).into_iter();
    let (_, name) = entries.find(|(path, _)| path == &["package", "name"])?;
    Some(name)
}

/// A crate that the manifest names: its name and its root, if they are there.
pub(crate) type Declared = (TargetKind, Option<String>, Option<String>);

/// The crates that the manifest names.
pub(crate) fn declared(manifest: &str) -> Vec<Declared> {
    let mut found: BTreeMap<(TargetKind, usize), Declared> = BTreeMap::new();
    for (path, value) in entries(manifest) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let (section, number, key) = match path[..] {
            ["lib", key] => ("lib", 0, key),
            [section, number, key] => (section, number.parse().unwrap_or(0), key),
            _ => continue,
        };
        let Some(kind) = TargetKind::of_section(section) else {
            continue;
        };
        let declared = (kind, None, None);
        let (_, name, root) = found.entry((kind, number)).or_insert(declared);
        match key {
            "name" => *name = Some(value),
            "path" => *root = Some(value),
            _ => {}
        }
    }
    found.into_values().collect()
}

/// Whether Cargo looks for crates of a kind that the manifest does not name.
pub(crate) fn is_discovered(manifest: &str, kind: TargetKind) -> bool {
    let key = match kind {
        TargetKind::Library => "autolib",
        TargetKind::Binary => "autobins",
        TargetKind::Example => "autoexamples",
        TargetKind::Test => "autotests",
        TargetKind::Benchmark => "autobenches",
    };
    let mut entries = entries(manifest).into_iter();
    !entries.any(|(path, value)| path == ["package", key] && value == "false")
}

#[cfg(test)]
mod tests {
    use super::package_name;

    #[test]
    fn the_name_of_a_package() {
        let name = |text| package_name(text);
        assert_eq!(
            name("[package]\nversion = \"1\"\nname = \"my-city\" # ours").as_deref(),
            Some("my-city")
        );
        assert_eq!(name("package.name = 'city'").as_deref(), Some("city"));
        assert_eq!(name("[[bin]]\nname = \"run\"\n[workspace]"), None);
    }
}
