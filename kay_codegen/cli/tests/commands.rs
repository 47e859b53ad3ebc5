//! `expand`, `check`, `explain`, and what all commands have in common.

mod support;

use kay_codegen::{Options, package};
use std::fs;
use std::io::Read;
use std::process::Stdio;
use support::{Package, city, kay_codegen, output, repository, run};

#[test]
fn expand_prints_the_files_as_they_are_generated() {
    let folder = repository().join("demo_sim");
    let text = output(&repository(), &["expand", "demo_sim"]);
    let package = package::read(folder, &Options::new()).unwrap();
    let expected: Vec<String> = package
        .files()
        .map(|file| format!("// {}\n{}", file.module(), file.text))
        .collect();
    assert_eq!(text, expected.join("\n"));
}

/// The first lines of what `expand` prints about something.
fn headings(item: &str) -> Vec<String> {
    let text = output(city().path(), &["expand", ".", item]);
    let lines = text.lines().filter(|line| line.starts_with("// city"));
    lines.map(str::to_owned).collect()
}

#[test]
fn expand_prints_a_module() {
    for item in ["car", "city::car", "crate::car"] {
        assert_eq!(headings(item), ["// city::car"]);
    }
    assert_eq!(
        headings("city"),
        ["// city", "// city::car", "// city::place"]
    );
}

#[test]
fn expand_prints_an_actor_and_nothing_else() {
    for item in ["Car", "car::Car", "city::car::Car"] {
        assert_eq!(headings(item), ["// city::car"]);
    }
    let text = output(city().path(), &["expand", ".", "Car"]);
    for expected in [
        "pub struct CarId(",
        "pub struct CarDrive ",
        "pub struct CarSpawn ",
        "Recipient<CarDrive> for Car",
        "From<CarId> for PlaceId",
        "PlaceVisit> for Car",
        "/// Calls [`Car::drive`] in the next turn.",
    ] {
        let squeezed = text.replace("crate::place::", "");
        assert!(
            squeezed.contains(expected),
            "{expected} is missing in\n{text}"
        );
    }
    assert!(!text.contains("fn setup"));
    assert!(!text.contains("struct Place"));
}

#[test]
fn expand_prints_a_trait_in_all_modules() {
    assert_eq!(headings("Place"), ["// city::car", "// city::place"]);
    let text = output(city().path(), &["expand", ".", "Place"]);
    assert!(text.contains("pub struct PlaceId(") && text.contains("pub struct PlaceVisit "));
    assert!(!text.contains("struct Car"));
}

#[test]
fn what_is_not_there_is_an_error_with_near_names() {
    let (code, out, err) = run(city().path(), &["expand", ".", "Cra"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("`Cra` is no module") && err.contains("did you mean `car::Car`"),
        "{err}"
    );
}

#[test]
fn diagnostics_are_shown_and_end_with_one() {
    let package = Package::new(&[(
        "src/lib.rs",
        "kay_runtime::kay_auto!();\n#[derive(Compact)]\npub struct Car { speed: u8 }\n\
         impl Car { pub fn tick(&self, _: &mut kay_runtime::World) {} }\n",
    )]);
    for command in [
        &["expand"][..],
        &["check"],
        &["schema"],
        &["schema", "--json"],
        &["graph"],
    ] {
        let (code, out, err) = run(package.path(), command);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("error[K0005]: `tick` is a handler"), "{err}");
        assert!(
            err.contains("  --> src/lib.rs:4:19\n") || err.contains(" --> src/lib.rs:4:19\n"),
            "{err}"
        );
        assert!(!err.contains('\u{1b}'), "{err}");
    }
    let (_, _, err) = run(package.path(), &["check", "--color", "always"]);
    assert!(err.contains('\u{1b}'));
}

#[test]
fn another_suffix_is_understood() {
    let package = Package::new(&[(
        "src/lib.rs",
        "kay_runtime::kay_auto!();\n#[derive(Compact)]\npub struct Car { id: CarID }\n\
         impl Car { pub fn tick(&self, _: &mut kay_runtime::World) {} }\n",
    )]);
    let text = output(package.path(), &["expand", "--id-suffix", "ID"]);
    assert!(text.contains("pub struct CarID("), "{text}");
}

#[test]
fn check_says_that_sources_are_fine() {
    let out = output(city().path(), &["check"]);
    assert!(
        out.starts_with("city: the sources are fine: 1 actor, 1 actor trait, 3 messages\n"),
        "{out}"
    );
}

