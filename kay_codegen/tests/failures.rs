//! Disks that are full, folders that cannot be written, a process that is killed: an error with the
//! path, no half of a file, and the next build goes on as if nothing had been.
#![cfg(target_os = "linux")]

use kay_codegen::Options;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LIB: &str = "kay_runtime::kay_auto!(); mod car;";
const CAR: &str = "
    kay_runtime::kay_auto!();
    #[derive(Compact)] pub struct Car { id: CarId }
    impl Car { pub fn tick(&self, _: &mut kay_runtime::World) {} }
";

/// What the tests below run in a process of its own; nothing if it is run as a test.
#[test]
fn build_script() {
    match std::env::var("KAY_TEST_MODE").as_deref() {
        Ok("in_source_tree") => Options::new().in_source_tree().build(),
        Ok(_) => kay_codegen::build(),
        Err(_) => {}
    }
}

struct Package {
    folder: tempfile::TempDir,
    mode: &'static str,
}

impl Package {
    fn new(mode: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let package = Self { folder, mode };
        for folder in ["src", "out"] {
            fs::create_dir(package.path(folder)).unwrap();
        }
        fs::write(package.path("Cargo.toml"), "[package]\nname = \"city\"\n").unwrap();
        fs::write(package.path("src/lib.rs"), LIB).unwrap();
        fs::write(package.path("src/car.rs"), CAR).unwrap();
        package
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs the build script from a shell, in a world of its own where the shell may mount what it
    /// likes. `None` if this system does not let us, which is said.
    fn run_after(&self, commands: &str) -> Option<Output> {
        let unshare = |command: &str| {
            let mut unshare = Command::new("unshare");
            unshare.args(["--mount", "--map-root-user", "sh", "-c", command]);
            unshare
        };
        let probe = unshare("mount -t tmpfs tmpfs /mnt").output();
        if !probe.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: file systems cannot be mounted here");
            return None;
        }
        let command = format!("{commands} && exec \"$TEST\" --exact build_script --nocapture");
        let output = unshare(&command)
            .current_dir(self.folder.path())
            .env("TEST", std::env::current_exe().unwrap())
            .env("KAY_TEST_MODE", self.mode)
            .env("CARGO_MANIFEST_DIR", self.folder.path())
            .env("OUT_DIR", self.path("out"))
            .output()
            .unwrap();
        Some(output)
    }

    /// Builds as if nothing had been before, and checks that everything is there and nothing else.
    #[track_caller]
    fn assert_recovers(&self) {
        let Some(output) = self.run_after("true") else {
            return;
        };
        assert!(output.status.success(), "{output:?}");
        assert!(!told(&output).contains("cargo::error"), "{}", told(&output));
        assert_eq!(list(&self.path("out")), ["kay_auto"]);
        assert_eq!(
            list(&self.path("out/kay_auto")),
            ["city.rs", "city::car.rs"]
        );
        let files: &[&str] = match self.mode {
            "in_source_tree" => &["car.kay_auto.rs", "car.rs", "lib.kay_auto.rs", "lib.rs"],
            _ => &["car.rs", "lib.rs"],
        };
        assert_eq!(list(&self.path("src")), files);
    }
}

