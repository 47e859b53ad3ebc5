use super::run;
use crate::Options;
use std::fs;
use std::path::{Path, PathBuf};

/// A package on disk.
struct Package {
    folder: tempfile::TempDir,
}

const LIB: &str = "kay_runtime::kay_auto!(); mod car;";
const CAR: &str = "
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Car { id: CarId }
    impl Car { pub fn tick(&self, _: &mut kay_runtime::World) {} }
";

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

    fn path(&self) -> PathBuf {
        self.folder.path().join("package")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("out/kay_auto")
    }

    /// Generates, and returns what Cargo is told.
    fn run(&self) -> String {
        run(&self.path(), &self.output(), &Options::default()).to_string()
    }

    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.output()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.output().join(name)).unwrap()
    }
}

#[test]
fn files_are_written_and_the_sources_watched() {
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        ("src/unused.rs", ""),
    ]);
    assert_eq!(
        package.run(),
        "cargo::rerun-if-changed=Cargo.toml\n\
         cargo::rerun-if-changed=src/car.rs\n\
         cargo::rerun-if-changed=src/lib.rs\n"
    );
    assert_eq!(package.files(), ["my_city.rs", "my_city::car.rs"]);
}

#[test]
fn nothing_is_written_twice() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.run();
    let path = package.output().join("my_city::car.rs");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1000);
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(old)
        .unwrap();
    package.run();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), old);
}

#[test]
fn only_the_text_decides_never_its_age() {
    // An output that is newer than its source, as after an upgrade of the generator.
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.run();
    let good = package.text("my_city::car.rs");
    fs::write(
        package.output().join("my_city::car.rs"),
        "of another version",
    )
    .unwrap();
    package.run();
    assert_eq!(package.text("my_city::car.rs"), good);
}

#[test]
fn what_is_gone_from_the_sources_goes_from_the_output() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.run();
    package.write("src/lib.rs", "kay_runtime::kay_auto!();");
    package.run();
    assert_eq!(package.files(), ["my_city.rs"]);
}

#[test]
fn an_error_is_told_and_changes_no_file() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.run();
    let good = package.text("my_city::car.rs");
    package.write("src/car.rs", &CAR.replace("&self,", "&self, x: &str,"));
    let told = package.run();
    let lines = "cargo::error=error[K0019]: `str` cannot travel in a message\n\
                 cargo::error= --> src/car.rs:4:39\n";
    assert!(told.starts_with(lines), "{told}");
    assert_eq!(package.text("my_city::car.rs"), good);
}

#[test]
fn a_file_that_cannot_be_parsed_is_left_to_the_compiler() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.run();
    let texts = |package: &Package| {
        package
            .files()
            .iter()
            .map(|name| package.text(name))
            .collect::<Vec<_>>()
    };
    let good = texts(&package);
    package.write("src/car.rs", "pub struct Car { id");
    let told = package.run();
    assert!(
        told.starts_with("cargo::warning=warning[K0001]: "),
        "{told}"
    );
    assert!(!told.contains("cargo::error"), "{told}");
    assert_eq!(
        texts(&package),
        good,
        "the root still calls what the lost module had"
    );
}

#[test]
fn modules_outside_the_source_folder_are_read() {
    let lib = "kay_runtime::kay_auto!(); #[path = \"../shared/car.rs\"] mod car;";
    let package = Package::new(&[
        ("src/lib.rs", lib),
        ("shared/car.rs", &format!("pub mod inner; {CAR}")),
        ("shared/inner.rs", ""),
    ]);
    let told = package.run();
    assert!(told.contains("rerun-if-changed=shared/car.rs\n"), "{told}");
    assert!(
        told.contains("rerun-if-changed=shared/inner.rs\n"),
        "{told}"
    );
    assert_eq!(package.files(), ["my_city.rs", "my_city::car.rs"]);
}

#[test]
fn only_what_exists_is_watched() {
    let lib = "kay_runtime::kay_auto!(); #[cfg(never)] mod gone { mod deep; } mod soon;";
    let package = Package::new(&[("src/lib.rs", lib)]);
    let told = package.run();
    for line in told.lines() {
        let path = line.strip_prefix("cargo::rerun-if-changed=").unwrap();
        assert!(package.path().join(path).exists(), "{path}");
    }
    assert!(
        told.contains("rerun-if-changed=src\n"),
        "a file that may come is noticed: {told}"
    );
}

#[test]
fn a_library_and_programs_have_files_of_their_own() {
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        ("src/main.rs", "fn main() {}"),
        ("src/bin/other.rs", &format!("{CAR} fn main() {{}}")),
        ("tests/plain.rs", "#[test] fn a() {}"),
        ("tests/with_actors.rs", CAR),
    ]);
    let told = package.run();
    assert!(!told.contains("error"), "{told}");
    assert_eq!(
        package.files(),
        [
            "my_city.rs",
            "my_city::car.rs",
            "other.rs",
            "with_actors.rs"
        ]
    );
}

#[test]
fn a_library_and_a_program_of_one_name_cannot_both_have_actors() {
    let main = format!("{CAR} fn main() {{}}");
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        ("src/main.rs", &main),
    ]);
    let told = package.run();
    let error =
        "cargo::error=error[K0050]: the crates of `src/lib.rs` and `src/main.rs` have one name";
    assert!(told.contains(error), "{told}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_its_path() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    let blocked = package.folder.path().join("out");
    fs::write(&blocked, "a file").unwrap();
    let told = package.run();
    let path = Path::new("out").join("kay_auto");
    assert!(told.starts_with("cargo::error=cannot write "), "{told}");
    assert!(told.contains(path.to_str().unwrap()), "{told}");
}
