//! A package of a user's, and Cargo at work on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "NAME"
version = "0.1.0"
edition = "2024"

[dependencies]
kay_runtime.path = "RUNTIME"

[build-dependencies]
kay_codegen.path = "CODEGEN"

[workspace]
"#;

const BUILD: &str = "fn main() { kay_codegen::Options::new()OPTIONS.build(); }";

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

pub const CAR: &str = "
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

/// A package of one program, `src/main.rs` with a module `src/car.rs`.
pub struct Package {
    name: String,
    folder: tempfile::TempDir,
}

impl Package {
    /// A package with a name that no other test uses, and options for its build script.
    pub fn new(name: &str, options: &str) -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let codegen = own.parent().unwrap();
        let workspace = codegen.parent().unwrap();
        let package = Self {
            name: name.to_owned(),
            folder: tempfile::tempdir().unwrap(),
        };
        let runtime = workspace.join("kay_runtime");
        let manifest = MANIFEST
            .replace("NAME", name)
            .replace("RUNTIME", runtime.to_str().unwrap())
            .replace("CODEGEN", codegen.to_str().unwrap());
        package.write("Cargo.toml", &manifest);
        package.write("build.rs", &BUILD.replace("OPTIONS", options));
        package.write("src/main.rs", MAIN);
        package.write("src/car.rs", CAR);
        // The same versions as those of the workspace are there already.
        let lock = fs::read_to_string(workspace.join("Cargo.lock")).unwrap();
        package.write("Cargo.lock", &lock);
        package
    }

    /// A file of the package.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Lets Cargo work.
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--offline")
            .current_dir(self.folder.path())
            // What is built for the tests is built already.
            .env("CARGO_TARGET_DIR", target())
            // Cargo has set it for this test.
            .env_remove("OUT_DIR")
            .output()
            .unwrap()
    }

    /// Builds, and says how often the build script ran and how many of the crates were compiled.
    #[track_caller]
    pub fn build(&self) -> (usize, usize) {
        let output = self.cargo(&["check", "-v"]);
        let told = text(&output.stderr);
        assert!(output.status.success(), "{told}");
        let script = format!("/build/{}-", self.name);
        let is_script = |line: &&str| line.contains(&script) && line.ends_with("-script-build`");
        // Cargo gives the paths of other packages from the root on.
        let is_crate = |line: &&str| line.contains("--edition=2024 src/");
        let runs = || told.lines().filter(|line| line.contains("Running `"));
        (
            runs().filter(is_script).count(),
            runs().filter(is_crate).count(),
        )
    }

    /// The folders that outputs are in: the one that is compiled, and the one for people.
    pub fn outputs(&self) -> [PathBuf; 2] {
        // Earlier runs of the test have left folders of the same name.
        let told = text(&self.cargo(&["check", "--message-format=json"]).stdout);
        let own = format!("#{}@", self.name);
        let is_own = |line: &&str| line.contains("build-script-executed") && line.contains(&own);
        let line = told.lines().find(is_own).unwrap();
        let (_, out_dir) = line.split_once("\"out_dir\":\"").unwrap();
        let (out_dir, _) = out_dir.split_once('"').unwrap();
        let included = Path::new(out_dir).join("kay_auto");
        let shown = target().join("kay_auto").join(self.name.replace('-', "_"));
        [included, shown]
    }
}

/// The folder that this test was built into.
fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_path_buf()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
