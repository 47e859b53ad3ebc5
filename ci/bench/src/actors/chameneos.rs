//! Creatures that meet in pairs and change their colour.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!(actors::chameneos);

/// A colour of three: their sum is 3.
pub type Colour = u8;

/// Where creatures meet.
#[derive(Compact)]
pub struct Mall {
    id: MallId,
    waiting: Option<(CreatureId, Colour)>,
    left: u64,
    /// How many meetings there were.
    pub meetings: u64,
}

impl Mall {
    /// A mall that is closed.
    pub fn spawn(id: MallId, _: &mut World) -> Mall {
        Mall {
            id,
            waiting: None,
            left: 0,
            meetings: 0,
        }
    }

    /// Opens for so many meetings.
    pub fn open(&mut self, meetings: u64, _: &mut World) {
        self.waiting = None;
        self.left = meetings;
    }

    /// A creature comes, and meets the one that waits, if one does.
    pub fn arrive(&mut self, creature: CreatureId, colour: Colour, world: &mut World) {
        if self.left == 0 {
            return;
        }
        match self.waiting.take() {
            None => self.waiting = Some((creature, colour)),
            Some((other, its_colour)) => {
                self.left -= 1;
                self.meetings += 1;
                other.meet(colour, world);
                creature.meet(its_colour, world);
            }
        }
    }
}

/// Goes to the mall again and again.
#[derive(Compact)]
pub struct Creature {
    id: CreatureId,
    mall: MallId,
    colour: Colour,
}

impl Creature {
    /// A creature of this colour.
    pub fn spawn(id: CreatureId, mall: MallId, colour: Colour, _: &mut World) -> Creature {
        Creature { id, mall, colour }
    }

    /// Goes to the mall.
    pub fn start(&mut self, world: &mut World) {
        self.mall.arrive(self.id, self.colour, world);
    }

    /// Meets one of this colour; if it is another one, both take on the third.
    pub fn meet(&mut self, other: Colour, world: &mut World) {
        if self.colour != other {
            self.colour = 3 - self.colour - other;
        }
        self.mall.arrive(self.id, self.colour, world);
    }
}
