//! `expand`: what is generated.

use crate::arguments::PackageArguments;
use crate::error::Error;
use crate::load::{load, name};
use crate::names;
use crate::screen::{self, Screen};
use kay_codegen::package::PackageOutput;
use kay_codegen::schema::Schema;
use kay_codegen::{GeneratedFile, Options};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Item, Type};

/// Prints what is generated for a package, or for one thing in it.
pub(crate) fn run(
    arguments: &PackageArguments,
    item: Option<&str>,
    screen: &mut Screen,
) -> Result<bool, Error> {
    let options = arguments.options();
    let Some(package) = load(arguments, &options)? else {
        return Ok(false);
    };
    let texts = match item {
        None => package
            .files()
            .map(|file| (file.module().to_owned(), file.text.clone()))
            .collect(),
        Some(item) => select(&package, item, &options)?,
    };
    if texts.is_empty() {
        let name = name(&package);
        let what = "has no `kay_auto!()`: nothing is generated for it";
        screen::notice(&format!("`{name}` {what}"));
    }
    for (at, (module, text)) in texts.iter().enumerate() {
        let space = if at > 0 { "\n" } else { "" };
        let heading = screen::styled(screen::HEADING, &format!("// {module}"));
        screen.text(&format!("{space}{heading}\n{text}"))?;
    }
    Ok(true)
}

/// The texts for one module and what is inside it, or for an actor or actor trait, by modules.
fn select(
    package: &PackageOutput,
    item: &str,
    options: &Options,
) -> Result<Vec<(String, String)>, Error> {
    let wanted = item.strip_prefix("crate::").unwrap_or(item);
    let in_module: Vec<_> = package
        .files()
        .filter(|file| is_within(file.module(), wanted))
        .map(|file| (file.module().to_owned(), file.text.clone()))
        .collect();
    if !in_module.is_empty() {
        return Ok(in_module);
    }
    let mut texts = Vec::new();
    for of_crate in &package.crates {
        let schema = &of_crate.output.schema;
        for subject in subjects(schema, options) {
            if is_named(&subject, &schema.crate_name, wanted) {
                let files = of_crate.output.files.iter();
                let found = files.filter_map(|file| belonging(file, &subject));
                texts.extend(found);
            }
        }
    }
    if texts.is_empty() {
        let schemas = package
            .crates
            .iter()
            .map(|of_crate| &of_crate.output.schema);
        let subjects: Vec<Subject> = schemas
            .flat_map(|schema| subjects(schema, options))
            .collect();
        let mut known: Vec<&str> = subjects.iter().map(|subject| &*subject.path).collect();
        known.extend(package.files().map(GeneratedFile::module));
        return Err(Error::NoSuchItem {
            item: item.to_owned(),
            package: name(package),
            hint: names::hint(wanted, &known),
        });
    }
    Ok(texts)
}

/// Whether a module is the wanted one or inside it; the crate's name may be left out.
fn is_within(module: &str, wanted: &str) -> bool {
    let is_it = |module: &str| {
        let rest = module.strip_prefix(wanted);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    is_it(module)
        || module
            .split_once("::")
            .is_some_and(|(_, inner)| is_it(inner))
}

/// An actor or actor trait, and the names that are its own.
struct Subject {
    path: String,
    names: BTreeSet<String>,
}

fn subjects(schema: &Schema, options: &Options) -> Vec<Subject> {
    let actors = schema.actors.iter().map(|actor| &actor.receiver);
    let traits = schema.traits.iter().map(|of_trait| &of_trait.receiver);
    let paths: BTreeSet<&String> = actors.chain(traits).collect();
    let subject = |path: &String| {
        let short = path.rsplit("::").next().unwrap_or(path);
        let messages = schema
            .messages
            .iter()
            .filter(|message| message.receiver == *path);
        let own = messages.map(|message| message.type_name.clone());
        Subject {
            path: path.clone(),
            names: own
                .chain([short.to_owned(), options.id_name(short)])
                .collect(),
        }
    };
    paths.into_iter().map(subject).collect()
}

/// Whether a path, or the end of one, names an actor or actor trait.
fn is_named(subject: &Subject, crate_name: &str, wanted: &str) -> bool {
    let full = format!("{crate_name}::{}", subject.path);
    full == wanted || full.ends_with(&format!("::{wanted}"))
}

/// The items of a file that belong to an actor or actor trait, with the module.
fn belonging(file: &GeneratedFile, subject: &Subject) -> Option<(String, String)> {
    let parsed = syn::parse_file(&file.text).ok()?;
    let lines: Vec<&str> = file.text.lines().collect();
    let items = parsed.items.iter().filter(|item| is_of(item, subject));
    let texts: Vec<String> = items
        .map(|item| lines[item.span().start().line - 1..item.span().end().line].join("\n"))
        .collect();
    (!texts.is_empty()).then(|| (file.module().to_owned(), texts.join("\n\n")))
}

/// Whether an item is about an actor or actor trait: it is its id or a message, or is implemented
/// for or with one of these.
fn is_of(item: &Item, subject: &Subject) -> bool {
    match item {
        Item::Struct(item) => subject.names.contains(&item.ident.to_string()),
        Item::Impl(item) => {
            let of = match &*item.self_ty {
                Type::Path(ty) => ty.path.segments.last(),
                _ => None,
            };
            let is_self = of.is_some_and(|last| subject.names.contains(&last.ident.to_string()));
            let mut words = Words(&subject.names, false);
            if let Some(last) = item
                .trait_
                .as_ref()
                .and_then(|(path, _)| path.segments.last())
            {
                words.visit_path_arguments(&last.arguments);
            }
            is_self || words.1
        }
        _ => false,
    }
}

/// Looks for names, and whether one was found.
struct Words<'n>(&'n BTreeSet<String>, bool);

impl<'a> Visit<'a> for Words<'_> {
    fn visit_ident(&mut self, ident: &'a proc_macro2::Ident) {
        self.1 |= self.0.contains(&ident.to_string());
        visit::visit_ident(self, ident);
    }
}
