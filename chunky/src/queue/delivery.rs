//! Bringing items to the values that they are for.

use std::ptr::NonNull;

use super::ahead::Ahead;
use super::chain::{Chain, label_at};
use super::given::{Given, give};
use super::item::{ItemKind, Label, MARK, Receiver, item_of, stride_of};
use super::lane::Lane;
use super::walk::Walk;
use crate::pool::{Header, Pool};
use crate::slots::{Finder, Found, SlotTable, prefetch_line};
use crate::{Key, SlotMap};

/// What to ask for ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// Nothing: all is in the nearest cache anyway.
    Nothing,
    /// Values.
    Values,
    /// Values and, ahead of them, their slots, if even these are too many for a core's caches.
    All,
}

/// The items of a chain on their way to the values of a slot map, chunk by chunk.
///
/// Values are looked up some items ahead, so that they come closer meanwhile. While the delivery lives,
/// the items of the chunk count as taken: leaking it leaks those that are left, and hands none out
/// twice. When it is dropped, those that are left are in the chain again.
pub struct Delivery<'a, T> {
    map: &'a mut SlotMap<T>,
    /// Finds values in the map as it is now.
    finder: Finder<T>,
    /// At which bit of an index the slot begins.
    shift: u32,
    /// The chunk that is read, and who has sent the next item.
    chunk: NonNull<Header>,
    sender: u32,
    /// The next item in it, and its end.
    next: NonNull<u8>,
    end: NonNull<u8>,
    /// What is known of the items to come.
    ahead: Ahead<T>,
    /// The label of the last item for which nothing was, and what was found for it, as long as that is
    /// right.
    last: (Label, Option<Found<T>>),
    chain: &'a mut Chain,
}

/// Why [`Delivery::each`] has come to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No item of this kind is next.
    Other,
    /// The value that the next item is for is not there.
    Elsewhere,
    /// The one that took the last item wants to go.
    Remove(Receiver),
}

impl<'a, T> Delivery<'a, T> {
    /// Begins with the first chunk of a chain that has anything left; gives those before it to `pool`.
    /// Slots begin at bit `shift` of the receivers' indices.
    // Always inlined, since it is large to move.
    #[inline(always)]
    pub fn new(
        map: &'a mut SlotMap<T>,
        shift: u32,
        fetch: Fetch,
        chain: &'a mut Chain,
        pool: &mut Pool,
    ) -> Option<Self> {
        if !chain.settle(pool) {
            return None;
        }
        let chunk = chain.first?;
        // SAFETY: the chain is borrowed mutably.
        let walk = unsafe { Walk::over(chunk) };
        let mut delivery = Delivery {
            finder: map.finder(),
            map,
            shift,
            chunk,
            // SAFETY: the chain is borrowed mutably.
            sender: unsafe { chunk.as_ref() }.first_sender,
            next: walk.at,
            end: walk.end,
            ahead: Ahead::new(fetch),
            last: (Label::NOBODY, None),
            chain,
        };
        delivery.hold(walk.end);
        delivery.fetch_next_chunk();
        Some(delivery)
    }

    /// Asks for the beginning of the next chunk: the processor sees ahead by itself only within one.
    #[inline]
    fn fetch_next_chunk(&self) {
        // SAFETY: the chunk's chain is borrowed mutably, so nobody else uses its header.
        if let Some(next) = unsafe { self.chunk.as_ref() }.next {
            for line in 0..8 {
                prefetch_line(next.as_ptr().cast::<i8>().wrapping_add(line * 64));
            }
        }
    }

    /// Lets the chunk begin here, as far as others are concerned.
    #[inline]
    fn hold(&mut self, from: NonNull<u8>) {
        let first = from.addr().get() - self.chunk.addr().get();
        // SAFETY: the chunk's chain is borrowed mutably, so nobody else uses its header.
        let header = unsafe { self.chunk.as_mut() };
        (header.first, header.first_sender) = (first as u32, self.sender);
    }

