//! A package as a whole: all of its crates, and where what is generated for them goes.
//!
//! This reads files, but it writes none, and it does not ask who calls it: what [`build`] writes
//! and what other tools say about a package come from here.
//!
//! [`build`]: crate::build

mod known;
mod place;

pub use place::{Change, ChangeKind};

use crate::calls::{self, Graph};
use crate::diagnostics::{Code, Diagnostic};
use crate::emit::GeneratedFile;
use crate::{Interface, Options, Output, Root, Severity, Sources, generate};
use build_support::{FileError, Package, Target, TargetKind};
use proc_macro2::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use known::Known;

/// What is generated for a package.
#[derive(Debug, Clone)]
pub struct PackageOutput {
    /// The texts of the package's files, with which diagnostics are
    /// [rendered](Diagnostic::render).
    pub sources: Sources,
    /// Its crates: the library, the programs, and those tests, examples and benchmarks whose root
    /// mentions `kay_auto`.
    pub crates: Vec<CrateOutput>,
    package: Package,
    options: Options,
    /// All crates that were looked at, with actors or without.
    targets: Vec<Target>,
    /// The folders of their roots.
    folders: BTreeSet<String>,
    /// What is wrong between crates.
    clashes: Vec<Diagnostic>,
    /// What is known of other crates.
    known: Known,
}

/// What is generated for one crate of a package.
#[derive(Debug, Clone)]
pub struct CrateOutput {
    /// The crate.
    pub target: Target,
    /// What came out.
    pub output: Output,
    /// What it came out with, other crates that are known included.
    options: Options,
}

impl CrateOutput {
    /// Who sends what to whom in this crate, which is one of a package.
    pub fn calls(&self, package: &PackageOutput) -> Graph {
        calls::graph(&root(&self.target), &package.sources, &self.options)
    }
}

/// Generates for the package in a folder, and writes nothing.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let temporary = tempfile::tempdir()?;
/// # let folder = temporary.path();
/// # std::fs::create_dir(folder.join("src"))?;
/// # std::fs::write(folder.join("Cargo.toml"), "[package]\nname = \"city\"")?;
/// # std::fs::write(folder.join("src/lib.rs"), "kay_runtime::kay_auto!();")?;
/// let package = kay_codegen::package::read(folder, &kay_codegen::Options::new())?;
/// for diagnostic in package.diagnostics() {
///     println!("{}", diagnostic.render(&package.sources, kay_codegen::Rendering::plain()));
/// }
/// assert_eq!(package.crates[0].target.crate_name, "city");
/// assert_eq!(package.crates[0].output.files[0].name, "city.rs");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If a file that belongs to the package cannot be read; the error names it.
pub fn read(folder: impl Into<PathBuf>, options: &Options) -> Result<PackageOutput, FileError> {
    let package = Package::new(folder);
    let mut targets = package.targets()?;
    targets.retain(|target| options.includes(&target.root));
    let known = Known::new(&package, options)?;
    let mut sources = Sources::default();
    if targets.iter().any(|target| target.root.starts_with("src/")) {
        // Nearly all of it is needed. What cannot be read may not be: if it is, it is missing.
        for file in package.rust_files("src") {
            if !place::is_output(&file)
                && let Ok(Some(text)) = package.read(&file)
            {
                sources.insert(file, text);
            }
        }
    }
    let mut result = PackageOutput {
        folders: targets.iter().map(|target| parent(&target.root)).collect(),
        targets: targets.clone(),
        options: options.clone(),
        crates: Vec::new(),
        clashes: Vec::new(),
        known,
        sources,
        package,
    };
    for target in targets {
        if result.can_have_actors(&target)? {
            let options = result.known.options(target.kind).clone();
            let (package, sources) = (&result.package, &mut result.sources);
            let output = generate_all(package, &target, sources, &options)?;
            result.known.add(&result.package, &target, &output)?;
            result.crates.push(CrateOutput {
                target,
                output,
                options,
            });
        }
    }
    result.find_clashes();
    Ok(result)
}

impl PackageOutput {
    /// The folder of the package: where `Cargo.toml` is.
    pub fn folder(&self) -> &Path {
        self.package.folder()
    }

