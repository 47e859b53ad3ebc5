//! Handlers that still run after a panic.

use kay_runtime::{Compact, World, essential as vital};

kay_runtime::kay_auto!();

/// Something that can report.
pub trait Reporter {
    /// Marked in the trait: essential for every actor.
    #[kay_runtime::essential]
    fn report(&mut self, _: &mut World);

    /// Marked by one actor only.
    fn detail(&mut self, world: &mut World);
}

/// Panics when it is told to.
#[derive(Compact)]
pub struct Fragile {
    id: FragileId,
    reports: u32,
    ordinary: u32,
}

impl Fragile {
    /// Makes one.
    pub fn spawn(id: FragileId, _: &mut World) -> Self {
        Self {
            id,
            reports: 0,
            ordinary: 0,
        }
    }

    /// Panics.
    pub fn fall(&mut self, _: &mut World) {
        panic!("it fell");
    }

    /// Is not essential.
    pub fn ordinary(&mut self, _: &mut World) {
        self.ordinary += 1;
    }

    /// Is essential, by a mark under another name.
    #[vital]
    pub fn tell(&mut self, _: &mut World) {
        self.reports += 1;
    }

    /// Is essential on one side.
    #[cfg_attr(feature = "left", vital)]
    #[cfg_attr(feature = "right", kay_runtime::essential)]
    pub fn tell_on_the_right(&mut self, _: &mut World) {}

    /// Is not essential on this side.
    #[cfg_attr(all(feature = "left", not(feature = "right")), vital)]
    pub fn tell_on_the_left(&mut self, _: &mut World) {}
}

impl Reporter for Fragile {
    fn report(&mut self, _: &mut World) {
        self.reports += 10;
    }

    #[vital]
    fn detail(&mut self, _: &mut World) {
        self.reports += 100;
    }
}

/// Another reporter.
#[derive(Compact)]
pub struct Sturdy {
    id: SturdyId,
    reports: u32,
}

impl Sturdy {
    /// Makes one.
    pub fn spawn(id: SturdyId, _: &mut World) -> Self {
        Self { id, reports: 0 }
    }
}

impl Reporter for Sturdy {
    fn report(&mut self, _: &mut World) {
        self.reports += 1;
    }

    fn detail(&mut self, _: &mut World) {
        self.reports += 1000;
    }
}

#[cfg(feature = "right")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{settle, system};
    use kay_runtime::{Message, Recipient};

    fn is_essential<A: Recipient<M>, M: Message>() -> bool {
        A::ESSENTIAL
    }

    #[test]
    fn marks_are_found_under_any_name_and_condition() {
        assert!(is_essential::<Fragile, FragileTell>());
        assert!(is_essential::<Fragile, FragileTellOnTheRight>());
        assert!(!is_essential::<Fragile, FragileTellOnTheLeft>());
        assert!(!is_essential::<Fragile, FragileOrdinary>());
        assert!(is_essential::<Fragile, ReporterReport>());
        assert!(is_essential::<Sturdy, ReporterReport>());
        assert!(is_essential::<Fragile, ReporterDetail>());
        assert!(!is_essential::<Sturdy, ReporterDetail>());
    }

    #[test]
    fn only_essential_messages_are_handled_in_a_stopped_world() {
        let mut system = system();
        let world = system.world();
        let (fragile, other) = (FragileId::spawn(world), FragileId::spawn(world));
        let sturdy = SturdyId::spawn(world);
        settle(&mut system);
        fragile.fall(system.world());
        assert!(system.turn().is_err());
        assert!(system.is_frozen());
        let world = system.world();
        other.ordinary(world);
        other.tell(world);
        ReporterId::local_broadcast(world).report(world);
        ReporterId::local_broadcast(world).detail(world);
        for _ in 0..3 {
            assert!(system.turn().is_err(), "it stays frozen");
        }
        let other = system.get::<Fragile>(other).unwrap();
        assert_eq!((other.ordinary, other.reports), (0, 111));
        assert_eq!(system.get::<Sturdy>(sturdy).unwrap().reports, 1);
    }
}
