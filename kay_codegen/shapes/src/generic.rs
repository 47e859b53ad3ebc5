//! Generic actors and generic traits.

pub mod other;

use kay_runtime::{Actor, CString, CVec, Compact, World};

kay_runtime::kay_auto!();

/// What a pool asks of what it holds.
pub trait Weight {
    /// Its weight.
    fn weight(&self) -> u32;
}

impl Weight for u8 {
    fn weight(&self) -> u32 {
        (*self).into()
    }
}

impl Weight for u16 {
    fn weight(&self) -> u32 {
        u32::from(*self) * 1000
    }
}

/// Holds things, with bounds, a where-clause and a default.
#[derive(Compact)]
pub struct Pool<T: Weight = u8>
where
    T: Compact,
{
    id: PoolId<T>,
    items: CVec<T>,
    total: u32,
}

impl<T: Weight> Pool<T>
where
    T: Compact,
{
    /// Makes an empty one.
    pub fn spawn(id: PoolId<T>, _: &mut World) -> Pool<T> {
        Self {
            id,
            items: CVec::new(),
            total: 0,
        }
    }
}

// The block calls the parameter differently.
impl<Item: Weight + Compact> Pool<Item> {
    /// A message with the parameter in it.
    pub fn put(&mut self, item: Item, _: &mut World) {
        self.total += item.weight();
        self.items.push(item);
    }

    /// A message without it.
    pub fn clear(&mut self, _: &mut World) {
        self.items.clear();
    }

    /// An address with it.
    pub fn pour(&mut self, into: PoolId<Item>, world: &mut World) {
        while let Some(item) = self.items.pop() {
            into.put(item, world);
        }
    }

    /// Lent, inside another type.
    pub fn put_all(&mut self, items: &CVec<Item>, _: &mut World) {
        self.total += items.iter().map(Weight::weight).sum::<u32>();
    }
}

/// Holds one thing. A block in another file asks for more than this one.
#[derive(Compact)]
pub struct Tank<T: Compact> {
    id: TankId<T>,
    item: T,
    label: CString,
}

impl<T: Compact> Tank<T> {
    /// Makes one.
    pub fn spawn(id: TankId<T>, item: T, _: &mut World) -> Self {
        Self {
            id,
            item,
            label: CString::default(),
        }
    }
}

/// Takes things of one type.
pub trait Sink<T: Compact> {
    /// Takes one.
    fn take(&mut self, item: T, world: &mut World);

    /// A message that does not mention the parameter.
    fn flush(&mut self, _: &mut World) {}
}

impl<T: Weight + Compact> Sink<T> for Pool<T> {
    fn take(&mut self, item: T, world: &mut World) {
        self.put(item, world);
    }
}

/// An actor that takes two kinds of things.
#[derive(Compact)]
pub struct Car {
    id: CarId,
    small: u8,
    large: u32,
    flushed: u8,
}

impl Car {
    /// Makes one.
    pub fn spawn(id: CarId, _: &mut World) -> Self {
        Self {
            id,
            small: 0,
            large: 0,
            flushed: 0,
        }
    }
}

impl Sink<u8> for Car {
    fn take(&mut self, item: u8, _: &mut World) {
        self.small = item;
    }

    fn flush(&mut self, _: &mut World) {
        self.flushed += 1;
    }
}

impl Sink<u32> for Car {
    fn take(&mut self, item: u32, _: &mut World) {
        self.large = item;
    }
}

/// Its name begins with that of another actor, and its parameter has that actor's name.
#[derive(Compact)]
pub struct CarPool<Car: Compact, const N: usize> {
    id: CarPoolId<Car, N>,
    cars: [Option<Car>; N],
}

impl<Car: Compact + Copy, const N: usize> CarPool<Car, N> {
    /// Makes one.
    pub fn spawn(id: CarPoolId<Car, N>, _: &mut World) -> Self {
        Self {
            id,
            cars: [None; N],
        }
    }

    /// Parks a car in every place.
    pub fn park(&mut self, car: Car, _: &mut World) {
        self.cars = [Some(car); N];
    }
}

