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

    fn out_dir(&self) -> PathBuf {
        self.folder.path().join("target/debug/build/city-1/out")
    }

    fn output(&self) -> PathBuf {
        self.out_dir().join("kay_auto")
    }

    /// Marks the target folder as Cargo does.
    fn tag(&self) {
        let target = self.folder.path().join("target");
        fs::create_dir_all(&target).unwrap();
        fs::write(target.join("CACHEDIR.TAG"), "# created by cargo.").unwrap();
    }

    /// Generates, and returns what Cargo is told.
    fn run(&self) -> String {
        self.run_with(&Options::new())
    }

    fn run_with(&self, options: &Options) -> String {
        run(&self.path(), &self.out_dir(), options).to_string()
    }

    fn files(&self) -> Vec<String> {
        left(&self.output())
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.output().join(name)).unwrap()
    }
}

/// The names of all that is in a folder.
fn left(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The same without what is hidden.
fn shown(folder: &Path) -> Vec<String> {
    let mut names = left(folder);
    names.retain(|name| !name.starts_with('.'));
    names
}

#[test]
fn files_are_written_and_watched_as_the_sources_are() {
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        ("src/unused.rs", ""),
    ]);
    let told = package.run();
    let output = package.output();
    let watched = ["Cargo.toml", "src/car.rs", "src/lib.rs"].map(PathBuf::from);
    let outputs = ["my_city.rs", "my_city::car.rs"].map(|name| output.join(name));
    let lines: String = watched
        .into_iter()
        .chain(outputs)
        .map(|path| format!("cargo::rerun-if-changed={}\n", path.display()))
        .collect();
    assert_eq!(told, lines);
    assert_eq!(package.files(), ["my_city.rs", "my_city::car.rs"]);
    assert_eq!(left(&package.out_dir()), ["kay_auto"]);
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
    let blocked = package.folder.path().join("target");
    fs::write(&blocked, "a file").unwrap();
    let told = package.run();
    let path = package.out_dir();
    assert!(told.contains("cargo::error=cannot write "), "{told}");
    assert!(told.contains(path.to_str().unwrap()), "{told}");
}

#[test]
fn people_find_a_copy_in_the_target_folder() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "kay_runtime::kay_auto!(); mod car; mod r#type;",
        ),
        ("src/car.rs", CAR),
        ("src/type.rs", &CAR.replace("Car", "Type")),
        ("tests/with_actors.rs", CAR),
    ]);
    package.tag();
    let told = package.run();
    let folder = package.folder.path().join("target/kay_auto");
    let all = ["my_city", "my_city.rs", "with_actors.rs"];
    assert_eq!(shown(&folder), all);
    assert_eq!(left(&folder.join("my_city")), ["car.rs", "type.rs"]);
    let copy = fs::read_to_string(folder.join("my_city/car.rs")).unwrap();
    assert_eq!(copy, package.text("my_city::car.rs"));
    let line = format!(
        "cargo::rerun-if-changed={}\n",
        folder.join("my_city/car.rs").display()
    );
    assert!(told.contains(&line), "{told}");

    package.write("src/lib.rs", "kay_runtime::kay_auto!();");
    package.write("tests/with_actors.rs", "");
    package.run();
    assert_eq!(shown(&folder), ["my_city.rs"]);
}

#[test]
fn copies_of_two_packages_do_not_fight() {
    let one = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    one.tag();
    let two = one.folder.path().join("two");
    fs::create_dir_all(two.join("src/bin")).unwrap();
    fs::write(two.join("Cargo.toml"), "[package]\nname = \"two\"\n").unwrap();
    fs::write(two.join("src/bin/my-city.rs"), CAR).unwrap();
    let target = one.folder.path().join("target");
    let folder = target.join("kay_auto");
    let mut texts = Vec::new();
    for _ in 0..2 {
        one.run();
        let told = run(&two, &target.join("debug/build/two-1/out"), &Options::new()).to_string();
        assert!(told.contains("two.my_city.rs"), "{told}");
        assert_eq!(shown(&folder), ["my_city", "my_city.rs", "two.my_city.rs"]);
        texts.push(fs::read_to_string(folder.join("my_city.rs")).unwrap());
    }
    assert_eq!(texts[0], texts[1]);
    assert!(texts[0].contains("`src/lib.rs`"), "{}", texts[0]);
}

