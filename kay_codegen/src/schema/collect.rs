//! From the model to the schema.

use super::numbers::{Numbers, conditions_of_part};
use super::{
    ActorSchema, FieldSchema, HandlerSchema, Location, MessageKind, MessageSchema, ParameterSchema,
    Schema, TraitSchema,
};
use crate::fingerprint;
use crate::model::{
    Block, Definition, Generics, Handler, Model, Parameter, Placed, Spawner, camel_case, normalised,
};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::ext::IdentExt;
use syn::{Fields, Ident, Item};

/// Writes down what a model says about its actors.
pub(crate) fn schema(model: &Model) -> Schema {
    let mut collector = Collector {
        model,
        blocks_of: vec![Vec::new(); model.actors.len()],
        implementors: vec![BTreeSet::new(); model.traits.len()],
    };
    for (index, block) in model.blocks.iter().enumerate() {
        collector.blocks_of[block.actor].push(index);
        if let Some(of_trait) = &block.of_trait {
            collector.implementors[of_trait.index].insert(block.actor);
        }
    }
    let numbers = Numbers::new(model, &collector.blocks_of);
    let mut actors = Vec::new();
    let mut traits = Vec::new();
    let mut messages = Vec::new();
    for (index, actor) in model.own_actors() {
        for definition in &actor.definitions {
            let id = numbers.actors.get(&index).copied();
            actors.push((
                definition.placed,
                collector.actor(index, definition, actor.ident, id),
            ));
        }
    }
    for (index, _) in model.own_traits() {
        collector.of_trait(index, &numbers, &mut traits, &mut messages);
    }
    for block in &model.blocks {
        collector.of_block(block, &numbers, &mut messages);
    }
    Schema {
        crate_name: model.names.krate.name.clone(),
        actors: in_order(actors),
        traits: in_order(traits),
        messages: in_order(messages),
    }
}

fn in_order<T>(mut list: Vec<(Placed, T)>) -> Vec<T> {
    list.sort_by_key(|(placed, _)| (placed.module, placed.part, placed.item));
    list.into_iter().map(|(_, item)| item).collect()
}

struct Collector<'m, 'a> {
    model: &'m Model<'a>,
    /// The blocks of each actor.
    blocks_of: Vec<Vec<usize>>,
    /// The actors that implement each trait.
    implementors: Vec<BTreeSet<usize>>,
}

impl Collector<'_, '_> {
    fn actor(
        &self,
        index: usize,
        definition: &Definition,
        ident: &Ident,
        id: Option<u32>,
    ) -> ActorSchema {
        let model = self.model;
        let receiver = model.local_path(model.actors[index].module, ident);
        let path = self.path(&receiver);
        let mut implements = Vec::new();
        for block in &self.blocks_of[index] {
            if let Some(of_trait) = &model.blocks[*block].of_trait {
                let of = &model.traits[of_trait.index];
                let arguments = normalised(of_trait.arguments.clone());
                let name = format!("{}{arguments}", model.local_path(of.module, of.ident));
                if !implements.contains(&name) {
                    implements.push(name);
                }
            }
        }
        ActorSchema {
            fingerprint: fingerprint::of_path(&path),
            receiver,
            path,
            id,
            generics: names(&definition.generics),
            implements,
            fields: self.fields(definition.placed),
            conditions: self.conditions(definition.placed, &definition.conditions),
            location: self.location(definition.placed, definition.placed.span),
        }
    }

    /// The fields of the struct that stands there.
    fn fields(&self, placed: Placed) -> Vec<FieldSchema> {
        let part = &self.model.names.krate.module(placed.module).parts[placed.part];
        let Item::Struct(item) = &part.items[placed.item] else {
            return Vec::new();
        };
        let Fields::Named(fields) = &item.fields else {
            return Vec::new();
        };
        let field = |field: &syn::Field| {
            Some(FieldSchema {
                name: field.ident.as_ref()?.unraw().to_string(),
                ty: normalised(field.ty.to_token_stream()),
            })
        };
        fields.named.iter().filter_map(field).collect()
    }

