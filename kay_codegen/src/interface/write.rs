//! From the model of a crate to its interface.

use super::{Interface, Section};
use crate::model::{Handler, Model, Parameter, Placed, TraitDefinition, normalised};
use crate::resolve::{Absolute, Def, spelled};
use crate::source::{ModuleId, cfgs, deprecations};
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{GenericArgument, Item, Path, Type, Visibility};

/// Writes the interface of a crate.
pub(crate) fn write(model: &Model) -> Interface {
    let krate = model.names.krate;
    let root = krate.root();
    let mut sections: Vec<Section> = krate.others.iter().map(|o| o.told.clone()).collect();
    let mut writer = Writer {
        model,
        items: BTreeMap::new(),
        mentioned: BTreeSet::new(),
    };
    writer.actors();
    writer.traits();
    writer.mentioned();
    sections.push(Section {
        name: krate.name.clone(),
        id_suffix: model.options.id_name(""),
        has_setup: model.setup.files.contains(&root) && model.setup.modules.contains(&root),
        externs: krate.externs.clone(),
        text: writer.module(root, 0),
    });
    Interface { sections }
}

struct Writer<'w, 'a> {
    model: &'w Model<'a>,
    /// Actors and actor traits, by module.
    items: BTreeMap<ModuleId, Vec<String>>,
    /// Types that are arguments of supertraits.
    mentioned: BTreeSet<(ModuleId, String)>,
}

impl Writer<'_, '_> {
    fn actors(&mut self) {
        for (_, actor) in self.model.own_actors() {
            for definition in &actor.definitions {
                if self.is_offered(
                    definition.placed,
                    definition.visibility,
                    &definition.conditions,
                ) {
                    let name = actor.ident.unraw().to_string();
                    let id = self.model.options.id_name(&name);
                    let (ident, generics) = (actor.ident, definition.generics.declared());
                    let generics = normalised(generics);
                    let text = format!("pub struct {ident}{generics} {{ id: {id} }}\n");
                    self.items.entry(actor.module).or_default().push(text);
                }
            }
        }
    }

    fn traits(&mut self) {
        for (_, actor_trait) in self.model.own_traits() {
            for definition in &actor_trait.definitions {
                if self.is_offered(
                    definition.placed,
                    definition.visibility,
                    &definition.conditions,
                ) {
                    let head = format!(
                        "pub trait {}{}{} {{\n",
                        actor_trait.ident,
                        normalised(definition.generics.declared()),
                        self.supers(actor_trait.module, definition)
                    );
                    let handlers = definition.handlers.iter();
                    let body: String = handlers.filter_map(|h| self.handler(h)).collect();
                    let text = format!("{head}{body}}}\n");
                    self.items.entry(actor_trait.module).or_default().push(text);
                }
            }
        }
    }

    /// Whether something is there, and for others.
    fn is_offered(
        &self,
        placed: Placed,
        visibility: &Visibility,
        conditions: &[proc_macro2::TokenStream],
    ) -> bool {
        let krate = self.model.names.krate;
        krate.is_own(placed.module)
            && matches!(visibility, Visibility::Public(_))
            && self.holds(&krate.module(placed.module).parts[placed.part].conditions)
            && self.holds(conditions)
    }

    fn holds(&self, conditions: &[proc_macro2::TokenStream]) -> bool {
        self.model.options.conditions().hold(conditions)
    }

    /// `: crate::Place + ::city::Sink<T>`, as far as other crates may know of it.
    fn supers(&mut self, module: ModuleId, definition: &TraitDefinition) -> String {
        let names = &self.model.names;
        let parameters: BTreeSet<String> = definition
            .generics
            .names()
            .map(ToString::to_string)
            .collect();
        let mut found = Vec::new();
        for above in &definition.supers {
            let of = &self.model.traits[above.index];
            let Some(path) = names.path_to(of.module, &of.ident.unraw().to_string(), module) else {
                continue;
            };
            let mut arguments = above.arguments.clone();
            for argument in &mut arguments {
                self.mention(module, &parameters, argument);
                Absolute {
                    names,
                    module,
                    parameters: &parameters,
                }
                .visit_generic_argument_mut(argument);
            }
            let arguments: Vec<String> = arguments
                .iter()
                .map(|argument| normalised(argument.to_token_stream()))
                .collect();
            found.push(if arguments.is_empty() {
                normalised(path)
            } else {
                format!("{}<{}>", normalised(path), arguments.join(", "))
            });
        }
        if found.is_empty() {
            return String::new();
        }
        format!(": {}", found.join(" + "))
    }

