//! The modules of a crate.

use super::files::Place;
use super::skim::{Unskimmed, check_depth, skim};
use super::{Sources, cfgs, metas_of_cfg_attr};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::interface::Section;
use proc_macro2::{LexError, Span, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Ident, Item, ItemMod, Lit, Meta, Visibility};

/// A module, by its place in [`Crate::modules`]: parents come before children, and modules of one
/// parent in the order of their declarations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ModuleId(pub(crate) usize);

/// A crate as it was read, and what is known of those that it depends on.
pub(crate) struct Crate {
    /// Its name, as code spells it.
    pub(crate) name: String,
    /// Its modules, the root first; then those of the other crates.
    pub(crate) modules: Vec<Module>,
    /// The other crates of which something is known, those that others depend on first.
    pub(crate) others: Vec<Other>,
    /// The names by which this crate's code knows other crates, with their places in `others`.
    pub(crate) externs: BTreeMap<String, usize>,
    /// Every file that was read.
    pub(crate) scanned: BTreeSet<String>,
    /// Files that a declaration names and that were not among the sources.
    pub(crate) missing: BTreeSet<String>,
    /// Whether a file could not be parsed.
    pub(crate) is_incomplete: bool,
}

/// One module path. Declarations of one path under opposite conditions are parts of one module.
pub(crate) struct Module {
    pub(crate) id: ModuleId,
    /// The crate that it belongs to, in [`Crate::others`]; `None` for the crate itself.
    pub(crate) other: Option<usize>,
    pub(crate) ident: Ident,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) children: Vec<ModuleId>,
    pub(crate) visibility: Visibility,
    pub(crate) parts: Vec<Part>,
    /// `a::b`, without the crate's name; empty for the root.
    pub(crate) path: String,
}

/// One declaration of a module.
pub(crate) struct Part {
    pub(crate) file: String,
    /// The conditions of all modules from the root down to here.
    pub(crate) conditions: Vec<TokenStream>,
    pub(crate) items: Vec<Item>,
}

/// Another crate, as its interface tells of it.
pub(crate) struct Other {
    pub(crate) root: ModuleId,
    /// What its interface says, with `externs` that are places in [`Crate::others`].
    pub(crate) told: Section,
}

impl Crate {
    pub(crate) fn root(&self) -> ModuleId {
        ModuleId(0)
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0]
    }

    /// The modules of the crate itself.
    pub(crate) fn own_modules(&self) -> &[Module] {
        let end = self.others.first().map(|other| other.root.0);
        &self.modules[..end.unwrap_or(self.modules.len())]
    }

    /// Whether a module belongs to the crate itself.
    pub(crate) fn is_own(&self, id: ModuleId) -> bool {
        self.module(id).other.is_none()
    }

    /// The other crate that a module belongs to.
    pub(crate) fn other(&self, id: ModuleId) -> Option<&Other> {
        self.module(id).other.map(|index| &self.others[index])
    }

    /// The root of the crate that a module belongs to.
    pub(crate) fn root_of(&self, id: ModuleId) -> ModuleId {
        self.other(id).map_or(self.root(), |other| other.root)
    }

    /// The root of the crate that has this name in the code of a module.
    pub(crate) fn extern_root(&self, from: ModuleId, name: &str) -> Option<ModuleId> {
        let externs = self
            .other(from)
            .map_or(&self.externs, |other| &other.told.externs);
        externs.get(name).map(|index| self.others[*index].root)
    }

    /// The name that this crate's code has for another; `None` if it depends on it only through
    /// others.
    pub(crate) fn extern_name(&self, other: usize) -> Option<&str> {
        let mut names = self.externs.iter();
        let (name, _) = names.find(|(_, index)| **index == other)?;
        Some(name)
    }

    /// The path of a module with the crate's name first, as `module_path!()` spells it.
    pub(crate) fn full_path(&self, id: ModuleId) -> String {
        let name = self.other(id).map_or(&self.name, |other| &other.told.name);
        let path = &self.module(id).path;
        if path.is_empty() {
            name.clone()
        } else {
            format!("{name}::{path}")
        }
    }

    /// The file of a module, and the names of the modules that lead to it within that file.
    pub(crate) fn place(&self, id: ModuleId) -> (String, Vec<String>) {
        let mut module = self.module(id);
        let file = module.parts.first().map_or("", |part| &part.file);
        let mut inline = Vec::new();
        while let Some(parent) = module.parent.map(|parent| self.module(parent))
            && parent.parts.iter().any(|part| part.file == file)
        {
            inline.insert(0, module.ident.unraw().to_string());
            module = parent;
        }
        (file.to_owned(), inline)
    }

    /// Whether `inner` is `outer` or lies within it.
    pub(crate) fn is_within(&self, inner: ModuleId, outer: ModuleId) -> bool {
        let mut at = Some(inner);
        while let Some(id) = at {
            if id == outer {
                return true;
            }
            at = self.module(id).parent;
        }
        false
    }

    /// Takes in another crate, whose modules were read from its interface.
    pub(crate) fn add(&mut self, told: Section, read: Self) {
        let first = self.modules.len();
        let moved = |id: ModuleId| ModuleId(id.0 + first);
        let index = self.others.len();
        let root = moved(read.root());
        self.others.push(Other { root, told });
        for mut module in read.modules {
            module.id = moved(module.id);
            module.other = Some(index);
            module.parent = module.parent.map(moved);
            module.children.iter_mut().for_each(|id| *id = moved(*id));
            self.modules.push(module);
        }
    }
}

