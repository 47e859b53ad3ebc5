//! What is generated for the struct of an actor: its id, and what makes it an actor.

use super::documentation::documentation;
use super::generics::{Common, Parameters};
use super::id::Id;
use super::writer::Writer;
use super::{Emitter, fingerprint_constant, is_hidden, texts, visibility};
use crate::fingerprint;
use crate::model::{Actor, Block, Definition, Model, normalised};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;

/// The special addresses of an actor: what each is called, what it addresses, and how it is made.
const ADDRESSES: [(&str, &str, &str); 4] = [
    (
        "local_broadcast",
        "every [`$of`] on this machine",
        "Self(::kay_runtime::Id::local_broadcast(world))",
    ),
    (
        "global_broadcast",
        "every [`$of`] on all machines",
        "Self(::kay_runtime::Id::global_broadcast(world))",
    ),
    (
        "local_first",
        "the first [`$of`] on this machine",
        "Self(::kay_runtime::Id::local_first(world))",
    ),
    (
        "global_first",
        "the first [`$of`] on the first machine that has one",
        "Self(::kay_runtime::Id::global_first(world))",
    ),
];

impl<'a> Emitter<'_, 'a> {
    pub(super) fn definition(
        &mut self,
        out: &mut Writer,
        index: usize,
        definition: &Definition<'a>,
    ) {
        let model = self.model;
        let actor = &model.actors[index];
        let name = actor.ident.unraw().to_string();
        let conditions = texts(&definition.conditions);
        let parameters = Parameters::new(&definition.generics);
        let visibility = visibility(definition.visibility);
        let id = Id {
            name: &model.options.id_name(&name),
            of: &name,
            visibility: &visibility,
            is_hidden: is_hidden(model, &visibility, actor.module),
            conditions: &conditions,
            parameters: &parameters,
        };
        let target = [&actor.ident.to_string(), parameters.arguments.as_str()].concat();
        out.gap();
        documentation(
            out,
            &["The address of a [`", &name, "`]."],
            definition.attributes,
            &name,
            &self.origin(definition.placed, actor.module),
            actor.ident.span(),
        );
        out.attributes(&conditions);
        let field = ["::kay_runtime::Id<", &target, ">"].concat();
        id.definition(out, vec![field.into()]);
        let index_doc = "A dense integer, good for staggering work.";
        id.methods(out, &parameters, &ADDRESSES, index_doc);
        conversions(out, &id, &target);
        let of_actor = Parameters::new(&definition.generics).with(&actor.predicates);
        let common = Common {
            conditions: &conditions,
            parameters: &of_actor,
        };
        common.implement(
            out,
            &format!("::core::convert::From<{}>", id.ty()),
            "::kay_runtime::RawId",
            "
            fn from(id: $id) -> Self {
                Self::from(id.0)
            }",
            &[("id", &id.ty())],
        );
        self.actor(out, index, common, &target);
    }

    /// `impl Actor for Car`.
    fn actor(&mut self, out: &mut Writer, index: usize, common: Common, target: &str) {
        let model = self.model;
        let actor = &model.actors[index];
        let path = model.item_path(actor.module, actor.ident);
        common.start(out, "::kay_runtime::Actor", Some(target));
        out.line(&["const NAME: &'static str = \"", &path, "\";"]);
        fingerprint_constant(out, fingerprint::of_path(&path), &common.parameters.hashes);
        out.gap();
        out.open(&["fn register(handlers: &mut ::kay_runtime::Handlers<'_, Self>) {"]);
        for block in self.blocks_of[index].clone() {
            self.list(out, actor, &model.blocks[block]);
        }
        out.close();
        out.close();
    }

    /// The statements by which an actor lists what one of its blocks handles.
    fn list(&mut self, out: &mut Writer, actor: &Actor<'a>, block: &Block<'a>) {
        let conditions = texts(&block.conditions);
        if let Some(register) = &block.register {
            let parts = &self.model.names.krate.module(block.placed.module).parts;
            // A block that is compiled only with its module can be called only then.
            let of_module = if let [part] = &parts[..] {
                &part.conditions[..]
            } else {
                &[]
            };
            let shared = shared_conditions(self.model, actor, of_module);
            out.attributes(&texts(&of_module[shared..]));
            out.attributes(&conditions);
            return out.line(&["Self::", &register.to_string(), "(handlers);"]);
        }
        if conditions.is_empty() {
            return self.listed(out, block);
        }
        out.attributes(&conditions);
        out.open(&["{"]);
        self.listed(out, block);
        out.close();
    }
}

/// How many conditions of a module are those of the actor's own module.
fn shared_conditions(model: &Model, actor: &Actor, conditions: &[TokenStream]) -> usize {
    let parts = &model.names.krate.module(actor.module).parts;
    let [part] = &parts[..] else { return 0 };
    let own = part.conditions.iter().cloned().map(normalised);
    own.zip(conditions)
        .take_while(|(own, other)| *own == normalised((*other).clone()))
        .count()
}

/// From and to the runtime's own id of the actor.
fn conversions(out: &mut Writer, id: &Id, target: &str) {
    let common = Common {
        conditions: id.conditions,
        parameters: id.parameters,
    };
    let (ty, inner) = (id.ty(), ["::kay_runtime::Id<", target, ">"].concat());
    common.implement(
        out,
        &format!("::core::convert::From<{inner}>"),
        &ty,
        "
        fn from(id: $inner) -> Self {
            Self(id)
        }",
        &[("inner", &inner)],
    );
    common.implement(
        out,
        &format!("::core::convert::From<{ty}>"),
        &inner,
        "
        fn from(id: $id) -> Self {
            id.0
        }",
        &[("id", &ty)],
    );
}
