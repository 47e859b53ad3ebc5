//! The instances of one actor type in one shard.

use std::any::Any;
use std::sync::Arc;

use chunky::portable::WriteError;
use chunky::raw::{Layout, Layouts, RawForm, TypeNumber};
use chunky::{
    Chain, ChunkedVec, Compact, Delivery, Fetch, Kept, Key, Lane, MapCopy, MapForms, MapParts,
    Region, RestoreError, SlotMap, SlotPage, Storage,
};

use crate::Actor;
use crate::deliver::{Deliver, Visit};
use crate::hasher::StateHasher;
use crate::registry::{Registry, Tag, TypeIndex};
use crate::schema::ActorForm;
use crate::world::World;

/// Bytes of instances that a core's nearest cache holds from one turn to the next.
const NEAR_BYTES: usize = 16 * 1024;

/// Instances whose slots a core's larger cache holds from one turn to the next.
const NEAR_SLOTS: usize = 64 * 1024;

/// The instances of actor type `A` in a shard.
pub(crate) struct Store<A> {
    pub(crate) map: SlotMap<A>,
    /// Messages that came before the instance that they are for. Empty between turns.
    pub(crate) early: Lane,
    /// Broadcasts that the type has got in this shard since the beginning.
    pub(crate) broadcasts: u32,
    /// The [epoch](World::epoch) in which anything may have changed last; 0 before the first one.
    touched: u64,
    /// The delivery loops of the type's handlers.
    loops: Arc<Loops<A>>,
}

/// The delivery loops of the handlers of an actor type, by handler.
pub(crate) struct Loops<A> {
    /// The number of the first handler that is here.
    first: usize,
    loops: Box<[Option<Deliver<A>>]>,
}

impl<A: Actor> Loops<A> {
    fn of(index: TypeIndex, registry: &Registry) -> Self {
        let all = || (0..).zip(registry.handlers());
        let own = || all().filter(|(_, handler)| handler.actor == index);
        let first = own().next().map_or(0, |(at, _)| at);
        let end = own().last().map_or(0, |(at, _)| at + 1);
        let mut loops = vec![None; end - first];
        for (at, handler) in own() {
            loops[at - first] = handler.deliver.downcast_ref::<Deliver<A>>().copied();
        }
        Loops {
            first,
            loops: loops.into(),
        }
    }

    #[inline]
    fn get(&self, tag: Tag) -> Deliver<A> {
        let at = tag.handler().wrapping_sub(self.first);
        match self.loops.get(at) {
            Some(Some(deliver)) => *deliver,
            _ => unreachable!("lanes of a type hold what the type handles"),
        }
    }
}

/// A store whose actor type is not known.
pub(crate) trait AnyStore: Any + Send {
    fn len(&self) -> usize;
    fn bytes(&self) -> usize;
    /// Takes the messages that came before the instance that they are for.
    fn take_early(&mut self) -> Option<Chain>;
    /// Broadcasts that the type has got in this shard since the beginning.
    fn broadcasts(&self) -> u32;
    /// The key of the instance at a position.
    fn key_at(&self, position: usize) -> Option<Key>;
    /// The position of the instance in a slot.
    fn position_of(&self, slot: u32) -> Option<usize>;
    /// The epoch in which anything may have changed last.
    fn touched(&self) -> u64;
    /// The numbers of the pages of slots that have been used.
    fn page_numbers(&self) -> Vec<u32>;
    /// Drops the instance, or gives up expecting it, in an epoch. Returns whether the slot was in use.
    fn remove(&mut self, key: Key, epoch: u64) -> bool;
    /// The state of the instance, for people.
    fn describe(&self, key: Key) -> Option<String>;
    /// Hashes key and state of the instance at a position.
    fn hash_at(&self, position: usize, hasher: &mut StateHasher);
    fn duplicate(&self) -> Box<dyn AnyStore>;
    /// Copies the instances as they lie in memory, by a form that is the type's.
    fn copy(
        &mut self,
        form: &ActorForm,
        forms: &MapForms,
        to: &mut MapCopy,
    ) -> Result<(), WriteError>;
    /// About how many bytes a copy will have beside the instances; 0 if that cannot be said.
    fn beside_bytes(&mut self, form: &ActorForm) -> usize;
    /// How much room instances, slots, and so many pages of slots need where they are used as they lie.
    fn rooms(&self, pages: usize) -> Rooms;
    /// Delivers all that is in `chain`.
    fn deliver(&mut self, chain: &mut Chain, world: &mut World);
    /// Delivers the messages of `chain` whose handlers are essential, and moves the others to `rest`.
    fn deliver_essential(&mut self, chain: &mut Chain, rest: &mut Lane, world: &mut World);
}

