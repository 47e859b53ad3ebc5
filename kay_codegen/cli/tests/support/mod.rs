//! Runs the program as a person does.
#![allow(dead_code, reason = "not every test uses all of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, with nothing of the surroundings that changes what it prints.
pub fn kay_codegen(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kay_codegen"));
    command.current_dir(folder).args(arguments);
    for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

/// Exit code, standard output and standard error.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    texts(kay_codegen(folder, arguments).output().unwrap())
}

pub fn texts(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().expect("the program was not killed");
    (code, text(output.stdout), text(output.stderr))
}

/// The standard output of a run that goes well.
#[track_caller]
pub fn output(folder: &Path, arguments: &[&str]) -> String {
    let (code, out, err) = run(folder, arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    out
}

/// The root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A package on disk.
pub struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let package = Self { folder };
        package.write("Cargo.toml", "[package]\nname = \"city\"\n");
        for (path, text) in files {
            package.write(path, text);
        }
        package
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A car and a place for it.
pub fn city() -> Package {
    Package::new(&[
        (
            "src/lib.rs",
            "pub mod car; pub mod place; kay_runtime::kay_auto!();\n",
        ),
        (
            "src/car.rs",
            "kay_runtime::kay_auto!();
use kay_runtime::{Compact, World};
use crate::place::{Place, PlaceId};

#[derive(Compact)]
pub struct Car { id: CarId, here: PlaceId, speed: u8 }

impl Car {
    pub fn spawn(id: CarId, here: PlaceId, world: &mut World) -> Self {
        here.visit(id, 1, world);
        Car { id, here, speed: 0 }
    }

    pub fn drive(&mut self, ahead: u16, world: &mut World) {
        CarId::local_broadcast(world).drive(ahead, world);
    }
}

impl Place for Car {
    fn visit(&mut self, car: CarId, floor: u8, _: &mut World) {}
}
",
        ),
        (
            "src/place.rs",
            "kay_runtime::kay_auto!();
use kay_runtime::World;
use crate::car::CarId;

pub trait Place {
    fn visit(&mut self, car: CarId, floor: u8, world: &mut World);
}
",
        ),
    ])
}
