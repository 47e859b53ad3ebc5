//! Unusual names, patterns and raw identifiers.

use kay_runtime as runtime;
use kay_runtime::{CVec, Compact};
use runtime::{Fate as End, World as Everything};

pub(crate) mod r#type;

kay_runtime::kay_auto!();

/// A point.
#[derive(Compact, Clone, Copy)]
pub struct Point {
    x: i32,
    y: i32,
}

/// An actor that is told things in unusual ways.
#[derive(Compact)]
pub struct Odd {
    id: OddId,
    seen: CVec<i32>,
}

impl Odd {
    /// A spawner with patterns.
    pub fn spawn(
        _: OddId,
        (a, b): (i32, i32),
        Point { x, y }: &Point,
        _all: &mut Everything,
    ) -> Self {
        let seen = CVec::from_iter([a, b, *x, *y]);
        Self {
            id: OddId::local_first(_all),
            seen,
        }
    }

    /// A tuple pattern.
    pub fn tuple(&mut self, (a, b): (i32, i32), _: &mut Everything) {
        self.seen.push(a * b);
    }

    /// A struct pattern, lent.
    pub fn point(&mut self, Point { x, y: up }: &Point, universe: &mut Everything) {
        let _ = universe;
        self.seen.push(x - up);
    }

    /// A parameter that it changes.
    pub fn changed(&mut self, mut x: i32, _world: &mut Everything) {
        x += 1;
        self.seen.push(x);
    }

    /// Parameters that it ignores.
    pub fn ignored(&mut self, _: i32, _why: i32, _: &mut runtime::World) {
        self.seen.push(0);
    }

    /// Raw identifiers, and a parameter that is called like the world of the sender.
    pub fn r#match(&mut self, r#type: i32, world: i32, everything: &mut runtime::World) {
        let _ = everything;
        self.seen.push(r#type + world);
    }

    /// Names that are keywords in some editions only.
    pub fn r#gen(&mut self, _gen: i32, r#async: i32, r#dyn: i32, _: &mut Everything) {
        self.seen.push(r#async + r#dyn);
    }

    /// Names that generated code uses itself.
    pub fn receive(
        &mut self,
        message: i32,
        handlers: i32,
        near: &i32,
        marker: i32,
        _: &mut Everything,
    ) -> End {
        self.seen.push(message + handlers + near + marker);
        if message < 0 { End::Die } else { End::Live }
    }

    /// Lifetimes that say nothing new.
    pub fn lifetimes<'a>(&'a mut self, of: &'a Point, _: &'a mut Everything) {
        self.seen.push(of.x);
    }

    /// More parameters than a lint likes.
    #[allow(clippy::too_many_arguments)]
    pub fn many(&mut self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, _: &mut Everything) {
        self.seen.push(i32::from(a + b + c + d + e + f + g));
    }

    #[allow(unused_parens)]
    /// Types in brackets, and a type that means itself.
    pub fn brackets(&mut self, x: (i32), other: Option<OddId>, _: &mut (Everything)) {
        self.seen.push(x + i32::from(other.is_some()));
    }

    /// Names of methods that generated code calls itself.
    pub fn from(&mut self, _: &mut Everything) {
        self.seen.push(20);
    }

    /// Another.
    pub fn into(&self, _: &mut Everything) {}

    /// Another.
    #[allow(clippy::should_implement_trait)]
    pub fn clone(&self, _: &mut Everything) {}

    /// Another.
    pub fn register(&self, _: &mut Everything) {}

    /// Out of date, which is no concern of the generated code.
    #[deprecated]
    pub fn old(&mut self, _: &mut Everything) {
        self.seen.push(-1);
    }

    /// The same under a condition.
    #[cfg_attr(all(), deprecated)]
    pub fn older(&mut self, _: &mut Everything) {
        self.seen.push(-2);
    }
}

/// A handler with the name of a trait's method.
pub trait Spawn {
    /// As the spawner.
    fn spawn(&mut self, world: i32, _: &mut Everything);

    /// A name that is a keyword since edition 2024.
    fn r#gen(&mut self, _gen: i32, _: &mut Everything);

    /// A name that generated code calls itself.
    fn from(&self, _: &mut Everything) {}
}

impl Spawn for Odd {
    fn spawn(&mut self, world: i32, _: &mut Everything) {
        self.seen.push(world);
    }

    #[kay_runtime::essential]
    fn r#gen(&mut self, r#gen: i32, _: &mut Everything) {
        self.seen.push(r#gen);
    }
}

#[cfg(test)]
mod tests {
    use super::r#type::{Raw, RawId};
    use super::*;
    use crate::support::{settle, system};
    use kay_runtime::Message;

    #[test]
    fn any_name_and_any_pattern() {
        let mut system = system();
        let world = system.world();
        let point = Point { x: 3, y: 1 };
        let odd = OddId::spawn((1, 2), point, world);
        odd.tuple((3, 4), world);
        odd.point(point, world);
        odd.changed(5, world);
        odd.ignored(1, 2, world);
        odd.r#match(6, 7, world);
        odd.receive(1, 2, 3, 4, world);
        odd.lifetimes(point, world);
        odd.many(1, 1, 1, 1, 1, 1, 1, world);
        odd.brackets(1, Some(odd), world);
        let spawn: SpawnId = From::from(odd);
        spawn.spawn(8, world);
        spawn.r#gen(9, world);
        odd.r#gen(1, 2, 3, world);
        odd.from(world);
        settle(&mut system);
        let seen: Vec<i32> = system
            .get::<Odd>(odd)
            .unwrap()
            .seen
            .iter()
            .copied()
            .collect();
        assert_eq!(
            seen,
            [1, 2, 3, 1, 12, 2, 6, 0, 13, 10, 3, 7, 2, 8, 9, 5, 20]
        );
    }

    #[test]
    #[allow(deprecated)]
    fn deprecation_is_passed_on() {
        let mut system = system();
        let world = system.world();
        let odd = OddId::spawn((1, 2), Point { x: 0, y: 0 }, world);
        odd.old(world);
        settle(&mut system);
        assert_eq!(system.get::<Odd>(odd).unwrap().seen.len(), 5);
    }

    #[test]
    fn fields_have_the_names_of_parameters_or_of_their_places() {
        let message = OddIgnored { arg0: 1, why: 2 };
        assert_eq!(message.arg0 + message.why, 3);
        let message = OddMatch {
            r#type: 1,
            world: 2,
        };
        assert_eq!(message.r#type + message.world, 3);
        assert_eq!(OddMatch::NAME, "kay_shapes::names::Odd::match");
        assert_eq!(OddGen::NAME, "kay_shapes::names::Odd::gen");
        let message = SpawnGen { r#gen: 1 };
        assert_eq!(message.r#gen, 1);
        assert_eq!(
            OddPoint::FINGERPRINT,
            kay_runtime::fingerprint("kay_shapes::names::Odd::point(&Point)")
        );
    }

    #[test]
    fn a_module_with_a_raw_name() {
        let mut system = system();
        let world = system.world();
        let raw = RawId::r#loop(world);
        raw.r#async(4, world);
        settle(&mut system);
        assert_eq!(system.get::<Raw>(raw).unwrap().value, 4);
    }
}
