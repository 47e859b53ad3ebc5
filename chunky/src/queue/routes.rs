//! Which tag and which group of lanes an item takes, looked up for each one that is sent.

use std::any::TypeId;
use std::ptr::NonNull;

use super::item::ItemKind;
use super::lane::Lane;

/// A map from the numbers of routes to where they lead.
///
/// Open addressing with linear probing. It grows until each route is found at the first look, as
/// long as that takes no more than [`ROOMY`] places.
pub(super) struct Routes {
    /// As many as a power of two.
    places: Box<[Route]>,
    /// The number of places less 1.
    mask: usize,
    /// Routes there are.
    len: usize,
}

/// Where a route leads.
#[derive(Clone, Copy)]
pub(super) struct Route {
    /// Its number.
    pub(super) number: u64,
    /// The kind of the items that take it. Nobody has that of a free place.
    pub(super) kind: &'static ItemKind,
    /// The lanes of the group.
    pub(super) lanes: NonNull<Lane>,
    /// The tag of the items, where it stands in their labels.
    pub(super) tag_bits: u64,
    /// The group.
    pub(super) group: u16,
    /// The route leads to this many of its lanes, the first ones.
    pub(super) targets: u32,
}

/// The kind of a free place: nobody else can name the type.
struct Nothing;
static NOTHING: ItemKind = ItemKind::of::<Nothing>();

const FREE: Route = Route {
    number: 0,
    kind: &NOTHING,
    lanes: NonNull::dangling(),
    tag_bits: 0,
    group: 0,
    targets: 0,
};

/// How large a map with few routes may get so that no two of them want the same place.
const ROOMY: usize = 1 << 14;

impl Route {
    /// Whether it is the one with this number, for items `T`.
    #[inline(always)]
    pub(super) fn is<T: Send + 'static>(&self, number: u64) -> bool {
        // The address of a constant may differ between codegen units: then its contents tell.
        let kind = const { &ItemKind::of::<T>() };
        self.number == number && (std::ptr::eq(self.kind, kind) || self.kind.is::<T>())
    }

    fn is_free(&self) -> bool {
        self.kind.is::<Nothing>()
    }
}

impl Routes {
    pub(super) fn new() -> Self {
        Self::empty(4)
    }

    fn empty(places: usize) -> Self {
        Routes {
            places: vec![FREE; places].into_boxed_slice(),
            mask: places - 1,
            len: 0,
        }
    }

    /// Where a route should be.
    #[inline(always)]
    fn home(&self, number: u64) -> usize {
        number as usize & self.mask
    }

    /// What stands where the route should be: perhaps another one, or none.
    #[inline(always)]
    pub(super) fn glance(&self, number: u64) -> &Route {
        // SAFETY: the mask keeps this below the number of places, which it is one less than.
        unsafe { self.places.get_unchecked(self.home(number)) }
    }

    /// The route of this number for items of this type.
    pub(super) fn get(&self, number: u64, item: TypeId) -> Option<Route> {
        let found = &self.places[self.find(number, item)];
        (!found.is_free()).then_some(*found)
    }

    /// Where the route is, or else where it can go.
    fn find(&self, number: u64, item: TypeId) -> usize {
        let mut at = self.home(number);
        loop {
            let place = &self.places[at];
            if place.is_free() || place.number == number && place.kind.id() == item {
                return at;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Adds a route that is not there.
    pub(super) fn insert(&mut self, route: Route) {
        let mut places = self.places.len();
        if (self.len + 1) * 2 > places {
            places *= 2;
        }
        // Tries to give each route a place of its own.
        let all: Vec<Route> = self.all().copied().chain([route]).collect();
        loop {
            let mut grown = Self::empty(places);
            let own = all.iter().filter(|&&route| grown.put(route)).count();
            if own == all.len() || places >= ROOMY {
                *self = grown;
                return;
            }
            places *= 2;
        }
    }

    /// Puts a route where it should be, or behind; returns whether it is where it should be.
    fn put(&mut self, route: Route) -> bool {
        let at = self.find(route.number, route.kind.id());
        self.places[at] = route;
        self.len += 1;
        at == self.home(route.number)
    }

    fn all(&self) -> impl Iterator<Item = &Route> {
        self.places.iter().filter(|route| !route.is_free())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(number: u64, tag_bits: u64) -> Route {
        Route {
            number,
            kind: const { &ItemKind::of::<u32>() },
            tag_bits,
            ..FREE
        }
    }

    fn filled(numbers: &[u64]) -> Routes {
        let mut routes = Routes::new();
        for (tag, &number) in (1..).zip(numbers) {
            assert!(routes.get(number, TypeId::of::<u32>()).is_none());
            routes.insert(route(number, tag));
        }
        routes
    }

    #[test]
    fn all_are_found_even_where_many_want_one_place() {
        let numbers: Vec<u64> = (0..700).map(|at| (at << 20) | (at % 3)).collect();
        let routes = filled(&numbers);
        for (tag, &number) in (1..).zip(&numbers) {
            let found = routes.get(number, TypeId::of::<u32>()).unwrap();
            assert_eq!((found.number, found.tag_bits), (number, tag));
            assert!(
                routes.get(number, TypeId::of::<i32>()).is_none(),
                "of another type"
            );
        }
        assert!(routes.get(7, TypeId::of::<u32>()).is_none());
    }

    #[test]
    fn a_number_of_zero_is_not_there_unasked() {
        assert!(filled(&[5]).get(0, TypeId::of::<u32>()).is_none());
        assert_eq!(
            filled(&[5, 0])
                .get(0, TypeId::of::<u32>())
                .unwrap()
                .tag_bits,
            2
        );
    }

    #[test]
    fn few_get_a_place_of_their_own() {
        // Numbers as random as those of messages.
        let numbers: Vec<u64> = (1..=60_u64)
            .map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11)
            .collect();
        let routes = filled(&numbers);
        for (tag, &number) in (1..).zip(&numbers) {
            assert_eq!(routes.glance(number).tag_bits, tag);
        }
    }
}
