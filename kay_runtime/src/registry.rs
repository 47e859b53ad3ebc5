//! The actor types of a system, what they handle, and how.

use std::any::{Any, TypeId};
use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::Arc;

use chunky::raw::{Layout, Layouts, TypeNumber};
use chunky::{ItemKind, RestoreError, Storage};

use crate::deliver::{self, Deliver};
use crate::error::SetupError;
use crate::migration::Migration;
use crate::schema::ActorForm;
use crate::store::{AnyStore, Store, StoreKept};
use crate::tag_map::TagMap;
use crate::tools::Tools;
use crate::world::Returned;
use crate::{Actor, Compact, Message, Recipient, Spawner, TraitId};

/// The number of an actor type in its system, in the order of registration.
///
/// Number 0 is not an actor type: it stands for the shard itself.
pub(crate) type TypeIndex = u16;

/// The shard itself as a recipient, for the runtime's own messages. Delivered first.
pub(crate) const SHARD: TypeIndex = 0;

/// Makes a store for the instances of a type with this number.
type NewStore = fn(TypeIndex, &Registry, Arc<dyn Storage>) -> Box<dyn AnyStore>;

/// Makes a store for the instances of a type with this number of what one was kept as.
type RestoreStore =
    fn(TypeIndex, &Registry, &ActorForm, StoreKept<'_>) -> Result<Box<dyn AnyStore>, RestoreError>;

/// Whether so many instances with this layout, kept as so many bytes, are used where they lie.
type Stays = fn(&ActorForm, &[Layout], TypeNumber, usize, usize) -> bool;

/// What the registry knows of an actor type.
pub(crate) struct TypeEntry {
    pub(crate) name: &'static str,
    pub(crate) fingerprint: u64,
    new_store: NewStore,
    /// How instances lie in memory.
    pub(crate) form: fn(&mut Layouts) -> ActorForm,
    restore_store: RestoreStore,
    pub(crate) stays: Stays,
    /// How instances come to be of those of earlier versions.
    pub(crate) migrations: Vec<Migration>,
    /// From a message's fingerprint to the index of its handler.
    handlers: TagMap<u64>,
}

impl TypeEntry {
    /// A store for the instances of this type, whose number is `index`, in a shard.
    #[cold]
    pub(crate) fn make_store(
        &self,
        index: TypeIndex,
        registry: &Registry,
        storage: &Arc<dyn Storage>,
    ) -> Box<dyn AnyStore> {
        (self.new_store)(index, registry, Arc::clone(storage))
    }

    /// The store for the instances of this type, whose number is `index`, that was kept.
    pub(crate) fn restore_store(
        &self,
        index: TypeIndex,
        registry: &Registry,
        form: &ActorForm,
        kept: StoreKept<'_>,
    ) -> Result<Box<dyn AnyStore>, RestoreError> {
        (self.restore_store)(index, registry, form, kept)
    }
}

/// What the registry knows of a message that a type handles.
pub(crate) struct HandlerEntry {
    /// Path of the message.
    pub(crate) name: &'static str,
    pub(crate) fingerprint: u64,
    /// The Rust type of the message.
    message: TypeId,
    pub(crate) actor: TypeIndex,
    pub(crate) essential: bool,
    /// Whether the message makes an instance.
    pub(crate) spawns: bool,
    pub(crate) tools: Tools,
    /// The delivery loop, a [`Deliver`] of the actor type.
    pub(crate) deliver: Box<dyn Any + Send + Sync>,
}

/// What there is to know of a message when it is sent.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    fingerprint: u64,
    id: TypeId,
}

impl Kind {
    pub(crate) const fn of<M: Message>() -> Self {
        Kind {
            name: M::NAME,
            fingerprint: M::FINGERPRINT,
            id: TypeId::of::<M>(),
        }
    }
}

/// Names a handler, in the tag of a message. Tag 0 is that of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag(pub(crate) u16);

impl Tag {
    pub(crate) fn of(handler: usize) -> Tag {
        Tag(handler as u16 + 1)
    }

    #[inline(always)]
    pub(crate) fn handler(self) -> usize {
        usize::from(self.0).wrapping_sub(1)
    }
}

