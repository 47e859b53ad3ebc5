//! Junctions and the clock that drives their lights.

use kay_runtime::prelude::*;

use super::lane::LaneId;
use super::trip::Exit;

kay_auto!(city::junction);

/// How long lights are green, in turns.
const GREEN_TURNS: u64 = 20;

/// A junction: it switches the lights of the lanes that end in it, north and south or east and
/// west.
#[derive(Compact, Debug)]
pub struct Junction {
    id: JunctionId,
    approaches: CVec<Approach>,
    /// Whose lights are green; nobody's at first.
    green: Option<Axis>,
}

/// A lane that ends in a junction.
#[derive(Compact, Debug)]
struct Approach {
    lane: LaneId,
    axis: Axis,
}

/// The direction of a lane, either way.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
pub enum Axis {
    /// From north to south or back.
    NorthSouth,
    /// From east to west or back.
    EastWest,
}

impl Axis {
    /// The axis of the lanes that go in a direction.
    pub fn of(street: Exit) -> Axis {
        match street {
            Exit::North | Exit::South => Axis::NorthSouth,
            _ => Axis::EastWest,
        }
    }
}

impl Junction {
    /// A junction without lanes.
    pub fn build(id: JunctionId, _: &mut World) -> Self {
        Junction {
            id,
            approaches: CVec::new(),
            green: None,
        }
    }

    /// Another lane ends here.
    pub fn connect(&mut self, lane: LaneId, axis: Axis, _: &mut World) {
        self.approaches.push(Approach { lane, axis });
    }

    /// A turn begins. The index staggers the junctions, so that they do not all switch at once.
    pub fn tick(&mut self, world: &mut World) {
        let cycle = (world.turn() + u64::from(self.id.index())) % (2 * GREEN_TURNS);
        let green = if cycle < GREEN_TURNS {
            Axis::NorthSouth
        } else {
            Axis::EastWest
        };
        if self.green != Some(green) {
            self.green = Some(green);
            for approach in &self.approaches {
                approach.lane.signal(approach.axis == green, world);
            }
        }
    }
}

/// The clock of the city: it tells all junctions of each turn by one broadcast.
#[derive(Compact, Debug)]
pub struct Clock {
    id: ClockId,
}

impl Clock {
    /// The clock starts at once.
    pub fn start(id: ClockId, world: &mut World) -> Self {
        id.tick(world);
        Clock { id }
    }

    /// The clock keeps itself running.
    pub fn tick(&mut self, world: &mut World) {
        JunctionId::local_broadcast(world).tick(world);
        self.id.tick(world);
    }
}
