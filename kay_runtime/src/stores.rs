//! The instances of a shard.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kept_store::{KeptStore, Recorded};
use crate::panic::caught;
use crate::persist::SnapshotError;
use crate::registry::TypeIndex;
use crate::schema::Schema;
use crate::store::{AnyStore, Rooms};

/// The stores of a shard, by type.
///
/// A large world that comes back from a snapshot has stores that nobody has checked. That is done when they are
/// first looked at. If one turns out to be damaged, there is none, and none is made any more: the world is over,
/// and [`damage`](Stores::damage) says so.
pub(crate) struct Stores {
    /// Made with the first message.
    made: Vec<OnceCell<Box<dyn AnyStore>>>,
    /// Those of a snapshot that nobody has checked, if there were any.
    kept: Option<Box<Unchecked>>,
}

struct Unchecked {
    recorded: Arc<Recorded>,
    stores: RefCell<BTreeMap<TypeIndex, KeptStore>>,
}

impl Stores {
    pub(crate) fn new(types: usize) -> Self {
        Stores {
            made: (0..types).map(|_| OnceCell::new()).collect(),
            kept: None,
        }
    }

    /// The store of a type; none if there is none yet, or it is damaged.
    #[inline]
    pub(crate) fn get(&self, actor: TypeIndex) -> Option<&dyn AnyStore> {
        let place = &self.made[usize::from(actor)];
        if place.get().is_none() {
            self.check(actor);
        }
        place.get().map(|store| &**store)
    }

    /// As [`get`](Stores::get).
    #[inline]
    pub(crate) fn get_mut(&mut self, actor: TypeIndex) -> Option<&mut (dyn AnyStore + 'static)> {
        if self.made[usize::from(actor)].get().is_none() {
            self.check(actor);
        }
        let store = self.made[usize::from(actor)].get_mut();
        store.map(|store| &mut **store)
    }

    /// The store of a type, which is made if there is none; none if something is damaged.
    #[inline]
    pub(crate) fn get_or_make(
        &mut self,
        actor: TypeIndex,
        make: impl FnOnce() -> Box<dyn AnyStore>,
    ) -> Option<&mut (dyn AnyStore + 'static)> {
        if self.made[usize::from(actor)].get().is_none() {
            self.make(actor, make);
        }
        let store = self.made[usize::from(actor)].get_mut();
        store.map(|store| &mut **store)
    }

    #[cold]
    fn make(&mut self, actor: TypeIndex, make: impl FnOnce() -> Box<dyn AnyStore>) {
        self.check(actor);
        let place = &self.made[usize::from(actor)];
        if place.get().is_none() && self.damage().is_none() {
            place.get_or_init(make);
        }
    }

    /// Makes the store of a type that was kept, if it was.
    fn check(&self, actor: TypeIndex) {
        if let Some(kept) = &self.kept {
            kept.check(actor, &self.made[usize::from(actor)]);
        }
    }

    /// Makes all stores that were kept, and says what is wrong with them, or with those of other shards.
    pub(crate) fn check_all(&self) -> Result<(), SnapshotError> {
        (0..)
            .zip(&self.made)
            .for_each(|(actor, _)| self.check(actor));
        self.damage().map_or(Ok(()), |damage| Err(damage.clone()))
    }

    /// What turned out to be wrong with what was kept in this shard or in others.
    pub(crate) fn damage(&self) -> Option<&SnapshotError> {
        self.kept.as_ref()?.recorded.damage.get()
    }

    /// Whether there is a store of a type, checked or not.
    pub(crate) fn has(&self, actor: TypeIndex) -> bool {
        self.made[usize::from(actor)].get().is_some() || self.is_unchecked(actor)
    }

    /// The number of instances of a type, checked or not.
    pub(crate) fn count(&self, actor: TypeIndex) -> usize {
        match self.made[usize::from(actor)].get() {
            Some(store) => store.len(),
            None => self.unchecked(actor, KeptStore::len).unwrap_or(0),
        }
    }

    /// How much room the chunks of each type have, checked or not, and about how many bytes will be beside.
    pub(crate) fn rooms(&mut self, schema: &Schema) -> Vec<(TypeIndex, Rooms, usize)> {
        let types = 0..self.types();
        let rooms = types.filter_map(|actor| match self.made[usize::from(actor)].get_mut() {
            Some(store) => {
                let rooms = store.rooms(store.page_numbers().len());
                // Users may write `Compact` by hand. If that panics, the copy will tell.
                let beside = caught(|| store.beside_bytes(schema.actor(actor)));
                Some((actor, rooms, beside.unwrap_or(0)))
            }
            // What waits to be checked has nothing beside.
            None => Some((actor, self.unchecked(actor, KeptStore::rooms)?, 0)),
        });
        rooms.collect()
    }

    /// The memory that all of them take, checked or not.
    pub(crate) fn bytes(&self) -> usize {
        let bytes = (0..).zip(&self.made).map(|(actor, place)| {
            let room = |kept: &KeptStore| {
                let Rooms {
                    values,
                    slots,
                    pages,
                } = kept.rooms();
                values + slots + pages
            };
            match place.get() {
                Some(store) => store.bytes(),
                None => self.unchecked(actor, room).unwrap_or(0),
            }
        });
        bytes.sum()
    }

    /// Whether nobody has looked at the store of a type yet.
    pub(crate) fn is_unchecked(&self, actor: TypeIndex) -> bool {
        self.unchecked(actor, |_| ()).is_some()
    }

    fn unchecked<R>(&self, actor: TypeIndex, look: impl FnOnce(&KeptStore) -> R) -> Option<R> {
        self.kept.as_ref()?.stores.borrow().get(&actor).map(look)
    }

    /// All stores with their types.
    pub(crate) fn all(&self) -> impl Iterator<Item = (TypeIndex, &dyn AnyStore)> {
        (0..self.made.len() as TypeIndex).filter_map(|actor| Some((actor, self.get(actor)?)))
    }

    /// The number of types, the shard itself included.
    pub(crate) fn types(&self) -> TypeIndex {
        self.made.len() as TypeIndex
    }

    /// Adds a store where there is none.
    pub(crate) fn put(&mut self, actor: TypeIndex, store: Box<dyn AnyStore>) {
        self.made[usize::from(actor)] = OnceCell::from(store);
    }

    /// Adds one that is checked when somebody looks at it, where there is none. It must stay where it lies.
    pub(crate) fn keep(&mut self, store: KeptStore) {
        let kept = self.kept.get_or_insert_with(|| {
            Box::new(Unchecked {
                recorded: Arc::clone(&store.recorded),
                stores: RefCell::default(),
            })
        });
        kept.stores.get_mut().insert(store.image.actor, store);
    }
}

impl Unchecked {
    #[cold]
    fn check(&self, actor: TypeIndex, place: &OnceCell<Box<dyn AnyStore>>) {
        let Some(kept) = self.stores.borrow_mut().remove(&actor) else {
            return;
        };
        match kept.restore(None) {
            Ok(store) => {
                place.get_or_init(|| store);
            }
            // The first one is as good as any.
            Err(damage) => {
                self.recorded.damage.get_or_init(|| damage);
            }
        }
    }
}
