//! The first phase: from source texts to the modules of a crate.
//!
//! A crate is read as the compiler reads it: from its root along `mod` declarations. A file that
//! no declaration names is no part of the crate, wherever it lies.

mod attributes;
mod files;
mod skim;
mod tree;

pub(crate) use attributes::{cfgs, deprecations, has_name, metas_of_cfg_attr};
pub(crate) use tree::{Bodies, Crate, ModuleId, load};

use std::collections::BTreeMap;

/// The source texts of a package, by path.
///
/// Paths are relative to the package's folder and use `/`.
///
/// ```
/// let sources = kay_codegen::Sources::from_iter([("src/lib.rs", "mod car;"), ("src/car.rs", "")]);
/// assert_eq!(sources.get("src/lib.rs"), Some("mod car;"));
/// ```
#[derive(Debug, Default, Clone)]
pub struct Sources {
    files: BTreeMap<String, String>,
}

impl Sources {
    /// The text of a file.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Adds a file, or replaces its text.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }
}

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for Sources {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let files = files
            .into_iter()
            .map(|(path, text)| (path.into(), text.into()))
            .collect();
        Self { files }
    }
}
