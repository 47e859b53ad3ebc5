//! Nothing is rebuilt without a reason, and whatever happens to an output is undone.

use crate::package::{CAR, Package, text};
use std::fs;
use std::path::{Path, PathBuf};

/// Nothing to do, each time.
#[track_caller]
fn assert_fresh(package: &Package) {
    assert_eq!(package.build(), (0, 0));
    assert_eq!(package.build(), (0, 0));
}

/// One run of the script and one of the compiler, and then nothing.
#[track_caller]
fn assert_built_once(package: &Package) {
    assert_eq!(package.build(), (1, 1));
    assert_fresh(package);
}

fn every_change_costs_one_build(package: &Package, output: &[PathBuf]) {
    assert_built_once(package);
    package.write("src/car.rs", &CAR.replace("fn tick", "fn tock"));
    package.write(
        "src/main.rs",
        &fs::read_to_string(package.path("src/main.rs"))
            .unwrap()
            .replace("car.tick", "car.tock"),
    );
    assert_built_once(package);
    for path in output {
        let good = fs::read_to_string(path).unwrap();
        fs::remove_file(path).unwrap();
        assert_built_once(package);
        assert_eq!(fs::read_to_string(path).unwrap(), good);
        fs::write(path, format!("{good} // by hand")).unwrap();
        assert_built_once(package);
        assert_eq!(fs::read_to_string(path).unwrap(), good);
    }
}

#[test]
fn by_default() {
    let package = Package::new("rebuilt-by-default", ".id_suffix(\"ID\")");
    package.build();
    let [included, shown] = package.outputs();
    package.write(
        "src/main.rs",
        &fs::read_to_string(package.path("src/main.rs")).unwrap(),
    );
    let output = [
        included.join("rebuilt_by_default::car.rs"),
        shown.join("car.rs"),
    ];
    every_change_costs_one_build(&package, &output);
    for folder in [&included, &shown] {
        fs::remove_dir_all(folder).unwrap();
        assert_built_once(&package);
        assert!(folder.is_dir());
    }
    let before = list(&package.path("src"));
    assert_eq!(before, ["car.rs", "main.rs"]);
}

#[test]
fn in_the_source_tree() {
    let package = Package::new("rebuilt-beside", ".id_suffix(\"ID\").in_source_tree()");
    package.build();
    let [included, shown] = package.outputs();
    package.write(
        "src/main.rs",
        &fs::read_to_string(package.path("src/main.rs")).unwrap(),
    );
    let output = [
        package.path("src/car.kay_auto.rs"),
        included.join("rebuilt_beside::car.rs"),
        shown.join("car.rs"),
    ];
    every_change_costs_one_build(&package, &output);
}

#[test]
fn new_files_are_noticed() {
    let package = Package::new("rebuilt-for-more", ".id_suffix(\"ID\").in_source_tree()");
    let actors = "#![allow(missing_docs)] mod car;\n kay_runtime::kay_auto!(); fn main() {}";
    package.write("src/bin/one/car.rs", CAR);
    package.write("src/bin/one/main.rs", actors);
    package.build();
    assert_fresh(&package);
    package.write("src/bin/two/car.rs", CAR);
    package.write("src/bin/two/main.rs", actors);
    assert_eq!(package.build(), (1, 3));
    assert_fresh(&package);

    // A module whose file is missing is for the compiler to complain about.
    let car = format!("{CAR} mod extra;");
    package.write("src/car.rs", &car);
    let told = text(&package.cargo(&["check"]).stderr);
    assert!(told.contains("file not found for module `extra`"), "{told}");
    let extra = CAR.replace("Car", "Extra");
    package.write("src/car/extra.rs", &extra);
    assert_eq!(package.build().0, 1);
    assert!(package.path("src/car/extra.kay_auto.rs").is_file());
    assert_fresh(&package);
}

fn list(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