    /// Goes on with the next chunk, if all of this one has been taken, and gives this one to `pool`.
    /// Returns whether there is one.
    #[inline]
    pub fn next_chunk(&mut self, pool: &mut Pool) -> bool {
        if self.next != self.end {
            return true;
        }
        // SAFETY: the chunk's chain is borrowed mutably, so nobody else uses its header.
        let next = unsafe { self.chunk.as_ref() }.next;
        next.is_some_and(|next| self.go_on_with(next, pool))
    }

    #[inline(never)]
    fn go_on_with(&mut self, next: NonNull<Header>, pool: &mut Pool) -> bool {
        // SAFETY: it is one of the chain, which is borrowed mutably.
        let walk = unsafe { Walk::over(next) };
        // What is ahead may still be at the end of the old one, which is to be forgotten.
        self.ahead.leave(self.chunk, walk);
        (self.chunk, self.next, self.end) = (next, walk.at, walk.end);
        // SAFETY: it is one of the chain, which is borrowed mutably.
        self.sender = unsafe { next.as_ref() }.first_sender;
        self.hold(walk.end);
        self.fetch_next_chunk();
        // The old one is used up, this one seems so too, but the chain keeps that.
        self.chain.release_first(pool);
        true
    }

    fn kind_at(&self, label: NonNull<u8>) -> &ItemKind {
        let at = label.addr().get() - self.chunk.addr().get();
        // SAFETY: all places that a delivery goes to, but the end, are those of labels; the header's
        // table never changes.
        unsafe { label_at(self.chunk, at) }.1
    }

    #[inline(always)]
    fn label(at: NonNull<u8>) -> Label {
        // SAFETY: all places that a delivery goes to, but the end, are those of labels, which stay
        // when items are taken.
        unsafe { at.cast().read() }
    }

    /// The tag of the next item of the chunk, if there is one.
    #[inline]
    pub fn tag(&mut self) -> Option<u16> {
        while self.next != self.end {
            let label = Self::label(self.next);
            if label.tag() != MARK {
                return Some(label.tag());
            }
            self.pass_mark(label);
        }
        None
    }

    #[inline]
    fn pass_mark(&mut self, mark: Label) {
        self.sender = mark.to().index();
        // SAFETY: a mark takes so many bytes. It has no number among items.
        self.next = unsafe { self.next.add(stride_of::<()>()) };
    }

    /// Where the next item is, behind any marks, or the end.
    #[inline]
    fn behind_marks(&self) -> NonNull<u8> {
        let mut at = self.next;
        while at != self.end && Self::label(at).tag() == MARK {
            // SAFETY: a mark takes so many bytes.
            at = unsafe { at.add(stride_of::<()>()) };
        }
        at
    }

    /// The receiver of the next item, if there is one.
    pub fn to(&self) -> Option<Receiver> {
        let at = self.behind_marks();
        (at != self.end).then(|| Self::label(at).to())
    }

    /// The key of a receiver, as this delivery looks it up.
    #[inline(always)]
    pub fn key(&self, to: Receiver) -> Key {
        to.key(self.shift)
    }

