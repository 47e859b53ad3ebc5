//! What decides about results beside inputs.

use crate::registry::{Registry, TypeIndex};
use crate::settings::Settings;
use crate::{CString, CVec, Compact};

use super::ReplayError;

/// A setting that differs from the one that a world was made with, as text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) what: &'static str,
    pub(crate) journal: String,
    pub(crate) given: String,
}

/// How a world is set up, as far as results depend on it. The number of threads is not part of it.
#[derive(Compact)]
#[compact(crate = crate)]
pub(crate) struct Setup {
    shards: u64,
    seed: u64,
    panic_policy: CString,
    /// In the order of registration, in which a shard delivers.
    actors: CVec<ActorSetup>,
}

/// An actor type.
#[derive(Compact)]
#[compact(crate = crate)]
struct ActorSetup {
    fingerprint: u64,
    name: CString,
    /// Only to name those that are no more.
    messages: CVec<(u64, CString)>,
}

impl Setup {
    pub(crate) fn of(settings: &Settings, registry: &Registry) -> Self {
        let actors = registry.actors().map(|(_, actor)| ActorSetup {
            fingerprint: actor.fingerprint,
            name: actor.name.into(),
            messages: CVec::new(),
        });
        let mut actors: CVec<ActorSetup> = actors.collect();
        for handler in registry.handlers() {
            let messages = &mut actors[usize::from(handler.actor) - 1].messages;
            messages.push((handler.fingerprint, handler.name.into()));
        }
        Setup {
            shards: settings.shards as u64,
            seed: settings.seed,
            panic_policy: format!("{:?}", settings.panic_policy).as_str().into(),
            actors,
        }
    }

    pub(crate) fn shards(&self) -> u64 {
        self.shards
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn panic_policy(&self) -> &str {
        &self.panic_policy
    }

    /// The fingerprint and the name of each actor type, in the order of their numbers, which are from 1 on.
    pub(crate) fn actors(&self) -> impl ExactSizeIterator<Item = (u64, &str)> {
        self.actors
            .iter()
            .map(|actor| (actor.fingerprint, &*actor.name))
    }

    /// The name of a message to the type with this number.
    pub(crate) fn message(&self, actor: TypeIndex, fingerprint: u64) -> Option<&str> {
        let actor = self.actors.get(usize::from(actor).checked_sub(1)?)?;
        let mut messages = actor.messages.iter();
        let (_, name) = messages.find(|(message, _)| *message == fingerprint)?;
        Some(name)
    }

    /// What is different first in `given`, which this is to go on with.
    pub(crate) fn mismatch(&self, given: &Setup) -> Option<Mismatch> {
        let differs = |what, journal: String, given: String| {
            (journal != given).then_some(Mismatch {
                what,
                journal,
                given,
            })
        };
        let shards = |setup: &Setup| setup.shards.to_string();
        let seed = |setup: &Setup| setup.seed.to_string();
        let policy = |setup: &Setup| setup.panic_policy.to_string();
        differs("shards", shards(self), shards(given))
            .or_else(|| differs("seed", seed(self), seed(given)))
            .or_else(|| differs("panic_policy", policy(self), policy(given)))
            .or_else(|| self.mismatch_of_actors(given))
    }

    /// Types may have been added behind those that were there. Not before them: a type's number
    /// decides about order, and about random numbers.
    fn mismatch_of_actors(&self, given: &Setup) -> Option<Mismatch> {
        let mut others = given.actors.iter();
        self.actors.iter().enumerate().find_map(|(at, actor)| {
            let other = others.next();
            let same = other.is_some_and(|other| other.fingerprint == actor.fingerprint);
            (!same).then(|| Mismatch {
                what: "the registered actor types",
                journal: format!("`{}` (number {})", actor.name, at + 1),
                given: other.map_or("none".into(), |other| format!("`{}`", other.name)),
            })
        })
    }

    /// The type with this fingerprint.
    pub(crate) fn actor(
        &self,
        registry: &Registry,
        fingerprint: u64,
    ) -> Result<TypeIndex, ReplayError> {
        registry.type_with(fingerprint).ok_or_else(|| {
            let known = self
                .actors
                .iter()
                .find(|actor| actor.fingerprint == fingerprint);
            let name = known.map(|actor| actor.name.to_string());
            let actor = name.unwrap_or_else(|| format!("{fingerprint:016x}"));
            ReplayError::NoActor { actor }
        })
    }

    /// The handler of a type for the message with this fingerprint.
    pub(crate) fn handler(
        &self,
        registry: &Registry,
        actor: TypeIndex,
        fingerprint: u64,
    ) -> Result<usize, ReplayError> {
        registry.handler_with(actor, fingerprint).ok_or_else(|| {
            let entry = registry.actor(actor);
            let mut known = self.actors.iter();
            let known = known.find(|actor| actor.fingerprint == entry.fingerprint);
            let mut messages = known.iter().flat_map(|actor| &actor.messages);
            let name = messages.find(|(message, _)| *message == fingerprint);
            ReplayError::NoMessage {
                actor: entry.name,
                message: name.map_or_else(
                    || format!("{fingerprint:016x}"),
                    |(_, name)| name.to_string(),
                ),
            }
        })
    }
}
