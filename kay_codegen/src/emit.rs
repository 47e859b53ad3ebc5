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

use crate::diagnostics::Diagnostics;
use crate::model::{Model, Placed};
use crate::source::ModuleId;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use syn::ext::IdentExt;
use xxhash_rust::xxh3::xxh3_64;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Its name: the path of the module that takes it in, `demo_sim::city::car.rs`.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Writes the files of a crate.
pub(crate) fn emit(model: &Model, diagnostics: &mut Diagnostics) -> Vec<GeneratedFile> {
    let mut blocks_of = vec![Vec::new(); model.actors.len()];
    for (index, block) in model.blocks.iter().enumerate() {
        blocks_of[block.actor].push(index);
    }
    let mut actors_of: BTreeMap<ModuleId, Vec<usize>> = BTreeMap::new();
    for (index, actor) in model.actors.iter().enumerate() {
        actors_of.entry(actor.module).or_default().push(index);
    }
    let mut emitter = Emitter {
        model,
        blocks_of,
        diagnostics,
    };
    let mut contents = emitter.contents();
    let mut files = Vec::new();
    for module in &model.setup.files {
        let krate = model.names.krate;
        let mut items = contents.remove(module).unwrap_or_default();
        let actors = actors_of.get(module).map_or(&[][..], Vec::as_slice);
        items.extend(setup::setup(model, *module, actors));
        let sources: Vec<&str> = krate
            .module(*module)
            .parts
            .iter()
            .map(|part| part.file.as_str())
            .collect();
        files.push(GeneratedFile {
            name: format!("{}.rs", krate.full_path(*module)),
            text: print(&sources, items),
        });
    }
    files
}

struct Emitter<'e, 'a> {
    model: &'e Model<'a>,
    /// The blocks of each actor.
    blocks_of: Vec<Vec<usize>>,
    diagnostics: &'e mut Diagnostics,
}

impl Emitter<'_, '_> {
    /// What is generated for each module, in the order of the source.
    fn contents(&mut self) -> BTreeMap<ModuleId, TokenStream> {
        let model = self.model;
        let mut items: Vec<(Placed, TokenStream)> = Vec::new();
        for (index, actor) in model.actors.iter().enumerate() {
            for definition in &actor.definitions {
                items.push((definition.placed, self.definition(index, definition)));
            }
        }
        for actor_trait in &model.traits {
            for definition in &actor_trait.definitions {
                items.push((
                    definition.placed,
                    self.trait_definition(actor_trait, definition),
                ));
            }
        }
        for block in &model.blocks {
            items.push((block.placed, self.block(block)));
        }
        items.sort_by_key(|(placed, _)| (placed.module, placed.part, placed.item));
        let mut contents: BTreeMap<ModuleId, TokenStream> = BTreeMap::new();
        for (placed, tokens) in items {
            contents.entry(placed.module).or_default().extend(tokens);
        }
        contents
    }

    /// How a generated item of one module is named in another. What cannot be named is reported,
    /// at the block that needs the name.
    fn path_to(&mut self, module: ModuleId, name: &str, from: Placed) -> TokenStream {
        let model = self.model;
        if let Some(path) = model.names.path_to(module, name, from.module) {
            return path;
        }
        let home = model.names.krate.full_path(module);
        self.diagnostics.error(
            model.file(from),
            from.span,
            format!("this needs `{home}::{name}`, which is generated there but cannot be named here"),
            format!("declare the module as `pub(crate) mod`, or re-export `{name}` where it can be named"),
        );
        quote!(())
    }
}

/// `fingerprint` of a text, as a literal.
fn fingerprint(text: &str) -> TokenStream {
    let digits = format!("{:#018x}", xxh3_64(text.as_bytes()));
    // Grouped, as lints ask for and as people can read.
    let grouped: Vec<&str> = [2..6, 6..10, 10..14, 14..18].map(|at| &digits[at]).to_vec();
    let literal: proc_macro2::Literal = format!("0x{}", grouped.join("_"))
        .parse()
        .expect("hexadecimal digits are a literal");
    quote!(#literal)
}

/// The fingerprint of something, with what its type arguments add to it.
fn combined(base: TokenStream, hashes: &[TokenStream]) -> TokenStream {
    if hashes.is_empty() {
        return base;
    }
    quote!(::kay_runtime::combine(#base, &[#(#hashes),*]))
}

/// The path of an item with the crate's name first, as it stands in messages and schemas.
fn item_path(model: &Model, module: ModuleId, ident: &syn::Ident) -> String {
    let path = model.names.krate.full_path(module).replace("r#", "");
    format!("{path}::{}", ident.unraw())
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
    let file = syn::parse2(items).expect("only whole items are put together");
    spaced(&header, &prettyplease::unparse(&file))
}

/// Puts an empty line between items, and between the methods of an `impl`.
fn spaced(header: &str, text: &str) -> String {
    let mut result = String::with_capacity(header.len() + text.len() * 9 / 8);
    result.push_str(header);
    let mut is_end = true;
    for line in text.lines() {
        if is_end && line != "}" {
            result.push('\n');
        }
        result.push_str(line);
        result.push('\n');
        let is_item = line.starts_with(|first: char| !first.is_whitespace());
        is_end = line == "    }" || is_item && line.ends_with(['}', ';']);
    }
    result
}