/// Counts actors of one type, which it never holds.
#[derive(Compact)]
pub struct Census<A: Actor> {
    id: CensusId<A>,
    count: u32,
    marker: std::marker::PhantomData<fn() -> A>,
}

impl<A: Actor> Census<A> {
    /// Makes one.
    pub fn spawn(id: CensusId<A>, marker: u32, _: &mut World) -> Self {
        Self {
            id,
            count: marker,
            marker: std::marker::PhantomData,
        }
    }

    /// One more.
    pub fn add(&mut self, _: kay_runtime::Id<A>, _: &mut World) {
        self.count += 1;
    }
}

/// A generic trait above another, by way of a type that is built from its parameter.
pub trait ManySink<T: Compact>: Sink<CVec<T>> {}

impl<T: Weight + Compact> Sink<CVec<T>> for Pool<T> {
    fn take(&mut self, items: CVec<T>, world: &mut World) {
        self.put_all(&items, world);
    }
}
impl<T: Weight + Compact> ManySink<T> for Pool<T> {}

/// Something with a type of its own, which is no parameter.
pub trait Source {
    /// What it gives.
    type Item;

    /// Gives one.
    fn give(&mut self, into: SinkId<u8>, world: &mut World);
}

/// Traits above it that say more than their ids do: `SinkId<T>` and `SinkId<u8>` may be one.
pub trait Exchange<T: Compact>: Source<Item = u8> + Sink<T> + Sink<u8> + Sink<Option<T>> {}

impl Source for Car {
    type Item = u8;

    fn give(&mut self, into: SinkId<u8>, world: &mut World) {
        into.take(self.small, world);
    }
}

impl Sink<Option<u32>> for Car {
    fn take(&mut self, item: Option<u32>, _: &mut World) {
        self.large += item.unwrap_or_default();
    }
}

impl Exchange<u32> for Car {}

#[cfg(test)]
mod tests {
    use super::other::{Emptied, EmptiedId};
    use super::*;
    use crate::support::{settle, system_with};
    use kay_runtime::{ActorSystem, Message};

    fn system() -> ActorSystem {
        system_with(|registry| {
            registry.register::<Pool>();
            registry.register::<Pool<u16>>();
            registry.register::<CarPool<CarId, 3>>();
            registry.register::<CarPool<CarId, 4>>();
            registry.register::<Census<Car>>();
            registry.register::<Tank<u8>>();
        })
    }

    #[test]
    fn each_instantiation_is_an_actor_type() {
        let mut system = system();
        let world = system.world();
        let (small, large) = (PoolId::<u8>::spawn(world), PoolId::<u16>::spawn(world));
        small.put(2, world);
        large.put(3, world);
        large.put_all(CVec::from_iter([1, 1]), world);
        settle(&mut system);
        assert_eq!(system.get::<Pool>(small).unwrap().total, 2);
        assert_eq!(system.get::<Pool<u16>>(large).unwrap().total, 5000);
        assert_ne!(
            <Pool as Actor>::FINGERPRINT,
            <Pool<u16> as Actor>::FINGERPRINT
        );
        assert_ne!(PoolClear::<u8>::FINGERPRINT, PoolClear::<u16>::FINGERPRINT);
        assert_ne!(
            CarPoolPark::<CarId, 3>::FINGERPRINT,
            CarPoolPark::<CarId, 4>::FINGERPRINT
        );
    }

    #[test]
    fn messages_with_and_without_the_parameter() {
        let mut system = system();
        let world = system.world();
        let (from, to) = (PoolId::<u8>::spawn(world), PoolId::<u8>::spawn(world));
        from.put(4, world);
        from.put(5, world);
        settle(&mut system);
        from.pour(to, system.world());
        settle(&mut system);
        assert_eq!(system.get::<Pool>(to).unwrap().total, 9);
        assert_eq!(system.get::<Pool>(from).unwrap().items.len(), 0);
        PoolId::<u8>::local_broadcast(system.world()).clear(system.world());
        settle(&mut system);
        assert_eq!(system.get::<Pool>(to).unwrap().items.len(), 0);
    }

