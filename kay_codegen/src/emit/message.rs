//! Messages, and how they are sent.

use super::documentation::{Origin, documentation};
use super::generics::{Common, Parameters, tuple};
use super::writer::{LITERAL, List, Piece, Writer};
use super::{fingerprint_constant, texts};
use crate::fingerprint;
use crate::model::Parameter;
use crate::resolve::spelled;
use crate::source::deprecations;
use syn::ext::IdentExt;
use syn::{Attribute, Ident};

/// A message, from the signature of its handler or spawner.
pub(super) struct Message<'m> {
    /// `CarTick`.
    pub(super) name: String,
    /// `demo_sim::car::Car::tick`.
    pub(super) path: String,
    /// Whose function it is, as documentation names it: `Car`.
    pub(super) owner: &'m str,
    pub(super) handler: &'m Ident,
    pub(super) attributes: &'m [Attribute],
    /// The conditions on the block.
    pub(super) outer: &'m [String],
    /// The conditions on the function.
    pub(super) conditions: Vec<String>,
    /// `pub `, or another visibility.
    pub(super) visibility: &'m str,
    /// Whether it may be more public than it can be used.
    pub(super) is_hidden: bool,
    pub(super) parameters: &'m Parameters,
    pub(super) fields: &'m [Parameter],
    pub(super) origin: &'m Origin,
}

