//! What is known of the crates that a package depends on.

use super::generate_all;
use crate::diagnostics::{Code, Diagnostic};
use crate::{Interface, Options, Output, Sources};
use build_support::{Dependency, DependencyKind, FileError, Package, Target, TargetKind};
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{fs, io};

/// The options for the crates of a package, with what they know of others.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// For the library and the programs.
    usual: Options,
    /// For tests, examples and benchmarks, which may use more.
    development: Options,
    /// What was read outside of the package.
    pub(super) files: BTreeSet<PathBuf>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The interfaces of packages by name; `None` for one that offers none.
    interfaces: BTreeMap<String, Option<Interface>>,
}

impl Known {
    /// Reads what is passed on to a package, and its extra crates. Where nothing can have been
    /// passed on, outside of build scripts, the packages that would are read themselves, as far as
    /// they are on this disk.
    pub(super) fn new(package: &Package, options: &Options) -> Result<Self, FileError> {
        let mut known = Self {
            usual: options.clone(),
            development: options.clone(),
            files: BTreeSet::new(),
            diagnostics: Vec::new(),
            interfaces: BTreeMap::new(),
        };
        let dependencies = package.dependencies()?;
        match options.passed_on() {
            Some(files) => {
                for (name, file) in files {
                    let interface = read(file)?;
                    known.files.insert(file.clone());
                    known.interfaces.insert(name.clone(), Some(interface));
                }
            }
            None => dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .try_for_each(|dependency| known.read_as_passed_on(dependency))?,
        }
        for dependency in &dependencies {
            // Cargo passes nothing on about dev-dependencies.
            if dependency.kind == DependencyKind::Normal {
                known.tell(dependency);
            }
        }
        for folder in options.extra_crates() {
            known.extra(package, folder, &dependencies)?;
        }
        for dependency in &dependencies {
            known.warn(dependency);
        }
        if !known.interfaces.is_empty() {
            let manifests = dependencies.into_iter().filter_map(|d| d.workspace);
            known.files.extend(manifests);
        }
        Ok(known)
    }

    /// The options for a crate of this kind.
    pub(super) fn options(&self, kind: TargetKind) -> &Options {
        match kind {
            TargetKind::Library | TargetKind::Binary => &self.usual,
            TargetKind::Example | TargetKind::Test | TargetKind::Benchmark => &self.development,
        }
    }

    /// Lets the other crates of the package know its library.
    pub(super) fn add(
        &mut self,
        package: &Package,
        target: &Target,
        output: &Output,
    ) -> Result<(), FileError> {
        if let (TargetKind::Library, Some(interface)) = (target.kind, &output.interface)
            && package.has_usable_library()?
        {
            for options in [&mut self.usual, &mut self.development] {
                *options = options
                    .clone()
                    .dependency(&target.crate_name, interface.clone());
            }
        }
        Ok(())
    }

    /// Lets the crates that a dependency is for know it, if its interface is there.
    fn tell(&mut self, dependency: &Dependency) {
        if let Some(Some(interface)) = self.interfaces.get(&dependency.package) {
            self.development = with(self.development.clone(), dependency, interface);
            if dependency.kind == DependencyKind::Normal {
                self.usual = with(self.usual.clone(), dependency, interface);
            }
        }
    }

    /// Reads the package in a folder, whatever it passes on.
    fn extra(
        &mut self,
        package: &Package,
        folder: &str,
        dependencies: &[Dependency],
    ) -> Result<(), FileError> {
        let extra = Package::new(package.folder().join(folder));
        let name = extra.name()?;
        let mut of_extra = dependencies.iter().filter(|d| d.package == name);
        let Some(dependency) = of_extra.next() else {
            let message = format!(
                "the extra crate `{folder}` is the package `{name}`, which is no dependency"
            );
            self.diagnostics.push(
                Diagnostic::new(Code::NoDependency, "Cargo.toml", Span::call_site(), message)
                    .help(format!(
                        "add `{name}` to the dependencies or dev-dependencies"
                    ))
                    .help("or take `extra_crate` out of the build script"),
            );
            return Ok(());
        };
        self.make(&name, &extra, &dependency.features)?;
        self.tell(dependency);
        Ok(())
    }

