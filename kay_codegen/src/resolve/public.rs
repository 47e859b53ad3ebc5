//! How the items of other crates are named from outside.

use super::names::{Def, Following, Names};
use crate::source::ModuleId;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// The shortest public path to each item of other crates, among paths of one length the first.
#[derive(Debug)]
pub(super) struct PublicPaths {
    paths: HashMap<(ModuleId, String), Vec<String>>,
}

impl PublicPaths {
    /// Follows public names from the roots of the crates that can be named.
    pub(super) fn new(names: &Names) -> Self {
        let krate = names.krate;
        let mut paths = HashMap::new();
        let mut seen = HashSet::new();
        let roots = krate.externs.iter();
        let mut open: VecDeque<(ModuleId, Vec<String>)> = roots
            .map(|(name, index)| (krate.others[*index].root, vec![name.clone()]))
            .collect();
        while let Some((module, path)) = open.pop_front() {
            if !seen.insert(module) {
                continue;
            }
            for name in offered(names, module) {
                for def in names.lookup(module, &name, krate.root(), &mut Following::new()) {
                    let path = || path.iter().cloned().chain([name.clone()]).collect();
                    match def {
                        Def::Module(inner) => open.push_back((inner, path())),
                        Def::Item(of, item) => {
                            paths.entry((of, item)).or_insert_with(path);
                        }
                        Def::External(_) | Def::Glob(_) => {}
                    }
                }
            }
        }
        Self { paths }
    }

    pub(super) fn get(&self, module: ModuleId, name: &str) -> Option<&[String]> {
        let key = (module, name.to_owned());
        self.paths.get(&key).map(Vec::as_slice)
    }
}

/// All names that a module may offer, its own and those behind its globs.
fn offered(names: &Names, module: ModuleId) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut open = vec![module];
    while let Some(module) = open.pop() {
        if seen.insert(module) {
            let (own, opened) = names.scope_names(module);
            found.extend(own.cloned());
            open.extend(opened);
        }
    }
    found
}
