//! Functions that look like handlers or spawners, and are none.
//!
//! Whoever writes `pub fn tick(&mut self, world: &mut World) -> u32` in an actor expects a message.
//! That there is none is said here, with the reason, before the compiler misses `CarId::tick`.

use super::generics::mentions;
use super::shape::{Scope, SpawnerOf, WorldTaken, is_unit, strip};
use crate::diagnostics::{Code, Diagnostic};
use crate::source::metas_of_cfg_attr;
use proc_macro2::Span;
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ImplItemFn, Path, ReceiverKind, ReturnType, Safety, Signature, Type};

pub(super) const ORDINARY: &str = "if it is to be ordinary Rust, make it `pub(crate)`";

/// A public function in the block of a struct that means nothing by its signature.
pub(super) struct Function<'a> {
    pub(super) item: &'a ImplItemFn,
    pub(super) file: &'a str,
    /// What its block is for.
    pub(super) self_type: &'a Type,
    /// The generic parameters of its block.
    pub(super) parameters: BTreeSet<String>,
    /// Whether it is marked as essential.
    pub(super) is_marked: bool,
}

/// What keeps a function of an actor from being a handler or a spawner, if that was meant.
pub(super) fn check(
    scope: &Scope<'_, '_>,
    file: &str,
    function: &ImplItemFn,
    of: &SpawnerOf<'_>,
) -> Vec<Diagnostic> {
    let signature = &function.sig;
    let mut check = Check {
        scope,
        file,
        attributes: &function.attrs,
        signature,
        of,
        found: Vec::new(),
    };
    let worlds: Vec<Option<WorldTaken>> = signature
        .inputs
        .iter()
        .map(|argument| scope.world(argument))
        .collect();
    match (worlds.last(), signature.receiver().is_some()) {
        (Some(Some(WorldTaken::Mutably)), true) => check.handler(),
        (Some(Some(WorldTaken::Mutably)), false) => check.spawner(),
        (_, true) => check.near_handler(&worlds),
        (_, false) => check.near_spawner(&worlds),
    }
    check.found
}

struct Check<'c, 's, 'a> {
    scope: &'c Scope<'s, 'a>,
    file: &'c str,
    attributes: &'c [Attribute],
    signature: &'c Signature,
    of: &'c SpawnerOf<'c>,
    found: Vec<Diagnostic>,
}

