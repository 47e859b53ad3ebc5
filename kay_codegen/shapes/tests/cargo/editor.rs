//! rust-analyzer finds what is generated.

use crate::package::{CAR, Package, text};
use std::process::Command;

// Of what cannot be found, an editor complains about imports.
const MAIN: &str = "
    mod car;
    mod control;
    use car::{CarID, CarTick};
    kay_runtime::kay_auto!();
    fn main() { let _: (Option<CarID>, CarTick) = (None, CarTick); }
";

// What has nothing to do with generated code: it needs the sources of std, and all crates that other
// systems would need.
const CONTROL: &str = "use std::collections::BTreeMap; use kay_runtime::{Compact, World};";

#[test]
fn an_editor_knows_the_types_that_are_generated() {
    let version = Command::new("rust-analyzer").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        println!(
            "skipped: there is no rust-analyzer; get it by `rustup component add rust-analyzer`"
        );
        return;
    }
    let package = Package::new("users-editor", ".id_suffix(\"ID\")");
    package.write("src/main.rs", MAIN);
    package.write("src/control.rs", CONTROL);
    package.write("src/car.rs", &CAR.replace("kay_auto!()", "kay_auto!(car)"));
    let told = package.analyzed();
    if told.contains("src/control.rs: Error") {
        println!("skipped: this rust-analyzer does not find the standard library, or crates");
        return;
    }
    assert!(!told.contains("src/main.rs: Error"), "{told}");
    assert!(!told.contains("src/car.rs: Error"), "{told}");
    assert!(told.contains("diagnostic scan complete"), "{told}");

    // It does look: without the path of the module, the editor knows none of this.
    package.write("src/car.rs", CAR);
    let told = package.analyzed();
    assert!(told.contains("src/main.rs: Error"), "{told}");
}

impl Package {
    /// What rust-analyzer has to say of the package.
    fn analyzed(&self) -> String {
        let output = Command::new("rust-analyzer")
            .args(["diagnostics", "."])
            .current_dir(self.path("."))
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap();
        text(&output.stdout) + &text(&output.stderr)
    }
}