#[test]
fn check_compares_what_was_committed() {
    let city = city();
    let (code, out, _) = run(city.path(), &["check", "--in-source-tree"]);
    assert_eq!(code, 1);
    assert!(out.contains("  missing src/car.kay_auto.rs\n"), "{out}");

    let package = package::read(city.path(), &Options::new().in_source_tree()).unwrap();
    for file in package.files() {
        city.write(&package.place(file).unwrap(), &file.text);
    }
    let out = output(city.path(), &["check"]);
    assert!(
        out.starts_with("city: 3 generated files up to date: 1 actor"),
        "{out}"
    );

    let text = fs::read_to_string(city.path().join("src/car.kay_auto.rs")).unwrap();
    city.write(
        "src/car.kay_auto.rs",
        &text.replacen("pub struct CarId", "pub struct Carid", 1),
    );
    city.write("src/old.kay_auto.rs", &text);
    let (code, out, err) = run(city.path(), &["check"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(
        out.contains("city: 2 generated files of the source tree not up to date:\n"),
        "{out}"
    );
    let line = 1 + text
        .lines()
        .position(|line| line.contains("struct CarId"))
        .unwrap();
    assert!(
        out.contains(&format!(
            "  differs src/car.kay_auto.rs:{line}\n          is        pub struct Carid("
        )),
        "{out}"
    );
    assert!(
        out.contains("  stale   src/old.kay_auto.rs: nothing is generated"),
        "{out}"
    );
    assert!(
        out.contains("`cargo check --manifest-path ./Cargo.toml` brings them up to date."),
        "{out}"
    );
}

#[test]
fn check_does_not_compare_what_cannot_be_parsed() {
    let package = Package::new(&[("src/lib.rs", "kay_runtime::kay_auto!(); fn {")]);
    let (code, out, err) = run(package.path(), &["check"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("warning[K0001]"), "{err}");
}

#[test]
fn explain_prints_a_page() {
    let text = output(&repository(), &["explain", "k0005"]);
    assert_eq!(
        text.trim_end(),
        kay_codegen::explain("K0005").unwrap().trim_end()
    );
    let (code, _, err) = run(&repository(), &["explain", "K9999"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no diagnostic `K9999`"), "{err}");
}

#[test]
fn bad_paths_say_what_to_give() {
    let (code, _, err) = run(&repository(), &["check"]);
    assert_eq!(code, 2);
    assert!(
        err.contains("is a workspace") && err.contains("`demo_sim`"),
        "{err}"
    );
    let (code, _, err) = run(&repository(), &["expand", "nowhere"]);
    assert_eq!(code, 2);
    assert!(err.contains("`nowhere` is no folder"), "{err}");
    let (code, _, err) = run(city().path(), &["expand", "/no/where"]);
    assert_eq!(code, 2);
    assert!(!err.contains("comes second"), "{err}");
    let (code, _, err) = run(city().path(), &["expand", "Car"]);
    assert_eq!(code, 2);
    assert!(err.contains("comes second: `. Car`"), "{err}");
    let (code, _, err) = run(city().path(), &["expand", "src"]);
    assert_eq!(code, 2);
    assert!(err.contains("there is no Cargo.toml in `src`"), "{err}");
    let (code, _, err) = run(city().path(), &["expand", "Cargo.toml"]);
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn a_package_may_be_the_root_of_a_workspace() {
    let city = city();
    for manifest in [
        "[package] # ours\nname = \"city\"\n[workspace]\n",
        "\u{feff}[package]\r\nname = \"city\"\r\n\r\n[workspace]\r\n",
        "package.name = \"city\"\n[workspace]\n",
    ] {
        city.write("Cargo.toml", manifest);
        output(city.path(), &["check"]);
    }
    city.write("Cargo.toml", "[workspace.dependencies]\n");
    let (code, _, err) = run(city.path(), &["check"]);
    assert_eq!(code, 2);
    assert!(err.contains("is a workspace without a package"), "{err}");
}

#[test]
fn an_error_that_nobody_reads_is_one_still() {
    let package = Package::new(&[("src/lib.rs", "kay_runtime::kay_auto!(); fn {")]);
    for (folder, expected) in [(".", 1), ("nowhere", 2)] {
        let mut child = kay_codegen(package.path(), &["check", folder])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stderr.take());
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(expected));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for command in [
        &["expand", "demo_sim"][..],
        &["schema", "demo_sim", "--json"],
    ] {
        let mut child = kay_codegen(&repository(), command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Closed before anything is read: the output is far more than a pipe holds.
        drop(child.stdout.take());
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let status = child.wait().unwrap();
        assert_eq!((status.code(), err.as_str()), (Some(0), ""));
    }
}

#[test]
fn dependencies_are_read_where_they_are() {
    let package = city();
    let town = "[package]\nname = \"town\"\n";
    package.write("town/Cargo.toml", town);
    package.write(
        "town/src/lib.rs",
        "kay_runtime::kay_auto!();
        pub trait Town { fn close(&mut self, world: &mut kay_runtime::World); }",
    );
    let manifest = "[package]\nname = \"city\"\n[dependencies]\ntown.path = \"town\"";
    package.write("Cargo.toml", manifest);
    package.write(
        "src/lib.rs",
        "kay_runtime::kay_auto!();
        #[derive(Compact)] pub struct Mayor { id: MayorId }
        impl town::Town for Mayor { fn close(&mut self, _: &mut kay_runtime::World) {} }",
    );
    let message = "Recipient<::town::TownClose> for Mayor";
    let (_, out, err) = run(package.path(), &["expand"]);
    assert!(
        !out.contains(message) && err.contains("warning[K0043]"),
        "{err}"
    );
    let told = output(package.path(), &["expand", "--extra-crate", "town"]);
    assert!(told.contains(message), "{told}");
    package.write("town/Cargo.toml", &format!("{town}links = \"town\""));
    assert_eq!(output(package.path(), &["expand"]), told);
}
