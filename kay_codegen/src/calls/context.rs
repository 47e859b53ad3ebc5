//! What is known about a crate while bodies are read.

use super::functions::{Function, functions};
use super::types::{To, Ty};
use crate::model::Model;
use crate::resolve::{Def, Import, Names, imports};
use crate::schema::MessageKind;
use crate::source::ModuleId;
use std::collections::{BTreeMap, HashMap};
use syn::ext::IdentExt;
use syn::{Item, Path};

/// A type or trait of the crate, by its module and name.
pub(super) type Key = (ModuleId, String);

/// A message, by how it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signature {
    /// Its parameters, without id and world.
    pub(super) parameters: usize,
    pub(super) kind: MessageKind,
}

pub(super) struct Context<'m, 'a> {
    pub(super) model: &'m Model<'a>,
    /// The structs of other crates that have an `id`, by module and name.
    others: Vec<Key>,
    /// The generated ids.
    pub(super) ids: HashMap<Key, To>,
    /// The messages of each receiver, by name.
    pub(super) messages: HashMap<(To, String), Vec<Signature>>,
    /// The receivers that have a handler of a name and number of parameters.
    by_name: HashMap<(String, usize), Vec<To>>,
    pub(super) functions: Vec<Function<'a>>,
    /// Functions of types and traits.
    methods: HashMap<(Key, String), Vec<usize>>,
    /// Functions of modules.
    free: HashMap<Key, Vec<usize>>,
    /// The traits of this crate that a type implements.
    traits_of: HashMap<Key, Vec<Key>>,
    /// Names that modules import.
    imports: HashMap<ModuleId, Vec<Import>>,
}

impl<'m, 'a> Context<'m, 'a> {
    pub(super) fn new(model: &'m Model<'a>) -> Self {
        let mut context = Self {
            model,
            others: Vec::new(),
            ids: HashMap::new(),
            messages: HashMap::new(),
            by_name: HashMap::new(),
            functions: Vec::new(),
            methods: HashMap::new(),
            free: HashMap::new(),
            traits_of: HashMap::new(),
            imports: HashMap::new(),
        };
        context.receivers();
        context.uses();
        context.functions = functions(&context);
        for (index, function) in context.functions.iter().enumerate() {
            let name = function.name.clone();
            if let Some(of) = &function.of {
                let known = context.methods.entry((of.clone(), name)).or_default();
                known.push(index);
                if let Some(of_trait) = &function.of_trait {
                    let known = context.traits_of.entry(of.clone()).or_default();
                    if !known.contains(of_trait) {
                        known.push(of_trait.clone());
                    }
                }
            } else {
                let known = context.free.entry((function.module, name)).or_default();
                known.push(index);
            }
        }
        context
    }

    pub(super) fn names(&self) -> &'m Names<'a> {
        &self.model.names
    }

    fn receivers(&mut self) {
        let model = self.model;
        let krate = model.names.krate;
        for module in krate
            .modules
            .iter()
            .filter(|module| !krate.is_own(module.id))
        {
            for item in module.parts.iter().flat_map(|part| &part.items) {
                if let Item::Struct(item) = item {
                    let id = model.id_name(module.id, &item.ident);
                    self.ids
                        .insert((module.id, id), To::Other(self.others.len()));
                    self.others
                        .push((module.id, item.ident.unraw().to_string()));
                }
            }
        }
        for (index, actor) in model.actors.iter().enumerate() {
            let id = model.id_name(actor.module, actor.ident);
            self.ids.insert((actor.module, id), To::Actor(index));
        }
        for (index, of_trait) in model.traits.iter().enumerate() {
            let to = To::Trait(index);
            let id = model.id_name(of_trait.module, of_trait.ident);
            self.ids.insert((of_trait.module, id), to);
            for handler in of_trait.definitions.iter().flat_map(|d| &d.handlers) {
                self.message(
                    to,
                    handler.ident,
                    handler.parameters.len(),
                    MessageKind::Handler,
                );
            }
        }
        for block in &model.blocks {
            let to = To::Actor(block.actor);
            for handler in &block.handlers {
                self.message(
                    to,
                    handler.ident,
                    handler.parameters.len(),
                    MessageKind::Handler,
                );
            }
            for spawner in &block.spawners {
                self.message(
                    to,
                    spawner.ident,
                    spawner.parameters.len(),
                    MessageKind::Spawner,
                );
            }
        }
    }

    fn message(&mut self, to: To, ident: &syn::Ident, parameters: usize, kind: MessageKind) {
        let name = ident.unraw().to_string();
        let signature = Signature { parameters, kind };
        let known = self.messages.entry((to, name.clone())).or_default();
        if known.contains(&signature) {
            return;
        }
        known.push(signature);
        if kind == MessageKind::Handler {
            self.by_name.entry((name, parameters)).or_default().push(to);
        }
    }

