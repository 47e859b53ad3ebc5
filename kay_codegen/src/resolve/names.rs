//! The names of every module, and look-up in them.

use super::imports::{Import, imports, plain};
use super::public::PublicPaths;
use super::visibility::Reach;
use crate::source::{Crate, ModuleId};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use syn::{Ident, Item, ItemType, Type, Visibility};

/// What a name turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Def {
    /// A module.
    Module(ModuleId),
    /// An item, by the module that declares it and its name there. Definitions of
    /// one name under opposite conditions are one item.
    Item(ModuleId, String),
    /// A path into another crate, to something that is not known of it.
    External(Vec<String>),
    /// A path that a glob from another crate may have brought in: nothing else can have.
    Glob(Vec<String>),
}

#[derive(Debug)]
enum Target {
    Module(ModuleId),
    Item,
    Import(Import),
    Crate(String),
}

#[derive(Debug)]
struct Binding {
    target: Target,
    reach: Reach,
}

#[derive(Debug, Default)]
struct Scope {
    names: HashMap<String, Vec<Binding>>,
    globs: Vec<(Import, Reach)>,
}

/// Paths that were looked up before, by where they stand.
type Resolved = HashMap<(ModuleId, String), Rc<[Def]>>;

/// The names of a crate, and of what is known of other crates.
pub(crate) struct Names<'a> {
    pub(crate) krate: &'a Crate,
    scopes: Vec<Scope>,
    /// The types and traits of each module by name, in order.
    items: HashMap<(ModuleId, String), Vec<&'a Item>>,
    resolved: RefCell<Resolved>,
    /// How items of other crates are named here, once that was asked.
    public: OnceCell<PublicPaths>,
}

/// One look-up under way.
pub(super) struct Following {
    /// Whether paths into other crates end there.
    is_closed: bool,
    /// The names that led here: a name or glob that leads back to itself ends there.
    stack: Vec<(ModuleId, String)>,
    /// Globs that open each other in all directions have more ways through them than can be
    /// tried; a real crate comes nowhere near this many steps.
    steps_left: usize,
}

impl Following {
    pub(super) fn new() -> Self {
        Self {
            is_closed: false,
            stack: Vec::new(),
            steps_left: 20_000,
        }
    }
}

impl<'a> Names<'a> {
    /// Reads the names of all modules.
    pub(crate) fn new(krate: &'a Crate) -> Self {
        let mut names = Self {
            krate,
            scopes: krate.modules.iter().map(|_| Scope::default()).collect(),
            items: HashMap::new(),
            resolved: RefCell::default(),
            public: OnceCell::new(),
        };
        for module in &krate.modules {
            if let Some(parent) = module.parent {
                let target = Target::Module(module.id);
                names.bind(parent, &module.ident, &module.visibility, target);
            }
            for item in module.parts.iter().flat_map(|part| &part.items) {
                names.item(module.id, item);
            }
        }
        names
    }

