//! A program of a user's, and Cargo at work on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Build;

const MANIFEST: &str = r#"
[package]
name = "NAME"
version = "0.1.0"
edition = "2024"

[workspace]
"#;

const DEPENDENCIES: &str = r#"
[dependencies]
kay_runtime.path = "WORKSPACE/kay_runtime"

[build-dependencies]
kay_codegen.path = "WORKSPACE/kay_codegen"
"#;

/// As a user's, but that it writes down how long it took.
const SCRIPT: &str = r#"
fn main() {
    let start = std::time::Instant::now();
    kay_codegen::build();
    std::fs::write("generator", start.elapsed().as_secs_f64().to_string()).unwrap();
}
"#;

/// A package with a program, below the folder that Cargo keeps for this bench.
pub struct Package {
    folder: PathBuf,
    /// The source that [`Package::one_changed`] changes.
    text: String,
}

/// The file with [`Package::text`].
const CHANGING: &str = "src/shop0.rs";

/// What a change is made of.
const CONSTANT: &str = "const RENT: u32 = 3;";

impl Package {
    /// A package of this name with these sources.
    pub fn new(name: &str, has_kay: bool, sources: Vec<(String, String)>) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut manifest = MANIFEST.replace("NAME", name);
        let folder = target().join(name);
        // What an earlier run left is not this run's.
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the folder is ours");
        }
        fs::create_dir_all(folder.join("src")).expect("the folder is ours");
        let write = |path: &str, text: &str| {
            fs::write(folder.join(path), text).expect("the folder is ours");
        };
        if has_kay {
            let path = workspace.to_str().expect("the path is Unicode");
            manifest.push_str(&DEPENDENCIES.replace("WORKSPACE", path));
            write("build.rs", SCRIPT);
            // The same versions as those of the workspace are there already.
            let lock = fs::read_to_string(workspace.join("Cargo.lock"));
            write("Cargo.lock", &lock.expect("the workspace has one"));
        }
        write("Cargo.toml", &manifest);
        let mut changing = None;
        for (path, text) in sources {
            write(&path, &text);
            if path == CHANGING {
                changing = Some(text);
            }
        }
        let text = changing.expect("each program has this source");
        assert!(text.contains(CONSTANT), "{text}");
        Package { folder, text }
    }

    /// Lets Cargo build what is to be built; says how many seconds it took.
    pub fn build(&self, build: &Build) -> f64 {
        let start = Instant::now();
        let output = Command::new(env!("CARGO"))
            .args(build.arguments)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target().join("target"))
            // Cargo has set it for this bench.
            .env_remove("OUT_DIR")
            .output()
            .expect("Cargo runs");
        let seconds = start.elapsed().as_secs_f64();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        assert!(!told.contains("warning"), "{told}");
        seconds
    }

    /// Builds the whole crate.
    pub fn whole(&self, build: &Build) -> f64 {
        // Otherwise the compiler finds that nothing has changed.
        let remembered = target()
            .join("target")
            .join(build.folder)
            .join("incremental");
        if remembered.exists() {
            fs::remove_dir_all(remembered).expect("the folder is ours");
        }
        fs::write(self.folder.join(CHANGING), &self.text).expect("the folder is ours");
        self.build(build)
    }

    /// Builds after a change in one handler.
    pub fn one_changed(&self, build: &Build) -> f64 {
        let file = self.folder.join(CHANGING);
        let there = fs::read_to_string(&file).expect("the file is there");
        let changed = if there == self.text {
            self.text.replace(CONSTANT, "const RENT: u32 = 4;")
        } else {
            self.text.clone()
        };
        fs::write(file, changed).expect("the folder is ours");
        self.build(build)
    }

    /// How many seconds of the last build the generator took.
    pub fn generator(&self) -> f64 {
        let told = fs::read_to_string(self.folder.join("generator"));
        let told = told.expect("the build script has written it");
        told.parse().expect("it is a number")
    }
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile")
}
