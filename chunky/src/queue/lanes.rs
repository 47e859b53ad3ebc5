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
/// lanes.add_route::<u32>(12345, 1, 0, 4);
/// let to = Receiver::new(9, 1);
/// lanes.push_slowly(12345, 2, to, 100_u32, &mut pool).unwrap();
/// lanes.push(12345, 2, to, 200_u32, &mut pool).unwrap();
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
    /// Lanes that have something in them.
    filled: Vec<Place>,
    /// From this one on, they are the present sender's alone.
    own: usize,
    /// Lanes of earlier senders that the present one has written to.
    shared: Vec<Place>,
    /// By group, as far as there is a route to it, then by target. Once made, a group's lanes never
    /// move: routes point to them.
    groups: Vec<Vec<Lane>>,
    common: Arc<Common>,
}

// SAFETY: routes point to lanes that belong to this alone, and lanes are `Send`.
unsafe impl Send for Lanes {}

/// Which lane. Two words, which is what moves in registers.
#[derive(Clone, Copy)]
struct Place {
    lane: NonNull<Lane>,
    /// The group, and below it the target.
    number: u32,
}

impl Place {
    /// Where a route leads.
    ///
    /// # Safety
    ///
    /// It has this target.
    #[inline(always)]
    unsafe fn of(route: &Route, target: u32) -> Self {
        Place {
            // SAFETY: a group has at least as many lanes as a route has targets.
            lane: unsafe { route.lanes.add(target as usize) },
            number: u32::from(route.group) << 16 | target & 0xFFFF,
        }
    }

    fn group(self) -> u16 {
        (self.number >> 16) as u16
    }

