//! Actors of an integration test, beside those of the library.

use kay_runtime::prelude::*;
use kay_shapes::basic::{Counter, CounterId};

kay_auto!();

/// Asks a counter of the library to add.
#[derive(Compact)]
pub struct Adder {
    id: AdderId,
    to: CounterId,
}

impl Adder {
    /// Makes one.
    pub fn spawn(id: AdderId, to: CounterId, _: &mut World) -> Self {
        Self { id, to }
    }

    /// Adds.
    pub fn add(&self, amount: i32, world: &mut World) {
        self.to.add(amount, world);
    }
}

#[test]
fn actors_of_two_crates_in_one_world() {
    let both = |registry: &mut kay_runtime::Registry| {
        kay_shapes::setup(registry);
        setup(registry);
    };
    let mut system = ActorSystem::new(Settings::default().threads(1), both).unwrap();
    let world = system.world();
    let counter = CounterId::spawn(world);
    AdderId::spawn(counter, world).add(3, world);
    let idle = system.run_until_idle(10).unwrap();
    assert!(matches!(idle, kay_runtime::Idle::After { .. }));
    assert_eq!(system.population::<Adder>(), 1);
    assert!(system.describe(counter).unwrap().contains("value: 3"));
    assert!(system.get::<Counter>(counter).is_some());
}

#[test]
fn a_program_with_actors_runs() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_solo"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "1\n");
}
