//! What build scripts tell each other.
//!
//! A crate's script writes the crate's interface to its `OUT_DIR` and tells Cargo where that is.
//! Cargo hands it to the scripts of the packages that depend on it, in `DEP_TOWN_KAY_AUTO`, if its
//! manifest has `links = "town"`.

use crate::Options;
use crate::package::PackageOutput;
use build_support::{FileError, Report, Writer};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// The name of the file with the interface.
const FILE: &str = "kay_interface.rs";

/// Adds what Cargo tells a build script in its environment: what holds where the package is
/// compiled, and what the scripts of its dependencies passed on.
pub(super) fn received(
    mut options: Options,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Options {
    let variables: BTreeMap<String, String> = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut files = BTreeMap::new();
    for (name, value) in &variables {
        if let Some(cfg) = name.strip_prefix("CARGO_CFG_") {
            let cfg = cfg.to_lowercase();
            options = options.cfg(cfg.clone(), None);
            for value in value.split(',') {
                options = options.cfg(cfg.clone(), Some(value));
            }
        } else if let Some(links) = name
            .strip_prefix("DEP_")
            .and_then(|name| name.strip_suffix("_KAY_AUTO"))
            && let Some(package) = variables.get(&format!("DEP_{links}_KAY_AUTO_PACKAGE"))
        {
            files.insert(package.clone(), value.into());
        }
    }
    // The profile's own word on debug assertions is not told; this is what it says by default.
    if variables.get("PROFILE").is_some_and(|name| name == "debug") {
        options = options.cfg("debug_assertions", None);
    }
    options.interface_files(files)
}

/// Passes the interface of the package's library on, if Cargo does.
pub(super) fn pass_on(
    package: &PackageOutput,
    out_dir: &Path,
    writer: &Writer,
    report: &mut Report,
) -> Result<(), FileError> {
    let (Some(interface), true) = (package.interface(), package.package().has_links()?) else {
        return Ok(());
    };
    let file = out_dir.join(FILE);
    // What cannot be parsed is left to the compiler, with the output of before.
    if !package.is_incomplete() || !file.is_file() {
        writer.write(&file, &interface.to_string())?;
    }
    let file = file.to_string_lossy();
    report.rerun_if_changed(&file);
    report.metadata("kay_auto", &file);
    report.metadata("kay_auto_package", &package.package().name()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{FILE, pass_on, received};
    use crate::{Options, package};
    use build_support::{Report, Writer};
    use std::fs;
    use std::path::Path;
    use std::time::SystemTime;

    fn write(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn what_one_script_tells_is_what_another_gets() {
        let temporary = tempfile::tempdir().unwrap();
        let (town, app) = (temporary.path().join("town"), temporary.path().join("app"));
        let manifest = "[package]\nname = \"my-town\"\n";
        write(&town, "Cargo.toml", manifest);
        let place = "kay_runtime::kay_auto!(); use kay_runtime::World;
            pub trait Place { fn enter(&mut self, world: &mut World); }
            #[cfg(unix)] pub trait Port { fn land(&mut self, world: &mut World); }";
        write(&town, "src/lib.rs", place);
        let options = |variables: &[(&str, &str)]| {
            let variables = variables
                .iter()
                .map(|(name, value)| (name.into(), value.into()));
            received(Options::new(), variables)
        };
        let tell = |variables: &[(&str, &str)]| {
            let package = package::read(&town, &options(variables)).unwrap();
            let mut report = Report::default();
            let writer = Writer::open(temporary.path().join("new"), SystemTime::now()).unwrap();
            pass_on(&package, &town, &writer, &mut report).unwrap();
            report.to_string()
        };
        assert_eq!(tell(&[]), "", "Cargo would pass nothing on");
        write(
            &town,
            "Cargo.toml",
            &format!("{manifest}links = \"the-town\""),
        );
        let told = tell(&[("CARGO_CFG_UNIX", ""), ("CARGO_CFG_TARGET_OS", "linux")]);
        let file = town.join(FILE);
        let expected = format!(
            "cargo::rerun-if-changed={0}\ncargo::metadata=kay_auto={0}\n\
             cargo::metadata=kay_auto_package=my-town\n",
            file.display()
        );
        assert_eq!(told, expected);
        assert!(fs::read_to_string(&file).unwrap().contains("trait Port"));

        let manifest = "[package]\nname = \"app\"\n[dependencies]\n\
            city = { path = \"../town\", package = \"my-town\" }";
        write(&app, "Cargo.toml", manifest);
        let bus = "kay_runtime::kay_auto!(); #[derive(Compact)] pub struct Bus { id: BusId }
            impl city::Place for Bus {}";
        write(&app, "src/lib.rs", bus);
        let variables = [
            ("DEP_THE_TOWN_KAY_AUTO", file.to_str().unwrap()),
            ("DEP_THE_TOWN_KAY_AUTO_PACKAGE", "my-town"),
        ];
        let read = || package::read(&app, &options(&variables));
        let made = read().unwrap();
        let text = &made.files().next().unwrap().text;
        assert!(
            text.contains("handlers.message::<::city::PlaceEnter>()"),
            "{text}"
        );
        assert!(made.read_elsewhere().contains(&file));

        write(&town, FILE, "//~ kay interface 1 0000000000000000\n");
        let error = read().unwrap_err().to_string();
        let expected = format!("cannot read {}: it is damaged", file.display());
        assert!(error.starts_with(&expected), "{error}");
    }
}
