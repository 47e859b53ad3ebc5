//! A package as a whole: which crates it has, and where what is generated for them goes.

use kay_codegen::package::{self, Change, PackageOutput};
use kay_codegen::{Options, Rendering};
use std::fs;
use std::path::Path;

const CAR: &str = "
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Car { id: CarId }
    impl Car { pub fn tick(&self, _: &mut kay_runtime::World) {} }
    pub mod inner { kay_runtime::kay_auto!(); }
";

/// A package on disk.
struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn new(files: &[(&str, &str)]) -> Self {
        let package = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        package.write("Cargo.toml", "[package]\nname = \"my-city\"\n");
        for (path, text) in files {
            package.write(path, text);
        }
        package
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, options: Options) -> PackageOutput {
        package::read(self.path(), &options).unwrap()
    }

    fn in_source(&self) -> PackageOutput {
        self.read(Options::new().in_source_tree())
    }

    fn changes(&self) -> Vec<String> {
        let show = |change: &Change| format!("{:?} {}", change.kind, change.file);
        let changes = self.in_source().changes().unwrap();
        changes.iter().map(show).collect()
    }

    /// Writes what is generated to its places.
    fn update(&self) {
        let output = self.in_source();
        for file in output.files() {
            self.write(&output.place(file).unwrap(), &file.text);
        }
    }
}

fn crates(output: &PackageOutput) -> Vec<&str> {
    let crates = output.crates.iter();
    crates.map(|c| c.target.crate_name.as_str()).collect()
}

fn messages(output: &PackageOutput) -> String {
    let diagnostics = output.diagnostics().into_iter();
    diagnostics
        .map(|diagnostic| diagnostic.render(&output.sources, Rendering::plain()) + "\n")
        .collect()
}

#[test]
fn crates_are_chosen_by_the_folder_of_their_root() {
    let main = format!("{CAR} fn main() {{}}");
    let package = Package::new(&[
        ("src/lib.rs", "mod car; kay_runtime::kay_auto!();"),
        ("src/car.rs", CAR),
        ("src/bin/other.rs", &main),
        ("tests/with_actors.rs", CAR),
        ("tests/without.rs", ""),
    ]);
    let all = package.read(Options::new());
    assert_eq!(crates(&all), ["my_city", "other", "with_actors"]);
    let some = package.read(Options::new().crates_in(["src/bin", "tests"]));
    assert_eq!(crates(&some), ["other", "with_actors"]);
    assert!(
        all.changes().unwrap().is_empty(),
        "nothing is to be in the source tree"
    );
}

#[test]
fn every_file_has_a_place_beside_its_source() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "pub mod car; pub mod road; #[path = \"../../elsewhere.rs\"] mod elsewhere; \
             kay_runtime::kay_auto!();",
        ),
        ("src/car.rs", CAR),
        ("src/road/mod.rs", "kay_runtime::kay_auto!();"),
        ("src/bin/other.rs", "kay_runtime::kay_auto!(); fn main() {}"),
        (
            "src/bin/big/main.rs",
            "kay_runtime::kay_auto!(); fn main() {}",
        ),
        ("tests/with_actors.rs", CAR),
    ]);
    let output = package.in_source();
    let places: Vec<_> = output
        .files()
        .filter_map(|file| output.place(file))
        .collect();
    assert_eq!(
        places,
        [
            "src/lib.kay_auto.rs",
            "src/car.kay_auto.rs",
            "src/car.inner.kay_auto.rs",
            "src/road/mod.kay_auto.rs",
            "src/bin/big/main.kay_auto.rs",
            "src/bin/kay_auto/other.kay_auto.rs",
            "tests/kay_auto/with_actors.kay_auto.rs",
            "tests/kay_auto/with_actors.inner.kay_auto.rs",
        ]
    );
}

