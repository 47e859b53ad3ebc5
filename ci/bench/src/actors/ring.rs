//! One message goes round.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!(actors::ring);

/// A stage of a ring through which a token goes.
#[derive(Compact)]
pub struct Stage {
    id: StageId,
    next: Option<StageId>,
    /// How often the token was here.
    pub seen: u64,
}

impl Stage {
    /// A stage without a successor.
    pub fn spawn(id: StageId, _: &mut World) -> Stage {
        Stage {
            id,
            next: None,
            seen: 0,
        }
    }

    /// Closes the ring.
    pub fn link(&mut self, next: StageId, _: &mut World) {
        self.next = Some(next);
    }

    /// Passes the token on, `left` times.
    pub fn token(&mut self, left: u64, world: &mut World) {
        self.seen += 1;
        if let Some(next) = self.next
            && left > 0
        {
            next.token(left - 1, world);
        }
    }
}