impl dyn AnyStore {
    #[inline]
    pub(crate) fn of<A: Actor>(&self) -> Option<&Store<A>> {
        (self as &dyn Any).downcast_ref()
    }
}

impl<'a, A: Actor> Visit<'a, A> {
    /// Begins to deliver a chain to a store.
    #[inline(always)]
    fn begin(store: &'a mut Store<A>, chain: &'a mut Chain, world: &mut World) -> Option<Self> {
        // A core goes from shard to shard, so what counts is all of them.
        let all = world.census.total(world.current.actor) as usize;
        let fetch = if all > NEAR_SLOTS {
            Fetch::All
        } else if all * size_of::<A>() > NEAR_BYTES {
            Fetch::Values
        } else {
            Fetch::Nothing
        };
        store.touched = world.epoch;
        let pool = &mut world.outbox.pool;
        Some(Visit {
            delivery: Delivery::new(&mut store.map, world.shard_bits, fetch, chain, pool)?,
            early: &mut store.early,
            broadcasts: &mut store.broadcasts,
            loops: &store.loops,
        })
    }
}

impl<A: Actor> Visit<'_, A> {
    /// Delivers the messages with this tag that come next.
    #[inline(always)]
    fn handle(&mut self, tag: Tag, world: &mut World) {
        world.current.handler = tag.handler();
        self.loops.get(tag)(self, world);
        world.note_calls(tag);
    }
}

/// Room for what a store is kept as, in bytes.
pub(crate) struct Rooms {
    pub(crate) values: usize,
    pub(crate) slots: usize,
    pub(crate) pages: usize,
}

/// What a store was kept as.
pub(crate) struct StoreKept<'a> {
    pub(crate) broadcasts: u32,
    pub(crate) values: Kept<'a>,
    pub(crate) slots: Kept<'a>,
    pub(crate) pages: Kept<'a>,
    pub(crate) page_numbers: &'a [u32],
    /// What all page numbers are below.
    pub(crate) page_limit: u32,
    pub(crate) forms: &'a MapForms,
    pub(crate) storage: &'a Arc<dyn Storage>,
}

impl<'a> StoreKept<'a> {
    /// The instances; from then on there are none.
    fn take_values(&mut self) -> Kept<'a> {
        let none = Kept {
            len: 0,
            values: Region::default(),
            ..self.values
        };
        std::mem::replace(&mut self.values, none)
    }
}

impl<A: Actor> Store<A> {
    /// How instances lie in memory.
    pub(crate) fn form(layouts: &mut Layouts) -> ActorForm {
        let form = RawForm::<A>::new(layouts);
        ActorForm {
            number: form.number(),
            form: Box::new(form),
        }
    }

    fn form_of(form: &ActorForm) -> &RawForm<A> {
        let form = form.form.downcast_ref();
        form.expect("the form of a type is that of its instances")
    }

    /// Whether instances that were kept like this are used where they lie.
    pub(crate) fn stays(
        form: &ActorForm,
        layouts: &[Layout],
        number: TypeNumber,
        len: usize,
        bytes: usize,
    ) -> bool {
        ChunkedVec::stays(Self::form_of(form), layouts, number, len, bytes)
    }

    /// The store that was kept.
    pub(crate) fn restored(
        index: TypeIndex,
        registry: &Registry,
        form: &ActorForm,
        mut kept: StoreKept<'_>,
    ) -> Result<Box<dyn AnyStore>, RestoreError> {
        let values = kept.take_values();
        let values = ChunkedVec::restore(Self::form_of(form), values, Arc::clone(kept.storage))?;
        Self::of_parts(index, registry, values, kept)
    }

    /// The store that was kept by an earlier version.
    pub(crate) fn migrated<Old: Compact>(
        index: TypeIndex,
        registry: &Registry,
        form: &RawForm<Old>,
        migrate: fn(Old) -> A,
        mut kept: StoreKept<'_>,
    ) -> Result<Box<dyn AnyStore>, RestoreError> {
        let old = ChunkedVec::restore(form, kept.take_values(), Arc::clone(kept.storage))?;
        let mut values = ChunkedVec::new(Arc::clone(kept.storage));
        for old in old.iter() {
            values.push(migrate(old.duplicate()));
        }
        Self::of_parts(index, registry, values, kept)
    }