#[test]
fn what_is_not_up_to_date_is_named() {
    let package = Package::new(&[
        ("src/lib.rs", "mod car; mod gone; kay_runtime::kay_auto!();"),
        ("src/car.rs", CAR),
        ("src/gone/mod.rs", CAR),
    ]);
    assert_eq!(package.changes().len(), 5);
    package.update();
    assert_eq!(package.changes(), [""; 0]);

    package.write("src/lib.rs", "mod car; kay_runtime::kay_auto!();");
    fs::remove_file(package.path().join("src/gone/mod.rs")).unwrap();
    package.write("src/car.rs", &CAR.replace("tick", "tock"));
    fs::remove_file(package.path().join("src/car.inner.kay_auto.rs")).unwrap();
    assert_eq!(
        package.changes(),
        [
            "Missing src/car.inner.kay_auto.rs",
            "Differs src/car.kay_auto.rs",
            "Stale src/gone/mod.inner.kay_auto.rs",
            "Stale src/gone/mod.kay_auto.rs",
            "Differs src/lib.kay_auto.rs",
        ]
    );
}

#[test]
fn line_ends_that_version_control_has_changed_are_no_difference() {
    let package = Package::new(&[("src/lib.rs", CAR)]);
    package.update();
    let place = package.path().join("src/lib.kay_auto.rs");
    let text = fs::read_to_string(&place).unwrap().replace('\n', "\r\n");
    fs::write(&place, text).unwrap();
    assert_eq!(package.changes(), [""; 0]);
}

#[test]
fn files_of_others_are_neither_outdated_nor_stale() {
    let package = Package::new(&[
        ("src/lib.rs", "kay_runtime::kay_auto!();"),
        ("src/notes.kay_auto.rs", "// by hand"),
        ("src/part/Cargo.toml", "[package]\nname = \"part\""),
        (
            "src/part/lib.kay_auto.rs",
            "// Generated by kay_codegen from `lib.rs`.",
        ),
        (
            "docs/old.kay_auto.rs",
            "// Generated by kay_codegen from `old.rs`.",
        ),
    ]);
    package.update();
    assert_eq!(package.changes(), [""; 0]);
    package.write("src/lib.kay_auto.rs", "// by hand");
    let output = package.in_source();
    assert!(output.has_errors());
    let told = messages(&output);
    assert!(
        told.starts_with("error[K0051]: this file is to be generated"),
        "{told}"
    );
    assert!(told.contains("src/lib.kay_auto.rs:1:1"), "{told}");
}

#[test]
fn two_modules_cannot_be_one_file_in_the_source_tree() {
    let package = Package::new(&[
        ("src/lib.rs", "mod car; kay_runtime::kay_auto!();"),
        (
            "src/bin/other.rs",
            "#[path = \"../car.rs\"] mod car; kay_runtime::kay_auto!(); fn main() {}",
        ),
        ("src/car.rs", CAR),
    ]);
    assert_eq!(messages(&package.read(Options::new())), "");
    let told = messages(&package.in_source());
    let line = "error[K0050]: `my_city::car` and `other::car` are the same source file";
    assert!(told.contains(line), "{told}");
}

#[test]
fn a_folder_without_a_package_is_an_error_with_its_path() {
    let temporary = tempfile::tempdir().unwrap();
    let error = package::read(temporary.path(), &Options::new())
        .unwrap_err()
        .to_string();
    let path = temporary.path().join("Cargo.toml");
    assert!(
        error.starts_with(&format!("cannot read {}: ", path.display())),
        "{error}"
    );
}

#[test]
fn the_documentation_links_to_files_with_spaces_in_their_names() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "kay_runtime::kay_auto!(); #[path = \"my car.rs\"] pub mod car;",
        ),
        ("src/my car.rs", CAR),
    ]);
    let output = package.read(Options::new());
    let of_car = output.files().find(|file| file.module() == "my_city::car");
    let expected = "Generated from [`src/my car.rs:3`](../../src/my_city/my%20car.rs.html#3).";
    assert!(of_car.unwrap().text.contains(expected));
}
