//! A module whose name is a keyword.

use kay_runtime::{Compact, World};

kay_runtime::kay_auto!();

/// An actor there. Its `id` may be written as if that were a keyword, too.
#[derive(Compact)]
pub struct Raw {
    r#id: RawId,
    pub(super) value: u8,
}

impl Raw {
    /// A spawner whose name is a keyword.
    pub fn r#loop(id: RawId, _: &mut World) -> Self {
        Self { id, value: 0 }
    }

    /// And a handler.
    pub fn r#async(&mut self, r#in: u8, _: &mut World) {
        self.value = r#in;
    }
}
