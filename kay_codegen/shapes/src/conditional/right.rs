//! The file for one side.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!();

/// Which file this is.
pub const WHICH: &str = "right";

/// An actor that both files have.
#[derive(Compact)]
pub struct Side {
    id: SideId,
    pub(crate) lean: i64,
}

impl Side {
    /// Makes one.
    pub fn spawn(id: SideId, _: &mut World) -> Self {
        Self { id, lean: 0 }
    }

    /// Leans.
    pub fn lean(&mut self, by: i64, _: &mut World) {
        self.lean += by;
    }
}