    /// Brings items `M` to their receivers, with the counter of the receiver's slot, as long as
    /// such items follow each other and their receivers are there, or until `receive` returns
    /// that its value is to go.
    ///
    /// An item that has not been taken is still next if its receiver is to go, or panics.
    #[inline(always)]
    pub fn each<M: Send + 'static>(
        &mut self,
        mut receive: impl FnMut(&mut T, &mut u16, Receiver, Given<'_, M>) -> bool,
    ) -> Stop {
        let Some(next) = self.next_of::<M>() else {
            return Stop::Other;
        };
        let tag = Self::label(next).tag();
        loop {
            if self.next == self.end {
                return Stop::Other;
            }
            let label = Self::label(self.next);
            if label.tag() != tag {
                if label.tag() == MARK {
                    self.pass_mark(label);
                    continue;
                }
                return Stop::Other;
            }
            let found = if self.ahead.has_next() || self.look_up() {
                // SAFETY: the next item has been looked up.
                unsafe { self.ahead.next() }
            } else {
                // Those who get several items in a row are looked up once.
                if self.last.0 != label {
                    self.last = (label, self.find(self.key(label.to())));
                }
                if self.last.1.is_some() {
                    self.ahead.pass_directly();
                }
                self.last.1
            };
            let Some((slot, mut value)) = found else {
                return Stop::Elsewhere;
            };
            // SAFETY: the value is one of the map, which is borrowed mutably, and no value was
            // removed since it was looked up; there is no other reference to any.
            let value = unsafe { value.as_mut() };
            // SAFETY: the slot is one of the map.
            let mut counter = unsafe { SlotTable::counter(slot) };
            // SAFETY: likewise; one that has a value may be written.
            let counter = unsafe { counter.as_mut() };
            let receive = |item: Given<'_, M>| receive(value, counter, label.to(), item);
            let interrupted = Interrupted(self);
            // SAFETY: an item of this tag is an `M`, as the first one is.
            let remove = unsafe { give(&mut interrupted.0.next, receive) };
            std::mem::forget(interrupted);
            if remove {
                // The item has been counted, and may still be next.
                self.ahead.forget();
                return Stop::Remove(label.to());
            }
        }
    }

    /// Looks up more items, if it is time to; returns whether the next one has been.
    #[inline(always)]
    fn look_up(&mut self) -> bool {
        if self.ahead.is_direct() {
            return false;
        }
        let (ahead, at, end, chunk) = (&mut self.ahead, self.next, self.end, self.chunk);
        // SAFETY: the finder is that of the map as it is now; this is where the next item is, in a chunk of
        // the chain, which is borrowed mutably.
        unsafe { ahead.look_up(&self.finder, self.shift, at, end, chunk) }
    }

    /// The slot of a key and its value, if that is there.
    #[inline(always)]
    fn find(&self, key: Key) -> Option<Found<T>> {
        // SAFETY: the finder is that of the map as it is now.
        let slot = unsafe { self.finder.slot(key.slot) };
        // SAFETY: likewise.
        let value = unsafe { self.finder.value_in(slot, key.generation) }?;
        Some((slot, value))
    }

    /// Brings the next item, if it is an `M`, to the value of `key`, if that is there, whomever it is
    /// for. Returns whether `receive` has been called and has said that the value is to go.
    pub fn give_next<M: Send + 'static>(
        &mut self,
        key: Key,
        receive: impl FnOnce(&mut T, &mut u16, Given<'_, M>) -> bool,
    ) -> bool {
        // Before the item leaves, whatever `receive` does.
        self.ahead.forget();
        let is = self.tag().is_some() && self.next_of::<M>().is_some();
        let Some((slot, mut value)) = self.find(key).filter(|_| is) else {
            return false;
        };
        // SAFETY: the value is one of the map, which is borrowed mutably; there is no other
        // reference to it.
        let value = unsafe { value.as_mut() };
        // SAFETY: the slot is one of the map.
        let mut counter = unsafe { SlotTable::counter(slot) };
        // SAFETY: likewise; one that has a value may be written.
        let counter = unsafe { counter.as_mut() };
        // SAFETY: the next item is an `M`, as just checked.
        unsafe { give(&mut self.next, |item| receive(value, counter, item)) }
    }

