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
}

impl Known {
    /// Reads what is passed on to a package, and its extra crates.
    pub(super) fn new(package: &Package, options: &Options) -> Result<Self, FileError> {
        let mut known = Self {
            usual: options.clone(),
            development: options.clone(),
            files: BTreeSet::new(),
            diagnostics: Vec::new(),
        };
        if options.interface_files().is_empty() && options.extra_crates().is_empty() {
            return Ok(known);
        }
        let dependencies = package.dependencies()?;
        known
            .files
            .extend(dependencies.iter().filter_map(|d| d.workspace.clone()));
        let mut interfaces: BTreeMap<String, Interface> = BTreeMap::new();
        for (name, file) in options.interface_files() {
            let interface = fs::read_to_string(file).and_then(|text| {
                let parsed = text.parse::<Interface>();
                parsed.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            });
            let interface = interface.map_err(|source| FileError {
                action: "read",
                path: file.clone(),
                source,
            })?;
            known.files.insert(file.clone());
            // Cargo passes nothing on about dev-dependencies, so it is a normal one.
            known.tell(DependencyKind::Normal, name, &interface, &dependencies);
            interfaces.insert(name.clone(), interface);
        }
        for folder in options.extra_crates() {
            known.extra(package, folder, &dependencies, &mut interfaces)?;
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

    fn tell(
        &mut self,
        kind: DependencyKind,
        package: &str,
        interface: &Interface,
        dependencies: &[Dependency],
    ) {
        let mut of_package = dependencies.iter().filter(|d| d.package == package);
        let renamed = of_package.find_map(|dependency| dependency.renamed.as_deref());
        let name = renamed.unwrap_or(interface.crate_name());
        let all = [&mut self.development, &mut self.usual];
        let count = if kind == DependencyKind::Normal { 2 } else { 1 };
        for options in all.into_iter().take(count) {
            *options = options.clone().dependency(name, interface.clone());
        }
    }

    /// Reads the library in a folder, and makes its interface on the spot.
    fn extra(
        &mut self,
        package: &Package,
        folder: &str,
        dependencies: &[Dependency],
        interfaces: &mut BTreeMap<String, Interface>,
    ) -> Result<(), FileError> {
        let extra = Package::new(package.folder().join(folder));
        let name = extra.name()?;
        let mut of_extra = dependencies.iter().filter(|d| d.package == name);
        let Some(kind) = of_extra.clone().map(|dependency| dependency.kind).min() else {
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
        let targets = extra.targets()?;
        let library = targets.iter().find(|t| t.kind == TargetKind::Library);
        let Some(library) = library.filter(|_| of_extra.next().is_some()) else {
            return Ok(());
        };
        let mut sources = Sources::default();
        for file in extra.rust_files("src") {
            if let Ok(Some(text)) = extra.read(&file) {
                sources.insert(file, text);
            }
        }
        let mut options = self.usual.for_package(extra.default_features()?);
        for dependency in extra.dependencies()? {
            if let Some(interface) = interfaces.get(&dependency.package) {
                let name = dependency.renamed.as_deref();
                let name = name.unwrap_or(interface.crate_name());
                options = options.dependency(name, interface.clone());
            }
        }
        let output = generate_all(&extra, library, &mut sources, &options)?;
        let files = output.scanned.iter().map(|file| extra.folder().join(file));
        self.files.extend(files);
        self.files.insert(extra.folder().join("Cargo.toml"));
        // What is wrong with it is said when it is built itself.
        if let Some(interface) = output.interface {
            self.tell(kind, &name, &interface, dependencies);
            interfaces.insert(name, interface);
        }
        Ok(())
    }
}