    fn item(&mut self, module: ModuleId, item: &'a Item) {
        let (ident, visibility) = match item {
            Item::Struct(item) => (&item.ident, &item.vis),
            Item::Enum(item) => (&item.ident, &item.vis),
            Item::Union(item) => (&item.ident, &item.vis),
            Item::Trait(item) => (&item.ident, &item.vis),
            Item::TraitAlias(item) => (&item.ident, &item.vis),
            Item::Type(item) => (&item.ident, &item.vis),
            Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
                let target = if item.ident == "self" {
                    Target::Module(self.krate.root_of(module))
                } else {
                    Target::Crate(plain(&item.ident))
                };
                self.bind(module, name, &item.vis, target);
                return;
            }
            Item::Use(item) => {
                for import in imports(item) {
                    if let Some(name) = import.name.clone() {
                        self.bind(module, &name, &item.vis, Target::Import(import));
                    } else {
                        let reach = Reach::new(self.krate, &item.vis, module);
                        self.scopes[module.0].globs.push((import, reach));
                    }
                }
                return;
            }
            _ => return,
        };
        let key = (module, plain(ident));
        self.items.entry(key).or_default().push(item);
        self.bind(module, ident, visibility, Target::Item);
    }

    fn bind(&mut self, module: ModuleId, name: &Ident, visibility: &Visibility, target: Target) {
        let reach = Reach::new(self.krate, visibility, module);
        self.declare_as(module, plain(name), reach, target);
    }

    fn declare_as(&mut self, module: ModuleId, name: String, reach: Reach, target: Target) {
        let bindings = self.scopes[module.0].names.entry(name).or_default();
        bindings.push(Binding { target, reach });
    }

    /// Adds an item that will be generated. Where the module has an item of that name already, it
    /// stays: the clash is reported by whoever generates.
    pub(crate) fn declare(&mut self, module: ModuleId, name: String, reach: Reach) {
        if !self.scopes[module.0].names.contains_key(&name) {
            self.declare_as(module, name, reach, Target::Item);
            self.resolved.borrow_mut().clear();
            self.public.take();
        }
    }

    /// From where an item of a module can be named; `None` if the module has none of that name.
    pub(crate) fn reach(&self, module: ModuleId, name: &str) -> Option<Reach> {
        self.scopes[module.0]
            .names
            .get(name)?
            .first()
            .map(|binding| binding.reach)
    }

    /// Whether a path, written in a module, leads to this item.
    pub(super) fn leads_to(&self, at: ModuleId, name: &str, from: ModuleId, def: &Def) -> bool {
        self.lookup(at, name, from, &mut Following::new())
            .contains(def)
    }

    /// What a path means in a module; several answers if conditions choose between them, none if
    /// it is nothing that the crate's text explains (`u8`, `Vec`, a generic parameter).
    pub(crate) fn resolve(&self, module: ModuleId, path: &syn::Path) -> Rc<[Def]> {
        let segments: Vec<String> = path.segments.iter().map(|s| plain(&s.ident)).collect();
        let is_absolute = path.leading_colon.is_some();
        let colons = if is_absolute { "::" } else { "" };
        let key = (module, format!("{colons}{}", segments.join("::")));
        if let Some(known) = self.resolved.borrow().get(&key) {
            return Rc::clone(known);
        }
        let mut found = self.path(module, is_absolute, &segments, false, &mut Following::new());
        self.follow_aliases(&mut found);
        let found: Rc<[Def]> = found.into();
        self.resolved.borrow_mut().insert(key, Rc::clone(&found));
        found
    }

    /// As [`Names::resolve`], for someone who knows nothing of other crates: the answer is a path
    /// that holds in every module.
    pub(super) fn resolve_closed(&self, module: ModuleId, path: &syn::Path) -> Vec<Def> {
        let segments: Vec<String> = path.segments.iter().map(|s| plain(&s.ident)).collect();
        let mut following = Following::new();
        following.is_closed = true;
        let is_absolute = path.leading_colon.is_some();
        self.path(module, is_absolute, &segments, false, &mut following)
    }

    /// How an item of another crate is named in this one; `None` if it cannot be named.
    pub(super) fn public_path(&self, module: ModuleId, name: &str) -> Option<&[String]> {
        let paths = self.public.get_or_init(|| PublicPaths::new(self));
        paths.get(module, name)
    }

    /// The names that a module offers, and what its globs open.
    pub(super) fn scope_names(
        &self,
        module: ModuleId,
    ) -> (impl Iterator<Item = &String>, Vec<ModuleId>) {
        let scope = &self.scopes[module.0];
        let opened = scope.globs.iter().flat_map(|(import, _)| {
            let mut following = Following::new();
            self.path(
                module,
                import.is_absolute,
                &import.path,
                true,
                &mut following,
            )
        });
        let opened = opened.filter_map(|def| match def {
            Def::Module(id) => Some(id),
            _ => None,
        });
        (scope.names.keys(), opened.collect())
    }

    /// The crate of this name in the code of a module, or the path that leads to it.
    fn extern_crate(&self, module: ModuleId, name: &str, following: &Following) -> Def {
        // What the root declares by `extern crate .. as name` has that name in every module.
        let root = self.krate.root_of(module);
        let mut name = name;
        for binding in self.scopes[root.0].names.get(name).into_iter().flatten() {
            match &binding.target {
                Target::Crate(declared) => name = declared,
                Target::Module(id) if *id == root => return Def::Module(root),
                _ => {}
            }
        }
        match self.krate.extern_root(module, name) {
            Some(root) if !following.is_closed => Def::Module(root),
            _ => Def::External(vec![name.to_owned()]),
        }
    }

    /// A path to something in a module of another crate that its interface does not name.
    fn beyond(&self, module: ModuleId, name: &str) -> Option<Vec<String>> {
        let other = self.krate.module(module).other?;
        let krate = self.krate.extern_name(other);
        let krate = krate.unwrap_or(&self.krate.others[other].told.name);
        let inner = &self.krate.module(module).path;
        let inner = inner.split("::").filter(|part| !part.is_empty());
        let path = [krate].into_iter().chain(inner).chain([name]);
        Some(
            path.map(|part| part.trim_start_matches("r#").to_owned())
                .collect(),
        )
    }

    /// The aliases of types that a path leads to, if it does, with the modules that declare them.
    pub(crate) fn aliases(
        &self,
        module: ModuleId,
        path: &syn::Path,
    ) -> Vec<(ModuleId, &'a ItemType)> {
        let segments: Vec<String> = path.segments.iter().map(|s| plain(&s.ident)).collect();
        let is_absolute = path.leading_colon.is_some();
        let mut following = Following::new();
        let found = self.path(module, is_absolute, &segments, false, &mut following);
        let mut aliases = Vec::new();
        for def in found {
            let Def::Item(home, name) = def else { continue };
            aliases.extend(self.items(home, &name).filter_map(|item| match item {
                Item::Type(alias) => Some((home, alias)),
                _ => None,
            }));
        }
        aliases
    }

    /// Replaces each `type A = path;` by what the path means.
    fn follow_aliases(&self, found: &mut Vec<Def>) {
        let mut seen = Vec::new();
        while let Some(at) = found.iter().position(|def| !seen.contains(def)) {
            let def = found[at].clone();
            seen.push(def.clone());
            let Def::Item(module, name) = &def else {
                continue;
            };
            let targets: Vec<Def> = self
                .items(*module, name)
                .filter_map(|item| {
                    if let Item::Type(alias) = item {
                        Some(alias)
                    } else {
                        None
                    }
                })
                .filter_map(|alias| {
                    if let Type::Path(ty) = &*alias.ty {
                        Some(ty)
                    } else {
                        None
                    }
                })
                .filter(|ty| ty.qself.is_none())
                .flat_map(|ty| {
                    let segments: Vec<_> =
                        ty.path.segments.iter().map(|s| plain(&s.ident)).collect();
                    let is_absolute = ty.path.leading_colon.is_some();
                    self.path(
                        *module,
                        is_absolute,
                        &segments,
                        false,
                        &mut Following::new(),
                    )
                })
                .collect();
            if !targets.is_empty() {
                found.remove(at);
                found.extend(targets);
            }
        }
    }

    /// The types and traits of one name in a module, in order.
    pub(crate) fn items(&self, module: ModuleId, name: &str) -> impl Iterator<Item = &'a Item> {
        let key = (module, name.to_owned());
        self.items.get(&key).into_iter().flatten().copied()
    }

    fn path(
        &self,
        module: ModuleId,
        is_absolute: bool,
        path: &[String],
        is_import: bool,
        following: &mut Following,
    ) -> Vec<Def> {
        let Some((first, mut rest)) = path.split_first() else {
            return vec![Def::Module(module)];
        };
        let parent = |id: ModuleId| self.krate.module(id).parent.unwrap_or(id);
        let mut found = match first.as_str() {
            name if is_absolute => vec![self.extern_crate(module, name, following)],
            "crate" => vec![Def::Module(self.krate.root_of(module))],
            "self" => vec![Def::Module(module)],
            "super" => {
                let mut at = parent(module);
                while let Some(("super", more)) = rest.split_first().map(|(f, r)| (f.as_str(), r)) {
                    at = parent(at);
                    rest = more;
                }
                vec![Def::Module(at)]
            }
            "Self" => return Vec::new(),
            name => {
                let mut found = self.lookup(module, name, module, following);
                let is_unknown = found.iter().all(|def| matches!(def, Def::Glob(_)));
                if is_unknown && !rest.is_empty() {
                    // A glob may have brought in a module of this name, but nobody writes that.
                    found = vec![self.extern_crate(module, first, following)];
                } else if is_unknown && is_import {
                    found.push(self.extern_crate(module, first, following));
                }
                found
            }
        };
        for name in rest {
            let mut next = Vec::new();
            for def in found {
                match def {
                    Def::Module(inner) => {
                        let known = self.lookup(inner, name, module, following);
                        if known.is_empty() {
                            next.extend(self.beyond(inner, name).map(Def::External));
                        }
                        next.extend(known);
                    }
                    Def::External(mut path) => {
                        path.push(name.clone());
                        next.push(Def::External(path));
                    }
                    Def::Glob(mut path) => {
                        path.push(name.clone());
                        next.push(Def::Glob(path));
                    }
                    Def::Item(..) => {}
                }
            }
            found = next;
        }
        found
    }

    /// What a name means in a module, for someone in the module `from`.
    pub(super) fn lookup(
        &self,
        module: ModuleId,
        name: &str,
        from: ModuleId,
        following: &mut Following,
    ) -> Vec<Def> {
        let is_open = following
            .stack
            .iter()
            .any(|(at, of)| *at == module && of == name);
        if is_open || following.steps_left == 0 {
            return Vec::new();
        }
        following.steps_left -= 1;
        following.stack.push((module, name.to_owned()));
        let mut found = Vec::new();
        let scope = &self.scopes[module.0];
        for binding in scope.names.get(name).into_iter().flatten() {
            if !binding.reach.includes(self.krate, from) {
                continue;
            }
            match &binding.target {
                Target::Module(id) => found.push(Def::Module(*id)),
                Target::Item => found.push(Def::Item(module, name.to_owned())),
                Target::Crate(name) => found.push(self.extern_crate(module, name, following)),
                Target::Import(import) => {
                    found.extend(self.path(
                        module,
                        import.is_absolute,
                        &import.path,
                        true,
                        following,
                    ));
                }
            }
        }
        if found.is_empty() {
            for (import, reach) in &scope.globs {
                if !reach.includes(self.krate, from) {
                    continue;
                }
                let opened = self.path(module, import.is_absolute, &import.path, true, following);
                for def in opened {
                    match def {
                        Def::Module(inner) => {
                            let known = self.lookup(inner, name, module, following);
                            if known.is_empty() {
                                found.extend(self.beyond(inner, name).map(Def::Glob));
                            }
                            found.extend(known);
                        }
                        Def::External(mut path) | Def::Glob(mut path) => {
                            path.push(name.to_owned());
                            found.push(Def::Glob(path));
                        }
                        Def::Item(..) => {}
                    }
                }
            }
            // What is known beats what may be.
            if found.iter().any(|def| !matches!(def, Def::Glob(_))) {
                found.retain(|def| !matches!(def, Def::Glob(_)));
            }
        }
        following.stack.pop();
        let mut unique = Vec::new();
        for def in found {
            if !unique.contains(&def) {
                unique.push(def);
            }
        }
        unique
    }
}
