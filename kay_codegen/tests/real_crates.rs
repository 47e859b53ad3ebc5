//! The sources of crates that know nothing of actors: all can be read, and none has any.

use kay_codegen::{Options, Severity, package};
use std::path::Path;
use std::process::Command;

/// The folders of all packages that this workspace is built with and that others wrote.
fn dependencies() -> Vec<(String, String)> {
    let cargo = std::env::var("CARGO").expect("Cargo runs tests");
    let version = Command::new(&cargo).arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("cargo -vV names the host");
    // What this test was built with is at hand; what other systems would need may not be.
    let metadata = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{metadata:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| !package["source"].is_null())
        .map(|package| {
            let manifest = Path::new(package["manifest_path"].as_str().unwrap());
            let folder = manifest.parent().unwrap().display().to_string();
            (package["name"].to_string(), folder)
        })
        .collect()
}

#[test]
fn well_known_crates_have_no_actors() {
    let dependencies = dependencies();
    assert!(dependencies.len() >= 50, "{}", dependencies.len());
    let mut files = 0;
    for (name, folder) in dependencies {
        let package = package::read(&folder, &Options::new()).unwrap();
        for diagnostic in package.diagnostics() {
            assert_ne!(
                diagnostic.severity(),
                Severity::Error,
                "{name}: {diagnostic}"
            );
        }
        assert!(
            !package.is_incomplete(),
            "{name}: {:?}",
            package.diagnostics()
        );
        for krate in &package.crates {
            files += krate.output.scanned.len();
            assert_eq!(krate.output.files, [], "{name}");
            assert_eq!(krate.output.schema.messages, [], "{name}");
            let interface = krate.output.interface.as_ref().unwrap();
            assert_eq!(
                interface.to_string().parse().as_ref(),
                Ok(interface),
                "{name}"
            );
        }
    }
    assert!(files > 500, "{files} files only");
}