fn told(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn list(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The one error that was told, without a panic and with the process ending as it should.
#[track_caller]
fn error(output: &Output) -> String {
    let told = told(output);
    assert!(output.status.success(), "{told}");
    assert!(
        !told.contains("panicked") && !told.contains("backtrace"),
        "{told}"
    );
    let mut errors = told
        .lines()
        .filter_map(|line| line.strip_prefix("cargo::error="));
    let error = errors.next().unwrap_or_else(|| panic!("no error: {told}"));
    assert_eq!(errors.next(), None, "{told}");
    error.to_owned()
}

const FULL: &str =
    "mount -t tmpfs -o size=16k tmpfs out && { cat /dev/zero > out/filler || true; }";

#[test]
fn a_full_disk() {
    for mode in ["", "in_source_tree"] {
        let package = Package::new(mode);
        let Some(output) = package.run_after(FULL) else {
            return;
        };
        let error = error(&output);
        let start = format!("cannot write {}/", package.path("out").display());
        assert!(
            error.starts_with(&start) && error.contains("No space left"),
            "{error}"
        );
        assert_eq!(list(&package.path("src")), ["car.rs", "lib.rs"]);
        package.assert_recovers();
    }
}

#[test]
fn a_disk_that_becomes_full() {
    // There is room for the first file, and for a part of the second one.
    let package = Package::new("");
    let handlers = (0..50).map(|number| {
        let name = format!("tick{number}(");
        format!("impl Car {{ pub fn {name}&self, _: &mut kay_runtime::World) {{}} }}\n")
    });
    let car: String = [CAR.to_owned()].into_iter().chain(handlers).collect();
    fs::write(package.path("src/car.rs"), car).unwrap();
    let script = "mount -t tmpfs -o size=16k tmpfs out && \
                  trap 'ls -A out out/kay_auto; tail -n 1 out/kay_auto/*' EXIT && \
                  (exec \"$TEST\" --exact build_script --nocapture) && exit";
    let Some(output) = package.run_after(script) else {
        return;
    };
    let error = error(&output);
    let unfinished = package.path("out/kay_auto.new/city::car.rs");
    let start = format!("cannot write {}: No space left", unfinished.display());
    assert!(error.starts_with(&start), "{error}");
    let told = told(&output);
    let left = "out:\nkay_auto\n\nout/kay_auto:\ncity.rs\n}\n";
    assert!(told.contains(left), "{told}");
    package.assert_recovers();
}

#[test]
fn a_limit_on_the_size_of_files() {
    let package = Package::new("in_source_tree");
    // The signal that comes with it is ignored, or ends the process: then it is as if killed.
    for signal in ["trap '' XFSZ", "true"] {
        let script = format!("{signal} && ulimit -f 1");
        let Some(output) = package.run_after(&script) else {
            return;
        };
        if output.status.success() {
            let error = error(&output);
            assert!(error.contains("File too large"), "{error}");
            assert!(list(&package.path("out")).is_empty());
        }
        assert_eq!(list(&package.path("src")), ["car.rs", "lib.rs"]);
    }
    package.assert_recovers();
}

#[test]
fn a_source_tree_that_cannot_be_written() {
    let read_only = "mount --bind src src && mount -o remount,bind,ro src";
    let package = Package::new("");
    let Some(output) = package.run_after(read_only) else {
        return;
    };
    assert!(!told(&output).contains("cargo::error"), "{}", told(&output));
    assert_eq!(
        list(&package.path("out/kay_auto")),
        ["city.rs", "city::car.rs"]
    );

    let package = Package::new("in_source_tree");
    let output = package.run_after(read_only).unwrap();
    let error = error(&output);
    let file = package.path("src/car.kay_auto.rs");
    let start = format!("cannot write {}: ", file.display());
    assert!(
        error.starts_with(&start) && error.contains("Read-only"),
        "{error}"
    );
    assert_eq!(list(&package.path("src")), ["car.rs", "lib.rs"]);
    package.assert_recovers();

    // Nothing is to be changed any more, so that nothing has to be written.
    let output = package.run_after(read_only).unwrap();
    assert!(!told(&output).contains("cargo::error"), "{}", told(&output));
}

#[test]
fn folders_that_cannot_be_written() {
    let package = Package::new("");
    let script = "mkdir target && echo created by cargo > target/CACHEDIR.TAG && \
                  mkdir target/kay_auto target/out && export OUT_DIR=$PWD/target/out && \
                  mount --bind target/kay_auto target/kay_auto && \
                  mount -o remount,bind,ro target/kay_auto";
    let Some(output) = package.run_after(script) else {
        return;
    };
    let told = told(&output);
    let kay_auto = package.path("target/kay_auto");
    let line = format!("cargo::warning=cannot write {}", kay_auto.display());
    assert!(
        told.contains(&line) && !told.contains("cargo::error"),
        "{told}"
    );
    assert!(!told.contains("rerun-if-changed=target/kay_auto"), "{told}");
    assert_eq!(
        list(&package.path("target/out/kay_auto")),
        ["city.rs", "city::car.rs"]
    );

    let read_only = "mount --bind out out && mount -o remount,bind,ro out";
    let output = package.run_after(read_only).unwrap();
    let error = error(&output);
    let start = format!("cannot write {}", package.path("out").display());
    assert!(
        error.starts_with(&start) && error.contains("Read-only"),
        "{error}"
    );
}

#[test]
fn a_process_that_is_killed() {
    const MODULES: usize = 200;
    for (mode, first) in [
        ("", "out/kay_auto/city.rs"),
        ("in_source_tree", "src/car.kay_auto.rs"),
    ] {
        let package = Package::new(mode);
        let mut lib = String::from(LIB);
        for number in 0..MODULES {
            lib.push_str(&format!(" mod m{number};"));
            let text = CAR.replace("Car", &format!("Car{number}"));
            fs::write(package.path(&format!("src/m{number}.rs")), text).unwrap();
        }
        fs::write(package.path("src/lib.rs"), &lib).unwrap();
        let script = format!(
            "{{ \"$TEST\" --exact build_script & }} && script=$! && \
             while kill -0 $script && [ ! -e {first} ]; do :; done && kill -KILL $script; \
             wait $script; exit"
        );
        if package.run_after(&script).is_none() {
            return;
        }
        let mut outputs = 0;
        let folders = [package.path("src"), package.path("out/kay_auto")];
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for name in list(folder) {
                assert!(name.ends_with(".rs"), "{name}");
                let text = fs::read_to_string(folder.join(&name)).unwrap();
                if !text.contains("kay_auto!();") {
                    assert!(text.ends_with("}\n"), "{name}: {text}");
                    outputs += 1;
                }
            }
        }
        assert!((1..MODULES).contains(&outputs), "{outputs} were written");
        fs::write(package.path("src/lib.rs"), LIB).unwrap();
        for number in 0..MODULES {
            fs::remove_file(package.path(&format!("src/m{number}.rs"))).unwrap();
        }
        package.assert_recovers();
    }
}

#[test]
fn outside_of_a_build_script() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "build_script", "--nocapture"])
        .env("KAY_TEST_MODE", "")
        .env_remove("OUT_DIR")
        .output()
        .unwrap();
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("error: OUT_DIR is not set: `kay_codegen::build()`"),
        "{told}"
    );
    assert!(
        !told.contains("panicked") && !told.contains("backtrace"),
        "{told}"
    );
}
