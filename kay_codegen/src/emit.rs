//! The last phase: from the model to the text of the files.
//!
//! One file for each module that takes one in, and in it, in the order of the source: for each
//! actor and actor trait its id, for each `impl` block its messages and how they are received,
//! and at the end the function that registers the module's actors.

mod actor;
mod block;
mod documentation;
mod message;
mod setup;
mod traits;

use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::model::{Model, Placed};
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name: the path of the module that takes it in, `demo_sim::city::car.rs`.
    pub name: String,
    /// What it holds.
    pub text: String,
    /// The source file of the module, the first one if conditions choose between several.
    pub source: String,
    /// The names of the modules that lead to it within that file: none if the file is the module.
    pub inline: Vec<String>,
}

impl GeneratedFile {
    /// The path of the module that takes it in: `demo_sim::city::car`.
    pub fn module(&self) -> &str {
        self.name.strip_suffix(".rs").unwrap_or(&self.name)
    }
}

/// Writes the files of a crate.
pub(crate) fn emit(model: &Model, diagnostics: &mut Diagnostics) -> Vec<GeneratedFile> {
    let mut emitter = Emitter {
        model,
        blocks_of: vec![Vec::new(); model.actors.len()],
        diagnostics,
    };
    for (index, block) in model.blocks.iter().enumerate() {
        emitter.blocks_of[block.actor].push(index);
    }
    let mut sources = sources(model);
    let krate = model.names.krate;
    // One file after the other, so that only one is ever held as tokens.
    model
        .setup
        .files
        .iter()
        .map(|module| {
            let (source, inline) = krate.place(*module);
            GeneratedFile {
                name: format!("{}.rs", krate.full_path(*module)),
                text: emitter.file(*module, sources.remove(module).unwrap_or_default()),
                source,
                inline,
            }
        })
        .collect()
}

/// Something that items are generated for.
#[derive(Clone, Copy)]
enum Source {
    /// A definition of an actor, by their indices.
    Actor(usize, usize),
    /// A definition of an actor trait, by their indices.
    Trait(usize, usize),
    /// A block, by its index.
    Block(usize),
}

/// What stands in each module.
fn sources(model: &Model) -> BTreeMap<ModuleId, Vec<(Placed, Source)>> {
    let of_actors = model.actors.iter().enumerate().flat_map(|(index, actor)| {
        let definitions = actor.definitions.iter().enumerate();
        definitions.map(move |(at, definition)| (definition.placed, Source::Actor(index, at)))
    });
    let of_traits = model
        .traits
        .iter()
        .enumerate()
        .flat_map(|(index, actor_trait)| {
            let definitions = actor_trait.definitions.iter().enumerate();
            definitions.map(move |(at, definition)| (definition.placed, Source::Trait(index, at)))
        });
    let blocks = model.blocks.iter().enumerate();
    let of_blocks = blocks.map(|(index, block)| (block.placed, Source::Block(index)));
    let mut sources: BTreeMap<ModuleId, Vec<(Placed, Source)>> = BTreeMap::new();
    for (placed, source) in of_actors.chain(of_traits).chain(of_blocks) {
        sources
            .entry(placed.module)
            .or_default()
            .push((placed, source));
    }
    sources
}

struct Emitter<'e, 'a> {
    model: &'e Model<'a>,
    /// The blocks of each actor.
    blocks_of: Vec<Vec<usize>>,
    diagnostics: &'e mut Diagnostics,
}

impl Emitter<'_, '_> {
    /// The text of a module's file, in the order of the source.
    fn file(&mut self, module: ModuleId, mut sources: Vec<(Placed, Source)>) -> String {
        let model = self.model;
        sources.sort_by_key(|(placed, _)| (placed.part, placed.item));
        let mut items = TokenStream::new();
        let mut actors = Vec::new();
        for (_, source) in sources {
            items.extend(match source {
                Source::Actor(index, at) => {
                    actors.push((index, at));
                    self.definition(index, &model.actors[index].definitions[at])
                }
                Source::Trait(index, at) => {
                    let actor_trait = &model.traits[index];
                    self.trait_definition(actor_trait, &actor_trait.definitions[at])
                }
                Source::Block(index) => self.block(&model.blocks[index]),
            });
        }
        items.extend(self.setup(module, &actors));
        let parts = &model.names.krate.module(module).parts;
        let files: Vec<&str> = parts.iter().map(|part| part.file.as_str()).collect();
        print(&files, items)
    }

    /// How a generated item of one module is named in another. What cannot be named is reported,
    /// at the block that needs the name.
    fn path_to(&mut self, module: ModuleId, name: &str, from: Placed) -> TokenStream {
        let model = self.model;
        if let Some(path) = model.names.path_to(module, name, from.module) {
            return path;
        }
        let home = model.names.krate.full_path(module);
        self.diagnostics.report(
            Diagnostic::new(
                Code::CannotBeNamed,
                model.file(from),
                from.span,
                format!("what is generated for this block needs `{home}::{name}`, which cannot be named here"),
            )
            .label("in this module")
            .help(match model.names.krate.other(module) {
                Some(other) => format!(
                    "re-export `{name}` from a public module of `{0}`, or, if `{0}` is known only through another crate, depend on it",
                    other.told.name
                ),
                None => format!(
                    "declare the module as `pub(crate) mod`, or re-export `{name}` where it can be named"
                ),
            }),
        );
        // Nothing is written once there is an error, so that any name will do.
        quote!(Unnamed)
    }
}

/// The fingerprint of something, with what its type arguments add to it.
fn combined(base: u64, hashes: &[TokenStream]) -> TokenStream {
    let digits = format!("{base:#018x}");
    // Grouped, as lints ask for and as people can read.
    let grouped: Vec<&str> = [2..6, 6..10, 10..14, 14..18].map(|at| &digits[at]).to_vec();
    let base: proc_macro2::Literal = format!("0x{}", grouped.join("_"))
        .parse()
        .expect("hexadecimal digits are a literal");
    if hashes.is_empty() {
        return quote!(#base);
    }
    quote!(::kay_runtime::combine(#base, &[#(#hashes),*]))
}

fn print(sources: &[&str], items: TokenStream) -> String {
    let from = sources
        .iter()
        .map(|s| format!("`{s}`"))
        .collect::<Vec<_>>()
        .join(" and ");
    let header = format!(
        "// Generated by kay_codegen from {from}. Changes made here are lost with the next build.\n"
    );
    match syn::parse2(items.clone()) {
        Ok(file) => spaced(&header, &prettyplease::unparse(&file)),
        // Where the source has something that only the compiler understands, so has this.
        Err(_) => format!("{header}\n{items}\n"),
    }
}

/// Puts an empty line between items, and between the methods of an `impl`.
fn spaced(header: &str, text: &str) -> String {
    let mut result = String::with_capacity(header.len() + text.len() * 9 / 8);
    result.push_str(header);
    let mut is_end = true;
    let mut in_clause = false;
    for line in text.lines() {
        if is_end && line != "}" {
            result.push('\n');
        }
        result.push_str(line);
        result.push('\n');
        let is_item = line.starts_with(|first: char| !first.is_whitespace());
        in_clause = is_item && line == "where" || in_clause && !is_item;
        is_end = line == "    }" || (is_item || in_clause) && line.ends_with(['}', ';']);
    }
    result
}
