//! Where the file of a module lies.

/// Where the modules that a file declares are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder of the file itself, where `#[path]` starts from.
    folder: String,
    /// The folder where `mod x;` looks for `x.rs`, and `#[path]` inside inline modules starts from.
    children: String,
    /// Whether this is inside an inline module.
    inline: bool,
}

impl Place {
    /// The place of a crate root, of a `mod.rs` and of a file that a `#[path]` names.
    pub(crate) fn of_folder_owner(file: &str) -> Self {
        let folder = parent(file).to_owned();
        Self {
            children: folder.clone(),
            folder,
            inline: false,
        }
    }

    /// The place of any other module file: `a/b.rs` has its children in `a/b/`.
    fn of_named_file(file: &str) -> Self {
        let folder = parent(file).to_owned();
        let stem = file
            .rsplit('/')
            .next()
            .unwrap_or(file)
            .trim_end_matches(".rs");
        Self {
            children: join(&folder, stem),
            folder,
            inline: false,
        }
    }

    /// The place inside an inline module.
    pub(crate) fn inside(&self, name: &str, path: Option<&str>) -> Self {
        let children = match path {
            Some(path) if self.inline => join(&self.children, path),
            Some(path) => join(&self.folder, path),
            None => join(&self.children, name),
        };
        Self {
            folder: self.folder.clone(),
            children,
            inline: true,
        }
    }

    /// The files that `mod name;` may stand for, with the place that each of them is.
    pub(crate) fn candidates(&self, name: &str, path: Option<&str>) -> Vec<(String, Self)> {
        if let Some(path) = path {
            let start = if self.inline {
                &self.children
            } else {
                &self.folder
            };
            let file = join(start, path);
            let place = Self::of_folder_owner(&file);
            return vec![(file, place)];
        }
        let named = join(&self.children, &format!("{name}.rs"));
        let folder = join(&self.children, &format!("{name}/mod.rs"));
        let named_place = Self::of_named_file(&named);
        let folder_place = Self::of_folder_owner(&folder);
        vec![(named, named_place), (folder, folder_place)]
    }
}

fn parent(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Joins two relative paths and resolves `.` and `..`.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::Place;

    fn files(place: &Place, name: &str, path: Option<&str>) -> Vec<String> {
        place
            .candidates(name, path)
            .into_iter()
            .map(|(file, _)| file)
            .collect()
    }

    #[test]
    fn children_of_a_root_and_of_named_files() {
        let root = Place::of_folder_owner("src/lib.rs");
        assert_eq!(files(&root, "a", None), ["src/a.rs", "src/a/mod.rs"]);
        let [(_, named), (_, folder)] = &root.candidates("a", None)[..] else {
            panic!()
        };
        assert_eq!(files(named, "b", None), ["src/a/b.rs", "src/a/b/mod.rs"]);
        assert_eq!(files(folder, "b", None), ["src/a/b.rs", "src/a/b/mod.rs"]);
    }

    #[test]
    fn paths_start_at_the_file_or_inside_inline_modules() {
        let root = Place::of_folder_owner("src/lib.rs");
        assert_eq!(files(&root, "a", Some("../gen/x.rs")), ["gen/x.rs"]);
        let (_, named) = root.candidates("a", None).remove(0);
        assert_eq!(files(&named, "b", Some("x.rs")), ["src/x.rs"]);
        let inline = named.inside("inner", None);
        assert_eq!(files(&inline, "b", None)[0], "src/a/inner/b.rs");
        assert_eq!(files(&inline, "b", Some("x.rs")), ["src/a/inner/x.rs"]);
        assert_eq!(
            files(&root.inside("inner", Some("other")), "b", None)[0],
            "src/other/b.rs"
        );
    }

    #[test]
    fn a_file_named_by_a_path_owns_its_folder() {
        let root = Place::of_folder_owner("src/lib.rs");
        let (_, place) = root.candidates("a", Some("sys/unix.rs")).remove(0);
        assert_eq!(files(&place, "b", None)[0], "src/sys/b.rs");
    }
}