    fn uses(&mut self) {
        for module in &self.model.names.krate.modules {
            for item in module.parts.iter().flat_map(|part| &part.items) {
                if let Item::Use(item) = item {
                    let found = imports(item).into_iter().filter(|i| !i.is_absolute);
                    self.imports.entry(module.id).or_default().extend(found);
                }
            }
        }
    }

    /// The path of a receiver, without the crate's name.
    pub(super) fn path(&self, to: To) -> String {
        let (module, ident) = match to {
            To::Other(index) => {
                let (module, name) = &self.others[index];
                return format!("{}::{name}", self.names().krate.full_path(*module));
            }
            To::Actor(index) => {
                let actor = &self.model.actors[index];
                (actor.module, actor.ident)
            }
            To::Trait(index) => {
                let of_trait = &self.model.traits[index];
                (of_trait.module, of_trait.ident)
            }
        };
        self.model.local_path(module, ident)
    }

    /// Whether a receiver has such a message; the number of parameters is without id and world.
    pub(super) fn has_message(
        &self,
        to: To,
        name: &str,
        parameters: usize,
        kind: MessageKind,
    ) -> bool {
        let wanted = Signature { parameters, kind };
        self.messages
            .get(&(to, name.to_owned()))
            .is_some_and(|known| known.contains(&wanted))
    }

    /// How many actors of other crates there are.
    pub(super) fn other_count(&self) -> usize {
        self.others.len()
    }

    /// Whether a receiver may have any message: an actor of another crate, which tells of its id only.
    pub(super) fn may_have_any(&self, to: To) -> bool {
        match to {
            To::Other(_) => true,
            To::Actor(index) => !self.names().krate.is_own(self.model.actors[index].module),
            To::Trait(_) => false,
        }
    }

    /// The receivers that have a handler of this name with so many parameters.
    pub(super) fn receivers_of(&self, name: &str, parameters: usize) -> &[To] {
        self.by_name
            .get(&(name.to_owned(), parameters))
            .map_or(&[], Vec::as_slice)
    }

    /// The functions of a type by this name: its own, else those of the traits that it implements.
    pub(super) fn methods(&self, of: &Ty, name: &str) -> &[usize] {
        let Ty::Item(module, of) = of else { return &[] };
        let key = (*module, of.clone());
        if let Some(own) = self.methods.get(&(key.clone(), name.to_owned())) {
            return own;
        }
        let traits = self.traits_of.get(&key).into_iter().flatten();
        let mut found = traits.filter_map(|of| self.methods.get(&(of.clone(), name.to_owned())));
        found.next().map_or(&[], Vec::as_slice)
    }

    /// The functions that a path means in a module.
    pub(super) fn free(&self, module: ModuleId, path: &Path) -> Vec<usize> {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|s| s.ident.unraw().to_string())
            .collect();
        self.free_at(module, &segments, true)
    }

    fn free_at(&self, module: ModuleId, segments: &[String], follow: bool) -> Vec<usize> {
        let Some((name, prefix)) = segments.split_last() else {
            return Vec::new();
        };
        if !prefix.is_empty() {
            let modules = self.modules(module, prefix);
            let name = std::slice::from_ref(name);
            let found = modules
                .into_iter()
                .flat_map(|module| self.free_at(module, name, follow));
            return found.collect();
        }
        if let Some(own) = self.free.get(&(module, name.clone())) {
            return own.clone();
        }
        if !follow {
            return Vec::new();
        }
        let mut found = Vec::new();
        for import in self.imports.get(&module).into_iter().flatten() {
            match &import.name {
                Some(imported) if imported.unraw() == name => {
                    found.extend(self.free_at(module, &import.path, false));
                }
                Some(_) => {}
                None => {
                    let path = [&import.path, std::slice::from_ref(name)].concat();
                    found.extend(self.free_at(module, &path, false));
                }
            }
        }
        found
    }

    fn modules(&self, module: ModuleId, segments: &[String]) -> Vec<ModuleId> {
        let Ok(path) = syn::parse_str::<Path>(&segments.join("::")) else {
            return Vec::new();
        };
        let found = self.names().resolve(module, &path);
        let modules = found.iter().filter_map(|def| match def {
            Def::Module(id) => Some(*id),
            _ => None,
        });
        modules.collect()
    }

    /// The actor or actor trait that a struct or trait is.
    pub(super) fn receiver(&self) -> BTreeMap<Key, To> {
        let actors = self.model.actors.iter().enumerate();
        let actors = actors.map(|(i, a)| ((a.module, a.ident.unraw().to_string()), To::Actor(i)));
        let traits = self.model.traits.iter().enumerate();
        let traits = traits.map(|(i, t)| ((t.module, t.ident.unraw().to_string()), To::Trait(i)));
        actors.chain(traits).collect()
    }
}
