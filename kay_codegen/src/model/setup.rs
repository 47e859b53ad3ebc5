//! Which modules take generated code in, and how the root reaches all actors.

use super::normalised;
use super::types::{Model, Placed};
use crate::diagnostics::{Code, Diagnostic, Diagnostics};
use crate::resolve::Reach;
use crate::source::{ModuleId, cfgs, has_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned;
use syn::{Item, Meta};

/// How actors are registered, module by module.
#[derive(Default)]
pub(crate) struct Setup {
    /// The modules that get a file.
    pub(crate) files: BTreeSet<ModuleId>,
    /// The `setup` functions of other modules that a module's own one calls, with conditions.
    pub(crate) calls: BTreeMap<ModuleId, Vec<(Vec<TokenStream>, TokenStream)>>,
    /// The modules that have a `setup` function.
    pub(crate) modules: BTreeSet<ModuleId>,
    /// The crates whose `setup` the root takes in, under their names here, in order.
    pub(crate) dependencies: Vec<String>,
}

impl Setup {
    pub(super) fn new(model: &Model, diagnostics: &mut Diagnostics) -> Self {
        let krate = model.names.krate;
        let mut setup = Self::default();
        let taken_in: BTreeSet<(ModuleId, usize)> = krate
            .modules
            .iter()
            .flat_map(|module| {
                module
                    .parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| (module.id, at, part))
            })
            .filter(|(_, _, part)| part.items.iter().any(is_kay_auto))
            .map(|(module, at, _)| (module, at))
            .collect();
        taken_in_twice(model, diagnostics);
        other_modules(model, diagnostics);
        setup.files = taken_in.iter().map(|(module, _)| *module).collect();
        let needs = needs(model);
        for placed in needs.values() {
            if !taken_in.contains(&(placed.module, placed.part)) {
                let path = krate.full_path(placed.module);
                diagnostics.report(
                    Diagnostic::new(
                        Code::NotTakenIn,
                        model.file(*placed),
                        placed.span,
                        format!("`{path}` does not take in what is generated for it"),
                    )
                    .label("something is generated for this")
                    .note("ids, messages and `setup` become part of a module by one line")
                    .help("add the line `kay_runtime::kay_auto!();` to the module"),
                );
            }
        }
        let root = krate.root();
        let has_root = setup.files.contains(&root);
        if let (false, Some(placed)) = (has_root, needs.values().find(|p| p.module != root)) {
            let file = krate
                .module(root)
                .parts
                .first()
                .map_or("", |part| &part.file);
            diagnostics.report(
                Diagnostic::new(
                    Code::NoSetupInRoot,
                    file,
                    Span::call_site(),
                    "the crate has actors, but its root has no `setup` to register them",
                )
                .secondary(model.file(*placed), placed.span, "one of them")
                .note("the root's `setup` registers all actors of a crate")
                .help("add the line `kay_runtime::kay_auto!();` to the root"),
            );
        }
        let extended = model
            .blocks
            .iter()
            .filter(|block| model.is_extension(block));
        let extended = extended.map(|block| block.placed.module);
        setup.modules = model
            .actors
            .iter()
            .filter(|actor| krate.is_own(actor.module))
            .filter(|actor| actor.definitions.iter().any(|d| d.generics.is_empty()))
            .map(|actor| actor.module)
            .chain(extended)
            .chain(has_root.then_some(root))
            .collect();
        // By their own names: what a dependent calls them decides nothing.
        let mut dependencies: Vec<(&str, &str)> = krate
            .externs
            .iter()
            .map(|(name, index)| (&krate.others[*index].told, name.as_str()))
            .filter(|(told, _)| told.has_setup)
            .map(|(told, name)| (told.name.as_str(), name))
            .collect();
        dependencies.sort_unstable();
        let dependencies = dependencies.into_iter().map(|(_, name)| name.to_owned());
        setup.dependencies = dependencies.collect();
        setup.connect(model, &taken_in, &needs, diagnostics);
        setup
    }

    /// Lets the `setup` of each module be called by that of the nearest module around it.
    fn connect(
        &mut self,
        model: &Model,
        taken_in: &BTreeSet<(ModuleId, usize)>,
        needs: &BTreeMap<(ModuleId, usize), Placed>,
        diagnostics: &mut Diagnostics,
    ) {
        let krate = model.names.krate;
        // From the inside out: a module that only passes a call on has a `setup` because of it.
        for module in krate.modules.iter().rev() {
            if !self.modules.contains(&module.id) {
                continue;
            }
            let mut outer = module.parent;
            let mut steps = vec![module.id];
            while let Some(at) = outer.filter(|at| !self.files.contains(at)) {
                steps.push(at);
                outer = krate.module(at).parent;
            }
            let Some(caller) = outer else { continue };
            let hidden = steps.iter().find(|step| {
                let step = krate.module(**step);
                let parent = step.parent.unwrap_or(krate.root());
                !Reach::new(krate, &step.visibility, parent).includes(krate, caller)
            });
            if let Some(hidden) = hidden {
                let placed = needs
                    .range((module.id, 0)..)
                    .next()
                    .map(|(_, placed)| *placed);
                if let Some(placed) = placed {
                    let between = krate.module(*hidden).parent.unwrap_or(krate.root());
                    let (hidden, caller) = (krate.full_path(*hidden), krate.full_path(caller));
                    diagnostics.report(
                        Diagnostic::new(
                            Code::HiddenModule,
                            model.file(placed),
                            placed.span,
                            format!("`{caller}` cannot register this: `{hidden}` is private"),
                        )
                        .label("`setup` cannot reach this")
                        .note("the `setup` of a module calls those of the modules inside it")
                        .help(format!(
                            "declare the module as `pub(crate) mod`, or add the line \
                             `kay_runtime::kay_auto!();` to `{}`",
                            krate.full_path(between)
                        )),
                    );
                }
                continue;
            }
            let path = steps.iter().rev().map(|step| &krate.module(*step).ident);
            let path = quote!(self::#(#path::)*setup);
            // The modules are visited last to first, and so are their parts.
            let calls = module
                .parts
                .iter()
                .enumerate()
                .rev()
                .filter(|(at, _)| taken_in.contains(&(module.id, *at)))
                .map(|(_, part)| {
                    (
                        inner_conditions(model, caller, &part.conditions),
                        path.clone(),
                    )
                });
            self.calls.entry(caller).or_default().extend(calls);
            self.modules.insert(caller);
        }
        self.calls.values_mut().for_each(|calls| calls.reverse());
    }
}

/// The conditions of a part that are not those of its caller already.
fn inner_conditions(
    model: &Model,
    caller: ModuleId,
    conditions: &[TokenStream],
) -> Vec<TokenStream> {
    let parts = &model.names.krate.module(caller).parts;
    let shared = if let [part] = &parts[..] {
        part.conditions.len()
    } else {
        0
    };
    conditions.iter().skip(shared).cloned().collect()
}

/// For each part of a module that something is generated for, the first such thing.
fn needs(model: &Model) -> BTreeMap<(ModuleId, usize), Placed> {
    let of_actors = model
        .own_actors()
        .flat_map(|(_, actor)| &actor.definitions)
        .map(|d| d.placed);
    let of_traits = model
        .own_traits()
        .flat_map(|(_, t)| &t.definitions)
        .map(|d| d.placed);
    let of_blocks = model.blocks.iter().map(|block| block.placed);
    let mut needs: BTreeMap<(ModuleId, usize), Placed> = BTreeMap::new();
    for placed in of_actors.chain(of_traits).chain(of_blocks) {
        let first = needs.entry((placed.module, placed.part)).or_insert(placed);
        if placed.item < first.item {
            *first = placed;
        }
    }
    needs
}

/// Reports every module that takes in twice what is generated for it.
fn taken_in_twice(model: &Model, diagnostics: &mut Diagnostics) {
    let modules = model.names.krate.own_modules().iter();
    for part in modules.flat_map(|module| &module.parts) {
        let mut first = None;
        for item in part.items.iter().filter(|item| is_kay_auto(item)) {
            let Item::Macro(item) = item else { continue };
            // Under opposite conditions, it is taken in once.
            if !cfgs(&item.attrs).is_empty() {
                continue;
            }
            let Some(first) = first else {
                first = Some(item.mac.path.span());
                continue;
            };
            diagnostics.report(
                Diagnostic::new(
                    Code::TakenInTwice,
                    &part.file,
                    item.mac.path.span(),
                    "this module takes in twice what is generated for it",
                )
                .label("the second time")
                .secondary(&part.file, first, "the first time")
                .help("remove one of the lines"),
            );
        }
    }
}

/// Reports every `kay_auto!(a::b)` that does not stand in the module `a::b`.
fn other_modules(model: &Model, diagnostics: &mut Diagnostics) {
    for module in model.names.krate.own_modules() {
        for part in &module.parts {
            for item in part.items.iter().filter(|item| is_kay_auto(item)) {
                let Item::Macro(item) = item else { continue };
                let tokens = &item.mac.tokens;
                if tokens.is_empty() || normalised(tokens.clone()) == module.path {
                    continue;
                }
                let path = &module.path;
                diagnostics.report(
                    Diagnostic::new(
                        Code::OtherModule,
                        &part.file,
                        tokens.span(),
                        "this is not the path of the module that it stands in",
                    )
                    .note("the compiler does not need it; rust-analyzer finds generated code by it")
                    .help(format!("write `kay_auto!({path})`")),
                );
            }
        }
    }
}

fn is_kay_auto(item: &Item) -> bool {
    matches!(item, Item::Macro(item) if has_name(&Meta::Path(item.mac.path.clone()), "kay_auto"))
}