    fn of_parts(
        index: TypeIndex,
        registry: &Registry,
        values: ChunkedVec<A>,
        kept: StoreKept<'_>,
    ) -> Result<Box<dyn AnyStore>, RestoreError> {
        let storage = || Arc::clone(kept.storage);
        let parts = MapParts {
            values,
            slots: ChunkedVec::restore(&kept.forms.slots, kept.slots, storage())?,
            pages: ChunkedVec::restore(&kept.forms.pages, kept.pages, storage())?,
            page_numbers: kept.page_numbers,
            page_limit: kept.page_limit,
        };
        Ok(Box::new(Store::<A> {
            map: SlotMap::adopt(parts)?,
            early: Lane::new(),
            broadcasts: kept.broadcasts,
            touched: 0,
            loops: Arc::new(Loops::of(index, registry)),
        }))
    }

    pub(crate) fn boxed(
        index: TypeIndex,
        registry: &Registry,
        storage: Arc<dyn Storage>,
    ) -> Box<dyn AnyStore> {
        Box::new(Store::<A> {
            map: SlotMap::new(storage),
            early: Lane::new(),
            broadcasts: 0,
            touched: 0,
            loops: Arc::new(Loops::of(index, registry)),
        })
    }
}

impl<A: Actor> AnyStore for Store<A> {
    fn len(&self) -> usize {
        self.map.len()
    }

    fn bytes(&self) -> usize {
        self.map.bytes()
    }

    fn take_early(&mut self) -> Option<Chain> {
        self.early.take()
    }

    fn broadcasts(&self) -> u32 {
        self.broadcasts
    }

    fn key_at(&self, position: usize) -> Option<Key> {
        self.map.key_at(position)
    }

    fn position_of(&self, slot: u32) -> Option<usize> {
        self.map.position_of(slot)
    }

    fn copy(
        &mut self,
        form: &ActorForm,
        forms: &MapForms,
        to: &mut MapCopy,
    ) -> Result<(), WriteError> {
        self.map.copy(Self::form_of(form), forms, to)
    }

    fn beside_bytes(&mut self, form: &ActorForm) -> usize {
        let bytes = self.map.beside_bytes(Self::form_of(form));
        bytes.unwrap_or(0)
    }

    fn rooms(&self, pages: usize) -> Rooms {
        Rooms {
            values: ChunkedVec::<A>::kept_bytes(self.len()),
            slots: ChunkedVec::<u32>::kept_bytes(self.len()),
            pages: ChunkedVec::<SlotPage>::kept_bytes(pages),
        }
    }

    fn touched(&self) -> u64 {
        self.touched
    }

    fn page_numbers(&self) -> Vec<u32> {
        self.map.page_numbers().collect()
    }

    fn remove(&mut self, key: Key, epoch: u64) -> bool {
        self.touched = epoch;
        self.map.remove(key).is_some() || self.map.skip(key)
    }

    fn describe(&self, key: Key) -> Option<String> {
        Some(format!("{:?}", self.map.get(key)?.described()))
    }

    fn hash_at(&self, position: usize, hasher: &mut StateHasher) {
        if let Some((key, counter, instance)) = self.map.at(position) {
            (key.slot, key.generation, counter).hash_state(hasher);
            instance.hash_state(hasher);
        }
    }

    fn duplicate(&self) -> Box<dyn AnyStore> {
        Box::new(Store::<A> {
            map: self.map.duplicate_with(A::duplicate),
            early: Lane::new(),
            broadcasts: self.broadcasts,
            touched: self.touched,
            loops: Arc::clone(&self.loops),
        })
    }

    fn deliver(&mut self, chain: &mut Chain, world: &mut World) {
        let Some(mut visit) = Visit::begin(self, chain, world) else {
            return;
        };
        loop {
            while let Some(tag) = visit.delivery.tag() {
                visit.handle(Tag(tag), world);
            }
            if !visit.delivery.next_chunk(&mut world.outbox.pool) {
                break;
            }
        }
        drop(visit);
        chain.settle(&mut world.outbox.pool);
    }

    fn deliver_essential(&mut self, chain: &mut Chain, rest: &mut Lane, world: &mut World) {
        let Some(mut visit) = Visit::begin(self, chain, world) else {
            return;
        };
        loop {
            while let Some(tag) = visit.delivery.tag() {
                let tag = Tag(tag);
                if !world.registry.handler(tag.handler()).essential {
                    visit.delivery.put_off(rest, &mut world.outbox.pool);
                    continue;
                }
                visit.handle(tag, world);
            }
            if !visit.delivery.next_chunk(&mut world.outbox.pool) {
                break;
            }
        }
        drop(visit);
        chain.settle(&mut world.outbox.pool);
    }
}