/// What is read of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bodies {
    /// Signatures alone: all that decides what is generated.
    Blanked,
    /// What they do, too.
    Kept,
}

/// Reads the crate whose root is this file.
pub(crate) fn load(
    name: &str,
    root: &str,
    sources: &Sources,
    bodies: Bodies,
    diagnostics: &mut Diagnostics,
) -> Crate {
    let mut loader = Loader {
        sources,
        bodies,
        diagnostics,
        children: HashMap::new(),
        open_files: Vec::new(),
        result: Crate {
            name: name.to_owned(),
            modules: Vec::new(),
            others: Vec::new(),
            externs: BTreeMap::new(),
            scanned: BTreeSet::new(),
            missing: BTreeSet::new(),
            is_incomplete: false,
        },
    };
    let ident = Ident::new("krate", Span::call_site());
    let id = loader.module(None, &ident, &Visibility::Inherited);
    if sources.get(root).is_some() {
        loader.file(id, root, &Place::of_folder_owner(root), Vec::new());
    } else {
        loader.result.missing.insert(root.to_owned());
    }
    loader.result
}

struct Loader<'a> {
    sources: &'a Sources,
    bodies: Bodies,
    diagnostics: &'a mut Diagnostics,
    children: HashMap<(ModuleId, String), ModuleId>,
    /// The files that led here: a `#[path]` can lead back to one of them.
    open_files: Vec<String>,
    result: Crate,
}