impl Message<'_> {
    pub(super) fn all_conditions(&self) -> Vec<String> {
        [self.outer, &self.conditions].concat()
    }

    /// The type, with arguments.
    pub(super) fn ty(&self) -> String {
        [self.name.as_str(), &self.parameters.arguments].concat()
    }

    /// Whether the type of a field has this name in it.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.fields.iter().any(|field| has_word(&field.ty, name))
    }

    /// Type parameters that no field mentions.
    fn unused(&self) -> Vec<String> {
        let types = self.parameters.types.iter();
        types.filter(|ty| !self.mentions(ty)).cloned().collect()
    }

    /// A name for something beside the parameters.
    fn free(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.fields.iter().any(|field| field.field == name) {
            name.push('_');
        }
        name
    }

    /// The message type, and what makes it a message.
    pub(super) fn definition(&self, out: &mut Writer) {
        let conditions = self.all_conditions();
        let visibility = self.visibility;
        out.gap();
        let handler = self.handler.unraw().to_string();
        out.doc(&["What [`", self.owner, "::", &handler, "`] is told."]);
        out.attributes(&conditions);
        out.line(&["#[derive(::kay_runtime::Compact)]"]);
        out.line(&["#[compact(crate = ::kay_runtime)]"]);
        let mut allowed = vec!["dead_code"];
        if self.flags() > 3 {
            allowed.push("clippy::struct_excessive_bools");
        }
        allowed.push("missing_debug_implementations");
        if self.is_hidden {
            allowed.push("unreachable_pub");
        }
        out.allow(&allowed);
        let parameters = self.parameters;
        let head = [visibility, "struct ", &self.name, &parameters.with_defaults].concat();
        let unused = self.unused();
        if self.fields.is_empty() && unused.is_empty() {
            out.tuple(&head.into(), &parameters.clause);
        } else {
            out.head(&head, None, &parameters.clause);
            for Parameter { field, ty, .. } in self.fields {
                let plain = field.trim_start_matches("r#");
                out.doc(&["The `", plain, "` of the call."]);
                out.line(&[visibility, field, ": ", ty, ","]);
            }
            if !unused.is_empty() {
                out.doc(&["Nothing: it names the type parameters that no other field has."]);
                let (marker, types) = (self.free("marker"), tuple(&unused));
                let ty = ["::core::marker::PhantomData<fn() -> ", &types, ">,"].concat();
                out.line(&[visibility, &marker, ": ", &ty]);
            }
            out.close();
        }
        let common = Common {
            conditions: &conditions,
            parameters,
        };
        common.start(out, "::kay_runtime::Message", Some(&self.ty()));
        out.line(&["const NAME: &'static str = \"", &self.path, "\";"]);
        let bits = fingerprint::of_message(&self.path, self.fields);
        fingerprint_constant(out, bits, &parameters.hashes);
        out.close();
    }

    /// The message as it is put together from parameters of the same names.
    fn value(&self) -> Piece {
        let mut open = self.name.clone();
        if !self.parameters.is_empty() {
            open.push_str("::");
            open.push_str(&self.parameters.arguments);
        }
        let mut items: Vec<Piece> = self
            .fields
            .iter()
            .map(|field| field.field.as_str().into())
            .collect();
        if !self.unused().is_empty() {
            items.push(
                [&self.free("marker"), ": ::core::marker::PhantomData"]
                    .concat()
                    .into(),
            );
        }
        if items.is_empty() {
            return open.into();
        }
        open.push_str(" { ");
        Piece::List(List {
            open,
            items,
            close: " }",
            most: LITERAL,
        })
    }

    /// Parameters that are no more than yes or no.
    fn flags(&self) -> usize {
        self.fields
            .iter()
            .filter(|field| field.ty == "bool")
            .count()
    }

    /// The attributes of a function of the id. What nobody is to call nobody is to send. And it is
    /// as it is because of the user's function: that is no fault of its own.
    fn marks(&self, out: &mut Writer, extra: usize) {
        out.attributes(&texts(&deprecations(self.attributes)));
        let letters = self.fields.iter().filter(|field| field.field.len() == 1);
        let lints = [
            (self.fields.len() + extra > 7, "clippy::too_many_arguments"),
            (self.flags() > 3, "clippy::fn_params_excessive_bools"),
            (letters.count() > 4, "clippy::many_single_char_names"),
        ];
        let found = lints.iter().filter(|(is_found, _)| *is_found);
        let found: Vec<&str> = found.map(|(_, lint)| *lint).collect();
        out.allow(&found);
    }

    /// A function of the id, up to the beginning of its body: these parameters, the message's, the
    /// world.
    fn function(&self, out: &mut Writer, name: &str, first: Option<Piece>, end: &str) {
        let fields = self.fields.iter().map(declared);
        let world = [&self.free("world"), ": &mut ::kay_runtime::World"].concat();
        let parameters = first.into_iter().chain(fields).chain([world.into()]);
        let open = [self.visibility, "fn ", name, "("].concat();
        out.function(open, parameters.collect(), end);
    }

    fn document(&self, out: &mut Writer, first: &[&str]) {
        out.gap();
        let (attributes, span) = (self.attributes, self.handler.span());
        documentation(out, first, attributes, self.owner, self.origin, span);
        out.attributes(&self.conditions);
    }

    /// The method of the id that sends the message, with what sends it, given the world.
    pub(super) fn sender(&self, out: &mut Writer, send: impl FnOnce(&str, Piece) -> Piece) {
        let plain = self.handler.unraw().to_string();
        self.document(
            out,
            &["Calls [`", self.owner, "::", &plain, "`] in the next turn."],
        );
        self.marks(out, 2);
        self.function(out, &function(self.handler), Some("self".into()), " {");
        out.statement("", &send(&self.free("world"), self.value()), ";");
        out.close();
    }

    /// The functions of the id that spawn an actor; `wrap` makes the id from the runtime's.
    pub(super) fn spawners(&self, out: &mut Writer, wrap: &str) {
        let (name, plain) = (function(self.handler), self.handler.unraw().to_string());
        let (world, near) = (self.free("world"), self.free("near"));
        let what = "`], and says at once what its id will be.";
        self.document(
            out,
            &["Spawns an actor with [`", self.owner, "::", &plain, what],
        );
        self.marks(out, 1);
        self.function(out, &name, None, " -> Self {");
        let spawn = Piece::call([&world, ".spawn("].concat(), vec![self.value()]);
        out.statement("", &Piece::call(wrap, vec![spawn]), "");
        out.close();

        out.gap();
        out.doc(&[
            "As [`Self::",
            &plain,
            "`], on the same shard as another actor.",
        ]);
        out.attributes(&self.conditions);
        self.marks(out, 2);
        let first = [&near, ": impl ::core::convert::Into<::kay_runtime::RawId>"].concat();
        let name = [&plain, "_near"].concat();
        self.function(out, &name, Some(first.into()), " -> Self {");
        let items = vec![near.into(), self.value()];
        let spawn = Piece::call([&world, ".spawn_near("].concat(), items);
        out.statement("", &Piece::call(wrap, vec![spawn]), "");
        out.close();
    }

    /// How a spawner makes its actor, which is called `target`.
    pub(super) fn spawn(&self, out: &mut Writer, target: &str) {
        let mut conditions = self.all_conditions();
        if !deprecations(self.attributes).is_empty() {
            conditions.push("#[allow(deprecated)]".to_owned());
        }
        let common = Common {
            conditions: &conditions,
            parameters: self.parameters,
        };
        common.start(out, "::kay_runtime::Spawner", Some(&self.ty()));
        out.line(&["type Actor = ", target, ";"]);
        out.gap();
        let id = ["id: ::kay_runtime::Id<", target, ">"].concat();
        out.function(
            "fn spawn(".to_owned(),
            vec![
                "self".into(),
                id.into(),
                "world: &mut ::kay_runtime::World".into(),
            ],
            &[" -> ", target, " {"].concat(),
        );
        let id = "::core::convert::From::from(id)".to_owned();
        let values = self.fields.iter().map(|field| {
            let lent = if field.is_lent { "&" } else { "" };
            [lent, "self.", &field.field].concat()
        });
        let values = [id].into_iter().chain(values).chain(["world".to_owned()]);
        let open = ["<", target, ">::", &function(self.handler), "("].concat();
        let values = values.map(Piece::from).collect();
        out.statement("", &Piece::call(open, values), "");
        out.close();
        out.close();
    }
}

/// A function as code names it, in whichever edition it was written.
pub(super) fn function(ident: &Ident) -> String {
    spelled(&ident.unraw().to_string()).to_string()
}

/// Whether a text has a name in it that is not part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

/// A parameter or field: `speed: f32`.
fn declared(Parameter { field, ty, .. }: &Parameter) -> Piece {
    [field, ": ", ty].concat().into()
}
