//! What differs between two snapshots.

use std::collections::{HashMap, HashSet};

use chunky::raw::differences;

use super::SavedWorld;
use super::fields::Fields;
use super::same::lie_alike;
use super::store::SavedStore;
use crate::persist::ShardImage;
use crate::registry::TypeIndex;
use crate::world::shard_bits;
use crate::{SchemaDifference, SnapshotError};

/// Of so many instances of a type, it is told which have changed.
const FEW: usize = 5;

/// What differs between two snapshots: see [`SavedWorld::compare`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Of what the worlds say about themselves.
    pub settings: Vec<SettingDifference>,
    /// Of how types are made; where their fields lie is not compared.
    pub schema: Vec<SchemaDifference>,
    /// The actor types of both.
    pub actors: Vec<ActorComparison>,
}

/// Something that a world says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SettingDifference {
    /// What it is.
    pub what: &'static str,
    /// What it was in the first one.
    pub before: String,
    /// What it is in the other one.
    pub after: String,
}

/// The instances of a type in two snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActorComparison {
    /// The name of the type.
    pub name: String,
    /// How many instances the first one has.
    pub before: u64,
    /// How many the other one has.
    pub after: u64,
    /// How many of the other one the first one does not have.
    pub came: u64,
    /// How many of the first one the other one does not have.
    pub went: u64,
    /// Those that are in both and differ; none, if their bytes cannot be compared because they lie in another way.
    pub changed: Option<Changes>,
}

/// Instances that have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Changes {
    /// How many.
    pub count: u64,
    /// The first few of them.
    pub first: Vec<ChangedInstance>,
}

/// An instance that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangedInstance {
    /// The shard that it lives in.
    pub shard: usize,
    /// Its slot there.
    pub slot: u32,
    /// The generation of the slot.
    pub generation: u16,
    /// The index of its id: [`Id::index`](crate::Id::index).
    pub index: u32,
    /// The fields that differ, as far as that can be told.
    pub fields: Vec<String>,
}

impl Comparison {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.settings.is_empty()
            && self.schema.is_empty()
            && self.actors.iter().all(|actor| {
                let changed = actor.changed.as_ref().map(|changes| changes.count);
                (actor.came, actor.went, changed) == (0, 0, Some(0))
            })
    }
}

impl SavedWorld {
    /// Compares this world with a later one. Instances are the same ones if they have the same shard, slot and
    /// generation. They are read in both.
    ///
    /// # Errors
    ///
    /// If one is damaged, or makes no sense.
    pub fn compare(&self, after: &SavedWorld) -> Result<Comparison, SnapshotError> {
        let mut actors = Vec::new();
        let others: HashMap<u64, TypeIndex> = numbered(after).collect();
        let shards = (images(self)?, images(after)?);
        for (fingerprint, actor) in numbered(self) {
            if let Some(&other) = others.get(&fingerprint) {
                let pair = ActorPair {
                    before: (self, actor, &shards.0),
                    after: (after, other, &shards.1),
                };
                actors.push(pair.compare()?);
            }
        }
        Ok(Comparison {
            settings: self.settings_that_differ(after),
            schema: self.schema_that_differs(after),
            actors,
        })
    }

    fn settings_that_differ(&self, other: &SavedWorld) -> Vec<SettingDifference> {
        let settings = |world: &SavedWorld| {
            let (header, setup) = (world.snapshot.header(), &world.image.protocol.setup);
            [
                ("run", format!("{:032x}", header.run)),
                ("turn", header.turn.to_string()),
                ("shards", setup.shards().to_string()),
                ("seed", setup.seed().to_string()),
                ("panic policy", setup.panic_policy().to_owned()),
                ("frozen", world.image.frozen.to_string()),
                ("waiting messages", world.image.waiting.to_string()),
            ]
        };
        let pairs = settings(self).into_iter().zip(settings(other));
        let differing = pairs.filter(|(before, after)| before != after);
        let differing = differing.map(|((what, before), (_, after))| SettingDifference {
            what,
            before,
            after,
        });
        differing.collect()
    }

    fn schema_that_differs(&self, other: &SavedWorld) -> Vec<SchemaDifference> {
        let (before, after) = (self.types(), other.types());
        let keys: HashSet<TypeKey> = before.iter().map(|(key, ..)| *key).collect();
        let now: HashMap<TypeKey, u32> = after.iter().map(|&(key, _, is)| (key, is)).collect();
        let mut all = Vec::new();
        for (key, name, was) in &before {
            let old = (self.layouts(), *was);
            match now.get(key) {
                Some(&is) => all.extend(differences(old, (other.layouts(), is), name)),
                None => all.push(told(name, "is gone")),
            }
        }
        let new = after.iter().filter(|(key, ..)| !keys.contains(key));
        all.extend(new.map(|(_, name, _)| told(name, "is new")));
        all
    }

