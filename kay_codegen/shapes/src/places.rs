//! Actor traits: required and default methods, what they mix with, supertraits.

use kay_runtime::prelude::*;

kay_auto!();

/// Something that can be visited.
pub trait Place {
    /// What kind of place it is; a constant is no message.
    const KIND: u32;

    /// What it sells; a type is no message, and is in none.
    type Goods: Default;

    /// Somebody comes.
    fn visit(&mut self, who: u32, world: &mut World);

    /// Somebody leaves: a message with a default method.
    fn leave(&mut self, who: u32, world: &mut World) -> Fate {
        if self.visitors(world) > who {
            Fate::Live
        } else {
            Fate::Die
        }
    }

    /// An ordinary method beside them.
    fn visitors(&self, _: &mut World) -> u32;

    /// And another, with a default.
    fn goods(&self) -> Self::Goods {
        Self::Goods::default()
    }
}

/// A place that opens.
pub trait Shop: Place {
    /// It opens.
    fn open(&mut self, at: u8, world: &mut World);
}

/// A shop and something that is signed: no message of its own.
pub trait Known: Shop + Signed {}

/// Another way up.
pub trait Signed
where
    Self: Sized,
{
    /// It shows its sign to a place.
    fn show(&self, to: PlaceId, world: &mut World) {
        to.visit(1, world);
    }
}

/// A trait without messages is no actor trait, even with an actor below it.
pub trait Ordinary {
    /// A plain method.
    fn twice(&self) -> u32;
}

/// A park.
#[derive(Compact)]
pub struct Park {
    id: ParkId,
    visitors: u32,
}

impl Place for Park {
    const KIND: u32 = 1;
    type Goods = ();

    fn visit(&mut self, who: u32, _: &mut World) {
        self.visitors += who;
    }

    fn visitors(&self, _: &mut World) -> u32 {
        self.visitors
    }
}

impl Park {
    /// Makes one.
    pub fn spawn(id: ParkId, _: &mut World) -> Self {
        Self { id, visitors: 0 }
    }
}

/// A bakery. It has no handler of its own: a trait makes it an actor.
#[derive(Compact)]
pub struct Bakery {
    id: BakeryId,
    visitors: u32,
    opened: u8,
}

impl Place for Bakery {
    const KIND: u32 = 2;
    type Goods = u64;

    fn visit(&mut self, who: u32, _: &mut World) {
        self.visitors += 10 * who;
    }

    fn leave(&mut self, _: u32, _: &mut World) -> Fate {
        Fate::Live
    }

    fn visitors(&self, _: &mut World) -> u32 {
        self.visitors
    }
}

impl Shop for Bakery {
    fn open(&mut self, at: u8, _: &mut World) {
        self.opened = at;
    }
}

impl Signed for Bakery {}
impl Known for Bakery {}

impl Ordinary for Bakery {
    fn twice(&self) -> u32 {
        2 * self.visitors
    }
}

impl Bakery {
    /// Makes one.
    pub fn spawn(id: BakeryId, _: &mut World) -> Self {
        Self {
            id,
            visitors: 0,
            opened: 0,
        }
    }
}

/// Would be the id of a trait that is none of actors.
#[allow(dead_code)]
struct OrdinaryId;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{settle, system};
    use kay_runtime::{RawId, TraitId};

    #[test]
    fn one_address_for_actors_of_several_types() {
        let mut system = system();
        let world = system.world();
        let (park, bakery) = (ParkId::spawn(world), BakeryId::spawn(world));
        for place in [PlaceId::from(park), bakery.into()] {
            place.visit(2, world);
        }
        settle(&mut system);
        assert_eq!(system.get::<Park>(park).unwrap().visitors, 2);
        assert_eq!(system.get::<Bakery>(bakery).unwrap().visitors, 20);
    }

    #[test]
    fn default_methods_answer_and_can_be_replaced() {
        let mut system = system();
        let world = system.world();
        let (park, bakery) = (ParkId::spawn(world), BakeryId::spawn(world));
        PlaceId::from(park).leave(0, world);
        PlaceId::from(bakery).leave(0, world);
        settle(&mut system);
        assert!(
            system.get::<Park>(park).is_none(),
            "the default lets an empty place go"
        );
        assert!(system.get::<Bakery>(bakery).is_some());
    }

    #[test]
    fn a_broadcast_to_a_trait_reaches_every_type() {
        let mut system = system();
        let world = system.world();
        let parks: Vec<_> = (0..5).map(|_| ParkId::spawn(world)).collect();
        let bakery = BakeryId::spawn(world);
        settle(&mut system);
        let world = system.world();
        PlaceId::local_broadcast(world).visit(3, world);
        PlaceId::global_broadcast(world).visit(1, world);
        settle(&mut system);
        assert!(
            parks
                .iter()
                .all(|park| system.get::<Park>(*park).unwrap().visitors == 4)
        );
        assert_eq!(system.get::<Bakery>(bakery).unwrap().visitors, 40);
    }

    #[test]
    fn supertraits_are_reached_directly_and_through_others() {
        let mut system = system();
        let world = system.world();
        let bakery = BakeryId::spawn(world);
        let known = KnownId::from(bakery);
        ShopId::from(known).open(7, world);
        PlaceId::from(known).visit(1, world);
        PlaceId::from(ShopId::from(known)).visit(1, world);
        SignedId::from(known).show(PlaceId::from(bakery), world);
        settle(&mut system);
        let bakery = system.get::<Bakery>(bakery).unwrap();
        assert_eq!((bakery.opened, bakery.visitors), (7, 30));
    }

    #[test]
    fn the_id_of_a_trait_knows_its_type() {
        let mut system = system();
        let world = system.world();
        let bakery = BakeryId::spawn(world);
        let place = PlaceId::from(bakery);
        assert_eq!(size_of::<PlaceId>(), 12);
        assert_eq!(RawId::from(place), RawId::from(bakery));
        assert_eq!((place.index(), place.machine()), (bakery.index(), 0));
        assert_eq!(place.generation(), bakery.generation());
        assert_eq!(PlaceId::NAME, "kay_shapes::places::Place");
        assert_eq!(place.to_string(), RawId::from(bakery).to_string());
    }

    #[test]
    fn ordinary_parts_of_traits_stay_ordinary() {
        let mut system = system();
        let id = BakeryId::spawn(system.world());
        let bakery = Bakery {
            id,
            visitors: 4,
            opened: 0,
        };
        assert_eq!(
            (bakery.twice(), bakery.goods(), Bakery::KIND, Park::KIND),
            (8, 0, 2, 1)
        );
    }
}
