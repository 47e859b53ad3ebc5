//! All that one sender after the other has for others, by who gets it.

use std::ptr::NonNull;
use std::sync::Arc;

use super::chain::Chain;
use super::item::{ItemKind, Label, Receiver, stride_of};
use super::lane::Lane;
use super::routes::{Route, Routes};
use crate::pool::{Common, Depot, Pool};

/// A lane for each group of receivers and each target, made when first used.
///
/// What is sent takes a *route*, known by a number that the caller chooses: it leads to a group, with
/// a tag. Senders take turns; each item knows whose it is.
///
/// ```
/// use chunky::{Depot, Heap, ItemKind, Lanes, Pool, Receiver};
/// use std::sync::Arc;
///
/// let depot = Depot::new(Arc::new(Heap), [ItemKind::of::<u32>()]);
/// let mut pool = Pool::new(&depot);
/// let mut lanes = Lanes::new(&depot, 4);
/// lanes.begin(7);
/// lanes.add_route::<u32>(12345, 1, 0);
/// let to = Receiver::new(9, 1);
/// lanes.push_slowly(12345, 2, to, 100_u32, &mut pool).unwrap();
/// lanes.push(12345, 2, to, 200_u32).unwrap();
/// let (group, target, mut chain) = lanes.next_chain().unwrap();
/// assert_eq!((group, target), (0, 2));
/// assert_eq!(chain.pop(&mut pool), Some((to, 100_u32)));
/// assert_eq!(chain.pop(&mut pool), Some((to, 200_u32)));
/// ```
pub struct Lanes {
    routes: Routes,
    /// Lanes of a group.
    targets: u32,
    sender: u32,
    /// Lanes that the present sender has written to.
    open: Vec<Place>,
    /// Lanes that have something in them.
    filled: Vec<Place>,
    /// By group, as far as there is a route to it, then by target. Once made, a group's lanes never
    /// move: routes point to them.
    groups: Vec<Vec<Lane>>,
    common: Arc<Common>,
}

// SAFETY: routes point to lanes that belong to this alone, and lanes are `Send`.
unsafe impl Send for Lanes {}

/// Which lane.
#[derive(Clone, Copy)]
struct Place {
    lane: NonNull<Lane>,
    group: u16,
    target: u16,
}

impl Lanes {
    /// No lanes yet, each group of which will have so many targets.
    ///
    /// # Panics
    ///
    /// If there are more than 65,536 targets.
    pub fn new(depot: &Depot, targets: usize) -> Self {
        assert!(targets <= 1 << 16, "targets have 16 bits");
        Lanes {
            routes: Routes::new(),
            targets: targets as u32,
            sender: 0,
            open: Vec::new(),
            filled: Vec::new(),
            groups: Vec::new(),
            common: Arc::clone(depot.common()),
        }
    }