    /// The actor types and their messages: what they are known by, their names, and their layouts.
    fn types(&self) -> Vec<(TypeKey, String, u32)> {
        let actors: Vec<(u64, &str)> = self.image.protocol.setup.actors().collect();
        let named = actors.iter().zip(&self.image.actors);
        let mut types: Vec<_> = named
            .map(|(&(fingerprint, name), &layout)| ((fingerprint, 0), name.to_owned(), layout))
            .collect();
        for message in &self.image.protocol.messages {
            let at = usize::from(message.actor).checked_sub(1);
            if let Some(&(actor, actor_name)) = at.and_then(|at| actors.get(at)) {
                let name = self.message_name(message.actor, message.fingerprint);
                let key = (actor, message.fingerprint);
                types.push((key, format!("{name} to {actor_name}"), message.layout));
            }
        }
        types
    }
}

/// The fingerprints of an actor type and a message to it; 0 for the type itself.
type TypeKey = (u64, u64);

/// The fingerprints and the numbers of all actor types.
fn numbered(world: &SavedWorld) -> impl Iterator<Item = (u64, TypeIndex)> {
    let fingerprints = world.image.protocol.setup.actors();
    let fingerprints = fingerprints.map(|(fingerprint, _)| fingerprint);
    fingerprints.zip(1..=TypeIndex::MAX)
}

fn told(place: &str, what: &str) -> SchemaDifference {
    SchemaDifference {
        place: place.to_owned(),
        what: what.to_owned(),
    }
}

fn images(world: &SavedWorld) -> Result<Vec<ShardImage>, SnapshotError> {
    (0..world.shards())
        .map(|shard| world.shard(shard))
        .collect()
}

/// A type in a file: the file, its number there, and the shards of the file.
type Side<'a> = (&'a SavedWorld, TypeIndex, &'a [ShardImage]);

/// A type that is in both files.
struct ActorPair<'a> {
    before: Side<'a>,
    after: Side<'a>,
}

impl<'a> ActorPair<'a> {
    fn compare(&self) -> Result<ActorComparison, SnapshotError> {
        let (before, after) = (self.before.0, self.after.0);
        let layout = |(world, actor, _): Side<'a>| world.actor_layout(actor).unwrap_or(u32::MAX);
        let layouts = (layout(self.before), layout(self.after));
        let same_places = before.shards() == after.shards();
        let comparable =
            same_places && lie_alike((before.layouts(), layouts.0), (after.layouts(), layouts.1));
        let mut fields = (
            Fields::of(before.layouts(), layouts.0),
            Fields::of(after.layouts(), layouts.1),
        );
        let name = before.actor_name(self.before.1).unwrap_or("?");
        let mut all = ActorComparison {
            name: name.to_owned(),
            before: 0,
            after: 0,
            came: 0,
            went: 0,
            changed: comparable.then(Changes::default),
        };
        let bits = shard_bits(before.shards() as u32);
        for shard in 0..before.shards().max(after.shards()) {
            let (old, new) = (store(self.before, shard)?, store(self.after, shard)?);
            all.before += old.iter().flat_map(SavedStore::keys).count() as u64;
            all.after += new.iter().flat_map(SavedStore::keys).count() as u64;
            // Where shards are others, no instance is the same one.
            let find = |store: &Option<SavedStore<'a>>, key| {
                store.as_ref().filter(|_| same_places)?.get(key)
            };
            for key in old.iter().flat_map(SavedStore::keys) {
                all.went += u64::from(find(&new, key).is_none());
            }
            for key in new.iter().flat_map(SavedStore::keys) {
                let (Some(was), Some(is)) = (find(&old, key), find(&new, key)) else {
                    all.came += 1;
                    continue;
                };
                let Some(changes) = all.changed.as_mut().filter(|_| was != is) else {
                    continue;
                };
                changes.count += 1;
                if changes.first.len() < FEW {
                    changes.first.push(ChangedInstance {
                        shard,
                        slot: key.slot,
                        generation: key.generation,
                        index: key.slot << bits | shard as u32,
                        fields: fields.0.that_differ(was, &mut fields.1, is),
                    });
                }
            }
        }
        Ok(all)
    }
}

/// The instances of a type in a shard, if it has any.
fn store<'a>(
    (world, actor, shards): Side<'a>,
    shard: usize,
) -> Result<Option<SavedStore<'a>>, SnapshotError> {
    let stores = shards
        .get(shard)
        .into_iter()
        .flat_map(|image| &image.stores);
    let mut own = stores.filter(|store| store.actor == actor);
    let own = own.next();
    own.map(|image| SavedStore::read(world, shard, image))
        .transpose()
}
