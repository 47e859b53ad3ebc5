//! What the records of a world go by.

use std::collections::BTreeMap;

use chunky::raw::{Difference, Layout, TypeNumber, differences};

use super::inputs::{Mismatch, Setup};
use crate::portable::{ReadError, Reader};
use crate::registry::{Registry, SHARD, Tag, TypeIndex};
use crate::schema::Schema;
use crate::settings::Settings;
use crate::{CVec, Compact, ReplayError, portable};

/// What decides about results beside inputs, and what messages consist of: a part of a journal begins with it, and it
/// is in each snapshot.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct Protocol {
    format: u32,
    pub(crate) setup: Setup,
    /// Those of actors and messages, and of what is in them.
    pub(crate) layouts: CVec<Layout>,
    /// The messages, by tag, from 1 on.
    pub(crate) messages: CVec<MessageImage>,
}

/// A message that a type handles.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct MessageImage {
    /// The number of the actor type; 0 for slot numbers on their way back.
    pub(crate) actor: u16,
    pub(crate) fingerprint: u64,
    pub(crate) layout: TypeNumber,
}

impl Protocol {
    /// What kinds of records there are, and what is in them. Changes when they do.
    pub(crate) const FORMAT: u32 = 2;

    pub(crate) fn of(settings: &Settings, registry: &Registry, schema: &Schema) -> Self {
        let handlers = registry.handlers().iter().enumerate();
        let messages = handlers.map(|(at, handler)| MessageImage {
            actor: handler.actor,
            fingerprint: handler.fingerprint,
            layout: schema.message(Tag::of(at)),
        });
        let returned = MessageImage {
            actor: SHARD,
            fingerprint: 0,
            layout: schema.message(registry.returned_tag()),
        };
        Protocol {
            format: Self::FORMAT,
            setup: Setup::of(settings, registry),
            layouts: schema.layouts().into(),
            messages: messages.chain([returned]).collect(),
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match portable::to_bytes(self) {
            Ok(bytes) => bytes,
            Err(error) => unreachable!("numbers and texts can always be written: {error}"),
        }
    }

    /// Reads one of this format; `Err` with the number of another one.
    pub(crate) fn read(payload: &[u8]) -> Result<Result<Self, u32>, ReadError> {
        match u32::read(&mut Reader::new(payload))? {
            Self::FORMAT => portable::from_bytes(payload).map(Ok),
            other => Ok(Err(other)),
        }
    }

    /// Makes what was recorded by this ready for a world that goes by `given`, unless that is set up in another way.
    pub(crate) fn read_by(self, given: &Protocol) -> Result<Past, Mismatch> {
        if let Some(mismatch) = self.setup.mismatch(&given.setup) {
            return Err(mismatch);
        }
        let then = self.messages.iter();
        let then: BTreeMap<_, _> = then.map(|was| (was.key(), was.layout)).collect();
        let changed = given.messages.iter().filter_map(|is| {
            let key = is.key();
            let was = (&self.layouts[..], *then.get(&key)?);
            let name = given.setup.message(key.0, key.1).unwrap_or_default();
            let changed = differences(was, (&given.layouts[..], is.layout), name);
            (!changed.is_empty()).then_some((key, changed))
        });
        Ok(Past {
            changed: changed.collect(),
            setup: self.setup,
        })
    }
}

impl MessageImage {
    fn key(&self) -> (TypeIndex, u64) {
        (self.actor, self.fingerprint)
    }
}

/// What inputs of the past go by: how their world was set up, and what has changed of messages since.
pub(crate) struct Past {
    pub(crate) setup: Setup,
    changed: BTreeMap<(TypeIndex, u64), Vec<Difference>>,
}

impl Past {
    /// The handler of a type for the message with this fingerprint, if the message is what it was.
    pub(crate) fn handler(
        &self,
        registry: &Registry,
        actor: TypeIndex,
        fingerprint: u64,
    ) -> Result<usize, ReplayError> {
        let handler = self.setup.handler(registry, actor, fingerprint)?;
        match self.changed.get(&(actor, fingerprint)) {
            None => Ok(handler),
            Some(differences) => Err(ReplayError::Changed {
                actor: registry.actor(actor).name,
                message: registry.handler(handler).name,
                differences: differences.clone(),
            }),
        }
    }
}
