//! What a user can choose, and what is known of the world around a crate.

use crate::conditions::Conditions;
use crate::interface::Interface;
use crate::source::{Crate, ModuleId};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is generated for, how it is spelled, where it goes, and what is known of other crates: the
/// same for a build script ([`Options::build`](crate::Options::build)), for
/// [`generate`](crate::generate) and for [`package::read`](crate::package::read).
///
/// ```
/// use kay_codegen::Options;
/// let options = Options::new().id_suffix("ID");
/// assert_eq!(options.id_name("Car"), "CarID");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    id_suffix: String,
    in_source_tree: bool,
    folders: Vec<String>,
    dependencies: BTreeMap<String, Interface>,
    conditions: Conditions,
    interface_files: Option<BTreeMap<String, PathBuf>>,
    extra_crates: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            id_suffix: "Id".to_owned(),
            in_source_tree: false,
            folders: Vec::new(),
            dependencies: BTreeMap::new(),
            conditions: Conditions::default(),
            interface_files: None,
            extra_crates: Vec::new(),
        }
    }
}

impl Options {
    /// What [`build`](crate::build) uses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What follows the name of an actor or actor trait in the name of its id: `Id` by default,
    /// `ID` for code that already spells it so.
    #[must_use]
    pub fn id_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.id_suffix = suffix.into();
        self
    }

    /// Writes what is generated beside the source, as `src/car.kay_auto.rs` for `src/car.rs`, for
    /// those who keep it under version control and review it like a lock file.
    ///
    /// Cargo takes every file in `src/bin`, `tests`, `examples` and `benches` for a crate, so that
    /// for these it goes into a folder `kay_auto` there. For sources outside of the package's
    /// folder, which may belong to others too, nothing is written beside them.
    #[must_use]
    pub fn in_source_tree(mut self) -> Self {
        self.in_source_tree = true;
        self
    }

    /// Generates only for those crates of the package whose root file lies in one of these
    /// folders, at any depth. By default, for all of its crates.
    ///
    /// ```
    /// // The library and the programs, but no tests, examples and benchmarks:
    /// let options = kay_codegen::Options::new().crates_in(["src"]);
    /// ```
    #[must_use]
    pub fn crates_in<F: Into<String>>(mut self, folders: impl IntoIterator<Item = F>) -> Self {
        self.folders.extend(folders.into_iter().map(Into::into));
        self
    }

    /// The name of the id of an actor or actor trait.
    #[must_use]
    pub fn id_name(&self, of: &str) -> String {
        format!("{of}{}", self.id_suffix)
    }

    /// What is known of a crate that this one depends on, and the name that it has in this crate's
    /// code: its actor traits can be implemented here, its actors can implement traits of this
    /// crate, and this crate's `setup` takes its in.
    #[must_use]
    pub fn dependency(mut self, name: impl Into<String>, interface: Interface) -> Self {
        self.dependencies.insert(name.into(), interface);
        self
    }

    /// A condition that holds where the crate is compiled: `unix`, or `feature` with the value
    /// `"fast"`. It decides what goes into the crate's own [`Interface`], which says what holds in
    /// one build; everything else that is generated carries its conditions along.
    #[must_use]
    pub fn cfg(mut self, name: impl Into<String>, value: Option<&str>) -> Self {
        self.conditions
            .insert(name.into(), value.map(str::to_owned));
        self
    }

    /// Lets the package know the actors of a library that passes nothing on to it: that of the
    /// package in this folder, relative to the package's own. It has to be a dependency: a
    /// dev-dependency, about which Cargo tells build scripts nothing, or one without `links` in its
    /// manifest.
    ///
    /// Its sources are read each time, as they are with the features that this package asks for. A
    /// crate that passes on what it knows needs nothing of this.
    ///
    /// ```
    /// let options = kay_codegen::Options::new().extra_crate("../city_model");
    /// ```
    #[must_use]
    pub fn extra_crate(mut self, folder: impl Into<String>) -> Self {
        self.extra_crates.push(folder.into());
        self
    }

    /// The files with the [`Interface`]s of packages, by their names: all that dependencies passed
    /// on.
    pub(crate) fn interface_files(mut self, files: BTreeMap<String, PathBuf>) -> Self {
        self.interface_files = Some(files);
        self
    }

    /// What dependencies passed on; `None` where nobody can have, outside of build scripts.
    pub(crate) fn passed_on(&self) -> Option<&BTreeMap<String, PathBuf>> {
        self.interface_files.as_ref()
    }

    pub(crate) fn extra_crates(&self) -> &[String] {
        &self.extra_crates
    }

    /// Options for another package that is compiled along with this one.
    pub(crate) fn for_package(&self, features: Vec<String>) -> Self {
        let mut options = Self::new();
        options.conditions = self.conditions.clone();
        options.conditions.remove("feature");
        for feature in features {
            options = options.cfg("feature", Some(&feature));
        }
        options
    }

    /// The name of the id of an actor or actor trait in a module, which may be another crate's.
    pub(crate) fn id_name_in(&self, krate: &Crate, module: ModuleId, of: &str) -> String {
        match krate.other(module) {
            Some(other) => format!("{of}{}", other.told.id_suffix),
            None => self.id_name(of),
        }
    }

    pub(crate) fn dependencies(&self) -> &BTreeMap<String, Interface> {
        &self.dependencies
    }

    pub(crate) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub(crate) fn is_in_source_tree(&self) -> bool {
        self.in_source_tree
    }

    /// Whether to generate for the crate with this root.
    pub(crate) fn includes(&self, root: &str) -> bool {
        let is_within = |folder: &String| {
            let folder = folder.trim_start_matches("./").trim_end_matches('/');
            let rest = root.strip_prefix(folder);
            matches!(folder, "" | ".") || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        self.folders.is_empty() || self.folders.iter().any(is_within)
    }
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn folders_choose_crates_by_their_roots() {
        let options = Options::new().crates_in(["./src/", "tests/big"]);
        assert!(options.includes("src/bin/a.rs") && options.includes("tests/big/main.rs"));
        assert!(!options.includes("tests/bigger.rs") && !options.includes("srcs/lib.rs"));
        assert!(Options::new().includes("benches/a.rs"));
        assert!(Options::new().crates_in(["."]).includes("benches/a.rs"));
    }
}