#[test]
fn copies_that_cannot_be_written_are_a_warning() {
    let package = Package::new(&[("src/lib.rs", LIB), ("src/car.rs", CAR)]);
    package.tag();
    let blocked = package.folder.path().join("target/kay_auto");
    fs::write(&blocked, "a file").unwrap();
    let told = package.run();
    let line = format!("cargo::warning=cannot write {}: ", blocked.display());
    assert!(told.contains(&line), "{told}");
    assert!(!told.contains("cargo::error"), "{told}");
    assert_eq!(package.files(), ["my_city.rs", "my_city::car.rs"]);
}

#[test]
fn with_in_source_tree_files_are_beside_the_sources() {
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        (
            "src/old.kay_auto.rs",
            "// Generated by kay_codegen from `src/old.rs`.",
        ),
        ("src/mine.kay_auto.rs", "// Not yours."),
    ]);
    let options = Options::new().in_source_tree();
    let told = package.run_with(&options);
    let src = package.path().join("src");
    let files = [
        "car.kay_auto.rs",
        "car.rs",
        "lib.kay_auto.rs",
        "lib.rs",
        "mine.kay_auto.rs",
    ];
    assert_eq!(left(&src), files);
    assert!(
        told.contains("cargo::rerun-if-changed=src/car.kay_auto.rs\n"),
        "{told}"
    );
    let text = fs::read_to_string(src.join("car.kay_auto.rs")).unwrap();
    assert!(
        text.starts_with("// Generated by kay_codegen from `src/car.rs`."),
        "{text}"
    );
    let included = package.text("my_city::car.rs");
    let line = "include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/src/car.kay_auto.rs\"));\n";
    assert!(included.ends_with(line), "{included}");

    // A file that cannot be parsed leaves everything as it is, one of others is never written.
    package.write("src/car.rs", "struct Car {");
    package.run_with(&options);
    assert_eq!(left(&src), files);
    package.write("src/car.rs", CAR);
    package.write("src/lib.kay_auto.rs", "// Mine.");
    package.write("src/car.kay_auto.rs", "// Generated by kay_codegen, once.");
    let told = package.run_with(&options);
    assert!(told.contains("cargo::error=error[K0051]"), "{told}");
    assert_eq!(
        fs::read_to_string(src.join("lib.kay_auto.rs")).unwrap(),
        "// Mine."
    );
    let other = fs::read_to_string(src.join("car.kay_auto.rs")).unwrap();
    assert_eq!(
        other, "// Generated by kay_codegen, once.",
        "nothing is written after an error"
    );
}

#[test]
fn without_in_source_tree_nothing_is_written_there() {
    let package = Package::new(&[
        ("src/lib.rs", LIB),
        ("src/car.rs", CAR),
        ("src/car.kay_auto.rs", "// Generated by kay_codegen, once."),
    ]);
    package.run();
    assert_eq!(
        left(&package.path().join("src")),
        ["car.kay_auto.rs", "car.rs", "lib.rs"]
    );
}

#[test]
fn folders_of_crates_are_watched_if_all_of_them_have_actors() {
    let other = format!("{CAR} fn main() {{}}");
    let package = Package::new(&[
        ("src/bin/other.rs", &other),
        ("tests/with_actors.rs", CAR),
        ("examples/with_actors.rs", &other),
        ("examples/without.rs", "fn main() {}"),
    ]);
    let told = package.run();
    assert!(told.contains("cargo::rerun-if-changed=src/bin\n"), "{told}");
    assert!(told.contains("cargo::rerun-if-changed=tests\n"), "{told}");
    assert!(
        !told.contains("cargo::rerun-if-changed=examples\n"),
        "{told}"
    );
}

#[test]
fn a_missing_module_is_awaited_in_the_nearest_folder() {
    let lib = "kay_runtime::kay_auto!(); mod car; #[path = \"../../else/where.rs\"] mod other;";
    let package = Package::new(&[("src/lib.rs", lib), ("src/car.rs", "mod deep;")]);
    let told = package.run();
    let src = "cargo::rerun-if-changed=src\n";
    assert!(told.contains(src) && !told.contains("else"), "{told}");
    package.write("src/car/deep.rs", "");
    assert!(!package.run().contains(src));
}
