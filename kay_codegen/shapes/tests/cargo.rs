//! A package of a user's, built by Cargo: what is rebuilt, and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "users-own"
version = "0.1.0"
edition = "2024"

[dependencies]
kay_runtime.path = "RUNTIME"

[build-dependencies]
kay_codegen.path = "CODEGEN"

[workspace]
"#;

const BUILD: &str = r#"fn main() { kay_codegen::Options::new().id_suffix("ID").build(); }"#;

const MAIN: &str = "
    #![forbid(unsafe_code)]
    #![deny(warnings, missing_docs)]
    //! A program.
    mod car;
    kay_runtime::kay_auto!();
    fn main() {
        let settings = kay_runtime::Settings::default().threads(1);
        let mut system = kay_runtime::ActorSystem::new(settings, setup).unwrap();
        let car = car::CarID::spawn(system.world());
        car.tick(system.world());
        let _ = system.run_until_idle(10).unwrap();
        print!(\"{}\", system.describe(car).unwrap());
    }
";

const CAR: &str = "
    //! Cars.
    use kay_runtime::{Compact, World};
    kay_runtime::kay_auto!();
    /// A car.
    #[derive(Compact)]
    pub struct Car { id: CarID, ticks: u32 }
    impl Car {
        /// Makes one.
        pub fn spawn(id: CarID, _: &mut World) -> Self { Self { id, ticks: 0 } }
        /// Ticks.
        pub fn tick(&mut self, _: &mut World) { self.ticks += 1; }
    }
";

struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn new() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let codegen = own.parent().unwrap();
        let workspace = codegen.parent().unwrap();
        let package = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let runtime = workspace.join("kay_runtime");
        let manifest = MANIFEST
            .replace("RUNTIME", runtime.to_str().unwrap())
            .replace("CODEGEN", codegen.to_str().unwrap());
        package.write("Cargo.toml", &manifest);
        package.write("build.rs", BUILD);
        package.write("src/main.rs", MAIN);
        package.write("src/car.rs", CAR);
        // The same versions as those of the workspace are there already.
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        package.write("Cargo.lock", &lock);
        package
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn cargo(&self, command: &str) -> Output {
        Command::new(env!("CARGO"))
            .args([command, "--offline"])
            .current_dir(self.folder.path())
            // What is built for the tests is built already.
            .env("CARGO_TARGET_DIR", target())
            .output()
            .unwrap()
    }
}

/// The folder that this test was built into.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_path_buf()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_package_is_built_run_and_rebuilt_only_for_a_reason() {
    let package = Package::new();
    let first = package.cargo("run");
    assert!(first.status.success(), "{}", text(&first.stderr));
    assert!(
        text(&first.stdout).contains("ticks: 1"),
        "{}",
        text(&first.stdout)
    );

    let second = package.cargo("build");
    assert!(
        !text(&second.stderr).contains("Compiling"),
        "{}",
        text(&second.stderr)
    );

    package.write("src/car.rs", &CAR.replace("+= 1", "+= 2"));
    let third = package.cargo("run");
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
    let fourth = package.cargo("build");
    assert!(
        !text(&fourth.stderr).contains("Compiling"),
        "{}",
        text(&fourth.stderr)
    );

    package.write(
        "src/car.rs",
        &CAR.replace("&mut self,", "&mut self, x: &str,"),
    );
    let broken = text(&package.cargo("build").stderr);
    assert!(broken.contains("src/car.rs:12:"), "{broken}");
    assert!(broken.contains("take a `&CString`"), "{broken}");
    assert!(!broken.contains("panicked"), "{broken}");
    assert_eq!(
        broken.matches("src/car.rs").count(),
        1,
        "nothing from the compiler: {broken}"
    );
}