    fn target(self) -> u16 {
        self.number as u16
    }
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
            filled: Vec::new(),
            own: 0,
            shared: Vec::new(),
            groups: Vec::new(),
            common: Arc::clone(depot.common()),
        }
    }

    /// Whether nothing is in any lane.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Appends `item`, in a chunk from `pool` if need be, if its route is found at the first look, which is a
    /// few instructions; otherwise gives it back, for [`Lanes::push_slowly`].
    ///
    /// # Panics
    ///
    /// If the pool is one of another depot.
    #[inline(always)]
    pub fn push<T: Send + 'static>(
        &mut self,
        route: u64,
        target: u32,
        to: Receiver,
        item: T,
        pool: &mut Pool,
    ) -> Result<(), T> {
        let found = self.routes.glance(route);
        if !found.is::<T>(route) || target >= found.targets {
            return Err(item);
        }
        let label = Label::with(to, found.tag_bits);
        // SAFETY: a group has at least as many lanes as a route has targets.
        let mut lane = unsafe { found.lanes.add(target as usize) };
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { lane.as_mut() };
        if lane.has_room(stride_of::<T>()) {
            // SAFETY: there is room, and `add_route` has seen to it that the tag is that of `T` in the table of
            // all chunks of these lanes.
            unsafe { lane.write(label, item) };
        } else {
            // SAFETY: the route has just been found, and it has this target.
            unsafe { self.push_to(route, target, label, item, pool) };
        }
        Ok(())
    }

    /// Appends an item to a lane that has no room for it. Takes as much as registers hold, so that those who have
    /// nothing else to do get here by a jump, and need no stack.
    ///
    /// # Safety
    ///
    /// The route is found at the first look; it is for items `T`, has this target, and the label has its tag.
    #[cold]
    #[inline(never)]
    unsafe fn push_to<T>(
        &mut self,
        route: u64,
        target: u32,
        label: Label,
        item: T,
        pool: &mut Pool,
    ) {
        // SAFETY: as the caller vouches.
        let place = unsafe { Place::of(self.routes.glance(route), target) };
        // SAFETY: likewise.
        unsafe { self.push_into(place, label, item, pool) };
    }

    /// Appends an item to a lane that may have no room for it.
    ///
    /// # Safety
    ///
    /// The place is one of these lanes, and the tag is that of `T` in the table of their chunks.
    #[inline(always)]
    unsafe fn push_into<T>(&mut self, mut place: Place, label: Label, item: T, pool: &mut Pool) {
        self.make_room(place, stride_of::<T>(), pool);
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { place.lane.as_mut() };
        // SAFETY: there is room now, and the caller vouches for the tag.
        unsafe { lane.write(label, item) };
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
        let Some(route) = self.routes.get(route, kind.id()) else {
            return Err(item);
        };
        assert!(target < route.targets, "there is no target {target}");
        // SAFETY: as just checked.
        let place = unsafe { Place::of(&route, target) };
        // SAFETY: `add_route` has seen to it that the tag is that of `T`.
        unsafe { self.push_into(place, Label::with(to, route.tag_bits), item, pool) };
        Ok(())
    }

    /// Opens a lane for the present sender, unless it is open, and makes room for so many bytes.
    ///
    /// What most lanes ask for, whether they are empty or another sender's, is done at once, and calls nothing.
    #[inline(never)]
    fn make_room(&mut self, mut place: Place, bytes: usize, pool: &mut Pool) {
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { place.lane.as_mut() };
        if pool.belongs_to(&self.common) {
            if lane.is_empty() {
                if self.filled.len() < self.filled.capacity()
                    && let Some(chunk) = pool.take_small(bytes)
                {
                    self.filled.push(place);
                    lane.open_first(chunk, self.sender);
                    return;
                }
            } else if self.shared.len() < self.shared.capacity()
                && lane.reopen_for(self.sender, bytes)
            {
                self.shared.push(place);
                return;
            }
        }
        self.make_room_slowly(place, bytes, pool);
    }

    #[cold]
    #[inline(never)]
    fn make_room_slowly(&mut self, mut place: Place, bytes: usize, pool: &mut Pool) {
        assert!(pool.belongs_to(&self.common), "lanes stay with their depot");
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let lane = unsafe { place.lane.as_mut() };
        if lane.is_closed() {
            if lane.is_empty() {
                self.filled.push(place);
            } else {
                self.shared.push(place);
            }
            lane.begin(self.sender, pool);
        }
        lane.make_room(bytes, pool);
    }

    /// Makes a route to the first `targets` of a group, for items `T`, whose tag this is.
    ///
    /// # Panics
    ///
    /// If the depot has another type with this tag, or if there are fewer targets.
    pub fn add_route<T: Send + 'static>(
        &mut self,
        route: u64,
        tag: u16,
        group: u16,
        targets: usize,
    ) {
        self.add_route_of(route, const { &ItemKind::of::<T>() }, tag, group, targets);
    }

    fn add_route_of(
        &mut self,
        route: u64,
        kind: &'static ItemKind,
        tag: u16,
        group: u16,
        targets: usize,
    ) {
        assert!(targets <= self.targets as usize, "there are fewer targets");
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
            targets: targets as u32,
        });
    }

    /// From now on, `sender` sends.
    #[inline]
    pub fn begin(&mut self, sender: u32) {
        debug_assert!(
            self.own == self.filled.len() && self.shared.is_empty() || sender == self.sender,
            "one sender at a time"
        );
        self.sender = sender;
    }

    /// The present sender has ended. Tells each target that it has sent something to, some of them
    /// several times; not those of lanes that were taken meanwhile, unless they were others' before.
    #[inline]
    pub fn end(&mut self, mut tell: impl FnMut(usize)) {
        let own = self.filled[self.own..].iter();
        for &place in own.chain(&self.shared) {
            let mut lane = place.lane;
            // SAFETY: lanes are reached through this alone, which is borrowed mutably.
            unsafe { lane.as_mut() }.close();
            tell(usize::from(place.target()));
        }
        self.own = self.filled.len();
        self.shared.clear();
    }

    /// Lets the present sender end, and takes all that is in any lane, with its group and target, if that is one lane
    /// only. Otherwise nothing happens.
    #[inline]
    pub fn only_chain(&mut self) -> Option<(u16, u16, Chain)> {
        let [mut place] = self.filled[..] else {
            return None;
        };
        // If the sender has written to any, then to this one, which is closed when it is taken.
        self.filled.clear();
        self.own = 0;
        self.shared.clear();
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let chain = unsafe { place.lane.as_mut() }.take()?;
        Some((place.group(), place.target(), chain))
    }

    /// Takes all that is in one lane, with its group and target; the present sender should have ended.
    #[inline]
    pub fn next_chain(&mut self) -> Option<(u16, u16, Chain)> {
        let mut place = self.filled.pop()?;
        self.own = self.own.min(self.filled.len());
        // SAFETY: lanes are reached through this alone, which is borrowed mutably.
        let chain = unsafe { place.lane.as_mut() }.take()?;
        Some((place.group(), place.target(), chain))
    }
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lanes")
            .field("filled", &self.filled.len())
            .finish_non_exhaustive()
    }
}