    fn of_trait(
        &self,
        index: usize,
        numbers: &Numbers,
        traits: &mut Vec<(Placed, TraitSchema)>,
        messages: &mut Vec<(Placed, MessageSchema)>,
    ) {
        let model = self.model;
        let of = &model.traits[index];
        let receiver = model.local_path(of.module, of.ident);
        let path = self.path(&receiver);
        for definition in &of.definitions {
            let supertraits = definition.supers.iter().map(|above| {
                let of = &model.traits[above.index];
                let arguments = &above.arguments;
                let arguments = if arguments.is_empty() {
                    String::new()
                } else {
                    normalised(quote!(<#(#arguments),*>))
                };
                format!("{}{arguments}", model.local_path(of.module, of.ident))
            });
            traits.push((
                definition.placed,
                TraitSchema {
                    receiver: receiver.clone(),
                    fingerprint: fingerprint::of_path(&path),
                    path: path.clone(),
                    generics: names(&definition.generics),
                    supertraits: supertraits.collect(),
                    conditions: self.conditions(definition.placed, &definition.conditions),
                    location: self.location(definition.placed, definition.placed.span),
                },
            ));
            for handler in &definition.handlers {
                let message = self.handler(
                    &receiver,
                    handler,
                    &definition.generics,
                    definition.placed,
                    &definition.conditions,
                );
                let handlers = self.implementors[index]
                    .iter()
                    .map(|actor| self.handled_by(*actor, message.fingerprint, numbers));
                let handlers = handlers.collect();
                messages.push((
                    definition.placed,
                    MessageSchema {
                        is_of_trait: true,
                        handlers,
                        ..message
                    },
                ));
            }
        }
    }

    fn of_block(
        &self,
        block: &Block,
        numbers: &Numbers,
        messages: &mut Vec<(Placed, MessageSchema)>,
    ) {
        if block.of_trait.is_some() {
            return;
        }
        let model = self.model;
        let actor = &model.actors[block.actor];
        let receiver = model.local_path(actor.module, actor.ident);
        let (generics, placed) = (&block.generics, block.placed);
        let spawner = |spawner: &Spawner| self.spawner(&receiver, spawner, generics, placed, block);
        let handler = |handler: &Handler| {
            self.handler(&receiver, handler, generics, placed, &block.conditions)
        };
        let spawners = block.spawners.iter().map(spawner);
        let handlers = block.handlers.iter().map(handler);
        let mut all: Vec<MessageSchema> = spawners.chain(handlers).collect();
        all.sort_by_key(|message| message.location.line);
        for mut message in all {
            let handler = self.handled_by(block.actor, message.fingerprint, numbers);
            message.handlers.push(handler);
            messages.push((placed, message));
        }
    }

    fn handled_by(&self, actor: usize, fingerprint: u64, numbers: &Numbers) -> HandlerSchema {
        let of = &self.model.actors[actor];
        HandlerSchema {
            actor: self.model.local_path(of.module, of.ident),
            id: numbers.handlers.get(&(actor, fingerprint)).copied(),
        }
    }

    fn handler(
        &self,
        receiver: &str,
        handler: &Handler,
        generics: &Generics,
        placed: Placed,
        outer: &[TokenStream],
    ) -> MessageSchema {
        let conditions = [outer, &handler.conditions].concat();
        MessageSchema {
            kind: MessageKind::Handler,
            returns_fate: handler.has_fate,
            is_essential: handler.essential.always,
            ..self.message(
                receiver,
                handler.ident,
                &handler.parameters,
                generics,
                placed,
                &conditions,
            )
        }
    }

    fn spawner(
        &self,
        receiver: &str,
        spawner: &Spawner,
        generics: &Generics,
        placed: Placed,
        block: &Block,
    ) -> MessageSchema {
        let conditions = [&block.conditions[..], &spawner.conditions].concat();
        self.message(
            receiver,
            spawner.ident,
            &spawner.parameters,
            generics,
            placed,
            &conditions,
        )
    }

    /// What all kinds of messages have.
    fn message(
        &self,
        receiver: &str,
        ident: &Ident,
        parameters: &[Parameter],
        generics: &Generics,
        placed: Placed,
        conditions: &[TokenStream],
    ) -> MessageSchema {
        let name = ident.unraw().to_string();
        let path = self.path(&format!("{receiver}::{name}"));
        let of = receiver.rsplit("::").next().unwrap_or(receiver);
        let parameter = |parameter: &Parameter| ParameterSchema {
            name: parameter.field.trim_start_matches("r#").to_owned(),
            ty: parameter.ty.clone(),
            is_lent: parameter.is_lent,
        };
        MessageSchema {
            receiver: receiver.to_owned(),
            is_of_trait: false,
            kind: MessageKind::Spawner,
            type_name: format!("{of}{}", camel_case(&name)),
            fingerprint: fingerprint::of_message(&path, parameters),
            path,
            name,
            generics: names(generics),
            handlers: Vec::new(),
            parameters: parameters.iter().map(parameter).collect(),
            returns_fate: false,
            is_essential: false,
            conditions: self.conditions(placed, conditions),
            location: self.location(placed, ident.span()),
        }
    }

    fn path(&self, local: &str) -> String {
        format!("{}::{local}", self.model.names.krate.name)
    }

    fn location(&self, placed: Placed, span: Span) -> Location {
        Location {
            file: self.model.file(placed).to_owned(),
            line: span.start().line,
        }
    }

    /// All conditions, from the root down: an item's own follow those of its module.
    fn conditions(&self, placed: Placed, own: &[TokenStream]) -> Vec<String> {
        let of_part = conditions_of_part(self.model, placed).iter();
        of_part.chain(own).cloned().map(normalised).collect()
    }
}

fn names(generics: &Generics) -> Vec<String> {
    generics.names().map(ToString::to_string).collect()
}