/// Collects the actor types of a system. A crate's generated `setup` fills it.
///
/// Types are numbered, and their mailboxes delivered, in the order of registration. Mistakes are
/// collected too, and reported by [`ActorSystem::new`](crate::ActorSystem::new).
pub struct Registry {
    types: Vec<TypeEntry>,
    handlers: Vec<HandlerEntry>,
    by_tag: TagMap<u32>,
    traits: Vec<TraitEntry>,
    traits_by_tag: TagMap<u32>,
    /// The setups that have run.
    included: HashSet<TypeId>,
    error: Option<SetupError>,
}

struct TraitEntry {
    name: &'static str,
    fingerprint: u64,
    implementors: Vec<TypeIndex>,
}

/// There is room for somewhat fewer actor types and handlers than this, which numbers of 16 bits name.
const MOST: usize = 1 << 16;

impl Registry {
    pub(crate) fn new() -> Self {
        Registry {
            types: Vec::new(),
            handlers: Vec::new(),
            by_tag: TagMap::new(),
            traits: Vec::new(),
            traits_by_tag: TagMap::new(),
            included: HashSet::new(),
            error: None,
        }
    }

    /// Registers actor type `A` with all that it handles.
    ///
    /// Generated `setup` functions call this for each type that is not generic. Instances of
    /// generic types are registered by the user: `registry.register::<Pool<Car>>()`.
    pub fn register<A: Actor>(&mut self) {
        let tag = A::FINGERPRINT as u32;
        let index = self.types.len() as u32 + 1;
        if let Err(taken) = self.by_tag.insert(tag, index) {
            let other = &self.types[taken as usize - 1];
            let (given, first) = (A::NAME, other.name);
            return self.fail(if other.fingerprint == A::FINGERPRINT {
                SetupError::TypeTwice { actor: given }
            } else {
                SetupError::SameTag {
                    actor: given,
                    other: first,
                }
            });
        }
        if self.types.len() + 1 >= MOST {
            return self.fail(SetupError::TooManyTypes { actor: A::NAME });
        }
        self.types.push(TypeEntry {
            name: A::NAME,
            fingerprint: A::FINGERPRINT,
            new_store: Store::<A>::boxed,
            form: Store::<A>::form,
            restore_store: Store::<A>::restored,
            stays: Store::<A>::stays,
            migrations: Vec::new(),
            handlers: TagMap::new(),
        });
        let first = self.handlers.len();
        let mut handlers = Handlers {
            registry: self,
            index: index as u16,
            actor: PhantomData,
        };
        A::register(&mut handlers);
        self.number_handlers(first, index as u16);
    }

