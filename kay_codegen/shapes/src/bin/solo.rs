//! A program with actors of its own, in a package with a library.
#![forbid(unsafe_code)]

use kay_runtime::prelude::*;

kay_auto!();

/// Says hello.
#[derive(Compact)]
pub struct Greeter {
    id: GreeterId,
    greetings: u32,
}

impl Greeter {
    /// Makes one.
    pub fn spawn(id: GreeterId, _: &mut World) -> Self {
        Self { id, greetings: 0 }
    }

    /// Greets.
    pub fn greet(&mut self, _: &mut World) {
        self.greetings += 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::default().threads(1);
    let mut system = ActorSystem::new(settings, setup)?;
    let greeter = GreeterId::spawn(system.world());
    greeter.greet(system.world());
    let idle = system.run_until_idle(10)?;
    assert!(matches!(idle, kay_runtime::Idle::After { .. }));
    println!(
        "{}",
        system
            .get::<Greeter>(greeter)
            .map_or(0, |greeter| greeter.greetings)
    );
    Ok(())
}