    /// Warns of a dependency with actors that nothing is known of: one beside this package, so that
    /// its author can do something about it.
    fn warn(&mut self, dependency: &Dependency) {
        let (Some(folder), DependencyKind::Normal) = (&dependency.folder, dependency.kind) else {
            return;
        };
        let package = Package::new(folder);
        let root = package.read("src/lib.rs").ok().flatten();
        // It may be in the text of a comment, too.
        let is_auto = |line: &str| {
            let line = line.trim_start();
            let line = line.strip_prefix("kay_runtime::").unwrap_or(line);
            line.starts_with("kay_auto!(")
        };
        let has_actors = root.is_some_and(|text| text.lines().any(is_auto));
        if self.interfaces.contains_key(&dependency.package)
            || !has_actors
            || package.has_links().unwrap_or(true)
        {
            return;
        }
        let name = &dependency.package;
        let message = format!("the actors of `{name}` are not known here: it has no `links`");
        self.diagnostics.push(
            Diagnostic::new(Code::NotPassedOn, "Cargo.toml", Span::call_site(), message)
                .note("Cargo passes nothing on between build scripts without it")
                .help(format!(
                    "write `links = \"{name}\"` in the `[package]` of its Cargo.toml"
                ))
                .help("or name its folder with `extra_crate` in the build script"),
        );
    }

    /// Reads a dependency that would pass on what it knows to a build script.
    fn read_as_passed_on(&mut self, dependency: &Dependency) -> Result<(), FileError> {
        let Some(folder) = &dependency.folder else {
            return Ok(());
        };
        let package = Package::new(folder);
        // Without its manifest, it is Cargo that has something to say.
        if package.has_links().unwrap_or(false) {
            self.make(&dependency.package, &package, &dependency.features)?;
        }
        Ok(())
    }

    /// Makes the interface of a package's library, unless it is there.
    fn make(
        &mut self,
        name: &str,
        package: &Package,
        features: &[String],
    ) -> Result<(), FileError> {
        if self.interfaces.contains_key(name) {
            return Ok(());
        }
        // A package whose tests depend on what depends on it leads here again.
        self.interfaces.insert(name.to_owned(), None);
        let targets = package.targets()?;
        let Some(library) = targets.iter().find(|t| t.kind == TargetKind::Library) else {
            return Ok(());
        };
        let mut sources = Sources::default();
        for file in package.rust_files("src") {
            if let Ok(Some(text)) = package.read(&file) {
                sources.insert(file, text);
            }
        }
        let mut options = self.usual.for_package(package.all_features(features)?);
        if let Some(suffix) = id_suffix(package)? {
            options = options.id_suffix(suffix);
        }
        for dependency in package.dependencies()? {
            if dependency.kind == DependencyKind::Normal {
                self.read_as_passed_on(&dependency)?;
                if let Some(Some(interface)) = self.interfaces.get(&dependency.package) {
                    options = with(options, &dependency, interface);
                }
            }
        }
        let output = generate_all(package, library, &mut sources, &options)?;
        let files = output.scanned.iter().map(String::as_str);
        let files = files.chain(["Cargo.toml", "build.rs"]);
        let files = files.map(|file| package.folder().join(file));
        self.files.extend(files.filter(|file| file.exists()));
        // What is wrong with it is said when it is built itself.
        self.interfaces.insert(name.to_owned(), output.interface);
        Ok(())
    }
}

/// Options for a crate that knows a dependency.
fn with(options: Options, dependency: &Dependency, interface: &Interface) -> Options {
    let name = dependency.renamed.as_deref();
    let name = name.unwrap_or(interface.crate_name());
    options.dependency(name, interface.clone())
}

fn read(file: &PathBuf) -> Result<Interface, FileError> {
    let interface = fs::read_to_string(file).and_then(|text| {
        let parsed = text.parse();
        parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    });
    interface.map_err(|source: io::Error| FileError {
        action: "read",
        path: file.clone(),
        source,
    })
}

/// The `id_suffix` that the build script of a package asks for.
fn id_suffix(package: &Package) -> Result<Option<String>, FileError> {
    let script = package.read("build.rs")?.unwrap_or_default();
    let after = script.split_once("id_suffix(\"").map(|(_, after)| after);
    let suffix = after.and_then(|after| after.split_once('"'));
    Ok(suffix.map(|(suffix, _)| suffix.to_owned()))
}
