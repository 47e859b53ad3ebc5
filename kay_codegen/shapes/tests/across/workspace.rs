//! A workspace of packages that depend on each other, with a diamond: `app` on `left` and `right`,
//! and all three on `town`, which `left` calls `city` and which is of an earlier edition.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = r#"
[workspace]
members = ["app", "left", "probe", "right", "town"]
resolver = "3"

[workspace.dependencies]
kay_codegen.path = "CODEGEN"
kay_runtime.path = "RUNTIME"
city = { path = "town", package = "across-town" }
"#;

/// What the manifests of all packages have.
const HEAD: &str = r#"
[package]
name = "across-NAME"
edition = "EDITION"
MORE

[build-dependencies]
kay_codegen.workspace = true

[dependencies]
kay_runtime.workspace = true
"#;

const TOWN_MANIFEST: &str = r#"
[lib]
name = "town"

[features]
shops = []
"#;

pub const TOWN: &str = "
    #![forbid(unsafe_code)]
    kay_runtime::kay_auto!();
    pub use car::{Car, CarId};
    pub use place::*;
    mod car {
        use kay_runtime::prelude::*;
        kay_auto!();
        #[derive(Compact)]
        pub struct Car { id: CarId, pub shouts: u32 }
        impl Car {
            pub fn spawn(id: CarId, _: &mut World) -> Self { Self { id, shouts: 0 } }
            pub fn visit(&mut self, place: crate::PlaceId, world: &mut World) {
                crate::visit(self.id, place, world);
            }
        }
    }
    mod place {
        use kay_runtime::prelude::*;
        kay_auto!();
        pub trait Place {
            fn count(&mut self, by: u32);
            fn enter(&mut self, who: crate::CarId, _: &mut World) { let _ = who; self.count(1); }
            #[cfg(feature = \"shops\")]
            fn shop(&mut self, _: &mut World) { self.count(10); }
            // Keywords since edition 2024.
            fn gen(&mut self, gen: u8, _: &mut World) { self.count(gen.into()); }
            // More handlers.
        }
    }
    fn visit(car: CarId, place: PlaceId, world: &mut kay_runtime::World) {
        #[cfg(feature = \"shops\")]
        place.shop(world);
        place.enter(car, world);
    }
";

const LEFT_MANIFEST: &str = "
city.workspace = true
[lib]
name = \"left\"
";

pub const LEFT: &str = "
    #![forbid(unsafe_code)]
    use kay_runtime::prelude::*;
    kay_auto!();
    pub trait Noisy { fn shout(&mut self, times: u32, world: &mut World); } // End of Noisy.
    impl Noisy for city::Car {
        fn shout(&mut self, times: u32, _: &mut World) { self.shouts += times; }
    }
    #[derive(Compact)]
    pub struct Garage { id: GarageId, pub count: u32 }
    impl Garage {
        pub fn spawn(id: GarageId, _: &mut World) -> Self { Self { id, count: 0 } }
    }
    impl city::Place for Garage {
        fn count(&mut self, by: u32) { self.count += by; }
    }
";

const RIGHT_MANIFEST: &str = "
[dependencies.town]
path = \"../town\"
package = \"across-town\"
[lib]
name = \"right\"
";

const RIGHT: &str = "
    #![forbid(unsafe_code)]
    use kay_runtime::prelude::*;
    use town::Place;
    kay_auto!();
    pub trait Inn: Place { fn sleep(&mut self, world: &mut World); }
    #[derive(Compact)]
    pub struct Hotel { id: HotelId, pub count: u32, pub naps: u32 }
    impl Hotel {
        pub fn spawn(id: HotelId, _: &mut World) -> Self { Self { id, count: 0, naps: 0 } }
    }
    impl Place for Hotel {
        fn count(&mut self, by: u32) { self.count += by; }
        #[essential]
        fn r#gen(&mut self, _: u8, _: &mut World) { self.count += 1000; }
    }
    impl Inn for Hotel {
        fn sleep(&mut self, _: &mut World) { self.naps += 1; }
    }
";

