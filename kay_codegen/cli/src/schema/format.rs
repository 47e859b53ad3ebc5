//! The schema as JSON.

use crate::error::Error;
use kay_codegen::schema::{ActorSchema, MessageKind, MessageSchema, Schema, TraitSchema};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What is counted up when the format changes in a way that old readers misunderstand.
const VERSION: u32 = 1;

/// A schema, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SchemaFile {
    /// The version of this format.
    pub(super) version: u32,
    /// The first crate of the package that has actors, or else the first one.
    #[serde(rename = "crate")]
    pub(super) crate_name: String,
    pub(super) messages: Vec<Message>,
    pub(super) actors: Vec<Actor>,
    pub(super) traits: Vec<Trait>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    /// The path of its actor or actor trait, without the crate's name.
    pub(super) receiver: String,
    pub(super) name: String,
    /// `handler` or `spawner`.
    pub(super) kind: String,
    /// `actor` or `trait`.
    pub(super) of: String,
    /// The name of the generated type.
    #[serde(rename = "type")]
    pub(super) type_name: String,
    /// The path by which the runtime knows it.
    pub(super) path: String,
    pub(super) fingerprint: String,
    /// Type parameters that add to the fingerprint.
    pub(super) generics: Vec<String>,
    /// Who handles it, with the handler's number in a system of this crate's `setup` alone.
    pub(super) handlers: Vec<Handler>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns_fate: bool,
    pub(super) essential: bool,
    pub(super) conditions: Vec<String>,
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Handler {
    pub(super) actor: String,
    pub(super) id: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
    pub(super) lent: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Actor {
    pub(super) receiver: String,
    pub(super) path: String,
    pub(super) fingerprint: String,
    /// Its number in a system of this crate's `setup` alone.
    pub(super) id: Option<u32>,
    pub(super) generics: Vec<String>,
    pub(super) implements: Vec<String>,
    pub(super) fields: Vec<Field>,
    pub(super) conditions: Vec<String>,
    pub(super) file: String,
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Trait {
    pub(super) receiver: String,
    pub(super) path: String,
    pub(super) fingerprint: String,
    pub(super) generics: Vec<String>,
    pub(super) supertraits: Vec<String>,
    pub(super) conditions: Vec<String>,
    pub(super) file: String,
    pub(super) line: usize,
}

impl SchemaFile {
    /// The schemas of the crates of a package as one.
    pub(super) fn new<'s>(schemas: impl Iterator<Item = &'s Schema>) -> Self {
        let schemas: Vec<&Schema> = schemas.collect();
        let with_actors = schemas.iter().find(|schema| !schema.actors.is_empty());
        let first = with_actors.or(schemas.first());
        Self {
            version: VERSION,
            crate_name: first
                .map(|schema| schema.crate_name.clone())
                .unwrap_or_default(),
            messages: schemas
                .iter()
                .flat_map(|s| &s.messages)
                .map(Message::new)
                .collect(),
            actors: schemas
                .iter()
                .flat_map(|s| &s.actors)
                .map(Actor::new)
                .collect(),
            traits: schemas
                .iter()
                .flat_map(|s| &s.traits)
                .map(Trait::new)
                .collect(),
        }
    }

    /// Reads a schema that was kept.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        let no_schema = |reason: String| Error::NoSchema {
            path: path.to_owned(),
            reason,
        };
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| no_schema(error.to_string()))?;
        let version = value.get("version").and_then(serde_json::Value::as_u64);
        if version.is_some_and(|version| version != u64::from(VERSION)) {
            let version = version.unwrap_or_default();
            return Err(no_schema(format!(
                "its version is {version}, not {VERSION}"
            )));
        }
        serde_json::from_value(value).map_err(|error| no_schema(error.to_string()))
    }
}

fn hexadecimal(fingerprint: u64) -> String {
    format!("{fingerprint:#018x}")
}

impl Message {
    fn new(of: &MessageSchema) -> Self {
        let parameters = of.parameters.iter().map(|parameter| Parameter {
            name: parameter.name.clone(),
            ty: parameter.ty.clone(),
            lent: parameter.is_lent,
        });
        let handlers = of.handlers.iter().map(|handler| Handler {
            actor: handler.actor.clone(),
            id: handler.id,
        });
        let kind = match of.kind {
            MessageKind::Handler => "handler",
            MessageKind::Spawner => "spawner",
        };
        Self {
            receiver: of.receiver.clone(),
            name: of.name.clone(),
            kind: kind.to_owned(),
            of: if of.is_of_trait { "trait" } else { "actor" }.to_owned(),
            type_name: of.type_name.clone(),
            path: of.path.clone(),
            fingerprint: hexadecimal(of.fingerprint),
            generics: of.generics.clone(),
            handlers: handlers.collect(),
            parameters: parameters.collect(),
            returns_fate: of.returns_fate,
            essential: of.is_essential,
            conditions: of.conditions.clone(),
            file: of.location.file.clone(),
            line: of.location.line,
        }
    }

    /// `(car: CarId, exits: &Exits)`.
    pub(super) fn signature(&self) -> String {
        format!("({})", self.shown_parameters().join(", "))
    }

    pub(super) fn shown_parameters(&self) -> Vec<String> {
        let shown = |parameter: &Parameter| {
            let reference = if parameter.lent { "&" } else { "" };
            format!("{}: {reference}{}", parameter.name, parameter.ty)
        };
        self.parameters.iter().map(shown).collect()
    }

    /// The types of the parameters, as they are part of the fingerprint.
    pub(super) fn types(&self) -> Vec<(&str, bool)> {
        let parameters = self.parameters.iter();
        parameters
            .map(|parameter| (&*parameter.ty, parameter.lent))
            .collect()
    }
}

impl Actor {
    fn new(of: &ActorSchema) -> Self {
        let fields = of.fields.iter().map(|field| Field {
            name: field.name.clone(),
            ty: field.ty.clone(),
        });
        Self {
            receiver: of.receiver.clone(),
            path: of.path.clone(),
            fingerprint: hexadecimal(of.fingerprint),
            id: of.id,
            generics: of.generics.clone(),
            implements: of.implements.clone(),
            fields: fields.collect(),
            conditions: of.conditions.clone(),
            file: of.location.file.clone(),
            line: of.location.line,
        }
    }
}

impl Trait {
    fn new(of: &TraitSchema) -> Self {
        Self {
            receiver: of.receiver.clone(),
            path: of.path.clone(),
            fingerprint: hexadecimal(of.fingerprint),
            generics: of.generics.clone(),
            supertraits: of.supertraits.clone(),
            conditions: of.conditions.clone(),
            file: of.location.file.clone(),
            line: of.location.line,
        }
    }
}
