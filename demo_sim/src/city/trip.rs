//! Where cars go, and which way.

use kay_runtime::{Compact, Rng};

use super::garage::GarageId;
use super::lane::LaneId;
use super::place::PlaceId;

/// The farthest that a trip goes in each direction, in blocks.
const REACH: u16 = 6;

/// A way out of a junction.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Up in the map.
    North,
    /// To the right.
    East,
    /// Down.
    South,
    /// To the left.
    West,
    /// Off the road.
    Garage,
}

/// The streets, in the order of [`Exits`].
pub const STREETS: [Exit; 4] = [Exit::North, Exit::East, Exit::South, Exit::West];

/// Where the ways out of a junction lead. At the edge of the city some lead nowhere.
#[derive(Clone, Compact, Debug, Default)]
pub struct Exits {
    /// The lanes that begin at the junction, in the order of [`STREETS`].
    pub lanes: [Option<LaneId>; 4],
    /// The garage beside the junction.
    pub garage: Option<GarageId>,
}

impl Exits {
    /// The place behind an exit.
    ///
    /// # Panics
    ///
    /// If it leads nowhere: trips are planned so that they stay in the city.
    pub fn place(&self, exit: Exit) -> PlaceId {
        let place = match exit {
            Exit::Garage => self.garage.map(PlaceId::from),
            street => self.lanes[street as usize].map(PlaceId::from),
        };
        place.expect("trips stay in the city")
    }
}

/// A junction's position in a square city.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
pub struct Corner {
    /// Junctions to the west.
    pub x: u16,
    /// Junctions to the north.
    pub y: u16,
    /// Junctions along each side of the city.
    pub side: u16,
}

impl Corner {
    /// The next junction in a direction, if the city does not end here.
    pub fn neighbour(self, street: Exit) -> Option<Corner> {
        let (east, south) = match street {
            Exit::North => (0, -1),
            Exit::East => (1, 0),
            Exit::South => (0, 1),
            Exit::West => (-1, 0),
            Exit::Garage => return None,
        };
        let x = self.x.checked_add_signed(east).filter(|&x| x < self.side)?;
        let y = self
            .y
            .checked_add_signed(south)
            .filter(|&y| y < self.side)?;
        Some(Corner { x, y, ..self })
    }
}

/// What is left of a trip, in blocks. It ends in a garage.
#[derive(Clone, Copy, Compact, Debug, PartialEq, Eq)]
pub struct Trip {
    east: i8,
    south: i8,
}

impl Trip {
    /// A trip from a junction to another one nearby, any with the same probability.
    pub fn plan(from: Corner, rng: &mut Rng) -> Trip {
        let mut blocks = |here: u16| {
            let first = here.saturating_sub(REACH);
            let last = here.saturating_add(REACH).min(from.side - 1);
            let goal = rng.range(u32::from(first)..u32::from(last) + 1);
            (i64::from(goal) - i64::from(here)) as i8
        };
        loop {
            let trip = Trip {
                east: blocks(from.x),
                south: blocks(from.y),
            };
            if trip != (Trip { east: 0, south: 0 }) {
                return trip;
            }
        }
    }

    /// The exit to take at the next junction: one that brings the goal nearer, if there are two
    /// either with the same probability, or the garage if this is the goal.
    pub fn next_exit(&mut self, rng: &mut Rng) -> Exit {
        let along = match (self.east, self.south) {
            (0, 0) => return Exit::Garage,
            (_, 0) => true,
            (0, _) => false,
            _ => rng.chance(0.5),
        };
        let (left, ahead, behind) = if along {
            (&mut self.east, Exit::East, Exit::West)
        } else {
            (&mut self.south, Exit::South, Exit::North)
        };
        let sign = left.signum();
        *left -= sign;
        if sign > 0 { ahead } else { behind }
    }
}
