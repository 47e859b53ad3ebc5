//! Blocks and functions that cannot be what they seem to be meant for.

use super::super::aliases::behind_aliases;
use super::super::almost;
use super::super::bounds::renaming;
use super::super::items::{Impl, items, parameter_names, parameter_names_in_order};
use super::super::marks::useless_mark;
use super::super::parameters::Reader;
use super::super::shape::{Scope, SpawnerOf, plain_path, typed};
use super::super::state;
use super::super::types::Placed;
use super::Collector;
use crate::diagnostics::{Code, Diagnostic, Severity};
use crate::resolve::Def;
use crate::source::ModuleId;
use proc_macro2::Span;
use std::collections::{BTreeSet, HashMap};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ImplItem, ImplItemFn, Item, PatType, Visibility};

impl<'a> Collector<'_, 'a> {
    /// Whether this crate can have such a block: one of another crate's actor needs a trait of
    /// this crate, and `setup` must be able to say whose messages they are.
    pub(super) fn is_allowed(&mut self, found: &Impl<'a>, trait_index: Option<usize>) -> bool {
        let krate = self.names.krate;
        let Some(of) = found
            .of
            .as_ref()
            .filter(|(module, _)| !krate.is_own(*module))
        else {
            return true;
        };
        // Without a trait of its own, the compiler refuses the block.
        let Some(index) = trait_index else {
            return false;
        };
        let home = krate.full_path(krate.root_of(of.0));
        let (actor, name) = (&of.1, self.traits.list[index].ident);
        let diagnostic =
            |code, message| Diagnostic::new(code, found.file, found.placed.span, message);
        if !krate.is_own(self.traits.list[index].module) {
            self.diagnostics.report(
                diagnostic(
                    Code::NeitherOwn,
                    format!(
                        "neither the actor trait `{name}` nor the actor `{actor}` is of this crate"
                    ),
                )
                .label(format!("an actor of the crate `{home}`"))
                .note("what it receives would have to be generated here, for types of other crates")
                .help(format!(
                    "implement `{name}` in `{home}`, or a trait of this crate here"
                )),
            );
            return false;
        }
        if !self.structs[of][0].1.generics.params.is_empty() {
            self.diagnostics.report(
                diagnostic(
                    Code::GenericElsewhere,
                    format!("`{name}` cannot be implemented for the generic actor `{actor}` of another crate"),
                )
                .label(format!("an actor of the crate `{home}`"))
                .note("who registers it chooses its type arguments, so this crate's `setup` cannot add to it")
                .help(format!("implement `{name}` for an actor of this crate, or declare it in `{home}`")),
            );
            return false;
        }
        true
    }

    /// The file and extent of a definition.
    fn definition(&self, placed: Placed) -> (&'a str, Span) {
        let parts = &self.names.krate.module(placed.module).parts;
        (&parts[placed.part].file, placed.span)
    }

    /// Reports a block with messages of something that is no actor.
    pub(super) fn no_actor(
        &mut self,
        found: &Impl<'a>,
        trait_index: Option<usize>,
        handler: Option<&syn::Ident>,
        self_name: &str,
    ) {
        if let Some(index) = trait_index {
            // An alias such as `impl<T: Place + Named> Both for T {}` adds no messages.
            if self.traits.list[index]
                .definitions
                .iter()
                .all(|d| d.handlers.is_empty())
            {
                return;
            }
            let name = self.traits.list[index].ident;
            let defined = self.traits.list[index].definitions[0].placed;
            let (file, span) = self.definition(defined);
            self.diagnostics.report(
                Diagnostic::new(
                    Code::TraitOfNoActor,
                    found.file,
                    found.placed.span,
                    format!("`{name}` is an actor trait, but `{self_name}` is no actor"),
                )
                .secondary(file, span, "the actor trait")
                .label("this cannot receive messages")
                .note("a trait with a method that ends with `&mut World` is an actor trait: its methods are messages")
                .help("implement it for structs of this crate with an `id` field")
                .help(format!(
                    "if `{name}` is to be an ordinary trait, let no method end with `&mut World`"
                )),
            );
        } else if let (Some(handler), Some(of)) = (handler, &found.of) {
            let (file, span) = self.definition(self.structs[of][0].0);
            let id = self
                .options
                .id_name(self_name.split('<').next().unwrap_or_default());
            self.diagnostics.report(
                Diagnostic::new(
                    Code::NoIdField,
                    found.file,
                    handler.span(),
                    format!("`{handler}` is a handler, but `{self_name}` has no `id` field"),
                )
                .label("a public function that ends with `&mut World` handles messages")
                .secondary(file, span, "this has no `id`")
                .help(format!("add `id: {id}` to the struct"))
                .help("if it is to be no actor, make the function `pub(crate)`"),
            );
        }
    }

    /// Reports handlers of enums and unions, which have no place for an `id`.
    pub(super) fn no_structs(&mut self) {
        let krate = self.names.krate;
        let own = || items(krate).filter(|(placed, ..)| krate.is_own(placed.module));
        let mut types = HashMap::new();
        for (placed, file, item) in own() {
            let (ident, kind) = match item {
                Item::Enum(item) => (&item.ident, "an enum"),
                Item::Union(item) => (&item.ident, "a union"),
                _ => continue,
            };
            let key = Def::Item(placed.module, ident.unraw().to_string());
            types.entry(key).or_insert((file, ident, kind));
        }
        for (placed, file, item) in own() {
            let Item::Impl(block) = item else { continue };
            let Some(path) = plain_path(&block.self_ty).filter(|_| block.trait_.is_none()) else {
                continue;
            };
            let found = self.names.resolve(placed.module, path);
            let Some((defined, ident, kind)) = found.iter().find_map(|def| types.get(def)) else {
                continue;
            };
            let parameters = parameter_names(&block.generics);
            let scope = Scope {
                names: self.names,
                module: placed.module,
                parameters: &parameters,
            };
            let is_handler = |item: &&ImplItemFn| {
                matches!(item.vis, Visibility::Public(_)) && scope.shape(&item.sig, None).is_some()
            };
            let mut functions = block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(item) => Some(item),
                _ => None,
            });
            if let Some(handler) = functions.find(is_handler) {
                let handler = &handler.sig.ident;
                let message = format!("`{handler}` is a handler, but `{ident}` is {kind}");
                self.diagnostics.report(
                    Diagnostic::new(Code::NoIdField, file, handler.span(), message)
                        .label("a public function that ends with `&mut World` handles messages")
                        .secondary(defined, ident.span(), "this is no struct")
                        .note("actors are structs: they keep their address in a field `id`")
                        .help(format!(
                            "keep the `{ident}` in an actor, and let that handle messages"
                        ))
                        .help("if it is to be no actor, make the function `pub(crate)`"),
                );
            }
        }
    }

    /// A block of an actor must be for all its instances: what is generated for one of them would
    /// have to be chosen by type, at run time.
    pub(super) fn check_generics(
        &mut self,
        found: &Impl<'a>,
        of: &(ModuleId, String),
        self_name: &str,
    ) -> bool {
        const OWNER: &str = "an actor owns what it holds: it lives as long as the world";
        const ALIKE: &str = "all instances of an actor handle the same messages, each of one type";
        let mut error = |code, span, message: String, why: &str, help: &str| {
            self.diagnostics.report(
                Diagnostic::new(code, found.file, span, message)
                    .note(why)
                    .help(help),
            );
            false
        };
        for (_, item) in &self.structs[of] {
            if let Some(lifetime) = item.generics.lifetimes().next() {
                let help = "use owned types";
                return error(
                    Code::LifetimeOfActor,
                    found.placed.span,
                    format!(
                        "the actor `{}` has the lifetime `{}`",
                        of.1, lifetime.lifetime
                    ),
                    OWNER,
                    help,
                );
            }
        }
        if let Some(lifetime) = found.item.generics.lifetimes().next() {
            let message = "a block with handlers cannot have a lifetime".to_owned();
            return error(
                Code::LifetimeOfActor,
                lifetime.span(),
                message,
                OWNER,
                "leave it out",
            );
        }
        let given = renaming(&found.item.self_ty);
        let own: Vec<String> = parameter_names_in_order(&found.item.generics);
        let wanted = self.structs[of][0].1.generics.params.len();
        let is_general = |given: &[Option<String>]| {
            given.len() == wanted
                && given
                    .iter()
                    .all(|name| name.as_ref().is_some_and(|name| own.contains(name)))
                && given.iter().collect::<BTreeSet<_>>().len() == given.len()
        };
        for behind in behind_aliases(self.names, found.placed.module, &found.item.self_ty) {
            let arguments = renaming(&behind);
            if !is_general(&arguments) {
                let help = "write the block for all of them: `impl<T> ..<T>`, with bounds that every one satisfies";
                return error(
                    Code::OneKindOnly,
                    found.placed.span,
                    format!(
                        "`{self_name}` has handlers, but is only one kind of `{}`",
                        of.1
                    ),
                    ALIKE,
                    help,
                );
            }
            if arguments != given {
                let arguments: Vec<&str> = arguments.iter().flatten().map(String::as_str).collect();
                let written = format!("{}<{}>", of.1, arguments.join(", "));
                return error(
                    Code::OneKindOnly,
                    found.placed.span,
                    format!("`{self_name}` has handlers, but is an alias of `{written}`"),
                    "what is generated for it takes its arguments for those of the actor",
                    &format!("write the block for `{written}` itself"),
                );
            }
        }
        if let Some(free) = own
            .iter()
            .find(|name| !given.contains(&Some((*name).clone())))
        {
            let help = "write a type in its place, or make it a parameter of the actor";
            return error(
                Code::FreeParameter,
                found.placed.span,
                format!("`{free}` is no parameter of the actor `{}`", of.1),
                ALIKE,
                help,
            );
        }
        true
    }

    /// Looks through the public functions of actors that are neither handlers nor spawners.
    pub(super) fn almost(&mut self) {
        for (of, module, function) in std::mem::take(&mut self.ordinary) {
            let id_name = self.options.id_name(&of.1);
            let spawner_of = SpawnerOf {
                module: of.0,
                name: &of.1,
                id_name: &id_name,
            };
            let scope = Scope {
                names: self.names,
                module,
                parameters: &function.parameters,
            };
            let is_actor = self.actor_of.contains_key(&of)
                || state::claims(self.names, &self.structs[&of], &spawner_of);
            let mut found = Vec::new();
            if is_actor {
                found = almost::check(&scope, function.file, function.item, &spawner_of);
            }
            if found
                .iter()
                .any(|found| found.severity() == Severity::Error)
            {
                // It was meant as a message, so that its parameters are looked at, too.
                let reader = Reader {
                    scope,
                    file: function.file,
                    self_type: Some(function.self_type),
                    compactness: self.compactness,
                };
                let signature = &function.item.sig;
                let count = signature.inputs.len();
                let between: Vec<&PatType> = signature
                    .inputs
                    .iter()
                    .take(count - 1)
                    .filter_map(typed)
                    .collect();
                reader.read(signature, &between, self.diagnostics);
            }
            if function.is_marked && found.is_empty() {
                useless_mark(function.file, &function.item.sig, self.diagnostics);
            }
            for found in found {
                self.diagnostics.report(found);
            }
        }
    }
}
