//! Many instances that are told the same, are made and are ended.

use kay_runtime::{CVec, Compact, Fate, World};

kay_runtime::kay_auto!(actors::walkers);

/// Has 32 bytes, and is told things together with all others.
#[derive(Compact)]
pub struct Walker {
    id: WalkerId,
    position: f64,
    speed: f64,
    /// How many steps it has taken.
    pub steps: u64,
}

impl Walker {
    /// A walker at the start.
    pub fn spawn(id: WalkerId, _: &mut World) -> Walker {
        Walker {
            id,
            position: 0.0,
            speed: 1.0,
            steps: 0,
        }
    }

    /// Takes a step.
    pub fn step(&mut self, time: f64, _: &mut World) {
        self.position += self.speed * time;
        self.steps += 1;
    }

    /// Is over.
    pub fn end(&mut self, _: &mut World) -> Fate {
        Fate::Die
    }
}

/// Makes walkers and ends them.
#[derive(Compact)]
pub struct Breeder {
    id: BreederId,
    walkers: CVec<WalkerId>,
}

impl Breeder {
    /// A breeder without walkers.
    pub fn spawn(id: BreederId, _: &mut World) -> Breeder {
        Breeder {
            id,
            walkers: CVec::new(),
        }
    }

    /// Makes walkers.
    pub fn breed(&mut self, count: u32, world: &mut World) {
        for _ in 0..count {
            self.walkers.push(WalkerId::spawn(world));
        }
    }

    /// Ends them.
    pub fn cull(&mut self, world: &mut World) {
        for walker in self.walkers.drain(..) {
            walker.end(world);
        }
    }
}
