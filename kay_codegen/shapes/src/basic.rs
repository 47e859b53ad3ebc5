//! Handlers and spawners in the block of an actor, and what is left alone beside them.

use kay_runtime::{Compact, Fate, World};

kay_runtime::kay_auto!();

/// Counts.
#[derive(Compact)]
pub struct Counter {
    id: CounterId,
    value: i32,
    reports: u32,
}

impl Counter {
    /// Makes one that begins at zero.
    pub fn spawn(id: CounterId, _: &mut World) -> Self {
        Self {
            id,
            value: 0,
            reports: 0,
        }
    }

    /// Makes one that begins elsewhere: a spawner may have any name, and name its type.
    pub fn starting_at(id: CounterId, value: i32, _: &mut World) -> Counter {
        Counter {
            id,
            value,
            reports: 0,
        }
    }

    /// Adds.
    pub fn add(&mut self, amount: i32, _: &mut World) {
        self.value += amount;
    }

    /// Adds, and is called as a plain method too.
    #[allow(clippy::unused_unit)]
    pub fn add_twice(&mut self, amount: i32, world: &mut World) -> () {
        self.add(amount, world);
        self.add(amount, world);
    }

    /// Only looks, and tells itself what it saw.
    pub fn look(&self, world: &mut World) {
        self.id.add(self.value, world);
    }

    /// Ends it below zero.
    pub fn check(&mut self, world: &mut World) -> Fate {
        if self.is_negative(world) {
            Fate::Die
        } else {
            Fate::Live
        }
    }

    /// The receiver spelled out.
    #[allow(clippy::needless_arbitrary_self_type)]
    pub fn report(self: &mut Self, _: &mut World) {
        self.reports += 1;
    }

    /// The same, by the name of the type.
    #[allow(clippy::use_self)]
    pub fn report_twice(self: &mut Counter, world: &mut World) {
        self.report(world);
        self.report(world);
    }

    // Ordinary Rust from here on: if one of these were taken for a handler, its message would
    // meet the type of the same name below.

    /// Returns something else than a fate.
    pub(crate) fn is_negative(&self, _: &mut World) -> bool {
        self.value < 0
    }

    /// Has the world elsewhere.
    #[cfg(test)]
    pub(crate) fn world_first(&mut self, _: &mut World, amount: i32) {
        self.value += amount;
    }

    /// Only reads the world.
    #[cfg(test)]
    pub(crate) fn only_reads_the_world(&mut self, _: &World) {}

    /// Takes itself by value.
    #[cfg(test)]
    pub(crate) fn consume(self, _: &mut World) -> i32 {
        self.value
    }

    /// Has no receiver, and is no spawner.
    pub fn sum(of: &[Self], _: &mut World) -> i32 {
        of.iter().map(|counter| counter.value).sum()
    }

    #[cfg(test)]
    pub(crate) fn half_public(&mut self, _: &mut World) {}

    #[cfg(test)]
    fn private(&mut self, _: &mut World) {}
}

macro_rules! not_messages {
    ($($name:ident)*) => { $(
        /// Would be the message of a function that is none.
        #[allow(dead_code)]
        struct $name;
    )* };
}
not_messages! {
    CounterIsNegative CounterWorldFirst CounterOnlyReadsTheWorld CounterConsume CounterSum
    CounterHalfPublic CounterPrivate
}

#[cfg(test)]
mod tests {
    use super::{Counter, CounterAdd, CounterId};
    use crate::support::{settle, system};
    use kay_runtime::{Actor, Id, Message, RawId};

    #[test]
    fn every_handler_and_spawner_of_a_block() {
        let mut system = system();
        let world = system.world();
        let zero = CounterId::spawn(world);
        let five = CounterId::starting_at(5, world);
        zero.add_twice(3, world);
        five.look(world);
        five.report(world);
        five.report_twice(world);
        settle(&mut system);
        assert_eq!(system.get::<Counter>(zero).unwrap().value, 6);
        assert_eq!(system.get::<Counter>(five).unwrap().value, 10);
        assert_eq!(system.get::<Counter>(five).unwrap().reports, 3);
    }

    #[test]
    fn a_fate_ends_an_actor() {
        let mut system = system();
        let world = system.world();
        let stays = CounterId::spawn(world);
        let goes = CounterId::starting_at(-1, world);
        CounterId::local_broadcast(world).check(world);
        settle(&mut system);
        assert!(system.get::<Counter>(stays).is_some());
        assert!(system.get::<Counter>(goes).is_none());
    }

    #[test]
    fn one_beside_another() {
        let mut system = system();
        let world = system.world();
        let first = CounterId::spawn(world);
        let near: Vec<CounterId> = (0..8)
            .map(|_| CounterId::spawn_near(first, world))
            .collect();
        let also = CounterId::starting_at_near(first, 4, world);
        settle(&mut system);
        let shard = |id: CounterId| id.index() % 4;
        assert!(near.iter().all(|id| shard(*id) == shard(first)));
        assert_eq!(system.get::<Counter>(also).unwrap().value, 4);
    }

    #[test]
    fn addresses_of_all_and_of_the_first() {
        let mut system = system();
        let world = system.world();
        let all: Vec<CounterId> = (0..10)
            .map(|at| CounterId::starting_at(at, world))
            .collect();
        settle(&mut system);
        let world = system.world();
        CounterId::global_broadcast(world).add(100, world);
        CounterId::local_first(world).add(1000, world);
        CounterId::global_first(world).add(1000, world);
        settle(&mut system);
        let values: Vec<i32> = all
            .iter()
            .map(|id| system.get::<Counter>(*id).unwrap().value)
            .collect();
        assert!(
            values
                .iter()
                .enumerate()
                .all(|(at, value)| value % 1000 == at as i32 + 100)
        );
        assert_eq!(values.iter().filter(|value| **value >= 2000).count(), 1);
    }

    #[test]
    fn an_id_is_small_and_can_be_copied_compared_and_printed() {
        let mut system = system();
        let world = system.world();
        let (a, b) = (CounterId::spawn(world), CounterId::spawn(world));
        assert_eq!(size_of::<CounterId>(), 8);
        assert_eq!(size_of::<Option<CounterId>>(), 8);
        assert!(a == a && a != b && (a < b) != (b < a));
        assert_eq!(std::collections::HashSet::from([a, b, a]).len(), 2);
        assert_eq!(a.to_string(), format!("{}.{}", a.index(), a.generation()));
        assert!(format!("{a:?}").starts_with("CounterId("));
        assert_eq!(a.machine(), 0);
        assert_eq!(CounterId::from(Id::<Counter>::from(a)), a);
        assert_eq!(RawId::from(a).index(), a.index());
    }

    #[test]
    fn names_and_fingerprints_are_those_of_the_source() {
        assert_eq!(Counter::NAME, "kay_shapes::basic::Counter");
        assert_eq!(CounterAdd::NAME, "kay_shapes::basic::Counter::add");
        assert_eq!(
            CounterAdd::FINGERPRINT,
            kay_runtime::fingerprint("kay_shapes::basic::Counter::add(i32)")
        );
    }

    #[test]
    fn what_is_no_handler_stays_ordinary() {
        let mut system = system();
        let world = system.world();
        let id = CounterId::spawn(world);
        let mut counter = Counter {
            id,
            value: -3,
            reports: 0,
        };
        counter.half_public(world);
        counter.private(world);
        counter.only_reads_the_world(world);
        counter.world_first(world, 1);
        assert!(counter.is_negative(world));
        assert_eq!(Counter::sum(std::slice::from_ref(&counter), world), -2);
        assert_eq!(counter.consume(world), -2);
    }
}
