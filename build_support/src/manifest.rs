//! What has to be known of a `Cargo.toml`.
//!
//! Only names and paths are read, line by line: a full parser of TOML would cost every build script
//! seconds.

use crate::TargetKind;

/// The name of the package.
pub(crate) fn package_name(manifest: &str) -> Option<String> {
    let mut section = String::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = header(line) {
            section = header;
        } else if let Some((key, value)) = pair(line) {
            let is_name = match section.as_str() {
                "" => key.replace(' ', "") == "package.name",
                "package" => key == "name",
                _ => false,
            };
            if is_name {
                return Some(value);
            }
        }
    }
    None
}

pub(crate) type Declared = (TargetKind, Option<String>, Option<String>);

/// Reads `name` and `path` from the target sections of a manifest.
pub(crate) fn declared(manifest: &str) -> Vec<Declared> {
    let mut found: Vec<Declared> = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = header(line) {
            let kinds = [
                TargetKind::Library,
                TargetKind::Binary,
                TargetKind::Example,
                TargetKind::Test,
                TargetKind::Benchmark,
            ];
            let kind = kinds.into_iter().find(|kind| kind.section() == name);
            inside = kind.is_some();
            found.extend(kind.map(|kind| (kind, None, None)));
        } else if inside
            && let Some((key, value)) = pair(line)
            && let Some(target) = found.last_mut()
        {
            match key.as_str() {
                "name" => target.1 = Some(value),
                "path" => target.2 = Some(value),
                _ => {}
            }
        }
    }
    found
}

/// The name of a section, if the line begins one.
fn header(line: &str) -> Option<String> {
    let header = line.starts_with('[').then(|| line.split('#').next())??;
    Some(header.trim().trim_matches(['[', ']', ' ']).to_owned())
}

/// A key and its value, if that is a plain string.
fn pair(line: &str) -> Option<(String, String)> {
    let (key, value) = line.split_once('=')?;
    let key = key.trim().trim_matches('"').to_owned();
    Some((key, quoted(value.trim())?))
}

/// The content of a plain TOML string.
fn quoted(value: &str) -> Option<String> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let end = value[1..].find(quote)?;
    Some(value[1..1 + end].to_owned())
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
