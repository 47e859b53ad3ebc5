//! A package is built, run and broken.

use crate::package::{CAR, Package, text};
use std::fs;

#[test]
fn a_package_is_built_run_and_rebuilt_only_for_a_reason() {
    let package = Package::new("users-own", ".id_suffix(\"ID\")");
    let first = package.cargo(&["run"]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains("ticks: 1"),
        "{}",
        text(&first.stdout)
    );

    let second = package.cargo(&["build"]);
    assert!(
        !text(&second.stderr).contains("Compiling"),
        "{}",
        text(&second.stderr)
    );

    package.write("src/car.rs", &CAR.replace("+= 1", "+= 2"));
    let third = package.cargo(&["run"]);
    assert!(
        text(&third.stderr).contains("Compiling users-own"),
        "{}",
        text(&third.stderr)
    );
    assert!(
        text(&third.stdout).contains("ticks: 2"),
        "{}",
        text(&third.stdout)
    );
    let fourth = package.cargo(&["build"]);
    assert!(
        !text(&fourth.stderr).contains("Compiling"),
        "{}",
        text(&fourth.stderr)
    );

    let script = fs::read_to_string(package.path("build.rs")).unwrap();
    fs::remove_file(package.path("build.rs")).unwrap();
    let without_script = text(&package.cargo(&["build"]).stderr);
    let expected = "error: this package has no build script: write a `build.rs`";
    assert!(without_script.contains(expected), "{without_script}");
    package.write("build.rs", &script);

    package.write(
        "src/car.rs",
        &CAR.replace("&mut self,", "&mut self, x: &str,"),
    );
    let broken = text(&package.cargo(&["build"]).stderr);
    assert!(broken.contains("src/car.rs:12:"), "{broken}");
    assert!(broken.contains("take a `&CString`"), "{broken}");
    assert!(!broken.contains("panicked"), "{broken}");
    assert_eq!(
        broken.matches("src/car.rs").count(),
        1,
        "nothing from the compiler: {broken}"
    );
}