    /// What is wrong, each once.
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let of_crates = self.crates.iter().flat_map(|c| &c.output.diagnostics);
        let of_package = self.clashes.iter().chain(&self.known.diagnostics);
        let all: BTreeSet<&Diagnostic> = of_crates.chain(of_package).collect();
        all.into_iter().collect()
    }

    /// Whether something has to be mended first: then nothing is written.
    pub fn has_errors(&self) -> bool {
        let mut all = self.diagnostics().into_iter();
        all.any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// Whether a source could not be parsed: then what is there already is to stay as it is.
    pub fn is_incomplete(&self) -> bool {
        self.crates.iter().any(|c| c.output.is_incomplete)
    }

    /// All files of all crates.
    pub fn files(&self) -> impl Iterator<Item = &GeneratedFile> {
        self.crates.iter().flat_map(|c| &c.output.files)
    }

    /// The folders in which Cargo takes each file for a crate, as far as all of them are read: there,
    /// a new crate is noticed, at no cost, since a change of any file in it counts anyway.
    pub(crate) fn folders_of_crates(&self) -> impl Iterator<Item = &'static str> {
        place::CRATE_FOLDERS.into_iter().filter(|folder| {
            let is_within = |target: &&Target| {
                let rest = target.root.strip_prefix(folder);
                rest.is_some_and(|rest| rest.starts_with('/'))
            };
            let is_read = |target: &Target| self.crates.iter().any(|c| c.target == *target);
            let mut within = self.targets.iter().filter(is_within).peekable();
            within.peek().is_some() && within.all(is_read)
        })
    }

    /// What crates that depend on the package's library are to know.
    pub fn interface(&self) -> Option<&Interface> {
        let mut crates = self.crates.iter();
        let library = crates.find(|c| c.target.kind == TargetKind::Library)?;
        library.output.interface.as_ref()
    }

    /// The files that tell of other crates, and the manifests that say what these are called.
    pub(crate) fn read_elsewhere(&self) -> &BTreeSet<PathBuf> {
        &self.known.files
    }

    pub(crate) fn package(&self) -> &Package {
        &self.package
    }

    /// Whether a target can have actors; if so, its root is among the sources afterwards.
    fn can_have_actors(&mut self, target: &Target) -> Result<bool, FileError> {
        if self.sources.get(&target.root).is_none() {
            let Some(text) = self.package.read(&target.root)? else {
                return Ok(false);
            };
            self.sources.insert(&target.root, text);
        }
        let text = self.sources.get(&target.root).unwrap_or_default();
        let is_main = matches!(target.kind, TargetKind::Library | TargetKind::Binary);
        Ok(is_main || text.contains("kay_auto"))
    }

    /// Finds files of different texts that would have one name, or one place in the source tree.
    fn find_clashes(&mut self) {
        let mut clashes = Vec::new();
        let mut names: BTreeMap<&str, (&Target, &GeneratedFile)> = BTreeMap::new();
        let mut places: BTreeMap<String, &GeneratedFile> = BTreeMap::new();
        for CrateOutput { target, output, .. } in &self.crates {
            for file in &output.files {
                let (first, other) = *names.entry(&file.name).or_insert((target, file));
                if other.text != file.text {
                    let (one, two) = (&first.root, &target.root);
                    let message = format!(
                        "the crates of `{one}` and `{two}` have one name, and both take in `{}`",
                        file.name
                    );
                    clashes.push(
                        Diagnostic::new(Code::OutputClash, two, Span::call_site(), message)
                            .help("keep the actors in one of them")
                            .help("or give the program another name in Cargo.toml"),
                    );
                } else if let Some(place) = self.place(file) {
                    let other = *places.entry(place).or_insert(file);
                    if other.text != file.text {
                        let (one, two) = (other.module(), file.module());
                        let message = format!(
                            "`{one}` and `{two}` are the same source file: what is generated for \
                             them cannot both stand beside it"
                        );
                        clashes.push(
                            Diagnostic::new(
                                Code::OutputClash,
                                &file.source,
                                Span::call_site(),
                                message,
                            )
                            .help("let one of them use the other, as in `use city::car;`")
                            .help("or do without `in_source_tree`"),
                        );
                    }
                }
            }
        }
        clashes.extend(self.foreign().map(|place| {
            let message = "this file is to be generated, but was not written by kay_codegen";
            Diagnostic::new(Code::NotGenerated, &place, Span::call_site(), message)
                .help("move it away, or delete it if it is not needed")
        }));
        self.clashes = clashes;
    }
}

/// Generates for one crate of a package, reading the files that its `mod` declarations lead to.
fn generate_all(
    package: &Package,
    target: &Target,
    sources: &mut Sources,
    options: &Options,
) -> Result<Output, FileError> {
    let root = root(target);
    loop {
        let output = generate(&root, sources, options);
        let mut is_complete = true;
        for path in &output.missing {
            if let Some(text) = package.read(path)? {
                sources.insert(path, text);
                is_complete = false;
            }
        }
        if is_complete {
            return Ok(output);
        }
    }
}

fn root(target: &Target) -> Root {
    Root {
        crate_name: target.crate_name.clone(),
        file: target.root.clone(),
    }
}

/// The folder of a file; empty for one in the package's folder.
fn parent(file: &str) -> String {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.to_owned()
}
