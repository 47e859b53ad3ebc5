//! What the crates of a package know of other packages, and of each other.

use kay_codegen::package::{self, PackageOutput};
use kay_codegen::{Options, TargetKind};
use std::fs;
use tempfile::TempDir;

const PLACE: &str = "
    kay_runtime::kay_auto!();
    pub trait Place {
        fn enter(&mut self, world: &mut kay_runtime::World);
        #[cfg(feature = \"shops\")] fn shop(&mut self, world: &mut kay_runtime::World);
    }
";

/// An actor that is a place, of the crate `city`.
const BUS: &str = "
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Bus { id: BusId }
    impl city::Place for Bus {}
";

fn packages(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn read(folder: &TempDir, options: &Options) -> PackageOutput {
    package::read(folder.path().join("app"), options).unwrap()
}

/// The messages and ids of other crates in what is generated for the crates of a kind.
#[track_caller]
fn check(output: &PackageOutput, kind: TargetKind, expected: &[&str]) {
    let diagnostics: Vec<String> = output
        .diagnostics()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(diagnostics, [""; 0]);
    let of_kind = output.crates.iter().filter(|c| c.target.kind == kind);
    let files = of_kind.flat_map(|c| &c.output.files);
    let lines = files.flat_map(|file| file.text.lines()).map(str::trim);
    let is_shown = |line: &&str| line.starts_with("handlers.") || line.contains("::setup(");
    assert_eq!(lines.filter(is_shown).collect::<Vec<_>>(), expected);
}

#[test]
fn outside_of_build_scripts_dependencies_are_read_where_they_are() {
    let folder = packages(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\n\
             city = { package = \"left\", path = \"../left\", features = [\"open\"] }\n\
             far = \"1\"",
        ),
        ("app/src/lib.rs", BUS),
        // It hands on what is another's, whose ids are spelled in another way.
        (
            "left/Cargo.toml",
            "[package]\nname = \"left\"\nlinks = \"left\"\n[features]\nopen = []\n\
             [dependencies]\ntown = { path = \"../town\", features = [\"shops\"] }",
        ),
        ("left/src/lib.rs", "pub use town::*;"),
        (
            "town/Cargo.toml",
            "[package]\nname = \"town\"\nlinks = \"town\"\n[features]\nshops = []\n\
             [dev-dependencies]\nleft.path = \"../left\"",
        ),
        ("town/src/lib.rs", PLACE),
        (
            "town/build.rs",
            "fn main() { kay_codegen::Options::new().id_suffix(\"ID\").build() }",
        ),
    ]);
    check(
        &read(&folder, &Options::new()),
        TargetKind::Library,
        &[
            "handlers.message::<::city::PlaceEnter>();",
            "handlers.message::<::city::PlaceShop>();",
            "handlers.implements::<::city::PlaceID>();",
        ],
    );
}

#[test]
fn a_library_is_known_to_its_programs_and_an_extra_crate_to_tests() {
    let folder = packages(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[lib]\nname = \"city\"\n\
             [dev-dependencies]\nother.path = \"../other\"",
        ),
        ("app/src/lib.rs", PLACE),
        ("app/src/main.rs", BUS),
        ("app/tests/t.rs", &BUS.replace("city", "other")),
        ("other/Cargo.toml", "[package]\nname = \"other\""),
        ("other/src/lib.rs", PLACE),
    ]);
    let output = read(&folder, &Options::new().extra_crate("../other"));
    let of_program = [
        "handlers.message::<::city::PlaceEnter>();",
        "handlers.implements::<::city::PlaceId>();",
        "::city::setup(registry);",
    ];
    check(&output, TargetKind::Binary, &of_program);
    check(
        &output,
        TargetKind::Test,
        &[
            "handlers.message::<::other::PlaceEnter>();",
            "handlers.implements::<::other::PlaceId>();",
            "::city::setup(registry);",
            "::other::setup(registry);",
        ],
    );

    let quiet = read(&folder, &Options::new());
    check(&quiet, TargetKind::Test, &["::city::setup(registry);"]);
}

#[test]
fn an_extra_crate_must_be_a_dependency() {
    let folder = packages(&[
        ("app/Cargo.toml", "[package]\nname = \"app\""),
        ("app/src/lib.rs", BUS),
        ("other/Cargo.toml", "[package]\nname = \"other\""),
        ("other/src/lib.rs", PLACE),
    ]);
    let output = read(&folder, &Options::new().extra_crate("../other"));
    let found = output.diagnostics()[0].to_string();
    assert_eq!(
        found,
        "Cargo.toml:1:1: [K0042] the extra crate `../other` is the package `other`, which is no \
         dependency; add `other` to the dependencies or dev-dependencies; or take `extra_crate` out \
         of the build script"
    );
    let missing = Options::new().extra_crate("../nothing");
    let error = package::read(folder.path().join("app"), &missing).unwrap_err();
    assert!(error.to_string().contains("nothing/Cargo.toml"), "{error}");
}

#[test]
fn a_dependency_that_passes_nothing_on_is_warned_of() {
    let folder = packages(&[
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\n[dependencies]\ncity = { path = \"../city\" }\n\
             plain = { path = \"../plain\" }",
        ),
        ("app/src/lib.rs", BUS),
        ("city/Cargo.toml", "[package]\nname = \"city\""),
        ("city/src/lib.rs", PLACE),
        ("plain/Cargo.toml", "[package]\nname = \"plain\""),
        ("plain/src/lib.rs", "pub struct Plain;"),
    ]);
    let output = read(&folder, &Options::new());
    let found: Vec<String> = output
        .diagnostics()
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = "Cargo.toml:1:1: [K0043] the actors of `city` are not known here: it has no \
        `links`; write `links = \"city\"` in the `[package]` of its Cargo.toml; or name its folder \
        with `extra_crate` in the build script";
    assert_eq!(found, [expected]);
    let known = read(&folder, &Options::new().extra_crate("../city"));
    assert!(known.diagnostics().is_empty());
}