    /// Registers that `A`, which is registered already, handles `M` too: a message written by
    /// hand.
    pub fn handle<A: Recipient<M>, M: Message>(&mut self) {
        self.extend(|handlers: &mut Handlers<'_, A>| handlers.message::<M>());
    }

    /// Registers that `A`, which is registered already, handles what `list` says too.
    ///
    /// Generated `setup` functions call this where a crate implements its own actor trait for an
    /// actor of another crate: that crate's `register` cannot know of it.
    pub fn extend<A: Actor>(&mut self, list: impl FnOnce(&mut Handlers<'_, A>)) {
        let Some(index) = self.type_of(A::FINGERPRINT as u32) else {
            return self.fail(SetupError::TypeNever { actor: A::NAME });
        };
        let first = self.handlers.len();
        list(&mut Handlers {
            registry: self,
            index,
            actor: PhantomData,
        });
        self.number_handlers(first, index);
    }

    /// Says how to make an instance of type `A`, which is registered already, of one that an earlier version of the
    /// program has saved: `Old` has the fields that `A` had then, under whatever name. What `A` was is found by the
    /// fields that a snapshot names, so there may be several such functions. `kay_snapshot source` prints `Old` as
    /// a snapshot has it. Types in its fields have the paths that they had, or say so: `#[compact(name = "city::Gear")]`.
    ///
    /// ```
    /// # use kay_runtime::{Actor, Handlers, Compact, Registry};
    /// #[derive(Compact)]
    /// struct Car {
    ///     speed: f32,
    ///     lights: bool,
    /// }
    /// # impl Actor for Car {
    /// #     const NAME: &'static str = "Car";
    /// #     const FINGERPRINT: u64 = 7;
    /// #     fn register(_: &mut Handlers<'_, Self>) {}
    /// # }
    ///
    /// /// What a car was before it had lights.
    /// #[derive(Compact)]
    /// struct OldCar {
    ///     speed: f32,
    /// }
    ///
    /// fn setup(registry: &mut Registry) {
    ///     registry.register::<Car>();
    ///     registry.migrate(|old: OldCar| Car { speed: old.speed, lights: false });
    /// }
    /// # kay_runtime::ActorSystem::new(kay_runtime::Settings::default(), setup)?;
    /// # Ok::<(), kay_runtime::SetupError>(())
    /// ```
    pub fn migrate<Old: Compact, A: Actor>(&mut self, migrate: fn(Old) -> A) {
        let Some(index) = self.type_of(A::FINGERPRINT as u32) else {
            return self.fail(SetupError::TypeNever { actor: A::NAME });
        };
        let entry = &mut self.types[usize::from(index) - 1];
        entry.migrations.push(Migration::new(migrate));
    }

    /// Runs a setup, unless this registry has run it before.
    ///
    /// The generated `setup` of a crate includes those of the crates that it depends on, and
    /// two of these may depend on a third: it is still registered once, and before them.
    ///
    /// ```
    /// # use kay_runtime::{ActorSystem, Registry, Settings};
    /// fn setup(registry: &mut Registry) {
    ///     registry.include(|registry| {
    ///         // `registry.register::<Car>()`, and so on.
    ///     });
    /// }
    /// ActorSystem::new(Settings::default(), |registry| {
    ///     setup(registry);
    ///     setup(registry);
    /// })?;
    /// # Ok::<(), kay_runtime::SetupError>(())
    /// ```
    ///
    /// Setups are told apart by their types, so this takes a function by its name, or a closure
    /// that captures nothing; with a `fn` pointer, whose type says nothing, it does not compile.
    pub fn include<S: FnOnce(&mut Registry) + 'static>(&mut self, setup: S) {
        const {
            assert!(
                size_of::<S>() == 0,
                "a setup is a function or a closure that captures nothing",
            );
        }
        if self.included.insert(TypeId::of::<S>()) {
            setup(self);
        }
    }

    /// Numbers the handlers from `first` on: the order of their fingerprints is the same in
    /// every build, whatever the order in which they were listed.
    fn number_handlers(&mut self, first: usize, index: TypeIndex) {
        let added = &mut self.handlers[first..];
        added.sort_by_key(|handler| handler.fingerprint);
        let mut twice = None;
        for (at, handler) in added.iter().enumerate() {
            let entry = &mut self.types[index as usize - 1];
            if entry
                .handlers
                .insert(handler.fingerprint, (first + at) as u32 + 1)
                .is_err()
            {
                twice = Some(SetupError::MessageTwice {
                    actor: entry.name,
                    message: handler.name,
                });
            }
        }
        if let Some(error) = twice {
            self.fail(error);
        }
        // Two tags are taken: for marks, and for slot numbers on their way back.
        if self.handlers.len() > MOST - 2 {
            self.fail(SetupError::TooManyHandlers {
                actor: self.types[index as usize - 1].name,
            });
        }
    }

    fn fail(&mut self, error: SetupError) {
        self.error.get_or_insert(error);
    }

    /// The first mistake, if there is one.
    pub(crate) fn finish(mut self) -> Result<Self, SetupError> {
        // Broadcast addresses of types and of traits are told apart by their tags.
        for at in 0..self.traits.len() {
            let TraitEntry {
                name, fingerprint, ..
            } = self.traits[at];
            if let Some(actor) = self.type_of(fingerprint as u32) {
                let actor = self.actor(actor).name;
                self.fail(SetupError::SameTag { actor, other: name });
            }
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// The type with this tag.
    #[inline]
    pub(crate) fn type_of(&self, tag: u32) -> Option<TypeIndex> {
        let found = self.by_tag.get(tag) as TypeIndex;
        (found != SHARD).then_some(found)
    }

    /// What is known of type `index`, which is not [`SHARD`].
    pub(crate) fn actor(&self, index: TypeIndex) -> &TypeEntry {
        &self.types[index as usize - 1]
    }

    /// All types, with their numbers.
    pub(crate) fn actors(&self) -> impl Iterator<Item = (TypeIndex, &TypeEntry)> {
        (1..).zip(&self.types)
    }

    /// The number of type indices, [`SHARD`] included.
    pub(crate) fn type_count(&self) -> usize {
        self.types.len() + 1
    }

    /// The handler of type `index` for a message.
    pub(crate) fn handler_of(&self, index: TypeIndex, message: &Kind) -> Option<u32> {
        let handler = self.actor(index).handlers.get(message.fingerprint);
        let handler = handler.checked_sub(1)?;
        // Another message with the same fingerprint is not what the handler can read.
        (self.handler(handler as usize).message == message.id).then_some(handler)
    }

    /// The type with this whole fingerprint.
    pub(crate) fn type_with(&self, fingerprint: u64) -> Option<TypeIndex> {
        let found = self.type_of(fingerprint as u32)?;
        (self.actor(found).fingerprint == fingerprint).then_some(found)
    }

    /// The handler of type `index` for the message with this fingerprint.
    pub(crate) fn handler_with(&self, index: TypeIndex, fingerprint: u64) -> Option<usize> {
        let handler = self.actor(index).handlers.get(fingerprint);
        Some(handler.checked_sub(1)? as usize)
    }

    /// The handler with this index.
    #[inline]
    pub(crate) fn handler(&self, index: usize) -> &HandlerEntry {
        &self.handlers[index]
    }

    /// All handlers, by index.
    pub(crate) fn handlers(&self) -> &[HandlerEntry] {
        &self.handlers
    }

    /// How messages with this tag are treated.
    #[inline]
    pub(crate) fn tools(&self, tag: Tag) -> &Tools {
        &self.handler(tag.handler()).tools
    }

    /// The types of all that is sent, in the order of their tags from 1 on: messages by handler,
    /// and behind them slot numbers on their way back.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = ItemKind> {
        let messages = self.handlers.iter().map(|handler| handler.tools.kind);
        messages.chain([ItemKind::of::<Returned>()])
    }

    /// The tag of slot numbers on their way back.
    pub(crate) fn returned_tag(&self) -> Tag {
        Tag::of(self.handlers.len())
    }

    /// The types that implement the trait with this tag, the low half of its fingerprint.
    pub(crate) fn implementors(&self, tag: u32) -> &[TypeIndex] {
        match self.traits_by_tag.get(tag) {
            0 => &[],
            found => &self.traits[found as usize - 1].implementors,
        }
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let traits = self.traits.iter().map(|entry| entry.name);
        f.debug_struct("Registry")
            .field(
                "actors",
                &self
                    .types
                    .iter()
                    .map(|entry| entry.name)
                    .collect::<Vec<_>>(),
            )
            .field("traits", &traits.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Takes down what actor type `A` handles; see [`Actor::register`].
#[derive(Debug)]
pub struct Handlers<'a, A> {
    registry: &'a mut Registry,
    index: TypeIndex,
    actor: PhantomData<fn() -> A>,
}

impl<A: Actor> Handlers<'_, A> {
    /// The type handles `M`.
    pub fn message<M: Message>(&mut self)
    where
        A: Recipient<M>,
    {
        self.registry.handlers.push(HandlerEntry {
            name: M::NAME,
            fingerprint: M::FINGERPRINT,
            message: TypeId::of::<M>(),
            actor: self.index,
            essential: <A as Recipient<M>>::ESSENTIAL,
            spawns: false,
            tools: Tools::new::<M>(),
            deliver: Box::new(deliver::deliver::<A, M> as Deliver<A>),
        });
    }

    /// Instances of the type are made by `M`.
    pub fn spawner<M: Spawner<Actor = A>>(&mut self) {
        self.registry.handlers.push(HandlerEntry {
            name: M::NAME,
            fingerprint: M::FINGERPRINT,
            message: TypeId::of::<M>(),
            actor: self.index,
            essential: false,
            spawns: true,
            tools: Tools::new::<M>(),
            deliver: Box::new(deliver::spawn::<M> as Deliver<A>),
        });
    }

    /// The type implements the actor trait of `I`.
    pub fn implements<I: TraitId>(&mut self) {
        let registry = &mut *self.registry;
        let next = registry.traits.len() as u32 + 1;
        let tag = I::FINGERPRINT as u32;
        let found = match registry.traits_by_tag.insert(tag, next) {
            Ok(()) => {
                registry.traits.push(TraitEntry {
                    name: I::NAME,
                    fingerprint: I::FINGERPRINT,
                    implementors: Vec::new(),
                });
                next
            }
            Err(found) => found,
        };
        let entry = &mut registry.traits[found as usize - 1];
        if entry.fingerprint != I::FINGERPRINT {
            let (actor, other) = (I::NAME, entry.name);
            return registry.fail(SetupError::SameTag { actor, other });
        }
        // Told twice, a type still gets a broadcast once.
        if !entry.implementors.contains(&self.index) {
            entry.implementors.push(self.index);
        }
    }
}