impl Check<'_, '_, '_> {
    fn found(&self, code: Code, span: Span, message: String) -> Diagnostic {
        Diagnostic::new(code, self.file, span, message)
    }

    /// `&mut World` is last, and there is a receiver.
    fn handler(&mut self) {
        let name = &self.signature.ident;
        if let Some(FnArg::Receiver(receiver)) = self.signature.inputs.first()
            && !self.scope.is_by_reference(receiver, Some(self.of))
        {
            let message = match &receiver.kind {
                ReceiverKind::Typed(_, ty) => {
                    format!("the handler `{name}` takes `self` as `{}`", text(ty))
                }
                _ => format!("the handler `{name}` takes `self` by value"),
            };
            let found = self
                .found(Code::SelfByValue, receiver.span(), message)
                .label("an actor stays in the world")
                .help("write `&mut self`, or `&self` if the handler only looks")
                .help("a handler that ends its actor returns `Fate::Die`")
                .help(ORDINARY);
            self.found.push(found);
        }
        self.qualifiers("handler");
        if let ReturnType::Type(_, ty) = &self.signature.output
            && !self.returns_nothing_or_fate()
        {
            let message = format!("the handler `{name}` returns `{}`", text(ty));
            let found = self
                .found(Code::ReturnType, ty.span(), message)
                .label("nobody waits for this")
                .note("a handler returns nothing, or a `Fate` that says whether its actor lives on")
                .help("answer with a message: take the id of who asks as a parameter")
                .help(ORDINARY);
            self.found.push(found);
        }
    }

    /// `&mut World` is last, and there is no receiver.
    fn spawner(&mut self) {
        let ReturnType::Type(_, output) = &self.signature.output else {
            return;
        };
        let (name, actor, id) = (&self.signature.ident, self.of.name, self.of.id_name);
        let is_own = self.scope.is_own(output, self.of);
        let first = self.signature.inputs.first().and_then(|first| match first {
            FnArg::Typed(first) if self.signature.inputs.len() > 1 => Some(&*first.ty),
            _ => None,
        });
        let has_id = first.is_some_and(|ty| self.scope.is_item(ty, self.of.module, id));
        if has_id {
            if is_own {
                self.qualifiers("spawner");
            } else if mentions(output, "Self") || mentions(output, actor) {
                let message = format!("the spawner `{name}` returns `{}`", text(output));
                let found = self
                    .found(Code::Spawner, output.span(), message)
                    .label(format!("this is to be `Self` or `{actor}`"))
                    .note(format!("`{id}::{name}` sends a message, and its `{id}` is valid at once: the actor must be made"))
                    .help("return `Self`; whoever calls the spawner checks before what may fail")
                    .help(ORDINARY);
                self.found.push(found);
            }
        } else if is_own {
            let (span, label) = match first {
                Some(ty) => (ty.span(), format!("this is no `{id}`")),
                None => (name.span(), format!("no `id: {id}` comes first")),
            };
            let message = format!("the spawner `{name}` does not take the id of its `{actor}`");
            let found = self
                .found(Code::Spawner, span, message)
                .label(label)
                .note("a public function that ends with `&mut World` and returns an actor is a spawner")
                .help(format!("make `id: {id}` the first parameter"))
                .help(ORDINARY);
            self.found.push(found);
        }
    }

    /// `async` and its like.
    fn qualifiers(&mut self, kind: &str) {
        let signature = self.signature;
        let (asyncness, constness) = (&signature.asyncness, &signature.constness);
        let found = [
            asyncness.as_ref().map(|token| {
                let why = "it runs to its end within its turn, and nothing could wake it later";
                (token.span(), "async", why)
            }),
            constness.as_ref().map(|token| {
                let why = "it runs in a world, never at compile time";
                (token.span(), "const", why)
            }),
            if let Safety::Unsafe(token) = &signature.safety {
                let why =
                    "who sends a message can promise nothing about the time when it is handled";
                Some((token.span(), "unsafe", why))
            } else {
                None
            },
            signature.abi.as_ref().map(|abi| {
                let why = "it is called by generated Rust code only";
                (abi.span(), "extern", why)
            }),
        ];
        for (span, word, why) in found.into_iter().flatten() {
            let message = format!("the {kind} `{}` is `{word}`", signature.ident);
            let found = self
                .found(Code::Qualified, span, message)
                .label(format!("a {kind} cannot be `{word}`"))
                .note(why)
                .help(format!("leave `{word}` out"))
                .help(ORDINARY);
            self.found.push(found);
        }
        if let Some(attribute) = target_feature(self.attributes) {
            let message = format!("the {kind} `{}` has a `target_feature`", signature.ident);
            let found = self
                .found(Code::Qualified, attribute.span(), message)
                .label(format!("a {kind} cannot ask for a processor"))
                .note("it is called by generated safe code, on whatever processor its world runs")
                .help("move what needs it to a function that is called where the processor has it")
                .help(ORDINARY);
            self.found.push(found);
        }
    }

    /// There is a receiver, but the last parameter is no `&mut World`.
    fn near_handler(&mut self, worlds: &[Option<WorldTaken>]) {
        let is_else_right = matches!(self.signature.inputs.first(), Some(FnArg::Receiver(receiver)) if self.scope.is_by_reference(receiver, Some(self.of)))
            && self.returns_nothing_or_fate()
            && self.is_plain();
        if is_else_right {
            self.near_miss("handler", worlds);
        }
    }

    /// There is no receiver, and the last parameter is no `&mut World`.
    fn near_spawner(&mut self, worlds: &[Option<WorldTaken>]) {
        let returns_own = matches!(&self.signature.output, ReturnType::Type(_, output) if self.scope.is_own(output, self.of));
        let has_id = matches!(self.signature.inputs.first(), Some(FnArg::Typed(first)) if self.scope.is_item(&first.ty, self.of.module, self.of.id_name));
        if returns_own && has_id && self.is_plain() {
            self.near_miss("spawner", worlds);
        }
    }

    fn near_miss(&mut self, kind: &str, worlds: &[Option<WorldTaken>]) {
        let Some((at, taken)) = worlds
            .iter()
            .enumerate()
            .find_map(|(at, taken)| Some((at, (*taken)?)))
        else {
            return;
        };
        let (label, help) = match taken {
            WorldTaken::Mutably => (
                "this would have to be the last parameter",
                "move it to the end",
            ),
            WorldTaken::Shared | WorldTaken::ByValue => (
                "this would have to be `&mut World`",
                "write `&mut World`, as the last parameter",
            ),
        };
        let name = &self.signature.ident;
        let message = format!("`{name}` takes the world, but is no {kind}");
        let span = self.signature.inputs[at].span();
        let found = self
            .found(Code::NearMiss, span, message)
            .label(label)
            .help(help)
            .help(ORDINARY);
        self.found.push(found);
    }

    fn returns_nothing_or_fate(&self) -> bool {
        match &self.signature.output {
            ReturnType::Default => true,
            ReturnType::Type(_, ty) => is_unit(ty) || self.scope.is_runtime(ty, "Fate"),
        }
    }

    fn is_plain(&self) -> bool {
        let Signature {
            constness,
            asyncness,
            abi,
            safety,
            ..
        } = self.signature;
        constness.is_none()
            && asyncness.is_none()
            && abi.is_none()
            && matches!(safety, Safety::Default)
    }
}

/// The `#[target_feature]` of a function, if it has one under some condition.
pub(super) fn target_feature(attributes: &[Attribute]) -> Option<&Attribute> {
    let is_it = |path: &Path| path.is_ident("target_feature");
    attributes.iter().find(|attribute| {
        is_it(attribute.path())
            || metas_of_cfg_attr(attribute)
                .is_some_and(|(_, metas)| metas.iter().any(|meta| is_it(meta.path())))
    })
}

fn text(ty: &Type) -> String {
    super::normalised(strip(ty).to_token_stream())
}