    /// Whether nothing is in any lane.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Appends `item` if its route is known and the lane is open and has room, which is a few
    /// instructions; otherwise gives it back, for [`Lanes::push_slowly`].
    #[inline(always)]
    pub fn push<T: Send + 'static>(
        &mut self,
        route: u64,
        target: u32,
        to: Receiver,
        item: T,
    ) -> Result<(), T> {
        let found = self.routes.glance(route);
        if !found.is::<T>(route) || target >= self.targets {
            return Err(item);
        }
        // SAFETY: a group has as many lanes as there are targets.
        let mut lane = unsafe { found.lanes.add(target as usize) };
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { lane.as_mut() };
        if !lane.has_room(stride_of::<T>()) {
            return Err(item);
        }
        // SAFETY: there is room, and the tag is that of `T` in the table of all chunks of these
        // lanes: `add_route` and `open` have seen to it.
        unsafe { lane.write(Label::with(to, found.tag_bits), item) };
        Ok(())
    }

    /// Appends `item` if its route is known, in a chunk from `pool` if need be.
    ///
    /// # Errors
    ///
    /// Gives the item back if there is no such route for items of its type: it can be added.
    ///
    /// # Panics
    ///
    /// If there is no such target, or if the pool is one of another depot.
    #[inline]
    pub fn push_slowly<T: Send + 'static>(
        &mut self,
        route: u64,
        target: u32,
        to: Receiver,
        item: T,
        pool: &mut Pool,
    ) -> Result<(), T> {
        let kind = const { &ItemKind::of::<T>() };
        let Some((mut lane, tag_bits)) = self.open(route, kind, target, pool) else {
            return Err(item);
        };
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { lane.as_mut() };
        // SAFETY: `open` has made room; the tag is that of `T`, as in `push`.
        unsafe { lane.write(Label::with(to, tag_bits), item) };
        Ok(())
    }

    /// Opens the lane to a target for the present sender, with room for an item of this kind; returns
    /// it and the bits of the tag, if the route is known.
    #[inline(never)]
    fn open(
        &mut self,
        number: u64,
        kind: &ItemKind,
        target: u32,
        pool: &mut Pool,
    ) -> Option<(NonNull<Lane>, u64)> {
        let glanced = self.routes.glance(number);
        let route = if glanced.number == number && glanced.kind.id() == kind.id() {
            *glanced
        } else {
            self.routes.get(number, kind.id())?
        };
        assert!(target < self.targets, "there is no target {target}");
        assert!(pool.belongs_to(&self.common), "lanes stay with their depot");
        // SAFETY: a group has as many lanes as there are targets.
        let mut place = unsafe { route.lanes.add(target as usize) };
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { place.as_mut() };
        if lane.is_closed() {
            let place = Place {
                lane: place,
                group: route.group,
                target: target as u16,
            };
            if lane.is_empty() {
                self.filled.push(place);
            }
            self.open.push(place);
            lane.begin(self.sender, pool);
        }
        lane.make_room(kind.stride(), pool);
        Some((place, route.tag_bits))
    }

    /// Makes a route to a group, for items `T`, whose tag this is.
    ///
    /// # Panics
    ///
    /// If the depot has another type with this tag.
    pub fn add_route<T: Send + 'static>(&mut self, route: u64, tag: u16, group: u16) {
        self.add_route_of(route, const { &ItemKind::of::<T>() }, tag, group);
    }

    fn add_route_of(&mut self, route: u64, kind: &'static ItemKind, tag: u16, group: u16) {
        let known = self.common.kinds.get(usize::from(tag));
        assert!(
            known.is_some_and(|known| known.id() == kind.id()),
            "tag {tag} is that of another type of items"
        );
        if self.routes.get(route, kind.id()).is_some() {
            return;
        }
        if self.groups.len() <= usize::from(group) {
            self.groups.resize_with(usize::from(group) + 1, Vec::new);
        }
        let lanes = &mut self.groups[usize::from(group)];
        if lanes.is_empty() {
            lanes.resize_with(self.targets as usize, Lane::new);
        }
        self.routes.insert(Route {
            number: route,
            kind,
            lanes: NonNull::new(lanes.as_mut_ptr()).expect("a `Vec` has an address"),
            tag_bits: Label::tag_bits(tag),
            group,
        });
    }

    /// From now on, `sender` sends.
    #[inline]
    pub fn begin(&mut self, sender: u32) {
        debug_assert!(
            self.open.is_empty() || sender == self.sender,
            "one sender at a time"
        );
        self.sender = sender;
    }

    /// The present sender has ended. Tells each target that it has sent something to, some of them
    /// several times.
    #[inline]
    pub fn end(&mut self, mut tell: impl FnMut(usize)) {
        while let Some(mut place) = self.open.pop() {
            // SAFETY: lanes are reached through this alone, which is borrowed mutably.
            unsafe { place.lane.as_mut() }.close();
            tell(usize::from(place.target));
        }
    }

    /// Takes all that is in one lane, with its group and target; the present sender should have ended.
    #[inline]
    pub fn next_chain(&mut self) -> Option<(u16, u16, Chain)> {
        let mut place = self.filled.pop()?;
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let chain = unsafe { place.lane.as_mut() }.take()?;
        Some((place.group, place.target, chain))
    }
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lanes")
            .field("filled", &self.filled.len())
            .finish_non_exhaustive()
    }
}