    /// The receiver of the next item, if that is an `M`.
    #[inline]
    pub fn to_of<M: 'static>(&self) -> Option<Receiver> {
        let at = self.next_of::<M>()?;
        Some(Self::label(at).to())
    }

    /// The next item, if that is an `M`.
    #[inline]
    pub fn look<M: 'static>(&self) -> Option<&M> {
        let at = self.next_of::<M>()?;
        // SAFETY: an `M` is there, as just checked.
        let item = unsafe { item_of::<M>(at) };
        // SAFETY: it is live, and lent as long as the delivery is.
        Some(unsafe { item.as_ref() })
    }

    /// Where the next item is, behind any marks, if that is an `M`.
    #[inline]
    fn next_of<M: 'static>(&self) -> Option<NonNull<u8>> {
        let at = self.behind_marks();
        (at != self.end && self.kind_at(at).is::<M>()).then_some(at)
    }

    /// Passes the next item, which takes so many bytes.
    #[inline]
    fn pass(&mut self, bytes: usize) {
        // SAFETY: an item of so many bytes is there.
        self.next = unsafe { self.next.add(bytes) };
        self.ahead.pass();
    }

    /// Forgets what was looked up.
    pub fn forget(&mut self) {
        self.ahead.forget();
    }

    /// Takes a value out of the map, as [`SlotMap::remove`] does.
    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.ahead.look_directly();
        self.last.0 = Label::NOBODY;
        let removed = self.map.remove(key);
        self.finder = self.map.finder();
        removed
    }

    /// The map.
    pub fn map(&self) -> &SlotMap<T> {
        self.map
    }

    /// Values from a position on, and their slots, as [`SlotMap::slices_from`] gives them, and the next
    /// item, if that is an `M`.
    pub fn slices_and_next<M: 'static>(
        &mut self,
        position: usize,
    ) -> (&mut [T], &[u32], Option<&M>) {
        // SAFETY: an `M` is there, as just checked.
        let next = self.next_of::<M>().map(|at| unsafe { item_of::<M>(at) });
        let (values, slots) = self.map.slices_from(position);
        // SAFETY: it is live, and lent as long as the delivery is.
        (values, slots, next.map(|item| unsafe { item.as_ref() }))
    }

    /// Inserts a value, as [`SlotMap::insert`] does. Items for it that have been looked up before are still
    /// [`Stop::Elsewhere`], until what was looked up is forgotten.
    ///
    /// # Errors
    ///
    /// Gives the value back if `key` is not one that is expected.
    #[inline]
    pub fn insert(&mut self, key: Key, value: T) -> Result<(), T> {
        // No value moves, so what was found is still right. This one may have been looked for.
        self.last.0 = Label::NOBODY;
        let result = self.map.insert(key, value);
        self.finder = self.map.finder();
        result
    }

    /// Moves the next item, of whatever kind, to a lane.
    ///
    /// # Panics
    ///
    /// If there is none, or if the pool is one of another depot.
    pub fn put_off(&mut self, lane: &mut Lane, pool: &mut Pool) {
        assert!(self.tag().is_some(), "there is no item");
        // SAFETY: the delivery has the chunk, which is complete, for itself.
        let header = unsafe { self.chunk.as_ref() };
        assert!(pool.has_kinds_of(header), "a chain stays with its depot");
        let (label, kind) = (self.next, *self.kind_at(self.next));
        self.pass(kind.stride());
        lane.begin(self.sender, pool);
        // SAFETY: the item was live, and has just been passed; the table is the same one.
        unsafe { lane.adopt(label, &kind, pool) };
    }

    /// Takes the next item out, if it is an `M`.
    #[inline]
    pub fn take<M: 'static>(&mut self) -> Option<M> {
        self.tag()?;
        let at = self.next_of::<M>()?;
        // SAFETY: an `M` is there, as just checked.
        let item = unsafe { item_of::<M>(at) };
        self.pass(stride_of::<M>());
        // SAFETY: it was live, and has just been passed.
        Some(unsafe { item.read() })
    }
}

/// A delivery while an item is given. It has been counted; should its receiver panic, it may still be next.
struct Interrupted<'d, 'a, T>(&'d mut Delivery<'a, T>);

impl<T> Drop for Interrupted<'_, '_, T> {
    #[cold]
    fn drop(&mut self) {
        self.0.ahead.forget();
    }
}

impl<T> Drop for Delivery<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.hold(self.next);
    }
}

impl<T> std::fmt::Debug for Delivery<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").finish_non_exhaustive()
    }
}