    #[test]
    fn one_trait_for_several_types_of_things() {
        let mut system = system();
        let world = system.world();
        let (car, pool) = (CarId::spawn(world), PoolId::<u8>::spawn(world));
        SinkId::<u8>::from(car).take(1, world);
        SinkId::<u32>::from(car).take(70_000, world);
        SinkId::<u8>::from(pool).take(6, world);
        settle(&mut system);
        let world = system.world();
        SinkId::<u8>::local_broadcast(world).flush(world);
        SinkId::<u32>::local_broadcast(world).flush(world);
        settle(&mut system);
        let car = system.get::<Car>(car).unwrap();
        assert_eq!((car.small, car.large, car.flushed), (1, 70_000, 1));
        assert_eq!(system.get::<Pool>(pool).unwrap().total, 6);
    }

    #[test]
    fn a_parameter_that_is_named_like_an_actor() {
        let mut system = system();
        let world = system.world();
        let car = CarId::spawn(world);
        let pool = CarPoolId::<CarId, 3>::spawn(world);
        pool.park(car, world);
        settle(&mut system);
        assert_eq!(
            system.get::<CarPool<CarId, 3>>(pool).unwrap().cars,
            [Some(car); 3]
        );
        let car = system.get::<Car>(car).unwrap();
        assert_eq!(car.flushed, 0, "nothing went to the actor `Car`");
    }

    #[test]
    fn a_parameter_that_no_field_holds() {
        let mut system = system();
        let world = system.world();
        let car = CarId::spawn(world);
        let census = CensusId::<Car>::spawn(40, world);
        census.add(car.into(), world);
        census.add(car.into(), world);
        settle(&mut system);
        assert_eq!(system.get::<Census<Car>>(census).unwrap().count, 42);
    }

    #[test]
    fn a_block_in_another_module_with_another_bound() {
        let mut system = system();
        let world = system.world();
        let tank = TankId::<u8>::spawn(7, world);
        tank.label(world);
        settle(&mut system);
        assert_eq!(&*system.get::<Tank<u8>>(tank).unwrap().label, "7 7");
    }

    #[test]
    fn a_trait_of_another_module() {
        let mut system = system();
        let world = system.world();
        let pool = PoolId::<u8>::spawn(world);
        pool.put(200, world);
        EmptiedId::from(pool).empty(world);
        settle(&mut system);
        assert!(system.get::<Pool>(pool).unwrap().is_empty());
    }

    #[test]
    fn a_generic_supertrait() {
        let mut system = system();
        let world = system.world();
        let pool = PoolId::<u8>::spawn(world);
        let sink: SinkId<CVec<u8>> = ManySinkId::<u8>::from(pool).into();
        sink.take(CVec::from_iter([1, 2, 3]), world);
        settle(&mut system);
        assert_eq!(system.get::<Pool>(pool).unwrap().total, 6);
    }

    #[test]
    fn supertraits_with_a_type_of_their_own_and_such_that_may_be_one() {
        let mut system = system();
        let world = system.world();
        let (car, other) = (CarId::spawn(world), CarId::spawn(world));
        let exchange = ExchangeId::<u32>::from(car);
        SinkId::<u32>::from(exchange).take(1000, world);
        SinkId::<Option<u32>>::from(exchange).take(Some(70), world);
        SinkId::<u8>::from(car).take(7, world);
        SourceId::from(exchange).give(other.into(), world);
        settle(&mut system);
        assert_eq!(system.get::<Car>(car).unwrap().large, 1070);
        assert_eq!(system.get::<Car>(other).unwrap().small, 7);
    }

    #[test]
    fn ids_ask_nothing_of_their_parameters() {
        struct NoBoundsAtAll;
        fn is_plain<T: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug + std::fmt::Display>() {}
        is_plain::<SinkId<NoBoundsAtAll>>();
        is_plain::<CensusId<Car>>();
        is_plain::<PoolId<u16>>();
        assert_eq!(size_of::<PoolId<u16>>(), 8);
        assert_eq!(size_of::<SinkId<u16>>(), 12);
    }
}