impl Loader<'_> {
    fn module(&mut self, parent: Option<ModuleId>, ident: &Ident, vis: &Visibility) -> ModuleId {
        let id = ModuleId(self.result.modules.len());
        let mut path = String::new();
        if let Some(parent) = parent {
            let key = (parent, ident.unraw().to_string());
            if let Some(&known) = self.children.get(&key) {
                return known;
            }
            self.children.insert(key, id);
            let parent = &mut self.result.modules[parent.0];
            parent.children.push(id);
            path.clone_from(&parent.path);
            if !path.is_empty() {
                path.push_str("::");
            }
            path.push_str(&ident.to_string());
        }
        self.result.modules.push(Module {
            id,
            other: None,
            ident: ident.clone(),
            parent,
            children: Vec::new(),
            visibility: vis.clone(),
            parts: Vec::new(),
            path,
        });
        id
    }

    fn file(&mut self, id: ModuleId, path: &str, place: &Place, conditions: Vec<TokenStream>) {
        let Some(text) = self.sources.get(path) else {
            return;
        };
        if self.open_files.iter().any(|open| open == path) {
            return;
        }
        self.result.scanned.insert(path.to_owned());
        match parse(text, self.bodies) {
            Ok(file) => {
                self.open_files.push(path.to_owned());
                self.part(id, path, place, conditions, &file.attrs, file.items);
                self.open_files.pop();
            }
            Err((span, reason)) => {
                self.result.is_incomplete = true;
                self.diagnostics.report(
                    Diagnostic::new(
                        Code::CannotParse,
                        path,
                        span,
                        format!("this file cannot be parsed: {reason}"),
                    )
                    .help("nothing is generated anew until it can"),
                );
            }
        }
    }

    fn part(
        &mut self,
        id: ModuleId,
        file: &str,
        place: &Place,
        mut conditions: Vec<TokenStream>,
        inner: &[Attribute],
        mut items: Vec<Item>,
    ) {
        conditions.extend(cfgs(inner));
        let declarations: Vec<ItemMod> = items
            .extract_if(.., |item| matches!(item, Item::Mod(_)))
            .filter_map(|item| {
                if let Item::Mod(item) = item {
                    Some(item)
                } else {
                    None
                }
            })
            .collect();
        self.result.modules[id.0].parts.push(Part {
            file: file.to_owned(),
            conditions: conditions.clone(),
            items,
        });
        for declaration in declarations {
            let child = self.module(Some(id), &declaration.ident, &declaration.vis);
            let mut conditions = conditions.clone();
            conditions.extend(cfgs(&declaration.attrs));
            self.declaration(child, file, place, conditions, declaration);
        }
    }

    fn declaration(
        &mut self,
        child: ModuleId,
        file: &str,
        place: &Place,
        conditions: Vec<TokenStream>,
        declaration: ItemMod,
    ) {
        let name = declaration.ident.unraw().to_string();
        let path = declaration
            .attrs
            .iter()
            .find_map(|attribute| path_of(&attribute.meta));
        if let Some((_, items)) = declaration.content {
            let place = place.inside(&name, path.as_deref());
            self.part(child, file, &place, conditions, &[], items);
            return;
        }
        // `#[cfg_attr(unix, path = "unix.rs")]` chooses between files: each is a part of its own.
        let mut unless = Vec::new();
        for attribute in &declaration.attrs {
            if let Some((predicate, metas)) = metas_of_cfg_attr(attribute)
                && let Some(path) = metas.iter().find_map(path_of)
            {
                let mut conditions = conditions.clone();
                conditions.extend(unless.iter().cloned());
                conditions.push(quote!(#[cfg(#predicate)]));
                unless.push(quote!(#[cfg(not(#predicate))]));
                self.candidates(child, place.candidates(&name, Some(&path)), conditions);
            }
        }
        let mut conditions = conditions;
        conditions.extend(unless);
        self.candidates(child, place.candidates(&name, path.as_deref()), conditions);
    }

    fn candidates(
        &mut self,
        child: ModuleId,
        candidates: Vec<(String, Place)>,
        conditions: Vec<TokenStream>,
    ) {
        for (path, place) in &candidates {
            if self.sources.get(path).is_some() {
                self.file(child, path, place, conditions);
                return;
            }
        }
        self.result
            .missing
            .extend(candidates.into_iter().map(|(path, _)| path));
    }
}

/// Parses a file, or says where and why it cannot be.
fn parse(text: &str, bodies: Bodies) -> Result<syn::File, (Span, String)> {
    let skimmed = match bodies {
        Bodies::Blanked => skim(text),
        Bodies::Kept => check_depth(text).map(|()| text.into()),
    };
    let skimmed = match skimmed {
        Ok(skimmed) => skimmed,
        Err(Unskimmed::TooDeep) => {
            return Err((Span::call_site(), "it is nested too deeply".to_owned()));
        }
        // What brackets do not fit, the parser says best.
        Err(Unskimmed::Unbalanced) => {
            let reason = text.parse::<TokenStream>().err();
            let span = reason.as_ref().map_or(Span::call_site(), LexError::span);
            let reason = "brackets, quotes or characters do not fit here".to_owned();
            return Err((span, reason));
        }
    };
    syn::parse_file(&skimmed).map_err(|error| (error.span(), error.to_string()))
}

/// The value of `path = ".."`.
fn path_of(meta: &Meta) -> Option<String> {
    if let Meta::NameValue(pair) = meta
        && pair.path.is_ident("path")
        && let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &pair.value
    {
        return Some(text.value());
    }
    None
}
