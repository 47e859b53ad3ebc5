//! From source texts to output texts and diagnostics: a function of its arguments.

use crate::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::emit::{self, GeneratedFile};
use crate::interface::{self, Interface};
use crate::model;
use crate::options::Options;
use crate::schema::{Schema, schema};
use crate::source::{self, Bodies, Sources};
use std::collections::BTreeSet;

/// The crate to generate for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its name, as code spells it: with `_`, never with `-`.
    pub crate_name: String,
    /// Its root file, among the sources: `src/lib.rs`.
    pub file: String,
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// The files, by name; none if there is an error.
    pub files: Vec<GeneratedFile>,
    /// The actors and their messages, as far as they are understood where there are errors.
    pub schema: Schema,
    /// What crates that depend on this one are to know; nothing if there is an error.
    pub interface: Option<Interface>,
    /// What is wrong, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The sources that were read: the crate consists of them.
    pub scanned: BTreeSet<String>,
    /// Files that module declarations look for and that were not among the sources. A module that
    /// is not compiled here may well have none.
    pub missing: BTreeSet<String>,
    /// Whether a source could not be parsed: then the files may lack what it declares.
    pub is_incomplete: bool,
}

impl Output {
    /// Whether something has to be mended first.
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity() == Severity::Error)
    }
}

/// Generates the files of one crate. The same arguments give the same output, on any machine.
///
/// ```
/// use kay_codegen::{Options, Root, Sources, generate};
///
/// let car = "
///     use kay_runtime::{Compact, World};
///     #[derive(Compact)]
///     pub struct Car { id: CarId }
///     impl Car { pub fn honk(&self, _: &mut World) {} }
///     kay_runtime::kay_auto!();
/// ";
/// let root = Root { crate_name: "city".to_owned(), file: "src/lib.rs".to_owned() };
/// let output = generate(&root, &Sources::from_iter([("src/lib.rs", car)]), &Options::default());
/// assert!(output.diagnostics.is_empty());
/// assert_eq!(output.files[0].name, "city.rs");
/// assert!(output.files[0].text.contains("pub struct CarHonk"));
/// ```
pub fn generate(root: &Root, sources: &Sources, options: &Options) -> Output {
    on_deep_stack(&|| generate_here(root, sources, options))
}

/// Runs with a stack that is deep enough for the most deeply nested source that is parsed.
///
/// A main thread has less, and a test's thread much less. Nothing is committed before it is used.
/// On a thread of its own, what the parser keeps about each text it has seen ends with it, too.
pub(crate) fn on_deep_stack<T: Send>(work: &(dyn Fn() -> T + Sync)) -> T {
    const BYTES: usize = 256 << 20;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(BYTES);
        match thread.spawn_scoped(scope, work) {
            Ok(thread) => thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            // Without room for another stack, this one has to do.
            Err(_) => work(),
        }
    })
}

fn generate_here(root: &Root, sources: &Sources, options: &Options) -> Output {
    let mut diagnostics = Diagnostics::default();
    let mut krate = source::load(
        &root.crate_name,
        &root.file,
        sources,
        Bodies::Blanked,
        &mut diagnostics,
    );
    interface::take_in(&mut krate, options);
    let model = model::collect(&krate, options, &mut diagnostics);
    let files = emit::emit(&model, &mut diagnostics);
    let schema = schema(&model);
    let interface = interface::write(&model);
    drop(model);
    let mut output = Output {
        files,
        schema,
        interface: Some(interface),
        diagnostics: diagnostics.into_sorted(),
        is_incomplete: krate.is_incomplete,
        scanned: krate.scanned,
        missing: krate.missing,
    };
    if output.has_errors() {
        output.files.clear();
        output.interface = None;
    }
    output.files.sort_by(|a, b| a.name.cmp(&b.name));
    output
}