    /// Remembers the types in an argument, which was written in this module.
    fn mention(&mut self, module: ModuleId, hidden: &BTreeSet<String>, of: &GenericArgument) {
        let names = &self.model.names;
        let mut paths = Paths(Vec::new());
        paths.visit_generic_argument(of);
        let is_hidden = |path: &Path| {
            path.get_ident()
                .is_some_and(|i| hidden.contains(&i.to_string()))
        };
        for path in paths.0.into_iter().filter(|path| !is_hidden(path)) {
            for def in names.resolve(module, path).iter() {
                if let Def::Item(of, name) = def
                    && names.krate.is_own(*of)
                    && names
                        .items(*of, name)
                        .any(|item| !matches!(item, Item::Trait(_)))
                {
                    self.mentioned.insert((*of, name.clone()));
                }
            }
        }
    }

    /// Tells of types that are neither actors nor actor traits that they exist: then they can be
    /// named by whichever public path leads to them.
    fn mentioned(&mut self) {
        for (_, actor) in self.model.own_actors() {
            self.mentioned
                .remove(&(actor.module, actor.ident.unraw().to_string()));
        }
        for (module, name) in std::mem::take(&mut self.mentioned) {
            let text = format!("pub struct {};\n", spelled(&name));
            self.items.entry(module).or_default().push(text);
        }
    }

    /// The signature of a handler, with the runtime's types spelled out.
    fn handler(&self, handler: &Handler) -> Option<String> {
        if !self.holds(&handler.conditions) {
            return None;
        }
        let conditions = self.model.options.conditions();
        let mut when = handler.essential.when.iter();
        let is_essential =
            handler.essential.always || when.any(|when| conditions.predicate(when.clone()));
        let mut text = String::new();
        if is_essential {
            text.push_str("    #[::kay_runtime::essential]\n");
        }
        if !deprecations(handler.attributes).is_empty() {
            text.push_str("    #[deprecated]\n");
        }
        let _ = write!(text, "    fn {}(&mut self, ", handler.ident);
        for Parameter { field, ty, is_lent } in &handler.parameters {
            let lent = if *is_lent { "&" } else { "" };
            let _ = write!(text, "{field}: {lent}{ty}, ");
        }
        // The world is the last of them: no parameter hides its name, whatever it is.
        text.push_str("_: &mut ::kay_runtime::World)");
        if handler.has_fate {
            text.push_str(" -> ::kay_runtime::Fate");
        }
        text.push_str(";\n");
        Some(text)
    }

    /// What is in a module, and the modules inside it.
    fn module(&self, id: ModuleId, depth: usize) -> String {
        let module = self.model.names.krate.module(id);
        let mut lines = String::new();
        for part in module
            .parts
            .iter()
            .filter(|part| self.holds(&part.conditions))
        {
            let is_kept = |item: &&Item| match item {
                Item::Use(item) => !matches!(item.vis, Visibility::Inherited),
                _ => false,
            };
            // What a public import leads through may be imported privately.
            let hands_on = part.items.iter().any(|item| is_kept(&item));
            for item in part
                .items
                .iter()
                .filter_map(|item| self.import(item, hands_on))
            {
                lines.push_str(&item);
                lines.push('\n');
            }
        }
        for item in self.items.get(&id).into_iter().flatten() {
            lines.push_str(item);
        }
        let margin = "    ".repeat(depth);
        let mut text = String::new();
        for line in lines.lines() {
            let _ = writeln!(text, "{margin}{line}");
        }
        for child in &module.children {
            let inside = self.module(*child, depth + 1);
            if !inside.is_empty() {
                let child = self.model.names.krate.module(*child);
                let (visibility, ident) = (&child.visibility, &child.ident);
                let head = normalised(quote!(#visibility mod #ident));
                let _ = write!(text, "{margin}{head} {{\n{inside}{margin}}}\n");
            }
        }
        text
    }

    /// An item that gives another name to something.
    fn import(&self, item: &Item, hands_on: bool) -> Option<String> {
        let (attributes, tokens) = match item {
            Item::Use(item) if hands_on => {
                let (visibility, colons, tree) = (&item.vis, &item.leading_colon, &item.tree);
                (&item.attrs, quote!(#visibility use #colons #tree;))
            }
            Item::ExternCrate(item) => {
                let (visibility, ident) = (&item.vis, &item.ident);
                let rename = item.rename.as_ref().map(|(_, name)| quote!(as #name));
                (
                    &item.attrs,
                    quote!(#visibility extern crate #ident #rename;),
                )
            }
            Item::Type(item) => match &*item.ty {
                Type::Path(ty) if ty.qself.is_none() => {
                    let (visibility, ident) = (&item.vis, &item.ident);
                    let generics = &item.generics;
                    (
                        &item.attrs,
                        quote!(#visibility type #ident #generics = #ty;),
                    )
                }
                _ => return None,
            },
            _ => return None,
        };
        self.holds(&cfgs(attributes)).then(|| normalised(tokens))
    }
}

/// All paths in a type.
struct Paths<'p>(Vec<&'p Path>);

impl<'p> Visit<'p> for Paths<'p> {
    fn visit_path(&mut self, path: &'p Path) {
        self.0.push(path);
        visit::visit_path(self, path);
    }
}
