//! An actor that implements a trait of another module.

use kay_runtime::{Compact, World};

kay_auto!(park);

/// A park.
#[derive(Compact)]
pub struct Park {
    id: ParkId,
    last: u32,
}

impl crate::place::Place for Park {
    fn visit(&mut self, who: u32, _: &mut World) {
        self.last = who + self.id.index();
    }
}