const APP_MANIFEST: &str = "
town = { path = \"../town\", package = \"across-town\" }
left = { path = \"../left\", package = \"across-left\" }
right = { path = \"../right\", package = \"across-right\" }
[features]
shops = [\"town/shops\"]
";

pub const APP: &str = "
    #![forbid(unsafe_code)]
    use kay_runtime::{Idle, prelude::*};
    use left::{Garage, GarageId, NoisyId};
    use right::{Hotel, HotelId, InnId};
    use town::{Car, CarId, PlaceId};
    kay_auto!();
    #[derive(Compact)]
    pub struct Tour { id: TourId, tours: u32 }
    impl Tour {
        pub fn spawn(id: TourId, _: &mut World) -> Self { Self { id, tours: 0 } }
        pub fn go(&mut self, car: CarId, places: &kay_runtime::CVec<PlaceId>, world: &mut World) {
            for place in places { car.visit(*place, world); }
            self.tours += 1;
        }
    }
    // More blocks.
    fn main() {
        let settings = Settings::default().threads(1);
        let mut system = ActorSystem::new(settings, setup).unwrap();
        let world = system.world();
        let (garage, hotel) = (GarageId::spawn(world), HotelId::spawn(world));
        let (car, tour) = (CarId::spawn(world), TourId::spawn(world));
        let inn = InnId::from(hotel);
        inn.sleep(world);
        PlaceId::from(inn).r#gen(1, world);
        tour.go(car, [garage.into(), inn.into()].into_iter().collect(), world);
        NoisyId::from(car).shout(1, world);
        assert!(matches!(system.run_until_idle(9), Ok(Idle::After { .. })));
        let world = system.world();
        NoisyId::local_broadcast(world).shout(1, world);
        assert!(matches!(system.run_until_idle(9), Ok(Idle::After { .. })));
        let garage = system.get::<Garage>(garage).unwrap().count;
        let Hotel { count: hotel, naps, .. } = system.get(hotel).unwrap();
        let shouts = system.get::<Car>(car).unwrap().shouts;
        let tours = system.get::<Tour>(tour).unwrap().tours;
        println!(\"garage {garage} hotel {hotel} naps {naps} shouts {shouts} tours {tours}\");
    }
";

const PROBE_MANIFEST: &str = "
[dev-dependencies]
city.workspace = true
[lib]
name = \"probe\"
";

const PROBE: &str = "
    use city::{Car, CarId, Place, PlaceId};
    use kay_runtime::prelude::*;
    kay_auto!();
    #[derive(Compact)]
    pub struct Field { id: FieldId, count: u32 }
    impl Field {
        pub fn spawn(id: FieldId, _: &mut World) -> Self { Self { id, count: 0 } }
    }
    impl Place for Field {
        fn count(&mut self, by: u32) { self.count += by; }
    }
    #[test]
    fn a_place_of_a_test() {
        let settings = Settings::default().threads(1);
        let mut system = ActorSystem::new(settings, setup).unwrap();
        let field = FieldId::spawn(system.world());
        let car = CarId::spawn(system.world());
        car.visit(PlaceId::from(field), system.world());
        let _ = system.run_until_idle(9).unwrap();
        assert_ne!(system.get::<Field>(field).unwrap().count, 0);
        assert_eq!(system.population::<Car>(), 1);
    }
";

pub struct Workspace {
    folder: tempfile::TempDir,
}

impl Workspace {
    pub fn new() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let codegen = own.parent().unwrap();
        let kay = codegen.parent().unwrap();
        let workspace = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let root = ROOT
            .replace("CODEGEN", codegen.to_str().unwrap())
            .replace("RUNTIME", kay.join("kay_runtime").to_str().unwrap());
        workspace.write("Cargo.toml", &root);
        // The same versions as those of kay's own workspace are there already.
        let lock = fs::read_to_string(kay.join("Cargo.lock")).unwrap();
        workspace.write("Cargo.lock", &lock);
        for (name, manifest, file, text, offers) in [
            ("town", TOWN_MANIFEST, "src/lib.rs", TOWN, true),
            ("left", LEFT_MANIFEST, "src/lib.rs", LEFT, true),
            ("right", RIGHT_MANIFEST, "src/lib.rs", RIGHT, true),
            ("app", APP_MANIFEST, "src/main.rs", APP, false),
            ("probe", PROBE_MANIFEST, "tests/probe.rs", PROBE, false),
        ] {
            let links = format!("links = \"across_{name}\"");
            let head = HEAD.replace("NAME", name);
            let head = head.replace("MORE", if offers { &links } else { "" });
            let edition = if name == "town" { "2021" } else { "2024" };
            let head = head.replace("EDITION", edition);
            workspace.write(&format!("{name}/Cargo.toml"), &format!("{head}{manifest}"));
            workspace.write(&format!("{name}/{file}"), text);
            let build = "fn main() { kay_codegen::build(); }";
            workspace.write(&format!("{name}/build.rs"), build);
        }
        workspace.write("probe/src/lib.rs", "");
        let build = "fn main() { kay_codegen::Options::new().extra_crate(\"../town\").build(); }";
        workspace.write("probe/build.rs", build);
        workspace
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Lets Cargo work on the program and what it depends on.
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(arguments)
            .arg("--offline")
            .current_dir(self.folder.path())
            // What is built for the tests is built already.
            .env("CARGO_TARGET_DIR", target())
            .output()
            .unwrap()
    }

    /// What the program prints.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.cargo(&[&["run", "-p", "across-app"], arguments].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The packages that have to be compiled for the program.
    #[track_caller]
    pub fn compiled(&self) -> Vec<String> {
        let output = self.cargo(&["build", "-p", "across-app"]);
        let told = text(&output.stderr);
        assert!(output.status.success(), "{told}");
        let names = told.lines().filter_map(|line| {
            let compiled = line.trim_start().strip_prefix("Compiling ")?;
            Some(compiled.split(' ').next()?.to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
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
